"""Hostile referrals. Without an argument: the names of the cases, each with its title. With one: that message, on standard output."""
import json
import pathlib
import sys

GOLDEN = pathlib.Path(__file__).parents[2] / "tests" / "golden" / "one-patient"
XML = (GOLDEN / "henvisning.xml").read_bytes()
HL7 = (GOLDEN / "hl7v2.hl7").read_bytes()
FHIR = (GOLDEN / "ehr-fhir.json").read_bytes()
MIB = 1 << 20
CASES = {}


def case(name, title):
    def add(function):
        CASES[name] = (title, function)
        return function

    return add


def out(*parts):
    for part in parts:
        sys.stdout.buffer.write(part)


def around(message, mark, after=True):
    """What comes before a place of a golden message, and what comes after it."""
    assert message.count(mark) >= 1, mark
    at = message.index(mark) + (len(mark) if after else 0)
    return message[:at], message[at:]


def filled(message, mark, count, piece, size=1):
    """A golden message with `count` pieces after a mark, written some at a time, as there can be a gigabyte of them."""
    before, after = around(message, mark)
    out(before)
    step = max(1, MIB // size)
    for start in range(0, count, step):
        out(piece * min(step, count - start))
    out(after)


# XML.
XML_TEXT = b"<TextResultValue>"
XML_FILE = b'"http://www.kith.no/xmlstds/base64container">'


def doctype(subset, content):
    declaration, root = around(XML, b"<MsgHead", after=False)
    before, after = around(root, XML_TEXT)
    out(declaration, b"<!DOCTYPE MsgHead [", subset, b"]>", before, content, after)


case("xml-xxe", "XML, external entity")(lambda: doctype(b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;"))


@case("xml-laughs", "XML, entities of 10^9 characters")
def _():
    entities = b'<!ENTITY l0 "ha">'
    for level in range(1, 10):
        entities += b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10)
    doctype(entities, b"&l9;")


@case("xml-attributes", "XML, 100,000 attributes of an element")
def _():
    filled(XML, b"<MsgInfo", 1, b"".join(b' a%d=""' % number for number in range(100_000)))


@case("xml-attributes-many", "XML, 10,000 elements of 100 attributes")
def _():
    filled(XML, b"</MsgInfo>", 10_000, b"<Document%s/>" % b"".join(b' a%d=""' % number for number in range(100)), 1000)


@case("xml-namespaces", "XML, 100,000 namespaces of an element")
def _():
    filled(XML, b"<MsgInfo", 1, b"".join(b' xmlns:n%d="u"' % number for number in range(100_000)))


case("xml-deep", "XML, 1,000,000 levels")(lambda: filled(XML, b"<MsgInfo>", 1_000_000, b"<Organisation>", 14))
case("xml-elements", "XML, 1,000,000 elements")(lambda: filled(XML, b"</MsgInfo>", 1_000_000, b"<Document/>", 11))
case("xml-elements-most", "XML, 190,000 elements with a value")(
    lambda: filled(XML, b"</MsgInfo>", 190_000, b"<Document>x</Document>", 22)
)
case("xml-patients", "XML, 190,000 patients")(lambda: filled(XML, b"</Patient>", 190_000, b"<Patient>x</Patient>", 20))
case("xml-diagnoses", "XML, 45,000 diagnoses")(
    lambda: filled(
        XML, b"</ReasonAsText>", 45_000, b'<Diagnosis><Concept V="C61" S="2.16.578.1.12.4.1.1.7110" DN="x"/></Diagnosis>', 80
    )
)
case("xml-text", "XML, text of 30 MB")(lambda: filled(XML, XML_TEXT, 30 * MIB, b"x"))
case("xml-references", "XML, 5,000,000 character references")(lambda: filled(XML, XML_TEXT, 5_000_000, b"&#65;", 5))
case("xml-comment", "XML, comment of 30 MB")(lambda: filled(XML, b"<MsgInfo>", 1, b"<!--" + b"x" * (30 * MIB) + b"-->"))
case("xml-line-ends", "XML, 10,000,000 mixed line ends")(lambda: filled(XML, b"<MsgInfo>", 2_500_000, b"\r\n\r\n\n\r", 6))
case("xml-cut", "XML, cut off in a tag of 30 MB")(lambda: out(XML[:-10], b"<", b"a" * (30 * MIB)))


@case("xml-utf16", "XML, UTF-16 of 30 MB")
def _():
    before, after = around(XML.decode("utf-8").replace("UTF-8", "UTF-16"), "<TextResultValue>")
    out((before + "x" * (15 * MIB - 4000) + after).encode("utf-16"))


case("xml-attachment", "XML, attachment of 1 GB")(lambda: filled(XML, XML_FILE, 1 << 30, b"A"))
case("xml-attachment-most", "XML, attachment of 20 MB (not hostile)")(lambda: filled(XML, XML_FILE, 7 * MIB, b"AAAA", 4))

# HL7 v2.
HL7_ID = b"PID|1||"
HL7_TEXT = b"NTE|1||"
HL7_FILE = b"Base64^"
RESULT = b"OBX|2|NM|718-7^Hemoglobin^LN||12.50|g/dL|||||F\r"
case("hl7-repetitions", "HL7 v2, 1,000,000 repetitions of a field")(
    lambda: filled(HL7, HL7_ID, 1_000_000, b"1^^^F~", 6)
)
case("hl7-repetitions-most", "HL7 v2, 190 fields of 999 repetitions")(
    lambda: out(HL7, b"NTE|2||x\r" + b"".join(b"ZZZ|" + b"1~" * 998 + b"1\r" for _ in range(190)))
)
case("hl7-segments", "HL7 v2, 1,000,000 segments")(lambda: filled(HL7, b"8231\r", 1_000_000, RESULT, 50))
case("hl7-segments-most", "HL7 v2, 9,900 results")(lambda: filled(HL7, b"8231\r", 9_900, RESULT, 50))
case("hl7-diagnoses-most", "HL7 v2, 9,900 diagnoses")(
    lambda: filled(HL7, b"^I10\r", 9_900, b"DG1|2||C61^x^I10\r", 20)
)
case("hl7-components", "HL7 v2, 1,000,000 components of a field")(lambda: filled(HL7, HL7_ID, 1_000_000, b"^"))
case("hl7-subcomponents", "HL7 v2, 1,000,000 subcomponents of a field")(lambda: filled(HL7, HL7_ID, 1_000_000, b"&"))
case("hl7-fields", "HL7 v2, 1,000,000 fields of a segment")(lambda: filled(HL7, HL7_TEXT, 1_000_000, b"x|", 2))
case("hl7-escapes", "HL7 v2, 10,000,000 unknown escape sequences")(
    lambda: filled(HL7, HL7_TEXT, 10_000_000, b"\\Q\\", 3)
)
case("hl7-escape-fill", "HL7 v2, line breaks and spaces of 10^9 by escape sequences")(
    lambda: filled(HL7, HL7_TEXT, 100_000, b"\\.sp99999\\\\.sk99999\\\\.in9999\\", 30)
)
case("hl7-escape-open", "HL7 v2, escape sequence of 60 MB that does not end")(
    lambda: filled(HL7, HL7_TEXT, 1, b"\\X" + b"4" * (60 * MIB))
)
case("hl7-text", "HL7 v2, text of 60 MB")(lambda: filled(HL7, HL7_TEXT, 60 * MIB, b"x"))
case("hl7-line-ends", "HL7 v2, 40,000,000 mixed line ends")(lambda: filled(HL7, b"8231\r", 10_000_000, b"\n\r\n\r\r\n", 6))
case("hl7-line-feeds", "HL7 v2, 20,000,000 line feeds in a text")(lambda: filled(HL7, HL7_TEXT, 20_000_000, b"x\n", 2))
case("hl7-frame", "HL7 v2, block of 60 MB that does not end")(lambda: out(b"\x0b", HL7, b"x" * (60 * MIB)))
case("hl7-binary", "HL7 v2, 60 MB of bytes that are no text")(lambda: filled(HL7, HL7_TEXT, 60 * MIB, b"\xff"))
case("hl7-attachment", "HL7 v2, attachment of 1 GB")(lambda: filled(HL7, HL7_FILE, 1 << 30, b"A"))
case("hl7-attachment-most", "HL7 v2, attachment of 30 MB (not hostile)")(lambda: filled(HL7, HL7_FILE, 10 * MIB, b"AAAA", 4))
case("hl7-attachment-over", "HL7 v2, attachment of 45 MB")(lambda: filled(HL7, HL7_FILE, 15 * MIB, b"AAAA", 4))

# FHIR.
FHIR_ENTRY = b'"entry": ['
FHIR_FILE = b'"data": "'
FHIR_TEXT = b'"text": "'
PATIENT = b'{"fullUrl":"urn:uuid:x","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},'
case("fhir-entries", "FHIR, 1,000,000 entries")(lambda: filled(FHIR, FHIR_ENTRY, 1_000_000, b"{},", 3))
case("fhir-patients", "FHIR, 200,000 entries of a patient")(lambda: filled(FHIR, FHIR_ENTRY, 200_000, PATIENT, 120))


@case("fhir-linked", "FHIR, 100,000 conditions that refer to one another")
def _():
    before, after = around(FHIR, FHIR_ENTRY)
    out(before)
    for number in range(100_000):
        condition = {
            "resourceType": "Condition",
            "subject": {"reference": "urn:uuid:0f1e0000-0000-4000-8000-000000000002"},
            "evidence": [{"detail": [{"reference": f"urn:oid:1.2.{(number + 1) % 100_000}"}]}],
        }
        entry = {"fullUrl": f"urn:oid:1.2.{number}", "resource": condition, "request": {"method": "POST", "url": "Condition"}}
        out(json.dumps(entry, separators=(",", ":")).encode(), b",")
    out(after)


case("fhir-deep", "FHIR, 1,000,000 levels")(lambda: filled(FHIR, b'"resourceType": "Bundle",', 1_000_000, b'"x":[', 5))
case("fhir-deep-even", "FHIR, 1,000,000 levels that end")(
    lambda: filled(FHIR, b'"resourceType": "Bundle",', 1, b'"x":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b",")
)
case("fhir-contained", "FHIR, contained resources of 50 levels, 20,000 times")(
    lambda: filled(FHIR, FHIR_ENTRY, 20_000, b'{"resource":' + b'{"resourceType":"Basic","contained":[' * 20 + b"1" + b"]}" * 20 + b"},", 800)
)
case("fhir-numbers", "FHIR, number of 60,000,000 digits")(
    lambda: filled(FHIR, b'"resourceType": "Bundle",', 1, b'"total":' + b"9" * 60_000_000 + b",")
)
case("fhir-keys", "FHIR, 1,000,000 different properties of an object")(
    lambda: filled(FHIR, b'"resourceType": "Bundle",', 1, b"".join(b'"a%d":1,' % number for number in range(1_000_000)))
)
case("fhir-keys-same", "FHIR, 1,000,000 equal properties of an object")(
    lambda: filled(FHIR, b'"resourceType": "Bundle",', 1_000_000, b'"id":1,', 7)
)
case("fhir-text", "FHIR, text of 60 MB")(lambda: filled(FHIR, FHIR_TEXT, 60 * MIB, b"x"))
case("fhir-attachment", "FHIR, attachment of 1 GB")(lambda: filled(FHIR, FHIR_FILE, 1 << 30, b"A"))
case("fhir-attachment-most", "FHIR, attachment of 30 MB (not hostile)")(lambda: filled(FHIR, FHIR_FILE, 10 * MIB, b"AAAA", 4))
case("fhir-attachment-over", "FHIR, attachment of 45 MB")(lambda: filled(FHIR, FHIR_FILE, 15 * MIB, b"AAAA", 4))

# Neither.
case("none-zeros", "1 GB of zeros")(lambda: [out(bytes(MIB)) for _ in range(1024)])
case("none-blanks", "1 GB of blanks")(lambda: [out(b" " * MIB) for _ in range(1024)])

if len(sys.argv) < 2:
    for name, (title, _) in CASES.items():
        print(name, title, sep="\t")
else:
    CASES[sys.argv[1]][1]()
