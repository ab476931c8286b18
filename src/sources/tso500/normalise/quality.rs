//! Was the assay done? The metrics file and its own guidelines decide; a failed assay is not a negative result.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;

use super::super::metrics_output::{Category, Metric, MetricsOutput, Reading, Verdict};
use super::super::wire::CombinedVariantOutput;
use super::sample::{NucleicAcid, Sample};

/// What the metrics say about one sample.
#[derive(Debug, Default)]
pub(super) struct Quality {
    /// Whether any metrics file speaks of the sample.
    pub(super) known: bool,
    /// The files that do.
    pub(super) files: Vec<Arc<str>>,
    /// Why the assay failed as a whole; empty where it did not.
    pub(super) failures: Vec<String>,
    /// Metrics outside their guideline that spoil one class of findings only.
    pub(super) restrictions: Vec<(Category, String)>,
    /// One sentence per metric, ordered.
    pub(super) sentences: Vec<String>,
    /// Median exon coverage.
    pub(super) read_depth: Option<Decimal>,
    pub(super) rows: Vec<RowId>,
}

/// Metric that the genomic-study-analysis calls read depth.
const READ_DEPTH: &str = "MEDIAN_EXON_COVERAGE";

/// Judges a sample by the metrics file that has a column for it: the one that lies nearest to the sample's own file, since
/// runs of one patient use the same pair id. Where several are as near, each of them has to be good.
pub(super) fn judge(
    sample: &Sample,
    content: &CombinedVariantOutput,
    files: &[MetricsOutput],
    account: &mut Account,
) -> Quality {
    let mut quality = Quality::default();
    let pair_id = content.details.pair_id.as_ref().map(|held| held.value.as_str());
    let columns: Vec<(&MetricsOutput, usize)> =
        files.iter().filter_map(|file| Some((file, column_of(file, sample, pair_id)?))).collect();
    let nearness = |file: &MetricsOutput| common_folders(&file.file, &content.file);
    let nearest = columns.iter().map(|(file, _)| nearness(file)).max();
    let rna = sample.nucleic_acid == NucleicAcid::Rna;
    for (file, column) in columns.into_iter().filter(|(file, _)| Some(nearness(file)) == nearest) {
        quality.known = true;
        quality.files.push(Arc::clone(&file.file));
        pipeline_status(file, column, &mut quality, account);
        for metric in file.metrics.iter().filter(|metric| is_rna(metric) == rna && metric.category != Category::Run) {
            judge_metric(file, metric, column, &mut quality, account);
        }
    }
    if !quality.known && !files.is_empty() {
        let text = format!("no MetricsOutput has a column for {}", quote(&sample.text));
        account.issue(IssueCode::MetricsMissing, Location::file(&content.file), text);
    }
    quality.sentences.sort();
    quality.sentences.dedup();
    quality.failures.sort();
    quality.failures.dedup();
    quality.restrictions.sort_by(|a, b| a.1.cmp(&b.1));
    quality
}

/// How many folders two files have in common, from the root.
pub(super) fn common_folders(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count()
}

/// Column heads are pair ids; some laboratories use the sample id as pair id, and LocalApp adds `_P` to it.
fn column_of(file: &MetricsOutput, sample: &Sample, pair_id: Option<&str>) -> Option<usize> {
    let folded = |head: &str, id: &str| {
        let head = head.strip_suffix("_P").unwrap_or(head);
        head.eq_ignore_ascii_case(id.strip_suffix("_P").unwrap_or(id))
    };
    file.sample_index(&sample.text)
        .or_else(|| file.sample_index(pair_id?))
        .or_else(|| file.samples.iter().position(|head| folded(head, &sample.text)))
        .or_else(|| file.samples.iter().position(|head| pair_id.is_some_and(|pair_id| folded(head, pair_id))))
}

fn is_rna(metric: &Metric) -> bool {
    metric.section.to_ascii_uppercase().contains("RNA")
}

fn pipeline_status(file: &MetricsOutput, column: usize, quality: &mut Quality, account: &mut Account) {
    for row in file.status.iter().filter(|row| row.value(column).is_some()) {
        quality.rows.push(row.row);
        quality.sentences.push(format!("{}: {}", row.name, row.value(column).unwrap_or_default()));
    }
    if file.completed(column) == Some(false) {
        let steps = file.failed_steps(column).unwrap_or("steps not named");
        let text = format!("the pipeline did not complete: {steps}");
        account.issue(IssueCode::AnalysisFailed, Location::file(&file.file), text.clone());
        quality.failures.push(text);
    }
}

fn judge_metric(file: &MetricsOutput, metric: &Metric, column: usize, quality: &mut Quality, account: &mut Account) {
    let value = match metric.value(column) {
        Reading::Missing => return,
        Reading::Number(number) => number.to_string(),
        Reading::Text(text) => text.clone(),
    };
    quality.rows.push(metric.row);
    if metric.name == READ_DEPTH && quality.read_depth.is_none() {
        quality.read_depth = metric.value(column).number().cloned();
    }
    let unit = metric.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let place = Location::file(&file.file).line(metric.line).section(&metric.section);
    let verdict = match file.verdict(metric, column) {
        Verdict::Pass if metric.is_library_qc() => "pass".to_owned(),
        Verdict::Fail { guideline } => format!("outside the guideline {guideline}"),
        Verdict::NotJudged { reason } if metric.is_library_qc() => {
            account.issue(IssueCode::MetricNotJudged, place.clone(), format!("{}: {reason}", metric.name));
            format!("not judged: {reason}")
        }
        _ => String::new(),
    };
    let mut sentence = format!("{}: {} {value}{unit}", metric.section, metric.name);
    if !verdict.is_empty() {
        sentence = format!("{sentence} ({verdict})");
    }
    if verdict.starts_with("outside") && metric.is_library_qc() {
        account.issue(IssueCode::QcFailed, place, sentence.clone());
        match metric.category {
            Category::Msi | Category::CopyNumber | Category::Gis => {
                quality.restrictions.push((metric.category, sentence.clone()));
            }
            _ => quality.failures.push(sentence.clone()),
        }
    }
    quality.sentences.push(sentence);
}

/// Lists the rows of the metrics files that no report holds.
pub(super) fn list_unheld(files: &[MetricsOutput], known: &HashSet<&str>, account: &mut Account) {
    for file in files {
        let unknown: Vec<&str> =
            file.samples.iter().map(String::as_str).filter(|column| !known.contains(column)).collect();
        if !unknown.is_empty() {
            let text = format!(
                "{} of {} columns are of samples without a CombinedVariantOutput here",
                unknown.len(),
                file.samples.len()
            );
            account.issue(IssueCode::MetricsSampleUnknown, Location::file(&file.file), text);
        }
        for line in file.header.iter().chain(&file.notes) {
            list(line.row, IssueCode::RunNote, account);
        }
        let missing =
            if unknown.len() == file.samples.len() { IssueCode::FileWithoutReport } else { IssueCode::ValueMissing };
        for metric in &file.metrics {
            let code = if metric.category == Category::Run { run_code(metric) } else { missing };
            list(metric.row, code, account);
        }
        for row in &file.status {
            list(row.row, missing, account);
        }
    }
}

fn run_code(metric: &Metric) -> IssueCode {
    if *metric.value(0) == Reading::Missing { IssueCode::ValueMissing } else { IssueCode::RunNote }
}

fn list(row: RowId, code: IssueCode, account: &mut Account) {
    account.ledger.list(row, code, code.meaning());
}
