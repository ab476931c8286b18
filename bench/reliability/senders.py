#!/usr/bin/env python3
"""Clients that send referrals, each with a list of its own of what was acknowledged.

    senders.py --port PORT --folder FOLDER [--clients N] [--messages N] [--seed N] [--formats fhir,kith,hl7v2]

A client sends the messages of its patients in order, the next one of a patient after the one before was acknowledged. What is
not answered, or answered with 429 or 5xx, is sent again. Now and then it hangs up before the answer and sends again, sends
again what was acknowledged (the same id must come back), and sends other content under a used id (409 must come back).
"""
import argparse
import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path

import messages
from rig import SECRET, percentile

# 408: the sender may send it again (RFC 9110, section 15.5.9), e.g. where this client was not given time to send its body.
AGAIN = {408, 429, 500, 502, 503, 504, 507}


class Sender(threading.Thread):
    """One client."""

    def __init__(self, port, log, work, seed=0, hang_up=0.0, repeat=0.0, reuse=0.0, deadline=None, timeout=10.0):
        super().__init__(daemon=True)
        self.port, self.work, self.timeout = port, work, timeout
        self.file = open(log, "a", encoding="utf-8")
        self.random = random.Random(seed)
        self.hang_up, self.repeat, self.reuse = hang_up, repeat, reuse
        self.deadline = deadline
        self.connection = None
        self.acknowledged, self.waits, self.statuses, self.violations = 0, [], {}, []
        self.is_stopped = threading.Event()

    def run(self):
        for message in self.work:
            if self.is_stopped.is_set():
                break
            acknowledged = self.deliver(message)
            if acknowledged is None:
                break
            if self.random.random() < self.repeat:
                self.send_again(message, acknowledged)
            if self.random.random() < self.reuse:
                self.send_other(message)
        self.disconnect()
        self.file.close()

    def deliver(self, message):
        """Sends until it is acknowledged; its id, or none where the client was stopped."""
        tries = 0
        while not self.is_stopped.is_set():
            tries += 1
            if self.random.random() < self.hang_up:
                self.send_and_hang_up(message)
            begun = time.monotonic()
            status, headers = self.post(message)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 200:
                self.waits.append(time.monotonic() - begun)
                return self.note(message, headers, tries)
            if status is not None and status not in AGAIN:
                self.violations.append(f"patient {message.patient} message {message.sequence} was answered {status}")
                return ""
            if self.deadline and time.monotonic() > self.deadline:
                self.violations.append(f"patient {message.patient} message {message.sequence} was never acknowledged")
                return None
            self.is_stopped.wait(self.random.uniform(0.02, 0.2))
        return None

    def note(self, message, headers, tries):
        record = {"patient": message.patient, "sequence": message.sequence, "format": message.format,
                  "document": message.document, "authored": message.authored, "message": headers.get("x-message-id"),
                  "disposition": headers.get("x-disposition"), "repeat": headers.get("x-repeat") == "true",
                  "tries": tries, "at": time.time()}
        self.file.write(json.dumps(record) + "\n")
        self.file.flush()
        self.acknowledged += 1
        return record["message"]

    def send_again(self, message, acknowledged):
        status, headers = self.post(message)
        if status == 200 and (headers.get("x-message-id") != acknowledged or headers.get("x-repeat") != "true"):
            self.violations.append(f"patient {message.patient} message {message.sequence} was taken a second time")

    def send_other(self, message):
        # The journal knows the id; the content is another.
        other = self.remake(message)
        status, _ = self.post(other)
        if status is not None and status not in AGAIN and status != 409:
            self.violations.append(f"other content under a used id was answered {status}")

    def remake(self, message):
        raise NotImplementedError

    def connect(self):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        return self.connection

    def disconnect(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def post(self, message):
        """Status and headers; no status where no answer came."""
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": message.content_type}
        for attempt in (0, 1):
            is_new = self.connection is None
            try:
                connection = self.connect()
                connection.request("POST", "/intake/referrals", message.body, headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status, {name.lower(): value for name, value in answer.getheaders()}
            except (OSError, http.client.HTTPException):
                self.disconnect()
                if is_new or attempt:
                    return None, {}
        return None, {}

    def send_and_hang_up(self, message):
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": message.content_type}
        try:
            self.connect().request("POST", "/intake/referrals", message.body, headers)
            time.sleep(self.random.uniform(0, 0.03))
        except (OSError, http.client.HTTPException):
            pass
        self.disconnect()


class Senders:
    """All clients of a run. Patients are dealt out to them; a client goes from patient to patient."""

    def __init__(self, folder, port, clients, count, seed=0, per_patient=5, formats=("fhir",), changes=True, **options):
        self.folder = Path(folder) / "acknowledged"
        self.folder.mkdir(exist_ok=True)
        patients = max(clients, -(-count // per_patient))
        self.nationals = {messages.national_number(seed, patient)[0] for patient in range(patients)}
        self.clients = []
        for client in range(clients):
            own = range(client, patients, clients)
            plan = [(patient, sequence) for sequence in range(per_patient) for patient in own
                    if sequence * patients + patient < count]
            sender = Sender(port, self.folder / f"{client}.jsonl", self.work(seed, plan, formats, changes),
                            seed=f"{seed}/{client}", **options)
            sender.remake = lambda message: messages.make(seed, message.patient, message.sequence, message.format, changes, 1)
            self.clients.append(sender)
        self.count = min(count, patients * per_patient)

    @staticmethod
    def work(seed, plan, formats, changes):
        """Messages, made one by one. The format goes by the referral, so that a change has the format of what it changes."""
        for patient, sequence in plan:
            referral = sequence - sequence % 2 if changes else sequence
            form = formats[random.Random(f"{seed}/{patient}/{referral}").randrange(len(formats))]
            yield messages.make(seed, patient, sequence, form, changes)

    def start(self):
        for client in self.clients:
            client.start()
        return self

    def acknowledged(self):
        return sum(client.acknowledged for client in self.clients)

    def is_running(self):
        return any(client.is_alive() for client in self.clients)

    def join(self):
        for client in self.clients:
            client.join()

    def stop(self):
        for client in self.clients:
            client.is_stopped.set()
        self.join()

    def violations(self):
        return [violation for client in self.clients for violation in client.violations]

    def waits(self):
        return [wait for client in self.clients for wait in client.waits]

    def statuses(self):
        total = {}
        for client in self.clients:
            for status, count in client.statuses.items():
                name = "no answer" if status is None else str(status)
                total[name] = total.get(name, 0) + count
        return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--formats", default="fhir")
    options = parser.parse_args()
    senders = Senders(options.folder, options.port, options.clients, options.messages, options.seed,
                      formats=options.formats.split(",")).start()
    senders.join()
    waits = senders.waits()
    print(f"{senders.acknowledged()} acknowledged, p50 {percentile(waits, .5) * 1000:.1f} ms, "
          f"p99 {percentile(waits, .99) * 1000:.1f} ms, answers {senders.statuses()}")
    for violation in senders.violations():
        print(violation)
    sys.exit(1 if senders.violations() else 0)


if __name__ == "__main__":
    main()
