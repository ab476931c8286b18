#!/usr/bin/env python3
"""Kills the gateway (SIGKILL) while events of a subscription are made and told; none may be lost, and no number used twice.

    notifications.py [--kills 50] [--messages 2000] [--stores sqlite,postgres] [--seed N] [--clients 8] [--drain SECONDS]
                     [--expect-loss]

Every referral that is acknowledged makes one event of `referral-status-changed`. The endpoint fails now and then: it refuses, takes
without answering, or hangs up. Afterwards

- there are as many events as acknowledged referrals, numbered from 1 without a gap, each about another Task;
- the endpoint has every one of them, the same one under a number however often it came, and none before the one before it;
- `$events` gives the same list to whoever asks.

With --expect-loss the gateway is one that notes an event as told before it tells it (GATEWAY_PLANTED, fault `notified-first`), and the
harness passes only if a loss is found.
"""
import argparse
import datetime
import http.client
import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import messages
from kill import kill_at_random
from postgres import Cluster
from rig import SECRET, Folder, Gateway, Skipped, finish, on_each, percentile, planted_binary, run
from scene import until
from senders import Senders

NAME = "notifications"
CANONICAL = "https://impress-gateway.example/fhir"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--stores", default="sqlite")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--drain", type=float, default=180, help="seconds for the rest to be told")
    parser.add_argument("--expect-loss", action="store_true")
    return parser.parse_args()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A gateway that is killed hangs up."""


class Hook:
    """An endpoint that writes down what it takes, in the order in which it comes; it does not take `untaken` of the requests, and does
    not answer half as many of those that it takes."""

    def __init__(self, seed, untaken):
        self.random, self.untaken = random.Random(seed), untaken
        self.lock = threading.Lock()
        self.taken, self.requests = [], 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                hook.serve(self)

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def serve(self, request):
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        with self.lock:
            self.requests += 1
            draw = self.random.random() if "notification-event" in json.dumps(body) else 1
            if draw >= self.untaken:
                self.take(body)
        if self.untaken:
            time.sleep(0.002)
        if draw < self.untaken / 2 or self.untaken <= draw < self.untaken * 1.5:
            # Taken or not: there is no answer.
            request.close_connection = True
            return
        request.send_response(500 if draw < self.untaken else 200)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def take(self, bundle):
        self.taken.extend(events(bundle))

    def count(self):
        with self.lock:
            return len({number for number, _ in self.taken})


def events(bundle):
    """Number and resource of each event of a notification or an answer of `$events`."""
    found = []
    for parameter in bundle["entry"][0]["resource"]["parameter"]:
        if parameter["name"] == "notification-event":
            parts = {part["name"]: part for part in parameter["part"]}
            focus = parts.get("focus", {}).get("valueReference", {}).get("reference")
            # The port is in the address, and the same after every start.
            found.append((int(parts["event-number"]["valueString"]), focus))
    return found


def ask(gateway, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"Authorization": f"Bearer {SECRET}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def subscription(topic, content="id-only", **channel):
    """A Subscription of a day; without an endpoint where none is given."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    return {
        "resourceType": "Subscription", "status": "requested", "end": end.isoformat(timespec="seconds"),
        "reason": "What becomes of our referrals", "criteria": f"{CANONICAL}/SubscriptionTopic/{topic}",
        "channel": {"type": "rest-hook", "payload": "application/fhir+json", **channel,
                    "_payload": {"extension": [extension("payload-content", valueCode=content)]}},
    }


def extension(name, **value):
    """An extension of the Backport."""
    return {"url": f"{BACKPORT}/backport-{name}", **value}


def subscribe(gateway, resource):
    """The path of a subscription that is active."""
    status, answer = ask(gateway, "POST", "/fhir/Subscription", resource)
    if status != 201:
        raise RuntimeError(f"the subscription was answered {status}: {answer}")
    path = f"/fhir/Subscription/{answer['id']}"
    if not until(lambda: ask(gateway, "GET", path)[1]["status"] == "active", 30):
        raise RuntimeError("the handshake was not made")
    return path


def asked_for(gateway, path):
    """All events, as `$events` gives them."""
    found = []
    while True:
        status, answer = ask(gateway, "GET", f"{path}/$events?eventsSinceNumber={len(found) + 1}")
        page = events(answer) if status == 200 else []
        if not page:
            return found
        found += page


def judge(taken, listed, acknowledged):
    """What is lost, and what else is wrong."""
    wrong, known = [], {}
    for number, focus in taken:
        if known.setdefault(number, focus) != focus:
            wrong.append(f"number {number} is of two events")
        elif number > 1 and number - 1 not in known:
            wrong.append(f"number {number} came before the one before it")
    lost = [number for number in range(1, acknowledged + 1) if number not in known]
    if [number for number, _ in listed] != list(range(1, acknowledged + 1)):
        wrong.append(f"$events has {len(listed)} events of {acknowledged} referrals, or not in order")
    if len({focus for _, focus in listed}) != len(listed):
        wrong.append("a Task is in two events")
    wrong += [f"number {number} is another event in $events" for number, focus in listed if known.get(number, focus) != focus]
    if max(known, default=0) > acknowledged:
        wrong.append("there are more events than referrals")
    return lost, wrong


def told(given, draw, folder, gateway, hook):
    """Kills while referrals are sent; what the endpoint and the store have then."""
    gateway.start()
    asked = [extension("timeout", valueUnsignedInt=1), extension("max-count", valuePositiveInt=5)]
    path = subscribe(gateway, subscription("referral-status-changed", endpoint=hook.url, extension=asked))
    # Each message is a referral of its own.
    senders = Senders(folder, gateway.port, given.clients, given.messages, given.seed, changes=False, hang_up=0.02,
                      repeat=0.02, deadline=time.monotonic() + 7200).start()
    early = kill_at_random(gateway, senders, given.kills, draw)
    senders.join()
    begun = time.monotonic()
    acknowledged = senders.acknowledged()
    is_told = until(lambda: hook.count() >= acknowledged, given.drain)
    drained = time.monotonic() - begun
    listed = asked_for(gateway, path)
    _, last = ask(gateway, "GET", path)
    status = gateway.stop()
    lost, wrong = judge(hook.taken, listed, acknowledged)
    violations = [f"event {number} was never told" for number in lost] + wrong + senders.violations()
    violations += gateway.journal_faults() + gateway.log_faults(senders.nationals)
    if not is_told and not lost:
        violations.append(f"events were left after {given.drain} seconds")
    if last["status"] != "active" or status != 0:
        violations.append(f"the subscription is {last['status']} and SIGTERM ended the gateway with status {status}")
    figures = {
        "kills": f"{given.kills} while it served, {early} while it started",
        "events": f"{acknowledged} of as many referrals, told {len(hook.taken)} times in {hook.requests} requests",
        "after the last referral": f"{drained:.0f} s until all were told",
        "start to listening": f"p50 {percentile(gateway.starts, .5):.2f} s, most {max(gateway.starts):.2f} s",
        "oracle": f"{len(lost)} lost, {len(wrong)} otherwise wrong",
    }
    return lost, violations, figures


def measure(store, given, program):
    """One store: what was lost, what is wrong, and the figures."""
    draw = random.Random(given.seed)
    # The fault shows where a request is not taken: in a short run that must happen.
    hook = Hook(given.seed, 0.4 if given.expect_loss else 0.06)
    sections = (f'[subscriptions]\nlongest_retry_seconds = 1\n[[subscriptions.organisation]]\nnumber = "{messages.TRUST}"\n'
                f'endpoints = ["{hook.url}"]')
    plant = "notified-first" if given.expect_loss else None
    try:
        with Folder(NAME) as folder, Cluster.if_needed(argparse.Namespace(store=store, connection=None), folder) as connection:
            gateway = Gateway(folder, {}, store, connection, program=program, plant=plant, sections=sections)
            try:
                return told(given, draw, folder, gateway, hook)
            finally:
                if gateway.is_running():
                    gateway.kill()
    finally:
        hook.server.shutdown()


def main():
    given = options()
    program = None
    if given.expect_loss:
        program = planted_binary()
        if program is None:
            raise Skipped("GATEWAY_PLANTED names no build with planted faults")
    name = f"{NAME}-control" if given.expect_loss else NAME
    print(f"{name}: seed {given.seed}, {given.kills} kills, {given.messages} messages, {given.clients} clients")
    violations, figures = [], {}

    def one(store):
        lost, wrong, found = measure(store, given, program)
        if given.expect_loss:
            found["control"] = "the planted fault was found" if lost else "the planted fault was NOT found"
            wrong = [] if lost else ["noting an event as told before it is told was not found"]
        figures.update({f"{store}, {what}": figure for what, figure in found.items()})
        violations.extend(f"{store}: {text}" for text in wrong)

    skipped = on_each(given.stores.split(","), one)
    finish(name, figures | skipped, violations)


if __name__ == "__main__":
    run(NAME, main)
