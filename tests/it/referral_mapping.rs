//! A referral with every part, mapped in both faces.

use impress_gateway::domain::decimal::Decimal;
use impress_gateway::domain::ids::{Face, Identity};
use impress_gateway::domain::issue::Severity;
use impress_gateway::domain::personal::Personal;
use impress_gateway::domain::referral::{
    Attachment, ClinicalItem, Code, Consent, Diagnosis, Medication, Organisation, Passage, PerformanceStatus, Person,
    PersonIdentifier, Practitioner, Referral, Remark, Telecom, Treatment,
};
use impress_gateway::fhir::bundle::{Entry, transaction};
use impress_gateway::fhir::ids::{ResourceIds, Secret};
use impress_gateway::mapping::source::{MappingSet, Subject};
use impress_gateway::profiles::walk::Validator;
use serde_json::Value;

/// Every text that says who the patient is, or that only the care of the patient needs. Synthetic (month + 80).
const PRIVATE: [&str; 22] = [
    "05898597468",
    "Danser",
    "Line",
    "Mellom",
    "1985-09-05",
    "Storgata 1",
    "7001",
    "Trondheim",
    "22334455",
    "b0005cb0-0000-4000-8000-000000000001",
    "9144889",
    "Lege",
    "Lotte",
    "55667788",
    "Henvist for utredning",
    "Kjent kreft",
    "Fint inntrykk",
    "Penicillin",
    "Operert hos",
    "1 tablett",
    "patologisvar",
    "JVBERi0xLjQK",
];

fn key(kind: &'static str, key: &str) -> Identity {
    Identity::new("983974732", kind, &[key])
}

fn code(system: &str, code: &str, display: &str) -> Code {
    let system = (!system.is_empty()).then(|| system.to_owned());
    Code { system, code: code.to_owned(), display: Some(display.to_owned()) }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn phone(number: &str) -> Vec<Telecom> {
    vec![Telecom { system: "phone".to_owned(), value: Personal::new(number) }]
}

fn patient() -> Person {
    Person {
        identity: key("patient", "05898597468"),
        identifiers: vec![PersonIdentifier {
            system: text("urn:oid:2.16.578.1.12.4.1.4.1"),
            value: Personal::new("05898597468"),
            ..PersonIdentifier::default()
        }],
        family_name: Personal::new("Danser"),
        given_name: Personal::new("Line"),
        middle_name: Some(Personal::new("Mellom")),
        birth_date: Some(Personal::new("1985-09-05")),
        year_of_birth: text("1985"),
        gender: text("female"),
        is_deceased: None,
        is_deceased_undated: None,
        death_date: None,
        address: Some(Personal::new("Storgata 1")),
        postal_code: Some(Personal::new("7001")),
        city: Some(Personal::new("Trondheim")),
        telecoms: phone("22334455"),
    }
}

fn organisation(kind: &str, her: &str) -> Organisation {
    let identity = key("organisation", kind);
    Organisation { identity, her_id: text(her), name: text(kind), ..Organisation::default() }
}

fn clinical(mut referral: Referral) -> Referral {
    referral.diagnoses = vec![
        Diagnosis {
            identity: key("diagnosis", "1"),
            codes: vec![code("http://hl7.org/fhir/sid/icd-10-no", "C61", "Ondartet svulst i prostata")],
            pathway: Some(code("", "A16CK", "Prostatakreft")),
            tumor_type: text("Prostate"),
            pathway_finding: text("cancer-confirmed"),
            clinical_status: text("active"),
            verification_status: text("confirmed"),
            is_coded: Some(true),
            text: text("Kjent kreft hos Line"),
            recorded: text("2026-02-01"),
        },
        Diagnosis { identity: key("diagnosis", "2"), text: text("Kjent kreft"), ..Diagnosis::default() },
    ];
    let heading = Some(code("http://helsedir.no/fhir/CodeSystem/no-kodeverk-8231", "PROB", "Problemstilling"));
    referral.reasons = vec![
        Passage { heading, text: Personal::new("Henvist for utredning") },
        Passage { heading: None, text: Personal::new("Henvist for utredning av Danser") },
    ];
    referral.performance_status =
        Some(PerformanceStatus { identity: key("ecog", "1"), grade: 1, assessed: text("2026-02-20") });
    referral.medications = vec![Medication {
        identity: key("medication", "1"),
        codes: vec![code("http://www.whocc.no/atc", "C05AA04", "Hydrokortison")],
        is_coded: Some(true),
        text: text("Scheriproct"),
        status: "active".to_owned(),
        dosage: Some(Personal::new("1 tablett")),
        start: text("2025-01-01"),
        end: None,
    }];
    referral.treatments = vec![Treatment {
        identity: key("treatment", "1"),
        text: Some(Personal::new("Operert hos Lotte")),
        status: "completed".to_owned(),
        ..Treatment::default()
    }];
    let item = |kind: &'static str, text: &str| ClinicalItem {
        identity: key(kind, "1"),
        kind: Some(code("http://helsedir.no/fhir/CodeSystem/no-kodeverk-8233", "FUNN", "Funn")),
        text: Some(Personal::new(text)),
        ..ClinicalItem::default()
    };
    let value = Some(Decimal::parse("12.50").unwrap());
    referral.clinical_items =
        vec![ClinicalItem { value, unit: text("g/dL"), ..item("clinical-item", "Fint inntrykk") }];
    referral.precautions = vec![item("precaution", "Penicillin")];
    referral
}

fn referral() -> Referral {
    clinical(Referral {
        identity: key("referral", "b0005cb0-0000-4000-8000-000000000001"),
        status: "active".to_owned(),
        priority: text("urgent"),
        reported_priority: Some(code("", "PK", "Pakkeforløp kreft")),
        authored_on: text("2026-03-01T10:00:00+01:00"),
        document_id: "b0005cb0-0000-4000-8000-000000000001".to_owned(),
        patient: patient(),
        sender: organisation("Helse Førde HF", "39"),
        sender_service: Some(Organisation { telecoms: phone("55667788"), ..organisation("Onkologi", "99998") }),
        receiver: Some(organisation("Oslo universitetssykehus HF", "59")),
        receiver_service: Some(organisation("Onkologi OUS", "93220")),
        requester: Some(Practitioner {
            identity: key("practitioner", "9144889"),
            hpr_number: text("9144889"),
            family_name: Some(Personal::new("Lege")),
            given_name: Some(Personal::new("Lotte")),
            profession: Some(code("http://helsedir.no/fhir/CodeSystem/no-kodeverk-9060", "LE", "Lege")),
            telecoms: phone("55667788"),
            ..Practitioner::default()
        }),
        attachments: vec![Attachment {
            identity: key("attachment", "1"),
            content_type: "application/pdf".to_owned(),
            title: Some(Personal::new("patologisvar Danser")),
            size: 9,
            sha1_base64: "LwAwxQ1NMbnSwe2FJqMhMB9sdFM=".to_owned(),
            content_base64: Personal::new("JVBERi0xLjQK"),
            ..Attachment::default()
        }],
        consent: Consent {
            identity: key("consent", "1"),
            state: "given".to_owned(),
            status: text("active"),
            date: text("2026-02-28"),
            remark: text("Line har samtykket"),
        },
        notes: vec![Remark::new("Henvist for utredning")],
        ..Referral::default()
    })
}

fn bundle(referral: &Referral, face: Face) -> String {
    let templates = MappingSet::embedded().compile(None, Subject::Referral).unwrap();
    let ids = ResourceIds::new(face, &Secret::demo());
    let entries = templates.render(referral, &ids).into_iter().map(|rendered| Entry {
        resource_type: rendered.resource_type.to_string(),
        id: rendered.id.to_string(),
        json: rendered.json,
    });
    transaction(entries.collect())
}

fn errors(bundle: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(bundle).unwrap();
    let issues = Validator::embedded().unwrap().validate(&value, &[]);
    issues.iter().filter(|issue| issue.code.severity() >= Severity::Error).map(ToString::to_string).collect()
}

fn types(bundle: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(bundle).unwrap();
    let entries = value["entry"].as_array().unwrap();
    let mut types: Vec<_> =
        entries.iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap().to_owned()).collect();
    types.sort();
    types
}

#[test]
fn both_faces_meet_their_profiles() {
    let referral = referral();
    for face in Face::ALL {
        let bundle = bundle(&referral, face);
        assert_eq!(errors(&bundle), Vec::<String>::new(), "{face:?}: {bundle}");
    }
    assert_eq!(
        types(&bundle(&referral, Face::Identified)),
        [
            "Binary",
            "Condition",
            "Condition",
            "Consent",
            "DocumentReference",
            "Flag",
            "MedicationStatement",
            "Observation",
            "Observation",
            "Organization",
            "Organization",
            "Organization",
            "Organization",
            "Patient",
            "Practitioner",
            "PractitionerRole",
            "Procedure",
            "ServiceRequest"
        ]
    );
    // Without a code the treatment is only words, which the trial does not see.
    assert_eq!(
        types(&bundle(&referral, Face::Pseudonymous)),
        [
            "Condition",
            "Condition",
            "Consent",
            "MedicationStatement",
            "Observation",
            "Organization",
            "Patient",
            "ServiceRequest"
        ]
    );
}

#[test]
fn a_referral_with_nothing_but_what_must_be_there_meets_its_profiles() {
    let full = referral();
    let referral = Referral {
        identity: full.identity,
        status: full.status,
        authored_on: full.authored_on,
        document_id: full.document_id,
        patient: Person { identity: full.patient.identity, identifiers: full.patient.identifiers, ..Person::default() },
        sender: full.sender,
        diagnoses: full.diagnoses.into_iter().skip(1).collect(),
        ..Referral::default()
    };
    for face in Face::ALL {
        let bundle = bundle(&referral, face);
        assert_eq!(errors(&bundle), Vec::<String>::new(), "{face:?}: {bundle}");
    }
}

#[test]
fn the_pseudonymous_face_shows_nothing_private() {
    let referral = referral();
    let (identified, pseudonymous) = (bundle(&referral, Face::Identified), bundle(&referral, Face::Pseudonymous));
    for private in PRIVATE {
        assert!(identified.contains(private), "{private} is not in the identified face: the test would prove nothing");
        assert!(!pseudonymous.contains(private), "{private}");
    }
    assert!(!pseudonymous.contains("samtykket"));
    assert!(pseudonymous.contains("C61") && pseudonymous.contains("A16CK") && pseudonymous.contains("1985\""));
}

#[test]
fn the_faces_share_no_id() {
    let referral = referral();
    let ids = |face| -> Vec<String> {
        let value: Value = serde_json::from_str(&bundle(&referral, face)).unwrap();
        let entries = value["entry"].as_array().unwrap();
        entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
    };
    let identified = ids(Face::Identified);
    assert!(ids(Face::Pseudonymous).iter().all(|id| !identified.contains(id)));
}
