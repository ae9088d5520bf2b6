"""`picquet serve` watches a folder: what it finds is what one scan of the same objects finds, whatever happens."""

import random
import re
import time
import uuid

import pytest
from watching import Watching, deliver, objects, places, scanned
from world.corpus import Layout


@pytest.fixture(scope="module")
def many(world, tmp_path_factory):
    """The world's logs in many objects, the options that load its lists, and what a scan finds."""
    folder = tmp_path_factory.mktemp("many")
    logs = world.write(folder, Layout(parts=24, seed=7))
    options = world.write_lists(folder / "lists")
    return logs, options, scanned(folder, options, logs)


@pytest.fixture
def place(store) -> str | None:
    """Where the store of one test is: none finds what another one left."""
    return store and re.sub("schema=.*", f"schema=e{uuid.uuid4().hex}", store)


def watching(folder, many, store=None) -> Watching:
    (folder / "logs").mkdir()
    source = f'[[source]]\nname = "logs"\nfolder = "{folder / "logs"}"\nsince = "all"\npoll = "2s"\n'
    return Watching(folder, source, places(many[2]), many[1], store)


def test_objects_in_any_order_are_found_as_a_scan_finds_them(tmp_path, many, place):
    logs, _, wanted = many
    assert len(wanted) > 50
    watch = watching(tmp_path, many, place)
    files = objects(logs)
    try:
        for n in range(0, len(files), 7):
            deliver(files[n : n + 7], tmp_path / "logs", logs.parent)
            time.sleep(0.2)
        watch.settles(wanted)
        # The same objects again, under other names, count once.
        deliver(files[:20], tmp_path / "logs" / "copies", logs.parent)
        time.sleep(3)
        assert watch.found() == wanted
    finally:
        watch.server.stop()


def test_killed_at_any_moment_nothing_is_lost_and_nothing_counts_twice(tmp_path, many, place):
    logs, _, wanted = many
    watch = watching(tmp_path, many, place)
    files, moments = objects(logs, seed=2), random.Random(3)
    try:
        for n in range(0, len(files), 12):
            deliver(files[n : n + 12], tmp_path / "logs", logs.parent)
            time.sleep(moments.random() * 1.5)
            watch.restart(kill=True)
        watch.settles(wanted)
    finally:
        watch.server.stop()


def test_a_file_that_is_no_log_and_one_that_changes_do_no_harm(tmp_path, many):
    logs, _, wanted = many
    watch = watching(tmp_path, many)
    try:
        (tmp_path / "logs" / "notes.txt").write_text("not a log\n")
        files = objects(logs)
        deliver(files, tmp_path / "logs", logs.parent)
        watch.settles(wanted)
        # A log object is read once: what changes later would count twice.
        changed = tmp_path / "logs" / files[0].relative_to(logs.parent)
        changed.write_bytes(files[1].read_bytes() + b"\0")
        time.sleep(4)
        assert watch.found() == wanted
    finally:
        watch.server.stop()
