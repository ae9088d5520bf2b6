"""The end of `make run`: a console with the findings of the bundled logs."""

import subprocess
import sys
from pathlib import Path

from conftest import binary

ROOT = Path(__file__).resolve().parents[2]


def demo(tmp_path, *words):
    words = [sys.executable, ROOT / "tools/demo.py", "--binary", binary(), "--data-dir", tmp_path / "demo", *words]
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=120, check=False)


def test_it_checks_itself_and_ends_without_a_terminal(tmp_path):
    findings = tmp_path / "findings.ndjson"
    words = [binary(), "scan", ROOT / "demo/logs", "--quiet", "--output", findings]
    subprocess.run([*map(str, words)], check=True, capture_output=True, timeout=120)
    for _ in range(2):
        done = demo(tmp_path, "--findings", findings)
        assert done.returncode == 0, done.stderr
        assert "of account 111122223333, which has 17 of the 19 findings" in done.stdout
        assert "demo signs in; the API has all 17 findings" in done.stdout


def test_it_removes_no_folder_that_it_did_not_make(tmp_path):
    findings = tmp_path / "findings.ndjson"
    findings.write_text('{"accountId":"111122223333","region":"eu-west-1"}\n')
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "kept").touch()
    done = demo(tmp_path, "--findings", findings)
    assert done.returncode == 1
    assert "not a folder that this tool made" in done.stderr
    assert (tmp_path / "demo" / "kept").exists()
