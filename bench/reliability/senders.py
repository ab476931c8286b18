"""Clients that send until they are answered; each writes down what was acknowledged.

senders.py LOG --port N --messages N --clients N --run NAME --secret FILE. A client owns its patients and sends the next referral of
a patient when the last one was acknowledged. No answer, 429 and 5xx mean: again.
"""

import argparse
import http.client
import json
import os
import sys
import threading
import time

from messages import referral

parser = argparse.ArgumentParser()
parser.add_argument("log")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--messages", type=int, required=True)
parser.add_argument("--clients", type=int, default=8)
parser.add_argument("--patients", type=int, default=5, help="of each client")
parser.add_argument("--run", required=True)
parser.add_argument("--secret", required=True)
parser.add_argument("--give-up", type=float, default=120.0, help="seconds without an answer")
parser.add_argument("--refused-is-an-answer", action="store_true", help="507 and 503 are written down, not repeated")
options = parser.parse_args()

secret = open(options.secret, encoding="ascii").read().strip()
log = open(options.log, "a", encoding="utf-8")
lock = threading.Lock()
failed = []


def note(**record):
    with lock:
        log.write(json.dumps({"at": time.time(), **record}) + "\n")
        log.flush()
        os.fsync(log.fileno())


def send(connection, body):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/fhir+json"}
    connection.request("POST", "/fhir", body, headers)
    response = connection.getresponse()
    response.read()
    return response.status, response.getheader("X-Message-Id"), response.getheader("X-Disposition")


def client(number):
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=20)
    share = options.messages // options.clients + (number < options.messages % options.clients)
    for index in range(share):
        patient = number * options.patients + index % options.patients
        turn = index // options.patients
        body = referral(options.run, patient, turn)
        since = time.monotonic()
        while True:
            try:
                status, message, disposition = send(connection, body)
            except OSError:
                status = None
            except http.client.HTTPException:
                status = None
            if status is None:
                connection.close()
            elif status == 200:
                note(patient=patient, turn=turn, message=message, disposition=disposition)
                break
            elif options.refused_is_an_answer and status in (503, 507):
                note(patient=patient, turn=turn, status=status)
                break
            elif status not in (429, 500, 502, 503, 507):
                failed.append(status)
                note(patient=patient, turn=turn, status=status)
                break
            if time.monotonic() - since > options.give_up:
                failed.append(status)
                note(patient=patient, turn=turn, status="gave up")
                return
            time.sleep(0.05)


threads = [threading.Thread(target=client, args=(number,)) for number in range(options.clients)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if failed:
    print("not acknowledged:", sorted(set(map(str, failed))), file=sys.stderr)
sys.exit(1 if failed else 0)
