//! Section Analysis Details: which samples, when, and by which pipeline.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::date::{Date, parse_date};
use super::super::cells::time::{Time, parse_time};
use super::super::sheet::SheetSection;
use super::super::wire::{AnalysisDetails, Held};
use super::keys::{KeyLine, read_keys};
use super::names::same_name;
use super::scope::Scope;

pub(super) const SAMPLE_ID: &str = "Sample ID";
pub(super) const DNA_SAMPLE_ID: &str = "DNA Sample ID";
pub(super) const RNA_SAMPLE_ID: &str = "RNA Sample ID";
pub(super) const PIPELINE_VERSION: &str = "Pipeline Version";

/// Reads the section.
pub(super) fn read(section: &SheetSection<'_>, scope: &Scope, account: &mut Account) -> AnalysisDetails {
    let mut details = AnalysisDetails::default();
    read_keys(section, scope, account, |line, account| {
        let is = |name| same_name(line.key, name);
        if is("Output Date") {
            details.output_date = read_date(line, account);
        } else if is("Output Time") {
            details.output_time = read_time(line, account);
        } else if let Some(field) = text_field(&mut details, line.key) {
            *field = Some(line.text());
        } else {
            line.reject_unknown(account);
        }
    });
    details
}

fn text_field<'a>(details: &'a mut AnalysisDetails, key: &str) -> Option<&'a mut Option<Held<String>>> {
    let fields = [
        ("Pair ID", &mut details.pair_id),
        (SAMPLE_ID, &mut details.sample_id),
        (DNA_SAMPLE_ID, &mut details.dna_sample_id),
        (RNA_SAMPLE_ID, &mut details.rna_sample_id),
        ("Module Version", &mut details.module_version),
        (PIPELINE_VERSION, &mut details.pipeline_version),
        ("Library Prep Kit", &mut details.library_prep_kit),
    ];
    fields.into_iter().find(|(name, _)| same_name(key, name)).map(|(_, field)| field)
}

fn read_date(line: &KeyLine<'_>, account: &mut Account) -> Option<Held<Date>> {
    match parse_date(line.value) {
        Ok(date) => {
            if date.ambiguous {
                let text = format!("{} was read as {}", quote(line.value), date.iso());
                line.warn(IssueCode::DateAmbiguous, text, account);
            }
            Some(line.hold(date))
        }
        Err(error) => {
            line.reject(IssueCode::DateInvalid, format!("{}: {error}", quote(line.value)), account);
            None
        }
    }
}

fn read_time(line: &KeyLine<'_>, account: &mut Account) -> Option<Held<Time>> {
    match parse_time(line.value) {
        Ok(time) => Some(line.hold(time)),
        Err(error) => {
            line.reject(IssueCode::DateInvalid, format!("{}: {error}", quote(line.value)), account);
            None
        }
    }
}
