"""Findings against the service model that boto3 carries: what is sent through GetFindings is what is read back."""

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.config import Config


@pytest.fixture(scope="module")
def served():
    """A server that answers every GetFindings with the findings that it was given, and a client for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = json.dumps({"findings": self.server.findings}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = boto3.client(
        "guardduty",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        aws_access_key_id="unused",
        aws_secret_access_key="unused",
        config=Config(retries={"max_attempts": 1}, proxies={}),
    )
    yield server, client
    server.shutdown()


def same(shape, sent, got, at):
    """Everything in which a sent value and what the client made of it differ, by the model's shape."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(sent, dict):
            return [f"{at}: {sent!r} is no structure"]
        wire = {m.serialization.get("name", name): (name, m) for name, m in shape.members.items()}
        faults = [f"{at}.{key}: not in the model" for key in sent.keys() - wire.keys()]
        required = {shape.members[n].serialization.get("name", n) for n in shape.required_members}
        faults += [f"{at}.{key}: required and missing" for key in required - sent.keys()]
        known = {wire[key][0] for key in sent.keys() & wire.keys()}
        faults += [f"{at}.{name}: made up by the client" for name in got.keys() - known]
        faults += [f"{at}.{name}: lost by the client" for name in known - got.keys()]
        for key in sent.keys() & wire.keys():
            name, member = wire[key]
            if name in got:
                faults += same(member, sent[key], got[name], f"{at}.{key}")
        return faults
    if kind == "list":
        if not isinstance(sent, list) or len(sent) != len(got):
            return [f"{at}: {sent!r} is not the list {got!r}"]
        return [f for n, (a, b) in enumerate(zip(sent, got, strict=True)) for f in same(shape.member, a, b, f"{at}[{n}]")]
    if kind == "map":
        return [f for key in sent for f in same(shape.value, sent[key], got.get(key), f"{at}.{key}")]
    if kind == "timestamp":
        fits = isinstance(sent, int | float) and isinstance(got, datetime.datetime) and got.timestamp() == sent
        return [] if fits else [f"{at}: {sent!r} is no moment in seconds"]
    types = {"string": str, "integer": int, "long": int, "boolean": bool, "double": (int, float), "float": (int, float)}
    fits = isinstance(sent, types[kind]) and (kind == "boolean" or not isinstance(sent, bool)) and sent == got
    allowed = getattr(shape, "enum", None)
    if fits and allowed and sent not in allowed:
        return [f"{at}: {sent!r} is not in the enum"]
    return [] if fits else [f"{at}: {sent!r} is no {kind}, read as {got!r}"]


@pytest.mark.parametrize("with_inventory", [True, False])
def test_findings_come_back_as_they_were_sent(picquet, logs, lists, served, with_inventory):
    server, client = served
    if not with_inventory:
        at = lists.index("--inventory")
        lists = lists[:at] + lists[at + 2 :]
    sent = picquet.scan(logs, *lists).findings
    assert len({f["type"] for f in sent}) > 50
    server.findings = sent
    answer = client.get_findings(DetectorId="d" * 32, FindingIds=[f["id"] for f in sent[:50]])
    shape = client.meta.service_model.operation_model("GetFindings").output_shape
    faults = same(shape, {"findings": sent}, {k: v for k, v in answer.items() if k != "ResponseMetadata"}, "")
    assert faults == []


def test_the_comparison_notices_what_it_should(picquet, logs, lists, served):
    server, client = served
    finding = picquet.scan(logs, *lists).findings[0]
    shape = client.meta.service_model.shape_for("Finding")
    for change in ({"unknown": 1}, {"id": None}, {"title": 7}, {"service": {"count": "1"}}):
        server.findings = [finding | change]
        got = client.get_findings(DetectorId="d" * 32, FindingIds=["x"])["Findings"][0]
        assert same(shape, finding | change, got, "Finding"), change


def test_ids_and_arns_belong_together(picquet, logs, lists):
    findings = picquet.scan(logs, *lists).findings
    ids = [f["id"] for f in findings]
    assert len(ids) == len(set(ids))
    detectors = {}
    for f in findings:
        detector = f["service"]["detectorId"]
        where = f"{f['region']}:{f['accountId']}"
        assert f["arn"] == f"arn:aws:guardduty:{where}:detector/{detector}/finding/{f['id']}"
        assert detectors.setdefault(where, detector) == detector
        assert f["service"]["eventFirstSeen"] <= f["service"]["eventLastSeen"]
    assert len(set(detectors.values())) == len(detectors)
