//! What is said about the patient's health.

use super::party::Code;
use super::verification;
use crate::domain::ids::Identity;
use crate::domain::moment::Moment;
use crate::domain::personal::Personal;
use crate::record;

record! {
    /// A diagnosis.
    pub struct Diagnosis {
        /// Business key: referral and place in its list.
        pub identity: Identity,
        /// Codes: ICD-10 and others as sent.
        pub codes: Vec<Code>,
        /// Code of the national cancer pathway (Volven 8480).
        pub pathway: Option<Code>,
        /// Tumour type that the pathway names.
        pub tumor_type: Option<String>,
        /// What the pathway code states of the clinical decision, e.g. `cancer-confirmed` or `no-disease`; empty: nothing, a
        /// pathway starts on suspicion.
        pub pathway_finding: Option<String>,
        /// FHIR condition-clinical: `active` where the message states that the patient has the disease; empty where it does
        /// not, as a pathway code of a suspicion.
        pub clinical_status: Option<String>,
        /// FHIR condition-ver-status, where the message says how sure the diagnosis is: `unconfirmed`, `provisional`,
        /// `differential` or `confirmed`. What it refutes is no diagnosis of a referral.
        pub verification_status: Option<String>,
        /// True where a code of a known system or a pathway is given.
        pub is_coded: Option<bool>,
        /// Text of the diagnosis.
        pub text: Option<String>,
        /// When it was made.
        pub recorded: Option<String>,
    }
}

/// The finding of a pathway code that states that the patient has the cancer.
const CONFIRMED: &str = "cancer-confirmed";
/// Those that deny it or only suspect another one.
const DENIALS: [&str; 3] = ["no-disease", "other-disease", "other-cancer-suspected"];

impl Diagnosis {
    /// Fills [`Diagnosis::clinical_status`]: what is named as a diagnosis holds, unless the message leaves it in doubt; a
    /// pathway code alone only where it says so.
    #[must_use]
    pub fn with_clinical_status(mut self, is_stated: bool) -> Self {
        let is_confirmed = self.pathway_finding.as_deref() == Some(CONFIRMED);
        if self.verification_status.is_none() {
            let status = if is_confirmed { Some(verification::CONFIRMED) } else { self.doubt() };
            self.verification_status = status.map(str::to_owned);
        }
        let holds = (is_stated || is_confirmed) && !self.is_doubted();
        self.clinical_status = holds.then(|| "active".to_owned());
        self
    }

    /// Whether the message says anything less than that the patient has the disease.
    pub fn is_doubted(&self) -> bool {
        self.verification_status.as_deref().is_some_and(|status| status != verification::CONFIRMED)
    }

    /// What its own words, or a pathway that contradicts its code, leave of it.
    fn doubt(&self) -> Option<&'static str> {
        let in_words = self.text.as_deref().and_then(verification::doubts);
        let is_denied = self.pathway_finding.as_deref().is_some_and(|finding| DENIALS.contains(&finding));
        let is_cancer = |code: &Code| code.system.as_deref().is_some_and(is_icd_10) && code.code.starts_with('C');
        let contradicts = is_denied && self.codes.iter().any(is_cancer);
        in_words.or_else(|| contradicts.then_some(verification::UNCONFIRMED))
    }

    /// What the diagnosis is called, for a note in place of it.
    pub fn words(&self) -> String {
        let codes = self.codes.iter().map(|code| code.code.as_str());
        codes.chain(self.text.as_deref()).collect::<Vec<_>>().join(" ")
    }
}

/// ICD-10, of whichever edition: malignant neoplasms are its codes C00 to C97.
fn is_icd_10(system: &str) -> bool {
    system.contains("/sid/icd-10")
}

record! {
    /// A text under a heading.
    pub struct Passage {
        /// Heading (Volven 8231), e.g. `PROB`.
        pub heading: Option<Code>,
        /// Text; free text can name a person.
        pub text: Personal,
    }
}

record! {
    /// What else a message says, in a sentence.
    pub struct Remark {
        /// The sentence; what a sender writes can name a person.
        pub text: Personal,
    }
}

impl Remark {
    /// A remark of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: Personal::new(text) }
    }
}

record! {
    /// ECOG performance status.
    pub struct PerformanceStatus {
        /// Business key: that of the referral.
        pub identity: Identity,
        /// Grade, 0 to 5.
        pub grade: u64,
        /// When it was assessed.
        pub assessed: Option<String>,
    }
}

record! {
    /// A drug that the patient takes or took.
    pub struct Medication {
        /// Business key: referral and place in its list.
        pub identity: Identity,
        /// Codes: ATC and others as sent.
        pub codes: Vec<Code>,
        /// True where a code of a known system is given.
        pub is_coded: Option<bool>,
        /// Name of the drug.
        pub text: Option<String>,
        /// FHIR medication-statement-status: `active`, `completed`, `stopped`, `intended` or `unknown`.
        pub status: String,
        /// Dosage in words.
        pub dosage: Option<Personal>,
        /// Start of the treatment.
        pub start: Option<String>,
        /// End of the treatment.
        pub end: Option<String>,
    }
}

record! {
    /// An operation or other treatment.
    pub struct Treatment {
        /// Business key: referral and place in its list.
        pub identity: Identity,
        /// Codes as sent.
        pub codes: Vec<Code>,
        /// True where a code of a known system is given.
        pub is_coded: Option<bool>,
        /// Name of the treatment.
        pub text: Option<Personal>,
        /// FHIR event-status: `preparation` (planned), `in-progress`, `on-hold`, `stopped`, `not-done`, `completed` or `unknown`.
        pub status: String,
        /// When it was done.
        pub performed: Option<String>,
    }
}

impl Treatment {
    /// Fills a status that the message does not say: what lies after the message is planned, all else was done.
    #[must_use]
    pub fn with_status(mut self, generated: Option<&str>) -> Self {
        if self.status.is_empty() {
            let moment = |text: Option<&str>| Moment::parse(text?);
            let (performed, generated) = (moment(self.performed.as_deref()), moment(generated));
            let is_planned =
                generated.zip(performed).is_some_and(|(generated, performed)| generated.is_before(performed));
            self.status = if is_planned { "preparation" } else { "completed" }.to_owned();
        }
        self
    }
}

record! {
    /// History, a finding, a result, a warning: kind and text, with a value where there is one.
    pub struct ClinicalItem {
        /// Business key: referral and place in its list.
        pub identity: Identity,
        /// Kind of the item (Volven 8233), e.g. `FUNN`.
        pub kind: Option<Code>,
        /// Codes of what was examined.
        pub codes: Vec<Code>,
        /// Text; free text can name a person.
        pub text: Option<Personal>,
        /// Numeric result.
        pub value: Option<crate::domain::decimal::Decimal>,
        /// FHIR quantity-comparator: `<`, `<=`, `>=` or `>` where the result is known to lie on one side of the value.
        pub comparator: Option<String>,
        /// Unit of the result as sent.
        pub unit: Option<String>,
        /// When it was found.
        pub date: Option<String>,
    }
}

record! {
    /// A document that came with the referral.
    pub struct Attachment {
        /// Business key: referral and SHA-256 of the content.
        pub identity: Identity,
        /// MIME type as sent, in lower case.
        pub content_type: String,
        /// Title or description.
        pub title: Option<Personal>,
        /// When it was made.
        pub created: Option<String>,
        /// Bytes.
        pub size: u64,
        /// SHA-1 of the content, base64: what FHIR R4 `Attachment.hash` is.
        pub sha1_base64: String,
        /// SHA-256 of the content, hex.
        pub sha256: String,
        /// The content, base64.
        pub content_base64: Personal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Volven 8480: a pathway starts on suspicion, and a code of it can say that there is no such disease.
    #[test]
    fn a_pathway_alone_states_a_disease_only_where_it_says_so() {
        let pathway = |finding: &str| Diagnosis {
            pathway_finding: (!finding.is_empty()).then(|| finding.to_owned()),
            ..Diagnosis::default()
        };
        for finding in ["", "no-disease", "other-disease", "other-cancer-suspected"] {
            assert_eq!(pathway(finding).with_clinical_status(false).clinical_status, None, "{finding}");
        }
        let active = Some("active".to_owned());
        assert_eq!(pathway("cancer-confirmed").with_clinical_status(false).clinical_status, active);
        assert_eq!(pathway("no-disease").with_clinical_status(true).clinical_status, active);
    }

    /// Another disease than the cancer of the pathway can be the diagnosis; the cancer cannot.
    #[test]
    fn a_code_of_a_cancer_and_a_pathway_that_denies_it_leave_a_doubt() {
        let diagnosis = |code: &str, finding: &str| {
            let code = Code {
                system: Some("http://hl7.org/fhir/sid/icd-10-no".to_owned()),
                code: code.to_owned(),
                ..Code::default()
            };
            let finding = Some(finding.to_owned()).filter(|finding| !finding.is_empty());
            let diagnosis = Diagnosis { codes: vec![code], pathway_finding: finding, ..Diagnosis::default() };
            let diagnosis = diagnosis.with_clinical_status(true);
            (diagnosis.clinical_status, diagnosis.verification_status)
        };
        let (active, doubted) = ((Some("active".to_owned()), None), (None, Some("unconfirmed".to_owned())));
        let confirmed = (active.0.clone(), Some("confirmed".to_owned()));
        for (code, finding, expected) in [
            ("C61", "", &active),
            ("C61", "cancer-confirmed", &confirmed),
            ("C61", "no-disease", &doubted),
            ("C61", "other-cancer-suspected", &doubted),
            ("N40", "other-disease", &active),
        ] {
            assert_eq!(&diagnosis(code, finding), expected, "{code} {finding}");
        }
    }
}
