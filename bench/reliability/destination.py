"""A FHIR server's place: a process of its own that writes down every request in the order of arrival.

destination.py LOG [--seed N] [--faults P] [--port N] [--refuse LABEL]. Prints `listening PORT`. With `--faults`, a share P of
the requests is answered with 500, 503 with Retry-After, too late, or not at all; what was written down counts as arrived.
"""

import argparse
import json
import os
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from messages import label_of

parser = argparse.ArgumentParser()
parser.add_argument("log")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--faults", type=float, default=0.0)
parser.add_argument("--late", type=float, default=3.0, help="seconds: longer than the gateway waits")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--refuse", help="a label that is refused for good")
options = parser.parse_args()

log = open(options.log, "a", encoding="utf-8")
lock = threading.Lock()
rng = random.Random(options.seed)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, headers=()):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        label = label_of(body)
        with lock:
            fault = rng.choice(["500", "503", "late", "gone"]) if rng.random() < options.faults else None
            if label == options.refuse:
                fault = "refused"
            stored = fault in (None, "late", "gone")
            log.write(json.dumps({
                "at": time.time(), "key": self.headers.get("Idempotency-Key"), "label": label, "path": self.path,
                "fault": fault, "stored": stored,
            }) + "\n")
            log.flush()
            os.fsync(log.fileno())
        outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
        if fault == "refused":
            return self.answer(422, outcome)
        if fault == "500":
            return self.answer(500, outcome)
        if fault == "503":
            return self.answer(503, outcome, [("Retry-After", "1")])
        if fault == "gone":
            self.close_connection = True
            return self.connection.close()
        if fault == "late":
            time.sleep(options.late)
        entries = [{"response": {"status": "201 Created"}} for _ in json.loads(body)["entry"]]
        try:
            self.answer(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})
        except OSError:
            pass  # It did not wait.

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # The gateway was killed, or did not wait.


server = Server(("127.0.0.1", options.port), Handler)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
