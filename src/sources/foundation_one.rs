//! FoundationOne Liquid CDx: the results report that Foundation Medicine gives out as XML.
//!
//! ```text
//! rr:ResultsReport                          rr = http://integration.foundationmedicine.com/reporting
//!   rr:CustomerInformation                  ReferenceID (ours), TRF (order), MRN and others (a person)
//!   rr:ResultsPayload
//!     FinalReport                           the report for readers; PMI holds the person
//!     variant-report                        vr = http://foundationmedicine.com/compbio/variant-report-external
//!       samples/sample, quality-control
//!       short-variants/short-variant
//!       copy-number-alterations/copy-number-alteration
//!       rearrangements/rearrangement
//!       biomarkers/microsatellite-instability, tumor-mutation-burden
//!       non-human-content/non-human
//! ```
//!
//! The shape is that of schemas `ResultsReport.2.1` and `variant-report-external-2.2`, known from programs that read the file.
//! Results are taken from `variant-report` alone. The document names no genome build; positions are 1-based on GRCh37.
//! `status`, `equivocal` and `subclonal` are statements of the vendor: they stay notes and become no tier.
//!
//! A row of the accounting is an element that carries a value, with all that is inside it: each child of `CustomerInformation`
//! and of `FinalReport` (each child of `PMI`), `variant-report` with its attributes, each element of its lists.

mod attributes;
mod read;
mod rows;
#[cfg(test)]
mod tests;
pub mod wire;

mod normalise;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::domain::report::GenomicReport;
use crate::sources::tso500::Knowledge;
use crate::sources::xml;

use self::wire::ResultsReport;

/// Whether a file can be a results report of Foundation Medicine, by its beginning. Only [`parse`] knows for sure.
pub fn detect(bytes: &[u8]) -> bool {
    const BEGINNING: usize = 4096;
    let beginning = String::from_utf8_lossy(bytes.get(..BEGINNING.min(bytes.len())).unwrap_or_default());
    let is_xml = beginning.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    is_xml && beginning.contains("ResultsReport") && beginning.contains("foundationmedicine.com")
}

/// Reads a file and builds its report; `None` where it gives none, and the account says why. A document of another kind is
/// `folder.file-unknown`.
pub fn read(
    path: &Path,
    file: &Arc<str>,
    limits: &Limits,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) -> Option<GenomicReport> {
    let limit = u64::try_from(limits.xml.bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if let Err(error) = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
        let text = format!("cannot be read: {}", error.kind());
        account.issue(IssueCode::FolderEntryUnreadable, Location::file(file), text);
        return None;
    }
    if !detect(&bytes) {
        account.issue(IssueCode::FileUnknown, Location::file(file), "no report of Foundation Medicine");
        return None;
    }
    let content = parse(file, &bytes, limits, account)?;
    normalise(&content, knowledge, account)
}

/// Reads a document. Every row is opened in `account`; the rows of what is in the result stay open.
///
/// None where it is no XML within the limits (`xml.*`), no results report (`foundation.root-unknown`), or of another test
/// (`foundation.test-unsupported`); the document is then one listed row.
pub fn parse(file: &Arc<str>, bytes: &[u8], limits: &Limits, account: &mut Account) -> Option<ResultsReport> {
    match xml::parse(bytes, &limits.xml) {
        Ok(root) => read::read(&root, file, account),
        Err(error) => {
            let row = account.ledger.open(file, None, error.line);
            account.ledger.list(row, error.code, error.text.clone());
            account.issues.push(error.issue(file));
            None
        }
    }
}

/// Builds the report. A `ReferenceID` that is an InPreD sample id or patient key says whose it is: the report then stands
/// beside those of that patient. Any other is the patient's pseudonym at Foundation Medicine.
///
/// None, with every row listed, where there is no ReferenceID (`foundation.reference-missing`) or an id can be a national
/// identity number (`inpred.sample-id-personal`).
pub fn normalise(content: &ResultsReport, knowledge: Knowledge<'_>, account: &mut Account) -> Option<GenomicReport> {
    normalise::normalise(content, knowledge, account)
}
