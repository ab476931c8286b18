//! Judging a metric by the guideline that the file itself states.

use super::{Category, Metric, MetricsOutput, Reading};

/// What a metric says about a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Within the guideline; a value on the boundary passes.
    Pass,
    /// Outside the guideline.
    Fail {
        /// The guideline that is not met, e.g. `>= 70`.
        guideline: String,
    },
    /// No verdict can be given.
    NotJudged {
        /// Why not.
        reason: &'static str,
    },
    /// The sample has no value for this metric.
    NoValue,
}

const SCORE: &str = "CONTAMINATION_SCORE";
const P_VALUE: &str = "CONTAMINATION_P_VALUE";

impl MetricsOutput {
    /// Judges a metric of this file for a sample, by the guideline columns only.
    ///
    /// Contamination needs two metrics where the pipeline writes both (LocalApp): a high score is contamination unless
    /// the p-value is within its guideline. Illumina, TSO 500 v2 Metrics Output: a p-value at or under the guideline
    /// suggests large-scale rearrangements, which give a high score without contamination, and the p-value is only
    /// needed when the score is above its guideline. Without a p-value the score decides alone.
    pub fn verdict(&self, metric: &Metric, sample: usize) -> Verdict {
        let alone = metric.judge(sample);
        let partner = match metric.name.as_str() {
            SCORE => P_VALUE,
            P_VALUE => SCORE,
            _ => return alone,
        };
        if metric.category != Category::Contamination || metric.is_above_guideline(sample) != Some(true) {
            return alone;
        }
        let partner = self.metrics.iter().find(|other| other.category == metric.category && other.name == partner);
        match partner.and_then(|other| other.is_above_guideline(sample)) {
            Some(true) => alone,
            Some(false) => Verdict::Pass,
            None if metric.name == SCORE => alone,
            None => Verdict::NotJudged { reason: "the p-value means nothing without a contamination score" },
        }
    }
}

impl Metric {
    fn judge(&self, sample: usize) -> Verdict {
        let value = match self.value(sample) {
            Reading::Missing => return Verdict::NoValue,
            Reading::Text(_) => return Verdict::NotJudged { reason: "the value is not a number" },
            Reading::Number(value) => value.to_f64(),
        };
        if matches!((&self.lower, &self.upper), (Reading::Missing, Reading::Missing)) {
            return Verdict::NotJudged { reason: "the file states no guideline" };
        }
        if matches!(self.lower, Reading::Text(_)) || matches!(self.upper, Reading::Text(_)) {
            return Verdict::NotJudged { reason: "the guideline is not a number" };
        }
        if let Some(lower) = self.lower.number().filter(|lower| value < lower.to_f64()) {
            return Verdict::Fail { guideline: format!(">= {lower}") };
        }
        if let Some(upper) = self.upper.number().filter(|upper| value > upper.to_f64()) {
            return Verdict::Fail { guideline: format!("<= {upper}") };
        }
        Verdict::Pass
    }

    /// `None` where value or guideline is no number.
    fn is_above_guideline(&self, sample: usize) -> Option<bool> {
        Some(self.value(sample).number()?.to_f64() > self.upper.number()?.to_f64())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::accounting::Account;
    use crate::domain::limits::Limits;
    use crate::sources::tso500::metrics_output::parse;
    use crate::sources::tso500::text::Text;

    fn output(rows: &str) -> MetricsOutput {
        let content = format!(
            "TruSight Oncology 500 - Metrics Output\n[DNA Library QC Metrics]\nMetric (UOM)\tLSL Guideline\tUSL Guideline\tS\n{rows}"
        );
        let text = Text::from_bytes(&Arc::from("MetricsOutput.tsv"), content.into_bytes()).unwrap();
        parse(&text, &Limits::default(), &mut Account::default()).unwrap()
    }

    fn verdict(rows: &str, index: usize) -> Verdict {
        let output = output(rows);
        output.verdict(&output.metrics[index], 0)
    }

    fn fail(guideline: &str) -> Verdict {
        Verdict::Fail { guideline: guideline.to_owned() }
    }

    #[test]
    fn the_guideline_of_the_file_decides_and_boundaries_pass() {
        for (row, expected) in [
            ("MEDIAN_EXON_COVERAGE (Count)\t150\tNA\t150", Verdict::Pass),
            ("MEDIAN_EXON_COVERAGE (Count)\t150\tNA\t149.9", fail(">= 150")),
            ("PCT_CHIMERIC_READS (%)\tNA\t8.00\t8", Verdict::Pass),
            ("PCT_CHIMERIC_READS (%)\tNA\t8.00\t8.01", fail("<= 8.00")),
            ("GENE_SCALED_MAD (Count)\t0.000\t0.134\t0.134", Verdict::Pass),
            ("GENE_SCALED_MAD (Count)\t0.000\t0.134\t-0.1", fail(">= 0.000")),
            ("MEDIAN_EXON_COVERAGE (Count)\t150\tNA\tNA", Verdict::NoValue),
            ("MEDIAN_EXON_COVERAGE (Count)\t150\tNA", Verdict::NoValue),
            ("MEDIAN_EXON_COVERAGE (Count)\t150\tNA\thigh", Verdict::NotJudged { reason: "the value is not a number" }),
            (
                "TOTAL_ON_TARGET_READS (Count)\t9,000,000\tNA\t1",
                Verdict::NotJudged { reason: "the guideline is not a number" },
            ),
            ("TOTAL_PF_READS (Count)\tNA\tNA\t5", Verdict::NotJudged { reason: "the file states no guideline" }),
        ] {
            assert_eq!(verdict(row, 0), expected, "{row}");
        }
    }

    /// Truth table of the rule in Illumina's TSO 500 v2 Metrics Output page.
    #[test]
    fn a_high_score_is_contamination_only_with_a_high_p_value() {
        for (score, p_value, expected_score, expected_p_value) in [
            ("3106", "1.000", Verdict::Pass, Verdict::Pass),
            ("3107", "0.050", fail("<= 3106"), fail("<= 0.049")),
            ("3107", "0.049", Verdict::Pass, Verdict::Pass),
            ("3107", "NA", fail("<= 3106"), Verdict::NoValue),
            (
                "NA",
                "1.000",
                Verdict::NoValue,
                Verdict::NotJudged { reason: "the p-value means nothing without a contamination score" },
            ),
        ] {
            let rows = format!(
                "CONTAMINATION_SCORE (NA)\t0\t3106\t{score}\nCONTAMINATION_P_VALUE (NA)\t0.000\t0.049\t{p_value}\n"
            );
            assert_eq!(verdict(&rows, 0), expected_score, "{score} {p_value}");
            assert_eq!(verdict(&rows, 1), expected_p_value, "{score} {p_value}");
        }
        assert_eq!(verdict("CONTAMINATION_SCORE (NA)\t0\t1457\t1458", 0), fail("<= 1457"));
        assert_eq!(verdict("CONTAMINATION_SCORE (NA)\t0\t1457\t1457", 0), Verdict::Pass);
    }
}
