#!/usr/bin/env python3
"""A console with the findings of the demo's logs: a store in dist/demo, users with passwords, `picquet serve`.

On a terminal it serves until Ctrl-C. Without one it signs in as a person would, asks for the page and the findings,
says what was answered, and ends. Nothing but Python's standard library is needed.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from signing import Signer  # noqa: E402

USER = "demo"
# Findings are kept by the time of their last activity, and the demo's logs are years old.
RETENTION_DAYS = "36500"
# A folder is only removed when it holds this file.
MARK = "made-by-tools-demo"
START_SECONDS = 30


class Failed(Exception):
    """What went wrong, in one line."""


def clean() -> dict:
    """The environment without settings of another store."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PICQUET_")}


class Demo:
    """The store and the server on it."""

    def __init__(self, binary: Path, data: Path):
        self.binary, self.data = binary, data
        self.process = None
        self.host = ""

    def run(self, *words: str, stdin: str = "") -> str:
        words = (str(self.binary), *words, "--data-dir", str(self.data))
        done = subprocess.run(words, input=stdin, capture_output=True, text=True, env=clean(), check=False)
        if done.returncode:
            told = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
            raise Failed(f"picquet {words[1]}: {told[0]}")
        return done.stdout

    def empty(self) -> None:
        if self.data.exists():
            if not (self.data / MARK).exists():
                raise Failed(f"{self.data}: is not a folder that this tool made; remove it or name another")
            shutil.rmtree(self.data)
        self.data.mkdir(parents=True)
        (self.data / MARK).touch()

    def serve(self) -> None:
        """Starts the server on a free port of the loopback address; without TLS, which browsers would warn of."""
        words = [self.binary, "serve", "--listen", "127.0.0.1:0", "--insecure-http", "--data-dir", self.data]
        words += ["--retention-days", RETENTION_DAYS]
        # A session of its own: Ctrl-C reaches this tool, which ends the server.
        self.process = subprocess.Popen(
            words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=clean(), start_new_session=True
        )
        found = threading.Event()
        said: list[str] = []

        def listen():
            for line in self.process.stderr:
                said.append(line.strip())
                del said[:-20]
                if match := re.search(r"listens on http://(127\.0\.0\.1:\d+)", line):
                    self.host = match[1]
                    found.set()
            found.set()

        threading.Thread(target=listen, daemon=True).start()
        if not found.wait(START_SECONDS) or not self.host:
            raise Failed(f"picquet serve does not start: {' / '.join(said[-3:]) or 'it says nothing'}")

    def ask(self, method: str, path: str, body: object = None, headers: dict | None = None) -> tuple[int, str, bytes]:
        text = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection(self.host, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("content-type", ""), answer.read()

    def call(self, key: dict, region: str, method: str, path: str, body: object = None) -> dict:
        text = b"" if body is None else json.dumps(body).encode()
        status, _, answer = self.ask(method, path, body, Signer(key, self.host, region).headers(method, path, body=text))
        if status != 200:
            raise Failed(f"{method} {path} in {region} answers {status}: {answer.decode(errors='replace')[:200]}")
        return json.loads(answer)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()


def places(findings: Path) -> Counter:
    """How many findings there are of each account and region."""
    with findings.open(encoding="utf-8") as lines:
        all_of = [json.loads(line) for line in lines if line.strip()]
    return Counter((one["accountId"], one["region"]) for one in all_of)


def check(demo: Demo, password: str, expected: Counter) -> None:
    """Signs in with name and password, and asks for the page and for every finding of the account."""
    status, kind, page = demo.ask("GET", "/console/")
    if status != 200 or not kind.startswith("text/html"):
        raise Failed(f"/console/ answers {status} ({kind or 'no type'})")
    said = "" if b"/console/assets/" in page else " (this binary has no console in it: Node.js was missing when it was built)"
    status, _, answer = demo.ask("POST", "/session", {"userName": USER, "password": password})
    if status != 200:
        raise Failed(f"POST /session answers {status}: {answer.decode(errors='replace')[:200]}")
    given = json.loads(answer)
    key = {name[0].upper() + name[1:]: given[name] for name in ("accessKeyId", "secretAccessKey", "sessionToken")}
    for region, count in sorted(expected.items()):
        (detector,) = demo.call(key, region, "GET", "/detector")["detectorIds"]
        found = demo.call(key, region, "POST", f"/detector/{detector}/findings", {"maxResults": 50})["findingIds"]
        if len(found) != min(count, 50):
            raise Failed(f"{region} has {len(found)} findings instead of {count}")
    print(f"Checked:  /console/ answers{said}; {USER} signs in; the API has all {sum(expected.values())} findings")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--binary", type=Path, default=ROOT / "target/release/picquet")
    words.add_argument("--logs", type=Path, default=ROOT / "demo/logs")
    words.add_argument("--findings", type=Path, default=ROOT / "dist/findings.ndjson", help="of a scan of the logs")
    words.add_argument("--data-dir", type=Path, default=ROOT / "dist/demo", help="is made anew")
    options = words.parse_args()
    # The server ends with this tool, however that is ended.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    where = places(options.findings)
    if not where:
        raise Failed(f"{options.findings}: holds no findings")
    accounts = Counter()
    for (account, _), count in where.items():
        accounts[account] += count
    first = min(accounts, key=lambda account: (-accounts[account], account))
    users = {account: USER if account == first else f"{USER}-{account}" for account in accounts}
    password = secrets.token_urlsafe(12)
    demo = Demo(options.binary.resolve(), options.data_dir.resolve())
    try:
        demo.empty()
        demo.serve()
        for account, user in users.items():
            made = demo.run("user", "add", user, "--account", account, "--format", "json")
            demo.run("user", "set-password", user, stdin=f"{password}\n")
            for _, region in sorted(place for place in where if place[0] == account):
                demo.call(json.loads(made)["AccessKey"], region, "POST", "/detector", {"enable": True})
        demo.run("scan", str(options.logs), "--quiet", "--format", "ndjson")
        print(f"Console:  http://{demo.host}/console/")
        print(f"User:     {USER}   Password: {password}")
        print(f"          of account {first}, which has {accounts[first]} of the {sum(accounts.values())} findings")
        if others := [users[account] for account in sorted(accounts) if account != first]:
            print(f"          Other accounts, same password: {', '.join(others)}")
        if not sys.stdout.isatty():
            check(demo, password, Counter({region: n for (account, region), n in where.items() if account == first}))
            return
        print("It is served until Ctrl-C.", flush=True)
        demo.process.wait()
        raise Failed("picquet serve has ended by itself")
    finally:
        demo.stop()


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError, ValueError) as fault:
        sys.exit(f"error: {fault}")
    except KeyboardInterrupt:
        print()
