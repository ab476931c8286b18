#!/usr/bin/env python3
"""Flips single bits of a closed SQLite journal: no wrong message may be delivered, and none may be kept back without a word.

    corruption.py [--flips 2000] [--runs 400] [--messages 40] [--seed N] [--expect-fault]

A journal is filled while both destinations are down. Once it is delivered whole: what came is what must come. Then one bit of a copy
is flipped, each page in turn, at random within the page. A second reader (Python's SQLite) tells what the flip did: nothing that can
be read (harmless), a structure that `PRAGMA integrity_check` finds wrong, or other values in cells of a sound file. Of those that are
not harmless so many as `--runs` are served by the gateway. A flip counts as detected where the start is refused, the gateway is not
ready, a delivery became a dead letter, or an error of the journal is logged. Whatever arrives must be, byte for byte, what
arrived without the flip; whatever does not arrive must have been detected.

At last all bodies of deliveries are changed at once: none may arrive. With --expect-fault the gateway (GATEWAY_PLANTED, fault
`no-body-hash`) does not look, and the harness passes only if it finds wrong deliveries.
"""
import argparse
import http.client
import random
import shutil
import sqlite3
import time

import oracle
from rig import Destination, Folder, Gateway, Skipped, finish, planted_binary, run
from senders import Senders

NAME = "corruption"
NAMES = ("trial-system", "laboratory")
TABLES = ("messages", "originals", "cases", "resources", "deliveries", "attempts", "audit", "migrations")


def arrived(records):
    """SHA-256 of what came, by destination and key."""
    return {(record["destination"], record["key"]): record["sha256"] for record in records if record["stored"]}


def fill(folder, given):
    """A closed journal whose deliveries are all due, in one file; with the messages that were acknowledged."""
    gateway = Gateway(folder, {name: f"http://127.0.0.1:9/{name}/fhir" for name in NAMES})
    try:
        gateway.start()
        senders = Senders(folder, gateway.port, 4, given.messages, given.seed, formats=("fhir", "fhir", "kith", "hl7v2")).start()
        senders.join()
    finally:
        gateway.stop()
    connection = sqlite3.connect(gateway.journal)
    connection.execute("UPDATE deliveries SET due = 0, lease_until = 0, state = 'due', attempts = 0")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.close()
    return gateway.journal.read_bytes(), oracle.read_acknowledged(senders.folder)


def content(path):
    """Every cell; none where the file is not sound."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [(b"ok",)]:
            return None
        return {table: connection.execute(f"SELECT rowid, * FROM {table}").fetchall() for table in TABLES}
    except (sqlite3.Error, OverflowError, UnicodeError):
        return None
    finally:
        connection.close()


def changed(before, after):
    """The tables with other cells."""
    return sorted(table for table in TABLES if before[table] != after[table])


class Served:
    """What a gateway makes of a journal: what arrived, and whether it noticed that something is wrong."""

    def __init__(self, folder, image, seed, program=None, plant=None, seconds=6):
        folder.mkdir()
        destination = Destination(folder, seed=seed).start()
        gateway = Gateway(folder, {name: destination.url(name) for name in NAMES}, program=program, plant=plant)
        gateway.journal.write_bytes(image)
        self.signs = []
        try:
            try:
                gateway.start()
                self.wait(gateway, destination, seconds)
            except RuntimeError as refused:
                self.signs.append("start refused" if "journal." in str(refused) else f"ended without a reason: {refused}")
        finally:
            if gateway.is_running():
                gateway.stop()
            destination.stop()
        self.arrived = arrived(destination.records())
        log = (folder / "gateway.log").read_text(errors="replace")
        self.has_panicked = "panicked" in log
        if "journal." in log:
            self.signs.append("logged")
        shutil.rmtree(folder)

    def wait(self, gateway, destination, seconds):
        """Until nothing more comes."""
        end, last, count = time.monotonic() + seconds, time.monotonic(), 0
        while time.monotonic() < end and time.monotonic() - last < 1.6:
            time.sleep(0.1)
            now = len(destination.records())
            if now != count:
                count, last = now, time.monotonic()
            try:
                queue = gateway.queue()
                if not any(queue.get((name, state), 0) for name in NAMES for state in ("due", "leased")) and now:
                    break
            except (OSError, RuntimeError, http.client.HTTPException):
                pass
        try:
            if gateway.get("/readyz")[0] != 200:
                self.signs.append("not ready")
            if any(state == "dead" for (_, state), count in gateway.queue().items() if count):
                self.signs.append("dead letter")
        except (OSError, RuntimeError, http.client.HTTPException):
            self.signs.append("not ready")


def judge(what, served, expected, violations):
    """How it was noticed, or that there was nothing to notice."""
    wrong = [key for key, digest in served.arrived.items() if expected.get(key) != digest]
    missing = [key for key in expected if key not in served.arrived]
    if wrong:
        violations.append(f"{what}: {len(wrong)} wrong deliveries: {wrong[:2]}")
    if missing and not served.signs:
        violations.append(f"{what}: {len(missing)} deliveries did not come, without a sign")
    if served.has_panicked:
        violations.append(f"{what}: a panic")
    return served.signs[0] if served.signs else "no effect on deliveries"


def flips(folder, image, expected, given, draw, violations):
    before_path = folder / "before.db"
    before_path.write_bytes(image)
    before = content(before_path)
    size = int.from_bytes(image[16:18], "big")
    pages = len(image) // size
    classes, ends, runs = {}, {}, 0
    order = list(range(pages))
    draw.shuffle(order)
    for number in range(given.flips):
        page = order[number % pages]
        at, bit = page * size + draw.randrange(size), draw.randrange(8)
        flipped = bytearray(image)
        flipped[at] ^= 1 << bit
        path = folder / "flipped.db"
        path.write_bytes(flipped)
        after = content(path)
        tables = changed(before, after) if after else None
        kind = "structure" if after is None else "harmless" if not tables else f"cells of {', '.join(tables)}"
        classes[kind] = classes.get(kind, 0) + 1
        if kind == "harmless" or runs >= given.runs:
            continue
        runs += 1
        served = Served(folder / "served", bytes(flipped), given.seed)
        end = judge(f"flip {number}, page {page + 1}, byte {at % size}, bit {bit} ({kind})", served, expected, violations)
        ends[end] = ends.get(end, 0) + 1
    return {"flips": f"{given.flips} in {pages} pages: {classes}", "served": f"{runs}: {ends}"}


def bodies(folder, image, given, program=None, plant=None):
    """All bodies with one other bit, in a file that is sound."""
    path = folder / "bodies.db"
    path.write_bytes(image)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE deliveries SET body = replace(body, '2026', '2027')")
    connection.commit()
    connection.close()
    return Served(folder / "served", path.read_bytes(), given.seed, program, plant, 10)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--messages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--expect-fault", action="store_true")
    given = parser.parse_args()
    if given.expect_fault and planted_binary() is None:
        raise Skipped("GATEWAY_PLANTED names no build with planted faults")
    name = f"{NAME}-control" if given.expect_fault else NAME
    print(f"{name}: seed {given.seed}, {given.flips} flips, {given.messages} messages")
    draw, figures, violations = random.Random(given.seed), {}, []
    with Folder(NAME) as folder:
        image, acknowledged = fill(folder, given)
        expected = Served(folder / "served", image, given.seed, seconds=30).arrived
        figures["without a flip"] = f"{len(acknowledged)} messages, {len(expected)} deliveries"
        if len(expected) <= given.messages:
            violations.append("without a flip not everything was delivered")
        if given.expect_fault:
            served = bodies(folder, image, given, planted_binary(), "no-body-hash")
            wrong = sum(expected.get(key) != digest for key, digest in served.arrived.items())
            figures["control"] = f"the planted fault was found: {wrong} wrong deliveries" if wrong else "the fault was NOT found"
            finish(name, figures, [] if wrong else ["wrong deliveries were not found"])
        figures.update(flips(folder, image, expected, given, draw, violations))
        served = bodies(folder, image, given)
        figures["all bodies changed"] = f"{len(served.arrived)} delivered, {served.signs}"
        if served.arrived or not served.signs:
            violations.append(f"of deliveries whose bodies were changed {len(served.arrived)} came")
    finish(name, figures, violations)


if __name__ == "__main__":
    run(NAME, main)
