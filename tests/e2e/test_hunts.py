"""Hunts: scans that the server makes of what its sources hold of a time."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from conftest import binary
from server import ACCOUNT, REGION, Server, poll
from test_beyond import ask, settings
from test_watch_aws import CREDENTIALS, Cloud
from watching import deliver, essence, objects, places, scanned
from world.corpus import Layout

ALL = {"accounts": ["*"], "since": "2020-01-01", "until": "2030-01-01", "learnDays": 0}
SCAN = "Recon:EC2/Portscan"
ENDED = {"done", "cancelled", "failed"}


@pytest.fixture(scope="module")
def many(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    logs = world.write(folder, Layout(parts=8, seed=7))
    options = world.write_lists(folder / "lists")
    return logs, options, scanned(folder, options, logs)


def serve(folder, options, source: str, store: str | None = None, **env) -> Server:
    """A server with a source for hunts alone, and detectors in none of its places."""
    source = f"[[source]]\nwatch = false\n{source}"
    words = ["--config", str(settings(folder, source)), *options, "--rate-limit", "0"]
    server = Server(binary(), folder, *words, store=store, env=env)
    server.add("reader", ACCOUNT, "--policy", "read-only")
    return server


@pytest.fixture(scope="module")
def server(many, tmp_path_factory, store):
    logs, options, _ = many
    folder = tmp_path_factory.mktemp("hunts")
    place = store and store.split("schema=")[0] + f"schema=e{uuid.uuid4().hex}"
    server = serve(folder, options, f'name = "archive"\nfolder = "{logs}"\n', place)
    yield server
    server.stop()


def hunt(server, body: dict, user: str = "admin") -> dict:
    """Starts a hunt, and waits until it has ended."""
    code, told = ask(server, "POST", "hunts", body, user)
    assert code == 200, told
    return ended(server, told["hunt"]["id"], user)


def ended(server, id: str, user: str = "admin") -> dict:
    got = {}

    def over():
        got.update(ask(server, "GET", f"hunts/{id}", user=user)[1]["hunt"])
        return got["state"] in ENDED

    poll(over, 120)
    return got


def wholes(server, id: str) -> dict:
    _, told = ask(server, "GET", f"hunts/{id}/findings")
    whole = {of["id"]: ask(server, "GET", f"hunts/{id}/findings/{of['id']}")[1]["finding"] for of in told["findings"]}
    return {id: essence(finding) for id, finding in whole.items()}


def test_a_hunt_finds_what_a_scan_finds(server, many):
    logs, _, wanted = many
    done = hunt(server, {"name": "all of it", **ALL})
    assert done["state"] == "done", done
    assert (done["name"], done["createdBy"], done["scope"]["accounts"]) == ("all of it", "admin", ["*"])
    assert wholes(server, done["id"]) == wanted
    progress = done["progress"]
    files = objects(logs)
    assert progress["objects"] == progress["objectsRead"] == len(files)
    assert progress["bytesRead"] == progress["bytes"] == sum(file.stat().st_size for file in files)
    assert sum(progress["records"].values()) > 1000 and progress["recordsASecond"] > 0
    assert progress["firstEvent"] < progress["lastEvent"]
    counts = done["findings"]
    assert counts["total"] == counts["kept"] == len(wanted) == sum(counts["bySeverity"].values())
    assert done["startedAt"] >= done["createdAt"] and done["endedAt"] >= done["startedAt"]
    # The severest come first, and nothing of it is in a detector: there is none.
    _, told = ask(server, "GET", f"hunts/{done['id']}/findings")
    severities = [of["severity"] for of in told["findings"]]
    assert severities == sorted(severities, reverse=True)
    assert {of["live"]["state"] for of in told["findings"]} == {"no-detector"} and told["onlyLive"] == []


def test_a_hunt_of_ones_own_account_is_of_it_alone(server, many):
    done = hunt(server, {"since": "2020-01-01", "until": "2030-01-01"})
    assert done["scope"]["accounts"] == [ACCOUNT] and done["scope"]["learnDays"] == 7
    mine = {id for id, finding in many[2].items() if json.loads(finding)["accountId"] == ACCOUNT}
    assert wholes(server, done["id"]).keys() == mine and mine != many[2].keys()


def test_a_hunt_of_a_part_finds_the_activity_of_that_part_alone(server, many):
    whole = [json.loads(finding) for finding in many[2].values()]
    since = sorted(finding["service"]["eventLastSeen"] for finding in whole)[len(whole) // 2]
    # The world's files are named after the day before.
    done = hunt(server, {**ALL, "since": since, "learnDays": 1})
    # What the hours before taught is known, and what they showed is not told.
    assert done["state"] == "done" and 0 < done["findings"]["total"] < len(whole), done
    _, told = ask(server, "GET", f"hunts/{done['id']}/findings")
    assert all(of["lastSeen"] >= since for of in told["findings"])
    day = hunt(server, {**ALL, "since": since[:10], "until": since[:10]})
    assert day["scope"]["until"] - day["scope"]["since"] == 86_399_999
    none = hunt(server, {**ALL, "since": "2001-01-01", "until": "2001-02-01"})
    assert (none["state"], none["findings"]["total"], none["progress"]["objects"]) == ("done", 0, 0)


def test_other_settings_find_other_things(server, many):
    text = f'[detection]\nretired_types = true\n[learning]\ndays = 1\n[types."{SCAN}"]\nenabled = false\n'
    done = hunt(server, {**ALL, "settings": text})
    types = [json.loads(finding)["type"] for finding in many[2].values()]
    assert SCAN in types and SCAN not in done["findings"]["types"]
    assert done["findings"]["total"] == len(types) - types.count(SCAN) and done["scope"]["settings"] == text


def test_findings_are_compared_and_promoted(server, many):
    done = hunt(server, ALL)
    path = f"hunts/{done['id']}"
    api = server.client()
    detector = api.create_detector(Enable=True)["DetectorId"]
    api.create_sample_findings(DetectorId=detector, FindingTypes=["Backdoor:EC2/DenialOfService.Tcp"])
    try:
        told = ask(server, "GET", f"{path}/findings")[1]
        here = [of for of in told["findings"] if (of["accountId"], of["region"]) == (ACCOUNT, REGION)]
        assert len(here) > 2 and {of["live"]["state"] for of in here} == {"absent"}
        assert told["onlyLive"] == [], "samples are not compared"
        # One type is suppressed.
        criterion = {"Criterion": {"type": {"Eq": [here[1]["type"]]}}}
        api.create_filter(DetectorId=detector, Name="quiet", Action="ARCHIVE", FindingCriteria=criterion)
        elsewhere = next(of for of in told["findings"] if of not in here)
        wanted = [here[0]["id"], here[1]["id"], elsewhere["id"], "0" * 32]
        code, answer = ask(server, "POST", f"{path}/promote", {"findingIds": wanted})
        assert code == 200 and sorted(answer["promoted"]) == sorted(wanted[:2]), answer
        why = {of["id"]: of["why"] for of in answer["refused"]}
        assert "no detector" in why[elsewhere["id"]] and "no such finding" in why["0" * 32]
        got = api.get_findings(DetectorId=detector, FindingIds=wanted[:2])["Findings"]
        archived = {finding["Id"]: finding["Service"]["Archived"] for finding in got}
        assert archived == {here[0]["id"]: here[0]["type"] == here[1]["type"], here[1]["id"]: True}
        now = datetime.now(UTC).strftime("%Y-%m-%d")
        assert all(finding["UpdatedAt"][:10] == now for finding in got), "kept from now on, not from when it happened"
        states = {of["id"]: of["live"]["state"] for of in ask(server, "GET", f"{path}/findings")[1]["findings"]}
        assert states[here[1]["id"]] == "archived"
        again = ask(server, "POST", f"{path}/promote", {"findingIds": wanted[:1]})[1]
        assert again["promoted"] == [] and "already" in again["refused"][0]["why"]
        # What the detector alone has: this hunt is of settings that do not find it.
        off = f'[types."{here[0]["type"]}"]\nenabled = false\n'
        other = hunt(server, {**ALL, "settings": off})
        only = ask(server, "GET", f"hunts/{other['id']}/findings")[1]["onlyLive"]
        assert here[0]["id"] in {of["id"] for of in only}
    finally:
        api.delete_detector(DetectorId=detector)


def test_a_hunt_is_cancelled_and_removed(server):
    ids = [ask(server, "POST", "hunts", ALL)[1]["hunt"]["id"] for _ in range(3)]
    code, told = ask(server, "POST", f"hunts/{ids[2]}/cancel", {})
    assert code == 200 and told["hunt"]["state"] == "cancelled"
    assert ended(server, ids[0])["state"] == "done"
    assert ask(server, "DELETE", f"hunts/{ids[1]}") == (200, {})
    assert ask(server, "GET", f"hunts/{ids[1]}")[0] == 404
    assert ended(server, ids[2])["state"] == "cancelled"
    code, told = ask(server, "GET", f"hunts/{ids[2]}/findings")
    assert code == 409 and "has not ended" in json.dumps(told)
    listed = [of["id"] for of in ask(server, "GET", "hunts")[1]["hunts"]]
    assert ids[0] in listed and ids[2] in listed and ids[1] not in listed
    # It was removed while it waited, or went on: nothing of it comes back.
    hunt(server, ALL)
    assert ask(server, "GET", f"hunts/{ids[1]}")[0] == 404


def test_who_may(server, tmp_path):
    hunt(server, ALL)
    hunt(server, {"since": "2020-01-01"})
    code, told = ask(server, "GET", "hunts", user="reader")
    assert code == 200 and told["all"] is False and told["sources"] == [{"name": "archive", "kind": "folder"}]
    # What an administrator hunts through of other accounts is not for all users of its account.
    assert told["hunts"] and all(of["scope"]["accounts"] == [ACCOUNT] for of in told["hunts"])
    beyond = next(of["id"] for of in ask(server, "GET", "hunts")[1]["hunts"] if of["scope"]["accounts"] == ["*"])
    for path in ["", "/findings", f"/findings/{'0' * 32}"]:
        assert ask(server, "GET", f"hunts/{beyond}{path}", user="reader")[0] == 404, path
    code, told = ask(server, "POST", "hunts", ALL, user="reader")
    assert code == 403 and "StartMalwareScan" in json.dumps(told)
    server.add("other", "999900001111")
    assert ask(server, "GET", "hunts", user="other")[1]["hunts"] == []
    id = ask(server, "GET", "hunts")[1]["hunts"][0]["id"]
    for method, path, body in [("GET", "", None), ("GET", "/findings", None), ("POST", "/cancel", {}), ("DELETE", "", None)]:
        assert ask(server, method, f"hunts/{id}{path}", body, user="other")[0] == 404, path
    (tmp_path / "all.cedar").write_text("permit(principal, action, resource);")
    server.add("hunter", "999900001111", "--policy-file", str(tmp_path / "all.cedar"))
    code, told = ask(server, "POST", "hunts", {"since": "2020-01-01", "accounts": [ACCOUNT]}, user="hunter")
    assert code == 400 and "neither yours nor a member's" in json.dumps(told)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "since"),
        ({"since": "soon"}, "since: give a date"),
        ({"since": "2026-01-02", "until": "2026-01-01"}, "since must be before until"),
        ({"since": "2026-01-01", "sources": ["else"]}, "there is no source `else`"),
        ({"since": "2026-01-01", "accounts": ["me"]}, "twelve digits"),
        ({"since": "2026-01-01", "settings": "[nothing]\n"}, "nothing"),
        ({"since": "2026-01-01", "learnDays": 1000}, "learnDays"),
        ({"since": "2026-01-01", "name": "x" * 65}, "name"),
        ({"since": "2026-01-01", "folder": "/etc"}, "folder"),
    ],
)
def test_what_is_wrong_is_said(server, body, said):
    code, told = ask(server, "POST", "hunts", body)
    assert code == 400 and said in json.dumps(told), told


@pytest.mark.parametrize("kill", [True, False])
def test_a_hunt_that_is_broken_off_says_so(many, tmp_path, kill):
    logs, options, _ = many
    server = serve(tmp_path, options, f'name = "archive"\nfolder = "{logs}"\n')
    try:
        id = ask(server, "POST", "hunts", ALL)[1]["hunt"]["id"]
        waits = ask(server, "POST", "hunts", ALL)[1]["hunt"]["id"]
        server.stop(kill=kill)
        assert "panicked" not in (tmp_path / "serve.log").read_text()
        server.start()
        told = ended(server, id)
        # It may have been done in the moment before.
        assert told["state"] == "done" or told["state"] == "failed" and "was stopped before" in told["why"], told
        assert ended(server, waits)["state"] in {"done", "failed"}
        assert hunt(server, ALL)["state"] == "done"
    finally:
        server.stop()


def test_objects_of_a_bucket_are_read_by_day(many, tmp_path):
    logs, options, wanted = many
    cloud = Cloud(tmp_path)
    reach = f'endpoint = "{cloud.url}"\nregion = "{REGION}"\n'
    server = serve(tmp_path, options, f'name = "archive"\nbucket = "logs"\n{reach}', **CREDENTIALS)
    try:
        files = objects(logs)
        for file in files:
            cloud.put(file, logs)
        # A copy under another name, an object that is no log, and a folder that a console made.
        cloud.s3.put_object(Bucket="logs", Key="copy.json.gz", Body=files[0].read_bytes())
        cloud.s3.put_object(Bucket="logs", Key="AWSLogs/notes.txt", Body=b"not a log\n")
        cloud.s3.put_object(Bucket="logs", Key="AWSLogs/made/", Body=b"")
        broken = files[0].name.replace("20260501", "20260502")
        cloud.s3.put_object(Bucket="logs", Key=f"AWSLogs/{broken}", Body=b'{"Records":[{"eventVersion":"1.08",')
        done = hunt(server, ALL)
        assert done["state"] == "done", done
        assert wholes(server, done["id"]) == wanted
        assert done["progress"]["objects"] == len(files) + 2
        assert sum(done["progress"]["defects"].values()) == 1
        assert [place["object"] for place in done["progress"]["places"]] == [f"AWSLogs/{broken}"]
        assert done["progress"]["skipped"].pop("copy of another object") == 1
        assert sum(done["progress"]["skipped"].values()) == 1
        none = hunt(server, {**ALL, "since": "2001-01-01", "until": "2001-02-01"})
        # What tells no time is read whatever the time: the copy, and what is no log.
        assert none["progress"]["objects"] == 2 and none["findings"]["total"] == 0
        log = (tmp_path / "moto.log").read_text()
        assert "delimiter" in log and "start-after" in log
        cloud.s3.delete_object(Bucket="logs", Key="AWSLogs/notes.txt")
        cloud.s3.delete_object(Bucket="logs", Key="copy.json.gz")
        missing = hunt(server, {**ALL, "accounts": ["999999999999"]})
        assert missing["state"] == "done" and missing["progress"]["objects"] == 0
    finally:
        server.stop()
        cloud.process.kill()


def test_a_bucket_that_is_not_there_fails_and_says_so(many, tmp_path):
    cloud = Cloud(tmp_path)
    reach = f'endpoint = "{cloud.url}"\nregion = "{REGION}"\n'
    server = serve(tmp_path, many[1], f'name = "archive"\nbucket = "gone"\n{reach}', **CREDENTIALS)
    try:
        told = hunt(server, ALL)
        assert told["state"] == "failed" and "s3://gone/" in told["why"] and "NoSuchBucket" in told["why"], told
    finally:
        server.stop()
        cloud.process.kill()


def test_what_comes_live_and_a_hunt_of_it_agree(many, tmp_path):
    """A source that is watched: its findings are those of a hunt."""
    logs, options, wanted = many
    (tmp_path / "logs").mkdir()
    source = f'[[source]]\nname = "logs"\nfolder = "{tmp_path / "logs"}"\nsince = "all"\npoll = "2s"\n'
    server = Server(binary(), tmp_path, "--config", str(settings(tmp_path, source)), *options, "--rate-limit", "0")
    try:
        detectors = {}
        for account, region in sorted(places(wanted)):
            if account != ACCOUNT and f"of-{account}" not in server.users:
                server.add(f"of-{account}", account)
            user = "admin" if account == ACCOUNT else f"of-{account}"
            detectors[account, region] = server.client(user=user, region=region).create_detector(Enable=True)["DetectorId"]
        deliver(objects(logs), tmp_path / "logs", logs.parent)

        def agree():
            done = hunt(server, ALL)
            told = ask(server, "GET", f"hunts/{done['id']}/findings")[1]
            states = {of["live"]["state"] for of in told["findings"]}
            same = all(of["live"].get("count") == of["count"] for of in told["findings"])
            return len(told["findings"]) == len(wanted) and states == {"current"} and same and not told["onlyLive"]

        poll(agree, 90)
    finally:
        server.stop()
