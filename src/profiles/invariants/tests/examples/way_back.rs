//! Examples of the profiles of the way back: cohorts, patients in the trial, tasks, evaluations, subscriptions.

use super::Example;

/// A study with a status, a two-stage design of these parts, and the rest of it.
macro_rules! study {
    ($status:literal, $parts:literal, $rest:literal) => {
        concat!(
            r#"{"status":""#,
            $status,
            r#"","extension":[{"url":"https://impress-gateway.example/fhir/StructureDefinition/gateway-two-stage","extension":["#,
            $parts,
            "]}]",
            $rest,
            "}"
        )
    };
}

macro_rules! stage {
    ($status:literal, $stage:literal) => {
        concat!(
            r#"{"status":""#,
            $status,
            r#"","extension":[{"url":"https://impress-gateway.example/fhir/StructureDefinition/gateway-two-stage","extension":[{"url":"stage","valueCode":""#,
            $stage,
            r#""}]}]}"#
        )
    };
}

macro_rules! slots {
    ($status:literal, $open:literal) => {
        concat!(
            r#"{"status":""#,
            $status,
            r#"","extension":[{"url":"https://impress-gateway.example/fhir/StructureDefinition/gateway-slots-open","valueBoolean":"#,
            $open,
            "}]}"
        )
    };
}

macro_rules! design {
    ($r1:literal, $n1:literal, $r:literal, $n:literal) => {
        concat!(
            r#"{"extension":[{"url":"r1","valueUnsignedInt":"#,
            $r1,
            r#"},{"url":"n1","valuePositiveInt":"#,
            $n1,
            r#"},{"url":"r","valueUnsignedInt":"#,
            $r,
            r#"},{"url":"n","valuePositiveInt":"#,
            $n,
            "}]}"
        )
    };
}

macro_rules! state {
    ($status:literal, $state:literal) => {
        concat!(
            r#"{"status":""#,
            $status,
            r#"","extension":[{"url":"https://impress-gateway.example/fhir/StructureDefinition/gateway-subject-state","valueCode":""#,
            $state,
            r#""}]}"#
        )
    };
}

/// A subject with one entry in its history, and the rest of that entry.
macro_rules! progress {
    ($status:literal, $state:literal, $rest:literal) => {
        concat!(
            r#"{"status":""#,
            $status,
            r#"","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress","extension":[{"url":"subjectState","valueCodeableConcept":{"coding":[{"code":""#,
            $state,
            r#""}]}}"#,
            $rest,
            "]}]}"
        )
    };
}

macro_rules! referral {
    ($status:literal, $code:literal) => {
        concat!(
            r#"{"status":""#,
            $status,
            r#"","businessStatus":{"coding":[{"system":"https://impress-gateway.example/fhir/CodeSystem/gateway-referral-status","code":""#,
            $code,
            r#""}]}}"#
        )
    };
}

/// An evaluation with a value, these responses, and the rest of it.
macro_rules! evaluation {
    ($value:literal $(, $response:literal)*; disagree $flag:literal) => {
        evaluation!($value $(, $response)*;
            r#",{"code":{"coding":[{"system":"https://impress-gateway.example/fhir/CodeSystem/gateway-evaluation","code":"criteria-disagree"}]},"valueBoolean":"#, $flag, "}")
    };
    ($value:literal $(, $response:literal)*; $($rest:literal),*) => {
        concat!(
            r#"{"valueBoolean":"#, $value, r#","component":[{}"#,
            $(r#",{"valueCodeableConcept":{"coding":[{"system":"https://impress-gateway.example/fhir/CodeSystem/gateway-response","code":""#, $response, r#""}]}}"#,)*
            $($rest,)* "]}"
        )
    };
}

pub(super) const EXAMPLES: &[Example] = &[
    (
        "impress-cohort-stage",
        "",
        &[
            "{}",
            stage!("approved", "planned"),
            stage!("active", "open-stage1"),
            stage!("active", "open-stage2"),
            stage!("active", "expansion"),
            stage!("temporarily-closed-to-accrual", "interim-hold"),
            stage!("temporarily-closed-to-accrual", "suspended"),
            stage!("temporarily-closed-to-accrual-and-intervention", "suspended"),
            stage!("closed-to-accrual", "closed-futility"),
            stage!("completed", "closed-futility"),
            stage!("closed-to-accrual", "complete"),
            stage!("completed", "closed-no-signal"),
            stage!("withdrawn", "closed"),
        ],
        &[
            stage!("active", "planned"),
            stage!("active", "interim-hold"),
            stage!("active", "suspended"),
            stage!("active", "closed-futility"),
            stage!("active", "complete"),
            stage!("active", "closed"),
            stage!("approved", "open-stage1"),
            stage!("temporarily-closed-to-accrual", "open-stage2"),
            stage!("closed-to-accrual", "expansion"),
            stage!("temporarily-closed-to-accrual-and-intervention", "interim-hold"),
            stage!("closed-to-accrual", "suspended"),
            stage!("withdrawn", "closed-futility"),
            stage!("active", "unheard-of"),
        ],
    ),
    (
        "impress-cohort-reason",
        "",
        &[
            "{}",
            r#"{"status":"active"}"#,
            r#"{"status":"completed"}"#,
            r#"{"status":"closed-to-accrual","reasonStopped":{"text":"a"}}"#,
        ],
        &[
            r#"{"status":"closed-to-accrual"}"#,
            r#"{"status":"closed-to-accrual-and-intervention"}"#,
            r#"{"status":"temporarily-closed-to-accrual"}"#,
            r#"{"status":"temporarily-closed-to-accrual-and-intervention"}"#,
        ],
    ),
    (
        "impress-slots-status",
        "",
        &["{}", slots!("active", true), slots!("active", false), slots!("completed", false)],
        &[slots!("approved", true), slots!("temporarily-closed-to-accrual", true), slots!("completed", true)],
    ),
    (
        "impress-two-stage-design",
        "",
        &["{}", design!(0, 8, 4, 24), design!(0, 8, 0, 8), design!(3, 8, 3, 24)],
        &[design!(8, 8, 9, 24), design!(0, 25, 4, 24), design!(4, 8, 3, 24), design!(0, 8, 24, 24)],
    ),
    (
        "impress-two-stage-counts",
        "",
        &[
            "{}",
            r#"{"extension":[{"url":"evaluable","valueUnsignedInt":8}]}"#,
            r#"{"extension":[{"url":"benefit","valueUnsignedInt":8},{"url":"evaluable","valueUnsignedInt":8}]}"#,
        ],
        &[
            r#"{"extension":[{"url":"benefit","valueUnsignedInt":0}]}"#,
            r#"{"extension":[{"url":"evaluable","valueUnsignedInt":8},{"url":"benefit","valueUnsignedInt":9}]}"#,
        ],
    ),
    (
        "impress-no-interim-counts",
        "",
        &["{}", study!("active", r#"{"url":"n1","valuePositiveInt":8}"#, "")],
        &[
            study!("active", r#"{"url":"n1","valuePositiveInt":8},{"url":"evaluable","valueUnsignedInt":3}"#, ""),
            study!("active", r#"{"url":"benefit","valueUnsignedInt":0}"#, r#","title":"a""#),
        ],
    ),
    (
        "impress-subject-status",
        "",
        &[
            "{}",
            state!("potential-candidate", "referred"),
            state!("screening", "screening"),
            state!("ineligible", "no-match"),
            state!("candidate", "matched"),
            state!("eligible", "offered"),
            state!("pending-on-study", "accepted"),
            state!("on-study-intervention", "on-treatment"),
            state!("follow-up", "follow-up"),
            state!("off-study", "off-study"),
            state!("withdrawn", "withdrawn"),
            state!("withdrawn", "offer-declined"),
            state!("not-registered", "not-consented"),
            state!("not-registered", "not-prioritised"),
            state!("not-registered", "offer-expired"),
        ],
        &[
            state!("candidate", "referred"),
            state!("on-study", "on-treatment"),
            state!("withdrawn", "off-study"),
            state!("off-study", "withdrawn"),
            state!("ineligible", "not-prioritised"),
            state!("eligible", "offer-expired"),
            state!("screening", "unheard-of"),
        ],
    ),
    (
        "impress-off-study-reason",
        "",
        &[
            "{}",
            progress!("screening", "off-study", ""),
            progress!("off-study", "off-study", r#",{"url":"reason","valueCodeableConcept":{"text":"a"}}"#),
        ],
        &[
            r#"{"status":"off-study"}"#,
            progress!("off-study", "off-study", ""),
            progress!("off-study", "follow-up", r#",{"url":"reason","valueCodeableConcept":{"text":"a"}}"#),
        ],
    ),
    (
        "impress-withdrawn-before-registration",
        "",
        &["{}", progress!("withdrawn", "eligible", ""), progress!("off-study", "on-study-intervention", "")],
        &[
            progress!("withdrawn", "on-study", ""),
            progress!("withdrawn", "on-study-intervention", ""),
            progress!("withdrawn", "on-study-observation", ""),
            progress!("withdrawn", "follow-up", ""),
            progress!("withdrawn", "off-study", ""),
        ],
    ),
    (
        "impress-task-reason",
        "",
        &["{}", r#"{"status":"in-progress"}"#, r#"{"status":"rejected","statusReason":{"text":"a"}}"#],
        &[r#"{"status":"rejected"}"#, r#"{"status":"cancelled"}"#, r#"{"status":"failed"}"#, r#"{"status":"on-hold"}"#],
    ),
    (
        "impress-task-closed",
        "",
        &[
            "{}",
            referral!("in-progress", "screening"),
            referral!("rejected", "rejected"),
            referral!("cancelled", "cancelled"),
        ],
        &[referral!("in-progress", "rejected"), referral!("rejected", "cancelled")],
    ),
    (
        "impress-evaluation-stated",
        "",
        &[r#"{"valueBoolean":false}"#, r#"{"dataAbsentReason":{"text":"a"}}"#],
        &["{}", r#"{"status":"final"}"#],
    ),
    (
        "impress-control-response",
        "",
        &[
            "{}",
            evaluation!(false; ""),
            evaluation!(true, "stable-disease"; ""),
            evaluation!(true, "progressive-disease", "partial-response"; ""),
        ],
        &[
            evaluation!(true; ""),
            evaluation!(true, "progressive-disease"; ""),
            evaluation!(true, "not-evaluable"; ""),
            evaluation!(true, "unconfirmed-progression"; ""),
        ],
    ),
    (
        "impress-no-control-response",
        "",
        &[
            "{}",
            evaluation!(true; ""),
            evaluation!(false, "progressive-disease"; ""),
            evaluation!(false, "confirmed-progression"; ""),
        ],
        &[
            evaluation!(false; ""),
            evaluation!(false, "stable-disease"; ""),
            evaluation!(false, "not-evaluable"; ""),
            evaluation!(false, "unconfirmed-progression"; ""),
        ],
    ),
    (
        "impress-disagreement",
        "",
        &[
            "{}",
            evaluation!(true, "stable-disease", "partial-response"; ""),
            evaluation!(true, "stable-disease", "progressive-disease"; disagree true),
        ],
        &[
            evaluation!(true, "stable-disease", "progressive-disease"; ""),
            evaluation!(true, "stable-disease", "progressive-disease"; disagree false),
        ],
    ),
    ("impress-has-value", "/criteria", &[r#"{"criteria":"a"}"#], &[r#"{"criteria":null,"_criteria":{"id":"a"}}"#]),
    (
        "impress-topic",
        "/criteria",
        &[
            r#"{"criteria":"https://impress-gateway.example/fhir/SubscriptionTopic/enrolment-changed"}"#,
            r#"{"criteria":"https://impress-gateway.example/fhir/SubscriptionTopic/cohort-status-changed"}"#,
            r#"{"criteria":"https://impress-gateway.example/fhir/SubscriptionTopic/report-available"}"#,
            r#"{"criteria":"https://impress-gateway.example/fhir/SubscriptionTopic/referral-status-changed"}"#,
        ],
        &[
            r#"{"criteria":"ResearchSubject?status=screening"}"#,
            r#"{"criteria":"https://impress-gateway.example/fhir/SubscriptionTopic/unheard-of"}"#,
        ],
    ),
    (
        "impress-parameter-topic",
        "",
        &["{}", r#"{"valueCanonical":"https://impress-gateway.example/fhir/SubscriptionTopic/enrolment-changed"}"#],
        &[r#"{"valueCanonical":"https://impress-gateway.example/fhir/SubscriptionTopic/unheard-of"}"#],
    ),
    (
        "impress-event-number",
        "",
        &["{}", r#"{"valueString":"0"}"#, r#"{"valueString":"42"}"#],
        &[r#"{"valueString":""}"#, r#"{"valueString":"-1"}"#, r#"{"valueString":"1.0"}"#, r#"{"valueString":"one"}"#],
    ),
];
