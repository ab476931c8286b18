"""Mutants of the valid examples of the way back: cohorts, patients in the trial, tasks, evaluations, subscriptions."""
from impress_findings import GW, broken
from impress_records import forbidden, lost, missing, other_value, repeated, targets
from lines import bound, coding, extension, get, IMPRESS, path_of, put

TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
PROGRESS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress"


def part(base, at, name):
    """Pointer of a part of an extension."""
    urls = [item["url"] for item in get(IMPRESS[base], at + "/extension")]
    return f"{at}/extension/{urls.index(name)}"


def coded(base, pointer, code, source):
    put("impress-code", base, pointer, code, "code-not-in-value-set", source)


def cohorts():
    for base in ("ImpressCohort/valid-1", "ImpressCohort/valid-2", "ImpressCohortPublic/valid-1", "ImpressCohortPublic/valid-2"):
        missing(base, "partOf", "focus", "condition", "status", "identifier/0/value")
        targets(base, "/partOf/0", ["PlanDefinition/p1"], "partOf only Reference(ResearchStudy)")
        for name, slice_name in (("two-stage", "twoStage"), ("slots-open", "slotsOpen"), ("event-order", "eventOrder"),
                                 ("cohort-biomarker", "biomarker")):
            lost(base, extension(base, name), slice_name, f"extension[{slice_name}] min 1")
        for name, slice_name in (("two-stage", "twoStage"), ("slots-open", "slotsOpen"), ("event-order", "eventOrder")):
            repeated(base, extension(base, name), slice_name, f"extension[{slice_name}] 1..1")
        other_value(base, "/identifier#/0/system", "https://example.org/sid/x", "cohort", "identifier[cohort] 1..1")
        design = extension(base, "two-stage")
        coded(base, part(base, design, "stage") + "/valueCode", "stage-2", "gateway-two-stage: stage required")
        put("impress-type", base, part(base, design, "n1") + "/valuePositiveInt", 0, ["primitive-invalid", "value-out-of-range"],
            "R4 datatypes: positiveInt")
        put("impress-type", base, part(base, design, "r1") + "/valueUnsignedInt", -1, ["primitive-invalid", "value-out-of-range"],
            "R4 datatypes: unsignedInt")
        at = path_of(base, design)
        broken(base, "impress-two-stage-design", [["set", part(base, design, "n1") + "/valuePositiveInt", 25]], at)
        broken(base, "impress-two-stage-design", [["set", part(base, design, "r") + "/valueUnsignedInt", 24]], at)
        broken(base, "impress-cohort-stage", [["set", part(base, design, "stage") + "/valueCode", "planned"]])
    base = "ImpressCohort/valid-1"
    design = extension(base, "two-stage")
    broken(base, "impress-two-stage-counts", [["set", part(base, design, "benefit") + "/valueUnsignedInt", 9]], path_of(base, design))
    broken(base, "impress-two-stage-counts", [["remove", part(base, design, "evaluable")]], path_of(base, design))
    coded(base, part(base, design, "decision") + "/valueCode", "go", "gateway-two-stage: decision required")
    for status in ("completed", "temporarily-closed-to-accrual"):
        broken(base, "impress-slots-status", [["set", "/status", status]])
    for status in ("closed-to-accrual", "temporarily-closed-to-accrual-and-intervention"):
        broken(base, "impress-cohort-reason", [["set", "/status", status]])
    for base in ("ImpressCohortPublic/valid-1", "ImpressCohortPublic/valid-2"):
        for name in ("evaluable", "benefit"):
            broken(base, "impress-no-interim-counts",
                   [["add", extension(base, "two-stage") + "/extension/-", {"url": name, "valueUnsignedInt": 0}]])
        forbidden(base, "note", [{"text": "x"}], "note 0..0")
        forbidden(base, "enrollment", [{"reference": "Group/g1"}], "enrollment 0..0")


def subjects():
    for base, states in (("ImpressScreening/valid-1", ("matched", "offered")), ("ImpressEnrolment/valid-1", ("referred", "no-match"))):
        missing(base, "study", "individual", "status")
        targets(base, "/study", ["PlanDefinition/p1"], "study only Reference(ResearchStudy)")
        targets(base, "/individual", ["Group/g1"], "individual only Reference(Patient)")
        targets(base, "/consent", ["DocumentReference/d1"], "consent only Reference(Consent)")
        for name, slice_name in (("subject-state", "state"), ("event-order", "eventOrder")):
            lost(base, extension(base, name), slice_name, f"extension[{slice_name}] 1..1")
            repeated(base, extension(base, name), slice_name, f"extension[{slice_name}] 1..1")
        for state in states + ("waiting",):
            coded(base, extension(base, "subject-state") + "/valueCode", state, "extension[state]: value set of the profile, required")
        for status in ("candidate", "off-study", "on-study"):
            broken(base, "impress-subject-status", [["set", "/status", status]])
        order = extension(base, "event-order")
        put("impress-type", base, part(base, order, "occurred") + "/valueInstant", "2026-03-20", "primitive-invalid", "R4 datatypes: instant")
    off = "ImpressEnrolment/valid-2"
    left = next(i for i, item in enumerate(IMPRESS[off]["extension"]) if any(p["url"] == "reason" for p in item.get("extension", [])))
    broken(off, "impress-off-study-reason", [["remove", part(off, f"/extension/{left}", "reason")]])
    broken(off, "impress-off-study-reason", [["remove", f"/extension/{left}"]])
    for base in ("ImpressScreening/valid-3", "ImpressEnrolment/valid-3"):
        for state in ("on-study", "on-study-intervention", "follow-up"):
            step = {"url": PROGRESS, "extension": [{"url": "subjectState", "valueCodeableConcept": {"coding": [{"code": state}]}}]}
            broken(base, "impress-withdrawn-before-registration", [["add", "/extension/-", step]])


def tasks():
    for base in ("ImpressReferralTask/valid-1", "ImpressReferralTask/valid-2"):
        missing(base, "focus", "for", "authoredOn", "lastModified", "requester", "owner", "businessStatus", "code", "status", "intent")
        targets(base, "/focus", ["DiagnosticReport/r1"], "focus only Reference(ServiceRequest)")
        targets(base, "/for", ["Group/g1"], "for only Reference(Patient)")
        targets(base, "/owner", ["Patient/p1", "Practitioner/p1"], "owner only Reference(Organization)")
        put("impress-pattern", base, "/intent", "proposal", "pattern-value", "ImpressReferralTask: intent order")
        put("impress-pattern", base, "/code", coding(TASK_CODE, "approve"), "pattern-value", "ImpressReferralTask: code fulfill",
            bound(base, "/code"))
        put("impress-code", base, "/businessStatus/coding/0/code", "waiting", "code-not-in-value-set",
            "ImpressReferralTask: businessStatus required", bound(base, "/businessStatus"))
        for status in ("rejected", "cancelled", "failed", "on-hold"):
            broken(base, "impress-task-reason", [["set", "/status", status]])
        for code in ("rejected", "cancelled"):
            broken(base, "impress-task-closed", [["set", "/businessStatus/coding/0/code", code]])


def evaluations():
    yes, absent, no = (f"ImpressEvaluation/valid-{number}" for number in (1, 2, 3))
    for base in (yes, absent, no):
        missing(base, "subject", "focus", "effectiveDateTime", "code", "status")
        targets(base, "/focus/0", ["Patient/p1"], "focus only Reference(ResearchStudy)")
        lost(base, "/component/0", "evaluable", "component[evaluable] 1..1")
        put("impress-pattern", base, "/code", coding(GW + "CodeSystem/gateway-evaluation", "evaluable"), "pattern-value",
            "ImpressEvaluation: code week-16-disease-control", bound(base, "/code"))
    for base in (yes, no):
        broken(base, "impress-evaluation-stated", [["remove", "/valueBoolean"]])
        put("impress-code", base, "/component/1/valueCodeableConcept/coding/0/code", "PD", "code-not-in-value-set",
            "ImpressEvaluation: response required", bound(base, "/component/1/valueCodeableConcept"))
    broken(absent, "impress-evaluation-stated", [["remove", "/dataAbsentReason"]])
    broken(absent, "impress-no-control-response", [["remove", "/dataAbsentReason"], ["add", "/valueBoolean", False]])
    broken(absent, "impress-control-response", [["remove", "/dataAbsentReason"], ["add", "/valueBoolean", True]])
    broken(yes, "impress-no-control-response", [["set", "/valueBoolean", False]])
    for response in ("progressive-disease", "confirmed-progression", "unconfirmed-progression", "not-evaluable"):
        broken(yes, "impress-control-response", [["set", "/component/1/valueCodeableConcept/coding/0/code", response]])
    broken(no, "impress-disagreement", [["remove", "/component/3"]])
    broken(no, "impress-disagreement", [["set", "/component/3/valueBoolean", False]])


def subscriptions():
    for base in ("ImpressSubscription/valid-1", "ImpressSubscription/valid-2"):
        missing(base, "end", "reason", "channel")
        broken(base, "impress-has-value", [["remove", "/channel/payload"]], "Subscription.channel.payload")
        for criteria in ("Task?status=completed", GW + "SubscriptionTopic/unheard-of"):
            broken(base, "impress-topic", [["set", "/criteria", criteria]], "Subscription.criteria")
        put("impress-code", base, "/channel/_payload/extension/0/valueCode", "all", "code-not-in-value-set",
            "Backport 1.1.0 backport-payload-content: required")
        put("impress-pattern", base, "/channel/payload", "text/plain", "pattern-value", "ImpressSubscription: payload")
    missing("ImpressSubscription/valid-2", "criteria")
    broken("ImpressSubscription/valid-1", "impress-has-value", [["remove", "/criteria"]], "Subscription.criteria")
    shake, event = "ImpressSubscriptionStatus/valid-1", "ImpressSubscriptionStatus/valid-2"
    for base in (shake, event):
        for index, name in enumerate(("subscription", "topic", "status", "type", "eventsSinceSubscriptionStart")):
            lost(base, f"/parameter/{index}", name, f"parameter[{name}] 1..1")
            repeated(base, f"/parameter/{index}", name, f"parameter[{name}] 1..1")
        coded(base, "/parameter/2/valueCode", "paused", "Backport 1.1.0: status required subscription-status")
        coded(base, "/parameter/3/valueCode", "hello", "ImpressSubscriptionStatus: type required")
        broken(base, "impress-parameter-topic", [["set", "/parameter/1/valueCanonical", GW + "SubscriptionTopic/x"]], "Parameters.parameter[1]")
        broken(base, "impress-event-number", [["set", "/parameter/4/valueString", "-1"]], "Parameters.parameter[4]")
    lost(event, "/parameter/5/part/0", "eventNumber", "Backport 1.1.0: part[eventNumber] 1..1")
    broken(event, "impress-event-number", [["set", "/parameter/5/part/0/valueString", "1.5"]], "Parameters.parameter[5].part[0]")


def notifications():
    for base in ("ImpressNotification/valid-1", "ImpressNotification/valid-2"):
        missing(base, "timestamp", "type")
        put("impress-pattern", base, "/type", "transaction", "pattern-value", "Backport 1.1.0: type history")
        lost(base, "/entry/0", "subscriptionStatus", "Backport 1.1.0: entry[subscriptionStatus] 1..1")
        broken(base, "impress-parameter-topic", [["set", "/entry/0/resource/parameter/1/valueCanonical", GW + "SubscriptionTopic/x"]],
               "Bundle.entry[0].resource.parameter[1]")


FAMILIES = (cohorts, subjects, tasks, evaluations, subscriptions, notifications)
