//! Which sample a file belongs to, by the id in its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::sample_id::{Classified, Nomenclature, SampleId};

use super::super::folder::{Entry, Kind};
use super::super::wire::{CombinedVariantOutput, Dialect};
use super::Output;
use super::sample::{Case, NucleicAcid, identify, patient_key_of};

/// Suffix that LocalApp gives to a sample id to make a pair id of it.
const PAIR_SUFFIX: &str = "_P";

/// Gives each file to the case that has its sample. Where there is none, files that can make a report imply one; the rest
/// is returned.
pub(super) fn attach(
    files: Vec<(Kind, Entry)>,
    cases: &mut Vec<Case>,
    nomenclature: &Nomenclature,
    account: &mut Account,
) -> Vec<(Kind, Entry)> {
    let (mut unused, mut implying) = (Vec::new(), BTreeMap::<String, Vec<(Kind, Entry)>>::new());
    for (kind, entry) in files {
        let id = entry.id.clone().unwrap_or_default();
        match cases.iter_mut().find(|case| has(case, &id)) {
            Some(case) => case.evidence.push((kind, entry)),
            None if !id.is_empty() => implying.entry(sample_of(&id).to_owned()).or_default().push((kind, entry)),
            None => unused.push((kind, entry)),
        }
    }
    for (id, files) in implying {
        let case = implied(&id, &files, nomenclature)
            .and_then(|output| identify(vec![Arc::new(output)], nomenclature, account).pop());
        match case {
            Some(mut case) => {
                case.evidence = files;
                cases.push(case);
            }
            None => unused.extend(files),
        }
    }
    unused
}

/// Whether an id in a file name is the case's: that of a sample, or the pair's.
fn has(case: &Case, id: &str) -> bool {
    let pair = case.content().details.pair_id.as_ref().map(|held| held.value.as_str());
    let is = |own: &str| !own.is_empty() && (own == id || sample_of(own) == sample_of(id));
    pair.is_some_and(is) || case.samples().any(|sample| is(&sample.text))
}

fn sample_of(id: &str) -> &str {
    id.strip_suffix(PAIR_SUFFIX).unwrap_or(id)
}

/// A result without CombinedVariantOutput; none where no file can make a report, or the name is a patient's, not a sample's.
fn implied(id: &str, files: &[(Kind, Entry)], nomenclature: &Nomenclature) -> Option<Output> {
    let (kind, entry) = files.iter().find(|(kind, _)| kind.makes_report())?;
    let is_patient = patient_key_of(id, nomenclature).is_some_and(|key| key.as_str() == id);
    if is_patient {
        return None;
    }
    let nucleic_acid = match SampleId::classify(id, nomenclature) {
        Classified::Known(id) | Classified::UnknownCode(id, _) => match id.nucleic_acid().code() {
            "R" => NucleicAcid::Rna,
            "C" => NucleicAcid::CellFreeDna,
            _ => NucleicAcid::Dna,
        },
        Classified::Foreign(_) => kind.nucleic_acid(),
    };
    let dialect = if nucleic_acid == NucleicAcid::CellFreeDna { Dialect::DragenCtDna } else { Dialect::LocalApp };
    Some(Output {
        content: CombinedVariantOutput::empty(&entry.file, dialect, ""),
        file_id: Some(id.to_owned()),
        run_id: entry.run_id.clone(),
        implied: Some((id.to_owned(), nucleic_acid)),
    })
}
