"""The power goes: what the block device has at that moment is all there is. SIGKILL cannot see a missing fsync, this can.

power_cut.py [--cuts 3] [--messages 60] [--seed N] [--expect-loss]. The journal is on ext4 on a loop device whose file is in memory;
at the cut the program is stopped, the file of the device is copied (the page cache of ext4 is not in it), and the gateway is started
on the copy. `--expect-loss` is the control: the program is built with `planted-faults` and does not fsync. Needs root; otherwise
SKIPPED.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from oracle import lines
from setting import Destination, Gateway

parser = argparse.ArgumentParser()
parser.add_argument("--cuts", type=int, default=3)
parser.add_argument("--messages", type=int, default=60, help="at least so many are acknowledged before each cut")
parser.add_argument("--seed", type=int, default=int(time.time()))
parser.add_argument("--expect-loss", action="store_true")
options = parser.parse_args()
rng = random.Random(options.seed)

# Memory, so that the copy is done before the kernel writes more.
memory = pathlib.Path("/dev/shm")
if os.geteuid() != 0 or not memory.is_dir() or not shutil.which("mkfs.ext4"):
    print("SKIPPED power-cut: needs root, ext4 and a file system in memory")
    sys.exit(0)


def mount(image, place):
    place.mkdir(exist_ok=True)
    return subprocess.run(["mount", "-o", "loop", image, place], check=False, capture_output=True).returncode == 0


def unmount(place):
    subprocess.run(["umount", "-l", place], check=False)


def one_cut(number, folder):
    """Acknowledged messages, and how many of them the journal has after the cut."""
    image, copy, place = folder / "disk", folder / "copy", folder / "mounted"
    with open(image, "wb") as file:
        file.truncate(96 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    if not mount(image, place):
        print("SKIPPED power-cut: a loop device cannot be mounted here")
        sys.exit(0)
    run = f"{options.seed + number & 0xffffffff:08x}"
    sender_log = folder / f"sender{number}.log"
    destination = Destination(folder / f"destination{number}.log")
    environment = {"IMPRESS_PLANT": "no-fsync"} if options.expect_loss else None
    journal = f'[journal]\npath = "{place}/journal.sqlite"'
    gateway = Gateway(folder / f"gateway{number}", {"recorder": destination.port}, journal, environment)
    try:
        gateway.start()
        # The first files are on the disk: the cut is not about a journal that was never made.
        os.sync()
        senders = gateway.senders(sender_log, run, 100_000, 8, "--give-up", "1")
        wanted = options.messages + rng.randrange(options.messages)
        while len([line for line in lines(sender_log) if "message" in line]) < wanted and senders.poll() is None:
            time.sleep(0.005)
        gateway.process.send_signal(signal.SIGSTOP)
        shutil.copyfile(image, copy)
        gateway.kill()
        senders.wait()
        unmount(place)
        # Answers that were on the way when the program was stopped came before the cut.
        acknowledged = [line["message"] for line in lines(sender_log) if "message" in line]
        if not mount(copy, place):
            return len(acknowledged), 0
        gateway.environment.pop("IMPRESS_PLANT", None)
        try:
            gateway.start()
        except RuntimeError:
            return len(acknowledged), 0
        listed = subprocess.run(
            [*gateway.command("messages"), "--count", "10000"], capture_output=True, text=True, check=False
        ).stdout
        present = {line.split("\t")[4] for line in listed.splitlines()}
        return len(acknowledged), sum(message in present for message in acknowledged)
    finally:
        gateway.kill()
        destination.stop()
        unmount(place)


print(f"seed {options.seed}", flush=True)
total = lost = 0
for number in range(options.cuts):
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        acknowledged, present = one_cut(number, pathlib.Path(folder))
    total += acknowledged
    lost += acknowledged - present
print(f"{options.cuts} cuts, {total} acknowledged, {lost} of them lost")
if options.expect_loss:
    print("the missing fsync was seen" if lost else "the missing fsync was NOT seen")
    sys.exit(0 if lost else 1)
sys.exit(0 if total and not lost else 1)
