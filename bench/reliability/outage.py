#!/usr/bin/env python3
"""A destination is down while messages come, and is back; another destination is not affected, nor is anybody held by a
message that is refused but its own patient.

    outage.py [--messages 5000] [--seed N] [--clients 8]

`trial-system` is first not there at all, then answers every request with an error, then is there. `laboratory` is there all the
time and must have everything while the other one is down. One message is refused by `trial-system` for good: it must become a
dead letter and hold only what comes after it of its own patient, until an operator replays it.

The outage is as long as the sending takes, and the retries are set to between 1 and 2 seconds; `clock.py` has one of a day.
"""
import argparse
import random
import subprocess
import time

import oracle
from rig import Destination, Folder, Gateway, finish, run
from senders import Senders

NAME = "outage"


def pick_refused(acknowledged, draw):
    """The second message of a patient who has later ones for the same destination."""
    later = {record["patient"] for record in acknowledged if record["format"] == "fhir" and record["sequence"] >= 2}
    second = [record["message"] for record in acknowledged
              if record["format"] == "fhir" and record["sequence"] == 1 and record["patient"] in later]
    return draw.choice(sorted(second))


def wait_until_held(gateway, held, seconds):
    """Waits until nothing is left but the dead letter and what it holds; whether that was so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        queue = gateway.queue()
        due, leased, dead = (queue.get(("trial-system", state), 0) for state in ("due", "leased", "dead"))
        if (due, leased, dead) == (held, 0, 1):
            return True
        time.sleep(0.2)
    return False


def replay(gateway):
    """What an operator does with dead letters."""
    command = [gateway.program, "replay", "--config", str(gateway.config), "--destination", "trial-system"]
    return subprocess.run(command, capture_output=True, text=True, cwd=gateway.folder)


class Scene:
    """The two destinations, what was acknowledged, and what was found."""

    def __init__(self, folder):
        self.trial, self.laboratory = Destination(folder, "trial"), Destination(folder, "laboratory")
        self.violations, self.figures = [], {}

    def compare(self, acknowledged, refused, when):
        # `laboratory` takes the message that `trial-system` refuses.
        for name, destination, never in (("trial-system", self.trial, refused), ("laboratory", self.laboratory, ())):
            findings = oracle.compare(acknowledged, destination.records(), never, only=name)
            self.violations += [f"{when}: {violation}" for violation in findings.violations()]
            self.figures[f"{when}: {name}"] = f"{findings.figures[f'{name}: messages']} messages, {findings.summary()}"

    def expect(self, what, holds):
        if not holds:
            self.violations.append(what)


def outage(scene, gateway, folder, given):
    """Sends everything while `trial-system` is down."""
    begun = time.monotonic()
    senders = Senders(folder, gateway.port, given.clients, given.messages, given.seed,
                      formats=("fhir", "fhir", "fhir", "kith", "hl7v2")).start()
    while senders.acknowledged() < given.messages // 2 and senders.is_running():
        time.sleep(0.05)
    # From here on it is there, and says that it is not well.
    scene.trial.start(fail=1.0)
    senders.join()
    scene.figures["sending"] = f"{time.monotonic() - begun:.0f} s, answers {senders.statuses()}"
    begun = time.monotonic()
    scene.expect("the destination that is not down did not get everything", gateway.drain(60, only="laboratory"))
    scene.figures["the other destination had everything"] = f"{time.monotonic() - begun:.1f} s after the last acknowledgement"
    scene.figures["queue"] = {f"{name} {state}": count for (name, state), count in gateway.queue().items() if count}
    scene.figures["memory with that queue"] = f"{gateway.memory('VmRSS'):.0f} MB"
    scene.trial.stop()
    return senders


def come_back(scene, gateway, acknowledged, draw, seconds):
    """It is back, but for one message; then an operator has that one sent again."""
    refused = pick_refused(acknowledged, draw)
    place = next(record for record in acknowledged if record["message"] == refused)
    held = sum(record["format"] == "fhir" and record["patient"] == place["patient"] and record["sequence"] > place["sequence"]
               for record in acknowledged)
    scene.trial.start(refuse=refused)
    begun = time.monotonic()
    scene.expect("there was more left than the dead letter and what it holds", wait_until_held(gateway, held, seconds))
    taken = time.monotonic() - begun
    waited = sum(record["format"] == "fhir" for record in acknowledged)
    scene.figures["drain"] = f"{taken:.1f} s, {waited / taken:.0f} messages/s; {held} held by the dead letter"
    scene.compare(acknowledged, {refused}, "with a dead letter")
    scene.trial.stop()
    scene.trial.start()
    replayed = replay(gateway)
    scene.expect(f"the dead letter could not be replayed: {replayed.stderr[:300]}", replayed.returncode == 0)
    scene.expect("deliveries were left after the replay", gateway.drain(60))
    scene.compare(acknowledged, (), "after the replay")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    print(f"{NAME}: seed {given.seed}, {given.messages} messages")
    with Folder(NAME) as folder:
        scene = Scene(folder)
        scene.laboratory.start()
        urls = {"trial-system": scene.trial.url("trial-system"), "laboratory": scene.laboratory.url("laboratory")}
        gateway = Gateway(folder, urls)
        try:
            gateway.start()
            senders = outage(scene, gateway, folder, given)
            acknowledged = oracle.read_acknowledged(senders.folder)
            come_back(scene, gateway, acknowledged, random.Random(given.seed), 60 + given.messages / 10)
            scene.figures["peak memory"] = f"{gateway.memory():.0f} MB"
            scene.expect("the gateway did not end in order", gateway.stop() == 0)
        finally:
            if gateway.is_running():
                gateway.kill()
            scene.trial.stop()
            scene.laboratory.stop()
        scene.violations += senders.violations() + gateway.journal_faults() + gateway.log_faults(senders.nationals)
    finish(NAME, scene.figures, scene.violations)


if __name__ == "__main__":
    run(NAME, main)
