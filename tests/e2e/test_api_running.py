"""How the server is run: restarts, copies of its store, the first key, and where it does not listen."""

import os
import shutil
import subprocess

import pytest
from conftest import binary
from server import Server, poll

OTHER = "444455556666"
BOOTSTRAP = {
    "PICQUET_BOOTSTRAP_ACCESS_KEY_ID": "AKIAFIRSTFIRSTFIRST1",
    "PICQUET_BOOTSTRAP_SECRET_ACCESS_KEY": "the first secret of all",
    "PICQUET_BOOTSTRAP_ACCOUNT": OTHER,
}
FIRST = {
    "AccessKeyId": BOOTSTRAP["PICQUET_BOOTSTRAP_ACCESS_KEY_ID"],
    "SecretAccessKey": BOOTSTRAP["PICQUET_BOOTSTRAP_SECRET_ACCESS_KEY"],
}


@pytest.fixture
def own(tmp_path):
    """A server that a test may stop."""
    served = Server(binary(), tmp_path, "--list-folder", str(tmp_path), tls=True)
    yield served
    served.stop()


def fill(server):
    """Something of each kind."""
    api = server.client()
    detector = api.create_detector(Enable=True, Tags={"team": "red"})["DetectorId"]
    criteria = {"Criterion": {"severity": {"Gte": 4}}}
    api.create_filter(DetectorId=detector, Name="mine", FindingCriteria=criteria, Rank=3)
    place = {"Format": "TXT", "Location": "https://lists.example.com/l", "Activate": False}
    api.create_ip_set(DetectorId=detector, Name="ours", **place)
    api.create_sample_findings(DetectorId=detector)
    return detector


def seen(server):
    """All that clients are shown of it."""
    api = server.client()
    (detector,) = api.list_detectors()["DetectorIds"]
    one = {"DetectorId": detector}
    pages = api.get_paginator("list_findings").paginate(**one)
    ids = [i for page in pages for i in page["FindingIds"]]
    answers = [api.get_findings(FindingIds=ids[n : n + 50], **one) for n in range(0, len(ids), 50)]
    findings = [finding for answer in answers for finding in answer["Findings"]]
    sets = [api.get_ip_set(IpSetId=i, **one) for i in api.list_ip_sets(**one)["IpSetIds"]]
    shown = [api.get_detector(**one), api.get_filter(FilterName="mine", **one), *sets]
    return ids, findings, [{k: v for k, v in each.items() if k != "ResponseMetadata"} for each in shown]


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_a_restart_keeps_everything(own, kill):
    fill(own)
    before, trusted = seen(own), (own.data / "ca.pem").read_bytes()
    token = own.client().list_findings(DetectorId=before[1][0]["Service"]["DetectorId"], MaxResults=1)["NextToken"]
    own.stop(kill)
    own.start()
    assert len(before[0]) > 50 and seen(own) == before
    # Clients go on as they were: with the authority that they trust, and the page that they were at.
    assert (own.data / "ca.pem").read_bytes() == trusted
    page = own.client().list_findings(DetectorId=before[1][0]["Service"]["DetectorId"], MaxResults=1, NextToken=token)
    assert page["FindingIds"] == before[0][1:2]


def test_a_backup_is_restored(own, tmp_path):
    detector = fill(own)
    before, copy = seen(own), tmp_path / "copy.db"
    # It is made while the server runs.
    done = own.run("store", "backup", copy)
    assert done.returncode == 0, done.stderr
    assert own.run("store", "backup", copy).returncode == 3, "a backup is not written over"
    # Nothing takes the store from under it.
    refused = own.run("store", "restore", copy, "--force")
    assert refused.returncode == 3 and "in use" in refused.stderr
    assert seen(own) == before
    own.client().delete_detector(DetectorId=detector)
    own.stop()
    refused = own.run("store", "restore", copy)
    assert refused.returncode == 3 and "--force" in refused.stderr
    done = own.run("store", "restore", copy, "--force")
    assert done.returncode == 0, done.stderr
    own.start()
    assert seen(own) == before


def test_a_backup_needs_its_key(own, tmp_path):
    fill(own)
    before, copy = seen(own), tmp_path / "copy.db"
    assert own.run("store", "backup", copy).returncode == 0
    own.stop()
    old, own.data = own.data, tmp_path / "elsewhere"
    assert own.run("store", "restore", copy).returncode == 0
    own.start()
    client = own.client()
    with pytest.raises(client.exceptions.InternalServerErrorException):
        client.list_detectors()
    own.stop()
    assert "key file" in (own.folder / "serve.log").read_text()
    shutil.copy(old / "key", own.data / "key")
    own.start()
    assert seen(own) == before


def test_a_whole_store_is_known_from_a_damaged_one(own, tmp_path):
    fill(own)
    done = own.run("store", "check")
    assert done.returncode == 0 and "whole" in done.stdout, done.stderr
    own.stop()
    copy = tmp_path / "copy.db"
    assert own.run("store", "backup", copy).returncode == 0
    for path in own.data.glob("picquet.db-*"):
        path.unlink()
    shutil.copy(copy, own.data / "picquet.db")
    damage(own.data / "picquet.db")
    assert own.run("store", "check").returncode != 0
    damage(copy)
    bad = own.run("store", "restore", copy, "--force")
    assert bad.returncode == 4 and "no whole store" in bad.stderr
    assert own.run("store", "check").returncode != 0, "what is damaged took the place of what was there"
    nothing = own.run("store", "restore", tmp_path / "nothing.db", "--force")
    assert nothing.returncode == 4


def damage(path):
    """Writes over pages in the middle."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 3)
        file.write(b"\xa5" * (path.stat().st_size // 3))


def test_the_first_key_comes_from_the_environment(own):
    own.stop()
    own.data = own.folder / "first"
    own.start(**BOOTSTRAP)
    assert own.client("sts", key=FIRST).get_caller_identity()["Account"] == OTHER
    detector = own.client(key=FIRST).create_detector(Enable=True)["DetectorId"]
    own.stop()
    # It stays without the environment, and the environment changes nothing where there are users.
    own.start()
    assert own.client(key=FIRST).list_detectors()["DetectorIds"] == [detector]
    own.stop()
    own.start(**{**BOOTSTRAP, "PICQUET_BOOTSTRAP_SECRET_ACCESS_KEY": "another secret, later"})
    assert own.client(key=FIRST).list_detectors()["DetectorIds"] == [detector]
    assert FIRST["SecretAccessKey"].encode() not in b"".join(p.read_bytes() for p in own.data.glob("picquet.db*"))


WRONG = [
    {k: v for k, v in BOOTSTRAP.items() if not k.endswith("ACCOUNT")},
    BOOTSTRAP | {"PICQUET_BOOTSTRAP_ACCOUNT": "123"},
    BOOTSTRAP | {"PICQUET_BOOTSTRAP_ACCESS_KEY_ID": "short"},
    BOOTSTRAP | {"PICQUET_BOOTSTRAP_SECRET_ACCESS_KEY": "short"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=["not all", "no account", "no id", "no secret"])
def test_a_first_key_that_is_none_is_refused(tmp_path, wrong):
    done = serve(tmp_path, "--listen", "127.0.0.1:0", "--insecure-http", **wrong)
    assert done.returncode == 3 and wrong.get("PICQUET_BOOTSTRAP_SECRET_ACCESS_KEY", "?") not in done.stderr


def serve(folder, *options, **env):
    """A server that should refuse to start."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PICQUET_")}
    words = [str(binary()), "serve", "--data-dir", str(folder / "data"), *options]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, env=clean | env, check=False)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_http_without_tls_is_for_the_machine_itself(tmp_path, address):
    done = serve(tmp_path, "--listen", address, "--insecure-http")
    assert done.returncode == 3 and "loopback" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_port_that_is_taken_is_told(own):
    done = serve(own.folder / "second", "--listen", f"127.0.0.1:{own.port}")
    assert done.returncode == 3 and "cannot listen" in done.stderr


def test_secrets_are_the_owners_alone(own):
    fill(own)
    for name in ("key", "ca.key", "picquet.db"):
        assert (own.data / name).stat().st_mode & 0o077 == 0 or own.data.stat().st_mode & 0o077 == 0, name
    stored = b"".join(path.read_bytes() for path in own.data.glob("picquet.db*"))
    assert own.users["admin"]["SecretAccessKey"].encode() not in stored
    assert own.users["admin"]["AccessKeyId"].encode() in stored, "the store is not read as it was thought"


def test_lists_are_read_only_from_the_folders_that_were_named(own, tmp_path_factory):
    api = own.client()
    detector = api.create_detector(Enable=True)["DetectorId"]
    outside = tmp_path_factory.mktemp("outside") / "list.txt"
    outside.write_text("45.95.9.10\n")
    (own.folder / "link.txt").symlink_to(outside)
    ways = [outside, own.folder / "link.txt", own.folder / ".." / outside.parent.name / "list.txt", own.folder / "none"]
    for n, way in enumerate(ways):
        what = {"Name": f"list {n}", "Format": "TXT", "Location": f"file://{way}", "Activate": True}
        made = {"DetectorId": detector}
        made["ThreatEntitySetId"] = api.create_threat_entity_set(DetectorId=detector, **what)["ThreatEntitySetId"]
        poll(lambda made=made: api.get_threat_entity_set(**made)["Status"] == "ERROR")
        assert "--list-folder" in api.get_threat_entity_set(**made)["ErrorDetails"], way


def test_findings_are_kept_as_long_as_the_operator_says(tmp_path):
    served = Server(binary(), tmp_path, "--retention-days", "1")
    try:
        api = served.client()
        detector = api.create_detector(Enable=True)["DetectorId"]
        api.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/Portscan"])
        served.stop()
        served.start()
        assert served.client().list_findings(DetectorId=detector)["FindingIds"], "a new finding is not old"
        served.stop()
        served.options = ("--retention-days", "0")
        served.start()

        def gone():
            return not served.client().list_findings(DetectorId=detector)["FindingIds"]

        poll(gone)
    finally:
        served.stop()


def test_a_password_of_the_store_is_never_printed(tmp_path):
    secret = "hunter2"
    store = f"postgres://ann:{secret}@127.0.0.1:1/logs"
    for words in (["user", "list"], ["store", "check"], ["store", "backup", "copy.db"], ["serve", "--listen", "127.0.0.1:0"]):
        for given in ([], ["--store", store], ["--store", f"{store}?{secret}"], ["--store", f"my{store}"]):
            done = subprocess.run(
                [str(binary()), *words, "--data-dir", str(tmp_path / "data"), *given],
                env={**os.environ, "PICQUET_STORE": store, "PICQUET_LOG": "trace"},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 3, done.stderr
            assert secret not in done.stdout + done.stderr
    shown = subprocess.run(
        [str(binary()), "serve", "--help"], env={**os.environ, "PICQUET_STORE": store}, capture_output=True, text=True, check=False
    )
    assert secret not in shown.stdout


def test_a_store_in_postgresql_is_copied_by_its_own_tools(tmp_path):
    own = ["--data-dir", str(tmp_path / "data"), "--store", "postgres://ann@127.0.0.1:1/logs"]
    for words in (["store", "backup", "copy.db"], ["store", "restore", "copy.db"]):
        done = subprocess.run([str(binary()), *words, *own], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 3 and "in PostgreSQL" in done.stderr and "pg_" in done.stderr
