#!/usr/bin/env python3
"""How long it takes from what the trial writes to the endpoint of the trust that is told.

    notification_lag.py [--rate 100] [--seconds 60] [--writers 4] [--patients 400] [--stores sqlite,postgres]
                        [--contents id-only,full-resource] [--max-count 20] [--seed N]

Referrals are sent and acknowledged, and the trial enrols those patients, one after the other, which says which ResearchSubject is whose.
Then it writes at the given rate, on a connection for each writer, who has patients of its own: each is offered a slot, has the offer taken
back, is offered it again. Every write is one event of `enrolment-changed`, and those of one patient come in the order of its writes.
The lag is the time from when a write was to be sent to when the endpoint has read the first notification with its event: what the
gateway owes after a stall counts. No line fails for being slow; it fails where an event is missing, is of another patient, or comes before
the one before it.
"""
import argparse
import http.client
import json
import random
import threading
import time

import messages
from notifications import CANONICAL, Hook, events, extension as backport, subscribe, subscription
from postgres import Cluster
from rig import Destination, Folder, Gateway, finish, many_files, on_each, percentile, run
from scene import until
from senders import Senders

NAME = "notification-lag"
TRIAL = "trial-0123456789abcdef0123456789abcdef0"
STATES = {"matched": "candidate", "offered": "eligible"}


class TimedHook(Hook):
    """Takes everything, and notes when it had read each event first."""

    def __init__(self, seed):
        super().__init__(seed, 0)
        self.at = {}

    def take(self, bundle):
        now = time.monotonic()
        super().take(bundle)
        for number, _ in events(bundle):
            self.at.setdefault(number, now)


class Trial:
    """Writes as the trial, on one connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {TRIAL}", "Content-Type": "application/fhir+json"}
        self.connection.request(method, f"/fhir/{path}", json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def write(self, resource):
        status, answer = self.ask("PUT", f"{resource['resourceType']}/{resource['id']}", resource)
        if status not in (200, 201):
            raise RuntimeError(f"the write was answered {status}: {json.dumps(answer)[:400]}")

    def patients(self):
        """The patients of all referrals, as the trial knows them."""
        found, path = [], "Task?_count=500"
        while path:
            status, page = self.ask("GET", path)
            if status != 200:
                raise RuntimeError(f"Tasks were answered {status}")
            found += [entry["resource"]["for"]["reference"] for entry in page.get("entry", []) if entry["search"]["mode"] == "match"]
            after = [link["url"] for link in page["link"] if link["relation"] == "next"]
            path = after[0].split("/fhir/", 1)[1] if after else None
        return sorted(set(found))


def extension(name, **value):
    return {"url": f"{CANONICAL}/StructureDefinition/{name}", **value}


def order(sequence):
    return extension("gateway-event-order", extension=[
        {"url": "sequence", "valuePositiveInt": sequence}, {"url": "occurred", "valueInstant": "2026-03-02T10:00:00Z"}])


def cohort():
    return {
        "resourceType": "ResearchStudy", "id": "lag", "meta": {"profile": [f"{CANONICAL}/StructureDefinition/ImpressCohort"]},
        "extension": [
            extension("gateway-two-stage", extension=[
                {"url": "stage", "valueCode": "open-stage1"}, {"url": "n1", "valuePositiveInt": 8}, {"url": "r1", "valueUnsignedInt": 0},
                {"url": "n", "valuePositiveInt": 24}, {"url": "r", "valueUnsignedInt": 4}]),
            extension("gateway-slots-open", valueBoolean=True), order(1),
            extension("gateway-cohort-biomarker", valueCodeableConcept={"text": "BRAF V600E"})],
        "identifier": [{"system": f"{CANONICAL}/sid/cohort", "value": "BRAF-V600/Biliary tract/Drug A"}],
        "title": "BRAF V600E, biliary tract cancer, drug A", "partOf": [{"reference": "ResearchStudy/impress"}],
        "status": "active", "focus": [{"text": "Drug A"}], "condition": [{"text": "Biliary tract cancer"}],
        "site": [{"reference": "Location/site-1", "display": "Haukeland"}],
    }


def enrolment(number, patient, sequence):
    state = "matched" if sequence % 2 else "offered"
    return {
        "resourceType": "ResearchSubject", "id": f"lag-{number}",
        "meta": {"profile": [f"{CANONICAL}/StructureDefinition/ImpressEnrolment"]},
        "extension": [
            extension("gateway-subject-state", valueCode=state), order(sequence),
            {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-ResearchSubject.progress", "extension": [
                {"url": "subjectState", "valueCodeableConcept": {"coding": [
                    {"system": "http://hl7.org/fhir/research-subject-status", "code": STATES[state]}]}}]}],
        "status": STATES[state], "study": {"reference": "ResearchStudy/lag"}, "individual": {"reference": patient},
    }


class Writer(threading.Thread):
    """Writes of some patients, each when it is due."""

    def __init__(self, port, writes):
        super().__init__(daemon=True)
        self.trial, self.writes, self.taken, self.error = Trial(port), writes, [], None

    def run(self):
        try:
            for at, resource in self.writes:
                time.sleep(max(0.0, at - time.monotonic()))
                self.trial.write(resource)
                self.taken.append(time.monotonic() - at)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            self.error = str(error)


def write_at_rate(port, patients, rounds, given):
    """When each write of each patient was to be sent; seconds that each took from then to its answer; writes per second."""
    begun, due, shares = time.monotonic() + 0.1, [[] for _ in patients], [[] for _ in range(given.writers)]
    for place in range(rounds * len(patients)):
        number, at = place % len(patients), begun + place / given.rate
        due[number].append(at)
        shares[number % given.writers].append((at, enrolment(number, patients[number], 2 + place // len(patients))))
    writers = [Writer(port, share) for share in shares]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    errors = [writer.error for writer in writers if writer.error]
    if errors:
        raise RuntimeError(errors[0])
    return due, [taken for writer in writers for taken in writer.taken], rounds * len(patients) / (time.monotonic() - begun)


def judge(hook, patients, rounds):
    """What is wrong with what came, and the numbers of the events of each patient, the first of them that of the enrolment."""
    wrong, foci, last = [], {}, 0
    for number, focus in hook.taken:
        if number > last + 1:
            wrong.append(f"event {number} came after event {last}")
        if foci.setdefault(number, focus) != focus:
            wrong.append(f"event {number} is of two enrolments")
        last = max(last, number)
    count = patients * (rounds + 1)
    if sorted(foci) != list(range(1, count + 1)):
        return wrong + [f"{len(foci)} events came of {count}"], []
    # The enrolments were made one after the other.
    of_patients = [[number for number in range(1, count + 1) if foci[number] == foci[patient + 1]] for patient in range(patients)]
    wrong += [f"patient {patient} has {len(numbers)} events" for patient, numbers in enumerate(of_patients) if len(numbers) != rounds + 1]
    return wrong, of_patients


def measure(store, content, given, violations):
    hook = TimedHook(given.seed)
    sections = (f'[subscriptions]\n[[subscriptions.organisation]]\nnumber = "{messages.TRUST}"\nendpoints = ["{hook.url}"]\n'
                f'full_resource = true\n[[caller]]\nname = "trial"\norganisation = "993467049"\nrole = "trial"\n'
                f'secret_file = "trial.secret"')
    args = argparse.Namespace(store=store, connection=None)
    with Folder(NAME) as folder, Cluster.if_needed(args, folder) as connection:
        (folder / "trial.secret").write_text(TRIAL)
        destination = Destination(folder, seed=given.seed).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        gateway = Gateway(folder, urls, store, connection, sections=sections)
        try:
            gateway.start()
            senders = Senders(folder, gateway.port, 8, given.patients, given.seed, per_patient=1, changes=False).start()
            senders.join()
            violations += senders.violations()
            if not gateway.drain(120):
                violations.append(f"{store}: deliveries were left")
            trial = Trial(gateway.port)
            patients = trial.patients()
            if len(patients) != given.patients:
                raise RuntimeError(f"the trial sees {len(patients)} patients of {given.patients}")
            trial.write(cohort())
            # What is refused is kept with its audit row, too.
            status, _ = trial.ask("PUT", "ResearchStudy/refused", {"resourceType": "Patient"})
            if status != 400:
                raise RuntimeError(f"a resource of another type than its address was answered {status}")
            asked = [backport("max-count", valuePositiveInt=given.max_count)]
            subscribe(gateway, subscription("enrolment-changed", content, endpoint=hook.url, extension=asked))
            rounds = max(1, round(given.rate * given.seconds / given.patients))
            for number, patient in enumerate(patients):
                trial.write(enrolment(number, patient, 1))
            until(lambda: hook.count() >= len(patients), 60)
            before = hook.requests
            due, taken, rate = write_at_rate(gateway.port, patients, rounds, given)
            until(lambda: hook.count() >= len(patients) * (rounds + 1), 60)
            wrong, of_patients = judge(hook, len(patients), rounds)
            violations += [f"{store}, {content}: {what}" for what in wrong]
            lags = [hook.at[number] - at for numbers, times in zip(of_patients, due) for number, at in zip(numbers[1:], times)]
            row = [store, content, rounds * len(patients), f"{rate:.0f}", hook.requests - before]
            row += [f"{percentile(values, share) * 1000:.1f}" for values in (taken, lags) for share in (.5, .99)]
            print("| " + " | ".join(map(str, [*row, f"{max(lags, default=0) * 1000:.0f}"])) + " |", flush=True)
            if gateway.stop() != 0:
                violations.append(f"{store}: SIGTERM did not end it in order")
            violations += gateway.journal_faults() + gateway.log_faults(senders.nationals)
        finally:
            if gateway.is_running():
                gateway.kill()
            destination.stop()
            hook.server.shutdown()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--patients", type=int, default=400)
    parser.add_argument("--stores", default="sqlite,postgres")
    parser.add_argument("--contents", default="id-only,full-resource")
    parser.add_argument("--max-count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    given = parser.parse_args()
    many_files()
    print(f"{NAME}: seed {given.seed}, {given.rate:g} events per second for {given.seconds:g} s")
    print("| store | content | events | per second | notifications | write p50 ms | write p99 ms | lag p50 ms | lag p99 ms | most ms |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    violations = []

    def one(store):
        for content in given.contents.split(","):
            measure(store, content, given, violations)

    skipped = on_each(given.stores.split(","), one)
    finish(NAME, skipped, violations)


if __name__ == "__main__":
    run(NAME, main)
