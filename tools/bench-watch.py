#!/usr/bin/env python3
"""Replays a day of many accounts' logs through a bucket and its queue, and watches `picquet serve` keep up.

    tools/bench-watch.py LOGS --bin target/release/picquet [--minutes 15] [--out FOLDER]

LOGS is in AWS's layout (genlogs.py writes it). Objects are put in the order of their times, spread evenly over the
minutes, into moto's S3, which tells its SQS. Prints, and draws as FOLDER/watch.svg, how many objects wait to be read, how
many accounts wait to be judged and how much memory the process has; exits with 1 when a message was lost, objects were set
aside, the backlog did not stay bounded, memory grew by more than a fifth, or the findings that were published in the end
are not those of one scan of all objects.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from server import Server  # noqa: E402
from test_watch_aws import CREDENTIALS, Cloud  # noqa: E402
from test_watch_operation import free_port  # noqa: E402

#: Objects that may wait at any time, as minutes of what comes.
BACKLOG_MINUTES = 2
#: How much the median memory of the last quarter may be above that of the second.
GROWTH = 1.2
#: Seconds that publishing may take after all was read.
SETTLES = 600


def when(path: Path) -> str:
    """The time in an object's name, whatever else is in it."""
    found = re.search(r"_(\d{8}T\d{4}Z)", path.name) or re.search(r"/(\d{4}/\d\d/\d\d)/", path.as_posix())
    return found[1] if found else ""


def detectors(server: Server, logs: Path) -> int:
    """A detector in every account and region that has logs."""
    places = set()
    for path in logs.rglob("*"):
        parts = path.parts
        if path.is_file() and "AWSLogs" in parts:
            accounts = [part for part in parts if re.fullmatch(r"\d{12}", part)]
            regions = [part for part in parts if re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", part)]
            region = regions[0] if regions else (re.search(r"_([a-z]{2}-[a-z]+-\d)_", path.name) or [None, None])[1]
            if accounts and region:
                places.add((accounts[0], region))
    for account in sorted({account for account, _ in places}):
        server.add(f"of-{account}", account)
    for account, region in sorted(places):
        server.client(user=f"of-{account}", region=region).create_detector(Enable=True)
    return len(places)


class Putter:
    """Puts objects at their moments, over connections that stay open."""

    def __init__(self, url: str, logs: Path, files: list, seconds: float):
        self.host = url.removeprefix("http://")
        self.logs, self.files, self.seconds = logs, files, seconds
        #: One for each, since appending is whole among threads.
        self.keys, self.late = [], 0.0
        self.local = threading.local()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def one(self, file: Path):
        key = quote(str(file.relative_to(self.logs)))
        for _ in range(3):
            try:
                connection = getattr(self.local, "connection", None) or http.client.HTTPConnection(self.host, timeout=60)
                self.local.connection = connection
                # Signed for nobody: moto does not look.
                headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request"}
                connection.request("PUT", f"/logs/{key}", file.read_bytes(), headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.keys.append(key)
                    return
            except OSError:
                self.local.connection = None
        raise SystemExit(f"{key} cannot be put")

    @property
    def put(self) -> int:
        return len(self.keys)

    def run(self):
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = []
            for n, file in enumerate(self.files):
                due = began + self.seconds * n / len(self.files)
                time.sleep(max(0, due - time.monotonic()))
                self.late = max(self.late, time.monotonic() - due)
                jobs.append(pool.submit(self.one, file))
            for job in jobs:
                job.result()


def scanned(binary: Path, logs: Path) -> set:
    """The ids of what one scan finds."""
    words = [binary, "scan", logs / "AWSLogs", "--format", "ndjson", "--quiet"]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=True)
    return {json.loads(line)["id"] for line in done.stdout.splitlines()}


def memory(pid: int) -> float:
    """Resident memory in MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def states(data: Path) -> dict:
    store = sqlite3.connect(f"file:{data / 'picquet.db'}?mode=ro", uri=True, timeout=30)
    try:
        return dict(store.execute("SELECT state, COUNT(*) FROM ledger GROUP BY state"))
    finally:
        store.close()


def draw(samples: list, to: Path):
    """Three curves over time, each in its own band."""
    width, band = 900, 160
    names = ("objects that wait", "accounts that wait to be judged", "resident memory, MiB")
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{band * 3}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>']  # fmt: skip
    end = samples[-1][0] or 1
    for n, name in enumerate(names):
        top, most = band * n + 24, max(sample[n + 1] for sample in samples) or 1
        points = " ".join(f"{60 + (width - 80) * s[0] / end:.1f},{top + (band - 44) * (1 - s[n + 1] / most):.1f}" for s in samples)
        lines.append(f'<text x="60" y="{top - 8}">{name}; the most is {most:,.0f}; {end / 60:.1f} minutes</text>')
        lines.append(f'<polyline fill="none" stroke="#0972d3" stroke-width="1.5" points="{points}"/>')
    to.write_text("\n".join([*lines, "</svg>"]))


def median(values: list) -> float:
    return sorted(values)[len(values) // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "bench")
    args = parser.parse_args()
    files = sorted((p for p in args.logs.rglob("*") if p.is_file() and "AWSLogs" in p.parts), key=lambda p: (when(p), str(p)))
    size = sum(file.stat().st_size for file in files)
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="picquet-watch-") as temporary:
        folder = Path(temporary)
        cloud = Cloud(folder)
        config = folder / "picquet.toml"
        config.write_text(cloud.config().replace('poll = "1h"', 'poll = "1d"'))
        metrics = free_port()
        options = ["--config", config, "--rate-limit", "0", "--metrics", f"127.0.0.1:{metrics}"]
        server = Server(args.bin.resolve(), folder, *map(str, options), env={**os.environ, **CREDENTIALS})
        try:
            made = detectors(server, args.logs)
            print(f"{len(files)} objects, {size / 1e6:.0f} MB, {made} detectors; put over {args.minutes:g} minutes", flush=True)
            putter = Putter(cloud.url, args.logs, files, args.minutes * 60)
            began = time.monotonic()
            putter.thread.start()
            samples, told = [], {}
            while True:
                time.sleep(5)
                told = states(server.data)
                done = sum(n for state, n in told.items() if state in ("done", "twice", "passed over"))
                status = json.loads(server.run("status", "--format", "json").stdout)
                waits = sum(1 for account in status["accounts"] if account["waiting"])
                samples.append((time.monotonic() - began, putter.put - done, waits, memory(server.process.pid)))
                if len(samples) % 12 == 0:
                    print(f"{samples[-1][0] / 60:5.1f} min: {putter.put} put, {samples[-1][1]} wait, {waits} accounts to judge, "
                          f"{samples[-1][3]:.0f} MiB", flush=True)  # fmt: skip
                over = not putter.thread.is_alive() and done >= putter.put and waits == 0
                if over or samples[-1][0] > args.minutes * 60 + 1800:
                    break
            took = time.monotonic() - began
            counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            left = cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue, AttributeNames=counts)["Attributes"]
            wanted = scanned(args.bin, args.logs)
            events, patience = set(), time.monotonic() + SETTLES
            while not events >= wanted and time.monotonic() < patience:
                # Hours that are over are judged as a whole when nothing came of old hours for a minute.
                events |= {event["detail"]["id"] for _, event in cloud.published()}
                time.sleep(2)
            settled = time.monotonic() - began
        finally:
            server.stop()
            cloud.process.kill()
        draw(samples, args.out / "watch.svg")
    during = [s for s in samples if s[0] <= args.minutes * 60]
    most = max(s[1] for s in samples)
    quarter = len(during) // 4
    before, after = median([s[3] for s in during[quarter : 2 * quarter]]), median([s[3] for s in during[3 * quarter :]])
    lost = len(files) - sum(n for state, n in told.items() if state in ("done", "twice", "passed over"))
    print(f"{took / 60:.1f} minutes until all was read; states {told}; messages left {left}; {len(events)} findings "
          f"published after {settled / 60:.1f} minutes, {len(wanted)} in one scan")
    print(f"at most {most} objects waited ({most / (len(files) / args.minutes):.1f} minutes of what comes), putting was late by "
          f"{putter.late:.1f} s at most; memory at most {max(s[3] for s in samples):.0f} MiB, {before:.0f} MiB in the second "
          f"quarter, {after:.0f} in the last; {args.out / 'watch.svg'}")  # fmt: skip
    bounded = most <= BACKLOG_MINUTES * len(files) / args.minutes
    ok = lost == 0 and events == wanted and set(left.values()) == {"0"} and bounded and after <= before * GROWTH
    print("ok" if ok else f"MISSED: {lost} objects not read, {len(wanted - events)} findings missing, {len(events - wanted)} extra, backlog {'bounded' if bounded else 'not bounded'}")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
