#!/usr/bin/env python3
"""Compares what senders were told with what destinations got.

    oracle.py --acknowledged FOLDER --destination LOG [--destination LOG]... [--refused MESSAGE]...

Every acknowledged message must have been stored at every destination that its format goes to, under one Idempotency-Key; the
messages of a patient must have come in their order, each after the one before was answered; and a delivery must carry the
document id and the time of authorship of the message that it is of.
"""
import argparse
import sys
from collections import defaultdict
from pathlib import Path

from messages import FORMATS_OF
from rig import read_lines


class Findings:
    """Counts, and violations in words."""

    def __init__(self):
        self.figures = {}
        self.lost, self.doubled, self.disordered, self.other = [], [], [], []

    def violations(self):
        return self.lost + self.doubled + self.disordered + self.other

    def summary(self):
        return (f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.disordered)} out of order, "
                f"{len(self.other)} otherwise wrong")


def read_acknowledged(folder):
    return [record for path in sorted(Path(folder).glob("*.jsonl")) for record in read_lines(path)]


def compare(acknowledged, records, refused=(), is_complete=True, only=None):
    """`refused`: messages that a destination never takes; what comes after them of their patient is held.

    `is_complete`: every sender went on until everything was acknowledged, so that nothing else may have an effect. `only`: the one
    destination to look at; left out: all of them.
    """
    findings = Findings()
    sent = check_acknowledged(acknowledged, findings)
    for destination in [only] if only else sorted({record["destination"] for record in records} | set(FORMATS_OF)):
        expected = {message: record for message, record in sent.items()
                    if record["format"] in FORMATS_OF.get(destination, ())}
        own = [record for record in records if record["destination"] == destination]
        check_effects(destination, expected, own, set(refused), is_complete, findings)
        check_order(destination, expected, own, set(refused), findings)
        check_content(destination, expected, own, findings)
    return findings


def check_acknowledged(acknowledged, findings):
    """Messages by id."""
    sent = {}
    for record in acknowledged:
        known = sent.setdefault(record["message"], record)
        if (known["patient"], known["sequence"]) != (record["patient"], record["sequence"]):
            findings.other.append(f"two messages were acknowledged with the id {record['message']}")
        # A message without a consent is with the laboratory already, and waits for the patient's word for the trial.
        if record["disposition"] not in ("routed", "awaiting-consent"):
            findings.other.append(f"message {record['message']} was acknowledged as {record['disposition']}")
    places = {(record["patient"], record["sequence"]) for record in sent.values()}
    if len(places) < len(sent):
        findings.other.append(f"{len(sent) - len(places)} messages were acknowledged with two ids")
    findings.figures["acknowledged"] = len(sent)
    return sent


def held_by(expected, refused):
    """Messages that wait behind a refused one of their patient, and the refused ones."""
    first = {}
    for message in refused & set(expected):
        record = expected[message]
        first[record["patient"]] = min(record["sequence"], first.get(record["patient"], record["sequence"]))
    return {message for message, record in expected.items()
            if record["patient"] in first and record["sequence"] >= first[record["patient"]]}


def check_effects(destination, expected, records, refused, is_complete, findings):
    keys, stored, repeats = defaultdict(set), defaultdict(int), 0
    for record in records:
        if record["stored"]:
            keys[record["key"].rsplit("-", 1)[0]].add(record["key"])
            stored[record["key"]] += 1
    repeats = sum(count - 1 for count in stored.values())
    held = held_by(expected, refused)
    for message, record in expected.items():
        place = f"{destination}: patient {record['patient']} message {record['sequence']} ({message})"
        if message in held:
            if keys.get(message):
                findings.other.append(f"{place} went past a refused message of its patient")
        elif not keys.get(message):
            findings.lost.append(f"{place} is lost")
        elif len(keys[message]) > 1:
            findings.doubled.append(f"{place} had {len(keys[message])} effects")
    unknown = [message for message in keys if message not in expected]
    if unknown and is_complete:
        findings.other.append(f"{destination}: {len(unknown)} messages had an effect that nobody was told of: {unknown[:3]}")
    findings.figures[f"{destination}: messages"] = len(keys)
    findings.figures[f"{destination}: requests"] = len(records)
    findings.figures[f"{destination}: stored again under the same key"] = repeats
    if not is_complete:
        findings.figures[f"{destination}: effects without acknowledgement"] = len(unknown)


def check_order(destination, expected, records, refused, findings):
    """When a message comes for the first time, every earlier one of its patient has been stored and answered."""
    of_patient = defaultdict(list)
    for message, record in expected.items():
        of_patient[record["patient"]].append((record["sequence"], message))
    before = {}
    for order in of_patient.values():
        order.sort()
        for (_, earlier), (_, later) in zip(order, order[1:]):
            before[later] = earlier
    answered, seen = set(), set()
    for record in records:
        message = record["key"].rsplit("-", 1)[0]
        if message not in expected:
            continue
        if message not in seen and message in before and before[message] not in answered:
            place = expected[message]
            findings.disordered.append(
                f"{destination}: patient {place['patient']} message {place['sequence']} came before the one before it was done")
        seen.add(message)
        if record["does"] == "ok":
            answered.add(message)


def check_content(destination, expected, records, findings):
    subjects, patients, wrong = {}, {}, 0
    for record in records:
        message = expected.get(record["key"].rsplit("-", 1)[0])
        if message is None:
            continue
        if destination == "laboratory":
            is_same = record["identifiers"] == [message["document"]]
        else:
            # The trial gets a pseudonym of the document id.
            is_same = message["document"] not in record["identifiers"]
        wrong += not (is_same and record["authored"] == message["authored"])
        wrong += subjects.setdefault(message["patient"], record["subject"]) != record["subject"]
        wrong += patients.setdefault(record["subject"], message["patient"]) != message["patient"]
    if wrong:
        findings.other.append(f"{destination}: {wrong} deliveries carry another message or another patient")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acknowledged", required=True)
    parser.add_argument("--destination", action="append", required=True)
    parser.add_argument("--refused", action="append", default=[])
    options = parser.parse_args()
    records = [record for path in options.destination for record in read_lines(path)]
    findings = compare(read_acknowledged(options.acknowledged), records, options.refused)
    for name, figure in findings.figures.items():
        print(f"{name}: {figure}")
    for violation in findings.violations():
        print(violation)
    print(findings.summary())
    sys.exit(1 if findings.violations() else 0)


if __name__ == "__main__":
    main()
