"""Clients that send one byte at a time, connections that say nothing, and bodies that are too long: others are served meanwhile, and
memory stays bounded.

slow_clients.py [--slow 200] [--messages 60]
"""

import argparse
import pathlib
import socket
import sys
import tempfile
import threading
import time

from oracle import judge, report
from setting import Destination, Gateway, wait_for

parser = argparse.ArgumentParser()
parser.add_argument("--slow", type=int, default=200)
parser.add_argument("--messages", type=int, default=60)
options = parser.parse_args()
run = f"{int(time.time()) & 0xffffffff:08x}"

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    sender_log, destination_log = folder / "sender.log", folder / "destination.log"
    destination = Destination(destination_log)
    gateway = Gateway(folder / "gateway", {"recorder": destination.port})
    gateway.start()
    before = gateway.memory()
    secret = gateway.secret.read_text(encoding="ascii")
    head = (
        "POST /intake/referrals HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100000\r\n"
        f"Authorization: Bearer {secret}\r\n\r\n"
    ).encode()
    open_sockets, is_over, answers = [], threading.Event(), []

    def trickle():
        """One byte of a body now and then, on every third connection; half a head on another; nothing on the rest."""
        for number in range(options.slow):
            connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
            connection.sendall(head if number % 3 == 0 else head[:20] if number % 3 == 1 else b"")
            open_sockets.append(connection)
        while not is_over.is_set():
            for connection in open_sockets[::3]:
                try:
                    connection.sendall(b"x")
                except OSError:
                    pass  # It was closed for being slow.
            time.sleep(0.5)

    thread = threading.Thread(target=trickle)
    thread.start()
    wait_for(lambda: len(open_sockets) == options.slow, 60, "connections")
    # A body that says it is a terabyte is refused before a byte of it is read.
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as connection:
        connection.sendall(head.replace(b"100000", b"1099511627776"))
        answers.append(connection.recv(4096))
    began = time.monotonic()
    status = gateway.senders(sender_log, run, options.messages, 4).wait()
    took = time.monotonic() - began
    wait_for(lambda: not judge(sender_log, destination_log, run)["lost"], 120, "deliveries")
    peak = gateway.memory("VmHWM")
    is_over.set()
    thread.join()
    gateway.stop()
    destination.stop()
    is_refused = answers[0].startswith(b"HTTP/1.1 413")
    print(f"{options.slow} slow connections; {options.messages} messages of others in {took:.1f} s; "
          f"memory {before // 1024} MiB before, {peak // 1024} MiB at most; a terabyte: {answers[0][:12].decode()}")
    is_good = report(judge(sender_log, destination_log, run))
    sys.exit(0 if is_good and status == 0 and is_refused and peak < 1024 * 1024 else 1)
