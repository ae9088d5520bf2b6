"""HTTP/2, which clients of Go and Rust and browsers take over TLS: the host is in the target, and not in a header."""

import json
import shutil
import subprocess

import pytest
from conftest import binary
from server import REGION, Server

PASSWORD = "correct horse battery staple"


def speaks_http2() -> bool:
    if not shutil.which("curl"):
        return False
    said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=False).stdout
    return "HTTP2" in said


pytestmark = pytest.mark.skipif(not speaks_http2(), reason="no curl that speaks HTTP/2")


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    served = Server(binary(), tmp_path_factory.mktemp("http2"), "--tls-name", "picquet.example.com", tls=True)
    assert served.run("user", "set-password", "admin", stdin=PASSWORD).returncode == 0
    yield served
    served.stop()


def curl(server, path, *words):
    """Status, the version of HTTP, and the body."""
    ca = ["--cacert", str(server.data / "ca.pem")]
    told = ["-w", "\n%{http_code} %{http_version}", "-s", "-S", "--max-time", "30"]
    done = subprocess.run(["curl", *ca, *told, *words, server.url + path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    body, _, last = done.stdout.rpartition("\n")
    status, version = last.split()
    return int(status), version, body


def signed(server, service: str = "guardduty", secret: str | None = None):
    key = server.users["admin"]
    user = f"{key['AccessKeyId']}:{secret or key['SecretAccessKey']}"
    return ["--aws-sigv4", f"aws:amz:{REGION}:{service}", "--user", user]


@pytest.mark.parametrize(("option", "version"), [("--http1.1", "1.1"), ("--http2", "2")])
def test_a_signed_request_is_known(tls, option, version):
    assert curl(tls, "/detector", option, *signed(tls))[:2] == (200, version)
    status, _, body = curl(tls, "/detector", option, *signed(tls, secret="x" * 40))
    assert status == 403 and json.loads(body)["__type"] == "InvalidSignatureException"


@pytest.mark.parametrize(("option", "version"), [("--http1.1", "1.1"), ("--http2", "2")])
def test_a_browser_stays_signed_in(tls, tmp_path, option, version):
    """As the console does: a password, then the cookie and the origin of the page."""
    jar, same = str(tmp_path / "jar"), ["-H", "x-picquet-console: 1", "-H", f"origin: {tls.url}"]
    asked = json.dumps({"userName": "admin", "password": PASSWORD})
    status, was, body = curl(tls, "/session", option, *same, "-c", jar, "-H", "content-type: application/json", "-d", asked)
    assert (status, was) == (200, version), body
    post = [option, "-X", "POST", "-b", jar]
    assert curl(tls, "/session/credentials", *post, *same)[0] == 200
    other = ["-H", "x-picquet-console: 1", "-H", "origin: https://evil.example"]
    assert curl(tls, "/session/credentials", *post, *other)[0] == 403


def test_the_certificate_is_for_the_names_that_were_told(tls):
    for name, code in (("picquet.example.com", 0), ("localhost", 0), ("other.example.com", 60)):
        where = [f"https://{name}:{tls.port}/healthz", "--resolve", f"{name}:{tls.port}:127.0.0.1"]
        words = ["curl", "--cacert", str(tls.data / "ca.pem"), "-s", "-S", "--max-time", "30", *where]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == code, (name, done.stderr)
