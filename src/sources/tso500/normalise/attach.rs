//! Which sample a file belongs to, by the id in its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::sample_id::{Classified, Nomenclature, SampleId};

use super::super::folder::{Entry, Kind};
use super::super::wire::{CombinedVariantOutput, Dialect};
use super::Output;
use super::quality::common_folders;
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
    let mut refused = Vec::new();
    for (kind, entry) in files {
        let id = entry.id.clone().unwrap_or_default();
        match owner_of(cases, &id, kind, &entry) {
            Owner::Case(index) => {
                if let Some(case) = cases.get_mut(index) {
                    case.evidence.push((kind, entry));
                }
            }
            Owner::Unclear(of_pair, text) => {
                account.issue(IssueCode::IdMismatch, Location::file(&entry.file), text);
                for case in of_pair.iter().filter_map(|index| cases.get(*index)) {
                    refused.push((case.output.content.file.clone(), Arc::clone(&entry.file)));
                }
                unused.push((kind, entry));
            }
            Owner::Nobody if !id.is_empty() => {
                implying.entry(sample_of(&id).to_owned()).or_default().push((kind, entry))
            }
            Owner::Nobody => unused.push((kind, entry)),
        }
    }
    for case in cases.iter_mut() {
        let of_case = refused.iter().filter(|(of, _)| *of == case.content().file);
        case.refused = of_case.map(|(_, file)| Arc::clone(file)).collect();
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

/// Whose a file is.
enum Owner {
    Case(usize),
    /// The pair of these cases does not tell which sample the file is of, for this reason.
    Unclear(Vec<usize>, &'static str),
    Nobody,
}

/// The case that has a sample of this id; otherwise the one with the pair id and a sample of the kind that the file is about,
/// of several the one whose result lies nearest.
fn owner_of(cases: &[Case], id: &str, kind: Kind, entry: &Entry) -> Owner {
    let is = |own: &str| !own.is_empty() && (own == id || sample_of(own) == sample_of(id));
    if let Some(index) = cases.iter().position(|case| case.samples().any(|sample| is(&sample.text))) {
        return Owner::Case(index);
    }
    let pair = |case: &Case| case.content().details.pair_id.as_ref().map(|held| held.value.clone());
    let of_pair: Vec<(usize, &Case)> =
        cases.iter().enumerate().filter(|(_, case)| pair(case).is_some_and(|pair| is(&pair))).collect();
    let indexes = || of_pair.iter().map(|(index, _)| *index).collect();
    let fitting = of_pair.iter().filter(|(_, case)| has_sample_of(case, kind));
    let mut near: Vec<(usize, usize)> =
        fitting.map(|(index, case)| (common_folders(&case.content().file, &entry.file), *index)).collect();
    near.sort_unstable_by(|a, b| b.cmp(a));
    match near.as_slice() {
        [] if of_pair.is_empty() => Owner::Nobody,
        [] => Owner::Unclear(indexes(), "the pair of the name has no sample of the kind that the file is about"),
        [(first, _), (second, _), ..] if first == second => {
            let text = "the pair id of the name is that of several samples; the file could be of any of them";
            Owner::Unclear(indexes(), text)
        }
        [(_, index), ..] => Owner::Case(*index),
    }
}

/// Whether a case has a sample that a file of this kind can be about.
fn has_sample_of(case: &Case, kind: Kind) -> bool {
    match kind.nucleic_acid() {
        // Written for DNA and for RNA.
        _ if kind == Kind::SampleAnalysisResults => true,
        NucleicAcid::Rna => case.rna.is_some(),
        _ => case.dna.is_some(),
    }
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
