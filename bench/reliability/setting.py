"""A gateway with a configuration of its own in a folder, and the processes around it."""

import http.client
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TRUST = "983974732"

RULE = """
[[rule]]
name = "reliability-{name}"
kind = "referral"
destination = "{name}"
face = "identified"
"""


def program():
    return os.environ.get("GATEWAY", str(ROOT / "target/debug/impress-gateway"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.02)


class Destination:
    """destination.py as a process."""

    def __init__(self, log, *arguments):
        command = [sys.executable, str(HERE / "destination.py"), str(log), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def stop(self):
        self.process.kill()
        self.process.wait()


class Gateway:
    """`serve`, started and killed."""

    def __init__(self, folder, destinations, journal=None, environment=None, extra=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.environment = {**os.environ, "RUST_LOG": "warn", **(environment or {})}
        self.process = None
        self.log = open(self.folder / "gateway.log", "ab")
        self.secret = self.folder / "trust.secret"
        for path in (self.folder / "ids.secret", self.secret):
            if not path.exists():
                path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        mappings = self.folder / "mappings"
        if not mappings.exists():
            shutil.copytree(ROOT / "mappings", mappings)
            with open(mappings / "routing.toml", "a", encoding="utf-8") as rules:
                for name in destinations:
                    rules.write(RULE.format(name=name))
        sections = [
            '[ids]\nsecret_file = "ids.secret"',
            "[identity]\naccept_synthetic = true",
            '[mappings]\ndirectory = "mappings"',
            f'[server]\nlisten = "127.0.0.1:{self.port}"',
            f'[[caller]]\nname = "trust"\norganisation = "{TRUST}"\nrole = "trust"\nsecret_file = "trust.secret"',
            journal or '[journal]\npath = "journal.sqlite"',
        ]
        for name, port in destinations.items():
            sections.append(
                f'[[destination]]\nname = "{name}"\nurl = "http://127.0.0.1:{port}/{name}"\n'
                "first_retry_seconds = 1\nlongest_retry_seconds = 2\ntimeout_seconds = 2\nparallel = 16"
            )
        (self.folder / "gateway.toml").write_text("\n\n".join(sections) + "\n" + extra, encoding="utf-8")

    def command(self, name):
        return [program(), name, "--config", str(self.folder / "gateway.toml")]

    def start(self, seconds=60):
        self.process = subprocess.Popen(
            self.command("serve"), stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment
        )
        deadline = time.monotonic() + seconds
        line = self.process.stdout.readline()
        while not line.startswith("listening http"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the gateway did not start: see {self.folder / 'gateway.log'}")
            line = self.process.stdout.readline()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def memory(self, key="VmRSS"):
        """Kibibytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(key):
                return int(line.split()[1])
        return 0

    def senders(self, log, run, messages, clients=8, *arguments):
        command = [
            sys.executable, str(HERE / "senders.py"), str(log), "--port", str(self.port), "--run", run,
            "--messages", str(messages), "--clients", str(clients), "--secret", str(self.secret), *map(str, arguments),
        ]
        return subprocess.Popen(command)
