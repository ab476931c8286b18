#!/usr/bin/env python3
"""Kills the gateway (SIGKILL) at random points while clients send and destinations fail; nothing acknowledged may be lost.

    kill.py [--kills 200] [--messages 10000] [--store sqlite|postgres] [--connection STRING] [--seed N] [--clients 8]
            [--expect-loss]

The kills come at random counts of acknowledged messages, some while the gateway starts. Afterwards everything must have been
delivered once and in order (oracle.py), and the journal must be whole. With --expect-loss the gateway is one that acknowledges
before it commits (GATEWAY_PLANTED, fault `answer-first`), and the harness passes only if a loss is found.
"""
import argparse
import random
import time

import oracle
from postgres import Cluster
from rig import Destination, Folder, Gateway, Skipped, finish, percentile, planted_binary, run
from senders import Senders

NAME = "kill"


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--connection", help="of PostgreSQL; left out: a cluster of its own is made")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--formats", default="fhir,fhir,fhir,kith,hl7v2")
    parser.add_argument("--drain", type=float, default=300, help="seconds for the rest to be delivered")
    parser.add_argument("--expect-loss", action="store_true")
    return parser.parse_args()


def kill_at_random(gateway, senders, kills, draw):
    """Kills at random counts of acknowledged messages. Returns how many kills met the gateway while it started."""
    targets = sorted(draw.randrange(senders.count) for _ in range(kills))
    early = 0
    for target in targets:
        while senders.acknowledged() < target and senders.is_running():
            time.sleep(0.002)
        time.sleep(draw.uniform(0, 0.05))
        gateway.kill()
        if draw.random() < 0.1:
            early += 1
            gateway.start_and_kill(draw.uniform(0, 1.2 * percentile(gateway.starts, 0.5)))
        gateway.start()
    return early


def main():
    given = options()
    program = None
    if given.expect_loss:
        program = planted_binary()
        if program is None:
            raise Skipped("GATEWAY_PLANTED names no build with planted faults")
    name = f"{NAME}-control" if given.expect_loss else f"{NAME}-{given.store}"
    print(f"{name}: seed {given.seed}, {given.kills} kills, {given.messages} messages, {given.clients} clients")
    draw = random.Random(given.seed)
    with Folder(NAME) as folder, Cluster.if_needed(given, folder) as connection:
        destination = Destination(folder, seed=given.seed, fail=0.02, stall=0.002, late=0.002, close=0.005).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        gateway = Gateway(folder, urls, given.store, connection, program=program,
                          plant="answer-first" if given.expect_loss else None)
        try:
            gateway.start()
            senders = Senders(folder, gateway.port, given.clients, given.messages, given.seed,
                              formats=given.formats.split(","), hang_up=0.02, repeat=0.02, reuse=0.01,
                              deadline=time.monotonic() + 7200).start()
            begun = time.monotonic()
            early = kill_at_random(gateway, senders, given.kills, draw)
            senders.join()
            sending = time.monotonic() - begun
            is_drained = gateway.drain(given.drain)
            memory = gateway.memory()
            status = gateway.stop()
        finally:
            if gateway.is_running():
                gateway.kill()
            destination.stop()
        findings = oracle.compare(oracle.read_acknowledged(senders.folder), destination.records())
        violations = findings.violations() + senders.violations() + gateway.log_faults(senders.nationals)
        if given.store == "sqlite":
            violations += gateway.journal_faults()
        if not is_drained:
            violations.append(f"deliveries were left after {given.drain} seconds")
        if status != 0:
            violations.append(f"SIGTERM ended it with status {status}")
    figures = {
        "kills": f"{given.kills} while it served, {early} while it started",
        "sending": f"{sending:.0f} s, answers {senders.statuses()}",
        "start to listening": f"p50 {percentile(gateway.starts, .5):.2f} s, most {max(gateway.starts):.2f} s",
        "peak memory after the last start": f"{memory:.0f} MB",
        **findings.figures,
        "oracle": findings.summary(),
    }
    if given.expect_loss:
        figures["control"] = "the planted fault was found" if findings.lost else "the planted fault was NOT found"
        violations = [] if findings.lost else ["acknowledging before the commit was not found"]
    finish(name, figures, violations)


if __name__ == "__main__":
    run(NAME, main)
