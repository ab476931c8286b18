"""Clients of others subscribe to `referral-status-changed`, are told, and ask for what they were told.

fhirpy subscribes with an endpoint; fhirclient and fhir-kit-client without one, and ask. All of them must be told of the same Tasks, one
for each referral that was taken meanwhile, as each reads it with its own models; what is deleted must be gone.
"""
import json

from notifications import Hook, events, subscription
from rig import SECRET
from scene import until

TOPIC = "referral-status-changed"


class FullHook(Hook):
    """Keeps whole notifications."""

    def __init__(self):
        super().__init__(0, 0)
        self.bundles = []

    def take(self, bundle):
        super().take(bundle)
        self.bundles.append(bundle)


def sections(hook, organisation):
    """What the gateway must be told of the endpoint."""
    return f'[[subscriptions.organisation]]\nnumber = "{organisation}"\nendpoints = ["{hook.url}"]'


def task_of(focus):
    return focus.rsplit("/fhir/", 1)[-1]


class Fhirpy:
    """With an endpoint: told of each event once it happened."""

    def __init__(self, scene, hook):
        import fhirpy
        self.scene, self.hook = scene, hook
        self.client = fhirpy.SyncFHIRClient(f"http://127.0.0.1:{scene.gateway.port}/fhir", authorization=f"Bearer {SECRET}")
        resource = subscription(TOPIC, endpoint=hook.url)
        self.subscription = self.client.resource(resource.pop("resourceType"), **resource)
        self.subscription.save()
        scene.expect("fhirpy: the handshake makes it active", until(self.is_active, 30), self.subscription.serialize())

    def is_active(self):
        self.subscription.refresh()
        return self.subscription["status"] == "active"

    def told(self, count):
        from fhirclient.models.bundle import Bundle
        until(lambda: self.hook.count() >= count, 30)
        for bundle in self.hook.bundles:
            # The strictest models of the three read what was sent.
            read = Bundle(bundle)
            kinds = {entry.resource.resource_type for entry in read.entry if entry.resource}
            self.scene.expect("fhirpy: a notification", (read.type, kinds) == ("history", {"Parameters"}), bundle)
        status = self.subscription.execute("$status", method="get")
        parameters = status["entry"][0]["resource"]["parameter"]
        total = [one["valueString"] for one in parameters if one["name"] == "events-since-subscription-start"]
        self.scene.expect("fhirpy: $status", total == [str(count)], status)
        found = self.client.resources("Subscription").search(status="active").fetch()
        self.scene.expect("fhirpy: finds its subscription", self.subscription.id in [one.id for one in found], found)
        return [(number, task_of(focus)) for number, focus in sorted(self.hook.taken)]

    def end(self):
        import fhirpy
        self.subscription.delete()
        try:
            self.client.reference("Subscription", self.subscription.id).to_resource()
            self.scene.expect("fhirpy: a deleted subscription is gone", False)
        except (fhirpy.base.exceptions.ResourceNotFound, fhirpy.base.exceptions.OperationOutcome):
            pass


class Fhirclient:
    """Without an endpoint: asks. Its models drop extensions of primitive elements, and with them the content that a Subscription must
    name: what is sent goes past them, what comes back is read with them."""

    def __init__(self, scene):
        from fhirclient import server
        from fhirclient.models.subscription import Subscription
        self.scene = scene
        self.api = server.FHIRServer(None, f"http://127.0.0.1:{scene.gateway.port}/fhir")
        self.api.session.headers["Authorization"] = f"Bearer {SECRET}"
        self.subscription = Subscription(self.api.post_json("Subscription", subscription(TOPIC)).json())
        scene.expect("fhirclient: active at once", self.subscription.status == "active", self.subscription.as_json())

    def told(self, count):
        from fhirclient.models.bundle import Bundle
        from fhirclient.models.task import Task
        bundle = self.api.request_json(f"Subscription/{self.subscription.id}/$events?eventsSinceNumber=1")
        Bundle(bundle)
        found = [(number, task_of(focus)) for number, focus in events(bundle)]
        for _, path in found:
            task = Task.read_from(path, self.api)
            self.scene.expect("fhirclient: a Task", (task.status, task.relativePath()) == ("requested", path), task.as_json())
        return found

    def end(self):
        self.subscription.delete(self.api)


class FhirKit:
    """Without an endpoint, and asks with a long poll, as a program of its own when all has happened."""

    def __init__(self, scene, cache):
        self.scene, self.script = scene, cache / "npm" / "fhir_kit_subscribes.mjs"
        self.base = f"http://127.0.0.1:{scene.gateway.port}/fhir"
        made = self.run("create", json.dumps(subscription(TOPIC)))
        self.ident = made.get("id", "")
        scene.expect("fhir-kit-client: active at once", made.get("status") == "active", made)

    def run(self, *arguments):
        return json.loads(self.scene.call("node", self.script, self.base, SECRET, *arguments) or "{}")

    def told(self, count):
        saw = self.run("told", self.ident)
        if not saw:
            return []
        self.scene.expect("fhir-kit-client: $status", saw["status"] == str(count), saw)
        return [(number, task_of(focus)) for number, focus in events(saw["events"])]

    def end(self):
        saw = self.run("delete", self.ident)
        self.scene.expect("fhir-kit-client: a deleted subscription is gone", saw == {"status": 410} or saw == {"status": 404}, saw)


class Subscribers:
    """Everybody who is subscribed while `scene.acknowledged` grows."""

    def __init__(self, scene, hook, cache):
        self.scene, self.before = scene, scene.acknowledged
        self.clients = [Fhirpy(scene, hook), Fhirclient(scene), FhirKit(scene, cache)]

    def check(self):
        count = self.scene.acknowledged - self.before
        seen = [client.told(count) for client in self.clients]
        numbers = [number for number, _ in seen[0]]
        self.scene.expect("an event for each referral, numbered from 1", numbers == list(range(1, count + 1)), (numbers, count))
        self.scene.expect("each event is of a Task of its own", len({path for _, path in seen[0]}) == count, seen[0])
        self.scene.expect("the subscribers were told the same", seen[0] == seen[1] == seen[2], seen)
        for client in self.clients:
            client.end()
