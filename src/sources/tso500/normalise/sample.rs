//! Whose a file is: the samples it names, the patient they belong to.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::{Note, PipelineLink, SpecimenLink};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::Specimen;
use crate::domain::sample_id::{Classified, Code, Element, Nomenclature, PatientKey, SampleId};
use crate::redact::{has_long_digit_run, quote};

use super::super::folder::{Entry, Kind};
use super::super::wire::{CombinedVariantOutput, Dialect, Held};
use super::Output;

/// Owner of the keys of samples that name no laboratory (ADR 3).
pub(super) const UNASSIGNED: &str = "unassigned";

/// The files of one result with its samples.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) output: Arc<Output>,
    /// Laboratory code, or [`UNASSIGNED`].
    pub(super) owner: String,
    /// Patient key of the laboratory.
    pub(super) patient_key: String,
    /// DNA, or cell-free DNA.
    pub(super) dna: Option<Sample>,
    pub(super) rna: Option<Sample>,
    /// Files beside the CombinedVariantOutput that speak of the samples.
    pub(super) evidence: Vec<(Kind, Entry)>,
    /// Files that are perhaps of the samples; which sample they are of is not known, so that they are not used.
    pub(super) refused: Vec<Arc<str>>,
}

/// A sample as a file names it.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// As written.
    pub(super) text: String,
    pub(super) nucleic_acid: NucleicAcid,
    /// `None` for a foreign id.
    pub(super) id: Option<SampleId>,
    /// The line that names it; none where only the name of a file does.
    pub(super) row: Option<RowId>,
}

/// What a sample holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NucleicAcid {
    /// DNA of cells.
    Dna,
    /// Cell-free DNA of plasma.
    CellFreeDna,
    /// RNA.
    Rna,
}

impl Case {
    pub(super) fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.dna.iter().chain(&self.rna)
    }

    pub(super) fn content(&self) -> &CombinedVariantOutput {
        &self.output.content
    }
}

impl Sample {
    pub(super) fn link(&self, owner: &str, pipeline: &PipelineLink) -> SpecimenLink {
        SpecimenLink { identity: self.identity(owner), sample_id: self.text.clone(), pipeline: pipeline.clone() }
    }

    pub(super) fn identity(&self, owner: &str) -> Identity {
        Identity::new(owner, "specimen", &[&self.text])
    }

    /// The sample with what its id says.
    pub(super) fn specimen(&self, owner: &str) -> Specimen {
        let id = self.id.as_ref();
        let text = |element: fn(&SampleId) -> &Code| id.and_then(|id| element(id).text()).map(str::to_owned);
        let nucleic_acid = match self.nucleic_acid {
            NucleicAcid::Dna => "DNA",
            NucleicAcid::CellFreeDna => "cell-free DNA",
            NucleicAcid::Rna => "RNA",
        };
        Specimen {
            identity: self.identity(owner),
            sample_id: self.text.clone(),
            nucleic_acid: id.map(|id| id.nucleic_acid().code().to_owned()),
            nucleic_acid_text: Some(nucleic_acid.to_owned()),
            source: self.source().map(str::to_owned),
            sample_type: text(SampleId::sample_type),
            material: text(SampleId::material),
            tumor_site: text(SampleId::tumour_site),
            assay: text(SampleId::assay),
            collected: None,
            notes: Vec::<Note>::new(),
            rows: self.row.into_iter().collect(),
        }
    }

    /// Specimen source by nucleic acid and material code; cell-free DNA comes from plasma.
    fn source(&self) -> Option<&'static str> {
        if self.nucleic_acid == NucleicAcid::CellFreeDna {
            return Some("plasma");
        }
        match self.id.as_ref()?.material().code() {
            "A" | "F" => Some("tissue"),
            "B" => Some("blood"),
            "M" => Some("marrow"),
            _ => None,
        }
    }
}

/// Names the samples of each file; a file whose name and content belong to different patients, or that repeats the samples
/// of an earlier one, is listed whole.
pub(super) fn identify(outputs: Vec<Arc<Output>>, nomenclature: &Nomenclature, account: &mut Account) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for output in outputs {
        let Some(case) = case_of(&output, nomenclature, account) else { continue };
        let repeated = case.samples().find_map(|sample| seen.get(&sample.text)).and_then(|index| cases.get(*index));
        if let Some(earlier) = repeated {
            let text = format!("the sample is reported by {} already", earlier.content().file);
            refuse(&output.content, IssueCode::SampleDuplicated, &text, account);
            continue;
        }
        seen.extend(case.samples().map(|sample| (sample.text.clone(), cases.len())));
        cases.push(case);
    }
    cases
}

/// A sample id and where it stands.
struct Named {
    value: String,
    nucleic_acid: NucleicAcid,
    row: Option<RowId>,
    place: Location,
}

/// The ids that a result gives to its DNA and its RNA sample.
fn names(output: &Output) -> [Option<Named>; 2] {
    let content = &output.content;
    let details = &content.details;
    if let Some((value, nucleic_acid)) = &output.implied {
        let place = Location::file(&content.file);
        let named = Named { value: value.clone(), nucleic_acid: *nucleic_acid, row: None, place };
        return if *nucleic_acid == NucleicAcid::Rna { [None, Some(named)] } else { [Some(named), None] };
    }
    let cell_free = content.dialect == Dialect::DragenCtDna;
    let dna_kind = if cell_free { NucleicAcid::CellFreeDna } else { NucleicAcid::Dna };
    let named = |held: &'_ Held<String>, nucleic_acid| {
        let place = Location::file(&content.file).line(held.line).section(&Arc::from("Analysis Details"));
        Named { value: held.value.clone(), nucleic_acid, row: Some(held.row), place }
    };
    let dna = details.dna_sample_id.as_ref().or(details.sample_id.as_ref());
    [dna.map(|held| named(held, dna_kind)), details.rna_sample_id.as_ref().map(|held| named(held, NucleicAcid::Rna))]
}

fn case_of(output: &Arc<Output>, nomenclature: &Nomenclature, account: &mut Account) -> Option<Case> {
    let content = &output.content;
    let details = &content.details;
    if let (Some(dna), Some(other)) = (&details.dna_sample_id, &details.sample_id) {
        let text = format!("Sample ID {} beside DNA Sample ID {}", quote(&other.value), quote(&dna.value));
        let place = Location::file(&content.file).line(other.line).section(&Arc::from("Analysis Details"));
        account.reject(other.row, IssueCode::Conflict, place, text);
    }
    let [dna, rna] = names(output);
    let pair = details.pair_id.as_ref().map(|held| held.value.as_str());
    let ids = [pair, details.sample_id.as_ref().map(|held| held.value.as_str())];
    let named = [&dna, &rna].into_iter().flatten().map(|named| named.value.as_str());
    if ids.into_iter().flatten().chain(named).any(has_long_digit_run) {
        refuse(content, IssueCode::SampleIdPersonal, "an id can be a national identity number", account);
        return None;
    }
    let [dna, rna] = [dna, rna].map(|named| named.map(|named| sample(named, nomenclature, account)));
    if dna.is_none() && rna.is_none() {
        let text = "the file names no sample: no DNA Sample ID, RNA Sample ID or Sample ID";
        refuse(content, IssueCode::ValueRequired, text, account);
        return None;
    }
    if let Some((code, text)) = contradiction(&dna, &rna) {
        refuse(content, code, text, account);
        return None;
    }
    let (owner, patient_key) = match patient_keys(&dna, &rna, pair, nomenclature).as_slice() {
        // Pair ids of foreign samples repeat between runs (`1`, `NTC`), so that the sample id is the patient's key.
        [] => {
            let first = dna.iter().chain(&rna).map(|sample| sample.text.as_str()).next();
            (UNASSIGNED.to_owned(), first.unwrap_or_default().to_owned())
        }
        [(owner, key)] => (owner.clone(), key.clone()),
        _ => {
            refuse(content, IssueCode::IdMismatch, "the file names samples of different patients", account);
            return None;
        }
    };
    let foreign = |sample: &&Sample| sample.id.is_none() && !sample.text.starts_with(&patient_key);
    if owner != UNASSIGNED && dna.iter().chain(&rna).any(|sample| foreign(&sample)) {
        let text = "the pair is a patient's, a sample is none of that patient";
        refuse(content, IssueCode::IdMismatch, text, account);
        return None;
    }
    let case =
        Case { output: Arc::clone(output), owner, patient_key, dna, rna, evidence: Vec::new(), refused: Vec::new() };
    file_name_agrees(&case, nomenclature, account).then_some(case)
}

/// Why the samples of a file cannot both be what the file says.
fn contradiction(dna: &Option<Sample>, rna: &Option<Sample>) -> Option<(IssueCode, &'static str)> {
    let code_is = |sample: &Option<Sample>, codes: &[&str]| {
        let id = sample.as_ref().and_then(|sample| sample.id.as_ref());
        id.is_none_or(|id| codes.contains(&id.nucleic_acid().code()) || id.nucleic_acid().text().is_none())
    };
    let normal = |sample: &Option<Sample>| sample.as_ref().and_then(|s| s.id.as_ref()).is_some_and(SampleId::is_normal);
    match (dna, rna) {
        (Some(dna), Some(rna)) if dna.text == rna.text => {
            Some((IssueCode::IdMismatch, "the DNA and the RNA sample have the same id"))
        }
        _ if !code_is(dna, &["D", "C"]) => Some((IssueCode::IdMismatch, "the DNA sample has the id of an RNA sample")),
        _ if !code_is(rna, &["R"]) => Some((IssueCode::IdMismatch, "the RNA sample has the id of a DNA sample")),
        _ if normal(dna) || normal(rna) => {
            Some((IssueCode::SampleNormal, "the sample type is normal: its calls are no findings of a tumour"))
        }
        _ => None,
    }
}

fn sample(named: Named, nomenclature: &Nomenclature, account: &mut Account) -> Sample {
    let Named { value, nucleic_acid, row, place } = named;
    let id = match SampleId::classify(&value, nomenclature) {
        Classified::Known(id) => Some(id),
        Classified::UnknownCode(id, elements) => {
            let elements: Vec<&str> = elements.iter().map(|element| element.as_str()).collect();
            let text = format!("{} has an unknown code: {}", quote(&value), elements.join(", "));
            account.issue(IssueCode::SampleIdUnknownCode, place.clone(), text);
            Some(id)
        }
        Classified::Foreign(_) => {
            let text = format!("{} is not an InPreD sample id", quote(&value));
            account.issue(IssueCode::SampleIdForeign, place.clone(), text);
            None
        }
    };
    if id.as_ref().is_some_and(SampleId::is_validation) {
        let text = format!("{} is a validation sample", quote(&value));
        account.issue(IssueCode::SampleIdValidation, place.clone(), text);
    }
    let nucleic_acid = by_id(nucleic_acid, id.as_ref(), &place, account);
    Sample { text: value, nucleic_acid, id, row }
}

/// The id says whether DNA is cell-free; where it speaks of tissue, a plasma pipeline does not make it plasma.
fn by_id(said: NucleicAcid, id: Option<&SampleId>, place: &Location, account: &mut Account) -> NucleicAcid {
    let Some(id) = id.filter(|_| said != NucleicAcid::Rna) else { return said };
    let is_tissue = matches!(id.material().code(), "A" | "F" | "C" | "E");
    match (said, id.nucleic_acid().code()) {
        (_, "C") => NucleicAcid::CellFreeDna,
        (NucleicAcid::CellFreeDna, _) if is_tissue => {
            let text = "the pipeline is for plasma, the sample id names tissue; it was taken as tissue";
            account.issue(IssueCode::Conflict, place.clone(), text);
            NucleicAcid::Dna
        }
        _ => said,
    }
}

/// Laboratory and patient key of every InPreD id among samples and pair id, each once.
fn patient_keys(
    dna: &Option<Sample>,
    rna: &Option<Sample>,
    pair: Option<&str>,
    nomenclature: &Nomenclature,
) -> Vec<(String, String)> {
    let of_samples = dna.iter().chain(rna).filter_map(|sample| sample.id.as_ref());
    let mut keys: Vec<(String, String)> =
        of_samples.map(|id| (id.laboratory().code().to_owned(), id.patient_key().as_str().to_owned())).collect();
    if let Some(key) = pair.and_then(|pair| patient_key_of(pair, nomenclature)) {
        keys.push((key.laboratory().to_owned(), key.as_str().to_owned()));
    }
    keys.sort();
    keys.dedup();
    keys
}

/// The patient that a sample id, pair id or bare key names; none for foreign ids such as the controls `TVD0016`.
pub(super) fn patient_key_of(text: &str, nomenclature: &Nomenclature) -> Option<PatientKey> {
    let (key, rest) = text.split_at_checked(7)?;
    let key = PatientKey::parse(key).filter(|_| rest.is_empty() || rest.starts_with(['-', '_']))?;
    nomenclature.text(Element::Project, key.laboratory()).map(|_| key)
}

/// Compares the id in the file name with those in the file. Two InPreD patients: the file could be either's, so nothing of
/// it is used. A foreign name: a warning.
fn file_name_agrees(case: &Case, nomenclature: &Nomenclature, account: &mut Account) -> bool {
    let content = case.content();
    let Some(file_id) = &case.output.file_id else { return true };
    let pair = content.details.pair_id.iter().map(|held| held.value.as_str());
    let agrees = pair.chain(case.samples().map(|sample| sample.text.as_str())).any(|id| id == file_id);
    if agrees {
        return true;
    }
    let named = patient_key_of(file_id, nomenclature);
    let other_patient = named.is_some_and(|key| case.owner != UNASSIGNED && key.as_str() != case.patient_key);
    if other_patient {
        refuse(content, IssueCode::IdMismatch, "the file name is another patient's than the content", account);
        return false;
    }
    let text = format!("the file name says {}, the file another id", quote(file_id));
    account.issue(IssueCode::IdDiffers, Location::file(&content.file), text);
    true
}

/// Lists every row of a file that is not used, with one issue.
fn refuse(content: &CombinedVariantOutput, code: IssueCode, text: &str, account: &mut Account) {
    account.issue(code, Location::file(&content.file), text);
    account.ledger.list_file(&content.file, code, text);
}
