//! The evaluation after 16 weeks: disease control yes, no, or missing, and missing is not no.

use super::ids::Identity;
use super::trial::Concept;
use crate::record;

/// Responses that say yes.
const CONTROL: [&str; 3] = ["complete-response", "partial-response", "stable-disease"];

/// Responses that say no. Progression that iRECIST has not confirmed says neither.
const PROGRESSION: [&str; 2] = ["progressive-disease", "confirmed-progression"];

record! {
    /// An evaluation.
    pub struct Evaluation {
        /// Business key: the trial's id.
        pub identity: Identity,
        /// FHIR observation-status.
        pub status: String,
        /// The patient, `Patient/id`.
        pub patient: String,
        /// The cohort, `ResearchStudy/id`.
        pub cohort: String,
        /// When it was made.
        pub effective: String,
        /// When it was told.
        pub issued: Option<String>,
        /// Whether the disease is under control; empty where that is missing.
        pub control: Option<bool>,
        /// Why it is missing.
        pub absent: Option<Concept>,
        /// Whether the patient counts as evaluable.
        pub evaluable: bool,
        /// Responses, one for each of the criteria that were used.
        pub responses: Vec<Response>,
        /// Whether the criteria disagree, where that is said.
        pub disagree: Option<bool>,
        /// Whether anything is said of it.
        pub has_statement: bool,
    }
    internal {
        /// Id at the trial.
        pub trial_id: String,
        /// Id of the cohort at the trial.
        pub cohort_id: String,
        /// Id of the pseudonymous Patient.
        pub patient_id: String,
    }
}

record! {
    /// A response by one of the criteria.
    pub struct Response {
        /// Code of `gateway-evaluation`: `response-recist`, `response-irecist`, `response-rano`, `response-clinical`.
        pub criteria: String,
        /// Code of `gateway-response`.
        pub code: String,
    }
}

/// Whether the disease is under control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nothing says so.
    Missing,
}

impl Evaluation {
    /// What the trial says.
    pub fn control(&self) -> Control {
        match self.control {
            Some(true) => Control::Yes,
            Some(false) => Control::No,
            None => Control::Missing,
        }
    }

    /// Whether the responses say both yes and no.
    pub fn has_disagreement(&self) -> bool {
        let says = |codes: &[&str]| self.responses.iter().any(|response| codes.contains(&response.code.as_str()));
        says(&CONTROL) && says(&PROGRESSION)
    }

    /// Whether the answer rests on a response that says the same.
    pub fn is_founded(&self) -> bool {
        let says = |codes: &[&str]| self.responses.iter().any(|response| codes.contains(&response.code.as_str()));
        match self.control() {
            Control::Yes => says(&CONTROL),
            Control::No => says(&PROGRESSION),
            Control::Missing => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(control: Option<bool>, responses: &[&str]) -> Evaluation {
        let response = |code: &&str| Response { criteria: "response-recist".to_owned(), code: (*code).to_owned() };
        Evaluation { control, responses: responses.iter().map(response).collect(), ..Evaluation::default() }
    }

    #[test]
    fn missing_is_not_no() {
        for (control, expected) in [(Some(true), Control::Yes), (Some(false), Control::No), (None, Control::Missing)] {
            assert_eq!(evaluation(control, &[]).control(), expected);
        }
        for neither in [&[][..], &["not-evaluable"], &["unconfirmed-progression"]] {
            assert!(evaluation(None, neither).is_founded(), "{neither:?}");
            assert!(!evaluation(Some(false), neither).is_founded(), "{neither:?}");
            assert!(!evaluation(Some(true), neither).is_founded(), "{neither:?}");
        }
    }

    #[test]
    fn stable_disease_is_control_and_confirmed_progression_is_not() {
        for (code, yes, no) in [
            ("complete-response", true, false),
            ("partial-response", true, false),
            ("stable-disease", true, false),
            ("progressive-disease", false, true),
            ("confirmed-progression", false, true),
        ] {
            assert_eq!(evaluation(Some(true), &[code]).is_founded(), yes, "{code}");
            assert_eq!(evaluation(Some(false), &[code]).is_founded(), no, "{code}");
        }
    }

    #[test]
    fn criteria_that_say_both_disagree() {
        assert!(evaluation(None, &["progressive-disease", "stable-disease"]).has_disagreement());
        assert!(!evaluation(None, &["unconfirmed-progression", "stable-disease"]).has_disagreement());
        assert!(!evaluation(None, &["progressive-disease", "confirmed-progression"]).has_disagreement());
    }
}
