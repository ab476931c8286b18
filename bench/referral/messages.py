"""Writes the messages of the comparison: a golden referral, the same with 100 results more, and an order of the same patient.

hl7v2-fhir-bridge converts no REF^I12; the order is a message that it converts, with the patient and the visit of the referral.
"""
import pathlib
import re
import sys

golden = pathlib.Path(sys.argv[1]).read_bytes().decode("utf-8")
folder = pathlib.Path(sys.argv[2])
segments = [segment for segment in re.split(r"[\r\n]+", golden) if segment]


def write(name, segments):
    (folder / f"{name}.hl7").write_bytes("".join(segment + "\r" for segment in segments).encode("utf-8"))


write("referral", segments)
results = [f"OBX|{number}|NM|718-7^Hemoglobin^LN||12.50|g/dL|11.7-15.3|N|||F|||20260220" for number in range(100)]
write("referral-100", segments + results)
kept = [segment for segment in segments if segment[:3] in ("MSH", "PID", "PV1")]
kept[0] = kept[0].replace("REF^I12^REF_I12", "ORM^O01^ORM_O01")
order = ["ORC|NW|3F2A8C1E^EHR|||||||20260228143000", "OBR|1|3F2A8C1E^EHR||LAB^Laboratorium^L|||20260201"]
write("order", kept + order)
