"""What an operator sees of continuous detection: health, status, metrics, doctor."""

import json
import socket
import subprocess
import urllib.request

import pytest
from conftest import binary
from server import ACCOUNT, REGION, Server, poll
from signing import Signer
from watching import DETECTION, PATIENCE, deliver, objects


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def watched(world, tmp_path_factory):
    """A server whose source has read the world's logs, without a detector in one region, and a reader."""
    folder = tmp_path_factory.mktemp("operated")
    logs = world.write(folder / "world")
    (folder / "logs").mkdir()
    config = folder / "picquet.toml"
    config.write_text(
        DETECTION + PATIENCE + f'[[source]]\nname = "logs"\nfolder = "{folder / "logs"}"\nsince = "all"\npoll = "2s"\n'
        '[[publish]]\nname = "hook"\nto = "webhook"\nurl = "http://127.0.0.1:1/"\n'
    )
    metrics = free_port()
    server = Server(binary(), folder, "--config", str(config), "--metrics", f"127.0.0.1:{metrics}", "--rate-limit", "0")
    server.metrics = metrics
    server.config = config
    server.add("reader", ACCOUNT, "--policy", "read-only")
    server.client().create_detector(Enable=True)
    files = objects(logs)
    deliver(files, folder / "logs", logs.parent)
    poll(lambda: all(source["objects"] == len(files) for source in status(server)["sources"]))
    poll(lambda: server.client().list_findings(DetectorId=server.client().list_detectors()["DetectorIds"][0])["FindingIds"])
    yield server
    server.stop()


def status(server, user: str = "admin") -> dict:
    key = server.users[user]
    headers = Signer(key, f"127.0.0.1:{server.port}").headers("GET", "/picquet/v1/status")
    code, _, body = server.raw("GET", "/picquet/v1/status", headers=headers)
    assert code == 200, body
    return json.loads(body)


def test_health_is_told_to_everybody_and_nothing_else(watched):
    for path in ("/healthz", "/readyz"):
        code, _, body = watched.raw("GET", path, headers={"Host": f"127.0.0.1:{watched.port}"})
        assert (code, json.loads(body)) == (200, {"status": "ok"})
    code, _, _ = watched.raw("GET", "/picquet/v1/status", headers={"Host": f"127.0.0.1:{watched.port}"})
    assert code == 403


def test_an_administrator_sees_sources_and_a_reader_volumes(watched):
    told = status(watched)
    (source,) = told["sources"]
    assert (source["name"], source["kind"], source["failing"]) == ("logs", "folder", None)
    assert sum(source["records"].values()) > 1000 and source["lastEvent"] > 0
    assert {(v["kind"], v["account"]) for v in told["volumes"]} >= {("FLOW_LOGS", ACCOUNT), ("DNS_LOGS", ACCOUNT)}
    assert poll(lambda: any("no detector" in notice["text"] for notice in status(watched)["notices"]))
    mine = status(watched, "reader")
    assert "sources" not in mine and {v["account"] for v in mine["volumes"]} == {ACCOUNT}


def test_a_target_that_does_not_answer_is_told(watched):
    def refused():
        told = status(watched)
        return told["targets"][0]["failing"] > 0 and told["deliveries"]

    assert poll(refused)[0]["outcome"] != "sent"


def test_metrics_are_openmetrics(watched):
    text = urllib.request.urlopen(f"http://127.0.0.1:{watched.metrics}/metrics").read().decode()
    assert text.endswith("# EOF\n")
    for name in ("picquet_records_total", "picquet_source_lag_seconds", "picquet_publish_failing", "picquet_findings"):
        assert f"\n{name}{{" in text, text
    value = next(line for line in text.splitlines() if line.startswith('picquet_objects_total{source="logs"}'))
    assert float(value.split()[-1]) >= 4


def test_status_on_the_command_line(watched):
    done = watched.run("status", "--format", "json")
    told = json.loads(done.stdout)
    assert told["objects"]["logs"]["done"] >= 4 and told["volumes"]
    text = watched.run("status").stdout
    assert "logs:" in text and "FLOW_LOGS" in text and "hook" in text


def test_usage_is_what_guardduty_would_cost(watched):
    api = watched.client()
    detector = api.list_detectors()["DetectorIds"][0]
    ask = {"DetectorId": detector, "UsageStatisticType": "SUM_BY_FEATURES"}
    features = ["FLOW_LOGS", "DNS_LOGS", "CLOUD_TRAIL", "S3_DATA_EVENTS", "EKS_RUNTIME_MONITORING"]
    answer = api.get_usage_statistics(**ask, UsageCriteria={"Features": features})["UsageStatistics"]["SumByFeature"]
    amounts = {of["Feature"]: float(of["Total"]["Amount"]) for of in answer}
    assert amounts["CLOUD_TRAIL"] > 0 and amounts["FLOW_LOGS"] > 0 and amounts["EKS_RUNTIME_MONITORING"] == 0


def doctor(watched, config):
    words = [binary(), "doctor", "--config", config, "--data-dir", watched.data]
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=60, check=False)


def test_doctor_says_what_is_wrong_and_what_to_do(watched, tmp_path):
    fine = doctor(watched, watched.config)
    assert "can be read" in fine.stdout, fine.stdout + fine.stderr
    # How much of the disk is free is the machine's matter.
    wrong = [line for line in fine.stdout.splitlines() if line.startswith("WRONG") and "are free" not in line]
    assert not wrong and (fine.returncode == 0 or "only" in fine.stdout), fine.stdout + fine.stderr
    config = tmp_path / "wrong.toml"
    config.write_text(f'[[source]]\nname = "logs"\nfolder = "{tmp_path / "missing"}"\n')
    wrong = doctor(watched, config)
    assert wrong.returncode == 3 and "WRONG" in wrong.stdout and "make the folder" in wrong.stdout
    config.write_text('[[source]]\nname = "logs"\nbuckett = "x"\n')
    assert "buckett" in doctor(watched, config).stdout


def test_no_log_text_that_is_not_needed_is_kept(watched, world, tmp_path):
    """Values planted in members that nothing profiles must not be in the store."""
    planted = "zq9planted0value"
    event = {
        "eventVersion": "1.08", "eventID": "00000000-0000-4000-8000-00000000abcd", "eventName": "DescribeTags",
        "eventSource": "ec2.amazonaws.com", "awsRegion": REGION, "sourceIPAddress": "10.9.9.9", "recipientAccountId": ACCOUNT,
        "eventTime": "2026-05-01T10:00:00Z", "eventType": "AwsApiCall", "userAgent": "aws-cli/2.15.30",
        "requestParameters": {"filterSet": {"items": [{"name": planted}]}}, "responseElements": {"note": planted},
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAPLAIN", "accountId": ACCOUNT, "userName": "plain",
                         "arn": f"arn:aws:iam::{ACCOUNT}:user/plain", "accessKeyId": "AKIAPLAINPLAINPLAIN0"},
    }  # fmt: skip
    target = watched.folder / "logs" / "AWSLogs" / f"{ACCOUNT}_CloudTrail_{REGION}_20260501T1000Z_planted.json"
    before = status(watched)["sources"][0]["objects"]
    target.write_text(json.dumps({"Records": [event]}))
    poll(lambda: status(watched)["sources"][0]["objects"] > before)
    watched.stop()
    try:
        for file in watched.data.rglob("*"):
            if file.is_file():
                assert planted.encode() not in file.read_bytes(), file
    finally:
        watched.start()
