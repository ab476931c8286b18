//! The rows that no report holds.

use std::collections::HashSet;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;

use super::super::folder::{self, Entry, Kind};
use super::super::tmb_trace;
use super::sample::Case;
use super::{Plan, pronto, quality, summary};

/// Lists them with the reason; rows that a resource holds keep their outcome.
pub(super) fn list(plan: &Plan, limits: &Limits, account: &mut Account) {
    let cases = || plan.groups.iter().flat_map(|group| &group.cases);
    let samples = cases().flat_map(Case::samples).map(|sample| sample.text.as_str());
    let pairs = cases().filter_map(|case| case.content().details.pair_id.as_ref()).map(|pair| pair.value.as_str());
    let known: HashSet<&str> = samples.chain(pairs).collect();
    quality::list_unheld(&plan.shared.metrics, &known, account);
    for list in &plan.shared.lists {
        for row in list.samples.iter().filter(|row| !known.contains(row.sample_id.as_str())) {
            let text = "the listed sample has no result file in the folder";
            account.reject(row.row, IssueCode::SampleWithoutReport, Location::file(&list.file).line(row.line), text);
        }
    }
    summary::list_unheld(&plan.shared.summaries, account);
    pronto::list_unheld(&plan.shared.metadata, account);
    list_unused(plan, limits, account);
}

/// Files of samples without a report: small tables row by row, others as one entry.
fn list_unused(plan: &Plan, limits: &Limits, account: &mut Account) {
    let code = IssueCode::FileWithoutReport;
    let (traces, others): (Vec<_>, Vec<_>) = plan.unused.iter().partition(|(kind, _)| *kind == Kind::TmbTrace);
    let traces: Vec<Entry> = traces.into_iter().map(|(_, entry)| entry.clone()).collect();
    for text in folder::load(&traces, limits, account).used {
        let trace = tmb_trace::parse(&text, limits, account);
        for row in trace.iter().flat_map(|trace| &trace.rows) {
            account.ledger.list(row.row, code, code.meaning());
        }
    }
    for (_, entry) in others {
        account.ledger.tally(&entry.file, 1, code, code.meaning());
    }
}
