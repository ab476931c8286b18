#!/usr/bin/env python3
"""Synthetic referrals in FHIR, KITH XML and HL7 v2, the same ones for the same seed.

    messages.py [--seed N] [--patient N] [--sequence N] [--format fhir|kith|hl7v2]     prints one

Patients are numbered; the messages of one patient are numbered from 0. A message says which one it is by its document id and
its time of authorship, and both are found again in what the gateway delivers. National numbers are synthetic: month + 80.
"""
import argparse
import datetime
import json
import random
import sys
import uuid
from dataclasses import dataclass

TRUST = "983974732"
RECEIVER = "993467049"
BASE = datetime.datetime(2026, 3, 1, 8, 0, 0)
SPACE = uuid.UUID("5b7c1f0e-3d0a-5c58-9a53-0d4f6f6f0001")
TYPES = {"fhir": "application/fhir+json", "kith": "application/xml", "hl7v2": "x-application/hl7-v2+er7"}
# Consent comes with FHIR only.
FORMATS_OF = {"trial-system": ("fhir",), "laboratory": ("fhir", "kith", "hl7v2")}


@dataclass(frozen=True)
class Message:
    """One message, and what is needed to find it again."""
    patient: int
    sequence: int
    format: str
    document: str
    authored: str
    identifier: str
    national: str
    body: bytes

    @property
    def content_type(self):
        return TYPES[self.format]


def national_number(seed, patient):
    """Day, month + 80, year, three digits that go with a birth in 1940-1999, two check digits (modulus 11).

    No two patients of a seed have the same one: every patient has 16 places of their own in a permutation of all numbers.
    """
    days, months, years, individuals = 28, 12, 60, 500
    count = days * months * years * individuals
    for place in range(patient * 16, patient * 16 + 16):
        # The factor is a prime that does not divide the count, so that each place has a number of its own.
        rest = (place * 7_368_787 + random.Random(f"{seed}/number").randrange(count)) % count
        rest, day = divmod(rest, days)
        rest, month = divmod(rest, months)
        individual, year = divmod(rest, years)
        year, month, day = 1940 + year, month + 1, day + 1
        digits = [int(digit) for digit in f"{day:02}{month + 80}{year % 100:02}{individual:03}"]
        first = -sum(a * b for a, b in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
        second = -sum(a * b for a, b in zip(digits + [first], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        if first < 10 and second < 10:
            number = "".join(map(str, digits + [first, second]))
            return number, f"{year}-{month:02}-{day:02}", "male" if digits[8] % 2 else "female"
    raise ValueError(f"patient {patient} has no number")


def make(seed, patient, sequence, form="fhir", changes=False, variant=0):
    """A message. With `changes` every odd message of a patient is a new version of the referral before it (FHIR only).

    `variant` makes other content with the same identifiers: what a sender must never do.
    """
    is_change = changes and form == "fhir" and sequence % 2 == 1
    base = sequence - 1 if is_change else sequence
    document = str(uuid.uuid5(SPACE, f"{seed}/{patient}/{base}/document"))
    identifier = str(uuid.uuid5(SPACE, f"{seed}/{patient}/{sequence}/message"))
    when = BASE + datetime.timedelta(minutes=sequence, seconds=patient % 60)
    authored = when.strftime("%Y-%m-%dT%H:%M:%S+01:00")
    number, born, gender = national_number(seed, patient)
    facts = {"document": document, "identifier": identifier, "authored": authored, "number": number, "born": born,
             "gender": gender, "when": when, "change": is_change, "reason": f"Utredning {variant}" if variant else "Utredning"}
    text = {"fhir": _fhir, "kith": _kith, "hl7v2": _hl7v2}[form](facts)
    return Message(patient, sequence, form, document, authored, identifier, number, text.encode())


def _fhir(facts):
    def urn(number):
        return f"urn:uuid:0f1e0000-0000-4000-8000-{number:012}"

    def reference(number):
        return {"reference": urn(number)}

    def concept(system, code, **more):
        return {"coding": [{"system": system, "code": code}], **more}

    def organisation(number, name):
        return {"resourceType": "Organization", "name": name,
                "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": number}]}

    request = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "routine",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{facts['document']}"}],
        "category": [concept("http://snomed.info/sct", "3457005")],
        "subject": reference(2), "authoredOn": facts["authored"], "requester": reference(3), "performer": [reference(6)],
        "reasonCode": [{"text": facts["reason"]}], "reasonReference": [reference(7)],
    }
    if facts["change"]:
        request["meta"] = {"versionId": "2", "lastUpdated": facts["authored"]}
    resources = [
        request,
        {"resourceType": "Patient", "gender": facts["gender"], "birthDate": facts["born"],
         "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": facts["number"]}],
         "name": [{"use": "official", "family": "Prøve", "given": ["Test"]}]},
        {"resourceType": "PractitionerRole", "practitioner": reference(4), "organization": reference(5)},
        {"resourceType": "Practitioner", "name": [{"family": "Øyen", "given": ["Per"]}],
         "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "222200068"}]},
        organisation(TRUST, "Helse Førde HF"),
        organisation(RECEIVER, "Oslo universitetssykehus HF"),
        {"resourceType": "Condition", "subject": reference(2),
         "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
         "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
         "code": concept("http://hl7.org/fhir/sid/icd-10-no", "C61", text="Ondartet svulst i prostata")},
        {"resourceType": "Consent", "status": "active", "patient": reference(2), "dateTime": "2026-02-28T12:00:00+01:00",
         "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "research"),
         "category": [concept("http://loinc.org", "59284-0")], "policyRule": {"text": "Samtykke IMPRESS"}},
    ]
    entries = [{"fullUrl": urn(number), "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
               for number, resource in enumerate(resources, 1)]
    return json.dumps({
        "resourceType": "Bundle", "type": "transaction", "timestamp": facts["authored"], "entry": entries,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{facts['identifier']}"},
    }, ensure_ascii=False)


def _kith(facts):
    def ident(number, kind, table):
        return f'<Ident><Id>{number}</Id><TypeId V="{kind}" S="2.16.578.1.12.4.1.1.{table}"/></Ident>'

    def organisation(number, name):
        return f"<Organisation><OrganisationName>{name}</OrganisationName>{ident(number, 'ENH', 9051)}</Organisation>"

    sex = {"male": ("1", "Mann"), "female": ("2", "Kvinne")}[facts["gender"]]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<MsgHead xmlns="http://www.kith.no/xmlstds/msghead/2006-05-24">
  <MsgInfo>
    <Type V="HENVISNING_VIDERE" DN="Viderehenvisning"/>
    <MIGversion>v1.2 2006-05-24</MIGversion>
    <GenDate>{facts['authored']}</GenDate>
    <MsgId>{facts['identifier']}</MsgId>
    <Sender>{organisation(TRUST, 'Helse Førde HF')}</Sender>
    <Receiver>{organisation(RECEIVER, 'Oslo universitetssykehus HF')}</Receiver>
    <Patient>
      <FamilyName>Prøve</FamilyName>
      <GivenName>Test</GivenName>
      <DateOfBirth>{facts['born']}</DateOfBirth>
      <Sex V="{sex[0]}" DN="{sex[1]}"/>
      {ident(facts['number'], 'FNR', 8116)}
    </Patient>
  </MsgInfo>
  <Document>
    <RefDoc>
      <MsgType V="XML" DN="XML-instans"/>
      <Content>
        <Henvisning xmlns="http://ehelse.no/xmlstds/henvisning/2017-11-30" xmlns:po="http://ehelse.no/xmlstds/po/poKomponent/2017-11-30" xmlns:fk1="http://www.kith.no/xmlstds/felleskomponent1">
          <ServType V="N" DN="Ny"/>
          <IssueDate>{facts['authored']}</IssueDate>
          <DocumentId>{facts['document']}</DocumentId>
          <po:AnsvarForRapport>
            <po:AnsvarligRapport>
              <fk1:FamilyName>Øyen</fk1:FamilyName>
              <fk1:GivenName>Per</fk1:GivenName>
              <fk1:Ident><fk1:Id>222200068</fk1:Id><fk1:TypeId V="HPR" S="2.16.578.1.12.4.1.1.8116"/></fk1:Ident>
            </po:AnsvarligRapport>
            <po:TypeRelasjon V="HHE" S="2.16.578.1.12.4.1.1.8254" DN="Henvisende helsepersonell"/>
          </po:AnsvarForRapport>
          <ReasonAsText>
            <Heading V="PROB" S="2.16.578.1.12.4.1.1.8231" DN="Aktuell problemstilling"/>
            <TextResultValue>{facts['reason']}</TextResultValue>
          </ReasonAsText>
          <Diagnosis><Concept V="C61" S="2.16.578.1.12.4.1.1.7110" DN="Ondartet svulst i prostata"/></Diagnosis>
          <ReqServ><ServType V="N" DN="Ny"/><Priority V="N" DN="Elektiv/Ordinær (elektiv)"/></ReqServ>
        </Henvisning>
      </Content>
    </RefDoc>
  </Document>
</MsgHead>
"""


def _hl7v2(facts):
    when = facts["when"].strftime("%Y%m%d%H%M%S+0100")
    sex = {"male": "M", "female": "F"}[facts["gender"]]
    segments = [
        f"MSH|^~\\&|EHR|Helse Førde HF^{TRUST}^ENH|GATEWAY|Oslo universitetssykehus HF^{RECEIVER}^ENH|{when}||REF^I12^REF_I12|"
        f"{facts['identifier']}|P|2.5.1||||||UNICODE UTF-8",
        f"RF1||R^Routine^HL70280||||{facts['document'].upper()}|||{when}",
        "PRD|RP^Referring provider^HL70286|Øyen^Per|||||222200068^HPR",
        f"PID|1||{facts['number']}^^^FNR&2.16.578.1.12.4.1.4.1&ISO^FNR||Prøve^Test||{facts['born'].replace('-', '')}|{sex}",
        "DG1|1||C61^Ondartet svulst i prostata^I10",
        f"NTE|1||{facts['reason']}|PROB^Aktuell problemstilling^8231",
    ]
    return "\r".join(segments) + "\r"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("seed", "patient", "sequence"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--format", choices=sorted(TYPES), default="fhir")
    options = parser.parse_args()
    sys.stdout.buffer.write(make(options.seed, options.patient, options.sequence, options.format).body)


if __name__ == "__main__":
    main()
