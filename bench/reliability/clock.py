#!/usr/bin/env python3
"""Moves the gateway's clock while messages flow: an hour forward and back, over the end of summer time, and through a day.

    clock.py [--jumps 8] [--messages 300] [--outage 5000] [--seed N] [--expect-fault]

`jumps`: the time of day of the gateway (not the time that only goes forward) jumps by an hour or more in either direction, several
times, while clients send and the destination fails now and then; two jumps come while the gateway is down. Everything must be
acknowledged and delivered in order, within seconds of the last jump: nothing waits until the old time comes again.
`summer`: the same over the hour in which the time of day in Norway is set back. `day`: one destination is down for 24 hours of the
gateway's clock, which jumps by two hours at a time while messages are sent; the other one has everything meanwhile, and after it
is back it gets everything in order.

With --expect-fault the gateway (GATEWAY_PLANTED, fault `no-set-back`) does not notice that its clock was set back, and the harness
passes only if it finds deliveries that wait. Needs libfaketime.
"""
import argparse
import datetime
import glob
import random
import time

import oracle
from rig import Destination, Folder, Gateway, Skipped, finish, planted_binary, run
from scene import Scene
from senders import Senders

NAME = "clock"
FORMATS = ("fhir", "fhir", "fhir", "kith", "hl7v2")
# Seconds in which what is left must be delivered after the last jump: some repetitions of at most 2 s, and leases of a killed one.
DRAIN = 60
# Where clocks in Norway go from 02:59:59 back to 02:00:00.
SUMMER_ENDS = datetime.datetime(2026, 10, 25, 1, 0, tzinfo=datetime.timezone.utc)


def library():
    for pattern in ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1"):
        for path in glob.glob(pattern):
            return path
    raise Skipped("there is no libfaketime")


class Clock:
    """The time of day of a gateway: so many seconds beside the true one."""

    def __init__(self, folder):
        self.file = folder / "clock"
        self.offset = 0
        self.set(0)
        self.environment = {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "Europe/Oslo"}

    def set(self, offset):
        self.offset = int(offset)
        # Renamed into its place: a file that is half written would be no time.
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.offset:+d}s\n")
        new.rename(self.file)

    def jump(self, seconds):
        self.set(self.offset + seconds)


class Jumping(Scene):
    """A gateway with a clock of its own, and a process for each destination."""

    def __init__(self, folder, seed, program=None, plant=None, retry=(1, 2), **faults):
        self.clock = Clock(folder)
        self.trial = Destination(folder, "trial", seed=seed, **faults)
        self.laboratory = Destination(folder, "laboratory", seed=seed + 1, **faults)
        urls = {"trial-system": self.trial.url("trial-system"), "laboratory": self.laboratory.url("laboratory")}
        gateway = Gateway(folder, urls, program=program, plant=plant, retry=retry, environment=self.clock.environment)
        super().__init__(folder, gateway, self.trial, self.laboratory)

    def send(self, count, seed):
        self.senders = Senders(self.folder, self.gateway.port, 8, count, seed, formats=FORMATS, hang_up=0.02,
                               deadline=time.monotonic() + 600).start()

    def until_acknowledged(self, count):
        while self.senders.acknowledged() < count and self.senders.is_running():
            time.sleep(0.01)

    def end(self, seconds=DRAIN):
        """Waits until everything is delivered; seconds that took, and the comparison."""
        self.senders.join()
        begun = time.monotonic()
        self.expect(f"deliveries were left {seconds} s after the last jump", self.gateway.drain(seconds))
        taken = time.monotonic() - begun
        self.expect("the gateway did not end in order", self.gateway.stop() == 0)
        acknowledged = self.acknowledged()
        summary = []
        for name, destination in (("trial-system", self.trial), ("laboratory", self.laboratory)):
            findings = oracle.compare(acknowledged, destination.records(), only=name)
            self.violations += findings.violations()
            summary.append(findings.summary())
        self.look()
        return taken, f"{len(acknowledged)} acknowledged; {' / '.join(summary)}"


def jumps(given, draw, figures, program=None, plant=None):
    """Back and forth, also while the gateway is down."""
    hour = 3600
    with Folder(NAME) as folder, Jumping(folder, given.seed, program, plant, fail=0.15, stall=0.01) as scene:
        scene.trial.start()
        scene.laboratory.start()
        scene.gateway.start()
        scene.send(given.messages, given.seed)
        made = []
        for number in range(given.jumps):
            scene.until_acknowledged((number + 1) * given.messages // (given.jumps + 1))
            # The last one is back: what waits by then was due by a time that is to come again.
            jump = -hour if number == given.jumps - 1 else draw.choice((-hour, hour, -2 * hour, 30 * 60, -90))
            is_down = number in (given.jumps // 2, given.jumps - 2)
            if is_down:
                scene.gateway.kill()
            scene.clock.jump(jump)
            if is_down:
                scene.gateway.start()
            made.append(f"{jump:+d}{' while down' if is_down else ''}")
        taken, summary = scene.end(12 if plant else DRAIN)
    figures["jumps"] = f"{', '.join(made)} s: {summary}; the rest was delivered in {taken:.1f} s"
    return [f"jumps: {violation}" for violation in scene.violations]


def summer(given, figures):
    """Through the moment in which the time of day is set back by an hour, in the zone of the gateway."""
    with Folder(NAME) as folder, Jumping(folder, given.seed, fail=0.1) as scene:
        scene.clock.set(SUMMER_ENDS.timestamp() - time.time() - 3)
        scene.trial.start()
        scene.laboratory.start()
        scene.gateway.start()
        scene.send(1_000_000, given.seed)
        while time.time() + scene.clock.offset < SUMMER_ENDS.timestamp() + 2:
            time.sleep(0.1)
        scene.senders.stop()
        end = time.monotonic()
        scene.expect("deliveries were left", scene.gateway.drain(DRAIN))
        taken = time.monotonic() - end
        scene.expect("the gateway did not end in order", scene.gateway.stop() == 0)
        acknowledged = oracle.read_acknowledged(scene.senders.folder)
        for name, destination in (("trial-system", scene.trial), ("laboratory", scene.laboratory)):
            findings = oracle.compare(acknowledged, destination.records(), only=name, is_complete=False)
            scene.violations += findings.violations()
        scene.violations += scene.senders.violations() + scene.gateway.journal_faults()
    figures["summer"] = f"{len(acknowledged)} acknowledged over the end of summer time; the rest was delivered in {taken:.1f} s"
    return [f"summer: {violation}" for violation in scene.violations]


def day(given, figures):
    """A destination is down for a day, with the schedule of a deployment: an hour between two attempts."""
    steps = 12
    with Folder(NAME) as folder, Jumping(folder, given.seed, retry=(1, 3600)) as scene:
        scene.laboratory.start()
        scene.gateway.start()
        scene.send(given.outage, given.seed)
        for step in range(steps):
            scene.until_acknowledged((step + 1) * given.outage // (steps + 1))
            scene.clock.jump(2 * 3600)
            # There is time for an attempt or two.
            time.sleep(0.6)
        scene.senders.join()
        scene.expect("the other destination did not get everything", scene.gateway.drain(60, only="laboratory"))
        waiting = scene.gateway.queue()
        memory = scene.gateway.memory()
        scene.trial.start()
        begun = time.monotonic()
        # Whoever was tried at the end waits for up to an hour.
        time.sleep(2)
        scene.clock.jump(2 * 3600)
        taken, summary = scene.end(DRAIN + given.outage / 20)
        taken = time.monotonic() - begun
    scene.expect(f"a dead letter: {waiting}", not any(count for (_, state), count in waiting.items() if state == "dead"))
    figures["day"] = (f"24 h in {steps} jumps; {waiting.get(('trial-system', 'due'), 0)} waited; {summary}; delivered in {taken:.1f} s; "
                      f"{memory:.0f} MB at most")
    return [f"day: {violation}" for violation in scene.violations]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jumps", type=int, default=8)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--outage", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--expect-fault", action="store_true")
    given = parser.parse_args()
    library()
    name = f"{NAME}-control" if given.expect_fault else NAME
    print(f"{name}: seed {given.seed}, {given.jumps} jumps, {given.messages} messages, {given.outage} in the outage")
    draw, figures = random.Random(given.seed), {}
    if given.expect_fault:
        if planted_binary() is None:
            raise Skipped("GATEWAY_PLANTED names no build with planted faults")
        found = [violation for violation in jumps(given, draw, figures, planted_binary(), "no-set-back") if "were left" in violation]
        figures["control"] = "the planted fault was found" if found else "the planted fault was NOT found"
        finish(name, figures, [] if found else ["deliveries that wait for the old time were not found"])
    violations = jumps(given, draw, figures) + summer(given, figures) + day(given, figures)
    finish(name, figures, violations)


if __name__ == "__main__":
    run(NAME, main)
