"""Prowler and Cloud Custodian, as they come from PyPI, against the API: found by environment variables alone.

Both ask other services too: Prowler the regions (EC2) and the account's place (Organizations), Custodian the account's
alias (IAM). Those are moto's; GuardDuty and STS are Picquet's.
"""

import csv
import json
import re
import subprocess
import sys

import pytest
import yaml
from clients import environment
from conftest import ROOT, binary
from server import ACCOUNT, REGION, Server, poll

VENVS = ROOT / ".venv-heavy"
PROWLER = VENVS / "prowler" / "bin" / "prowler"
CUSTODIAN = VENVS / "c7n" / "bin" / "custodian"
MEMBER = "444455556666"

moto = pytest.importorskip("moto.server", reason="moto's server is not installed")


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """The address of the other services."""
    log = tmp_path_factory.mktemp("moto") / "moto.log"
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    process = subprocess.Popen(words, stdout=log.open("w"), stderr=subprocess.STDOUT)
    yield poll(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()))[0]
    process.terminate()
    process.wait(20)


@pytest.fixture
def tls(tmp_path):
    served = Server(binary(), tmp_path, tls=True)
    yield served
    served.stop()


def variables(server, others, user: str = "admin") -> dict:
    home = server.folder / "home"
    home.mkdir(exist_ok=True)
    elsewhere = {f"AWS_ENDPOINT_URL_{name}": others for name in ("EC2", "IAM", "ORGANIZATIONS")}
    return {**environment(server, user), **elsewhere, "HOME": str(home), "NO_COLOR": "1"}


class Prowler:
    """Runs its checks of GuardDuty."""

    def __init__(self, env: dict, folder):
        self.env, self.folder, self.runs = env, folder, 0

    def run(self, *words, **env):
        words = [str(PROWLER), "aws", "--region", REGION, "--no-banner", "--no-color", *words]
        env = {**self.env, **env}
        return subprocess.run(words, cwd=self.folder, env=env, capture_output=True, text=True, timeout=300, check=False)

    def __call__(self) -> dict:
        """By check: its status, and what it says."""
        self.runs += 1
        name = f"run{self.runs}"
        done = self.run("--service", "guardduty", "--output-directory", str(self.folder), "-F", name, "-M", "csv")
        # 3: a check failed.
        assert done.returncode in (0, 3), done.stdout + done.stderr
        # What a check could not ask is logged, and the check goes on without it.
        assert " ERROR: " not in done.stderr and " CRITICAL: " not in done.stderr, done.stderr
        with (self.folder / f"{name}.csv").open() as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        assert {(row["ACCOUNT_UID"], row["REGION"]) for row in rows} == {(ACCOUNT, REGION)}
        seen = {row["CHECK_ID"].removeprefix("guardduty_"): (row["STATUS"], row["STATUS_EXTENDED"]) for row in rows}
        assert len(seen) == len(rows)
        return seen


@pytest.mark.skipif(not PROWLER.exists(), reason="Prowler is not installed (make clients installs it)")
def test_prowler_reports_what_is(tls, logs, others, tmp_path):
    prowler, api = Prowler(variables(tls, others), tmp_path), tls.client()
    refused = prowler.run("--service", "guardduty", AWS_SECRET_ACCESS_KEY="x" * 40)
    assert refused.returncode == 1 and "SignatureDoesNotMatch" in refused.stdout + refused.stderr

    without = prowler()
    assert without["is_enabled"] == ("FAIL", "GuardDuty is not enabled.")
    assert {status for status, _ in without.values()} == {"FAIL"}

    off = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    detector = api.create_detector(Enable=True, Features=off)["DetectorId"]
    done = tls.run("scan", logs, "--format", "ndjson", "--quiet")
    assert done.returncode == 0, done.stderr
    scanned = [json.loads(line) for line in done.stdout.splitlines()]
    # What Prowler calls high is a severity of 8, and no other.
    high = [f["id"] for f in scanned if (f["accountId"], f["region"], f["severity"]) == (ACCOUNT, REGION, 8)]
    assert high
    seen = prowler()
    assert seen["is_enabled"] == ("PASS", f"GuardDuty detector {detector} enabled.")
    says = f"GuardDuty detector {detector} has {len(high)} high severity findings."
    assert seen["no_high_severity_findings"] == ("FAIL", says)
    assert (seen["s3_protection_enabled"][0], seen["rds_protection_enabled"][0]) == ("FAIL", "PASS")
    assert seen["runtime_monitoring_enabled"][0] == seen["eks_runtime_monitoring_enabled"][0] == "FAIL"
    assert seen["centrally_managed"] == ("FAIL", f"GuardDuty detector {detector} is not centrally managed.")
    assert "no delegated administrator configured" in seen["delegated_admin_enabled_all_regions"][1]

    for start in range(0, len(high), 50):
        api.archive_findings(DetectorId=detector, FindingIds=high[start : start + 50])
    on = [{"Name": name, "Status": "ENABLED"} for name in ("S3_DATA_EVENTS", "RUNTIME_MONITORING")]
    api.update_detector(DetectorId=detector, Features=on)
    # Members of the organization are members at once.
    tls.add("member", MEMBER)
    api.enable_organization_admin_account(AdminAccountId=ACCOUNT)
    told = [{"AccountId": MEMBER, "Email": "member@example.com"}]
    assert not api.create_members(DetectorId=detector, AccountDetails=told)["UnprocessedAccounts"]
    api.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="ALL")
    now = prowler()
    assert {check: said for check, said in now.items() if said[0] != "PASS"} == {}
    assert now.keys() == seen.keys() and len(now) == 12
    assert now["centrally_managed"][1].endswith("is administrator account with 1 member accounts.")


class Custodian:
    """Runs one policy at a time."""

    def __init__(self, env: dict, folder):
        self.env, self.folder = env, folder

    def __call__(self, resource: str, *filters) -> list[dict]:
        """The resources that pass the filters."""
        policy = {"name": "tried", "resource": resource, "filters": list(filters)}
        (self.folder / "policy.yml").write_text(yaml.safe_dump({"policies": [policy]}))
        words = [str(CUSTODIAN), "run", "--region", REGION, "--cache-period", "0", "-s", "out", "policy.yml"]
        done = subprocess.run(words, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads((self.folder / "out" / "tried" / "resources.json").read_text())


@pytest.mark.skipif(not CUSTODIAN.exists(), reason="Cloud Custodian is not installed (make clients installs it)")
def test_custodian_asks_whether_an_account_is_watched(tls, others, tmp_path):
    tls.add("member", MEMBER)
    custodian = Custodian(variables(tls, others, "member"), tmp_path)
    watched = {"type": "guard-duty", "Detector.Status": "ENABLED"}
    managed = {**watched, "Administrator.AccountId": ACCOUNT, "Administrator.RelationshipStatus": "Enabled"}
    assert custodian("account", watched) == []
    admin, api = tls.client(), tls.client(user="member")
    mine, detector = admin.create_detector(Enable=True)["DetectorId"], api.create_detector(Enable=True)["DetectorId"]
    (found,) = custodian("account", watched)
    assert found["account_id"] == MEMBER and found["c7n:guard-duty"]["Detector"]["Status"] == "ENABLED"
    assert found["c7n:guard-duty"]["Administrator"] is None and custodian("account", managed) == []

    admin.create_members(DetectorId=mine, AccountDetails=[{"AccountId": MEMBER, "Email": "member@example.com"}])
    admin.invite_members(DetectorId=mine, AccountIds=[MEMBER])
    (invitation,) = api.list_invitations()["Invitations"]
    said = {"AdministratorId": ACCOUNT, "InvitationId": invitation["InvitationId"]}
    api.accept_administrator_invitation(DetectorId=detector, **said)
    (found,) = custodian("account", managed)
    assert found["c7n:guard-duty"]["Administrator"]["AccountId"] == ACCOUNT
    api.disassociate_from_administrator_account(DetectorId=detector)
    api.update_detector(DetectorId=detector, Enable=False)
    assert custodian("account", watched) == custodian("account", managed) == []


@pytest.mark.skipif(not CUSTODIAN.exists(), reason="Cloud Custodian is not installed (make clients installs it)")
def test_custodian_finds_findings(tls, logs, others, tmp_path):
    custodian, api = Custodian(variables(tls, others), tmp_path), tls.client()
    assert custodian("aws.guardduty-finding") == []
    detector = api.create_detector(Enable=True)["DetectorId"]
    done = tls.run("scan", logs, "--format", "ndjson", "--quiet")
    assert done.returncode == 0, done.stderr
    scanned = [json.loads(line) for line in done.stdout.splitlines()]
    mine = {f["id"]: f for f in scanned if (f["accountId"], f["region"]) == (ACCOUNT, REGION)}
    assert mine
    assert {f["Id"] for f in custodian("aws.guardduty-finding")} == mine.keys()
    archived = next(i for i, f in mine.items() if f["severity"] >= 7)
    api.archive_findings(DetectorId=detector, FindingIds=[archived])
    severe = {"type": "value", "key": "Severity", "op": "gte", "value": 7}
    found = custodian("aws.guardduty-finding", severe, {"Service.Archived": False})
    assert {f["Id"]: f["Type"] for f in found} == {
        i: f["type"] for i, f in mine.items() if f["severity"] >= 7 and i != archived
    }

    # More than a page of ListFindings and a batch of GetFindings holds.
    api.create_sample_findings(DetectorId=detector)
    pages = api.get_paginator("list_findings").paginate(DetectorId=detector)
    every = [i for page in pages for i in page["FindingIds"]]
    assert len(every) > 100
    assert sorted(f["Id"] for f in custodian("aws.guardduty-finding")) == sorted(every)
