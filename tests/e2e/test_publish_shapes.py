"""What is published, of every finding type, against public schemas: the service models of GuardDuty, EventBridge and
Security Hub as botocore has them, with the limits that their texts name, and the OCSF schema.

The real binary sends to a server of this test: findings of the made-up world's logs, and samples of all types.
"""

import json
import re
import subprocess
import threading
import uuid
from collections import Counter, defaultdict
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
import pytest
from conftest import binary
from ocsf import Checked
from server import ACCOUNT, REGION, poll
from shapes import strict
from watching import Watching, deliver, objects, places, scanned

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
#: Bytes of an entry of PutEvents on any bus, and of all entries of a call (EventBridge API reference; it was 256 KB of
#: all once, and some servers still hold to that for an entry).
ENTRY, ENTRIES = 256 << 10, 1_000_000
#: Bytes of a finding in ASFF (Security Hub user guide).
ASFF = 240_000
NAMESPACES = {
    "Software and Configuration Checks", "TTPs", "Effects", "Unusual Behaviors", "Sensitive Data Identifications",
}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Targets:
    """All that is published to: webhooks in each format, an event bus, a Security Hub."""

    def __init__(self):
        self.got = got = defaultdict(list)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                got[self.path].append(body)
                answer = {}
                if self.path == "/":
                    answer = {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid.uuid4())} for _ in body["Entries"]]}
                if self.path == "/findings/import":
                    answer = {"FailedCount": 0, "SuccessCount": len(body["Findings"]), "FailedFindings": []}
                text = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # A client that leaves is no news.
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def config(self) -> str:
        targets = ""
        for format in ("event", "finding", "asff", "ocsf"):
            targets += f'[[publish]]\nname = "{format}"\nto = "webhook"\nformat = "{format}"\nurl = "{self.url}/{format}"\n'
        for name, to in (("bus", 'eventbridge"\nbus = "security'), ("hub", "security-hub")):
            targets += f'[[publish]]\nname = "{name}"\nto = "{to}"\nendpoint = "{self.url}"\nregion = "{REGION}"\n'
        return targets

    def entries(self) -> list:
        return [entry for call in self.got["/"] for entry in call["Entries"]]

    def imported(self) -> list:
        return [finding for call in self.got["/findings/import"] for finding in call["Findings"]]


@pytest.fixture(scope="module")
def sent(world, tmp_path_factory):
    """All that was sent of the world's findings and of samples of all types."""
    folder = tmp_path_factory.mktemp("shapes")
    logs = world.write(folder / "world")
    options = world.write_lists(folder / "lists")
    wanted = scanned(folder, options, logs)
    targets = Targets()
    (folder / "logs").mkdir()
    source = f'[[source]]\nname = "logs"\nfolder = "{folder / "logs"}"\nsince = "all"\npoll = "2s"\n'
    watch = Watching(folder, source + targets.config(), places(wanted), options, **CREDENTIALS)
    try:
        deliver(objects(logs), folder / "logs", logs.parent)
        watch.settles(wanted)
        api, detector = watch.api(ACCOUNT, REGION), watch.detectors[ACCOUNT, REGION]
        api.create_sample_findings(DetectorId=detector)
        pages = api.get_paginator("list_findings").paginate(DetectorId=detector)
        ids = {id for page in pages for id in page["FindingIds"]} | wanted.keys()

        def complete():
            got = targets.got
            bodies = [{body["detail"]["id"] for body in got["/event"]}, {body["id"] for body in got["/finding"]}]
            bodies += [{body["Id"].rsplit("/", 1)[1] for body in of} for of in (got["/asff"], targets.imported())]
            bodies.append({body["metadata"]["uid"] for body in got["/ocsf"]})
            bodies.append({json.loads(entry["Detail"])["id"] for entry in targets.entries()})
            return all(of >= ids for of in bodies)

        poll(complete, 120)
        yield targets
    finally:
        watch.server.stop()


@pytest.fixture(scope="module")
def models():
    session = botocore.session.get_session()
    return {name: session.get_service_model(name) for name in ("guardduty", "events", "securityhub")}


def told(faults: list) -> str:
    """The most frequent faults, without what differs between findings."""
    counts = Counter(re.sub(r"'[^']{60,}'", "...", fault) for fault in faults)
    return "\n".join(f"{count:4} {fault[:300]}" for fault, count in counts.most_common(40))


def detail_faults(detail: dict, model) -> list:
    """Of a finding as events and exports have it: the model's names and types. What EventBridge sees of
    `additionalInfo` has no model."""
    faults = strict(model.shape_for("Finding"), detail, free={".service.additionalInfo"})
    times = [detail["createdAt"], detail["updatedAt"], detail["service"]["eventFirstSeen"], detail["service"]["eventLastSeen"]]
    faults += [f"{time} is no moment" for time in times if not MOMENT.fullmatch(time)]
    return faults


def test_every_type_is_there(sent):
    """Those that Picquet raises, and those that GuardDuty has samples of; of retired ones those that the world shows."""
    lines = subprocess.run([binary(), "explain", "*"], capture_output=True, text=True, check=True).stdout.splitlines()
    raised = {words[2] for line in lines if len(words := line.split()) == 3 and words[1] == "raised"}
    types = {finding["type"] for finding in sent.got["/finding"]}
    print(f"{len(types)} types, {len(sent.got['/finding'])} findings")
    assert len(raised) > 80 and raised <= types and len(types) > 200, raised - types


def test_findings_are_the_service_models(sent, models):
    faults = [fault for finding in sent.got["/finding"] for fault in detail_faults(finding, models["guardduty"])]
    assert not faults, told(faults)


def test_events_are_guarddutys(sent, models):
    members = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    faults = []
    for event in sent.got["/event"]:
        faults += [f"members {event.keys() ^ members}"] * (event.keys() != members)
        faults += [f"{name}: {event[name]!r}" for name, wanted in {
            "version": "0", "detail-type": "GuardDuty Finding", "resources": [],
            "account": event["detail"]["accountId"], "region": event["detail"]["region"],
        }.items() if event[name] != wanted]  # fmt: skip
        faults += [f"{event['id']} is no UUID"] * (str(uuid.UUID(event["id"])) != event["id"])
        faults += [f"{event['time']} is no moment"] * (not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"]))
        faults += detail_faults(event["detail"], models["guardduty"])
        severity = event["detail"]["severity"]
        faults += [f"severity {severity!r}: whole ones are integers"] * (isinstance(severity, float) and severity.is_integer())
    assert not faults, told(faults)


def entry_bytes(entry: dict) -> int:
    """The size of an entry as EventBridge counts it (user guide, "PutEvents event entry size")."""
    size = 14 if "Time" in entry else 0
    return size + sum(len(text.encode()) for text in [entry["Source"], entry["DetailType"], entry["Detail"], *entry["Resources"]])


def test_entries_of_a_bus_are_taken(sent, models):
    shape = models["events"].operation_model("PutEvents").input_shape
    faults, largest = [], 0
    for call in sent.got["/"]:
        faults += strict(shape, call)
        faults += [f"{len(call['Entries'])} entries"] * (not 1 <= len(call["Entries"]) <= 10)
        sizes = [entry_bytes(entry) for entry in call["Entries"]]
        largest = max(largest, *sizes)
        faults += [f"an entry of {size} bytes" for size in sizes if size >= ENTRY]
        faults += [f"entries of {sum(sizes)} bytes"] * (sum(sizes) >= ENTRIES)
        for entry in call["Entries"]:
            faults += [f"source {entry['Source']}"] * entry["Source"].startswith("aws.")
            faults += [f"{entry['DetailType']} is too long"] * (len(entry["DetailType"]) > 128)
            detail = json.loads(entry["Detail"])
            faults += detail_faults(detail, models["guardduty"])
            faults += ["no eventId"] * ("eventId" not in detail["service"]["additionalInfo"])
    print(f"{len(sent.got['/'])} calls of PutEvents, the largest entry has {largest} bytes")
    assert not faults, told(faults)


def asff_faults(finding: dict) -> list:
    """What the model does not say as lengths."""
    faults = []
    for kind in finding["Types"]:
        parts = kind.split("/")
        faults += [f"{kind} is no namespace/category/classifier"] * (
            parts[0] not in NAMESPACES or not 1 <= len(parts) <= 3 or not all(part.strip() for part in parts)
        )
    for name in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
        time = finding[name]
        faults += [f"{name}: {time} is not of RFC 3339"] * (not MOMENT.fullmatch(time) or not datetime.fromisoformat(time))
    faults += [f"SchemaVersion {finding['SchemaVersion']}"] * (finding["SchemaVersion"] != "2018-10-08")
    faults += [f"AwsAccountId {finding['AwsAccountId']}"] * (not re.fullmatch(r"\d{12}", finding["AwsAccountId"]))
    account, region = finding["AwsAccountId"], finding["Region"]
    product = f"arn:aws:securityhub:{region}:{account}:product/{account}/default"
    faults += [f"ProductArn {finding['ProductArn']}"] * (finding["ProductArn"] != product)
    # The model names them as optional, since one may stand for the other.
    faults += ["no Severity"] * ("Label" not in finding.get("Severity", {}))
    fields = finding["ProductFields"]
    faults += [f"ProductFields {k}" for k, v in fields.items() if len(k) > 128 or len(v) > 2048 or not v.strip()]
    for resource in finding["Resources"]:
        faults += [f"resource {resource}"] * (len(resource["Id"]) > 512 or not resource["Type"])
        tags = resource.get("Tags", {})
        faults += ["Tags"] * (len(tags) > 50 or any(len(k) > 128 or len(v) > 256 for k, v in tags.items()))
    size = len(json.dumps(finding, separators=(",", ":"), ensure_ascii=False).encode())
    return faults + [f"a finding of {size} bytes"] * (size > ASFF)


def test_asff_is_taken(sent, models):
    shape = models["securityhub"].operation_model("BatchImportFindings").input_shape
    calls = [*sent.got["/findings/import"], *({"Findings": [finding]} for finding in sent.got["/asff"])]
    faults = [fault for call in calls for fault in strict(shape, call)]
    faults += [f"{len(call['Findings'])} findings" for call in calls if not 1 <= len(call["Findings"]) <= 100]
    faults += [fault for call in calls for finding in call["Findings"] for fault in asff_faults(finding)]
    assert not faults, told(faults)


def test_ocsf_is_a_detection_finding(sent):
    faults = [fault for event in sent.got["/ocsf"] for fault in Checked(event).faults]
    assert {event["metadata"]["version"] for event in sent.got["/ocsf"]} == {"1.5.0"}
    assert not faults, told(faults)


def test_what_is_wrong_is_found(sent, models):
    """The checks above can fail."""
    event = json.loads(json.dumps(sent.got["/ocsf"][0]))
    event |= {"severity": "Mild", "type_uid": 200_402, "made_up": 1}
    event["observables"][0]["value"] = "nowhere"
    del event["metadata"]["product"]
    faults = Checked(event).faults
    assert len(faults) == 6, faults
    finding = json.loads(json.dumps(sent.got["/asff"][0]))
    finding |= {"Title": "x" * 257, "RecordState": "GONE", "Madeup": 1}
    del finding["GeneratorId"]
    shape = models["securityhub"].operation_model("BatchImportFindings").input_shape
    assert len(strict(shape, {"Findings": [finding]})) == 4
    assert asff_faults(finding | {"Types": ["Odd/x"], "CreatedAt": "2026-01-01"})
    detail = json.loads(json.dumps(sent.got["/finding"][0]))
    detail["resource"]["resourceType"] = 7
    detail["service"]["count"] = "1"
    assert len(detail_faults(detail, models["guardduty"])) == 2


def test_files_of_a_scan_are_the_same_shapes(picquet, logs, lists, tmp_path, models):
    picquet.scan(logs, *lists, "--output", "f.asff.json", "--output", "f.ocsf.json")
    asff, ocsf = (json.loads((tmp_path / name).read_text()) for name in ("f.asff.json", "f.ocsf.json"))
    assert len(asff) == len(ocsf) > 30
    shape = models["securityhub"].operation_model("BatchImportFindings").input_shape
    faults = [fault for finding in asff for fault in [*strict(shape, {"Findings": [finding]}), *asff_faults(finding)]]
    faults += [fault for event in ocsf for fault in Checked(event).faults]
    assert not faults, told(faults)
