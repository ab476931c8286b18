"""Synthetic referrals: FHIR R4 transaction Bundles whose ServiceRequest says which patient and which turn it is."""

import json
import random
import re

# Weights of the two check digits of a national identity number (reference: skatteetaten, mod 11).
FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
TRUST = "983974732"
LABEL = "urn:x-reliability"
FORM = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-4000-8000-([0-9a-f]{12})")


def national_number(index: int) -> str:
    """A synthetic number (month + 80) that belongs to nobody; another one for each index."""
    rng = random.Random(index)
    while True:
        body = f"{rng.randrange(1, 29):02}{rng.randrange(81, 93):02}{rng.randrange(40, 99):02}{rng.randrange(0, 500):03}"
        digits = [int(c) for c in body]
        first = (11 - sum(w * d for w, d in zip(FIRST, digits)) % 11) % 11
        second = (11 - sum(w * d for w, d in zip(SECOND, digits + [first])) % 11) % 11
        if first < 10 and second < 10:
            return f"{body}{first}{second}"


def referral(run: str, patient: int, turn: int) -> bytes:
    """The `turn`-th referral of a patient. `run`, eight hexadecimal digits, keeps runs apart."""
    label = f"{run}.{patient}.{turn}"
    urn = lambda number: f"urn:uuid:{random.Random(f'{label}/{number}').getrandbits(128):032x}"
    dashed = lambda text: f"{text[:17]}-{text[17:21]}-4{text[22:25]}-8{text[26:29]}-{text[29:41]}"
    ids = [dashed(urn(number)) for number in range(6)]
    request, person, trust, receiver, condition, consent = ids

    def entry(full_url, resource):
        return {"fullUrl": full_url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}

    organisation = lambda number: {
        "resourceType": "Organization",
        "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": number}],
    }
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": LABEL, "value": f"message.{label}"},
        "type": "transaction",
        "timestamp": "2026-03-01T10:00:00+01:00",
        "entry": [
            entry(request, {
                "resourceType": "ServiceRequest",
                "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{run}-{patient:04x}-4000-8000-{turn:012x}"}],
                "status": "active",
                "intent": "order",
                "subject": {"reference": person},
                "authoredOn": "2026-03-01T09:30:00+01:00",
                "requester": {"reference": trust},
                "performer": [{"reference": receiver}],
                "reasonReference": [{"reference": condition}],
            }),
            entry(person, {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": national_number(patient)}],
                "name": [{"use": "official", "family": f"Testesen{patient}", "given": ["Syntetisk"]}],
                "gender": "female",
            }),
            entry(trust, organisation(TRUST)),
            entry(receiver, organisation("993467049")),
            entry(condition, {
                "resourceType": "Condition",
                "clinicalStatus": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
                "verificationStatus": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-no", "code": "C61"}]},
                "subject": {"reference": person},
            }),
            entry(consent, {
                "resourceType": "Consent",
                "status": "active",
                "scope": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
                "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
                "patient": {"reference": person},
                "dateTime": "2026-02-28T12:00:00+01:00",
                "policyRule": {"text": "Samtykke"},
            }),
        ],
    }
    return json.dumps(bundle, ensure_ascii=False).encode()


def label_of(body: bytes):
    """The label in a delivered Bundle: the sender's id of its ServiceRequest."""
    for entry in json.loads(body)["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "ServiceRequest":
            for identifier in resource.get("identifier", []):
                found = FORM.fullmatch(identifier.get("value", ""))
                if found:
                    run, patient, turn = found.groups()
                    return f"{run}.{int(patient, 16)}.{int(turn, 16)}"
    return None
