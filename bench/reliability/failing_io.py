#!/usr/bin/env python3
"""Calls of the system that fail under the journal: nothing may be acknowledged that is not stored.

    failing_io.py [--points 100] [--messages 40] [--seed N] [--expect-loss]

First every fsync fails from one on, and goes on failing (`sticky`): from then on nothing is acknowledged and the gateway is not
ready; it is killed, and started again on what the disk has. Then the same with fsyncs that work again after a while, and
with writes that are told EROFS, as on a disk that has become read-only: it must go on without a restart. Then single calls fail (`points`): the k-th pwrite64, fdatasync or ftruncate of each thread with EIO or ENOSPC,
one k after the other. Whatever failed, in the end every acknowledged message is in the journal and was delivered once, in order.

With --expect-loss the gateway is one that answers before it commits (GATEWAY_PLANTED, fault `answer-first`), every fsync fails,
and the harness passes only if it finds acknowledged messages that are not stored. Needs strace and the right to trace.
"""
import argparse
import random
import shutil
import subprocess
import time

import oracle
from power_cut import missing
from rig import Destination, Folder, Gateway, Skipped, finish, planted_binary, run
from scene import Scene, answered, readiness, until
from senders import Senders

NAME = "failing-io"
SYNCS = ("fsync", "fdatasync")
# How a gateway that cannot write may answer besides 200.
TOLD = {"200", "429", "503", "507", "no answer"}


def strace(folder, calls, error, when):
    """The command before that of the gateway: the calls fail in its threads when they are counted so."""
    command = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", str(folder / "strace.log"), "-e", f"trace={','.join(calls)}"]
    for call in calls:
        command += ["-e", f"inject={call}:error={error}:when={when}"]
    return command


def injected(folder):
    """How many calls have failed so far."""
    path = folder / "strace.log"
    return path.read_text(errors="replace").count("(INJECTED)") if path.exists() else 0


def needs_strace():
    if shutil.which("strace") is None:
        raise Skipped("there is no strace")
    probe = subprocess.run(["strace", "-qq", "-e", "inject=fsync:error=EIO:when=3..4", "true"], capture_output=True, text=True)
    if probe.returncode:
        raise Skipped(f"strace cannot be used here: {probe.stderr.strip()[:200]}")


class Failing(Scene):
    """A gateway whose calls fail."""

    def __init__(self, folder, given, prefix, program=None, plant=None):
        destination = Destination(folder, seed=given.seed).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        super().__init__(folder, Gateway(folder, urls, program=program, plant=plant, prefix=prefix), destination)

    def start(self):
        """Starts it on tables that are there: how many calls make them is not what is tried here."""
        prefix, self.gateway.prefix = self.gateway.prefix, []
        self.gateway.start()
        self.gateway.stop()
        self.gateway.prefix = prefix
        self.gateway.start()

    def send(self, count, seed):
        self.senders = Senders(self.folder, self.gateway.port, 4, count, seed, formats=("fhir", "fhir", "kith", "hl7v2"),
                               deadline=time.monotonic() + 90).start()

    def end(self, is_complete=True):
        """Everything is sent and delivered, and compared."""
        self.stop()
        acknowledged = self.acknowledged()
        findings = oracle.compare(acknowledged, self.destinations[0].records(), is_complete=is_complete)
        lost = missing(self.gateway.journal, acknowledged)
        if lost:
            self.violations.append(f"{len(lost)} acknowledged messages are not in the journal")
        self.expect(f"another answer: {self.senders.statuses()}", set(self.senders.statuses()) <= TOLD)
        self.violations += findings.violations()
        self.look()
        return findings


def sticky(given, draw, figures):
    """From one fsync on all fail; started again, it goes on from what the disk has."""
    at = draw.randrange(20, 60)
    with Folder(NAME) as folder, Failing(folder, given, strace(folder, SYNCS, "EIO", f"{at}+")) as scene:
        scene.start()
        scene.send(1_000_000, given.seed)
        scene.expect("no fsync has failed", until(lambda: injected(folder) > 0, 60))
        scene.expect("it says it is ready while no fsync works", until(lambda: readiness(scene.gateway) == 503, 10))
        before = scene.senders.acknowledged()
        time.sleep(2)
        scene.expect("messages were acknowledged while no fsync works", scene.senders.acknowledged() == before)
        scene.gateway.kill()
        time.sleep(0.1)
        lost = missing(scene.gateway.journal, scene.acknowledged())
        scene.expect(f"{len(lost)} acknowledged messages were not in the journal", not lost)
        scene.gateway.prefix = []
        scene.gateway.start()
        scene.expect("nothing was taken after the restart", until(lambda: scene.senders.acknowledged() > before + 10, 30))
        scene.senders.stop()
        findings = scene.end(is_complete=False)
    figures["sticky"] = (f"every fsync failed from number {at} on; {before} acknowledged before, none meanwhile, "
                         f"{findings.figures['acknowledged'] - before} after the restart: {findings.summary()}")
    return [f"sticky: {violation}" for violation in scene.violations]


def passing(given, figures, name, calls, error, at):
    """Some calls fail, then they work again."""
    with Folder(NAME) as folder, Failing(folder, given, strace(folder, calls, error, f"{at}..{at + 5}")) as scene:
        scene.start()
        scene.send(1_000_000, given.seed)
        scene.expect("no call has failed", until(lambda: injected(folder) > 0, 60))
        scene.expect("nothing can be read", until(lambda: answered(scene.gateway, "/messages?_count=5") == 200, 5))
        before = scene.senders.acknowledged()
        scene.expect("nothing was taken after calls worked again", until(lambda: scene.senders.acknowledged() > before + 40, 40))
        scene.expect("it is not ready after calls worked again", until(lambda: readiness(scene.gateway) == 200, 10))
        scene.senders.stop()
        findings = scene.end(is_complete=False)
        failed = injected(folder)
    figures[name] = f"{failed} calls failed; {findings.figures['acknowledged']} acknowledged: {findings.summary()}"
    return [f"{name}: {violation}" for violation in scene.violations]


def point(given, call, error, when, seed):
    """One k. Whether a call has failed, whether the start did, and what was found."""
    with Folder(NAME) as folder, Failing(folder, given, strace(folder, (call,), error, when)) as scene:
        is_started = True
        try:
            scene.gateway.start()
        except RuntimeError as refused:
            is_started = False
            scene.expect(f"the start ended without a reason: {refused}", "journal." in str(refused))
            scene.gateway.prefix = []
            scene.gateway.start()
        scene.send(given.messages, seed)
        scene.senders.join()
        scene.end()
        place = f"{call} number {when} of each thread failed with {error}"
        return injected(folder) > 0, is_started, [f"{place}: {violation}" for violation in scene.violations]


def points(given, draw, figures):
    kinds = [("pwrite64", "EIO", 150), ("pwrite64", "ENOSPC", 150), ("fdatasync", "EIO", 30), ("ftruncate", "EIO", 4)]
    hit, refused, violations = 0, 0, []
    for number in range(given.points):
        call, error, most = kinds[number % len(kinds)]
        when = draw.randrange(1, most)
        is_hit, is_started, found = point(given, call, error, when, draw.randrange(1 << 32))
        hit, refused, violations = hit + is_hit, refused + (not is_started), violations + found
    figures["points"] = f"{given.points}; a call failed in {hit}, the start was refused in {refused}"
    if hit < given.points / 2:
        violations.append(f"only {hit} of {given.points} points met a call")
    return violations


def control(given, figures):
    """Whoever answers before the commit acknowledges what no fsync has written."""
    program = planted_binary()
    if program is None:
        raise Skipped("GATEWAY_PLANTED names no build with planted faults")
    prefix = strace(given.folder, SYNCS, "EIO", "20+")
    with Failing(given.folder, given, prefix, program, "answer-first") as scene:
        scene.start()
        scene.send(200, given.seed)
        until(lambda: injected(given.folder) > 0 and scene.senders.acknowledged() > 0, 30)
        time.sleep(1)
        scene.senders.stop()
        scene.gateway.kill()
        lost = missing(scene.gateway.journal, scene.acknowledged())
    figures["control"] = f"the planted fault was found: {len(lost)} lost" if lost else "the planted fault was NOT found"
    return [] if lost else ["acknowledging before the commit was not found"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--messages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--expect-loss", action="store_true")
    given = parser.parse_args()
    needs_strace()
    name = f"{NAME}-control" if given.expect_loss else NAME
    print(f"{name}: seed {given.seed}, {given.points} points")
    draw, figures, violations = random.Random(given.seed), {}, []
    if given.expect_loss:
        with Folder(NAME) as given.folder:
            violations += control(given, figures)
    else:
        violations += sticky(given, draw, figures)
        violations += passing(given, figures, "passing", SYNCS, "EIO", draw.randrange(20, 60))
        # As a file system answers that was made read-only after an error of its device.
        violations += passing(given, figures, "read-only", ("pwrite64", "ftruncate"), "EROFS", draw.randrange(150, 400))
        violations += points(given, draw, figures)
    finish(name, figures, violations)


if __name__ == "__main__":
    run(NAME, main)
