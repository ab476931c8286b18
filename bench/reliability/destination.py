#!/usr/bin/env python3
"""A FHIR server that stands in for destinations, and keeps a list of every request in the order in which they came.

    destination.py --log FILE [--port PORT] [--seed N] [--fail F] [--stall F] [--late F] [--close F] [--slow SECONDS]
                   [--refuse MESSAGE]...

Prints `listening PORT`. The first part of a path is the name of the destination, so that one process stands in for several.
Faults are drawn by the seed; a request that is repeated is drawn anew. What is recorded as `stored` counts as an effect:

    ok      stored and answered                         fail    500, or 503 with Retry-After; not stored
    late    stored, answered after the client is gone   stall   never answered, not stored
    close   stored, connection closed without answer    refuse  422, for a message that is named
"""
import argparse
import hashlib
import json
import os
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Log:
    """Lines of JSON; one is on the disk before the request is answered."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()

    def write(self, record):
        with self.lock:
            record["at"] = time.time()
            self.file.write(json.dumps(record) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())


class Behaviour:
    """Draws what becomes of a request."""

    def __init__(self, options):
        self.random = random.Random(options.seed)
        self.lock = threading.Lock()
        self.shares = [(name, getattr(options, name)) for name in ("fail", "stall", "late", "close")]
        self.refuse = set(options.refuse)

    def draw(self, message):
        if message in self.refuse:
            return "refuse", 0.0
        with self.lock:
            point, detail = self.random.random(), self.random.random()
        for name, share in self.shares:
            if point < share:
                return name, detail
            point -= share
        return "ok", detail


def content(body):
    """What tells one message from another, of what the message itself says: independent of the gateway's ids."""
    resources = [entry.get("resource", {}) for entry in body.get("entry", [])]
    requests = [resource for resource in resources if resource.get("resourceType") == "ServiceRequest"]
    request = requests[0] if requests else {}
    return {
        "subject": request.get("subject", {}).get("reference"),
        "identifiers": sorted(identifier.get("value", "") for identifier in request.get("identifier", [])),
        "authored": request.get("authoredOn"),
        "entries": len(resources),
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self):
        server = self.server
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if len(data) < int(self.headers.get("Content-Length", 0)):
            self.close_connection = True
            return
        key = self.headers.get("Idempotency-Key") or self.headers.get("X-Request-Id") or ""
        if server.slow:
            time.sleep(server.slow)
        try:
            body = json.loads(data)
        except ValueError:
            body = {}
        does, detail = server.behaviour.draw(key.rsplit("-", 1)[0])
        record = {"destination": self.path.split("/")[1], "key": key, "does": does,
                  "stored": does in ("ok", "late", "close"), "bytes": len(data),
                  "sha256": hashlib.sha256(data).hexdigest()}
        record.update(content(body))
        server.log.write(record)
        if does == "stall":
            time.sleep(server.stall_seconds)
            self.close_connection = True
        elif does == "close":
            self.close_connection = True
        elif does == "fail" and detail < 0.5:
            self.answer(500, {"resourceType": "OperationOutcome"})
        elif does == "fail":
            self.answer(503, {"resourceType": "OperationOutcome"}, {"Retry-After": "1"})
        elif does == "refuse":
            self.answer(422, {"resourceType": "OperationOutcome"})
        else:
            if does == "late":
                time.sleep(server.stall_seconds)
            entries = [{"response": {"status": "201 Created"}} for _ in body.get("entry", [])]
            self.answer(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})

    def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(data)))
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            # The client is gone: killed, or tired of waiting.
            self.close_connection = True

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    for name in ("fail", "stall", "late", "close"):
        parser.add_argument(f"--{name}", type=float, default=0.0, help="share of requests, 0 to 1")
    parser.add_argument("--stall-seconds", type=float, default=3.0, help="longer than the client waits")
    parser.add_argument("--slow", type=float, default=0.0, help="seconds that every request takes")
    parser.add_argument("--refuse", action="append", default=[], help="id of a message that is always refused")
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Handler)
    server.log, server.behaviour = Log(options.log), Behaviour(options)
    server.slow, server.stall_seconds = options.slow, options.stall_seconds
    print(f"listening {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
