"""Kills, faults of the way, messages twice, objects that are cut or gone, a full disk, a clock that jumps: the findings
are those of one scan of what was read, and each was published.

A few rounds here; PICQUET_CHAOS_ROUNDS=100 is what `make bars` runs. Clocks jump by less than a day, forward and back:
what is folded after two days, kept for ninety, or asked of the API meanwhile is not in it.
"""

import json
import os
import random
import sqlite3
import time

import pytest
from faults import Faults
from machine import Clock, Disk, Missing
from server import poll
from test_watch_aws import CREDENTIALS, Cloud
from watching import Watching, objects, places, scanned
from world.corpus import Layout

ROUNDS = int(os.environ.get("PICQUET_CHAOS_ROUNDS", "6"))


@pytest.fixture
def cloud(tmp_path):
    made = Cloud(tmp_path)
    yield made
    made.process.kill()


@pytest.fixture
def disk(tmp_path):
    """The file system of the data, or why there is none."""
    try:
        made = Disk(tmp_path / "data", 96)
    except Missing as e:
        yield str(e)
        return
    yield made
    made.gone()


@pytest.fixture
def clock(tmp_path):
    try:
        return Clock(tmp_path)
    except Missing as e:
        return str(e)


class Machine:
    """The disk and the clock in rounds of chaos; what is not there does nothing, and says so."""

    def __init__(self, disk, clock, seed: int):
        self.chance, self.filled, self.jumped = random.Random(seed), 0, 0
        self.disk, self.clock = (None if isinstance(part, str) else part for part in (disk, clock))
        self.without = [part for part in (disk, clock) if isinstance(part, str)]
        self.env = {k: v for part in (self.disk, self.clock) if part for k, v in part.env.items()}

    def begins(self):
        """A round begins."""
        self.jump(0.4)
        if self.disk and self.chance.random() < 0.25:
            self.disk.fill()
            self.filled += 1

    def lasts(self):
        """Objects have arrived; after this there is room again."""
        self.jump(0.3)
        if self.disk and self.disk.ballast.exists():
            time.sleep(1 + self.chance.random())
            self.disk.free()

    def jump(self, share: float):
        if self.clock and self.chance.random() < share:
            self.clock.jump(self.chance.randint(-20 * 3600, 20 * 3600))
            self.jumped += 1

    def heals(self):
        if self.clock:
            self.clock.jump(0)


def ledger(watch) -> dict:
    """What became of each object; of several versions, of the one that was read."""
    store = sqlite3.connect(f"file:{watch.server.data / 'picquet.db'}?mode=ro", uri=True)
    rows = store.execute("SELECT object, state FROM ledger").fetchall()
    store.close()
    rows.sort(key=lambda row: row[1] in ("done", "twice"))
    return dict(rows)


def log(watch) -> str:
    """What the server said since its start."""
    return (watch.server.folder / "serve.log").read_text()


def test_whatever_happens_the_findings_are_those_of_one_scan(tmp_path, world, cloud, disk, clock):
    logs = world.write(tmp_path / "world", Layout(parts=max(8, ROUNDS // 2), seed=11))
    options = world.write_lists(tmp_path / "lists")
    files = objects(logs, seed=5)
    way = Faults(int(cloud.url.rsplit(":", 1)[1]), seed=6)
    config = cloud.config().replace(cloud.url, f"http://127.0.0.1:{way.port}").replace('poll = "1h"', 'poll = "3s"')
    machine = Machine(disk, clock, seed=9)
    watch = Watching(tmp_path, config, places(scanned(tmp_path, options, logs)), options, **CREDENTIALS, **machine.env)
    chance = random.Random(8)
    put, gone, cut, said = {}, set(), set(), []
    try:
        step = -(-len(files) // ROUNDS)
        for n in range(ROUNDS):
            way.share = 0.15
            machine.begins()
            for file in files[n * step : (n + 1) * step]:
                key, body = str(file.relative_to(logs.parent)), file.read_bytes()
                # Some objects are cut off where they end, as a writer that failed leaves them.
                if chance.random() < 0.08:
                    body = body[: len(body) * 2 // 3]
                    cut.add(key)
                cloud.s3.put_object(Bucket="logs", Key=key, Body=body)
                put[key] = body
                # Some are gone before, or while, they are read.
                if chance.random() < 0.05:
                    cloud.s3.delete_object(Bucket="logs", Key=key)
                    gone.add(key)
                # A queue delivers at least once.
                if chance.random() < 0.3:
                    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "logs"},
                              "object": {"key": key, "size": len(body), "eTag": "copy"}}}  # fmt: skip
                    if chance.random() < 0.5:
                        head = cloud.s3.list_objects_v2(Bucket="logs", Prefix=key).get("Contents", [])
                        record["s3"]["object"]["eTag"] = head[0]["ETag"].strip('"') if head else "copy"
                    cloud.sqs.send_message(QueueUrl=cloud.queue, MessageBody=json.dumps({"Records": [record]}))
            time.sleep(chance.random() * 1.2)
            machine.lasts()
            # Killed in the middle of it, most times.
            if chance.random() < 0.8:
                watch.server.stop(kill=True)
                said.append(log(watch))
                watch.server.start(**watch.env)
        way.share = 0.0
        machine.heals()
        poll(lambda: all(ledger(watch).get(key) in ("done", "twice", "gone", "passed over") for key in put), 120)
        told = ledger(watch)
        read = tmp_path / "read"
        for key, body in put.items():
            if told[key] in ("done", "twice"):
                (read / key).parent.mkdir(parents=True, exist_ok=True)
                (read / key).write_bytes(body)
        # What was gone before it was read is listed as such.
        assert {key for key, state in told.items() if state == "gone"} <= gone
        wanted = scanned(tmp_path, options, read)
        assert len(wanted) > 30 and cut and gone
        watch.settles(wanted, 120)
        events = []

        def all_there():
            events.extend(cloud.published())
            return {event["detail"]["id"] for _, event in events} >= wanted.keys()

        poll(all_there, 120)
        # Each edition has one id, however often it was sent.
        by_id = {}
        for _, event in events:
            by_id.setdefault(event["detail"]["service"]["additionalInfo"]["eventId"], set()).add(event["detail"]["id"])
        assert all(len(findings) == 1 for findings in by_id.values())
        said.append(log(watch))
        assert not [text for text in said if "panicked" in text]
        told_full = sum(" full" in line for text in said for line in text.splitlines())
        print(*machine.without, sep="\n")
        print(f"{ROUNDS} rounds, {len(put)} objects, {len(gone)} deleted, {len(cut)} cut; faults {way.counts}; "
              f"disk full {machine.filled} times, said {told_full} times; clock jumped {machine.jumped} times; "
              f"{len(wanted)} findings, {len(events)} events, {len(by_id)} editions")  # fmt: skip
    finally:
        way.stop()
        watch.server.stop()
