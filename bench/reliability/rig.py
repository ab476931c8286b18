"""The gateway under test and the destinations beside it, as processes of their own."""
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import messages

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SECRET = "sender-0123456789abcdef0123456789abcdef"
OPERATOR = "operator-0123456789abcdef0123456789abc"


def binary():
    """The program under test: variable GATEWAY, or the debug build."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return os.environ.get("GATEWAY") or str(target / "debug" / "impress-gateway")


def planted_binary():
    """A build with `--features planted-faults`: variable GATEWAY_PLANTED; none where it is not given."""
    return os.environ.get("GATEWAY_PLANTED")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Skipped(Exception):
    """What a harness needs is not here; the text says what."""


class Gateway:
    """`impress-gateway serve`; may be killed and started again on the same port and store."""

    def __init__(self, folder, destinations, store="sqlite", connection=None, journal=None, program=None, plant=None,
                 retry=(1, 2), timeout=1, parallel=8, extra="", sections="",
                 prefix=(), environment=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.program = program or binary()
        # What the program is run under, e.g. strace; it must leave the process to be the one that was started.
        self.prefix = list(prefix)
        self.environment = {**os.environ, **(environment or {}), **({"IMPRESS_PLANT": plant} if plant else {})}
        self.process = None
        self.starts = []
        self.journal = Path(journal) if journal else self.folder / "journal.db"
        self.store = store
        (self.folder / "ids.secret").write_text("ids-0123456789abcdef0123456789abcdef0123456789abcdef")
        (self.folder / "sender.secret").write_text(SECRET)
        (self.folder / "operator.secret").write_text(OPERATOR)
        where = f'path = "{self.journal}"'
        if store == "postgres":
            (self.folder / "connection").write_text(connection)
            where = 'connection_file = "connection"'
        parts = [
            '[ids]\nsecret_file = "ids.secret"\n[identity]\naccept_synthetic = true',
            # One caller stands for all clients here.
            "[limits]\nrequests_per_second = 100000\nburst = 100000\nfailures_per_minute = 100000",
            f'[server]\nlisten = "127.0.0.1:{self.port}"\n{extra}',
            f'[journal]\nstore = "{store}"\n{where}',
            f'[[caller]]\nname = "hospital"\norganisation = "{messages.TRUST}"\nrole = "trust"\nsecret_file = "sender.secret"',
            '[[caller]]\nname = "operator"\norganisation = "993467049"\nrole = "operator"\nsecret_file = "operator.secret"',
        ]
        for name, url in destinations.items():
            parts.append(f'[[destination]]\nname = "{name}"\nurl = "{url}"\nfirst_retry_seconds = {retry[0]}\n'
                         f'longest_retry_seconds = {retry[1]}\ntimeout_seconds = {timeout}\nparallel = {parallel}')
        parts.append(sections)
        self.config = self.folder / "gateway.toml"
        self.config.write_text("\n".join(parts) + "\n")

    def start(self, wait=30):
        """Starts it; seconds until it listens."""
        begun = time.monotonic()
        self.stderr = open(self.folder / "gateway.log", "ab")
        self.process = subprocess.Popen([*self.prefix, self.program, "serve", "--config", str(self.config)], stdout=subprocess.PIPE,
                                        stderr=self.stderr, env=self.environment, cwd=self.folder)
        timer = threading.Timer(wait, self.process.kill)
        timer.start()
        line = self.process.stdout.readline().decode()
        timer.cancel()
        if not line.startswith("listening http"):
            self.process.wait()
            raise RuntimeError(f"the gateway did not start: {self.last_lines()}")
        self.starts.append(time.monotonic() - begun)
        return self.starts[-1]

    def start_and_kill(self, seconds):
        """Starts it and kills it so many seconds later, whether or not it listens by then."""
        self.stderr = open(self.folder / "gateway.log", "ab")
        self.process = subprocess.Popen([*self.prefix, self.program, "serve", "--config", str(self.config)], stdout=subprocess.DEVNULL,
                                        stderr=self.stderr, env=self.environment, cwd=self.folder)
        time.sleep(seconds)
        self.kill()

    def last_lines(self, count=3):
        text = (self.folder / "gateway.log").read_text(errors="replace").splitlines()
        return " / ".join(text[-count:])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def stop(self, seconds=30):
        """Stops it in order; its exit status."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return self.close()

    def close(self):
        status = self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.stderr.close()
        return status

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def memory(self, what="VmHWM"):
        """Megabytes: VmHWM is the most so far, VmRSS is now."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{what}:\s+(\d+)", text).group(1)) / 1024

    def get(self, path, secret=OPERATOR, timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {secret}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def queue(self):
        """Deliveries by destination and state."""
        status, text = self.get("/metrics")
        if status != 200:
            raise RuntimeError(f"/metrics answers {status}")
        pattern = r'impress_queue_deliveries\{destination="([^"]+)",state="([^"]+)"\} (\d+)'
        return {(name, state): int(count) for name, state, count in re.findall(pattern, text.decode())}

    def drain(self, seconds, only=None):
        """Waits until nothing is left to be sent; whether that was so in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                open_ = sum(count for (name, state), count in self.queue().items()
                            if state in ("due", "leased") and only in (None, name))
                if open_ == 0:
                    return True
            except (OSError, RuntimeError, http.client.HTTPException):
                pass
            time.sleep(0.3)
        return False

    def journal_faults(self):
        """What is wrong in a closed journal: a broken audit trail; in a SQLite file also damage, deliveries of no message, messages
        without their audit row."""
        return (self.file_faults() if self.store == "sqlite" else []) + self.audit_faults()

    def file_faults(self):
        connection = sqlite3.connect(self.journal)
        try:
            faults = []
            check = connection.execute("PRAGMA integrity_check").fetchall()
            if check != [("ok",)]:
                faults.append(f"integrity_check: {check[:3]}")
            for what, query in (
                ("deliveries of no message", "SELECT COUNT(*) FROM deliveries WHERE message NOT IN (SELECT id FROM messages)"),
                ("messages without original", "SELECT COUNT(*) FROM messages WHERE id NOT IN (SELECT message FROM originals)"),
                ("messages without exactly one audit row of their creation",
                 "SELECT COUNT(*) FROM messages m WHERE m.kind <> 'trial' AND (SELECT COUNT(*) FROM audit a WHERE a.message = m.id AND "
                 "a.action = CASE m.kind WHEN 'specimen' THEN 'link' ELSE 'create' END) <> 1"),
                # What the trial writes changes what is there: one row where nothing took effect, else one for each patient and trust.
                ("writes of the trial without exactly one audit row of each patient that they are about",
                 "SELECT COUNT(*) FROM messages m WHERE m.kind = 'trial' AND (SELECT COUNT(*) = 0 OR COUNT(*) <> "
                 "COUNT(DISTINCT COALESCE(a.patient, '') || ' ' || COALESCE(a.tenant, '')) OR COUNT(DISTINCT a.outcome) <> 1 "
                 "FROM audit a WHERE a.message = m.id AND a.role = 'trial' AND a.action = 'update')"),
            ):
                count = connection.execute(query).fetchone()[0]
                if count:
                    faults.append(f"{count} {what}")
        finally:
            connection.close()
        return faults

    def audit_faults(self):
        verified = subprocess.run([self.program, "audit", "verify", "--config", str(self.config)], capture_output=True, text=True)
        return [f"the audit trail is not whole: {verified.stderr.splitlines()[:1]}"] if verified.returncode != 0 else []

    def log_faults(self, nationals):
        """Panics, and national numbers, in what the gateway has written to its log."""
        text = (self.folder / "gateway.log").read_text(errors="replace")
        faults = [f"{text.count('panicked')} panics"] if "panicked" in text else []
        found = sum(number in text for number in nationals)
        return faults + ([f"{found} national numbers in the log"] if found else [])


class Destination:
    """A process of destination.py; may be killed and started again on the same port and log."""

    def __init__(self, folder, name="destination", **faults):
        self.log = Path(folder) / f"{name}.jsonl"
        self.port = free_port()
        self.faults = faults
        self.process = None

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}/fhir"

    def start(self, **faults):
        given = {**self.faults, **faults}
        command = [sys.executable, str(HERE / "destination.py"), "--log", str(self.log), "--port", str(self.port)]
        for name, value in given.items():
            for item in value if isinstance(value, (list, tuple)) else [value]:
                command += [f"--{name.replace('_', '-')}", str(item)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        if not self.process.stdout.readline().startswith(b"listening"):
            raise RuntimeError("the destination did not start")
        return self

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def records(self):
        return read_lines(self.log)


def read_lines(path):
    """Lines of JSON; a line that is cut off is left out."""
    records = []
    if Path(path).exists():
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                pass
    return records


class Folder:
    """A folder for one run; kept where KEEP is set."""

    def __init__(self, prefix):
        self.path = Path(tempfile.mkdtemp(prefix=f"reliability-{prefix}-"))

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        if os.environ.get("KEEP"):
            print(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def on_each(stores, work):
    """Does the work on each store; a figure that says why some were left out. Where none can be had, that is why the whole is."""
    skipped = []
    for store in stores:
        try:
            work(store)
        except Skipped as reason:
            skipped.append(f"{store}: {reason}")
    if len(skipped) == len(stores):
        raise Skipped("; ".join(skipped))
    return {"skipped": "; ".join(skipped)} if skipped else {}


def needs_root(why):
    if os.geteuid() != 0:
        raise Skipped(f"{why} needs root")


def many_files():
    """As many open files as are allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def finish(name, figures, violations):
    """Prints the figures and what went wrong, and ends the program."""
    for key, value in figures.items():
        print(f"{name}: {key}: {value}")
    for violation in violations[:20]:
        print(f"{name}: VIOLATION {violation}")
    if len(violations) > 20:
        print(f"{name}: and {len(violations) - 20} more")
    print(f"FAILED {name}: {len(violations)} violations" if violations else f"passed {name}")
    sys.exit(1 if violations else 0)


def run(name, main):
    """Runs a harness; one that cannot run here says why and is no failure."""
    try:
        main()
    except Skipped as skipped:
        print(f"SKIPPED {name}: {skipped}")
        sys.exit(0)
