"""The console's files and the session of a browser, as raw requests."""

import gzip
import json

import pytest
from conftest import binary
from server import ACCOUNT, Server
from signing import Signer

PASSWORD = "a long enough password"
POLICY = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'")


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    server = Server(binary(), tmp_path_factory.mktemp("console"), tls=True)
    try:
        assert server.run("user", "set-password", "admin", stdin=PASSWORD).returncode == 0
        yield server
    finally:
        server.stop()


def headers(server, **more):
    host = f"127.0.0.1:{server.port}"
    usual = {"host": host, "content-type": "application/json", "x-picquet-console": "1", "origin": f"https://{host}"}
    return {name: value for name, value in {**usual, **more}.items() if value is not None}


def sign_in(server):
    body = json.dumps({"userName": "admin", "password": PASSWORD}).encode()
    status, said, body = server.raw("POST", "/session", body, headers(server))
    assert status == 200, body
    return said["set-cookie"], json.loads(body)


def ask(server, cookie, method="POST", path="/session/credentials", **more):
    return server.raw(method, path, headers=headers(server, cookie=cookie.split(";")[0], **more))


def keys(session):
    names = {"AccessKeyId": "accessKeyId", "SecretAccessKey": "secretAccessKey", "SessionToken": "sessionToken"}
    return {ours: session[theirs] for ours, theirs in names.items()}


@pytest.fixture(scope="module")
def signed_in(tls):
    return sign_in(tls)


def test_pages_and_files_come_with_the_policy(server):
    host = {"host": f"127.0.0.1:{server.port}"}
    for path in ("/console/", "/console/findings", "/console/findings/0123?in=eu-west-1", "/console/no.js"):
        status, said, body = server.raw("GET", path, headers=host)
        assert status == (404 if path.endswith(".js") else 200), path
        assert all(part in said["content-security-policy"] for part in POLICY)
        assert "unsafe" not in said["content-security-policy"]
        assert (said["x-content-type-options"], said["referrer-policy"]) == ("nosniff", "no-referrer")
        assert said["cache-control"] == "no-cache" and b"Picquet" in body or status == 404


def test_the_first_address_leads_to_the_console_for_browsers_alone(server):
    host = {"host": f"127.0.0.1:{server.port}"}
    status, said, _ = server.raw("GET", "/", headers={**host, "accept": "text/html,application/xhtml+xml"})
    assert (status, said["location"]) == (303, "/console/")
    assert server.raw("GET", "/", headers=host)[0] == 403


def test_files_are_compressed_and_kept(server):
    host = {"host": f"127.0.0.1:{server.port}"}
    _, _, page = server.raw("GET", "/console/", headers=host)
    if b"/console/assets/" not in page:
        pytest.skip("this binary was built without the console")
    script = page.decode().split('src="')[1].split('"')[0]
    _, _, plain = server.raw("GET", script, headers=host)
    _, said, packed = server.raw("GET", script, headers={**host, "accept-encoding": "gzip"})
    assert said["content-encoding"] == "gzip" and gzip.decompress(packed) == plain
    assert "immutable" in said["cache-control"] and said["content-type"].startswith("text/javascript")
    _, said, packed = server.raw("GET", script, headers={**host, "accept-encoding": "gzip, deflate, br"})
    assert said["content-encoding"] == "br" and len(packed) < len(plain) / 2


def test_a_browser_is_given_a_cookie_that_no_script_reads(signed_in):
    cookie, session = signed_in
    assert cookie.startswith("__Host-picquet-session=")
    assert cookie.split("; ")[1:] == ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict", "Secure"]
    assert cookie.split(".")[1].split(";")[0] not in json.dumps(session)


def test_who_is_no_browser_is_given_none(tls):
    body = json.dumps({"userName": "admin", "password": PASSWORD}).encode()
    _, said, _ = tls.raw("POST", "/session", body, headers(tls, **{"x-picquet-console": None}))
    assert "set-cookie" not in said


def test_the_cookie_opens_keys_that_work(tls, signed_in):
    detector = tls.client().create_detector(Enable=True)["DetectorId"]
    status, said, body = ask(tls, signed_in[0])
    session = json.loads(body)
    assert status == 200 and said["cache-control"] == "no-store"
    assert session["detectors"] == [{"region": "us-east-1", "detectorId": detector, "enabled": True}]
    assert tls.client(key=keys(session)).list_detectors()["DetectorIds"] == [detector]
    tls.client().delete_detector(DetectorId=detector)


def test_the_cookie_alone_calls_nothing(tls, signed_in):
    assert ask(tls, signed_in[0], "GET", "/detector")[0] == 403
    signer = Signer(keys(signed_in[1]), f"127.0.0.1:{tls.port}")
    assert tls.raw("POST", "/session", headers=signer.headers("POST", "/session"))[0] == 403


@pytest.mark.parametrize(
    "more",
    [
        {"x-picquet-console": None},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": None},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.example"},
    ],
)
def test_another_origin_is_given_nothing(tls, signed_in, more):
    for method, path in (("POST", "/session/credentials"), ("DELETE", "/session")):
        status, said, body = ask(tls, signed_in[0], method, path, **more)
        assert (status, said["x-amzn-errortype"]) == (403, "AccessDeniedException"), body
        assert "access-control-allow-origin" not in said and "set-cookie" not in said
    assert ask(tls, signed_in[0])[0] == 200


def test_a_wrong_cookie_opens_nothing(tls, signed_in):
    for wrong in ("", "__Host-picquet-session=", signed_in[0].split(";")[0] + "x", "picquet-session=a.b"):
        assert ask(tls, wrong)[0] == 403


def test_signing_out_ends_the_session_and_its_keys(tls):
    cookie, session = sign_in(tls)
    other, _ = sign_in(tls)
    client = tls.client(key=keys(session))
    client.list_detectors()
    status, said, _ = ask(tls, cookie, "DELETE", "/session")
    assert status == 204 and "Max-Age=0" in said["set-cookie"]
    assert ask(tls, cookie)[0] == 403
    with pytest.raises(client.exceptions.ClientError, match="UnrecognizedClientException"):
        client.list_detectors()
    assert ask(tls, other)[0] == 200


def test_a_new_password_ends_the_session_of_a_browser(tls):
    cookie, _ = sign_in(tls)
    assert tls.run("user", "set-password", "admin", stdin=PASSWORD).returncode == 0
    assert ask(tls, cookie)[0] == 403


def test_the_session_of_a_browser_is_in_the_audit_log_without_its_secret(tls):
    cookie, _ = sign_in(tls)
    ask(tls, cookie)
    text = "".join(path.read_text() for path in (tls.data / "audit").rglob("*") if path.is_file())
    assert '"RefreshSession"' in text and cookie.split(".")[1].split(";")[0] not in text and ACCOUNT in text
