//! Referrals made from the golden ones: of other patients, with other ids, as changes, with a consent.

use serde_json::{Value, json};

use super::setting::golden;

/// National number of the patient of the golden referrals.
pub(crate) const NATIONAL: &str = "05898597468";

/// A referral; every `number` is another referral of another patient, in a message of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Referral {
    number: usize,
    patient: usize,
    message: usize,
    priority: &'static str,
    /// When it was made, and its version.
    made: (&'static str, &'static str),
    /// Status of the FHIR Consent.
    consent: Option<&'static str>,
}

impl Referral {
    pub(crate) fn new(number: usize) -> Self {
        let made = ("2026-03-01T10:00:00+01:00", "1");
        Self { number, patient: number, message: number, priority: "routine", made, consent: None }
    }

    /// With the patient's consent to the trial.
    pub(crate) fn consented(number: usize) -> Self {
        Self { consent: Some("active"), ..Self::new(number) }
    }

    pub(crate) fn of_patient(self, patient: usize) -> Self {
        Self { patient, ..self }
    }

    pub(crate) fn consent(self, status: &'static str) -> Self {
        Self { consent: Some(status), ..self }
    }

    pub(crate) fn priority(self, priority: &'static str) -> Self {
        Self { priority, ..self }
    }

    /// The second version of the referral, made later, in another message.
    pub(crate) fn changed(self, message: usize, made: &'static str) -> Self {
        Self { message, made: (made, "2"), ..self }
    }

    pub(crate) fn fhir(&self) -> Vec<u8> {
        let mut bundle: Value = serde_json::from_slice(&golden("one-patient/ehr-fhir.json")).unwrap();
        bundle["identifier"]["value"] = Value::from(format!("urn:uuid:0f000001-0000-4000-8000-{:012}", self.message));
        bundle["timestamp"] = Value::from(self.made.0);
        let entries = bundle["entry"].as_array_mut().unwrap();
        let of = |kind: &str| entries.iter().position(|entry| entry["resource"]["resourceType"] == kind).unwrap();
        let (request, patient) = (of("ServiceRequest"), of("Patient"));
        let id = format!("urn:uuid:b0005cb0-0000-4000-8000-{:012}", self.number);
        entries[request]["resource"]["identifier"][0]["value"] = Value::from(id);
        entries[request]["resource"]["priority"] = Value::from(self.priority);
        entries[request]["resource"]["meta"] = json!({"versionId": self.made.1, "lastUpdated": self.made.0});
        entries[patient]["resource"]["identifier"][0]["value"] = Value::from(national_number(self.patient));
        if let Some(status) = self.consent {
            let message: Value = serde_json::from_slice(&golden("ehr-fhir/message-new/input.json")).unwrap();
            let mut entry = message["entry"].as_array().unwrap().iter();
            let mut consent = entry.find(|entry| entry["resource"]["resourceType"] == "Consent").unwrap().clone();
            consent["resource"]["status"] = Value::from(status);
            consent["resource"]["dateTime"] = Value::from(self.made.0);
            consent["resource"]["patient"]["reference"] = entries[patient]["fullUrl"].clone();
            consent["request"] = json!({"method": "POST", "url": "Consent"});
            entries.push(consent);
        }
        bundle.to_string().into_bytes()
    }
}

/// A synthetic national number (month + 80) of somebody born on 5 September 1985, with the check digits of birth numbers.
pub(crate) fn national_number(patient: usize) -> String {
    let check = |digits: &[u32], weights: &[u32]| {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
        (11 - sum % 11) % 11
    };
    let number = |individual: u32| {
        let mut digits = vec![0, 5, 8, 9, 8, 5, individual / 100, individual / 10 % 10, individual % 10];
        digits.push(check(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2]));
        digits.push(check(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]));
        digits.iter().all(|digit| *digit < 10).then(|| digits.iter().map(u32::to_string).collect::<String>())
    };
    (0..500).filter_map(number).nth(patient).unwrap()
}
