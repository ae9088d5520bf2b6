"""Input that is odd, damaged or hostile: it changes counters, never the run."""

import gzip
import io
import json
import os
import re
import subprocess
import zlib

import pytest
import zstandard
from world.cloudtrail import Trail, text
from world.places import DAY

STOPPED = "Stealth:IAMUser/CloudTrailLoggingDisabled"


def stop_logging(n=1):
    trail = Trail()
    for i in range(n):
        trail.call(DAY + i, trail.user(f"u{i}"), "cloudtrail", "StopLogging", request={"name": f"t{i}"})
    return next(iter(trail.events.values()))


@pytest.fixture
def one():
    """An object that raises one finding."""
    return text(stop_logging())


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_compression_is_told_by_content(picquet, one, tmp_path, pack):
    (tmp_path / "any-name").write_bytes(pack(one))
    assert picquet.scan("any-name").types() == {STOPPED}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_standard_input(picquet, one, pack):
    assert picquet.scan("-", stdin=pack(one)).types() == {STOPPED}


def test_other_forms_of_cloudtrail(picquet, tmp_path):
    event = stop_logging()[0]
    wrapped = {"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.cloudtrail", "detail": event}
    for n, body in enumerate([json.dumps(event), json.dumps(event) + "\n" + json.dumps(event) + "\n", json.dumps(wrapped)]):
        (tmp_path / f"{n}.json").write_text(body)
        assert picquet.scan(f"{n}.json").types() == {STOPPED}, body[:80]


def test_hidden_and_digest_files_are_passed_over_and_counted(picquet, one, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.json").write_bytes(one)
    (tmp_path / "in/.hidden.json").write_bytes(text(stop_logging(3)))
    digest = tmp_path / "in/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/05/01"
    digest.mkdir(parents=True)
    (digest / "111122223333_CloudTrail-Digest_us-east-1_x_20260501T000000Z.json.gz").write_bytes(gzip.compress(b"{}"))
    result = picquet("scan", "in", "--format", "ndjson")
    assert result.code == 0 and len(result.findings) == 1
    assert "hidden file" in result.err and "digest" in result.err


def test_an_unknown_file_is_told_and_does_no_harm(picquet, one, tmp_path):
    (tmp_path / "a.json").write_bytes(one)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 64)
    result = picquet("scan", "a.json", "photo.jpg", "--format", "ndjson")
    assert result.code == 0 and result.types() == {STOPPED}
    assert "not a log" in result.err
    alone = picquet("scan", "photo.jpg")
    assert alone.code == 4 and alone.err.count("error:") == 1


def test_an_unknown_file_is_named_when_asked(picquet, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 64)
    assert "photo.jpg" in picquet("scan", "photo.jpg", "-v").err


def test_an_unreadable_file_is_told(picquet, one, tmp_path):
    (tmp_path / "a.json").write_bytes(one)
    result = picquet("scan", "a.json", "not-there.json", "--format", "ndjson")
    assert result.code == 0 and result.types() == {STOPPED} and "not-there.json" in result.err
    assert picquet("scan", "a.json", "not-there.json", "--strict").code == 5
    assert picquet("scan", "not-there.json").code == 4
    if os.geteuid() != 0:
        (tmp_path / "a.json").chmod(0)
        assert picquet("scan", "a.json").code == 4


@pytest.mark.parametrize("cut", [0.5, 0.95])
def test_a_truncated_gzip_yields_what_it_held(picquet, tmp_path, cut):
    packed = gzip.compress(b"\n".join(json.dumps(e).encode() for e in stop_logging(400)))
    (tmp_path / "cut.json.gz").write_bytes(packed[: int(len(packed) * cut)])
    result = picquet("scan", "cut.json.gz", "--format", "ndjson")
    assert result.code == 0 and 0 < len(result.findings) < 400
    assert picquet("scan", "cut.json.gz", "--strict").code == 5


def test_garbage_behind_a_gzip_loses_nothing(picquet, one, tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(one) + b"\0" * 512)
    assert STOPPED in picquet("scan", "a.gz", "--format", "ndjson").types()


@pytest.mark.parametrize("filler", [b" ", b"\n", b"[", b'{"eventVersion":"1.09"}\n'], ids=["space", "line", "open", "record"])
def test_a_bomb_is_stopped(picquet, one, tmp_path, filler):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = io.BytesIO()
    out.write(squeeze.compress(json.dumps(stop_logging()[0]).encode() + b"\n"))
    for _ in range(2048):
        out.write(squeeze.compress(filler * ((1 << 20) // len(filler))))
    out.write(squeeze.flush())
    (tmp_path / "bomb.gz").write_bytes(out.getvalue())
    (tmp_path / "a.json").write_bytes(one)
    result = picquet("scan", "bomb.gz", "a.json", "--format", "ndjson", timeout=60)
    assert result.code == 0 and result.types() == {STOPPED}
    read = re.search(r"([0-9.]+) (k|M|G)?B \(", result.err)
    assert read and read[2] != "G", result.err
    assert "bomb.gz" in result.err, result.err


def test_a_line_of_a_gigabyte_is_streamed(picquet):
    """The line comes from a generator; the memory of the process is bounded by the kernel."""
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (1200 << 20, 1200 << 20))

    event = json.dumps(stop_logging()[0]).encode()
    process = subprocess.Popen(
        [picquet.bin, "scan", "-", "--format", "ndjson", "--quiet", "--threads", "1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=limit, env=picquet.env,
    )
    process.stdin.write(event + b"\n" + b'{"eventVersion":"1.09","eventName":"')
    for _ in range(1024):
        process.stdin.write(b"x" * (1 << 20))
    process.stdin.write(b'"}\n' + event.replace(b"t0", b"t1").replace(b'-000000000001"', b'-000000000002"') + b"\n")
    process.stdin.close()
    out = process.stdout.read()
    assert process.wait(60) == 0
    assert len(out.splitlines()) == 2


HOSTILE = [
    b"[" * 200_000,
    b'{"Records":[' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}",
    b'{"Records":[{"eventVersion":"1.09","eventTime":NaN}]}',
    b'{"Records":[{"eventVersion":"1.09","eventName":"\xff\xfe","eventTime":"2026-05-01T00:00:00Z"}]}',
    b'{"Records":[null,1,"x",[],{}]}',
    b'{"Records":[{"eventTime":"9999999-99-99T99:99:99Z","eventVersion":"1.09","eventName":"x"}]}',
    b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
    b"2 1 eni-1 1.2.3.4 5.6.7.8 18446744073709551616 99999999999999999999 6 -1 -1 -1 1e9 ACCEPT OK\n"
    b"2 1 eni-1 999.2.3.4 ::gg 1 1 6 1 1 1 1 ACCEPT OK\n",
    b'{"version":"1.1","query_name":"' + b"a." * 70_000 + b'","query_timestamp":"x"}\n',
    b"\0" * 100_000,
    b"\x1f\x8b\x08" + b"\xff" * 64,
    b"\x28\xb5\x2f\xfd" + b"\xff" * 64,
    b"PAR1" + b"\xff" * 64 + b"PAR1",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_objects_change_only_counters(picquet, one, tmp_path, body):
    (tmp_path / "hostile").write_bytes(body)
    (tmp_path / "good.json").write_bytes(one)
    result = picquet("scan", "hostile", "good.json", "--format", "ndjson")
    assert result.code == 0, result.err
    assert result.types() == {STOPPED} and len(result.findings) == 1
    alone = picquet("scan", "hostile", "--format", "ndjson")
    assert alone.code in (0, 4) and not alone.out, alone.err


def test_bad_records_are_told_with_their_place(picquet, tmp_path):
    good = [json.dumps(e) for e in stop_logging(3)]
    bad = ['{"eventVersion":"1.09","eventName":}', '{"eventVersion":"1.09","eventTime":"soon"}']
    (tmp_path / "mixed.json").write_text("\n".join([good[0], bad[0], good[1], bad[1], good[2]]) + "\n")
    result = picquet("scan", "mixed.json", "--format", "ndjson", "-v")
    assert result.code == 0 and len(result.findings) == 3
    assert "mixed.json, line 2, byte" in result.err and "mixed.json, line 4, byte" in result.err, result.err


def test_a_record_cut_inside_a_file_is_told_where_it_is(picquet, tmp_path):
    good = [json.dumps(e) for e in stop_logging(3)]
    (tmp_path / "mixed.json").write_text("\n".join([good[0], '{"eventVersion":"1.09","eventName":', *good[1:]]))
    assert "line 2" in picquet("scan", "mixed.json", "-v").err
