//! The FHIR API over real sockets: what trusts, the trial and operators read, and what they do not.

mod audit;
mod events;
mod includes;
mod isolation;
mod metadata;
mod paging;
mod read;
mod scene;
mod search;
