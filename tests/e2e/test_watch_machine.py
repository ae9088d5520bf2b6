"""Continuous detection on a machine whose disk is full for a while, or whose clock jumps: each fault by itself.

`test_watch_chaos.py` has them together with all the others.
"""

import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from machine import Clock, Disk, Missing
from server import ACCOUNT, REGION, poll
from watching import Watching, deliver, objects, places, scanned


class Hook:
    """A webhook that remembers what it took; `on_first` is called once, before the first answer."""

    def __init__(self, on_first=lambda: None):
        self.got, self.refused, self.takes, hook, first = [], 0, True, self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if not hook.takes:
                    hook.refused += 1
                    self.send_response(503)
                    return self.end_headers()
                hook.got.append(body)
                if first.acquire(blocking=False):
                    on_first()
                self.send_response(200)
                return self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


def config(folder, hook) -> str:
    return (
        f'[[source]]\nname = "logs"\nfolder = "{folder / "logs"}"\nsince = "all"\npoll = "2s"\n'
        f'[[publish]]\nname = "hook"\nto = "webhook"\nurl = "{hook.url}"\n'
    )


def log(watch) -> str:
    return (watch.server.folder / "serve.log").read_text()


def full(watch) -> list:
    """Lines that say that there is no room."""
    return [line for line in log(watch).splitlines() if " full" in line or "No space" in line]


@pytest.fixture
def disk(tmp_path):
    try:
        made = Disk(tmp_path / "data", 96)
    except Missing as e:
        pytest.skip(str(e))
    yield made
    made.gone()


def test_a_full_disk_is_said_once_and_loses_and_doubles_nothing(tmp_path, world, disk):
    logs = world.write(tmp_path / "world")
    options = world.write_lists(tmp_path / "lists")
    wanted = scanned(tmp_path, options, logs)
    (tmp_path / "logs").mkdir()
    # The second time it is full between a delivery and the writing down of it.
    hook = Hook(on_first=disk.fill)
    watch = Watching(tmp_path, config(tmp_path, hook), places(wanted), options, **disk.env)
    try:
        disk.fill()
        deliver(objects(logs), tmp_path / "logs", logs.parent)
        poll(lambda: full(watch), 20)
        time.sleep(3)
        # It answers, also a call that cannot be written to the audit log.
        assert watch.server.raw("GET", "/healthz")[0] == 200
        assert watch.api(ACCOUNT, REGION).list_detectors()["DetectorIds"]
        assert not hook.got
        told = full(watch)
        assert len([line for line in told if "facts" in line]) == 1 and len(told) < 6, told
        disk.free()
        poll(lambda: hook.got)
        time.sleep(3)
        disk.free()
        watch.settles(wanted)
        poll(lambda: {event["detail"]["id"] for event in hook.got} >= wanted.keys())
        ids = [event["id"] for event in hook.got]
        assert len(ids) == len(set(ids)) and "panicked" not in log(watch)
        # The cause is named, whichever step met it.
        assert "internal error" not in log(watch), log(watch)
        for file in (disk.folder / "audit").iterdir():
            assert all(json.loads(line)["eventName"] for line in file.read_text().splitlines())
        # On a full disk it starts, or says in a line why not; after that nothing is missing.
        watch.server.stop()
        disk.fill()
        words = [watch.server.binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", disk.folder, "--insecure-http"]
        begun = subprocess.Popen([*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(2)
        begun.terminate()
        said = begun.communicate(timeout=20)[0]
        assert begun.returncode == 0 or "full" in said or "No space" in said, said
        assert "panicked" not in said
        disk.free()
        watch.server.start(**watch.env)
        assert watch.found() == wanted
    finally:
        watch.server.stop()


def test_a_clock_that_is_set_back_does_not_hold_back_what_is_to_be_published(tmp_path, world):
    try:
        clock = Clock(tmp_path)
    except Missing as e:
        pytest.skip(str(e))
    logs = world.write(tmp_path / "world")
    options = world.write_lists(tmp_path / "lists")
    wanted = scanned(tmp_path, options, logs)
    (tmp_path / "logs").mkdir()
    hook = Hook()
    watch = Watching(tmp_path, config(tmp_path, hook), places(wanted), options, **clock.env)
    try:
        # Nothing is taken while the clock is ten hours ahead: tries are put off until then.
        hook.takes = False
        clock.jump(10 * 3600)
        deliver(objects(logs), tmp_path / "logs", logs.parent)
        # Of findings that are sent together the first refusal is that of all.
        poll(lambda: hook.refused)
        time.sleep(3)
        hook.takes = True
        clock.jump(-2 * 3600)
        poll(lambda: {event["detail"]["id"] for event in hook.got} >= wanted.keys())
        clock.jump(0)
        watch.settles(wanted)
        ids = [event["id"] for event in hook.got]
        assert len(ids) == len(set(ids)) and "panicked" not in log(watch)
    finally:
        watch.server.stop()
