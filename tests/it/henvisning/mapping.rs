//! Golden referrals through the templates.

use impress_gateway::domain::ids::Face;
use impress_gateway::domain::issue::Severity;
use impress_gateway::domain::referral::Referral;
use impress_gateway::fhir::bundle::{Entry, transaction};
use impress_gateway::fhir::ids::{ResourceIds, Secret};
use impress_gateway::mapping::source::{MappingSet, Subject};
use impress_gateway::profiles::walk::Validator;

use super::{cases, translate};

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

fn accepted() -> Vec<(String, Referral)> {
    let read = |case: std::path::PathBuf| {
        let reading = translate(&std::fs::read(case.join("input.xml")).unwrap()).0.ok()?;
        Some((case.display().to_string(), reading.referral))
    };
    cases().into_iter().filter_map(read).collect()
}

#[test]
fn every_golden_referral_meets_its_profiles_in_both_faces() {
    let validator = Validator::embedded().unwrap();
    for (case, referral) in accepted() {
        for face in Face::ALL {
            let value = serde_json::from_str(&bundle(&referral, face)).unwrap();
            let issues = validator.validate(&value, &[]);
            let errors: Vec<String> = issues
                .iter()
                .filter(|issue| issue.code.severity() >= Severity::Error)
                .map(ToString::to_string)
                .collect();
            // The standard has an emergency accepted that says nothing more about the patient than a name.
            let is_emergency = case.ends_with("emergency");
            let is_expected = |error: &String| is_emergency && error.contains("impress-patient-identified");
            assert!(errors.iter().all(is_expected), "{case}: {face:?}: {errors:#?}");
            assert_eq!(errors.is_empty(), !(is_emergency && face == Face::Identified), "{case}: {face:?}");
        }
    }
}

#[test]
fn the_pseudonymous_face_has_nothing_that_identifies() {
    let private = [
        "05898597468",
        "16858399649",
        "53898597454",
        "Ås",
        "Bø",
        "Ærlig",
        "Line",
        "Ola",
        "1985-09",
        "1983-05",
        "Øvregata",
        "6800",
        "+47",
        "b0005cb0",
        "0f000001",
        "5d3a2b10",
        "222200068",
        "Øyen",
        "Operert",
        "Frisk",
        "kontrastmiddel",
        "Patologisvar",
        "JVBERi0",
        "molekylær",
        "Dina",
        "F-2026-17",
        "Problem",
    ];
    for (case, referral) in accepted() {
        let (identified, pseudonymous) = (bundle(&referral, Face::Identified), bundle(&referral, Face::Pseudonymous));
        assert!(identified.contains(referral.patient.family_name.expose()), "{case}");
        for text in private {
            assert!(!pseudonymous.contains(text), "{case}: {text}");
        }
    }
}

/// New, change and cancel of one referral are versions of one resource about one patient.
#[test]
fn messages_of_one_referral_share_their_keys() {
    let referrals = accepted();
    let of = |case: &str| &referrals.iter().find(|(path, _)| path.ends_with(case)).unwrap().1;
    for (new, others) in
        [("videre-new", ["videre-change", "videre-cancel"]), ("v1.1-new", ["v1.1-change", "v1.1-cancel"])]
    {
        for other in others {
            assert_eq!(
                (&of(new).identity, &of(new).patient.identity),
                (&of(other).identity, &of(other).patient.identity)
            );
        }
    }
    assert_ne!(of("videre-new").identity, of("v1.1-new").identity);
}
