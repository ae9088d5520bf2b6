"""Feeds: fetched from a mirror, checked, imported, taken in by a running server, and told when they are old."""

import datetime
import hashlib
import http.server
import ipaddress
import json
import ssl
import subprocess
import threading
import time
import urllib.request

import pytest
from conftest import binary
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from server import ACCOUNT, REGION, Server, poll
from test_watch_operation import free_port, status
from watching import PATIENCE

#: Addresses that no bundled list has.
BAD, WORSE = "45.95.200.66", "45.95.200.77"


def certificate(folder):
    """A certificate for 127.0.0.1, in one file with its key, and alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mirror")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(pem + key.private_bytes(*form))
    return folder / "both.pem"


class Mirror:
    """Serves a few files over HTTPS, each with a name of its version."""

    def __init__(self, folder):
        self.files, self.answers = {}, []
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = mirror.files.get(self.path)
                tag = body and f'"{hashlib.md5(body).hexdigest()}"'
                code = 404 if body is None else 304 if self.headers.get("If-None-Match") == tag else 200
                mirror.answers.append((self.path, code))
                self.send_response(code)
                if tag:
                    self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)) if code == 200 else "0")
                self.end_headers()
                if code == 200:
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def mirror(tmp_path):
    made = Mirror(tmp_path)
    yield made
    made.server.shutdown()


def feeds(tmp_path, *words):
    words = [binary(), "feeds", *words, "--config", tmp_path / "picquet.toml", "--data-dir", tmp_path / "data"]
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=60, check=False)


def table(name, kind, **more) -> str:
    lines = [f"{key} = {json.dumps(str(value))}" for key, value in {"name": name, "kind": kind, **more}.items()]
    return "\n".join(["[[feed]]", *lines, ""])


def test_a_feed_is_fetched_checked_and_imported(tmp_path, mirror):
    ca = tmp_path / "ca.pem"
    (tmp_path / "picquet.toml").write_text(
        table("bad", "c2", location=f"{mirror.url}/bad.txt", sha256=f"{mirror.url}/SUMS", ca=ca)
        + table("aws", "aws-ranges", location=f"{mirror.url}/ip-ranges.json", ca=ca)
        + table("ours", "trusted-list")
    )
    first = f"{BAD}\nbad.example\n".encode()
    mirror.files["/bad.txt"] = first
    mirror.files["/SUMS"] = f"{'0' * 64}  bad.txt\n".encode()
    ranges = {"syncToken": "1", "createDate": "x", "prefixes": [
        {"ip_prefix": "198.51.100.0/24", "region": "us-east-1", "service": "EC2", "network_border_group": "us-east-1"}],
        "ipv6_prefixes": []}  # fmt: skip
    mirror.files["/ip-ranges.json"] = json.dumps(ranges).encode()
    shown = feeds(tmp_path, "show")
    assert shown.returncode == 0 and shown.stdout.count("MISSING") == 3 and "bundled" in shown.stdout

    wrong = feeds(tmp_path, "update")
    assert wrong.returncode == 4 and "bad: not taken in: its SHA-256 is" in wrong.stdout, wrong.stdout + wrong.stderr
    assert "aws: new" in wrong.stdout and "ours: is imported by hand" in wrong.stdout
    mirror.files["/SUMS"] = f"{hashlib.sha256(first).hexdigest()}  bad.txt\n".encode()
    assert "bad: new, 2 entries" in feeds(tmp_path, "update", "bad").stdout

    # Nothing is sent again that is here: the checksum says so, or the version's name.
    mirror.answers.clear()
    again = feeds(tmp_path, "update")
    assert again.returncode == 0 and again.stdout.count("is the latest") == 2, again.stdout
    assert mirror.answers == [("/SUMS", 200), ("/ip-ranges.json", 304)]

    # A page instead of a list, a server that is gone, a file by hand.
    mirror.files["/ip-ranges.json"] = b"<html>sign in</html>"
    assert feeds(tmp_path, "update", "aws").returncode == 4
    (tmp_path / "mine.txt").write_text("198.51.100.1\n")
    assert "ours: new, 1 entries" in feeds(tmp_path, "import", "ours", str(tmp_path / "mine.txt")).stdout
    shown = feeds(tmp_path, "show").stdout
    assert "bad (c2): 0 min old, 2 entries" in shown and "the last try failed" in shown, shown
    assert "no feed is called nothing" in feeds(tmp_path, "update", "nothing").stderr
    left = sorted(path.name.split(".")[0] for path in (tmp_path / "data" / "feeds").iterdir())
    assert left == ["aws", "bad", "index", "lock", "ours"]


def test_without_the_mirror_s_certificate_nothing_is_fetched(tmp_path, mirror):
    mirror.files["/bad.txt"] = b"203.0.113.66\n"
    (tmp_path / "picquet.toml").write_text(table("bad", "c2", location=f"{mirror.url}/bad.txt"))
    done = feeds(tmp_path, "update")
    assert done.returncode == 4 and "cannot be fetched" in done.stdout and not mirror.answers, done.stdout


def flows(interface: str, host: str, remote: str) -> str:
    """A connection that a host opened, as VPC Flow Logs of version 2 tell it, a few minutes ago."""
    now = int(time.time()) - 300
    base = f"2 {ACCOUNT} {interface}"
    return (
        f"{base} {host} {remote} 41000 443 6 12 1400 {now} {now + 30} ACCEPT OK\n"
        f"{base} {remote} {host} 443 41000 6 10 5200 {now} {now + 30} ACCEPT OK\n"
    )


def test_a_running_server_takes_in_feeds_and_settings(tmp_path):
    (tmp_path / "logs").mkdir()
    listed = tmp_path / "bad.txt"
    listed.write_text("45.95.200.99\n")
    config = tmp_path / "picquet.toml"
    source = f'[[source]]\nname = "logs"\nfolder = "{tmp_path / "logs"}"\nsince = "all"\npoll = "1s"\n'
    text = PATIENCE + source + table("bad", "c2", location=listed, every="1s", stale="4s") + table("geo", "geoip")
    config.write_text(text)
    metrics = free_port()
    server = Server(binary(), tmp_path, "--config", str(config), "--metrics", f"127.0.0.1:{metrics}", "--rate-limit", "0")
    try:
        api = server.client()
        detector = api.create_detector(Enable=True)["DetectorId"]
        poll(lambda: next(f for f in status(server)["feeds"] if f["name"] == "bad")["entries"] == 1)

        def found() -> set:
            ids = api.list_findings(DetectorId=detector)["FindingIds"]
            findings = api.get_findings(DetectorId=detector, FindingIds=ids)["Findings"] if ids else []
            details = [f["Service"]["Action"]["NetworkConnectionAction"]["RemoteIpDetails"] for f in findings]
            return {of["IpAddressV4"] for of in details}

        def put(name: str, remote: str):
            """A host of its own, so that each has a finding of its own."""
            key = f"{ACCOUNT}_vpcflowlogs_{REGION}_fl-1_{name}.log"
            header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
            lines = flows(f"eni-0123456789abcdef{name}", f"10.0.0.{ord(name)}", remote)
            (tmp_path / "logs" / key).write_text(f"{header}\n{lines}")

        listed.write_text(f"45.95.200.99\n{BAD}\n{WORSE}\n")
        assert feeds(tmp_path, "update", "bad").returncode == 0
        # It is taken in within seconds; nothing tells from outside when, but what it finds.
        time.sleep(4)
        put("a", BAD)
        poll(lambda: found() == {BAD})
        # A setting of detection that is changed in the file counts from then on.
        config.write_text(text + f'[types."Backdoor:EC2/C&CActivity.B"]\nallow = ["{WORSE}"]\n')
        time.sleep(4)
        put("b", WORSE)
        put("c", "45.95.200.99")
        poll(lambda: "45.95.200.99" in found())
        assert found() == {BAD, "45.95.200.99"}
        # The feed is gone: it goes on serving, grows stale, and everybody who looks is told.
        listed.unlink()
        feeds(tmp_path, "update", "bad")
        poll(lambda: all(f["stale"] for f in status(server)["feeds"]))
        assert "cannot be read" in next(f for f in status(server)["feeds"] if f["name"] == "bad")["why"]
        lines = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics").read().decode().splitlines()
        assert 'picquet_feed_stale{feed="bad"} 1.0' in lines and any(l.startswith("picquet_feed_age_seconds{") for l in lines)
        words = [binary(), "doctor", "--config", config, "--data-dir", server.data]
        doctor = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=60, check=False)
        assert doctor.returncode == 3 and "WRONG    feed bad (c2): STALE" in doctor.stdout and "MISSING" in doctor.stdout
        assert "bad: as of 20" in server.run("status").stdout
    finally:
        server.stop()
