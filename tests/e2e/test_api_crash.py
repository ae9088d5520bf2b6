"""Killed while it writes: what was acknowledged is there, nothing is there twice, and the store opens."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import binary
from server import Server

#: Rounds of a test run; the longer proof (make bars) sets 200.
ROUNDS = int(os.environ.get("PICQUET_KILL_ROUNDS", "5"))
WRITERS = 4


@pytest.fixture
def killable(tmp_path, store):
    served = Server(binary(), tmp_path, "--rate-limit", "0", store=store)
    yield served
    served.stop(kill=True)


def write(server, detector, writer, round_, acknowledged, started):
    """Makes filters, tags and findings until the server is gone; keeps the names of those that it confirmed."""
    client = server.client()
    for n in range(10_000):
        name = f"r{round_}-w{writer}-{n}"
        criteria = {"Criterion": {"severity": {"Gte": n % 9 + 1}}}
        try:
            client.create_filter(DetectorId=detector, Name=name, FindingCriteria=criteria, Rank=n % 100 + 1)
            acknowledged.add(name)
            client.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/Portscan", "Policy:IAMUser/RootCredentialUsage"])
            acknowledged.add("samples")
            started.set()
            # From here on it may be there or not, until the deletion is confirmed.
            acknowledged.discard(name)
            client.delete_filter(DetectorId=detector, FilterName=name)
            if n % 3 == writer % 3:
                client.create_filter(DetectorId=detector, Name=name, FindingCriteria=criteria)
                acknowledged.add(name)
                client.update_filter(DetectorId=detector, FilterName=name, Description=name)
                acknowledged.add(("described", name))
        except Exception:  # noqa: BLE001 - the server was killed, or the quota of filters is reached
            if started.is_set() and server.process.poll() is not None:
                return


def everything(client, detector):
    names = [n for page in client.get_paginator("list_filters").paginate(DetectorId=detector) for n in page["FilterNames"]]
    ids = [i for page in client.get_paginator("list_findings").paginate(DetectorId=detector) for i in page["FindingIds"]]
    return names, ids


def test_nothing_that_was_acknowledged_is_lost(killable):
    server = killable
    detector = server.client().create_detector(Enable=True)["DetectorId"]
    for round_ in range(ROUNDS):
        acknowledged, started = set(), threading.Event()
        before = set(everything(server.client(), detector)[0])
        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(write, server, detector, w, round_, acknowledged, started) for w in range(WRITERS)]
            started.wait(30)
            # Some more writes, a different number each time.
            threading.Event().wait(0.01 * (round_ % 13))
            server.stop(kill=True)
            for writer in writers:
                writer.result(60)
        assert server.run("store", "check").returncode == 0
        server.start()
        client = server.client()
        names, ids = everything(client, detector)
        assert len(names) == len(set(names)) and len(ids) == len(set(ids))
        kept = {name for name in acknowledged if isinstance(name, str) and name != "samples"}
        assert kept <= set(names), kept - set(names)
        # At most what each writer was about when it ended was done and not acknowledged.
        assert len(set(names) - kept - before) <= WRITERS
        if "samples" in acknowledged:
            assert len(ids) == 2
        for described in (name[1] for name in acknowledged if isinstance(name, tuple) and name[1] in kept):
            assert client.get_filter(DetectorId=detector, FilterName=described)["Description"] == described
        for name in names:
            client.delete_filter(DetectorId=detector, FilterName=name)
