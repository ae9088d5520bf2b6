"""The main story through other clients than boto3, pointed here by the environment alone."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from clients import environment
from conftest import ROOT, binary
from server import ACCOUNT, REGION, Server
from world.places import THREATS

AWS = ROOT / ".venv-aws" / "bin" / "aws"
JS = ROOT / "tests" / "e2e" / "js"
#: What `make clients` builds of tests/e2e/rust, or what was built elsewhere.
RUST = Path(os.environ.get("PICQUET_RUST_STORY") or ROOT / "target" / "clients" / "debug" / "story")


@pytest.fixture
def tls(tmp_path):
    """A server with TLS that may read lists of a folder. Its administrator is of the account that the logs are of."""
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "bad.txt").write_text("\n".join(THREATS))
    served = Server(binary(), tmp_path, "--list-folder", str(lists), tls=True)
    served.list = f"file://{lists}/bad.txt"
    yield served
    served.stop()


class Cli:
    """`aws guardduty`, in an environment."""

    def __init__(self, env: dict):
        self.env = env

    def run(self, *words):
        return subprocess.run([str(AWS), *words, "--output", "json"], env=self.env, capture_output=True, text=True, check=False)

    def __call__(self, *words):
        done = self.run("guardduty", *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not installed (make test installs it)")
def test_the_aws_cli_walks_the_story(tls, logs):
    aws = Cli(environment(tls))
    who = json.loads(aws.run("sts", "get-caller-identity").stdout)
    assert who["Account"] == ACCOUNT
    detector = aws("create-detector", "--enable")["DetectorId"]
    assert aws("list-detectors")["DetectorIds"] == [detector]
    assert aws("get-detector", "--detector-id", detector)["Status"] == "ENABLED"
    on = ["--detector-id", detector]
    listed = aws("create-threat-intel-set", *on, "--name", "bad", "--format", "TXT", "--location", tls.list, "--activate")
    of_list = [*on, "--threat-intel-set-id", listed["ThreatIntelSetId"]]
    while (status := aws("get-threat-intel-set", *of_list)["Status"]) == "ACTIVATING":
        pass
    assert status == "ACTIVE"
    low = json.dumps({"Criterion": {"severity": {"Lt": 4}}})
    aws("create-filter", *on, "--name", "low", "--action", "ARCHIVE", "--finding-criteria", low)
    done = tls.run("scan", logs, "--format", "ndjson", "--quiet")
    assert done.returncode == 0, done.stderr
    scanned = [json.loads(line) for line in done.stdout.splitlines()]
    mine = [f for f in scanned if (f["accountId"], f["region"]) == (ACCOUNT, REGION)]
    current = json.dumps({"Criterion": {"service.archived": {"Eq": ["false"]}}})
    ids = aws("list-findings", *on, "--finding-criteria", current)["FindingIds"]
    assert sorted(ids) == sorted(f["id"] for f in mine if f["severity"] >= 4) and ids
    assert any(f["type"].endswith(".Custom") for f in mine), "the uploaded list was not used"
    finding = aws("get-findings", *on, "--finding-ids", ids[0])["Findings"][0]
    assert finding["Id"] == ids[0] and not finding["Service"]["Archived"]
    aws("archive-findings", *on, "--finding-ids", ids[0])
    assert len(aws("list-findings", *on, "--finding-criteria", current)["FindingIds"]) == len(ids) - 1
    counts = aws("get-findings-statistics", *on, "--finding-statistic-types", "COUNT_BY_SEVERITY")
    assert sum(counts["FindingStatistics"]["CountBySeverity"].values()) == len(mine)
    arn = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{detector}/filter/low"
    aws("tag-resource", "--resource-arn", arn, "--tags", "key=value with space")
    assert aws("list-tags-for-resource", "--resource-arn", arn)["Tags"] == {"key": "value with space"}
    aws("delete-threat-intel-set", *of_list)
    aws("delete-detector", *on)
    gone = aws.run("guardduty", "get-detector", *on)
    assert gone.returncode != 0 and "BadRequestException" in gone.stderr and "not owned by the current account" in gone.stderr


@pytest.mark.skipif(not shutil.which("node") or not (JS / "node_modules" / "@aws-sdk").exists(), reason="the JavaScript SDK is not installed")
def test_the_javascript_sdk_walks_the_story(tls, logs):
    scan = f"'{binary()}' scan '{logs}' --quiet --data-dir '{tls.data}'"
    env = {**environment(tls), "Location": tls.list, "SCAN": scan, "ACCOUNT": ACCOUNT}
    done = subprocess.run(["node", "story.mjs"], cwd=JS, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["list"] == "ACTIVE" and seen["severity"] >= 8 and seen["updatedAt"].endswith("Z") and seen["dates"]
    assert seen["current"] > 5 and seen["suppressed"] > 0 and seen["afterArchive"] == seen["current"] - 1
    assert seen["tags"] == {"a.b": "c d"} and seen["left"] == []
    assert seen["error"]["name"] == "BadRequestException" and seen["error"]["status"] == 400
    assert "not owned by the current account" in seen["error"]["message"]


@pytest.mark.skipif(not RUST.exists(), reason="the story of the Rust SDK is not built (make clients builds it)")
def test_the_rust_sdk_walks_the_story(tls, logs):
    """Over HTTP/2, as no other SDK here: this one takes it where the server offers it."""
    # It has no variable of its own for an authority.
    scan = f"'{binary()}' scan '{logs}' --quiet --data-dir '{tls.data}'"
    env = {**environment(tls), "SSL_CERT_FILE": str(tls.data / "ca.pem"), "Location": tls.list, "SCAN": scan, "ACCOUNT": ACCOUNT}
    done = subprocess.run([str(RUST)], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["list"] == "ACTIVE" and seen["severity"] >= 8 and seen["updatedAt"].endswith("Z")
    assert seen["current"] > 5 and seen["suppressed"] > 0 and seen["afterArchive"] == seen["current"] - 1
    # Archived ones are counted too.
    assert seen["days"] and all(second % 86400 == 0 for second in seen["days"])
    assert seen["total"] == seen["current"] + seen["suppressed"]
    assert seen["tags"] == {"a.b": "c d"} and seen["left"] == []
    error = seen["error"]
    assert (error["name"], error["status"], error["typed"]) == ("BadRequestException", 400, True)
    assert "not owned by the current account" in error["message"]
