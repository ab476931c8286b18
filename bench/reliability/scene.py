"""A gateway, its destinations and senders in one run of a harness, and what was found wrong."""
import http.client
import time

import oracle


def wait_for(condition, seconds):
    """Seconds until the condition held; none where it did not."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if condition():
            return time.monotonic() - begun
        time.sleep(0.02)
    return None


def until(condition, seconds):
    """Whether the condition held in time."""
    return wait_for(condition, seconds) is not None


def answered(gateway, path):
    """The status of an answer; none where none came."""
    try:
        return gateway.get(path)[0]
    except (OSError, http.client.HTTPException):
        return None


def readiness(gateway):
    return answered(gateway, "/readyz")


class Scene:
    """Everything is stopped when it is left."""

    def __init__(self, folder, gateway, *destinations):
        self.folder, self.gateway, self.destinations = folder, gateway, destinations
        self.senders, self.violations = None, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.senders:
            self.senders.stop()
        if self.gateway.is_running():
            self.gateway.kill()
        for destination in self.destinations:
            destination.stop()

    def expect(self, what, holds):
        if not holds:
            self.violations.append(what)
        return holds

    def takes_more(self, count=15):
        before = self.senders.acknowledged()
        return lambda: self.senders.acknowledged() >= before + count

    def acknowledged(self):
        return oracle.read_acknowledged(self.senders.folder)

    def stop(self):
        """Waits until everything is delivered and ends the gateway in order."""
        self.expect("deliveries were left", self.gateway.drain(60))
        self.expect("the gateway did not end in order", self.gateway.stop() == 0)

    def look(self):
        """What the senders saw, and what is wrong in the journal and the log of a gateway that has ended."""
        self.violations += self.senders.violations() + self.gateway.journal_faults()
        self.violations += self.gateway.log_faults(self.senders.nationals)
