"""A PostgreSQL cluster for one run: made, started, stopped and thrown away."""
import contextlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from rig import Skipped, free_port


def programs():
    """The folder with initdb and pg_ctl."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise Skipped("PostgreSQL is not installed")


class Cluster:
    """Runs as the user postgres where the harness runs as root, since the server refuses to run as root."""

    def __init__(self, folder):
        self.bin = programs()
        self.port = free_port()
        self.data = Path(folder) / "cluster"
        self.data.mkdir()
        self.user = None
        if os.geteuid() == 0:
            try:
                self.user = pwd.getpwnam("postgres")
            except KeyError:
                raise Skipped("there is no user postgres, and the server does not run as root") from None
            os.chown(self.data, self.user.pw_uid, self.user.pw_gid)
            os.chmod(folder, 0o711)
        self.call("initdb", "-D", self.data, "-U", "gateway", "--auth=trust", "-E", "UTF8", "--no-locale")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"\nlisten_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n")

    def call(self, name, *arguments):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        # pg_ctl leaves the server behind: with a pipe, reading would never end.
        subprocess.run([str(self.bin / name), *map(str, arguments)], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **identity)

    @property
    def connection(self):
        return f"host=127.0.0.1 port={self.port} user=gateway dbname=postgres"

    def start(self):
        self.call("pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-w", "-t", "60", "start")
        return self

    def stop(self, mode="fast"):
        self.call("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    @staticmethod
    @contextlib.contextmanager
    def if_needed(given, folder):
        """The connection string of a run: none for SQLite, the one that is given, or that of a new cluster."""
        if given.store != "postgres" or given.connection:
            yield given.connection
            return
        cluster = Cluster(folder).start()
        try:
            yield cluster.connection
        finally:
            cluster.stop("immediate")
