"""Writes REF^I12 to I14 messages with hl7apy: every version in every character set, with the fields that must be read of each.

    python3 generate.py FOLDER

hl7apy knows the segments and data types of each version and writes the delimiters itself, so that the reader is not only
tested on messages of its own writer. The persons are synthetic (Tenor, month + 80).
"""

import sys
from pathlib import Path

from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.core import Message

VERSIONS = ["2.3.1", "2.4", "2.5", "2.5.1", "2.6"]
# MSH-18, Python's codec, family name, given name, a text.
CHARACTER_SETS = [
    ("ASCII", "ascii", "Braathen", "Aase", "Progresjon"),
    ("8859/1", "latin-1", "Bråthen", "Åse Ærlig", "Ønsker profilering"),
    ("8859/15", "iso8859-15", "Bråthen", "Åse Ærlig", "Ønsker profilering for 400 €"),
    ("UNICODE UTF-8", "utf-8", "Bråthen", "Åse Ærlig", "Ønsker profilering – 400 €"),
]
EVENTS = [("I12", "new", "active"), ("I13", "change", "active"), ("I14", "cancel", "revoked")]
NUMBER = "05898597468"
DOCUMENT_ID = "3f2a8c1e-5b7d-4e0f-9a61-2c4d8e6f0b13"


def message(version, name, event, family, given, text):
    m = Message("REF_I12", version=version, validation_level=VALIDATION_LEVEL.TOLERANT)
    m.msh.msh_3 = "EHR"
    m.msh.msh_4 = "983974732"
    m.msh.msh_5 = "GATEWAY"
    m.msh.msh_6 = "993467049"
    m.msh.msh_7 = "20260301101500+0100"
    m.msh.msh_9 = f"REF^{event}^REF_I12"
    m.msh.msh_10 = "H0001"
    m.msh.msh_11 = "P"
    m.msh.msh_12 = version
    m.msh.msh_18 = name
    m.add_segment("RF1")
    m.rf1.rf1_2 = "A^ASAP^HL70280"
    m.rf1.rf1_6 = DOCUMENT_ID
    provider = m.add_group("REF_I12_PROVIDER" if version == "2.3.1" else "REF_I12_PROVIDER_CONTACT")
    provider.add_segment("PRD")
    provider.prd.prd_1 = "RP^Referring Provider^HL70286"
    provider.prd.prd_2 = f"{family}^Lotte"
    provider.prd.prd_7 = "9144889^HPR"
    m.add_segment("PID")
    m.pid.pid_3 = f"{NUMBER}^^^FNR"
    m.pid.pid_5.pid_5_1 = family
    m.pid.pid_5.pid_5_2 = given
    m.pid.pid_7 = "19850905"
    m.pid.pid_8 = "F"
    m.add_segment("DG1")
    m.dg1.dg1_3 = "C61^Prostatakreft^I10"
    m.dg1.dg1_5 = "20260115"
    m.add_segment("AL1")
    m.al1.al1_3 = "J01CE^Penicillin^WC"
    procedure = m.add_group("REF_I12_PROCEDURE")
    procedure.add_segment("PR1")
    procedure.pr1.pr1_3 = "^Biopsi"
    observation = m.add_group("REF_I12_OBSERVATION")
    observation.add_segment("OBR")
    observation.obr.obr_4 = "LAB^Laboratorium^L"
    observation.obr.obr_7 = "20260201"
    results = observation.add_group("REF_I12_RESULTS_NOTES")
    results.add_segment("OBX")
    results.obx.obx_2 = "NM"
    results.obx.obx_3 = "718-7^Hemoglobin^LN"
    results.obx.obx_5 = "12.50"
    results.obx.obx_6 = "g/dL"
    results.obx.obx_11 = "F"
    visit = m.add_group("REF_I12_PATIENT_VISIT")
    visit.add_segment("PV1")
    visit.pv1.pv1_2 = "O"
    m.add_segment("NTE")
    # hl7apy writes the field separator in a value as an escape sequence; the others are the caller's to escape.
    m.nte.nte_3.nte_3_1 = f"{text} \\T\\ mer | mer"
    return m.to_er7()


def fields(action, status, family, given, text):
    return [
        ("message.action", action),
        ("status", status),
        ("document_id", DOCUMENT_ID),
        ("priority", "asap"),
        ("sender.organisation_number", "983974732"),
        ("requester.hpr_number", "9144889"),
        ("requester.family_name", family),
        ("patient.identifiers[1].value", NUMBER),
        ("patient.family_name", family),
        ("patient.given_name", given),
        ("patient.birth_date", "1985-09-05"),
        ("patient.gender", "female"),
        ("diagnoses[1].codes[1].code", "C61"),
        ("diagnoses[1].recorded", "2026-01-15"),
        ("precautions[1].codes[1].code", "J01CE"),
        ("treatments[1].text", "Biopsi"),
        ("clinical_items[1].value", "12.50"),
        ("clinical_items[1].date", "2026-02-01"),
        ("reasons[1].text", f"{text} & mer | mer"),
    ]


def main():
    root = Path(sys.argv[1])
    for version in VERSIONS:
        for name, codec, family, given, text in CHARACTER_SETS:
            for event, action, status in EVENTS:
                case = root / f"{version}-{codec}-{action}"
                case.mkdir(parents=True, exist_ok=True)
                er7 = message(version, name, event, family, given, text)
                (case / "input.hl7").write_bytes((er7 + "\r").encode(codec) if not er7.endswith("\r") else er7.encode(codec))
                lines = "".join(f"{path}\t{value}\n" for path, value in fields(action, status, family, given, text))
                (case / "expected.fields.tsv").write_text(lines, encoding="utf-8")


main()
