#!/usr/bin/env python3
"""Messages per second and waiting times, with every acknowledgement on the disk.

    load.py [--clients 1,8,32,128] [--seconds 10] [--formats fhir,kith,hl7v2] [--stores sqlite,postgres] [--seed N]

Each line is one format with one number of clients on a new store; a client sends its next message when it was answered. Both
destinations are there and fast. The messages are made before, so that making them does not count. The clients are threads of
this process and share the processors with the gateway: what is measured is a floor. No line fails for being slow; it fails
where a message is not acknowledged or not delivered. Memory is that of the gateway at the end of each quarter of a run.
"""
import argparse
import random
import threading
import time

import messages
import oracle
from postgres import Cluster
from rig import Destination, Folder, Gateway, finish, many_files, on_each, percentile, run
from senders import Sender

NAME = "load"


def measure(store, form, clients, given, violations):
    """One line of the table."""
    with Folder(NAME) as folder:
        (folder / "acknowledged").mkdir()
        arguments = argparse.Namespace(store=store, connection=None)
        with Cluster.if_needed(arguments, folder) as connection:
            destination = Destination(folder, seed=given.seed).start()
            urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
            gateway = Gateway(folder, urls, store, connection)
            try:
                gateway.start()
                work = [[messages.make(given.seed, patient, sequence, form)
                         for sequence in range(given.per_client // 5 or 1) for patient in range(client, clients * 5, clients)]
                        for client in range(clients)]
                senders = [Sender(gateway.port, folder / "acknowledged" / f"{client}.jsonl", own, seed=client, timeout=60)
                           for client, own in enumerate(work)]
                begun = time.monotonic()
                timer = threading.Timer(given.seconds, lambda: [sender.is_stopped.set() for sender in senders])
                timer.start()
                for sender in senders:
                    sender.start()
                memory = []
                while any(sender.is_alive() for sender in senders):
                    if len(memory) < 4 and time.monotonic() - begun > (len(memory) + 1) * given.seconds / 4:
                        memory.append(f"{gateway.memory('VmRSS'):.0f}")
                    time.sleep(0.02)
                sending = time.monotonic() - begun
                timer.cancel()
                if not gateway.drain(120):
                    violations.append(f"{store} {form} {clients}: deliveries were left")
                draining = time.monotonic() - begun
                peak = gateway.memory()
                gateway.stop()
            finally:
                if gateway.is_running():
                    gateway.kill()
                destination.stop()
            findings = oracle.compare(oracle.read_acknowledged(folder / "acknowledged"), destination.records(),
                                      is_complete=False)
    violations += [f"{store} {form} {clients}: {violation}" for violation in findings.violations()]
    violations += [violation for sender in senders for violation in sender.violations]
    waits = [wait * 1000 for sender in senders for wait in sender.waits]
    taken = len(waits)
    p50, p95, p99 = (percentile(waits, share) for share in (0.5, 0.95, 0.99))
    print(f"| {store} | {form} | {clients} | {taken} | {taken / sending:.0f} | {p50:.1f} | {p95:.1f} | {p99:.1f} | "
          f"{taken / draining:.0f} | {', '.join(memory)} | {peak:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", default="1,8,32,128")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--per-client", type=int, default=2_000, help="messages made for each client at most")
    parser.add_argument("--formats", default="fhir,kith,hl7v2")
    parser.add_argument("--stores", default="sqlite,postgres")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    many_files()
    print(f"{NAME}: seed {given.seed}")
    print("| store | format | clients | messages | per second | p50 ms | p95 ms | p99 ms | delivered per second | "
          "memory, MB | peak, MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    violations = []

    def one(store):
        for form in given.formats.split(","):
            for clients in given.clients.split(","):
                measure(store, form, int(clients), given, violations)

    skipped = on_each(given.stores.split(","), one)
    finish(NAME, skipped, violations)


if __name__ == "__main__":
    run(NAME, main)
