#!/usr/bin/env python3
"""Cuts the power at random points: what did not reach the device is gone; nothing acknowledged may be.

    power_cut.py [--cuts 20] [--seed N] [--clients 8] [--expect-loss]

The journal lies on an ext4 file system in a file that is mounted through a loop device. What a program has written without
fsync is in the page cache of the mounted file system, and not in the file: so the gateway is killed, the file is copied
without anything being synced, and the copy is mounted. It is what the disk would hold after the cut. After each cut every
message that was ever acknowledged must be in the journal; at the end everything must have been delivered once and in order.

With --expect-loss the gateway is one without fsync (GATEWAY_PLANTED, fault `no-fsync`), and the harness passes only if a loss
is found. Needs root for mounting.
"""
import argparse
import os
import random
import sqlite3
import subprocess
import time

import oracle
from rig import Destination, Folder, Gateway, Skipped, finish, needs_root, percentile, planted_binary, run
from senders import Senders

NAME = "power-cut"
SIZE = 96 << 20


class Disk:
    """A file system in a file."""

    def __init__(self, folder):
        self.folder, self.image, self.place = folder, folder / "disk.0", folder / "mounted"
        self.place.mkdir()
        self.number = 0
        with open(self.image, "wb") as file:
            file.truncate(SIZE)
        command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image)
        self.mount()

    def mount(self):
        # Written back as late as the kernel can: what was not synced is to be lost.
        command("mount", "-o", "loop,commit=60", self.image, self.place)
        if not os.access(self.place, os.W_OK):
            # Somebody has left the loop device read-only.
            device = subprocess.run(["findmnt", "-n", "-o", "SOURCE", self.place], capture_output=True, text=True).stdout.strip()
            self.unmount()
            command("blockdev", "--setrw", device)
            command("mount", "-o", "loop,commit=60", self.image, self.place)

    def cut(self):
        """Whoever writes is dead by now. The next mount shows what the device had."""
        self.number += 1
        copy = self.folder / f"disk.{self.number}"
        command("cp", "--sparse=always", self.image, copy)
        self.unmount()
        self.image.unlink()
        self.image = copy
        self.mount()

    def unmount(self):
        command("umount", self.place)


def command(*arguments):
    result = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{arguments[0]}: {result.stderr.strip()}")


def disk(folder):
    needs_root("mounting a file system")
    try:
        return Disk(folder)
    except (RuntimeError, FileNotFoundError) as error:
        raise Skipped(f"no file system in a file can be mounted here: {error}") from None


def missing(journal, acknowledged):
    """Which of the acknowledged messages the journal does not have."""
    try:
        connection = sqlite3.connect(journal)
        try:
            known = {row[0] for row in connection.execute("SELECT id FROM messages")}
        finally:
            connection.close()
    except sqlite3.Error:
        known = set()
    return {record["message"] for record in acknowledged} - known


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--expect-loss", action="store_true")
    given = parser.parse_args()
    program = planted_binary() if given.expect_loss else None
    if given.expect_loss and program is None:
        raise Skipped("GATEWAY_PLANTED names no build with planted faults")
    name = f"{NAME}-control" if given.expect_loss else NAME
    print(f"{name}: seed {given.seed}, {given.cuts} cuts, {given.clients} clients")
    draw = random.Random(given.seed)
    lost, unopened, lives = set(), 0, []
    with Folder(NAME) as folder:
        store = disk(folder)
        destination = Destination(folder, seed=given.seed, fail=0.02, close=0.005).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        gateway = Gateway(folder, urls, journal=store.place / "journal.db", program=program,
                          plant="no-fsync" if given.expect_loss else None)
        senders = None
        try:
            gateway.start()
            senders = Senders(folder, gateway.port, given.clients, 1_000_000, given.seed, hang_up=0.02,
                              formats=("fhir", "fhir", "fhir", "kith", "hl7v2")).start()
            for _ in range(given.cuts):
                before = senders.acknowledged()
                time.sleep(draw.uniform(0.3, 1.5))
                gateway.kill()
                # What was acknowledged before the kill is in the lists by now or never.
                time.sleep(0.1)
                acknowledged = oracle.read_acknowledged(senders.folder)
                lives.append(senders.acknowledged() - before)
                store.cut()
                lost |= missing(gateway.journal, acknowledged)
                try:
                    gateway.start()
                except RuntimeError:
                    unopened += 1
                    if not given.expect_loss:
                        raise
                    gateway.journal.unlink()
                    gateway.start()
            senders.stop()
            is_drained = gateway.drain(20 if given.expect_loss else 120)
            gateway.stop()
            faults = gateway.journal_faults()
        finally:
            if senders:
                senders.stop()
            if gateway.is_running():
                gateway.kill()
            destination.stop()
            store.unmount()
        # Clients were stopped between sending and being answered: what they had sent may have an effect.
        findings = oracle.compare(oracle.read_acknowledged(senders.folder), destination.records(), is_complete=False)
        violations = [f"message {message} was not in the journal after a cut" for message in sorted(lost)]
        violations += findings.violations() + senders.violations() + faults + gateway.log_faults(senders.nationals)
        if not is_drained:
            violations.append("deliveries were left")
    figures = {
        "cuts": f"{given.cuts}, acknowledged between two: p50 {percentile(lives, .5)}, most {max(lives)}",
        "start to listening": f"p50 {percentile(gateway.starts, .5):.2f} s, most {max(gateway.starts):.2f} s",
        "lost": f"{len(lost)} acknowledged messages not in the journal after a cut",
        **findings.figures, "oracle": findings.summary(),
    }
    if given.expect_loss:
        figures["journals that did not open"] = unopened
        figures["control"] = "the planted fault was found" if lost else "the planted fault was NOT found"
        violations = [] if lost else ["a journal without fsync was not found"]
    finish(name, figures, violations)


if __name__ == "__main__":
    run(NAME, main)
