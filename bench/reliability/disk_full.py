#!/usr/bin/env python3
"""Fills the disk under the journal: nothing may be acknowledged that is not stored.

    disk_full.py [--rounds 3] [--seed N]

Each round: clients send to a gateway whose journal lies on a small file system (tmpfs); the file system is filled. From then
on senders must be told 507 (or be acknowledged, where there was room after all), reading must go on, and after space is given
back messages must be taken again without a restart. In the end what was acknowledged is what is stored and delivered. Each
round ends with another amount of free space, so that the disk is full at other points of a commit.

A start on a file system that is read-only must end with a clear error. Needs root.

A device that fails is not simulated: when ext4 is shut down by its ioctl, an fsync that is in flight can return success for data
that is not there (4 of 15 times in a loop of fdatasync without the gateway), so that no verdict would be possible.
"""
import argparse
import os
import random
import subprocess

import oracle
from power_cut import command
from rig import Destination, Folder, Gateway, Skipped, finish, needs_root, run
from scene import Scene, answered, readiness, until, wait_for
from senders import Senders

NAME = "disk-full"


class Tmpfs:
    def __init__(self, place, megabytes):
        needs_root("mounting a file system")
        self.place = place
        place.mkdir()
        try:
            command("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", place)
        except (RuntimeError, FileNotFoundError) as error:
            raise Skipped(f"no file system can be mounted here: {error}") from None
        self.filler = place / "filler"

    def fill(self, leave):
        """Takes all but so many bytes."""
        state = os.statvfs(self.place)
        room = state.f_bavail * state.f_frsize - leave
        with open(self.filler, "wb") as file:
            while room > 0:
                try:
                    return os.posix_fallocate(file.fileno(), 0, room)
                except OSError:
                    # The gateway has taken some of it since.
                    room -= 1 << 16

    def free(self):
        self.filler.unlink()

    def unmount(self):
        command("umount", "-l", self.place)


def reads(gateway):
    """Numbers are read on. What is about a person is shown with its row in the audit trail, or the reader is told why not."""
    return answered(gateway, "/metrics") == 200 and answered(gateway, "/messages") in (200, 507)


class Small(Scene):
    """A gateway on a file system, and clients that send for as long as the scene lasts."""

    def __init__(self, folder, journal, seed):
        destination = Destination(folder, seed=seed).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        super().__init__(folder, Gateway(folder, urls, journal=journal), destination)
        self.figures = {}
        self.gateway.start()
        self.senders = Senders(folder, self.gateway.port, 4, 1_000_000, seed,
                               formats=("fhir", "fhir", "fhir", "kith", "hl7v2")).start()

    def end(self):
        """Stops everything; what was acknowledged is compared with what came."""
        self.senders.stop()
        self.stop()
        findings = oracle.compare(self.acknowledged(), self.destinations[0].records(), is_complete=False)
        self.violations += findings.violations()
        self.look()
        self.figures["oracle"] = f"{findings.figures['acknowledged']} acknowledged: {findings.summary()}"
        self.figures["answers"] = self.senders.statuses()


def full(folder, rounds, draw):
    """The disk fills up, several times."""
    store = Tmpfs(folder / "small", 24)
    try:
        with Small(folder, store.place / "journal.db", draw.randrange(1 << 32)) as scene:
            recoveries = []
            for number in range(rounds):
                scene.expect("messages were not taken", until(scene.takes_more(), 20))
                told = scene.senders.statuses().get("507", 0)
                store.fill(draw.randrange(0, 1 << 18))
                is_told = until(lambda: scene.senders.statuses().get("507", 0) > told, 30)
                scene.expect(f"round {number}: no sender was told 507 when the disk was full", is_told)
                scene.expect(f"round {number}: nothing could be read while the disk was full", reads(scene.gateway))
                scene.expect(f"round {number}: the gateway said it was ready while the disk was full",
                             until(lambda: readiness(scene.gateway) == 503, 5))
                store.free()
                recovery = wait_for(scene.takes_more(1), 15)
                if scene.expect(f"round {number}: nothing was taken within 15 s after space was given back", recovery is not None):
                    recoveries.append(recovery)
            scene.expect("another answer than 200, 429, 503 and 507",
                         set(scene.senders.statuses()) <= {"200", "429", "503", "507"})
            scene.end()
            scene.figures["taken again after space was given back"] = \
                f"{rounds} rounds, most {max(recoveries, default=0):.1f} s"
    finally:
        store.unmount()
    return scene


def read_only(folder):
    """A start on a file system that cannot be written ends, and says why."""
    store = Tmpfs(folder / "readonly", 1)
    try:
        command("mount", "-o", "remount,ro", store.place)
        gateway = Gateway(folder, {}, journal=store.place / "journal.db")
        result = subprocess.run([gateway.program, "serve", "--config", str(gateway.config)], capture_output=True, text=True,
                                timeout=60, cwd=folder)
    finally:
        store.unmount()
    said = result.stdout + result.stderr
    if result.returncode == 0 or "journal." not in said or "panicked" in said:
        return [f"a start on a read-only file system ended with status {result.returncode} and said {said[:200]!r}"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    print(f"{NAME}: seed {given.seed}, {given.rounds} rounds")
    draw = random.Random(given.seed)
    figures, violations = {}, []
    with Folder(NAME) as folder:
        ended = full(folder, given.rounds, draw)
        figures.update({f"full: {name}": figure for name, figure in ended.figures.items()})
        violations += [f"full: {violation}" for violation in ended.violations]
    with Folder(NAME) as folder:
        violations += read_only(folder)
    finish(NAME, figures, violations)


if __name__ == "__main__":
    run(NAME, main)
