"""Messages a second and latency with 1 to 128 clients, each message committed to the disk before it is answered.

load.py [--seconds 10] [--clients 1,8,32,128] [--store sqlite|postgres]. Clients keep their connection; the destination answers at
once. Memory is that of the gateway at the end of each step.
"""

import argparse
import http.client
import os
import pathlib
import statistics
import sys
import tempfile
import threading
import time

from messages import referral
from setting import Destination, Gateway

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=10)
parser.add_argument("--clients", default="1,8,32,128")
parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
parser.add_argument("--prepared", type=int, default=4000, help="messages made before the clock runs")
options = parser.parse_args()

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    journal = None
    if options.store == "postgres":
        (folder / "connection").write_text(os.environ["IMPRESS_POSTGRES"], encoding="utf-8")
        journal = f'[journal]\nstore = "postgres"\nconnection_file = "{folder / "connection"}"'
    destination = Destination(folder / "destination.log")
    gateway = Gateway(folder / "gateway", {"recorder": destination.port}, journal)
    gateway.start()
    headers = {
        "Authorization": f"Bearer {gateway.secret.read_text(encoding='ascii')}", "Content-Type": "application/fhir+json",
    }
    print("clients  messages/s    p50 ms    p95 ms    p99 ms   memory MiB")
    failures = 0
    for step, clients in enumerate(map(int, options.clients.split(","))):
        run = f"{int(time.time()) + step & 0xffffffff:08x}"
        bodies = iter([referral(run, number % 2000, number // 2000) for number in range(options.prepared)])
        lock, times, end = threading.Lock(), [], time.monotonic() + options.seconds

        def client():
            global failures
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
            own = []
            while time.monotonic() < end:
                with lock:
                    body = next(bodies, None)
                if body is None:
                    break
                began = time.perf_counter()
                connection.request("POST", "/fhir", body, headers)
                response = connection.getresponse()
                response.read()
                own.append(time.perf_counter() - began)
                failures += response.status != 200
            with lock:
                times.extend(own)

        began = time.monotonic()
        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        cuts = statistics.quantiles(times, n=100)
        print(f"{clients:7} {len(times) / took:11.0f} {cuts[49] * 1e3:9.1f} {cuts[94] * 1e3:9.1f} {cuts[98] * 1e3:9.1f} "
              f"{gateway.memory() // 1024:12}", flush=True)
    gateway.stop()
    destination.stop()
    print(f"{failures} refused")
    sys.exit(1 if failures else 0)
