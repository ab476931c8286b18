//! The way back: what the trial writes becomes what trusts see.

mod cohorts;
mod conditions;
mod enrolments;
mod held;
mod later;
mod later_consent;
mod notified;
mod poll;
mod refusals;
mod setting;
mod statuses;
mod tasks;
mod told;
mod whole_loop;
