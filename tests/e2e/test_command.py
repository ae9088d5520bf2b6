"""The command line: exit codes, files, filters and the small commands."""

import fcntl
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from test_types import ACTIVE, RETIRED

#: A log whose findings fit into a pipe.
LITTLE = Path(__file__).parents[2] / "demo/logs/recorded/aws.defense-evasion.cloudtrail-event-selectors.json.gz"


def test_exit_codes(picquet, logs, lists, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.toml").write_text("[no_such_section]\n")
    (tmp_path / "bad-list.txt").write_text("neither address nor name\n")
    for words, code in [
        ((logs, *lists), 0),
        ((logs, *lists, "--fail-on", "high"), 10),
        ((logs, *lists, "--fail-on", "high", "--only", "Policy:IAMUser/RootCredentialUsage"), 0),
        ((logs, "--no-such-flag"), 2),
        ((logs, "--severity"), 2),
        ((logs, "--threads", "0"), 2),
        ((logs, "--since", "yesterday"), 2),
        ((logs, "--feed", "nonsense=x"), 2),
        ((logs, "--config", "bad.toml"), 3),
        ((logs, "--config", "not-there.toml"), 3),
        ((logs, "--threat-list", "not-there.txt"), 3),
        ((logs, "--threat-list", "bad-list.txt"), 3),
        ((logs, "--only", "Nothing:Like/This"), 3),
        (("empty",), 4),
        (("not-there",), 4),
        ((), 4),
    ]:
        result = picquet("scan", *words, "--format", "ndjson")
        assert result.code == code, (words, result.code, result.err)
        if code not in (0, 10):
            assert result.out == b"" and re.search("^(error:|Usage)", result.err, re.MULTILINE), result.err
    assert picquet().code == 2


def test_a_closed_pipe_is_no_error(picquet, logs, lists):
    words = [picquet.bin, "scan", logs, *lists, "--format", "ndjson", "--quiet"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=picquet.env)
    first = process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read().decode()
    assert json.loads(first)["type"] and process.wait(60) == 0 and error == ""


@pytest.mark.parametrize("words", [["explain", "*"], ["completions", "bash"], ["man"], ["lists", "table"]])
def test_a_closed_pipe_is_no_error_for_small_commands(picquet, words):
    process = subprocess.Popen([picquet.bin, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.wait(60) == 0 and "panicked" not in process.stderr.read().decode()


def test_output_files(picquet, logs, lists, tmp_path):
    names = ["a.json", "a.ndjson", "a.csv", "a.html", "a.txt", "a.asff.json", "a.ocsf.json"]
    outputs = [word for name in names for word in ("--output", name)]
    assert picquet("scan", logs, *lists, *outputs, "--quiet").code == 0
    for name in names:
        assert (tmp_path / name).stat().st_size > 1000, name
    before = (tmp_path / "a.json").read_bytes()
    assert len((tmp_path / "a.ndjson").read_text().splitlines()) > 50
    refused = picquet("scan", logs, *lists, "--output", "a.json")
    assert refused.code == 3 and "--force" in refused.err
    assert picquet("scan", logs, *lists, "--output", "a.json", "--force", "--quiet").code == 0
    assert (tmp_path / "a.json").read_bytes() == before
    assert picquet("scan", logs, "--output", "no/folder/a.json").code == 3
    # What is no file is written into, and stays what it is; so does a link.
    (tmp_path / "link.json").symlink_to(tmp_path / "a.json")
    os.mkfifo(tmp_path / "pipe.json")
    end = os.open(tmp_path / "pipe.json", os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 1 << 20)
    assert picquet("scan", LITTLE, "--output", "pipe.json", "--output", "link.json", "--force", "--quiet").code == 0
    assert os.read(end, 1 << 20) == (tmp_path / "a.json").read_bytes()
    os.close(end)
    assert (tmp_path / "pipe.json").is_fifo() and (tmp_path / "link.json").is_symlink()
    assert picquet("scan", logs, "--output", "a.nonsense").code == 3


def test_a_pipe_gets_ndjson_without_colour(picquet, logs, lists):
    result = picquet("scan", logs, *lists, "--quiet")
    assert result.out == picquet.scan(logs, *lists).out and b"\x1b" not in result.out
    assert "\x1b" not in picquet("scan", logs, *lists).err


def test_since_and_until(picquet, logs, lists):
    everything = picquet.scan(logs, *lists).findings
    assert {f["service"]["eventFirstSeen"][:10] for f in everything} == {"2026-05-02"}
    assert picquet.scan(logs, *lists, "--until", "2026-05-01").findings == []
    assert picquet.scan(logs, *lists, "--since", "2026-05-03").findings == []
    assert len(picquet.scan(logs, *lists, "--since", "2026-05-02", "--until", "2026-05-02").findings) == len(everything)
    late = picquet.scan(logs, *lists, "--since", "2026-05-02T03:30:00Z").findings
    assert 0 < len(late) < len(everything)
    assert all(f["service"]["eventFirstSeen"] >= "2026-05-02T03:30:00" for f in late)


def test_filters(picquet, logs, lists):
    everything = picquet.scan(logs, *lists).findings
    only = picquet.scan(logs, *lists, "--only", "UnauthorizedAccess:EC2/*").types()
    assert only == {t for t in ACTIVE | RETIRED if t.startswith("UnauthorizedAccess:EC2/")}
    high = picquet.scan(logs, *lists, "--min-severity", "high").findings
    assert high == [f for f in everything if f["severity"] >= 7]
    account = picquet.scan(logs, *lists, "--account", "444455556666").findings
    assert account == [f for f in everything if f["accountId"] == "444455556666"] and account
    region = picquet.scan(logs, *lists, "--region", "eu-west-1").findings
    assert region == [f for f in everything if f["region"] == "eu-west-1"] and region


def test_findings_are_in_order_of_time(picquet, logs, lists):
    times = [f["service"]["eventFirstSeen"] for f in picquet.scan(logs, *lists).findings]
    assert times == sorted(times)


def test_the_summary_counts_what_was_read(picquet, logs, lists, world):
    error = picquet("scan", logs, *lists).err
    queries = f"{len(world.queries):,}"
    assert re.search(rf"{queries}\s+Resolver DNS queries", error), error


def test_baseline_is_saved_and_loaded(picquet, logs, lists, tmp_path):
    first = picquet.scan(logs, *lists, "--baseline", "b")
    saved = (tmp_path / "b").read_bytes()
    assert saved
    # The policy of the baseline is known already when the logs that taught it are read again: no change is seen.
    again = picquet.scan(logs, *lists, "--baseline", "b")
    kept = [f for f in first.findings if f["type"] != "Stealth:IAMUser/PasswordPolicyChange"]
    assert [f for f in again.findings if f["type"] != "Stealth:IAMUser/PasswordPolicyChange"] == kept
    assert (tmp_path / "b").read_bytes() == saved


def test_hours_with_more_contacts_than_are_kept_are_told(picquet, tmp_path):
    def scan(count):
        lines = [
            f"2 111122223333 eni-0a1b2c3d4e5f60718 10.0.1.5 198.51.{n >> 8}.{n & 255} 40000 443 6 9 900 1714564800 1714564860 ACCEPT OK"
            for n in range(count)
        ]
        (tmp_path / "flow.log").write_text("\n".join(lines) + "\n")
        return picquet("scan", "flow.log").err

    assert "1 hours of interfaces had more than 8192 contacts" in scan(8193)
    assert "contacts" not in scan(8192)


def test_lists_check(picquet, tmp_path):
    (tmp_path / "good.txt").write_text("203.0.113.9\n198.51.100.0/24\nbad.example.net\n")
    good = picquet("lists", "check", "good.txt")
    assert good.code == 0 and b"3 entries" in good.out
    (tmp_path / "some.txt").write_text("45.95.1.1\nnot an entry at all\n")
    some = picquet("lists", "check", "some.txt", "--category", "c2")
    assert some.code == 0 and b"line 2" in some.out, some.out
    (tmp_path / "none.txt").write_text("%%%\n")
    assert picquet("lists", "check", "none.txt").code == 4
    assert picquet("lists", "check", "not-there.txt").code == 4
    assert b"c2" in picquet("lists", "show").out and b"| c2 |" in picquet("lists", "table").out


@pytest.mark.parametrize("name", sorted(ACTIVE | RETIRED))
def test_every_type_is_explained(picquet, name):
    result = picquet("explain", name)
    assert result.code == 0 and len(result.out) > 300 and name.encode() in result.out


def test_explain_knows_findings_and_names(picquet, logs, lists, tmp_path):
    assert picquet("explain", "Nonsense:EC2/Thing").code != 0
    finding = picquet.scan(logs, *lists, "--output", "f.ndjson").findings[0]
    told = picquet("explain", finding["id"], "--findings", "f.ndjson")
    assert told.code == 0 and finding["type"] in told.out.decode()
    why = picquet("explain", "--why-not", "Policy:IAMUser/RootCredentialUsage", "--entity", "user1", logs, *lists)
    assert why.code == 0 and why.out


def test_config(picquet, tmp_path):
    shown = picquet("config", "show")
    assert shown.code == 0
    (tmp_path / "all.toml").write_bytes(shown.out)
    assert picquet("config", "check", "all.toml").code == 0
    assert picquet("config", "show", "--config", "all.toml").code == 0
    (tmp_path / "bad.toml").write_text("[ssh_brute_force]\nattempts_per_hour = 'many'\n")
    bad = picquet("config", "check", "bad.toml")
    assert bad.code == 3 and "attempts_per_hour" in bad.err


def test_a_threshold_from_the_settings_is_used(picquet, logs, tmp_path):
    (tmp_path / "c.toml").write_text("[ssh_brute_force]\nattempts_per_hour = 100000\nattempts_per_day = 100000\n"
                                     "private_attempts_per_hour = 100000\nprivate_attempts_per_day = 100000\n")
    assert "UnauthorizedAccess:EC2/SSHBruteForce" in picquet.scan(logs).types()
    assert "UnauthorizedAccess:EC2/SSHBruteForce" not in picquet.scan(logs, "--config", "c.toml").types()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell", "elvish"])
def test_completions(picquet, shell):
    result = picquet("completions", shell)
    assert result.code == 0 and b"picquet" in result.out


def test_manual_pages_and_help(picquet):
    assert b".TH" in picquet("man").out and b"max" in picquet("man", "scan").out
    assert picquet("--version").out.startswith(b"picquet ")
    help_text = picquet("scan", "--help").out.decode()
    assert "Exit status" in help_text and "--threat-list" in help_text
