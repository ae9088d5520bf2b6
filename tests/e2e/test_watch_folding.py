"""Hours that are past become the baseline: what they showed stays, counts go on, and nothing comes twice."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from conftest import binary
from server import ACCOUNT, REGION, Server, poll

BAD = "45.95.210.10"
HEADER = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"


def flows(at: int, connections: int, remote: str = BAD) -> str:
    """Connections of one host to an address, a second apart."""
    base = f"2 {ACCOUNT} eni-0123456789abcdef0"
    lines = []
    for n in range(connections):
        begin = at + n
        lines.append(f"{base} 10.0.0.7 {remote} {41000 + n} 443 6 12 1400 {begin} {begin + 1} ACCEPT OK")
        lines.append(f"{base} {remote} 10.0.0.7 443 {41000 + n} 6 10 5200 {begin} {begin + 1} ACCEPT OK")
    return "\n".join([HEADER, *lines, ""])


@pytest.fixture
def folding(tmp_path):
    """A server that keeps facts for seconds only."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "bad.txt").write_text(f"{BAD}\n")
    config = tmp_path / "picquet.toml"
    config.write_text(
        '[watch]\nsettle = "1s"\nslack = "1s"\nhorizon = "4s"\n'
        f'[[source]]\nname = "logs"\nfolder = "{tmp_path / "logs"}"\nsince = "all"\npoll = "1s"\n'
    )
    words = ["--config", str(config), "--feed", f"c2={tmp_path / 'bad.txt'}", "--rate-limit", "0"]
    server = Server(binary(), tmp_path, *words)
    yield server
    server.stop()


def put(folder: Path, name: str, text: str):
    """Delivers a log."""
    (folder / "logs" / f"{ACCOUNT}_vpcflowlogs_{REGION}_fl-1_{name}.log").write_text(text)


def folded(server: Server, least: int) -> bool:
    """Whether the baseline has all hours up to one."""
    told = json.loads(server.run("status", "--format", "json").stdout)["accounts"]
    return any((account["learnedTo"] or 0) > least * 1000 for account in told)


def test_a_finding_goes_on_after_its_hour_is_folded(folding, tmp_path):
    api = folding.client()
    detector = api.create_detector(Enable=True)["DetectorId"]

    def findings() -> list:
        ids = api.list_findings(DetectorId=detector)["FindingIds"]
        return api.get_findings(DetectorId=detector, FindingIds=ids)["Findings"] if ids else []

    first = int(time.time()) // 3600 * 3600 - 6 * 3600
    put(tmp_path, "a", flows(first, 3))
    before = poll(findings)
    assert len(before) == 1
    # Facts are looked at for their age when something comes: of the hour that goes on, which is not folded.
    time.sleep(6)
    put(tmp_path, "other", flows(int(time.time()) // 3600 * 3600, 1, "45.95.211.1"))
    poll(lambda: folded(folding, first), 60)
    # The hour is gone from the facts; its finding is not.
    assert [f["Id"] for f in findings()] == [before[0]["Id"]]
    put(tmp_path, "b", flows(int(time.time()) // 3600 * 3600, 2))
    poll(lambda: findings()[0]["Service"]["Count"] > before[0]["Service"]["Count"], 60)
    (after,) = findings()
    assert after["Id"] == before[0]["Id"]
    assert after["Service"]["EventFirstSeen"] == before[0]["Service"]["EventFirstSeen"]
    assert after["Service"]["EventLastSeen"] > before[0]["Service"]["EventLastSeen"]
    total = after["Service"]["Count"]
    # Started again: no event counts a second time.
    folding.stop()
    folding.start()
    time.sleep(4)
    (last,) = folding.client().get_findings(DetectorId=detector, FindingIds=[after["Id"]])["Findings"]
    assert last["Service"]["Count"] == total
    # As one scan of both counts.
    words = ["scan", tmp_path / "logs", "--feed", f"c2={tmp_path / 'bad.txt'}", "--format", "ndjson", "--quiet"]
    done = subprocess.run([str(binary()), *map(str, words)], capture_output=True, text=True, check=True, timeout=60)
    (scanned,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (scanned["id"], scanned["service"]["count"]) == (last["Id"], total)


def logins(at: int, tries: int) -> str:
    """Short connections of one client to an instance's port 22, ten seconds apart."""
    base = f"2 {ACCOUNT} eni-0123456789abcdef0"
    lines = []
    for n in range(tries):
        begin = at + 10 * n
        lines.append(f"{base} {BAD} 10.0.0.7 {42000 + n} 22 6 12 2100 {begin} {begin + 1} ACCEPT OK")
        lines.append(f"{base} 10.0.0.7 {BAD} 22 {42000 + n} 6 14 2900 {begin} {begin + 1} ACCEPT OK")
    return "\n".join([HEADER, *lines, ""])


def test_a_window_that_began_in_hours_that_are_folded_goes_on(folding, tmp_path):
    """Forty tries within 24 hours are guessing; no hour has twenty, and no side of the fold has forty."""
    api = folding.client()
    detector = api.create_detector(Enable=True)["DetectorId"]

    def guessing() -> list:
        ids = api.list_findings(DetectorId=detector)["FindingIds"]
        found = api.get_findings(DetectorId=detector, FindingIds=ids)["Findings"] if ids else []
        return [f for f in found if f["Type"] == "UnauthorizedAccess:EC2/SSHBruteForce"]

    now = int(time.time()) // 3600 * 3600
    put(tmp_path, "a", logins(now - 7 * 3600, 15))
    put(tmp_path, "b", logins(now - 6 * 3600, 15))
    time.sleep(6)
    put(tmp_path, "other", flows(now, 1, "45.95.211.1"))
    poll(lambda: folded(folding, now - 6 * 3600), 60)
    assert guessing() == []
    put(tmp_path, "c", logins(now, 15))
    (finding,) = poll(guessing, 60)
    assert finding["Service"]["Count"] == 45
    # What it rests on is gone once more; the finding is not.
    time.sleep(6)
    put(tmp_path, "d", flows(now, 1, "45.95.211.2"))
    time.sleep(6)
    assert [f["Id"] for f in guessing()] == [finding["Id"]]
