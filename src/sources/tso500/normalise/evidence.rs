//! The files beside the CombinedVariantOutput that speak of one sample: read when its report is built.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::limits::Limits;

use super::super::folder::{self, Entry, Kind};
use super::super::tmb_trace::{self, TmbTrace};
use super::sample::Case;

/// The parsed files of a case.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) traces: Vec<TmbTrace>,
    /// Every file that was read, for judging whether it could be read whole.
    pub(super) files: Vec<Arc<str>>,
}

/// Reads the files of a case. A file that cannot be read is an issue, and says so in the report.
pub(super) fn read(case: &Case, limits: &Limits, account: &mut Account) -> Evidence {
    let mut evidence = Evidence::default();
    let of = |kind: Kind| -> Vec<Entry> {
        case.evidence.iter().filter(|(of, _)| *of == kind).map(|(_, entry)| entry.clone()).collect()
    };
    for text in folder::load(&of(Kind::TmbTrace), limits, account) {
        evidence.files.push(Arc::clone(&text.file));
        evidence.traces.extend(tmb_trace::parse(&text, limits, account));
    }
    evidence
}
