//! Names and numbers in the genomic resources of a referral.

use impress_gateway::domain::ids::Identity;
use impress_gateway::sources::ehr_fhir::Genomic;
use impress_gateway::sources::ehr_fhir::genomics::pseudonymous;
use serde_json::{Value, json};

use super::HOSTILE;

const LOINC: &str = "http://loinc.org";
const STRUCTURE: &str = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition";

/// What the trial sees of a resource.
fn shown(resource: Value) -> Value {
    let kind = resource["resourceType"].as_str().unwrap().to_owned();
    let identity = Identity::new("x", "genomics", &["1"]);
    let all = [Genomic { identity, kind, resource, links: Vec::new() }];
    let mut shown = pseudonymous(&all, &|_, _| "id".to_owned());
    shown.pop().map(|(_, resource)| resource).unwrap_or_default()
}

/// An Observation that is no variant, with more elements.
fn observation(more: &Value) -> Value {
    let mut resource = json!({"resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "94076-7"}]}});
    resource.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource
}

fn component(code: &str, name: &str, value: &Value) -> Value {
    observation(&json!({"component": [{"code": {"coding": [{"system": LOINC, "code": code}]}, name: value}]}))
}

#[test]
fn bases_are_shown_as_alleles_alone() {
    // LOINC 69547-8: reference allele, 69551-0: alternative allele.
    for code in ["69547-8", "69551-0"] {
        let of =
            |text: &str| shown(component(code, "valueString", &json!(text)))["component"][0]["valueString"].clone();
        assert_eq!(of("GATTACA"), "GATTACA");
        for name in ["Gunn", "GUNN", "Anna", "ANNA", "Tanna", "gatt", "Cat-", "", "N", "GA TT"] {
            assert_eq!(of(name), Value::Null, "{name}");
        }
    }
    // LOINC 48018-6: the gene. Its words are the sender's.
    assert_eq!(shown(component("48018-6", "valueString", &json!("CAT"))).get("component"), None);
    assert_eq!(shown(observation(&json!({"valueString": "CAT"}))).get("valueString"), None);
}

#[test]
fn only_published_profiles_are_named() {
    let of = |profiles: Value| shown(observation(&json!({"meta": {"profile": profiles}}))).get("meta").cloned();
    let variant = format!("{STRUCTURE}/variant");
    assert_eq!(of(json!([variant, "https://danser.example/x"])), Some(json!({"profile": [variant]})));
    for url in
        ["https://danser.example/x", &format!("{STRUCTURE}/variant-danser"), &format!("{STRUCTURE}/variant|Danser")]
    {
        assert_eq!(of(json!([url])), None, "{url}");
    }
}

#[test]
fn no_element_takes_a_person_to_the_trial() {
    for value in HOSTILE {
        let coding = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code, "display": value}]});
        let quantity = |more: Value| {
            let mut quantity = json!({"value": 6});
            quantity.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            quantity
        };
        let ucum = "http://unitsofmeasure.org";
        let resources = [
            observation(&json!({"status": value})),
            observation(&json!({"method": coding(LOINC, value)})),
            observation(&json!({"method": coding(&format!("{LOINC}/{value}"), "94076-7")})),
            observation(&json!({"method": coding("http://terminology.hl7.org/CodeSystem/danser", value)})),
            observation(&json!({"interpretation": [coding("http://snomed.info/sct", value)]})),
            observation(&json!({"valueCodeableConcept": coding("http://varnomen.hgvs.org", value)})),
            observation(&json!({"valueCodeableConcept":
                coding("http://varnomen.hgvs.org", &format!("NM_004333.4:c.{value}"))})),
            observation(&json!({"valueQuantity": quantity(json!({"system": value}))})),
            observation(&json!({"valueQuantity": quantity(json!({"unit": value}))})),
            observation(&json!({"valueQuantity": quantity(json!({"comparator": value}))})),
            observation(&json!({"valueQuantity": quantity(json!({"system": ucum, "code": format!("{{{value}}}")}))})),
            observation(&json!({"valueQuantity": {"value": 5_898_597_468_u64}})),
            observation(&json!({"valueRange": {"low": {"value": 1}, "high": quantity(json!({"unit": value}))}})),
            observation(&json!({"subject": {"reference": format!("Patient/{value}"), "display": value}})),
            observation(&json!({"hasMember": [{"reference": format!("Observation/{value}")}]})),
            observation(&json!({"text": {"div": value}, "note": [{"text": value}], "language": value})),
            observation(&json!({"extension": [{"url": value, "valueString": value}]})),
            component("48018-6", "valueDateTime", &json!(value)),
            component("48018-6", "valueString", &json!(value)),
            component("48018-6", "valueCodeableConcept", &json!({"text": value})),
            component("48018-6", "valueCodeableConcept", &coding("http://www.genenames.org", value)),
            component("48018-6", "valueCodeableConcept", &coding("http://www.ncbi.nlm.nih.gov/danser", value)),
        ];
        for resource in resources {
            let text = shown(resource.clone()).to_string();
            for hidden in [value, "danser", "5898597468"] {
                assert!(!text.contains(hidden), "{resource}: {text}");
            }
        }
    }
}
