"""The audit log has every call, in CloudTrail's format and without secrets, so that Picquet can watch itself."""

import datetime
import json

import pytest
from conftest import Picquet, binary
from server import ACCOUNT, Server
from signing import Signer

PASSWORD = "never to be written"
OTHER = "444455556666"
#: What every record has (CloudTrail user guide, "CloudTrail record contents").
MEMBERS = {
    "eventVersion": str,
    "userIdentity": dict,
    "eventTime": str,
    "eventSource": str,
    "eventName": str,
    "awsRegion": str,
    "sourceIPAddress": str,
    "userAgent": str,
    "requestID": str,
    "eventID": str,
    "readOnly": bool,
    "eventType": str,
    "managementEvent": bool,
    "eventCategory": str,
}


class Calls:
    """A server on which calls of all kinds were made."""

    def __init__(self, folder):
        self.server = Server(binary(), folder, tls=True)
        self.ids = []
        server, api, sts = self.server, self.server.client(), self.server.client("sts")
        for client in (api, sts):
            client.meta.events.register("after-call", self.remember)
        server.run("user", "set-password", "admin", stdin=PASSWORD)
        sts.get_caller_identity()
        self.detector = api.create_detector(Enable=True, ClientToken="a-token-of-one-request")["DetectorId"]
        api.create_members(DetectorId=self.detector, AccountDetails=[{"AccountId": OTHER, "Email": "her@example.com"}])
        api.invite_members(DetectorId=self.detector, AccountIds=[OTHER], Message="between us")
        api.update_findings_feedback(
            DetectorId=self.detector, FindingIds=["0" * 32], Feedback="USEFUL", Comments="my opinion"
        )
        api.list_findings(DetectorId=self.detector)
        with pytest.raises(api.exceptions.BadRequestException):
            api.create_detector(Enable=True)
        self.session = json.loads(self.post("/session", {"userName": "admin", "password": PASSWORD}))
        self.post("/session", {"userName": "admin", "password": PASSWORD + "!"})
        signer = Signer(server.users["admin"], f"127.0.0.1:{server.port}")
        signer.secret = "x" * 40
        server.raw("GET", "/detector", headers=signer.headers("GET", "/detector"))
        self.files = sorted((server.data / "audit").glob("cloudtrail-*.ndjson"))
        self.text = "".join(path.read_text() for path in self.files)
        self.records = [json.loads(line) for line in self.text.splitlines()]

    def remember(self, parsed, model, **_):
        self.ids.append((model.name, parsed["ResponseMetadata"]["RequestId"]))

    def post(self, path, body):
        headers = {"host": f"127.0.0.1:{self.server.port}", "content-type": "application/json"}
        return self.server.raw("POST", path, json.dumps(body).encode(), headers)[2]

    def named(self, name):
        return [record for record in self.records if record["eventName"] == name]


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    calls = Calls(tmp_path_factory.mktemp("audit"))
    yield calls
    calls.server.stop()


def test_every_call_is_in_it_once(calls):
    written = [(record["eventName"], record["requestID"]) for record in calls.records]
    assert written[: len(calls.ids)] == calls.ids
    # What was asked without boto3 came last.
    assert [name for name, _ in written[len(calls.ids) :]] == ["CreateSession", "CreateSession", "GET /detector"]
    assert len({record["eventID"] for record in calls.records}) == len(calls.records)


def test_records_are_cloudtrails(calls):
    now = datetime.datetime.now(datetime.UTC)
    for record in calls.records:
        assert {name: type(record.get(name)) for name in MEMBERS} == MEMBERS, record
        made = datetime.datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
        assert now - datetime.timedelta(hours=1) < made <= now
        assert (record["eventType"], record["eventCategory"]) == ("AwsApiCall", "Management")
        assert record["sourceIPAddress"] == "127.0.0.1"
    (made,) = (record for record in calls.named("CreateDetector") if "errorCode" not in record)
    key = calls.server.users["admin"]["AccessKeyId"]
    assert made["userIdentity"] == {
        "type": "IAMUser",
        "principalId": "admin",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": "admin",
    }
    assert (made["eventSource"], made["awsRegion"], made["recipientAccountId"]) == (
        "guardduty.amazonaws.com",
        "us-east-1",
        ACCOUNT,
    )
    assert made["requestParameters"] == {"enable": True} and made["userAgent"].startswith("Boto3/")
    assert calls.named("GetCallerIdentity")[0]["eventSource"] == "sts.amazonaws.com"


def test_it_says_what_only_reads(calls):
    reads = {record["eventName"]: record["readOnly"] for record in calls.records}
    assert {name for name, only in reads.items() if only} == {"GetCallerIdentity", "ListFindings"}


def test_it_says_what_was_refused(calls):
    failed = [(record["eventName"], record.get("errorCode")) for record in calls.records if "errorCode" in record]
    wrong = ("GET /detector", "InvalidSignatureException")
    assert failed == [("CreateDetector", "BadRequestException"), ("CreateSession", "AccessDeniedException"), wrong]
    # Whose key it is that others sign with is known, but not that it is theirs.
    (record,) = calls.named("GET /detector")
    assert record["userIdentity"] == {"type": "IAMUser", "accessKeyId": calls.server.users["admin"]["AccessKeyId"]}


def test_secrets_are_not_in_it(calls):
    secrets = [calls.server.users["admin"]["SecretAccessKey"], calls.session["secretAccessKey"]]
    secrets += [calls.session["sessionToken"], PASSWORD, "her@example.com", "between us", "my opinion"]
    secrets += ["a-token-of-one-request", "Signature="]
    assert [secret for secret in secrets if secret in calls.text] == []
    (created,) = calls.named("CreateMembers")
    assert created["requestParameters"] == {"detectorId": calls.detector, "accountDetails": [{"accountId": OTHER}]}


def test_only_its_owner_can_read_it(calls):
    assert calls.server.data.stat().st_mode & 0o077 == 0
    assert len(calls.files) in (1, 2)


def test_a_scan_reads_it_without_a_defect(calls, tmp_path):
    scan = Picquet(tmp_path)
    done = scan("scan", *calls.files, "--strict", "--format", "ndjson")
    assert done.code == 0, done.err
    assert f"{len(calls.records)}  CloudTrail management events" in done.err and "defect" not in done.err
    # A line that is cut off would be one.
    (tmp_path / "cut.ndjson").write_text(calls.text[:-10])
    assert scan("scan", tmp_path / "cut.ndjson", "--strict").code == 5
