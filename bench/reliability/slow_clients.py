#!/usr/bin/env python3
"""A thousand slow clients, half-open connections and bodies that are too long; others are served meanwhile.

    slow_clients.py [--slow 1000] [--messages 300] [--seed N]

Slow clients come in five kinds: those that say nothing, those that send a head a byte at a time, those that send a body a byte
at a time, those that send a body and never read the answer, and those without a secret whose body never ends. They come back as
soon as they are hung up on. Beside them others send as fast as they can and never stop: with a secret and without, with and
without saying how much it is. All must be hung up on. Meanwhile ordinary clients send messages: each must be acknowledged and
delivered, and the memory must stay bounded.
"""
import argparse
import random
import selectors
import socket
import threading
import time

import messages
import oracle
from rig import SECRET, Destination, Folder, Gateway, finish, many_files, percentile, run
from senders import Senders

NAME = "slow-clients"
# Most that may be used with all of them connected, in MB, above what an idle gateway uses. A body of unknown length may be
# 64 MiB; while its buffer is made larger there are two of them.
MEMORY = 448
# Of an ordinary client, in seconds.
WAIT = 5.0
# A body that is said to be longer than any may be, and the seconds after which its sender must have been hung up on.
LONGEST = 100 << 30
PATIENCE = 15


class SlowClients(threading.Thread):
    """Holds connections, and feeds each a byte now and then."""

    def __init__(self, port, count, seed):
        super().__init__(daemon=True)
        self.port, self.count = port, count
        self.random = random.Random(seed)
        self.is_stopped = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.opened, self.closed, self.most, self.answers = 0, {}, 0, {}
        body = messages.make(seed, 0, 0).body
        head = (f"POST /intake/referrals HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {SECRET}\r\n"
                f"Content-Type: application/fhir+json\r\nContent-Length: {len(body) * 100}\r\n\r\n").encode()
        stranger = b"POST /intake/referrals HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = b"1\r\nx\r\n" * 10_000
        # What is sent at once, and what a byte at a time.
        self.kinds = {"silent": (b"", b""), "head": (b"", head), "body": (head, body), "deaf": (head, body),
                      "stranger": (stranger, chunks)}

    def open(self):
        kind = self.random.choice(list(self.kinds))
        at_once, slowly = self.kinds[kind]
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", self.port))
        self.selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE, [kind, at_once, slowly, 0])
        self.opened += 1

    def close(self, connection, kind):
        self.selector.unregister(connection)
        connection.close()
        self.closed[kind] = self.closed.get(kind, 0) + 1

    def run(self):
        while not self.is_stopped.is_set():
            while len(self.selector.get_map()) < self.count and not self.is_stopped.is_set():
                self.open()
            self.most = max(self.most, len(self.selector.get_map()))
            for key, events in self.selector.select(timeout=0.2):
                self.serve(key.fileobj, key.data, events)
            time.sleep(0.5)
        for key in list(self.selector.get_map().values()):
            self.close(key.fileobj, "ended")

    def serve(self, connection, state, events):
        try:
            if events & selectors.EVENT_READ and state[0] != "deaf":
                answer = connection.recv(4096)
                if answer.startswith(b"HTTP/1.1 "):
                    status = answer[9:12].decode()
                    self.answers[status] = self.answers.get(status, 0) + 1
                if not answer:
                    self.close(connection, state[0])
                    return
            if events & selectors.EVENT_WRITE:
                if state[1]:
                    state[1] = state[1][connection.send(state[1]):]
                elif state[3] < len(state[2]):
                    state[3] += connection.send(state[2][state[3]:state[3] + 1])
        except OSError:
            self.close(connection, state[0])


def send_long(port, secret, chunked):
    """Sends a body without end. Status of the answer, and seconds until nothing more was taken."""
    head = ["POST /intake/referrals HTTP/1.1", "Host: gateway", "Content-Type: application/fhir+json"]
    if secret:
        head.append(f"Authorization: Bearer {secret}")
    head.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {LONGEST}")
    block = b"x" * 65536
    part = b"10000\r\n" + block + b"\r\n" if chunked else block
    begun = time.monotonic()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
            while time.monotonic() - begun < PATIENCE:
                connection.sendall(part)
                connection.setblocking(False)
                try:
                    answer += connection.recv(65536)
                except BlockingIOError:
                    pass
                connection.settimeout(PATIENCE)
        except OSError:
            pass
    return answer[9:12].decode() if answer.startswith(b"HTTP/1.1 ") else None, time.monotonic() - begun


def check_long(port, violations):
    """Each kind once; the longest time until it was hung up on."""
    longest = 0.0
    for secret, chunked, expected in ((SECRET, False, "413"), (SECRET, True, "413"), (None, False, "401"), (None, True, "401")):
        status, seconds = send_long(port, secret, chunked)
        longest = max(longest, seconds)
        if status != expected or seconds >= PATIENCE:
            violations.append(f"an endless body (chunked: {chunked}, secret: {bool(secret)}) was answered {status} and read for "
                              f"{seconds:.0f} s")
    return longest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slow", type=int, default=1_000)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    print(f"{NAME}: seed {given.seed}, {given.slow} slow clients, {given.messages} messages")
    many_files()
    violations = []
    with Folder(NAME) as folder:
        destination = Destination(folder, seed=given.seed).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        gateway = Gateway(folder, urls, extra="request_seconds = 8")
        try:
            gateway.start()
            idle = gateway.memory("VmRSS")
            slow = SlowClients(gateway.port, given.slow, given.seed)
            slow.start()
            end = time.monotonic() + 30
            while slow.most < given.slow and time.monotonic() < end:
                time.sleep(0.1)
            senders = Senders(folder, gateway.port, 4, given.messages, given.seed + 1, timeout=30,
                              formats=("fhir", "fhir", "fhir", "kith", "hl7v2")).start()
            longest = check_long(gateway.port, violations)
            senders.join()
            # As long as it takes until the slow ones were hung up on at least once.
            while set(slow.closed) < set(slow.kinds) and time.monotonic() < end + 30:
                time.sleep(0.2)
            slow.is_stopped.set()
            slow.join()
            memory = gateway.memory()
            is_drained = gateway.drain(60)
            status = gateway.stop()
        finally:
            if gateway.is_running():
                gateway.kill()
            destination.stop()
        findings = oracle.compare(oracle.read_acknowledged(senders.folder), destination.records())
        violations += findings.violations() + senders.violations() + gateway.journal_faults()
        violations += gateway.log_faults(senders.nationals)
    wait = percentile(senders.waits(), 0.99)
    kept = sorted(set(slow.kinds) - set(slow.closed))
    for what, holds in (
        ("deliveries were left", is_drained),
        ("the gateway did not end in order", status == 0),
        (f"only {slow.most} slow clients were connected", slow.most >= given.slow),
        (f"of these kinds none was hung up on: {kept}", not kept),
        (f"an ordinary client waited {wait:.1f} s (p99)", wait <= WAIT),
        (f"{memory - idle:.0f} MB above an idle gateway", memory - idle <= MEMORY),
    ):
        if not holds:
            violations.append(what)
    finish(NAME, {
        "slow clients": f"{slow.most} at once, {slow.opened} in all, hung up on {slow.closed}, answers {slow.answers}",
        "ordinary clients": f"{findings.figures['acknowledged']} acknowledged, p50 {percentile(senders.waits(), .5) * 1000:.0f} ms, "
                            f"p99 {wait * 1000:.0f} ms, answers {senders.statuses()}",
        "senders of endless bodies": f"hung up on after {longest:.1f} s at most",
        "memory": f"{idle:.0f} MB idle, {memory:.0f} MB at most", "oracle": findings.summary(),
    }, violations)


if __name__ == "__main__":
    run(NAME, main)
