//! What is said about the patient's health. The elements are the same in every version; 1.x writes dates in attributes.

use super::header::Format;
use super::reader::{Coded, List, Reader};
use super::referral::Key;
use super::tree::Node;
use crate::domain::decimal::Decimal;
use crate::domain::ids::Identity;
use crate::domain::issue::IssueCode;
use crate::domain::personal::Personal;
use crate::domain::referral::allergy::NO_KNOWN_ALLERGIES;
use crate::domain::referral::{
    ClinicalItem, Code, Diagnosis, Medication, Passage, Referral, Remark, Treatment, verification,
};
use crate::redact::length;

/// Kinds of clinical information (Volven 8233) that are warnings.
const WARNINGS: [&str; 3] = ["CAVE", "NB", "SM"];
/// Those that are treatment which was given.
const TREATMENTS: [&str; 5] = ["OPIN", "MPRS", "PRS", "TB", "GBEH"];
/// Status of a medication (Volven 7307): allergic to it.
const ALLERGIC: &str = "10";
/// Comparators of a result (code or text) and those of FHIR (quantity-comparator).
const COMPARATORS: [(&str, &str); 8] =
    [("LT", "<"), ("LE", "<="), ("GE", ">="), ("GT", ">"), ("<", "<"), ("<=", "<="), (">=", ">="), (">", ">")];
/// Modifier of a diagnosis (Volven 7305): how sure it is.
const DIAGNOSIS_STATUS: &str = "DI";
/// Pathway codes (Volven 8480) whose columns say what they mean.
const PATHWAYS: &str = "volven-8480";

impl<'d> Reader<'d> {
    /// The list of a code that version 2.0 writes with its OID and version 1.x without.
    pub(super) fn list(&self, format: Format, number: &'static str) -> List {
        match format {
            Format::Version2_0 => List::Qualified(number),
            Format::Version1_1 | Format::Version1_0 => List::Volven(number),
        }
    }

    pub(super) fn diagnoses(&self, body: Node<'d>, referral: &mut Referral, key: Key<'_>) {
        for node in body.all("Diagnosis") {
            let identity = key.element("diagnosis", &(referral.diagnoses.len() + 1).to_string());
            let is_withdrawn =
                |it: &Diagnosis| it.verification_status.as_deref().is_some_and(verification::is_withdrawn);
            let holder = |it: &Diagnosis| if is_withdrawn(it) { key.part("referral") } else { identity.clone() };
            let diagnosis = self.holding(|| self.diagnosis(node, identity.clone()), holder);
            if is_withdrawn(&diagnosis) {
                let text = "the sender refutes the diagnosis: it stands as a note";
                self.issue(IssueCode::ReferralDiagnosisRefuted, node, text);
                referral.notes.push(Remark::new(format!("Refuted diagnosis: {}", diagnosis.words())));
            } else {
                referral.diagnoses.push(diagnosis);
            }
        }
        let stated = referral.diagnoses.len();
        for node in body.all("Pakkeforlop") {
            let number = if takes_pathway(&referral.diagnoses) { 1 } else { referral.diagnoses.len() + 1 };
            let identity = key.element("diagnosis", &number.to_string());
            self.held(&identity, || self.pathway(node, identity.clone(), &mut referral.diagnoses));
        }
        // With its pathway, which can confirm the diagnosis or leave it in doubt.
        for (index, diagnosis) in referral.diagnoses.iter_mut().enumerate() {
            *diagnosis = std::mem::take(diagnosis).with_clinical_status(index < stated);
        }
    }

    fn diagnosis(&self, node: Node<'d>, identity: Identity) -> Diagnosis {
        let coded = node.child("Concept").map(|concept| self.coded(concept, List::Diagnosis)).unwrap_or_default();
        // A code that nothing gives a system to means nothing to a receiver of resources: it is said in words.
        let has_system = coded.code.as_ref().is_some_and(|code| code.system.is_some());
        let mut is_known = coded.is_known;
        let text = if has_system { coded.text } else { code_text(&coded) };
        let mut texts: Vec<String> = text.into_iter().collect();
        let codes: Vec<Code> = coded.code.into_iter().filter(|_| has_system).collect();
        let mut verification_status = None;
        for modifier in node.all("Modifier") {
            let name = self.child_code(modifier, "Name", List::Volven("7305"));
            let is_status = name.code.as_ref().is_some_and(|name| name.code == DIAGNOSIS_STATUS);
            for value in modifier.all("Value") {
                let value = self.coded(value, List::Any);
                is_known |= value.is_known;
                let label = name.text.clone().or_else(|| Some(name.code.as_ref()?.code.clone()));
                let said = value.text.clone().or_else(|| Some(value.code.as_ref()?.code.clone()));
                if let Some(said) = said.as_deref().filter(|_| is_status) {
                    verification_status = Some(verification::of_diagnosis_status(said).to_owned());
                }
                texts.extend(said.map(|said| label.map_or_else(|| said.clone(), |label| format!("{label}: {said}"))));
                // A modifier changes what the diagnosis means; as a coding of its own it would be another diagnosis.
            }
        }
        let text = Some(texts.join("; ")).filter(|text| !text.is_empty());
        let is_coded = is_known.then_some(true);
        Diagnosis { identity, codes, is_coded, verification_status, text, ..Diagnosis::default() }
    }

    /// A pathway belongs to the only diagnosis, otherwise it stands alone.
    fn pathway(&self, node: Node<'d>, identity: Identity, diagnoses: &mut Vec<Diagnosis>) {
        let Some(element) = node.child("Pakkeforlopskode") else { return };
        let coded = self.coded(element, List::Qualified("8480"));
        let Some(code) = coded.code else { return };
        let entry = self.context.code_tables.lookup(PATHWAYS, &code.code);
        let property = |name| entry.and_then(|entry| entry.property(name)).map(str::to_owned);
        let (tumor_type, finding) = (property("tumor_type"), property("finding"));
        let remark = node.child_value("Merknad").map(str::to_owned);
        let mut fresh =
            Diagnosis { identity, text: coded.text.or_else(|| Some(code.code.clone())), ..Diagnosis::default() };
        let target = if takes_pathway(diagnoses) { diagnoses.first_mut() } else { None };
        let joined = target.is_some();
        let diagnosis = target.unwrap_or(&mut fresh);
        diagnosis.pathway = Some(code);
        diagnosis.tumor_type = tumor_type;
        diagnosis.pathway_finding = finding;
        diagnosis.is_coded = Some(true);
        if let Some(remark) = remark {
            let text = diagnosis.text.take();
            diagnosis.text = Some(text.map_or_else(|| remark.clone(), |text| format!("{text}; {remark}")));
        }
        if !joined {
            diagnoses.push(fresh);
        }
    }

    /// `ReasonAsText` and the comments, each with its heading.
    pub(super) fn reasons(&self, body: Node<'d>, format: Format) -> Vec<Passage> {
        let mut passages = Vec::new();
        for node in body.all("ReasonAsText").chain(body.all("Comment")) {
            let heading = self.child_code(node, "Heading", self.list(format, "8231"));
            let codes = node.all("TextCode").chain(node.all("CodedComment")).map(|code| self.coded(code, List::Any));
            let mut texts: Vec<String> = node.child_value("TextResultValue").map(str::to_owned).into_iter().collect();
            texts.extend(codes.filter_map(|code| code_text(&code)));
            if texts.is_empty() {
                continue;
            }
            let heading = heading.code.or_else(|| Some(Code { code: heading.text?, ..Code::default() }));
            passages.push(Passage { heading, text: Personal::new(texts.join("\n")) });
        }
        let is_problem = |passage: &Passage| passage.heading.as_ref().is_some_and(|heading| heading.code == "PROB");
        if !passages.iter().any(is_problem) {
            self.issue(IssueCode::HenvisningReasonMissing, body, "no text under the heading PROB");
        }
        passages
    }

    /// A referral without a coded diagnosis has one in words: what stands under DIAG, as version 1.1 prescribes. The problem
    /// that a patient is referred for is no diagnosis.
    pub(super) fn diagnosis_in_words(&self, referral: &mut Referral, key: Key<'_>) {
        let is_diagnosis = |passage: &&Passage| passage.heading.as_ref().is_some_and(|heading| heading.code == "DIAG");
        let passage = referral.reasons.iter().find(is_diagnosis);
        if let Some(passage) = passage.filter(|_| referral.diagnoses.is_empty()) {
            let (identity, text) = (key.element("diagnosis", "1"), Some(passage.text.expose().to_owned()));
            let diagnosis = Diagnosis { identity, text, ..Diagnosis::default() };
            referral.diagnoses.push(diagnosis.with_clinical_status(true));
        }
    }

    /// `InfItem` and `PatientPrecaution` inside `parent`: `Henvisning`, or the patient of version 1.x.
    pub(super) fn items(&self, parent: Node<'d>, format: Format, referral: &mut Referral, key: Key<'_>) {
        for node in parent.all("PatientPrecaution") {
            let read = || ClinicalItem {
                text: node.child_value("Precaution").map(Personal::new),
                date: self.child_moment(node, "StartDateTime"),
                ..ClinicalItem::default()
            };
            self.precaution(referral, key, read);
        }
        for node in parent.all("InfItem") {
            self.item(node, format, referral, key);
        }
    }

    fn item(&self, node: Node<'d>, format: Format, referral: &mut Referral, key: Key<'_>) {
        let kind = node.child("Type").and_then(|kind| kind.attribute("V")).unwrap_or_default();
        let medication = node.child("Medication");
        let status = medication.and_then(|it| it.child("Status")).and_then(|status| status.attribute("V"));
        let number = |length: usize| (length + 1).to_string();
        match medication {
            Some(drug) if status != Some(ALLERGIC) && !WARNINGS.contains(&kind) => {
                let identity = key.element("medication", &number(referral.medications.len()));
                let read = || self.medication(node, drug, format, identity.clone());
                referral.medications.push(self.held_again(node, &identity, read));
            }
            None if TREATMENTS.contains(&kind) && node.child("ResultItem").is_none() => {
                let identity = key.element("treatment", &number(referral.treatments.len()));
                let read = || self.treatment(node, format, identity.clone());
                referral.treatments.push(self.held_again(node, &identity, read));
            }
            _ if WARNINGS.contains(&kind) || status == Some(ALLERGIC) => {
                let read = || {
                    self.mark_kind(node);
                    self.clinical_item(node, format, Identity::default())
                };
                self.precaution(referral, key, read);
            }
            _ => {
                let identity = key.element("clinical-item", &number(referral.clinical_items.len()));
                let read = || self.clinical_item(node, format, identity.clone());
                referral.clinical_items.push(self.held_again(node, &identity, read));
            }
        }
    }

    /// A warning; what says that no allergy is known is a finding.
    fn precaution(&self, referral: &mut Referral, key: Key<'_>, read: impl FnOnce() -> ClinicalItem) {
        let nth = |kind, length: usize| key.element(kind, &(length + 1).to_string());
        let warning = nth("precaution", referral.precautions.len());
        let finding = nth("clinical-item", referral.clinical_items.len());
        let is_code = |code: &str| self.context.code_tables.lookup(NO_KNOWN_ALLERGIES, code).is_some();
        let holder =
            |item: &ClinicalItem| if item.denies_allergies(is_code) { finding.clone() } else { warning.clone() };
        let item = self.holding(read, holder);
        let identity = holder(&item);
        let list = if identity == finding { &mut referral.clinical_items } else { &mut referral.precautions };
        list.push(ClinicalItem { identity, ..item });
    }

    /// Holds an item whose kind was looked at before it was known what holds it.
    fn held_again<T>(&self, node: Node<'d>, identity: &Identity, read: impl FnOnce() -> T) -> T {
        self.held(identity, || {
            self.mark_kind(node);
            read()
        })
    }

    /// Gives what was looked at before to the part that is read now.
    fn mark_kind(&self, node: Node<'d>) {
        let part = self.document.current();
        let kind = node.child("Type").into_iter();
        kind.chain(node.at(&["Medication", "Status"])).for_each(|looked_at| looked_at.assign_attribute("V", part));
    }

    fn medication(&self, node: Node<'d>, drug: Node<'d>, format: Format, identity: Identity) -> Medication {
        let coded = self.child_code(drug, "DrugId", List::Drug);
        let status = self.child_code(drug, "Status", List::Volven("7307"));
        let quantity = |name: &'static str| drug.child(name).and_then(quantity_text);
        let labelled = |label: &str, text: Option<String>| text.map(|text| format!("{label}: {text}"));
        let kind = self.child_code(node, "Type", self.list(format, "8233"));
        let is_usual = kind.code.as_ref().is_some_and(|kind| kind.code == "MEDB");
        let parts = [
            drug.child_value("DosageText").map(str::to_owned),
            labelled("Enkeltdose", quantity("UnitDose")),
            labelled("Varighet", quantity("IntendedDuration")),
            labelled("Mengde", quantity("QuantitySupplied")),
            drug.child_value("Comment").map(str::to_owned),
            labelled("Status", status.text.or_else(|| status.code.map(|code| code.code))),
            labelled("Type", kind.text.filter(|_| !is_usual)),
            labelled("Dato", self.child_moment(node, "OrgDate")),
        ];
        let dosage: Vec<String> = parts.into_iter().flatten().collect();
        Medication {
            identity,
            is_coded: coded.is_known.then_some(true),
            text: coded.text.or_else(|| Some(coded.code.as_ref()?.code.clone())),
            codes: coded.code.into_iter().collect(),
            status: status.target.unwrap_or_else(|| "unknown".to_owned()),
            dosage: Some(dosage.join("; ")).filter(|text| !text.is_empty()).map(Personal::new),
            start: self.child_moment(node, "StartDateTime"),
            end: self.child_moment(node, "EndDateTime"),
        }
    }

    fn treatment(&self, node: Node<'d>, format: Format, identity: Identity) -> Treatment {
        let kind = self.child_code(node, "Type", self.list(format, "8233"));
        let (start, end) = (self.child_moment(node, "StartDateTime"), self.child_moment(node, "EndDateTime"));
        let origin = self.child_moment(node, "OrgDate");
        let until = end.filter(|end| Some(end) != start.as_ref()).map(|end| format!("(til {end})"));
        let texts = [self.observation(node), kind.text.map(|kind| format!("({kind})")), until];
        let text: Vec<String> = texts.into_iter().flatten().collect();
        let text = Some(text.join(" ")).filter(|text| !text.is_empty()).map(Personal::new);
        Treatment { identity, text, performed: start.or(origin), ..Treatment::default() }
    }

    fn clinical_item(&self, node: Node<'d>, format: Format, identity: Identity) -> ClinicalItem {
        let kind = self.child_code(node, "Type", self.list(format, "8233"));
        let mut item = ClinicalItem { identity, kind: kind.code, ..ClinicalItem::default() };
        let mut texts: Vec<String> = self.observation(node).into_iter().collect();
        if let Some(drug) = node.child("Medication") {
            let coded = self.child_code(drug, "DrugId", List::Drug);
            texts.extend(code_text(&coded));
            texts.extend(self.child_text(drug, "Status"));
            texts.extend(["DosageText", "Comment"].iter().filter_map(|name| drug.child_value(name)).map(str::to_owned));
            item.codes.extend(coded.code);
        }
        let mut date = self.child_moment(node, "StartDateTime");
        if let Some(result) = node.child("ResultItem") {
            self.result(result, &mut item, &mut texts);
            date = self.child_moment(result, "InvDate").or(date);
        }
        let end = self.child_moment(node, "EndDateTime");
        let origin = self.child_moment(node, "OrgDate");
        texts.extend(end.map(|end| format!("Til: {end}")));
        item.date = date.or(origin);
        item.text = Some(texts.join("\n")).filter(|text| !text.is_empty()).map(Personal::new);
        item
    }

    fn observation(&self, node: Node<'d>) -> Option<String> {
        let observation = node.child("Observation")?;
        let parts = ["Description", "Comment"].map(|name| observation.child_value(name));
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
        Some(text).filter(|text| !text.is_empty())
    }

    /// A result: what was examined, the value, and in words everything that a number alone would lose.
    fn result(&self, node: Node<'d>, item: &mut ClinicalItem, texts: &mut Vec<String>) {
        for element in node.all("ClinInv").flat_map(|it| it.all("Id").chain(it.all("Spec"))) {
            let coded = self.coded(element, List::Any);
            match coded.code {
                Some(code) => item.codes.push(code),
                None => texts.extend(coded.text),
            }
        }
        if let Some(number) = node.child("NumResult") {
            self.numeric_result(number, item, texts);
        }
        if let Some(text) = node.at(&["TextResult", "Result"]) {
            let heading = self.child_text(text, "Heading");
            texts.extend(heading.map(|heading| format!("{heading}:")));
            texts.extend(text.child_value("TextResultValue").map(str::to_owned));
            texts.extend(code_text(&self.child_code(text, "TextCode", List::Any)));
        }
        if let Some(interval) = node.child("Interval") {
            let bound = |name| interval.child(name).and_then(quantity_text).unwrap_or_default();
            texts.push(format!("{} - {}", bound("Low"), bound("High")));
        }
        texts.extend(node.child("DateResult").and_then(|date| self.child_moment(date, "DateResultValue")));
        texts.extend(self.child_text(node, "DevResultInd").map(|text| format!("Avvik: {text}")));
        texts.extend(node.child_value("Comment").map(str::to_owned));
        // New, changed or cancelled: a cancelled result is none.
        texts
            .extend(self.child_text(node, "ServType").filter(|text| text != "N").map(|text| format!("Status: {text}")));
    }

    /// `5.6 mmol/l` is a value; `< 5` is not 5: it keeps its comparator, and is also said in words.
    fn numeric_result(&self, node: Node<'d>, item: &mut ClinicalItem, texts: &mut Vec<String>) {
        let Some(value) = node.child("NumResultValue") else { return };
        let comparison = node.child("ArithmeticComp").map(|it| (it.attribute("V"), it.attribute("DN")));
        let comparison = comparison.and_then(|(code, text)| code.or(text));
        let is_exact = comparison.is_none_or(|it| matches!(it, "EQ" | "="));
        let (Some(sent), unit) = (value.attribute("V"), value.attribute("U")) else { return };
        match Decimal::parse(sent) {
            Ok(decimal) if is_exact => {
                item.value = Some(decimal);
                item.unit = unit.map(str::to_owned);
            }
            parsed => {
                let fhir = COMPARATORS.iter().find(|(known, _)| Some(*known) == comparison);
                match (parsed, fhir) {
                    (Ok(decimal), Some((_, comparator))) => {
                        item.value = Some(decimal);
                        item.comparator = Some((*comparator).to_owned());
                        item.unit = unit.map(str::to_owned);
                    }
                    (Ok(_), None) => {}
                    (Err(_), _) => {
                        let text = format!("{} is no number", length(sent));
                        self.issue(IssueCode::HenvisningNumberInvalid, value, text);
                    }
                }
                let parts = [comparison, Some(sent), unit];
                texts.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
            }
        }
    }
}

/// Whether a pathway can only be about the one diagnosis: which of several it is about, nothing says.
fn takes_pathway(diagnoses: &[Diagnosis]) -> bool {
    matches!(diagnoses, [diagnosis] if diagnosis.pathway.is_none())
}

/// The text of a code, with the code behind it.
fn code_text(coded: &Coded) -> Option<String> {
    match (&coded.text, &coded.code) {
        (Some(text), Some(code)) => Some(format!("{text} ({})", code.code)),
        (Some(text), None) => Some(text.clone()),
        (None, Some(code)) => Some(code.code.clone()),
        (None, None) => None,
    }
}

/// A quantity (data type PQ) in words.
fn quantity_text(node: Node<'_>) -> Option<String> {
    let value = node.attribute("V")?;
    Some(node.attribute("U").map_or_else(|| value.to_owned(), |unit| format!("{value} {unit}")))
}
