"""Every operation of the service model, called by boto3 with the least and with all that can be said, is carried out
and answered as the model says."""

import dataclasses
import json

import botocore.session
import pytest
from conftest import binary
from inputs import NEEDED, members, sent
from server import Server
from tour import FRIEND, SETS, THIRD, Tour

MODEL = botocore.session.get_session().get_service_model("guardduty")
#: The lists that have more than one page in the tour of full inputs.
PAGED = {
    "DescribeMalwareScans",
    "DescribeOrganizationConfiguration",
    "ListCustomDetectionRuleAssociations",
    "ListCustomDetectionRuleOrgConfigurations",
    "ListCustomDetectionRules",
    "ListFilters",
    "ListFindings",
    "ListInvestigationRecords",
    "ListInvestigations",
    "ListMalwareScans",
    "ListMembers",
    "ListThreatEntitySets",
    "ListThreatIntelSets",
}
SET = {"Name", "Format", "Location", "ExpectedBucketOwner", "Tags"}
#: What is made or set by one operation, and shown by another.
SHOWN = [
    ("CreateDetector", "GetDetector", {"FindingPublishingFrequency", "Tags"}),
    ("CreateFilter", "GetFilter", {"Name", "Description", "Action", "FindingCriteria", "Tags"}),
    *((f"Create{kind}", f"Get{kind}", SET) for kind, _ in SETS),
    ("CreateMalwareProtectionPlan", "GetMalwareProtectionPlan", {"Role", "ProtectedResource", "Actions", "Tags"}),
    ("CreatePublishingDestination", "DescribePublishingDestination", {"DestinationProperties", "Tags"}),
    ("CreateCustomDetectionRuleAssociation", "GetCustomDetectionRuleAssociation", {"Tags"}),
    ("UpdateMalwareScanSettings", "GetMalwareScanSettings", {"ScanResourceCriteria", "EbsSnapshotPreservation"}),
]


@pytest.fixture(scope="module")
def tours(tmp_path_factory, store):
    """The tour with the least, and the tour with all."""
    folder = tmp_path_factory.mktemp("tours")
    lists = folder / "lists"
    lists.mkdir()
    (lists / "list.txt").write_text("45.95.9.10\n")
    server = Server(binary(), folder, "--list-folder", str(lists), "--rate-limit", "0", store=store)
    server.add("friend", FRIEND)
    server.add("third", THIRD)
    made = [Tour(server, "us-east-1", False, lists), Tour(server, "eu-west-1", True, lists)]
    try:
        for tour in made:
            tour.make()
    finally:
        server.stop()
    return made


def answers(tour, operation):
    return [answer for answer in tour.answers if answer.operation == operation]


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_an_operation_is_answered_as_the_model_says(tours, operation):
    for tour in tours:
        assert answers(tour, operation), f"not called with {'full' if tour.full else 'minimal'} input"
        for answer in answers(tour, operation):
            assert answer.faults(MODEL) == [], (answer.sent, answer.raw)


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_inputs_are_the_least_and_all_that_can_be_said(tours, operation):
    shape = MODEL.operation_model(operation).input_shape
    least, most = ([sent(shape, a.sent) for a in answers(tour, operation)] for tour in tours)
    # What excludes each other is said in more than one call.
    assert members(shape) - set().union(*most) == set()
    needed = {at for at in members(shape) if is_required(shape, at)} | NEEDED.get(operation, set())
    assert any(said <= needed for said in least), (needed, least)


def is_required(shape, at):
    """Whether a member must be there if all above it must."""
    name, _, below = at.partition(".")
    while shape.type_name in ("list", "map"):
        shape = shape.member if shape.type_name == "list" else shape.value
    return name in shape.required_members and (not below or is_required(shape.members[name], below))


def test_all_operations_are_called(tours):
    for tour in tours:
        called = {answer.operation for answer in tour.answers if answer.status // 100 == 2}
        assert called == set(MODEL.operation_names)
        print(f"{len(called)} of {len(MODEL.operation_names)}")
    assert f"{len(called)} of {len(MODEL.operation_names)}" == "103 of 103"


def test_every_request_has_its_own_id(tours):
    ids = [answer.headers["x-amzn-requestid"] for tour in tours for answer in tour.answers]
    assert len(ids) == len(set(ids)) > 300


def test_tags_are_changed_without_a_body(tours):
    for tour in tours:
        for operation in ("TagResource", "UntagResource"):
            (answer,) = answers(tour, operation)
            assert (answer.status, answer.raw) == (204, b"")
            assert answer.headers.get("content-length", "0") == "0" and "content-type" not in answer.headers


def test_lists_had_more_than_one_page(tours):
    assert tours[1].paged == PAGED


@pytest.mark.parametrize(("made", "shown", "names"), SHOWN, ids=[row[0] for row in SHOWN])
def test_what_is_given_is_shown(tours, made, shown, names):
    given, read = answers(tours[1], made)[0].sent, answers(tours[1], shown)[0].read
    assert {name: read.get(name) for name in names} == {name: given[name] for name in names}


def test_an_answer_that_is_wrong_is_seen(tours):
    (tags, right) = answers(tours[0], "TagResource")[0], answers(tours[0], "GetFilter")[0]
    body = json.loads(right.raw)
    wrong = [{**body, "surprise": 1}, {**body, "action": "SHOUT"}, {**body, "rank": "1"}, {**body, "name": "other"}]
    wrong += [{k: v for k, v in body.items() if k != "findingCriteria"}, {**body, "tags": {"a": "b"}}]
    for bad in wrong:
        assert dataclasses.replace(right, raw=json.dumps(bad).encode()).faults(MODEL), bad
    assert dataclasses.replace(right, status=202).faults(MODEL)
    assert dataclasses.replace(right, headers={**right.headers, "x-amzn-requestid": "1"}).faults(MODEL)
    assert dataclasses.replace(tags, raw=b"{}").faults(MODEL)
