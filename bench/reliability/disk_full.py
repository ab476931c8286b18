"""The disk of the journal is full, then it is not: senders are told, nothing is acknowledged that is not stored, and the gateway goes
on without a restart. Needs root (a small tmpfs); otherwise SKIPPED.

disk_full.py [--megabytes 24]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from oracle import acknowledged, judge, lines
from setting import Destination, Gateway, wait_for

parser = argparse.ArgumentParser()
parser.add_argument("--megabytes", type=int, default=24)
options = parser.parse_args()
runs = [f"{int(time.time()) + number & 0xffffffff:08x}" for number in range(3)]
run = runs[0]

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    small = folder / "small"
    small.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={options.megabytes}m", "tmpfs", small], check=False
    ).returncode == 0
    if not mounted:
        print("SKIPPED disk-full: a small file system cannot be mounted here")
        sys.exit(0)
    try:
        ballast = small / "ballast"
        before_log, full_log, after_log = (folder / f"{name}.log" for name in ("before", "full", "after"))
        destination_log = folder / "destination.log"
        destination = Destination(destination_log)
        gateway = Gateway(folder / "gateway", {"recorder": destination.port}, f'[journal]\npath = "{small}/journal.sqlite"\nfree_bytes = 0')
        gateway.start()
        gateway.senders(before_log, run, 20, 4).wait()
        with open(ballast, "wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                pass
        full = gateway.senders(full_log, runs[1], 40, 4, "--refused-is-an-answer")
        full.wait()
        refusals = [line["status"] for line in lines(full_log) if "status" in line]
        ready_when_full = gateway.get("/readyz")[0]
        alive_when_full = gateway.get("/healthz")[0]
        ballast.unlink()
        wait_for(lambda: gateway.get("/readyz")[0] == 200, 60, "ready again")
        status = gateway.senders(after_log, runs[2], 20, 4).wait()
        rounds = list(zip((before_log, full_log, after_log), runs))
        lost = lambda: sum((judge(log, destination_log, run)["lost"] for log, run in rounds), [])
        wait_for(lambda: not lost(), 120, "what was acknowledged arrives")
        print(f"full: {len(refusals)} refusals {sorted(set(refusals))}, readyz {ready_when_full}, healthz {alive_when_full}; "
              f"then {len(acknowledged(after_log, runs[2]))} acknowledged without a restart")
        gateway.stop()
        destination.stop()
        missing = lost()
        print(f"{len(missing)} acknowledged messages missing")
        is_told = refusals and set(refusals) <= {503, 507} and 507 in refusals
        sys.exit(0 if is_told and status == 0 and not missing and alive_when_full == 200 else 1)
    finally:
        subprocess.run(["umount", "-l", small], check=False)
