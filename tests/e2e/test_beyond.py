"""What GuardDuty has no operation for: trying settings, looking things up, other formats. And what is changed counts at once."""

import json
import time
import tomllib

import pytest
from conftest import binary
from server import ACCOUNT, Server, poll
from signing import Signer
from watching import DETECTION, PATIENCE, deliver, objects
from world.places import LISTS, TRUSTED

SCAN = "Recon:EC2/Portscan"


@pytest.fixture(scope="module")
def watched(world, tmp_path_factory):
    """A server that has read the world's logs and judged all of their hours before there was a detector."""
    folder = tmp_path_factory.mktemp("beyond")
    logs = world.write(folder / "world")
    options = world.write_lists(folder / "lists")
    (folder / "logs").mkdir()
    source = f'[[source]]\nname = "logs"\nfolder = "{folder / "logs"}"\nsince = "all"\npoll = "2s"\n'
    server = Server(binary(), folder, "--config", str(settings(folder, source)), *options, "--rate-limit", "0")
    server.source = source
    server.add("reader", ACCOUNT, "--policy", "read-only")
    files = objects(logs)
    deliver(files, folder / "logs", logs.parent)
    poll(lambda: ask(server, "GET", "status")[1]["sources"][0]["objects"] == len(files))
    # Longer than it waits for old hours, and it takes to judge them.
    time.sleep(8)
    server.detector = server.client().create_detector(Enable=True)["DetectorId"]
    yield server
    server.stop()


def settings(folder, source: str, detection: str = ""):
    file = folder / "picquet.toml"
    file.write_text(DETECTION + PATIENCE + source + detection)
    return file


def ask(server, method: str, path: str, body: dict | None = None, user: str = "admin"):
    sent = json.dumps(body).encode() if body is not None else b""
    path = f"/picquet/v1/{path}"
    headers = Signer(server.users[user], f"127.0.0.1:{server.port}").headers(method, path, body=sent)
    code, _, answer = server.raw(method, path, body=sent, headers=headers)
    return code, json.loads(answer)


def types(server) -> list[str]:
    api = server.client()
    pages = api.get_paginator("list_findings").paginate(DetectorId=server.detector)
    ids = [id for page in pages for id in page["FindingIds"]]
    found = []
    for n in range(0, len(ids), 50):
        found += api.get_findings(DetectorId=server.detector, FindingIds=ids[n : n + 50])["Findings"]
    return sorted(finding["Type"] for finding in found)


def test_a_detector_that_is_made_later_has_its_findings_at_once(watched):
    # The hours were judged already; the next one ends in up to an hour.
    poll(lambda: SCAN in types(watched), 20)


def test_settings_that_change_nothing_change_nothing(watched):
    poll(lambda: SCAN in types(watched), 20)
    code, told = ask(watched, "GET", "settings")
    assert code == 200 and tomllib.loads(told["settings"])["learning"]["days"] == 1
    code, told = ask(watched, "POST", "dry-run", told)
    assert code == 200, told
    assert (told["appear"], told["disappear"], told["change"], told["notJudged"]) == ([], [], [], [])
    counts = {of: count["before"] for of, count in told["types"].items()}
    found = types(watched)
    assert counts == {of: found.count(of) for of in set(found)}
    assert all(count["before"] == count["after"] for count in told["types"].values())
    assert told["since"] < told["until"] and told["since"] % 3_600_000 == 0


def test_other_settings_say_what_they_would_find(watched):
    poll(lambda: SCAN in types(watched), 20)
    text = DETECTION + f'[types."{SCAN}"]\nenabled = false\n[types."Backdoor:EC2/Spambot"]\nseverity = 9.5\n'
    code, told = ask(watched, "POST", "dry-run", {"settings": text})
    assert code == 200, told
    assert {of["type"] for of in told["disappear"]} == {SCAN} and told["appear"] == []
    assert told["types"][SCAN]["after"] == 0 < told["types"][SCAN]["before"]
    assert {(of["type"], of["severity"]) for of in told["change"]} == {("Backdoor:EC2/Spambot", 9.5)}
    assert all(of["was"] != 9.5 for of in told["change"])
    # Nothing of it is kept.
    assert types(watched).count(SCAN) == told["types"][SCAN]["before"]
    # What was not kept of the logs cannot be judged.
    code, told = ask(watched, "POST", "dry-run", {"settings": "[learning]\ndays = 1\n[detection]\ns3_data_events = false\n"})
    assert code == 200 and told["notJudged"] == ["detection.s3_data_events"]


def test_wrong_settings_are_refused_with_their_line(watched):
    code, told = ask(watched, "POST", "dry-run", {"settings": "[port_scan]\nno_such = 1\n"})
    assert code == 400 and "no_such" in told["message"] and "line 2" in told["message"]
    code, told = ask(watched, "POST", "dry-run", {"settings": '[types."Recon:EC2/Portscam"]\nenabled = false\n'})
    assert code == 400 and "no such finding type" in told["message"]
    code, told = ask(watched, "POST", "dry-run", {"other": 1})
    assert code == 400 and "settings" in told["message"]


def test_settings_are_for_administrators(watched):
    for method, path, body in (("GET", "settings", None), ("POST", "dry-run", {"settings": ""})):
        code, told = ask(watched, method, path, body, user="reader")
        assert (code, told["__type"]) == (403, "AccessDeniedException")


def test_changed_settings_count_at_once(watched):
    poll(lambda: SCAN in types(watched), 20)
    settings(watched.folder, watched.source, f'[types."{SCAN}"]\nenabled = false\n')
    poll(lambda: SCAN not in types(watched), 30)
    settings(watched.folder, watched.source)
    poll(lambda: SCAN in types(watched), 30)


def test_how_long_findings_are_kept_is_chosen(watched):
    assert ask(watched, "GET", "status", user="reader")[1]["retentionDays"] == 90
    code, told = ask(watched, "PUT", "retention", {"days": 30}, user="reader")
    assert (code, told["__type"]) == (403, "AccessDeniedException")
    for wrong in ({"days": 0}, {"days": 3651}, {"days": -1}, {"days": "30"}, {}):
        assert ask(watched, "PUT", "retention", wrong)[0] == 400, wrong
    assert ask(watched, "PUT", "retention", {"days": 3650}) == (200, {"retentionDays": 3650})
    assert ask(watched, "GET", "status")[1]["retentionDays"] == 3650
    # It is in the audit log as what it is.
    (file,) = (watched.data / "audit").iterdir()
    events = [json.loads(line) for line in file.read_text().splitlines()]
    told = [e for e in events if e["eventName"] == "UpdateRetention" and "errorCode" not in e]
    assert [(e["readOnly"], e["requestParameters"]) for e in told] == [(False, {"days": 3650})]


def test_things_are_looked_up_in_the_lists(watched):
    listed, trusted, name = LISTS["malicious-ip"][0], TRUSTED[0], LISTS["c2"][2]
    values = [listed, trusted, name, "192.0.2.77", "AKIAIOSFODNN7EXAMPLE", "<script>alert(1)</script>"]
    code, told = ask(watched, "POST", "look-up", {"values": values}, user="reader")
    assert code == 200, told
    first, second, third, none, key, odd = told["results"]
    assert first["kind"] == "ip" and [hit["category"] for hit in first["hits"]] == ["malicious-ip"]
    assert second["trusted"] and not second["hits"]
    assert third["hits"] and third["hits"][0]["category"] == "c2"
    assert (none["hits"], none["trusted"]) == ([], False) and none["remote"]["ipAddressV4"] == "192.0.2.77"
    assert (key["kind"], key["hits"]) == ("access-key", [])
    assert (odd["kind"], odd["hits"], odd["value"]) == ("domain", [], "<script>alert(1)</script>")
    for wrong in ([], ["a"] * 101, [""], ["a" * 300]):
        assert ask(watched, "POST", "look-up", {"values": wrong})[0] == 400


def test_findings_come_in_other_formats(watched):
    poll(lambda: SCAN in types(watched), 20)
    ids = watched.client().list_findings(DetectorId=watched.detector, MaxResults=50)["FindingIds"]
    code, told = ask(watched, "POST", f"detector/{watched.detector}/findings/ocsf", {"findingIds": ids}, user="reader")
    assert code == 200, told
    assert {of["finding_info"]["uid"].rsplit("/", 1)[1] for of in told["findings"]} == set(ids)
    assert all(of["class_uid"] == 2004 for of in told["findings"])
    code, told = ask(watched, "POST", f"detector/{watched.detector}/findings/asff", {"findingIds": ids})
    assert code == 200 and all(of["SchemaVersion"] == "2018-10-08" for of in told["findings"]) and len(told["findings"]) == len(ids)
    # As GetFindings refuses.
    code, told = ask(watched, "POST", f"detector/{watched.detector}/findings/ocsf", {"findingIds": ["a"] * 51})
    assert (code, told["__type"]) == (400, "InvalidInputException")
    code, told = ask(watched, "POST", f"detector/{'0' * 32}/findings/ocsf", {"findingIds": ids})
    assert code == 400
    assert ask(watched, "POST", f"detector/{watched.detector}/findings/csv", {"findingIds": ids})[0] == 404
