//! Examples of the gateway's own profiles.

use super::Example;

macro_rules! url {
    (loinc) => {
        "http://loinc.org"
    };
    (gateway) => {
        "https://impress-gateway.example/fhir/CodeSystem/gateway-component"
    };
}

macro_rules! value {
    () => {
        ""
    };
    (quantity $number:literal) => {
        concat!(r#","valueQuantity":{"value":"#, $number, "}")
    };
    (boolean $known:literal) => {
        concat!(r#","valueBoolean":"#, $known)
    };
    (coding $code:literal) => {
        concat!(r#","valueCodeableConcept":{"coding":[{"code":""#, $code, r#""}]}"#)
    };
}

/// An Observation of components, each a system, a code and a value; the first has neither.
macro_rules! observation {
    ($($system:ident $code:literal ($($value:tt)*)),*) => {
        concat!(
            r#"{"component":[{}"#,
            $(r#",{"code":{"coding":[{"system":""#, url!($system), r#"","code":""#, $code, r#""}]}"#, value!($($value)*), "}",)*
            "]}"
        )
    };
}

/// An Observation of a code, and the rest of it.
macro_rules! coded {
    ($system:literal, $code:literal, $rest:literal) => {
        concat!(r#"{"code":{"coding":[{"system":""#, $system, r#"","code":""#, $code, r#""}]}"#, $rest, "}")
    };
}

macro_rules! tmb {
    ($rest:literal) => {
        coded!("http://loinc.org", "94076-7", $rest)
    };
}

macro_rules! msi {
    ($rest:literal) => {
        coded!("http://loinc.org", "81695-9", $rest)
    };
}

macro_rules! gis {
    ($rest:literal) => {
        coded!("https://impress-gateway.example/fhir/CodeSystem/gateway-biomarker", "genomic-instability-score", $rest)
    };
}

pub(super) const EXAMPLES: &[Example] = &[
    (
        "impress-patient-identified",
        "",
        &[
            r#"{"identifier":[{"value":"a"}]}"#,
            r#"{"name":[{"family":"a"}],"birthDate":"1970-01-01","gender":"female"}"#,
        ],
        &["{}", r#"{"name":[{"family":"a"}],"birthDate":"1970-01-01"}"#, r#"{"birthDate":"1970","gender":"male"}"#],
    ),
    (
        "impress-national-number-form",
        "",
        &["{}", r#"{"value":"00000000000"}"#],
        &[r#"{"value":"0000000000"}"#, r#"{"value":"000000000000"}"#, r#"{"value":"000000 0000"}"#],
    ),
    (
        "impress-no-national-number",
        "",
        &[
            "{}",
            r#"{"identifier":[{"system":"urn:oid:2.16.578.1.12.4.1.40","value":"1234567890"}]}"#,
            r#"{"id":"a-0000000-0000","identifier":[{"value":"000000 000000"},{"value":"A00000000000"}]}"#,
        ],
        &[
            r#"{"identifier":[{"system":"urn:oid:2.16.578.1.12.4.1.4.1"}]}"#,
            r#"{"identifier":[{"value":"a"},{"value":"00000000000"}]}"#,
            r#"{"identifier":[{"value":"000000 00000"}]}"#,
            r#"{"identifier":[{"value":" 000000-000.00 "}]}"#,
            r#"{"identifier":[{"value":"000000\u00a000000"}]}"#,
            r#"{"id":"000000-00000"}"#,
        ],
    ),
    (
        "impress-no-extension",
        "",
        &["{}", r#"{"identifier":[{"system":"u","value":"a"}],"meta":{"profile":["u"]}}"#],
        &[
            r#"{"extension":[{"url":"u"}]}"#,
            r#"{"birthDate":"1970","_birthDate":{"extension":[{"url":"u"}]}}"#,
            r#"{"identifier":[{"_value":{"extension":[{"url":"u"}]}}]}"#,
            r#"{"meta":{"profile":["u"],"_profile":[{"extension":[{"url":"u"}]}]}}"#,
        ],
    ),
    (
        "impress-year-only",
        "",
        &["{}", r#"{"birthDate":"1970"}"#, r#"{"_birthDate":{"extension":[{"url":"u"}]}}"#],
        &[r#"{"birthDate":"1970-01"}"#, r#"{"birthDate":"1970-01-01"}"#],
    ),
    (
        "impress-requester-uuid",
        "",
        &["{}", r#"{"value":"0123abcd-0000-4000-8000-0123456789AB"}"#],
        &[
            r#"{"value":"0123abcd00004000800001234567890a"}"#,
            r#"{"value":"0123abcg-0000-4000-8000-0123456789ab"}"#,
            r#"{"value":"0123abcd-0000-4000-8000-0123456789ab-"}"#,
            r#"{"value":"urn:uuid:0123abcd-0000-4000-8000-0123456789ab"}"#,
        ],
    ),
    ("impress-diagnosis-stated", "", &[r#"{"text":"a"}"#, r#"{"coding":[{"code":"a"}]}"#], &["{}", r#"{"id":"a"}"#]),
    (
        "impress-attachment-content",
        "",
        &[r#"{"data":"YQ=="}"#, r#"{"url":"Binary/a"}"#],
        &["{}", r#"{"contentType":"application/pdf"}"#],
    ),
    (
        "impress-cancelled-report",
        "",
        &[r#"{"status":"cancelled"}"#, r#"{"status":"final","result":[{"reference":"Observation/a"}]}"#],
        &[r#"{"status":"cancelled","result":[{"reference":"Observation/a"}]}"#],
    ),
    (
        "impress-vaf-range",
        "/component/1",
        &[
            observation![loinc "81258-6" ()],
            observation![loinc "81258-6" (quantity 0)],
            observation![loinc "81258-6" (quantity 1.0)],
        ],
        &[observation![loinc "81258-6" (quantity 1.01)], observation![loinc "81258-6" (quantity -0.1)]],
    ),
    (
        "impress-percent-range",
        "",
        &["{}", r#"{"valueQuantity":{"value":0}}"#, r#"{"valueQuantity":{"value":100.0}}"#],
        &[r#"{"valueQuantity":{"value":100.1}}"#, r#"{"valueQuantity":{"value":-1}}"#],
    ),
    (
        "impress-count",
        "",
        &[
            "{}",
            r#"{"valueQuantity":{"code":"a"}}"#,
            r#"{"valueQuantity":{"value":0}}"#,
            r#"{"valueQuantity":{"value":12.0}}"#,
            r#"{"valueQuantity":{"value":1.25e2}}"#,
        ],
        &[
            r#"{"valueQuantity":{"value":-5}}"#,
            r#"{"valueQuantity":{"value":12.5}}"#,
            r#"{"valueQuantity":{"value":125e-2}}"#,
        ],
    ),
    (
        "impress-not-negative",
        "",
        &["{}", r#"{"valueQuantity":{"value":0.0}}"#, r#"{"valueQuantity":{"value":1.5}}"#],
        &[r#"{"valueQuantity":{"value":-0.1}}"#],
    ),
    (
        "impress-position",
        "",
        &["{}", r#"{"valueRange":{"low":{"value":0}}}"#, r#"{"valueRange":{"low":{"value":5},"high":{"value":9.0}}}"#],
        &[
            r#"{"valueRange":{"low":{"value":-10}}}"#,
            r#"{"valueRange":{"low":{"value":-10},"high":{"value":9}}}"#,
            r#"{"valueRange":{"low":{"value":5},"high":{"value":9.5}}}"#,
        ],
    ),
    (
        "impress-one-gene",
        "",
        &[
            r#"{"valueCodeableConcept":{"text":"a"}}"#,
            r#"{"valueCodeableConcept":{"coding":[{"system":"http://www.genenames.org","code":"HGNC:1"},{"system":"http://www.genenames.org","code":"HGNC:1"},{"system":"http://loinc.org","code":"a"}]}}"#,
        ],
        &[
            r#"{"valueCodeableConcept":{"coding":[{"system":"http://www.genenames.org","code":"HGNC:1"},{"system":"http://www.genenames.org","code":"HGNC:2"}]}}"#,
        ],
    ),
    (
        "impress-one-answer",
        "",
        &[
            r#"{"valueCodeableConcept":{"text":"a"}}"#,
            r#"{"valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA9633-4"},{"system":"http://example.org/own","code":"b"}]}}"#,
        ],
        &[
            r#"{"valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA9633-4"},{"system":"http://loinc.org","code":"LA9634-2"}]}}"#,
        ],
    ),
    (
        "impress-variant-defined",
        "",
        &[
            observation![loinc "48004-6" ()],
            observation![loinc "81290-9" ()],
            observation![loinc "48005-3" ()],
            observation![loinc "81254-5" (), loinc "69547-8" (), loinc "69551-0" ()],
        ],
        &["{}", observation![gateway "48004-6" ()], observation![loinc "81254-5" (), loinc "69547-8" ()]],
    ),
    (
        "impress-coordinate-system",
        "",
        &["{}", observation![loinc "81254-5" (), loinc "92822-6" ()]],
        &[
            observation![loinc "81254-5" ()],
            observation![loinc "81301-4" ()],
            observation![loinc "81302-2" (), gateway "92822-6" ()],
        ],
    ),
    (
        "impress-allele-depth",
        "",
        &[
            observation![loinc "82121-5" (quantity 10)],
            observation![loinc "82121-5" (quantity 10), gateway "total-read-depth" ()],
            observation![loinc "82121-5" (quantity 10), gateway "total-read-depth" (quantity 10.0)],
        ],
        &[observation![loinc "82121-5" (quantity 11), gateway "total-read-depth" (quantity 10)]],
    ),
    (
        "impress-not-total-depth",
        "",
        &[
            observation![loinc "82121-5" (quantity 9), gateway "total-read-depth" (quantity 9)],
            observation![loinc "82121-5" (quantity 9), gateway "total-read-depth" (quantity 9), loinc "81258-6" (quantity 0.50)],
            observation![loinc "82121-5" (quantity 4), gateway "total-read-depth" (quantity 9), loinc "81258-6" (quantity 0.44)],
        ],
        &[
            observation![loinc "82121-5" (quantity 9), gateway "total-read-depth" (quantity 9), loinc "81258-6" (quantity 0.49)],
        ],
    ),
    (
        "impress-copy-number-stated",
        "",
        &[observation![loinc "48019-4" ()], observation![loinc "82155-3" ()], observation![gateway "fold-change" ()]],
        &["{}", observation![gateway "minor-copy-number" ()]],
    ),
    (
        "impress-fold-change",
        "",
        &[
            observation![loinc "82155-3" (quantity 2)],
            observation![loinc "82155-3" (quantity 0), gateway "fold-change" (quantity 0)],
            observation![loinc "82155-3" (quantity 6), gateway "fold-change" (quantity 2.2)],
        ],
        &[observation![loinc "82155-3" (quantity 2.2), gateway "fold-change" (quantity 2.20)]],
    ),
    (
        "impress-minor-copy-number",
        "",
        &[
            observation![gateway "minor-copy-number" (quantity 2)],
            observation![loinc "82155-3" (quantity 2), gateway "minor-copy-number" (quantity 2)],
        ],
        &[observation![loinc "82155-3" (quantity 1), gateway "minor-copy-number" (quantity 2)]],
    ),
    (
        "impress-fusion-direction",
        "",
        &[
            observation![gateway "direction-known" (boolean false), gateway "five-prime-partner" (), gateway "three-prime-partner" ()],
            observation![gateway "direction-known" (boolean true), gateway "five-prime-partner" ()],
            observation![gateway "direction-known" (boolean true), gateway "three-prime-partner" ()],
            observation![gateway "direction-known" (boolean true), gateway "five-prime-partner" (), gateway "three-prime-partner" (), loinc "95123-6" ()],
        ],
        &[
            observation![gateway "direction-known" (boolean true), gateway "five-prime-partner" (), gateway "three-prime-partner" ()],
        ],
    ),
    (
        "impress-fusion-no-direction",
        "",
        &[
            "{}",
            observation![gateway "direction-known" (boolean false)],
            observation![gateway "direction-known" (boolean true), gateway "five-prime-partner" (), loinc "95123-6" ()],
        ],
        &[
            observation![gateway "direction-known" (boolean false), loinc "95123-6" ()],
            observation![gateway "direction-known" (boolean false), gateway "five-prime-partner" ()],
            observation![gateway "three-prime-partner" ()],
        ],
    ),
    (
        "impress-fusion-designation",
        "",
        &["{}", r#"{"valueCodeableConcept":{"text":"A::B"}}"#, r#"{"valueCodeableConcept":{"coding":[{"code":"a"}]}}"#],
        &[
            r#"{"valueCodeableConcept":{"text":"A-B"}}"#,
            r#"{"valueCodeableConcept":{"text":"::B"}}"#,
            r#"{"valueCodeableConcept":{"text":"A::"}}"#,
            r#"{"valueCodeableConcept":{"text":"A:::B"}}"#,
            r#"{"valueCodeableConcept":{"text":"A::B::C"}}"#,
        ],
    ),
    (
        "impress-fusion-change-type",
        "",
        &[
            "{}",
            observation![loinc "48019-4" (coding "SO:0000199")],
            observation![loinc "48018-6" (coding "SO:0001565")],
        ],
        &[observation![loinc "48019-4" (coding "SO:0001565")]],
    ),
    (
        "impress-tmb-value",
        "",
        &[
            "{}",
            tmb!(r#","valueQuantity":{"value":0,"system":"http://unitsofmeasure.org","code":"1/1000000{Base}"}"#),
            tmb!(r#","dataAbsentReason":{"text":"a"}"#),
        ],
        &[
            tmb!(""),
            tmb!(r#","valueQuantity":{"value":-1,"system":"http://unitsofmeasure.org","code":"1/1000000{Base}"}"#),
            tmb!(r#","valueQuantity":{"system":"http://unitsofmeasure.org","code":"1/1000000{Base}"}"#),
            tmb!(r#","valueQuantity":{"value":7,"system":"http://unitsofmeasure.org","code":"1"}"#),
            tmb!(r#","valueString":"7","dataAbsentReason":{"text":"a"}"#),
        ],
    ),
    (
        "impress-msi-value",
        "",
        &[r#"{"valueQuantity":{"value":1}}"#, msi!(""), msi!(r#","valueCodeableConcept":{"text":"stable"}"#)],
        &[msi!(r#","valueQuantity":{"value":1}"#)],
    ),
    (
        "impress-gis-value",
        "",
        &[
            "{}",
            gis!(r#","valueQuantity":{"value":42,"system":"http://unitsofmeasure.org","code":"{score}"}"#),
            gis!(r#","dataAbsentReason":{"text":"a"}"#),
        ],
        &[gis!(""), gis!(r#","valueQuantity":{"value":42,"system":"http://unitsofmeasure.org","code":"%"}"#)],
    ),
    (
        "impress-msi-sites",
        "",
        &[
            observation![gateway "unstable-msi-sites" (quantity 3)],
            observation![gateway "usable-msi-sites" (quantity 100), gateway "unstable-msi-sites" (quantity 100)],
        ],
        &[observation![gateway "usable-msi-sites" (quantity 9), gateway "unstable-msi-sites" (quantity 10)]],
    ),
];
