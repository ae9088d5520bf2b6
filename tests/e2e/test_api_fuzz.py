"""Requests made from the service model: what it forbids is refused, what it allows is not, and nothing breaks."""

import os
import re
import subprocess
import sys

from conftest import ROOT, binary

REQUESTS = 2000


def test_requests_made_from_the_model():
    words = [sys.executable, ROOT / "tools/fuzz-api.py", "--seed", "20171128", "--requests", str(REQUESTS)]
    env = {**os.environ, "PICQUET_BIN": str(binary())}
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, env=env, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    statuses = {status: int(n) for status, n in re.findall(r"^(\d{3})  (\d+)$", done.stdout, re.MULTILINE)}
    assert sum(statuses.values()) == REQUESTS
    assert statuses["200"] > REQUESTS / 10, "hardly a request reaches a handler"
