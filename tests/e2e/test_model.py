"""Findings against the service model that boto3 carries: what is sent through GetFindings is what is read back."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.config import Config
from shapes import same


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
