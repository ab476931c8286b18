#!/usr/bin/env python3
"""PostgreSQL goes away while messages come, and comes back: senders are told 503 meanwhile, and all goes on without a restart.

    database_gone.py [--rounds 3] [--messages 600] [--seed N]

The server is stopped in order and, in turn, as by a crash, so that it has to recover. Needs the programs of a PostgreSQL
server; a cluster of its own is made.
"""
import argparse
import random
import time

import oracle
from postgres import Cluster
from rig import Destination, Folder, Gateway, finish, run
from scene import Scene, readiness, until, wait_for
from senders import Senders

NAME = "database-gone"
MODES = ("fast", "immediate")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    print(f"{NAME}: seed {given.seed}, {given.rounds} rounds, {given.messages} messages")
    draw = random.Random(given.seed)
    recoveries = []

    with Folder(NAME) as folder:
        cluster = Cluster(folder).start()
        destination = Destination(folder, seed=given.seed, fail=0.02).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        try:
            with Scene(folder, Gateway(folder, urls, "postgres", cluster.connection), destination) as scene:
                gateway = scene.gateway
                gateway.start()
                senders = scene.senders = Senders(folder, gateway.port, 8, given.messages, given.seed, repeat=0.02, timeout=30,
                                                  formats=("fhir", "fhir", "fhir", "kith", "hl7v2")).start()
                for number in range(given.rounds):
                    scene.expect(f"round {number}: messages were not taken", until(scene.takes_more(10), 30))
                    told = senders.statuses().get("503", 0)
                    cluster.stop(MODES[number % len(MODES)])
                    is_told = until(lambda: senders.statuses().get("503", 0) > told, 30)
                    scene.expect(f"round {number}: no sender was told 503", is_told)
                    scene.expect(f"round {number}: the gateway said it was ready", until(lambda: readiness(gateway) == 503, 10))
                    scene.expect(f"round {number}: the gateway does not say that it is alive", gateway.get("/healthz")[0] == 200)
                    time.sleep(draw.uniform(0, 3))
                    cluster.start()
                    recovery = wait_for(scene.takes_more(1), 30)
                    scene.expect(f"round {number}: nothing was taken within 30 s after the server was back", recovery is not None)
                    recoveries.append(recovery or 0)
                senders.join()
                scene.expect("another answer than 200, 429 and 503", set(senders.statuses()) <= {"200", "429", "503"})
                scene.stop()
        finally:
            cluster.stop("immediate")
        findings = oracle.compare(scene.acknowledged(), destination.records())
        violations = scene.violations + findings.violations() + senders.violations() + gateway.log_faults(senders.nationals)
    finish(NAME, {
        "taken again after the server was back": f"most {max(recoveries):.1f} s",
        "answers": senders.statuses(), **findings.figures, "oracle": findings.summary(),
    }, violations)


if __name__ == "__main__":
    run(NAME, main)
