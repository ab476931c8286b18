"""Checks RRI^I12 messages of the gateway with hl7apy, strictly: every version, structure, data types and lengths.

    python3 validate.py FILE...

A FILE is a message of version 2.5.1, one segment on a line; the other versions are made of it. Ends with status 1 where one is
not valid.
"""

import sys
from pathlib import Path

from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7apy.validation import Validator

VERSIONS = ["2.3.1", "2.4", "2.5", "2.5.1", "2.6"]
SEGMENTS = ["MSH", "MSA", "RF1", "RRI_I12_PROVIDER", "RRI_I12_PROVIDER_CONTACT", "PID", "NTE"]


def check(text, version):
    message = text.replace("|2.5.1|", f"|{version}|").replace("\n", "\r")
    parsed = parse_message(message, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    assert parsed.name == "RRI_I12", parsed.name
    unknown = [child.name for child in parsed.children if child.name not in SEGMENTS]
    assert not unknown, unknown
    Validator.validate(parsed)


def main():
    failed = 0
    files = [Path(name) for name in sys.argv[1:]]
    for path in files:
        for version in VERSIONS:
            try:
                check(path.read_text(encoding="utf-8"), version)
            except Exception as error:  # Each kind of defect is an exception of its own.
                failed += 1
                print(f"{path} {version}: {type(error).__name__}: {error}")
    print(f"hl7v2: {len(files) * len(VERSIONS) - failed} of {len(files) * len(VERSIONS)} messages are valid")
    sys.exit(1 if failed or not files else 0)


main()
