"""Continuous detection of the real binary, and what a scan of the same logs finds."""

import json
import random
import shutil
import subprocess
from pathlib import Path

from conftest import binary
from server import ACCOUNT, Server, poll

#: What is told of detection, to a scan and to `serve`.
DETECTION = "[detection]\nretired_types = true\n[learning]\ndays = 1\n"
#: Hours that are over are judged at once, and nothing waits for old objects.
PATIENCE = '[watch]\nsettle = "2s"\nslack = "1m"\n'
#: What the store writes itself, and users.
OWN = ("createdAt", "updatedAt")


def essence(finding: dict) -> str:
    """A finding without what differs between a scan and a store; members that are empty are left out by the API."""
    finding = json.loads(json.dumps(finding))
    for name in OWN:
        finding.pop(name, None)
    finding["service"].pop("archived", None)
    finding["service"].pop("userFeedback", None)
    return json.dumps(finding, sort_keys=True)


def objects(logs: Path, seed: int = 1) -> list:
    """All files of a folder, in an order of their own."""
    files = sorted(path for path in logs.rglob("*") if path.is_file())
    random.Random(seed).shuffle(files)
    return files


def scanned(folder: Path, options: list, *paths: Path) -> dict:
    """What a scan finds, by id."""
    config = folder / "scan.toml"
    config.write_text(DETECTION)
    words = [binary(), "scan", *paths, *options, "--config", config, "--format", "ndjson", "--quiet"]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=300, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {finding["id"]: essence(finding) for finding in found}


class Watching:
    """`picquet serve` with sources, and a detector in every place that a scan finds something in."""

    def __init__(self, folder: Path, config: str, places: set, options: list, store: str | None = None, **env):
        self.config = folder / "picquet.toml"
        self.config.write_text(DETECTION + PATIENCE + config)
        self.env = env
        words = ["--rate-limit", "0", "--config", str(self.config), *options]
        self.server = Server(binary(), folder, *words, store=store, env=env)
        for account in {account for account, _ in places} - {ACCOUNT}:
            self.server.add(f"of-{account}", account)
        self.detectors = {}
        for account, region in sorted(places):
            self.detectors[account, region] = self.api(account, region).create_detector(Enable=True)["DetectorId"]

    def api(self, account: str, region: str):
        user = "admin" if account == ACCOUNT else f"of-{account}"
        return self.server.client(user=user, region=region)

    def restart(self, kill: bool = False):
        self.server.stop(kill=kill)
        self.server.start(**self.env)

    def found(self) -> dict:
        """All findings of all detectors, by id."""
        found = {}
        for (account, region), detector in self.detectors.items():
            api, raw = self.api(account, region), []
            api.meta.events.register(
                "after-call.guardduty.GetFindings", lambda http_response, **_: raw.append(json.loads(http_response.content))
            )
            pages = api.get_paginator("list_findings").paginate(DetectorId=detector)
            ids = [id for page in pages for id in page["FindingIds"]]
            for n in range(0, len(ids), 50):
                api.get_findings(DetectorId=detector, FindingIds=ids[n : n + 50])
            found |= {finding["id"]: finding for page in raw for finding in page["findings"]}
        return {id: essence(finding) for id, finding in found.items()}

    def settles(self, wanted: dict, seconds: float = 60):
        """Waits until the findings are these, and says what differs otherwise."""
        try:
            poll(lambda: self.found() == wanted, seconds)
        except AssertionError:
            found = self.found()
            kinds = lambda ids, of: sorted(json.loads(of[id])["type"] for id in ids)  # noqa: E731
            missing = kinds(wanted.keys() - found.keys(), wanted)
            extra = kinds(found.keys() - wanted.keys(), found)
            other = [(found[id], wanted[id]) for id in found.keys() & wanted.keys() if found[id] != wanted[id]][:3]
            log = (self.server.folder / "serve.log").read_text()[-2000:]
            raise AssertionError(f"missing {missing}\nextra {extra}\nother {other}\n{log}") from None


def places(findings: dict) -> set:
    """The accounts and regions of findings."""
    parsed = [json.loads(finding) for finding in findings.values()]
    return {(finding["accountId"], finding["region"]) for finding in parsed}


def deliver(files: list, to: Path, logs: Path):
    """Puts files into a folder as AWS's tools do: whole, under their names."""
    for file in files:
        target = to / file.relative_to(logs)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(file, part)
        part.rename(target)
