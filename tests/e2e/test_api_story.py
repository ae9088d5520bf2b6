"""What a user does with the API, from the first key to the last deletion: over TLS, with boto3, on a made-up world."""

import collections
import datetime
import fnmatch
import json
import threading

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError
from conftest import Picquet, binary
from server import ACCOUNT, Server, poll
from shapes import same
from world.places import HOME, OTHER, REGION, SECOND_REGION, THREATS, TRUSTED

LIST = "uploaded list"
#: What a rule suppresses in the second scan.
QUIET = "PenTest:*"
SUMS = {
    "ACCOUNT": ("GroupedByAccount", "AccountId", "accountId"),
    "DATE": ("GroupedByDate", "Date", None),
    "FINDING_TYPE": ("GroupedByFindingType", "FindingType", "type"),
    "RESOURCE": ("GroupedByResource", "ResourceId", None),
    "SEVERITY": ("GroupedBySeverity", "Severity", "severity"),
}


class Story:
    """A server with detectors, an uploaded list and a suppression rule; logs were scanned in two parts."""

    def __init__(self, folder, picquet, logs, options, store):
        self.picquet, self.logs, self.options, self.folder = picquet, logs, options, folder
        uploads = folder / "uploads"
        uploads.mkdir()
        (uploads / "threats.txt").write_text("".join(f"{entry}\n" for entry in THREATS))
        (uploads / "trusted.txt").write_text("".join(f"{entry}\n" for entry in TRUSTED))
        self.uploads = uploads
        self.server = Server(binary(), folder, "--list-folder", str(uploads), "--rate-limit", "0", tls=True, store=store)
        self.server.add("other", OTHER)
        self.api = self.server.client()
        self.detector = self.api.create_detector(Enable=True)["DetectorId"]
        self.second = self.server.client(region=SECOND_REGION)
        self.second_detector = self.second.create_detector(Enable=True)["DetectorId"]

    def upload(self):
        api, detector = self.api, self.detector
        what = {"DetectorId": detector, "Format": "TXT", "Activate": True}
        threats, trusted = (f"file://{self.uploads / name}.txt" for name in ("threats", "trusted"))
        self.list = api.create_threat_entity_set(Name=LIST, Location=threats, **what)["ThreatEntitySetId"]
        self.trusted = api.create_ip_set(Name="ours", Location=trusted, **what)["IpSetId"]
        get = {"DetectorId": detector}
        poll(lambda: api.get_threat_entity_set(ThreatEntitySetId=self.list, **get)["Status"] == "ACTIVE")
        poll(lambda: api.get_ip_set(IpSetId=self.trusted, **get)["Status"] == "ACTIVE")

    def scan(self, *paths):
        """Scans into the store; the findings as the scan prints them, by id."""
        done = self.picquet.scan(*paths, *self.options, "--data-dir", self.server.data, *self.server.store)
        return {finding["id"]: finding for finding in done.findings}

    def ids(self, size=50, **asked):
        """All pages of a list."""
        found, token = [], ""
        while True:
            more = {"NextToken": token} if token else {}
            page = self.api.list_findings(DetectorId=self.detector, MaxResults=size, **asked, **more)
            assert len(page["FindingIds"]) <= size
            found += page["FindingIds"]
            if not (token := page.get("NextToken")):
                return found
            assert len(page["FindingIds"]) == size

    def stored(self, ids):
        """Findings as they are sent, by id."""
        raw = []
        keep = lambda http_response, **_: raw.append(json.loads(http_response.content))  # noqa: E731
        self.api.meta.events.register("after-call.guardduty.GetFindings", keep)
        for n in range(0, len(ids), 50):
            self.api.get_findings(DetectorId=self.detector, FindingIds=ids[n : n + 50])
        self.api.meta.events.unregister("after-call.guardduty.GetFindings", keep)
        return {finding["id"]: finding for answer in raw for finding in answer["findings"]}


@pytest.fixture(scope="module")
def story(tmp_path_factory, logs, world, store):
    folder = tmp_path_factory.mktemp("story")
    options = world.write_lists(folder / "lists")
    # The lists of threats and of what is trusted come from the API.
    for option in ("--threat-list", "--trusted-list"):
        at = options.index(option)
        del options[at : at + 2]
    settings = folder / "settings.toml"
    settings.write_text("[detection]\nretired_types = true\n[learning]\ndays = 1\n")
    story = Story(folder, Picquet(folder), logs, [*options, "--config", str(settings)], store)
    try:
        story.upload()
        story.first = story.scan(*logs.glob("*/vpc*"))
        story.after_first = set(story.ids())
        criteria = {"Criterion": {"type": {"Matches": [QUIET]}}}
        rule = {"Name": "quiet", "Action": "ARCHIVE", "FindingCriteria": criteria}
        story.api.create_filter(DetectorId=story.detector, **rule)
        story.all = story.scan(logs)
        story.found = {i: f for i, f in story.all.items() if (f["accountId"], f["region"]) == (ACCOUNT, REGION)}
        yield story
    finally:
        story.server.stop()


def test_who_calls_is_told(story):
    identity = story.server.client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/admin")


def test_a_client_that_does_not_trust_the_server_does_not_call_it(story):
    key = story.server.users["admin"]
    secrets = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    trusting = {"verify": True, "config": Config(retries={"max_attempts": 0}, proxies={})}
    client = boto3.client("guardduty", region_name=REGION, endpoint_url=story.server.url, **secrets, **trusting)
    with pytest.raises(SSLError):
        client.list_detectors()


def test_a_scan_fills_the_store(story):
    assert len(story.found) > 50 and HOME == ACCOUNT
    assert set(story.ids()) == set(story.found)
    assert story.after_first == set(story.first) < set(story.found)
    theirs = {i for i, f in story.all.items() if (f["accountId"], f["region"]) == (ACCOUNT, SECOND_REGION)}
    listed = story.second.list_findings(DetectorId=story.second_detector)["FindingIds"]
    assert theirs and set(listed) == theirs


def test_findings_are_those_of_the_scan(story):
    """But for when they came into the store, and what a rule did with them."""

    def bare(finding):
        service = {k: v for k, v in finding["service"].items() if k != "archived"}
        return {k: v for k, v in finding.items() if k not in ("createdAt", "updatedAt")} | {"service": service}

    stored = story.stored(list(story.found))
    assert {i: bare(f) for i, f in stored.items()} == {i: bare(f) for i, f in story.found.items()}


def test_findings_are_as_the_model_says(story):
    shape = botocore.session.get_session().get_service_model("guardduty").shape_for("Finding")
    answer = story.api.get_findings(DetectorId=story.detector, FindingIds=story.ids()[:50])
    read = {finding["Id"]: finding for finding in answer["Findings"]}
    stored = story.stored(list(read))
    assert len(stored) == 50
    assert [fault for i, finding in stored.items() for fault in same(shape, finding, read[i], finding["type"])] == []


def test_the_uploaded_list_is_named_in_its_findings(story):
    custom = {i for i, f in story.found.items() if f["type"].endswith(".Custom")}
    assert {story.found[i]["type"] for i in custom} >= {"Impact:EC2/MaliciousDomainRequest.Custom"}
    criteria = {"Criterion": {"service.additionalInfo.threatListName": {"Equals": [LIST]}}}
    assert set(story.ids(FindingCriteria=criteria)) == custom


def test_a_scan_of_the_same_logs_adds_nothing(story):
    before = story.stored(story.ids())
    assert set(story.scan(story.logs)) == set(story.all)
    assert story.stored(story.ids()) == before


def test_a_rule_archives_what_came_after_it(story):
    quiet = {i for i, f in story.found.items() if fnmatch.fnmatchcase(f["type"], QUIET)}
    assert len(quiet) > 2
    archived = {"Criterion": {"service.archived": {"Equals": ["true"]}}}
    current = {"Criterion": {"service.archived": {"Equals": ["false"]}}}
    assert set(story.ids(FindingCriteria=archived)) == quiet
    assert set(story.ids(FindingCriteria=current)) == set(story.found) - quiet


def values(finding, path):
    """What a finding has at a path; lists are looked through."""
    at = [finding]
    for name in path.split("."):
        at = [inner for value in at for inner in (value if isinstance(value, list) else [value])]
        at = [value[name] for value in at if isinstance(value, dict) and name in value]
    return [inner for value in at for inner in (value if isinstance(value, list) else [value])]


def has(path, test):
    return lambda finding: any(test(value) for value in values(finding, path))


PROTOCOL = "service.action.networkConnectionAction.protocol"
CALLER = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
KIND = "resource.resourceType"
PRIVATE = "resource.instanceDetails.networkInterfaces.privateIpAddress"
# Criteria, and which findings meet them.
CRITERIA = {
    "one type": ({"type": {"Eq": ["Recon:EC2/Portscan"]}}, lambda f: f["type"] == "Recon:EC2/Portscan"),
    "no such type": ({"type": {"Equals": ["Recon:EC2/Nothing"]}}, lambda f: False),
    "not a type": ({"type": {"NotEquals": ["Recon:EC2/Portscan"]}}, lambda f: f["type"] != "Recon:EC2/Portscan"),
    "a pattern": (
        {"type": {"Matches": ["*BruteForce", "Backdoor:*"]}},
        lambda f: f["type"].endswith("BruteForce") or f["type"].startswith("Backdoor:"),
    ),
    "not a pattern": ({"type": {"NotMatches": ["*:EC2/*"]}}, lambda f: ":EC2/" not in f["type"]),
    "a severity": ({"severity": {"Eq": ["8"]}}, lambda f: f["severity"] == 8),
    "severities": ({"severity": {"Equals": ["2", "5"]}}, lambda f: f["severity"] in (2, 5)),
    "from a severity on": ({"severity": {"Gte": 5}}, lambda f: f["severity"] >= 5),
    "between severities": ({"severity": {"GreaterThan": 2, "LessThan": 8}}, lambda f: 2 < f["severity"] < 8),
    "a kind of resource": ({KIND: {"Equals": ["Instance"]}}, lambda f: f["resource"]["resourceType"] == "Instance"),
    "an inner value": ({PROTOCOL: {"Equals": ["UDP"]}}, has(PROTOCOL, lambda v: v == "UDP")),
    "an address": ({CALLER: {"Matches": ["91.92.24?.7"]}}, has(CALLER, lambda v: fnmatch.fnmatch(v, "91.92.24?.7"))),
    "a value in a list": ({PRIVATE: {"Equals": ["10.0.0.11"]}}, has(PRIVATE, lambda v: v == "10.0.0.11")),
    "a count": ({"service.count": {"GreaterThanOrEqual": 2}}, lambda f: f["service"]["count"] >= 2),
    "two attributes": (
        {"severity": {"Lte": 5}, KIND: {"Equals": ["AccessKey"]}},
        lambda f: f["severity"] <= 5 and f["resource"]["resourceType"] == "AccessKey",
    ),
    "the account": ({"accountId": {"Equals": [ACCOUNT]}, "region": {"Equals": [REGION]}}, lambda f: True),
    "another account": ({"accountId": {"Equals": [OTHER]}}, lambda f: False),
    "long ago": ({"updatedAt": {"LessThan": 1_777_593_600_000}}, lambda f: False),
    "since long ago": ({"updatedAt": {"GreaterThanOrEqual": 1_777_593_600_000}}, lambda f: True),
}
SORTS = ["severity", "type", "id", "createdAt", "updatedAt", "service.count", KIND, PROTOCOL, PRIVATE]
SORTS += ["resource.accessKeyDetails.userName", "service.eventLastSeen"]
ALL_OR_NONE = {"no such type", "the account", "another account", "long ago", "since long ago"}


@pytest.mark.parametrize("name", CRITERIA)
def test_findings_are_filtered(story, name):
    criterion, meets = CRITERIA[name]
    wanted = {i for i, finding in story.found.items() if meets(finding)}
    # A criterion that all or none meet shows little, unless it is meant to.
    assert 0 < len(wanted) < len(story.found) or name in ALL_OR_NONE
    found = story.ids(size=7, FindingCriteria={"Criterion": criterion})
    assert len(found) == len(set(found)) and set(found) == wanted


@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("path", SORTS)
@pytest.mark.parametrize("size", [1, 10])
def test_sorted_pages_neither_repeat_nor_skip(story, path, order, size):
    found = story.ids(size=size, SortCriteria={"AttributeName": path, "OrderBy": order})
    assert len(found) == len(set(found)) and set(found) == set(story.found)
    stored = story.stored(found)
    # Those that have none stand together, at one end.
    keys = [tuple(values(stored[i], path)[:1]) for i in found]
    there = [key for key in keys if key]
    assert there == sorted(there, reverse=order == "DESC") and (len(set(there)) > 1 or path.endswith("edAt"))
    assert keys in (there + [()] * (len(keys) - len(there)), [()] * (len(keys) - len(there)) + there)
    some = {"DetectorId": story.detector, "FindingIds": sorted(found[10:40])}
    read = story.api.get_findings(**some, SortCriteria={"AttributeName": path, "OrderBy": order})
    assert [finding["Id"] for finding in read["Findings"]] == found[10:40]


def test_a_token_is_for_one_question(story):
    page = story.api.list_findings(DetectorId=story.detector, MaxResults=1)
    criteria = {"Criterion": {"severity": {"Gte": 5}}}
    with pytest.raises(story.api.exceptions.BadRequestException, match="nextToken"):
        story.api.list_findings(DetectorId=story.detector, NextToken=page["NextToken"], FindingCriteria=criteria)


@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("group", SUMS)
def test_statistics_add_up(story, group, order):
    asked = {"DetectorId": story.detector, "GroupBy": group, "OrderBy": order, "MaxResults": 100}
    member, key, path = SUMS[group]
    rows = story.api.get_findings_statistics(**asked)["FindingStatistics"][member]
    counts = [row["TotalFindings"] for row in rows]
    assert sum(counts) == len(story.found)
    if path:
        wanted = collections.Counter(finding[path] for finding in story.found.values())
        assert {row[key]: row["TotalFindings"] for row in rows} == wanted
    else:
        assert len({json.dumps(row, default=str) for row in rows}) == len(rows)
    for most in (1, None):
        # 25 groups are shown when no number is given.
        few = {k: v for k, v in asked.items() if k != "MaxResults"} | ({"MaxResults": most} if most else {})
        assert story.api.get_findings_statistics(**few)["FindingStatistics"][member] == rows[: most or 25]
    high = {i for i, finding in story.found.items() if finding["severity"] >= 8}
    asked["FindingCriteria"] = {"Criterion": {"severity": {"GreaterThanOrEqual": 8}}}
    rows = story.api.get_findings_statistics(**asked)["FindingStatistics"][member]
    assert 0 < sum(row["TotalFindings"] for row in rows) == len(high) < len(story.found)


def test_the_older_statistics_add_up_and_can_be_filtered(story):
    criteria = {"Criterion": {"severity": {"GreaterThanOrEqual": 5}}}
    for asked, least in (({}, 0), ({"FindingCriteria": criteria}, 5)):
        answer = story.api.get_findings_statistics(
            DetectorId=story.detector, FindingStatisticTypes=["COUNT_BY_SEVERITY"], **asked
        )
        counts = {float(k): v for k, v in answer["FindingStatistics"]["CountBySeverity"].items()}
        assert counts == collections.Counter(f["severity"] for f in story.found.values() if f["severity"] >= least)


def test_findings_are_archived_and_judged(story):
    some = [i for i, f in story.found.items() if not fnmatch.fnmatchcase(f["type"], QUIET)][:3]
    before = story.stored(some)
    change = {"DetectorId": story.detector, "FindingIds": [*some, "0" * 32]}
    story.api.archive_findings(**change)
    story.api.update_findings_feedback(**change, Feedback="NOT_USEFUL", Comments="seen")
    changed = story.stored(some)
    for i in some:
        assert changed[i]["service"] == before[i]["service"] | {"archived": True, "userFeedback": "NOT_USEFUL"}
        assert changed[i]["updatedAt"] >= before[i]["updatedAt"] and changed[i]["createdAt"] == before[i]["createdAt"]
    # A scan does not undo what a user did.
    story.scan(story.logs)
    assert story.stored(some) == changed
    story.api.unarchive_findings(**change)
    assert not any(finding["service"]["archived"] for finding in story.stored(some).values())


def test_scans_and_clients_work_at_once(story):
    """Another process writes to the store while this one does."""
    some = story.ids()[:20]
    done = threading.Event()
    faults = []

    def judge():
        while not done.is_set():
            try:
                story.api.update_findings_feedback(DetectorId=story.detector, FindingIds=some, Feedback="USEFUL")
            except Exception as fault:  # noqa: BLE001
                faults.append(fault)

    clients = [threading.Thread(target=judge) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        for _ in range(3):
            assert set(story.scan(story.logs)) == set(story.all)
    finally:
        done.set()
        for client in clients:
            client.join()
    assert faults == []
    assert {finding["service"]["userFeedback"] for finding in story.stored(some).values()} == {"USEFUL"}


def test_another_account_sees_its_own_findings(story):
    """It had no detector when the logs were scanned, and has one now."""
    other = story.server.client(user="other")
    detector = other.create_detector(Enable=True)["DetectorId"]
    assert other.list_findings(DetectorId=detector)["FindingIds"] == []
    # The lists of the first account are not those of the second: the scan is given none of them.
    theirs = {i for i, f in story.scan(story.logs).items() if (f["accountId"], f["region"]) == (OTHER, REGION)}
    assert theirs and set(other.list_findings(DetectorId=detector)["FindingIds"]) == theirs
    other.delete_detector(DetectorId=detector)


def test_times_are_those_of_the_call(story):
    detector = story.api.get_detector(DetectorId=story.detector)
    made = datetime.datetime.fromisoformat(detector["CreatedAt"])
    now = datetime.datetime.now(datetime.UTC)
    assert now - datetime.timedelta(hours=1) < made <= now


def test_the_last_of_it_is_deleted(story):
    """Stands last in the file: nothing is left after it."""
    api, one = story.api, {"DetectorId": story.detector}
    api.delete_filter(FilterName="quiet", **one)
    api.delete_threat_entity_set(ThreatEntitySetId=story.list, **one)
    api.delete_ip_set(IpSetId=story.trusted, **one)
    assert api.list_filters(**one)["FilterNames"] == []
    assert api.list_threat_entity_sets(**one)["ThreatEntitySetIds"] == [] == api.list_ip_sets(**one)["IpSetIds"]
    # Without the list, a scan finds nothing of it.
    assert not any(f["type"].endswith("Request.Custom") for f in story.scan(story.logs).values())
    api.delete_detector(**one)
    story.second.delete_detector(DetectorId=story.second_detector)
    assert api.list_detectors()["DetectorIds"] == [] == story.second.list_detectors()["DetectorIds"]
    with pytest.raises(api.exceptions.BadRequestException, match="not owned by the current account"):
        api.list_findings(**one)
    # A new detector of the account and region begins with nothing.
    story.scan(story.logs)
    again = api.create_detector(Enable=True)["DetectorId"]
    assert again == story.detector and story.ids() == []
    api.delete_detector(**one)
