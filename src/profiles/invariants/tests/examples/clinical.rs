//! Examples of resources.

use super::Example;

pub(super) const EXAMPLES: &[Example] = &[
    (
        "dom-2",
        "",
        &["{}", r#"{"contained":[{"id":"a"}]}"#],
        &[r#"{"contained":[{"id":"a","contained":[{"id":"b"}]}]}"#],
    ),
    (
        "dom-3",
        "",
        &[
            "{}",
            r##"{"contained":[{"id":"a"}],"subject":{"reference":"#a"}}"##,
            r##"{"contained":[{"id":"a"}],"instantiatesCanonical":["#a"]}"##,
            r##"{"contained":[{"id":"a","subject":{"reference":"#"}}]}"##,
            r##"{"contained":[{"id":"a"},{"id":"b","subject":{"reference":"#a"}}],"focus":{"reference":"#b"}}"##,
            r##"{"contained":[{"resourceType":"Patient"}]}"##,
        ],
        &[
            r##"{"contained":[{"id":"a"}]}"##,
            r##"{"contained":[{"id":"a"}],"subject":{"reference":"#b"}}"##,
            r##"{"contained":[{"id":"a"}],"subject":{"reference":"a"}}"##,
        ],
    ),
    (
        "dom-4",
        "",
        &["{}", r#"{"contained":[{"meta":{"profile":["p"]}}]}"#],
        &[
            r#"{"contained":[{"meta":{"versionId":"1"}}]}"#,
            r#"{"contained":[{},{"meta":{"lastUpdated":"2026-01-01T00:00:00Z"}}]}"#,
        ],
    ),
    (
        "dom-5",
        "",
        &["{}", r#"{"contained":[{"meta":{"tag":[{"code":"a"}]}}]}"#],
        &[r#"{"contained":[{"meta":{"security":[{"code":"R"}]}}]}"#],
    ),
    (
        "inv-1",
        "",
        &[
            r#"{"name":"a","valueString":"x"}"#,
            r#"{"name":"a","resource":{"resourceType":"Patient"}}"#,
            r#"{"name":"a","part":[{"name":"b","valueString":"x"}]}"#,
            r#"{"resourceType":"Task","authoredOn":"2026-01-01"}"#,
            r#"{"resourceType":"Task","authoredOn":"2026-01-01","lastModified":"2026-01-01"}"#,
        ],
        &[
            r#"{"name":"a"}"#,
            r#"{"name":"a","valueString":"x","resource":{"resourceType":"Patient"}}"#,
            r#"{"name":"a","valueString":"x","part":[{"name":"b","valueString":"x"}]}"#,
            r#"{"name":"a","resource":{"resourceType":"Patient"},"part":[{"name":"b","valueString":"x"}]}"#,
            r#"{"resourceType":"Task","authoredOn":"2026-01-02","lastModified":"2026-01-01"}"#,
        ],
    ),
    (
        "lst-1",
        "",
        &[r#"{"entry":[{"item":{"display":"x"}}]}"#, r#"{"emptyReason":{"text":"x"}}"#],
        &[r#"{"emptyReason":{"text":"x"},"entry":[{"item":{"display":"x"}}]}"#],
    ),
    (
        "lst-2",
        "",
        &[r#"{"mode":"changes","entry":[{"deleted":true}]}"#, r#"{"mode":"working","entry":[{}]}"#],
        &[r#"{"mode":"working","entry":[{"deleted":true}]}"#],
    ),
    (
        "lst-3",
        "",
        &[r#"{"mode":"working","entry":[{"date":"2026"}]}"#, r#"{"mode":"changes","entry":[{}]}"#],
        &[r#"{"mode":"changes","entry":[{"date":"2026"}]}"#],
    ),
    (
        "grp-1",
        "",
        &[r#"{"actual":false}"#, r#"{"actual":true,"member":[{"entity":{"display":"x"}}]}"#],
        &[r#"{"actual":false,"member":[{"entity":{"display":"x"}}]}"#],
    ),
    ("sev-1", "", &[r#"{"name":"a"}"#, r#"{"query":"YQ=="}"#], &[r#"{"name":"a","query":"YQ=="}"#]),
    (
        "con-1",
        "",
        &[r#"{"summary":{"text":"x"}}"#, r#"{"assessment":[{"display":"x"}]}"#],
        &[r#"{"type":{"text":"x"}}"#],
    ),
    ("con-2", "", &[r#"{"code":[{"text":"x"}]}"#, r#"{"detail":[{"display":"x"}]}"#], &[r#"{"id":"a"}"#]),
    (
        "con-4",
        "",
        &[
            "{}",
            r#"{"abatementDateTime":"2026","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"remission"}]}}"#,
            r#"{"abatementDateTime":"2026","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]}}"#,
            r#"{"abatementDateTime":"2026","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"inactive"}]}}"#,
        ],
        &[
            r#"{"abatementString":"x"}"#,
            r#"{"abatementDateTime":"2026","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}}"#,
            r#"{"abatementDateTime":"2026","clinicalStatus":{"coding":[{"system":"x","code":"resolved"}]}}"#,
        ],
    ),
    (
        "con-5",
        "",
        &[
            r#"{"clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]}}"#,
            r#"{"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]}}"#,
        ],
        &[
            r#"{"clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]}}"#,
        ],
    ),
    (
        "cpl-3",
        "",
        &[r#"{"detail":{"status":"scheduled"}}"#, r#"{"reference":{"display":"x"}}"#],
        &[r#"{"detail":{"status":"scheduled"},"reference":{"display":"x"}}"#],
    ),
    ("mad-1", "", &[r#"{"dose":{"value":1}}"#, r#"{"rateQuantity":{"value":1}}"#], &[r#"{"text":"x"}"#]),
    (
        "obs-3",
        "",
        &[r#"{"low":{"value":1}}"#, r#"{"high":{"value":1}}"#, r#"{"text":"x"}"#],
        &[r#"{"type":{"text":"x"}}"#],
    ),
    (
        "obs-6",
        "",
        &[r#"{"valueString":"x"}"#, r#"{"dataAbsentReason":{"text":"x"}}"#],
        &[r#"{"valueString":"x","dataAbsentReason":{"text":"x"}}"#],
    ),
    (
        "obs-7",
        "",
        &[
            r#"{"code":{"coding":[{"system":"s","code":"a"}]},"valueString":"x","component":[{"code":{"coding":[{"system":"s","code":"b"}]}}]}"#,
            r#"{"code":{"coding":[{"system":"s","code":"a"}]},"component":[{"code":{"coding":[{"system":"s","code":"a"}]}}]}"#,
            r#"{"code":{"coding":[{"system":"s","code":"a"}]},"valueString":"x","component":[{"code":{"coding":[{"system":"t","code":"a"}]}}]}"#,
        ],
        &[
            r#"{"code":{"coding":[{"system":"s","code":"a"}]},"valueString":"x","component":[{"code":{"text":"x"}},{"code":{"coding":[{"code":"a","system":"s"}]}}]}"#,
        ],
    ),
    ("org-1", "", &[r#"{"name":"x"}"#, r#"{"identifier":[{"value":"1"}]}"#], &[r#"{"active":true}"#]),
    ("org-2", "", &[r#"{"use":"work"}"#, "{}"], &[r#"{"use":"home"}"#]),
    ("org-3", "", &[r#"{"use":"work"}"#, "{}"], &[r#"{"use":"home"}"#]),
    (
        "pat-1",
        "",
        &[
            r#"{"name":{"text":"x"}}"#,
            r#"{"telecom":[{"system":"phone"}]}"#,
            r#"{"address":{"text":"x"}}"#,
            r#"{"organization":{"display":"x"}}"#,
        ],
        &[r#"{"gender":"female"}"#],
    ),
    ("ppc-1", "", &[r#"{"policy":[{"uri":"u"}]}"#, r#"{"policyRule":{"text":"x"}}"#], &[r#"{"status":"active"}"#]),
    (
        "ppc-2",
        "",
        &[
            r#"{"patient":{"display":"x"},"scope":{"coding":[{"system":"something","code":"patient-privacy"}]}}"#,
            r#"{"scope":{"coding":[{"system":"s","code":"patient-privacy"}]}}"#,
        ],
        &[r#"{"scope":{"coding":[{"system":"something","code":"patient-privacy"}]}}"#],
    ),
    (
        "ppc-3",
        "",
        &[r#"{"patient":{"display":"x"},"scope":{"coding":[{"system":"something","code":"research"}]}}"#],
        &[r#"{"scope":{"coding":[{"system":"something","code":"research"}]}}"#],
    ),
    (
        "ppc-4",
        "",
        &[r#"{"patient":{"display":"x"},"scope":{"coding":[{"system":"something","code":"adr"}]}}"#],
        &[r#"{"scope":{"coding":[{"system":"something","code":"adr"}]}}"#],
    ),
    (
        "ppc-5",
        "",
        &[r#"{"patient":{"display":"x"},"scope":{"coding":[{"system":"something","code":"treatment"}]}}"#],
        &[r#"{"scope":{"coding":[{"system":"something","code":"treatment"}]}}"#],
    ),
    (
        "prr-1",
        "",
        &["{}", r#"{"orderDetail":[{"text":"x"}],"code":{"text":"x"}}"#],
        &[r#"{"orderDetail":[{"text":"x"}]}"#],
    ),
];
