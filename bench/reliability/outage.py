"""A destination is down while messages come, then it is back: everything arrives in order, the other destination is not affected, and
one message that is refused holds its own patient only.

outage.py [--messages 300] [--seed N]. The gateway's clock is the machine's: the outage lasts as long as the sending takes, with a
schedule of one to two seconds between attempts.
"""

import argparse
import pathlib
import sys
import tempfile
import time

from oracle import acknowledged, judge, lines, report
from setting import Destination, Gateway, free_port, wait_for

parser = argparse.ArgumentParser()
parser.add_argument("--messages", type=int, default=300)
parser.add_argument("--clients", type=int, default=8)
parser.add_argument("--seed", type=int, default=int(time.time()))
options = parser.parse_args()
print(f"seed {options.seed}", flush=True)
run = f"{options.seed & 0xffffffff:08x}"
# The first referral of the first patient is the one that is refused for good.
poison = f"{run}.0.0"

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    sender_log, first_log, other_log = folder / "sender.log", folder / "first.log", folder / "other.log"
    port = free_port()
    other = Destination(other_log)
    gateway = Gateway(folder / "gateway", {"first": port, "other": other.port})
    gateway.start()
    began = time.monotonic()
    status = gateway.senders(sender_log, run, options.messages, options.clients).wait()
    sent = time.monotonic() - began

    def all_at(log):
        verdict = judge(sender_log, log, run)
        return not verdict["lost"]

    wait_for(lambda: all_at(other_log), 300, "the destination that is up did not get everything")
    print(f"down: {len(acknowledged(sender_log, run))} acknowledged in {sent:.1f} s, the other destination has all")
    assert not lines(first_log)
    first = Destination(first_log, "--port", port, "--refuse", poison)
    back = time.monotonic()
    expected = set(acknowledged(sender_log, run)) - {label for label in acknowledged(sender_log, run) if label.startswith(f"{run}.0.")}

    def all_but_held():
        return expected <= {line["label"] for line in lines(first_log) if line["stored"]}

    wait_for(all_but_held, 600, "the destination that is back did not get everything")
    print(f"back: {len(expected)} arrived in {time.monotonic() - back:.1f} s")
    held = [line for line in lines(first_log) if line["stored"] and line["label"].startswith(f"{run}.0.")]
    refused = [line for line in lines(first_log) if line["label"] == poison]
    gateway.stop()
    verdict = judge(sender_log, first_log, run)
    verdict["lost"] = [label for label in verdict["lost"] if not label.startswith(f"{run}.0.")]
    is_good = report(verdict) and report(judge(sender_log, other_log, run))
    print(f"the refused message was tried {len(refused)} times; {len(held)} later ones of its patient overtook it")
    for process in (first, other):
        process.stop()
    sys.exit(0 if is_good and status == 0 and refused and not held else 1)
