"""The main story through other clients than boto3, pointed here by the environment alone."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, binary
from server import ACCOUNT, REGION, Server
from world.places import THREATS

AWS = ROOT / ".venv-aws" / "bin" / "aws"
JS = ROOT / "tests" / "e2e" / "js"


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


def environment(server) -> dict:
    key = server.users["admin"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PICQUET_"))}
    return {
        **clean,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_ENDPOINT_URL_GUARDDUTY": server.url,
        "AWS_ENDPOINT_URL_STS": server.url,
        "AWS_CA_BUNDLE": str(server.data / "ca.pem"),
        "NODE_EXTRA_CA_CERTS": str(server.data / "ca.pem"),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


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


def mirror() -> Path | None:
    """A local mirror of Terraform's providers that has the one of AWS."""
    given = os.environ.get("TERRAFORM_PROVIDER_MIRROR")
    roots = [Path(given)] if given else []
    roots += [Path.home() / ".terraform.d" / "plugins", Path("/usr/local/share/terraform/plugins")]
    roots += [Path("/usr/share/terraform/plugins"), *sorted(Path("/opt").glob("*"))]
    found = (root for root in roots if (root / "registry.terraform.io" / "hashicorp" / "aws").is_dir())
    return next(found, None)


TERRAFORM = """
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 3
  endpoints {
    guardduty = "URL"
    sts       = "URL"
  }
}
resource "aws_guardduty_detector" "main" {
  enable                       = true
  finding_publishing_frequency = "ONE_HOUR"
  tags                         = { team = "red" }
}
resource "aws_guardduty_detector_feature" "runtime" {
  detector_id = aws_guardduty_detector.main.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"
  additional_configuration {
    name   = "EC2_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}
resource "aws_guardduty_filter" "low" {
  detector_id = aws_guardduty_detector.main.id
  name        = "low"
  action      = "ARCHIVE"
  rank        = 1
  finding_criteria {
    criterion {
      field     = "severity"
      less_than = "4"
    }
    criterion {
      field  = "region"
      equals = ["us-east-1"]
    }
    criterion {
      field        = "updatedAt"
      greater_than = "2020-01-01T00:00:00Z"
    }
  }
  tags = { kind = "suppression" }
}
resource "aws_guardduty_threatintelset" "bad" {
  detector_id = aws_guardduty_detector.main.id
  name        = "bad"
  format      = "TXT"
  location    = "LIST"
  activate    = true
}
resource "aws_guardduty_ipset" "ours" {
  detector_id = aws_guardduty_detector.main.id
  name        = "ours"
  format      = "TXT"
  location    = "LIST"
  activate    = true
  tags        = { kind = "trusted" }
}
resource "aws_guardduty_publishing_destination" "bucket" {
  detector_id     = aws_guardduty_detector.main.id
  destination_arn = "arn:aws:s3:::findings"
  kms_key_arn     = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
}
resource "aws_guardduty_member" "other" {
  detector_id                = aws_guardduty_detector.main.id
  account_id                 = "444455556666"
  email                      = "other@example.com"
  invite                     = true
  disable_email_notification = true
}
resource "aws_guardduty_malware_protection_plan" "objects" {
  role = "arn:aws:iam::111122223333:role/scan"
  protected_resource {
    s3_bucket {
      bucket_name = "uploads"
    }
  }
}
data "aws_guardduty_detector" "only" {
  depends_on = [aws_guardduty_detector.main]
}
output "detector" {
  value = data.aws_guardduty_detector.only.id
}
"""

ORGANIZATION = """
resource "aws_guardduty_organization_admin_account" "admin" {
  admin_account_id = "111122223333"
  depends_on       = [aws_guardduty_detector.main]
}
resource "aws_guardduty_organization_configuration" "all" {
  detector_id                      = aws_guardduty_detector.main.id
  auto_enable_organization_members = "NEW"
  depends_on                       = [aws_guardduty_organization_admin_account.admin]
}
resource "aws_guardduty_organization_configuration_feature" "s3" {
  detector_id = aws_guardduty_detector.main.id
  name        = "S3_DATA_EVENTS"
  auto_enable = "NEW"
  depends_on  = [aws_guardduty_organization_configuration.all]
}
"""


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
@pytest.mark.skipif(mirror() is None, reason="no local mirror of Terraform's aws provider")
@pytest.mark.parametrize("more", ["", ORGANIZATION], ids=["detector", "organization"])
def test_terraform_applies_plans_and_destroys(tmp_path, more):
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "bad.txt").write_text("198.51.100.77\n")
    server = Server(binary(), tmp_path, "--list-folder", str(lists))
    folder = tmp_path / "terraform"
    folder.mkdir()
    text = TERRAFORM.replace("URL", server.url).replace("LIST", f"file://{lists}/bad.txt") + more
    (folder / "main.tf").write_text(text)
    (folder / "cli.tfrc").write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror()}" }} }}')
    env = {**environment(server), "TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"), "CHECKPOINT_DISABLE": "1"}
    del env["AWS_CA_BUNDLE"]

    def terraform(*words, codes=(0,)):
        words = ["terraform", *words, "-no-color"]
        done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode in codes, done.stdout + done.stderr
        return done

    try:
        terraform("init")
        terraform("apply", "-auto-approve")
        # 2 would be a change.
        plan = terraform("plan", "-detailed-exitcode", codes=(0, 2))
        assert plan.returncode == 0, plan.stdout
        changed = text.replace('"ONE_HOUR"', '"SIX_HOURS"').replace('less_than = "4"', 'less_than = "5"')
        changed = changed.replace('team = "red"', 'team = "blue", tier = "1"').replace('name        = "bad"', 'name        = "worse"')
        (folder / "main.tf").write_text(changed)
        terraform("apply", "-auto-approve")
        plan = terraform("plan", "-detailed-exitcode", codes=(0, 2))
        assert plan.returncode == 0, plan.stdout
        terraform("destroy", "-auto-approve")
        assert server.client().list_detectors()["DetectorIds"] == []
    finally:
        server.stop()
