//! Examples of datatypes and `Timing.repeat`.

use super::Example;

pub(super) const EXAMPLES: &[Example] = &[
    (
        "ele-1",
        "",
        &[r#""x""#, "0", "false", r#"{"a":1}"#, r#"{"id":"a","_b":{"id":"c"}}"#],
        &["{}", r#"{"id":"a"}"#, r#"{"a":[]}"#, "null"],
    ),
    (
        "ext-1",
        "",
        &[
            r#"{"url":"u","valueString":"x"}"#,
            r#"{"url":"u","extension":[{"url":"v","valueCode":"x"}]}"#,
            r#"{"url":"u","_valueString":{"extension":[{"url":"v","valueCode":"x"}]}}"#,
        ],
        &[
            r#"{"url":"u"}"#,
            r#"{"url":"u","valueString":"x","extension":[{"url":"v","valueCode":"x"}]}"#,
            r#"{"url":"u","value":"x"}"#,
        ],
    ),
    ("att-1", "", &[r#"{"url":"u"}"#, r#"{"data":"AA==","contentType":"text/plain"}"#], &[r#"{"data":"AA=="}"#]),
    ("cpt-2", "", &[r#"{"system":"phone"}"#, r#"{"system":"phone","value":"1"}"#], &[r#"{"value":"1"}"#]),
    ("exp-1", "", &[r#"{"expression":"true"}"#, r#"{"reference":"u"}"#], &[r#"{"language":"text/fhirpath"}"#]),
    (
        "per-1",
        "",
        &[
            r#"{"start":"2026-01-01"}"#,
            r#"{"end":"2026-01-01"}"#,
            r#"{"start":"2026-01-01","end":"2026-01-01"}"#,
            r#"{"start":"2026-01-01T10:00:00+01:00","end":"2026-01-01T09:00:00Z"}"#,
            r#"{"start":"2026-01-15","end":"2026-01"}"#,
        ],
        &[
            r#"{"start":"2026-01-02","end":"2026-01-01"}"#,
            r#"{"start":"2027","end":"2026-12-31"}"#,
            r#"{"start":"2026-01-01T10:00:00Z","end":"2026-01-01T10:00:00+01:00"}"#,
        ],
    ),
    (
        "ref-1",
        "/subject",
        &[
            r##"{"subject":{"reference":"Patient/1"}}"##,
            r##"{"subject":{"display":"x"}}"##,
            r##"{"contained":[{"id":"a"}],"subject":{"reference":"#a"}}"##,
        ],
        &[
            r##"{"subject":{"reference":"#a"}}"##,
            r##"{"contained":[{"id":"b"}],"subject":{"reference":"#a"}}"##,
            r##"{"contained":[{"id":"b"}],"subject":{"reference":"#"}}"##,
        ],
    ),
    ("qty-3", "", &[r#"{"value":1}"#, r#"{"code":"g","system":"s"}"#], &[r#"{"value":1,"code":"g"}"#]),
    ("sqty-1", "", &[r#"{"value":1}"#], &[r#"{"value":1,"comparator":"<"}"#]),
    (
        "mqty-1",
        "",
        &[r#"{"value":1,"code":"NOK","system":"urn:iso:std:iso:4217"}"#, "{}"],
        &[r#"{"value":1}"#, r#"{"value":1,"code":"NOK","system":"http://unitsofmeasure.org"}"#],
    ),
    (
        "age-1",
        "",
        &[r#"{"value":0.5,"code":"a","system":"http://unitsofmeasure.org"}"#, r#"{"value":1,"code":"a"}"#, "{}"],
        &[
            r#"{"value":0,"code":"a"}"#,
            r#"{"value":-1,"code":"a"}"#,
            r#"{"value":1}"#,
            r#"{"value":1,"code":"a","system":"urn:iso:std:iso:4217"}"#,
        ],
    ),
    (
        "cnt-3",
        "",
        &[r#"{"value":3,"code":"1","system":"http://unitsofmeasure.org"}"#, "{}"],
        &[r#"{"value":3.0,"code":"1"}"#, r#"{"value":3,"code":"a"}"#, r#"{"value":3}"#, r#"{"system":"x"}"#],
    ),
    ("dis-1", "", &[r#"{"value":1,"code":"m"}"#, "{}"], &[r#"{"value":1}"#, r#"{"value":1,"code":"m","system":"x"}"#]),
    (
        "drt-1",
        "",
        &[r#"{"value":1,"code":"h","system":"http://unitsofmeasure.org"}"#, r#"{"value":1}"#],
        &[r#"{"value":1,"code":"h"}"#, r#"{"code":"h","system":"http://unitsofmeasure.org"}"#],
    ),
    (
        "rng-2",
        "",
        &[
            r#"{"low":{"value":1},"high":{"value":1.0}}"#,
            r#"{"low":{"value":140453136}}"#,
            r#"{"low":{"value":9},"high":{"value":10}}"#,
            r#"{"low":{"value":2,"system":"u","code":"mg"},"high":{"value":1,"system":"u","code":"g"}}"#,
        ],
        &[
            r#"{"low":{"value":2},"high":{"value":1}}"#,
            r#"{"low":{"value":10,"system":"u","code":"g"},"high":{"value":9,"system":"u","code":"g"}}"#,
        ],
    ),
    (
        "rat-1",
        "",
        &[r#"{"numerator":{"value":1},"denominator":{"value":2}}"#, r#"{"extension":[{"url":"u"}]}"#],
        &[
            r#"{"numerator":{"value":1}}"#,
            r#"{"denominator":{"value":1}}"#,
            "{}",
            r#"{"extension":[{"url":"u"}],"denominator":{"value":1}}"#,
        ],
    ),
    ("tim-1", "", &["{}", r#"{"duration":1,"durationUnit":"h"}"#], &[r#"{"duration":1}"#]),
    ("tim-2", "", &["{}", r#"{"period":1,"periodUnit":"d"}"#], &[r#"{"period":1}"#]),
    ("tim-4", "", &["{}", r#"{"duration":0}"#, r#"{"duration":0.5}"#], &[r#"{"duration":-0.5}"#]),
    ("tim-5", "", &["{}", r#"{"period":0}"#, r#"{"period":7}"#], &[r#"{"period":-7}"#]),
    ("tim-6", "", &["{}", r#"{"periodMax":2,"period":1}"#], &[r#"{"periodMax":2}"#]),
    ("tim-7", "", &["{}", r#"{"durationMax":2,"duration":1}"#], &[r#"{"durationMax":2}"#]),
    ("tim-8", "", &["{}", r#"{"countMax":2,"count":1}"#], &[r#"{"countMax":2}"#]),
    (
        "tim-9",
        "",
        &["{}", r#"{"offset":5,"when":["ACM"]}"#, r#"{"when":["C"]}"#],
        &[
            r#"{"offset":5}"#,
            r#"{"offset":5,"when":["C"]}"#,
            r#"{"offset":5,"when":["CM"]}"#,
            r#"{"offset":5,"when":["CD"]}"#,
            r#"{"offset":5,"when":["CV"]}"#,
        ],
    ),
    (
        "tim-10",
        "",
        &[r#"{"timeOfDay":["08:00:00"]}"#, r#"{"when":["HS"]}"#],
        &[r#"{"timeOfDay":["08:00:00"],"when":["HS"]}"#],
    ),
];
