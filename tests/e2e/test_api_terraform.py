"""Terraform and its provider of AWS, unmodified, against the API."""

import json
import os
import shutil
import subprocess

import pytest
from clients import environment, mirror
from conftest import binary
from server import ACCOUNT, Server

MEMBER = "444455556666"

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

MEMBERSHIP = """
variable "keys" {
  type      = map(object({ id = string, secret = string }))
  sensitive = true
}
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {
  alias                       = "administrator"
  region                      = "us-east-1"
  access_key                  = var.keys["admin"].id
  secret_key                  = var.keys["admin"].secret
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 3
  endpoints {
    guardduty = "URL"
    sts       = "URL"
  }
}
provider "aws" {
  alias                       = "member"
  region                      = "us-east-1"
  access_key                  = var.keys["member"].id
  secret_key                  = var.keys["member"].secret
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 3
  endpoints {
    guardduty = "URL"
    sts       = "URL"
  }
}
resource "aws_guardduty_detector" "administrator" {
  provider = aws.administrator
}
resource "aws_guardduty_detector" "member" {
  provider = aws.member
}
resource "aws_guardduty_member" "member" {
  provider                   = aws.administrator
  detector_id                = aws_guardduty_detector.administrator.id
  account_id                 = aws_guardduty_detector.member.account_id
  email                      = "member@example.com"
  invite                     = true
  disable_email_notification = true
}
"""

ACCEPTED = """
resource "aws_guardduty_invite_accepter" "member" {
  provider          = aws.member
  detector_id       = aws_guardduty_detector.member.id
  master_account_id = aws_guardduty_detector.administrator.account_id
  depends_on        = [aws_guardduty_member.member]
}
resource "aws_guardduty_member_detector_feature" "s3" {
  provider    = aws.administrator
  detector_id = aws_guardduty_detector.administrator.id
  account_id  = aws_guardduty_member.member.account_id
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
  depends_on  = [aws_guardduty_invite_accepter.member]
}
resource "aws_guardduty_member_detector_feature" "runtime" {
  provider    = aws.administrator
  detector_id = aws_guardduty_detector.administrator.id
  account_id  = aws_guardduty_member.member.account_id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"
  additional_configuration {
    name   = "EKS_ADDON_MANAGEMENT"
    status = "ENABLED"
  }
  depends_on = [aws_guardduty_invite_accepter.member]
}
"""


class Terraform:
    """Runs it in a folder, with the providers of the local mirror."""

    def __init__(self, folder, env: dict):
        self.folder = folder
        folder.mkdir()
        (folder / "cli.tfrc").write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror()}" }} }}')
        self.env = {**env, "TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"), "CHECKPOINT_DISABLE": "1"}

    def run(self, *words, codes=(0,)):
        words = ["terraform", *words, "-no-color"]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode in codes, done.stdout + done.stderr
        return done

    def plan(self) -> str:
        """What would change; empty if nothing would."""
        # 2 is a change.
        done = self.run("plan", "-detailed-exitcode", codes=(0, 2))
        return done.stdout if done.returncode else ""

    def apply(self, text: str):
        (self.folder / "main.tf").write_text(text)
        if not (self.folder / ".terraform").exists():
            self.run("init")
        self.run("apply", "-auto-approve")


pytestmark = [
    pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed"),
    pytest.mark.skipif(mirror() is None, reason="no local mirror of Terraform's aws provider"),
]


def test_terraform_applies_plans_and_destroys(tmp_path):
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "bad.txt").write_text("198.51.100.77\n")
    server = Server(binary(), tmp_path, "--list-folder", str(lists))
    env = environment(server)
    del env["AWS_CA_BUNDLE"]
    terraform = Terraform(tmp_path / "terraform", env)
    text = TERRAFORM.replace("URL", server.url).replace("LIST", f"file://{lists}/bad.txt") + ORGANIZATION
    try:
        terraform.apply(text)
        assert not terraform.plan()
        changed = text.replace('"ONE_HOUR"', '"SIX_HOURS"').replace('less_than = "4"', 'less_than = "5"')
        changed = changed.replace('team = "red"', 'team = "blue", tier = "1"').replace('name        = "bad"', 'name        = "worse"')
        terraform.apply(changed)
        assert not terraform.plan()
        terraform.run("destroy", "-auto-approve")
        assert server.client().list_detectors()["DetectorIds"] == []
    finally:
        server.stop()


@pytest.mark.skipif(not os.environ.get("PICQUET_HEAVY"), reason="it takes minutes: make clients runs it")
def test_terraform_makes_a_member_of_an_account_that_accepts(tmp_path):
    """Two accounts, each with its own keys. The member leaves, and is taken in again."""
    server = Server(binary(), tmp_path, tls=True)
    server.add("member", MEMBER)
    keys = {n: {"id": k["AccessKeyId"], "secret": k["SecretAccessKey"]} for n, k in server.users.items()}
    # Only the two keys of the configuration are there.
    env = {k: v for k, v in environment(server).items() if k not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    terraform = Terraform(tmp_path / "terraform", {**env, "TF_VAR_keys": json.dumps(keys)})
    text = MEMBERSHIP.replace("URL", server.url)
    admin, member = server.client(), server.client(user="member")

    def relation() -> str:
        (on,) = admin.list_detectors()["DetectorIds"]
        return admin.get_members(DetectorId=on, AccountIds=[MEMBER])["Members"][0]["RelationshipStatus"]

    def master() -> dict:
        (on,) = member.list_detectors()["DetectorIds"]
        return member.get_administrator_account(DetectorId=on).get("Administrator", {})

    def features() -> dict:
        (on,) = member.list_detectors()["DetectorIds"]
        found = {f["Name"]: f for f in member.get_detector(DetectorId=on)["Features"]}
        more = {c["Name"]: c["Status"] for c in found["RUNTIME_MONITORING"]["AdditionalConfiguration"]}
        return {**{name: f["Status"] for name, f in found.items()}, **more}

    try:
        terraform.apply(text + ACCEPTED)
        assert not terraform.plan()
        assert relation() == "Enabled" and (master()["AccountId"], master()["RelationshipStatus"]) == (ACCOUNT, "Enabled")
        on = features()
        assert [on[n] for n in ("S3_DATA_EVENTS", "RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT")] == ["ENABLED"] * 3

        off = ACCEPTED.replace('"S3_DATA_EVENTS"\n  status      = "ENABLED"', '"S3_DATA_EVENTS"\n  status      = "DISABLED"')
        off = off.replace('    status = "ENABLED"', '    status = "DISABLED"')
        terraform.apply(text + off)
        assert not terraform.plan()
        now = features()
        assert now == {**on, "S3_DATA_EVENTS": "DISABLED", "EKS_ADDON_MANAGEMENT": "DISABLED"}

        terraform.apply(text)
        assert relation() == "Resigned" and not master()
        # Terraform sees that the member is gone, and invites it again; else there would be nothing to accept.
        terraform.apply(text + ACCEPTED)
        assert not terraform.plan()
        assert relation() == "Enabled"

        terraform.run("destroy", "-auto-approve")
        assert [c.list_detectors()["DetectorIds"] for c in (admin, member)] == [[], []]
        assert member.get_invitations_count()["InvitationsCount"] == 0
    finally:
        server.stop()
