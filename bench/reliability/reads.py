#!/usr/bin/env python3
"""How long a trust waits for what it reads and searches, over many resources.

    reads.py [--resources 100000] [--stores sqlite,postgres] [--requests 500] [--clients 1,8] [--seed N]

Referrals are sent until the store holds so many resources of the trust, all of them delivered; then each kind of request is made,
one after the other on a connection of each client. Every request is about something drawn anew. No line fails for being slow; it
fails where an answer is another than expected: a read that finds nothing, a search that finds too much or too little.
"""
import argparse
import http.client
import json
import random
import threading
import time
from urllib.parse import quote

from postgres import Cluster
from rig import SECRET, Destination, Folder, Gateway, finish, many_files, on_each, percentile, run
from senders import Senders

NAME = "reads"
NATIONAL = "urn:oid:2.16.578.1.12.4.1.4.1"


class Client:
    """A trust's client with one connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path, body=None):
        headers = {"Authorization": f"Bearer {SECRET}", "Accept": "application/fhir+json"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        self.connection.request("GET" if body is None else "POST", f"/fhir/{path}", body, headers)
        response = self.connection.getresponse()
        content = response.read()
        return (time.perf_counter() - begun) * 1000, response.status, content


def found(content):
    return json.loads(content).get("entry", [])


def sample(client, kind, count=500):
    """Resources of a type, the last written first."""
    _, status, content = client.ask(f"{kind}?_count={count}")
    if status != 200:
        raise RuntimeError(f"{kind}: {status}")
    return [entry["resource"] for entry in found(content) if entry.get("search", {}).get("mode") == "match"]


def one(content, ident):
    return json.loads(content).get("id") == ident


def requests_of(client, nationals):
    """Name of each kind of request -> how one is made: path, body, and whether the answer is right."""
    requests, tasks, patients = (sample(client, kind) for kind in ("ServiceRequest", "Task", "Patient"))

    def identifier(draw):
        resource = draw.choice(requests)
        told = resource["identifier"][0]
        return (f"ServiceRequest?identifier={quote(told.get('system', ''), safe='')}%7C{quote(told['value'], safe='')}", None,
                lambda content: [entry["resource"]["id"] for entry in found(content)] == [resource["id"]])

    def of_patient(draw):
        resource = draw.choice(requests)
        patient = resource["subject"]["reference"]
        return (f"ServiceRequest?patient={patient}", None,
                lambda content: resource["id"] in {entry["resource"]["id"] for entry in found(content)})

    def with_patient(draw):
        resource = draw.choice(requests)
        return (f"ServiceRequest?_id={resource['id']}&_include=ServiceRequest:patient&_revinclude=Task:focus", None,
                lambda content: {"ServiceRequest", "Patient", "Task"}
                <= {entry["resource"]["resourceType"] for entry in found(content)})

    def read(draw):
        resource = draw.choice(patients)
        return f"Patient/{resource['id']}", None, lambda content: one(content, resource["id"])

    def history(draw):
        resource = draw.choice(tasks)
        return f"Task/{resource['id']}/_history", None, lambda content: len(found(content)) >= 1

    def absent(draw):
        ident = f"00000000-0000-8000-8000-{draw.randrange(10 ** 12):012}"
        return f"Patient/{ident}", None, lambda content: b"request.not-found" in content

    def national(draw):
        number = draw.choice(nationals)
        return ("Patient/_search", f"identifier={quote(NATIONAL, safe='')}%7C{number}",
                lambda content: len([entry for entry in found(content) if entry["search"]["mode"] == "match"]) == 1)

    def newest(_):
        return "Task?_sort=-_lastUpdated&_count=50", None, lambda content: len(found(content)) == 50

    def count(_):
        return "Task?status=requested,accepted,in-progress&_summary=count", None, \
            lambda content: json.loads(content)["total"] >= len(tasks)

    return {"read": read, "read of what is not there": absent, "history of a Task": history,
            "search by identifier": identifier, "search by patient": of_patient, "search with include and revinclude": with_patient,
            "search by national number (POST)": national, "newest 50": newest, "count of a type": count}


def measure(store, given, violations):
    with Folder(NAME) as folder:
        with Cluster.if_needed(argparse.Namespace(store=store, connection=None), folder) as connection:
            destination = Destination(folder, seed=given.seed).start()
            urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
            gateway = Gateway(folder, urls, store, connection)
            try:
                gateway.start()
                client = Client(gateway.port)
                sent, held = 0, 0
                while held < given.resources:
                    more = max(200, (given.resources - held) // max(1, held // max(1, sent)) if held else 200)
                    senders = Senders(folder, gateway.port, 8, more, given.seed + sent, per_patient=1, changes=False).start()
                    senders.join()
                    violations += senders.violations()
                    sent += more
                    # A connection that was idle meanwhile may have been closed.
                    client = Client(gateway.port)
                    held = sum(json.loads(client.ask(f"{kind}?_summary=count")[2])["total"]
                               for kind in ("Patient", "ServiceRequest", "Condition", "Task", "Observation", "Organization",
                                            "Practitioner", "PractitionerRole", "Procedure", "Consent", "DocumentReference",
                                            "MedicationStatement", "Flag", "Provenance")
                               if client.ask(f"{kind}?_summary=count")[1] == 200)
                if not gateway.drain(600):
                    violations.append(f"{store}: deliveries were left")
                print(f"{NAME}: {store}: {sent} referrals, {held} resources", flush=True)
                kinds = requests_of(Client(gateway.port), sorted(senders.nationals))
                for clients in map(int, given.clients.split(",")):
                    for kind, make in kinds.items():
                        ask_all(gateway, (store, clients, kind), make, given, violations)
                print(f"{NAME}: {store}: memory {gateway.memory('VmRSS'):.0f} MB", flush=True)
                gateway.stop()
            finally:
                if gateway.is_running():
                    gateway.kill()
                destination.stop()


def ask_all(gateway, line, make, given, violations):
    """One line of the table."""
    store, clients, kind = line
    waits, wrong = [], []

    def work(number):
        client, draw = Client(gateway.port), random.Random(given.seed * 1000 + number)
        for _ in range(given.requests // clients):
            path, body, is_right = make(draw)
            wait, status, content = client.ask(path, body)
            waits.append(wait)
            if status not in (200, 404) or not is_right(content):
                wrong.append(status)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(waits) / (time.monotonic() - begun)
    if wrong:
        violations.append(f"{store}, {kind}: {len(wrong)} answers of {len(waits)} are wrong, first status {wrong[0]}")
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    print(f"| {store} | {clients} | {kind} | {len(waits)} | {rate:.0f} | {p50:.2f} | {p99:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--stores", default="sqlite,postgres")
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--clients", default="1,8")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    given = parser.parse_args()
    many_files()
    print(f"{NAME}: seed {given.seed}")
    print("| store | clients | request | requests | per second | p50 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|")
    violations = []
    skipped = on_each(given.stores.split(","), lambda store: measure(store, given, violations))
    finish(NAME, skipped, violations)


if __name__ == "__main__":
    run(NAME, main)
