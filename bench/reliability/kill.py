"""Kills the gateway again and again while clients send and the destination fails: nothing acknowledged may be lost, doubled or out
of order.

kill.py [--kills 5] [--messages 300] [--store sqlite|postgres] [--seed N] [--expect-loss]. PostgreSQL: IMPRESS_POSTGRES holds the
connection string. `--expect-loss` is the control: the program is built with the feature `planted-faults`, answers before it has
stored, and the harness must see that.
"""

import argparse
import os
import random
import sys
import tempfile
import time
import pathlib

from oracle import acknowledged, judge, lines, report
from setting import Destination, Gateway

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, default=5)
parser.add_argument("--messages", type=int, default=300)
parser.add_argument("--clients", type=int, default=8)
parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
parser.add_argument("--seed", type=int, default=int(time.time()))
parser.add_argument("--faults", type=float, default=0.1)
parser.add_argument("--drain", type=float, default=300.0, help="seconds that the last deliveries may take")
parser.add_argument("--expect-loss", action="store_true")
options = parser.parse_args()
print(f"seed {options.seed}", flush=True)
rng = random.Random(options.seed)
run = f"{options.seed & 0xffffffff:08x}"

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    destination_log, sender_log = folder / "destination.log", folder / "sender.log"
    destination = Destination(destination_log, "--seed", options.seed, "--faults", options.faults)
    journal = None
    if options.store == "postgres":
        connection = folder / "connection"
        connection.write_text(os.environ["IMPRESS_POSTGRES"], encoding="utf-8")
        journal = f'[journal]\nstore = "postgres"\nconnection_file = "{connection}"'
    environment = {"IMPRESS_PLANT": "answer-first"} if options.expect_loss else None
    gateway = Gateway(folder / "gateway", {"recorder": destination.port}, journal, environment)
    gateway.start()
    senders = gateway.senders(sender_log, run, options.messages, options.clients)
    began = time.monotonic()
    kills = 0
    while senders.poll() is None and kills < options.kills:
        # The kills are spread over the messages: each comes when so many were acknowledged.
        wanted = options.messages * (kills + rng.random()) / options.kills
        if len(lines(sender_log)) >= wanted:
            time.sleep(rng.random() * 0.05)
            gateway.kill()
            gateway.start()
            kills += 1
        time.sleep(0.005)
    status = senders.wait()
    sent = time.monotonic() - began
    deadline = time.monotonic() + (15 if options.expect_loss else options.drain)
    verdict = judge(sender_log, destination_log, run)
    while verdict["lost"] and time.monotonic() < deadline:
        time.sleep(0.5)
        verdict = judge(sender_log, destination_log, run)
    gateway.stop()
    destination.stop()
    print(f"{kills} kills, {len(acknowledged(sender_log, run))} acknowledged in {sent:.1f} s, "
          f"{len(lines(destination_log))} attempts arrived in {time.monotonic() - began:.1f} s")
    is_good = report(verdict) and status == 0 and verdict["acknowledged"] == options.messages
    if options.expect_loss:
        print("the planted fault was seen" if verdict["lost"] else "the planted fault was NOT seen")
        sys.exit(0 if verdict["lost"] else 1)
    sys.exit(0 if is_good else 1)
