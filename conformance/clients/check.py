"""Sends synthetic messages with clients of others and judges by what they read.

    run [--seed N]

| client | how |
|---|---|
| `mllp_send` of hl7 (Python) | MLLP, two messages on a connection |
| @medplum/hl7, simple-hl7 (Node) | MLLP, two messages on a connection, one of them for the second time |
| curl | `Expect: 100-continue`: KITH XML, HL7 v2, FHIR, a run folder as archive and as form |
| fhirpy, fhirclient (Python) | a transaction, `$process-message`, Specimen |
| fhirpy, fhirclient (Python), fhir-kit-client (Node) | the FHIR API: CapabilityStatement, search, pages, includes, read, version, history |
| the same three | subscriptions: to an endpoint, and asked for (`subscribing.py`) |

What comes back must be what the standard of the message asks for, as the client itself reads it; a message that cannot be used
must come back as an error that the client shows; everything that was acknowledged must be in `/messages`.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bench" / "reliability"))

import messages  # noqa: E402
import subscribing  # noqa: E402
from rig import SECRET, Destination, Folder, Gateway, finish, free_port  # noqa: E402

NAME = "clients"
CACHE = Path(os.environ["CLIENTS_CACHE"])
LABORATORY = "laboratory-0123456789abcdef0123456789abcd"
RUN = ROOT / "tests" / "golden" / "tso500" / "localapp-dna-rna" / "input"
APPREC = "{http://www.kith.no/xmlstds/apprec/2012-02-15}"


class Scene:
    """The gateway, where messages are written for clients, and what was found."""

    def __init__(self, folder, gateway, mllp, seed):
        self.folder, self.gateway, self.mllp, self.seed = folder, gateway, mllp, seed
        self.patient, self.violations, self.figures = 0, [], {}
        self.acknowledged = 0

    def message(self, form):
        """A message of a patient of its own, and a file with it."""
        self.patient += 1
        message = messages.make(self.seed, self.patient, 0, form)
        path = self.folder / f"message-{self.patient}"
        path.write_bytes(message.body)
        return message, path

    def expect(self, what, holds, saw=""):
        if not holds:
            self.violations.append(f"{what}: {str(saw)[:400]}")

    def call(self, *command, **options):
        result = subprocess.run([str(part) for part in command], capture_output=True, timeout=60, **options)
        self.expect(f"{command[0]} ended with status {result.returncode}", result.returncode == 0, result.stderr)
        return result.stdout

    def stored(self):
        status, body = self.gateway.get("/messages?_count=200")
        self.expect("/messages cannot be read", status == 200, status)
        return json.loads(body)["messages"]


def without_patient(message):
    """The same message with another control id and without its PID: one that cannot be used."""
    return re.sub(rb"\rPID[^\r]*", b"", message.body).replace(message.identifier.encode(), message.identifier[::-1].encode())


def mllp_send(scene):
    """Of the Python package hl7."""
    (first, _), (second, _) = scene.message("hl7v2"), scene.message("hl7v2")
    third = without_patient(first)
    stream = scene.folder / "stream"
    stream.write_bytes(b"".join(b"\x0b" + body + b"\x1c\r" for body in (first.body, second.body, third)))
    said = scene.call(CACHE / "venv" / "bin" / "mllp_send", "-p", scene.mllp, "-f", stream, "127.0.0.1")
    import hl7
    answers = [hl7.parse(block.strip("\x0b\r\n")) for block in said.decode().split("\x1c") if block.strip()]
    read = [(str(answer.segment("MSA")[1]), str(answer.segment("MSA")[2])) for answer in answers]
    expected = [("AA", first.identifier), ("AA", second.identifier), ("AE", first.identifier[::-1])]
    scene.expect("mllp_send", read == expected, read)
    scene.acknowledged += 2
    return [first, second]


def node(scene, script):
    """A client in Node: two messages, one again, and one that cannot be used."""
    (first, path), (second, other) = scene.message("hl7v2"), scene.message("hl7v2")
    unusable = scene.folder / "unusable"
    unusable.write_bytes(without_patient(first))
    said = scene.call("node", CACHE / "npm" / script, scene.mllp, path, other, path, unusable)
    answers = [json.loads(line) for line in said.splitlines()]
    read = [(answer["code"], answer["answers"]) for answer in answers]
    expected = [("AA", first.identifier), ("AA", second.identifier), ("AA", first.identifier), ("AE", first.identifier[::-1])]
    scene.expect(script, read == expected, read)
    scene.expect(f"{script}: the refusal says why", answers and answers[-1]["error"].startswith("ERR"), answers[-1:])
    scene.acknowledged += 2
    return [first, second]


def curl(scene, path, *arguments, secret=SECRET):
    """Status, headers and body that curl read; the body is sent only after 100 Continue."""
    head, body = scene.folder / "head", scene.folder / "body"
    said = scene.call("curl", "-sS", "--http1.1", "-H", f"Authorization: Bearer {secret}", "-H", "Expect: 100-continue",
                      "--expect100-timeout", "30", "--max-time", "20", "-D", head, "-o", body, "-w", "%{http_code}", *arguments,
                      f"http://127.0.0.1:{scene.gateway.port}{path}")
    return said.decode(), head.read_text(), body.read_bytes()


def curl_referrals(scene):
    sent = []
    for form in ("kith", "hl7v2", "fhir"):
        message, path = scene.message(form)
        sent.append(message)
        status, head, body = curl(scene, "/intake/referrals", "-H", f"Content-Type: {message.content_type}",
                                  "--data-binary", f"@{path}")
        scene.expect(f"curl {form}: status", status == "200", (status, body))
        scene.expect(f"curl {form}: 100 Continue", head.startswith("HTTP/1.1 100"), head)
        scene.acknowledged += 1
        if form == "kith":
            receipt = ElementTree.fromstring(body)
            code = next((element.get("V") for element in receipt.iter() if element.tag.endswith("}Status")), None)
            scene.expect("curl kith: AppRec", receipt.tag.endswith("}AppRec") and code == "1", body)
            scene.expect("curl kith: the AppRec names the message", message.identifier.encode() in body, body)
        elif form == "hl7v2":
            scene.expect("curl hl7v2: ACK", f"MSA|AA|{message.identifier}".encode() in body, body)
        else:
            scene.expect("curl fhir: a FHIR answer", json.loads(body)["resourceType"] in ("Bundle", "OperationOutcome"), body)
    status, _, body = curl(scene, "/intake/referrals", "-H", "Content-Type: application/fhir+json", "--data-binary", "{}")
    outcome = json.loads(body)
    scene.expect("curl: what is no message", (status, outcome["resourceType"]) == ("400", "OperationOutcome"), (status, body))
    status, _, _ = curl(scene, "/intake/referrals", "--data-binary", f"@{path}", secret="unknown-0123456789abcdef0123456789")
    scene.expect("curl: an unknown secret", status == "401", status)
    return sent


def curl_reports(scene):
    archive = scene.folder / "run.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(RUN, ".")
    status, head, body = curl(scene, "/intake/reports", "--data-binary", f"@{archive}", secret=LABORATORY)
    outcome = json.loads(body)
    scene.expect("curl run folder", (status, outcome["resourceType"]) == ("200", "OperationOutcome"), (status, body))
    scene.expect("curl run folder: 100 Continue", head.startswith("HTTP/1.1 100"), head)
    files = [path for path in sorted(RUN.rglob("*")) if path.is_file()]
    form = [part for path in files for part in ("-F", f"files=@{path};filename={path.relative_to(RUN)}")]
    status, _, body = curl(scene, "/intake/reports", *form, secret=LABORATORY)
    scene.expect("curl form", (status, json.loads(body)["resourceType"]) == ("200", "OperationOutcome"), (status, body))


def specimen(sample, requisition):
    requester = {"type": "Organization", "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": "983974732"}}
    return {"resourceType": "Specimen", "identifier": [{"value": sample}],
            "request": [{"type": "ServiceRequest", "identifier": {"value": requisition, "assigner": requester}}]}


def fhirpy_client(scene):
    import fhirpy
    base = f"http://127.0.0.1:{scene.gateway.port}/fhir"
    client = fhirpy.SyncFHIRClient(base, authorization=f"Bearer {SECRET}")
    sent = []
    for path in ("", "$process-message"):
        message, _ = scene.message("fhir")
        answer, status = client._do_request("post", path, data=json.loads(message.body), returning_status=True)
        scene.expect(f"fhirpy {path or 'transaction'}", status == 200 and answer["resourceType"] in ("Bundle", "OperationOutcome"),
                     (status, answer))
        sent.append(message)
        scene.acknowledged += 1
    try:
        client.execute("", "post", data={"resourceType": "Bundle", "type": "transaction"})
        scene.expect("fhirpy took an empty Bundle for taken", False)
    except fhirpy.base.exceptions.OperationOutcome as outcome:
        scene.expect("fhirpy reads the OperationOutcome", outcome.resource.get("issue"), outcome.resource)
    laboratory = fhirpy.SyncFHIRClient(base, authorization=f"Bearer {LABORATORY}")
    answer = laboratory.execute("Specimen", "post", data=specimen("IPD9001-D01-P01-A15", "R-1"))
    scene.expect("fhirpy Specimen", answer["resourceType"] == "OperationOutcome", answer)
    return sent


def fhirclient_client(scene):
    from fhirclient import server
    from fhirclient.models.bundle import Bundle
    from fhirclient.models.operationoutcome import OperationOutcome
    from fhirclient.models.specimen import Specimen
    api = server.FHIRServer(None, f"http://127.0.0.1:{scene.gateway.port}/fhir")
    api.session.headers["Authorization"] = f"Bearer {SECRET}"
    message, _ = scene.message("fhir")
    bundle = Bundle(json.loads(message.body))
    answer = api.post_json("", bundle.as_json())
    scene.expect("fhirclient transaction", answer.status_code == 200, answer.text)
    kind = {"Bundle": Bundle, "OperationOutcome": OperationOutcome}[answer.json()["resourceType"]]
    kind(answer.json())
    scene.acknowledged += 1
    api.session.headers["Authorization"] = f"Bearer {LABORATORY}"
    answer = api.post_json("Specimen", Specimen(specimen("IPD9001-R03-P01-A15", "R-1")).as_json())
    outcome = OperationOutcome(answer.json())
    scene.expect("fhirclient Specimen", outcome.issue[0].severity == "information", answer.text)
    return [message]


def fhirpy_reads(scene):
    """Every request of the trust, page by page; one of them, and who it is about."""
    import fhirpy
    client = fhirpy.SyncFHIRClient(f"http://127.0.0.1:{scene.gateway.port}/fhir", authorization=f"Bearer {SECRET}")
    requests = client.resources("ServiceRequest")
    pages = requests.sort("_id").limit(2).fetch_all()
    ids = [resource.id for resource in pages]
    scene.expect("fhirpy: pages", len(ids) == len(set(ids)) == scene.acknowledged, (ids, scene.acknowledged))
    scene.expect("fhirpy: count", requests.count() == len(ids), len(ids))
    one = client.reference("ServiceRequest", ids[0]).to_resource()
    scene.expect("fhirpy: read", one.id == ids[0], one)
    patient = one["subject"].to_resource()
    found = requests.search(patient=patient.id).fetch()
    scene.expect("fhirpy: search by patient", [resource.id for resource in found] == [one.id], found)
    bundle = requests.search(_id=one.id).include("ServiceRequest", "patient").fetch_raw()
    kinds = sorted(entry["resource"]["resourceType"] for entry in bundle["entry"])
    scene.expect("fhirpy: include", kinds == ["Patient", "ServiceRequest"], kinds)
    try:
        client.reference("ServiceRequest", "absent").to_resource()
        scene.expect("fhirpy read what is not there", False)
    except fhirpy.base.exceptions.ResourceNotFound:
        pass
    return ids


def fhirclient_reads(scene):
    from fhirclient import server
    from fhirclient.models.bundle import Bundle
    from fhirclient.models.capabilitystatement import CapabilityStatement
    from fhirclient.models.servicerequest import ServiceRequest
    api = server.FHIRServer(None, f"http://127.0.0.1:{scene.gateway.port}/fhir")
    api.session.headers["Authorization"] = f"Bearer {SECRET}"
    statement = CapabilityStatement.read_from("metadata", api)
    scene.expect("fhirclient: CapabilityStatement", statement.fhirVersion == "4.0.1", statement.as_json())
    search = ServiceRequest.where({"_count": "3", "_sort": "_id"}).include("subject")
    entries = [entry for page in search.perform_iter(api) for entry in page.entry or []]
    ids = [entry.resource.id for entry in entries if entry.search.mode == "match"]
    patients = {entry.resource.id for entry in entries if entry.search.mode == "include"}
    scene.expect("fhirclient: pages", len(ids) == len(set(ids)) == scene.acknowledged, (ids, scene.acknowledged))
    scene.expect("fhirclient: includes", len(patients) == len(ids), (patients, ids))
    one = ServiceRequest.read(ids[0], api)
    scene.expect("fhirclient: read", one.id == ids[0], one.as_json())
    history = Bundle.read_from(f"ServiceRequest/{ids[0]}/_history", api)
    scene.expect("fhirclient: history", (history.type, history.entry[0].response.etag) == ("history", 'W/"1"'), history.as_json())
    return ids


def fhir_kit_reads(scene):
    base = f"http://127.0.0.1:{scene.gateway.port}/fhir"
    saw = json.loads(scene.call("node", CACHE / "npm" / "fhir_kit.mjs", base, SECRET) or "null")
    if saw is None:
        return []
    ids = [one for page in saw["pages"] for one in page]
    scene.expect("fhir-kit-client: CapabilityStatement", saw["fhirVersion"] == "4.0.1", saw)
    scene.expect("fhir-kit-client: pages of one", all(len(page) == 1 for page in saw["pages"]), saw["pages"])
    scene.expect("fhir-kit-client: pages", len(ids) == len(set(ids)) == scene.acknowledged, (ids, scene.acknowledged))
    scene.expect("fhir-kit-client: a posted search", saw["posted"]["total"] == len(saw["posted"]["ids"]) == len(ids), saw)
    scene.expect("fhir-kit-client: read and version", (saw["read"], saw["version"]) == (ids[0], "1"), saw)
    scene.expect("fhir-kit-client: histories", (saw["history"], saw["versions"]) == ("history", len(ids)), saw)
    absent = {"status": 404, "type": "OperationOutcome"}
    scene.expect("fhir-kit-client: what is not there", saw["absent"] == absent, saw["absent"])
    return ids


def read_back(scene):
    """What each client reads of the FHIR API; all of them the same."""
    seen = []
    for name, client in (("fhirpy reads", fhirpy_reads), ("fhirclient reads", fhirclient_reads),
                         ("fhir-kit-client reads", fhir_kit_reads)):
        before = len(scene.violations)
        seen.append(client(scene))
        scene.figures[name] = "as the standard asks" if len(scene.violations) == before else "NOT as the standard asks"
    scene.expect("the clients read the same", seen[0] == seen[1] == seen[2], seen)


def check(scene, sent):
    """Everything that was acknowledged is there once, and reaches the laboratory."""
    rows = scene.stored()
    referrals = [row for row in rows if row["kind"] == "referral" and row["disposition"] in ("routed", "awaiting-consent")]
    kinds = {kind: sum(row["kind"] == kind for row in rows) for kind in sorted({row["kind"] for row in rows})}
    scene.figures["/messages"] = kinds
    scene.expect("every acknowledged referral is in /messages", len(referrals) == scene.acknowledged == len(sent),
                 (len(referrals), scene.acknowledged))
    scene.expect("the report and its two samples are in /messages", kinds.get("report") == 1 and kinds.get("specimen") == 2, kinds)
    scene.expect("deliveries were left", scene.gateway.drain(30))
    documents = {identifier for record in scene.destination.records() if record["destination"] == "laboratory"
                 for identifier in record["identifiers"]}
    missing = [message.format for message in sent if message.document not in documents]
    scene.expect("every acknowledged referral was delivered", not missing, missing)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    given = parser.parse_args()
    print(f"{NAME}: seed {given.seed}")
    with Folder(NAME) as folder:
        (folder / "laboratory.secret").write_text(LABORATORY)
        mllp = free_port()
        sections = (f'[mllp]\nlisten = "127.0.0.1:{mllp}"\ncaller = "hospital"\n'
                    '[[caller]]\nname = "laboratory"\norganisation = "993467049"\nrole = "laboratory"\n'
                    'secret_file = "laboratory.secret"\n')
        hook = subscribing.FullHook()
        sections += subscribing.sections(hook, messages.TRUST)
        destination = Destination(folder, seed=given.seed).start()
        urls = {name: destination.url(name) for name in ("trial-system", "laboratory")}
        gateway = Gateway(folder, urls, sections=sections)
        scene = Scene(folder, gateway, mllp, given.seed)
        scene.destination = destination
        try:
            gateway.start()
            sent = []
            subscribers = subscribing.Subscribers(scene, hook, CACHE)
            for name, client in (("mllp_send", mllp_send), ("@medplum/hl7", lambda scene: node(scene, "medplum.mjs")),
                                 ("simple-hl7", lambda scene: node(scene, "simple_hl7.cjs")), ("curl", curl_referrals),
                                 ("fhirpy", fhirpy_client), ("fhirclient", fhirclient_client)):
                before = len(scene.violations)
                sent += client(scene)
                scene.figures[name] = "as the standard asks" if len(scene.violations) == before else "NOT as the standard asks"
            read_back(scene)
            before = len(scene.violations)
            subscribers.check()
            scene.figures["subscribers"] = "as the standard asks" if len(scene.violations) == before else "NOT as the standard asks"
            curl_reports(scene)
            check(scene, sent)
            scene.expect("the gateway did not end in order", gateway.stop() == 0)
        finally:
            if gateway.is_running():
                gateway.kill()
            destination.stop()
        scene.violations += gateway.journal_faults() + gateway.log_faults({message.national for message in sent})
    finish(NAME, scene.figures, scene.violations)


main()
