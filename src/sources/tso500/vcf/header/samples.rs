//! Which sample column is read.

use crate::domain::sample_id::PatientKey;

/// What the names of the sample columns say about the sample that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) enum Choice {
    /// The column of the sample, from 0 among the sample columns.
    Named(usize),
    /// The only column; its name is one that the pipelines give to every sample.
    Only,
    /// The only column, with a name that says nothing about the sample.
    OnlyOther,
    /// The only column is that of another InPreD sample.
    OtherSample,
    /// No column, or several and not exactly one of the sample.
    Unknown,
}

/// Chooses the column of the sample, or the only one.
pub(in crate::sources::tso500::vcf) fn choose<'a>(
    names: impl Iterator<Item = &'a str>,
    sample_id: Option<&str>,
) -> Choice {
    let (mut count, mut only, mut named, mut matches) = (0, "", None, 0);
    for (index, name) in names.enumerate() {
        count += 1;
        only = name;
        if sample_id.is_some_and(|id| is_same(name, id)) {
            named = Some(index);
            matches += 1;
        }
    }
    match (named, matches, count) {
        (Some(index), 1, _) => Choice::Named(index),
        (None, _, 1) => only_column(only, sample_id),
        _ => Choice::Unknown,
    }
}

fn only_column(name: &str, sample_id: Option<&str>) -> Choice {
    if is_generic(name) || sample_id.is_none() {
        Choice::Only
    } else if looks_like_inpred(name) && sample_id.is_some_and(looks_like_inpred) {
        Choice::OtherSample
    } else {
        Choice::OnlyOther
    }
}

/// Whether a column is named after the sample: its id, with the tail of a pair id or the name of a BAM file.
fn is_same(column: &str, sample_id: &str) -> bool {
    core(column) == core(sample_id)
}

fn core(name: &str) -> &str {
    let name = name.strip_suffix(".bam").unwrap_or(name);
    name.strip_suffix("_P").unwrap_or(name)
}

/// `SAMPLE` (SpliceGirl, Craft) and `sample1.bam` (Pisces) stand in the files of every sample.
fn is_generic(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let number = core(&lower).strip_prefix("sample");
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a name begins with the key of an InPreD patient.
fn looks_like_inpred(name: &str) -> bool {
    name.get(..7).and_then(PatientKey::parse).is_some() && name.get(7..).is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_of_the_sample_or_the_only_one_is_chosen() {
        const ID: &str = "IPD9001-D01-P01-A08";
        for (names, id, choice) in [
            (&["IPD9001-D01-P01-A08"][..], Some(ID), Choice::Named(0)),
            (&["IPD9001-D01-P01-A08_P"], Some(ID), Choice::Named(0)),
            (&["IPD9001-D01-P01-A08.bam"], Some(ID), Choice::Named(0)),
            (&["SAMPLE"], Some(ID), Choice::Only),
            (&["sample1.bam"], Some(ID), Choice::Only),
            (&["Sample"], Some(ID), Choice::Only),
            (&["anything"], None, Choice::Only),
            (&["tumour"], Some(ID), Choice::OnlyOther),
            (&["sampleA"], Some(ID), Choice::OnlyOther),
            (&["IPD9002-D01-P01-A08"], Some(ID), Choice::OtherSample),
            (&["IPD9001-R03-P01-A08"], Some(ID), Choice::OtherSample),
            (&["IPD9002-D01-P01-A08"], Some("CL-AcroMetrix-D01"), Choice::OnlyOther),
            (&["NORMAL", "IPD9001-D01-P01-A08"], Some(ID), Choice::Named(1)),
            (&["NORMAL", "TUMOR"], Some(ID), Choice::Unknown),
            (&["NORMAL", "TUMOR"], None, Choice::Unknown),
            (&["IPD9001-D01-P01-A08", "IPD9001-D01-P01-A08"], Some(ID), Choice::Unknown),
            (&[], Some(ID), Choice::Unknown),
        ] {
            assert_eq!(choose(names.iter().copied(), id), choice, "{names:?} {id:?}");
        }
    }
}
