"""Sessions from passwords and keys, tokens of clients that repeat a request, and the limit of calls."""

import concurrent.futures
import json

import pytest
from conftest import binary
from server import ACCOUNT, Server, poll
from signing import Signer

PASSWORD = "a long enough password"
CRITERIA = {"Criterion": {"severity": {"Gte": 4}}}


@pytest.fixture(scope="module")
def signed_in(server):
    """A session of the administrator, by name and password."""
    done = server.run("user", "set-password", "admin", stdin=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    status, _, body = sign_in(server, "admin", PASSWORD)
    assert status == 200, body
    return json.loads(body)


def sign_in(server, name, password, headers=None, body=None):
    headers = {"host": f"127.0.0.1:{server.port}", "content-type": "application/json"} if headers is None else headers
    body = json.dumps({"userName": name, "password": password}).encode() if body is None else body
    return server.raw("POST", "/session", body, headers)


def keys(session):
    names = {"AccessKeyId": "accessKeyId", "SecretAccessKey": "secretAccessKey", "SessionToken": "sessionToken"}
    return {ours: session[theirs] for ours, theirs in names.items()}


def test_the_keys_of_a_session_work(server, signed_in):
    assert signed_in["accessKeyId"].startswith("ASIA")
    assert (signed_in["userName"], signed_in["accountId"], signed_in["policy"]) == ("admin", ACCOUNT, "administrator")
    client = server.client(key=keys(signed_in))
    detector = client.create_detector(Enable=True)["DetectorId"]
    assert server.client().list_detectors()["DetectorIds"] == [detector]
    client.delete_detector(DetectorId=detector)
    assert server.client("sts", key=keys(signed_in)).get_caller_identity()["Account"] == ACCOUNT


def test_the_keys_of_a_session_need_its_token(server, signed_in):
    key = keys(signed_in)
    for wrong in ({**key, "SessionToken": "invented"}, {k: v for k, v in key.items() if k != "SessionToken"}):
        client = server.client(key=wrong)
        with pytest.raises(client.exceptions.ClientError, match="UnrecognizedClientException"):
            client.list_detectors()


def test_a_key_opens_a_session_too(server):
    signer = Signer(server.users["admin"], f"127.0.0.1:{server.port}")
    status, _, body = server.raw("POST", "/session", headers=signer.headers("POST", "/session"))
    assert status == 200, body
    assert server.client(key=keys(json.loads(body))).list_detectors()["DetectorIds"] == []


def test_a_session_does_not_open_the_next_one(server, signed_in):
    signer = Signer(keys(signed_in), f"127.0.0.1:{server.port}")
    status, said, body = server.raw("POST", "/session", headers=signer.headers("POST", "/session"))
    assert (status, said["x-amzn-errortype"]) == (403, "AccessDeniedException"), body
    # What is not signed in its header must bring a password.
    presigned = Signer(server.users["admin"], signer.host).presigned("POST", "/session")
    assert server.raw("POST", presigned, headers={"host": signer.host})[0] == 400


def test_a_new_password_ends_sessions(server):
    server.add("changer", ACCOUNT)
    assert server.run("user", "set-password", "changer", stdin=PASSWORD).returncode == 0
    client = server.client(key=keys(json.loads(sign_in(server, "changer", PASSWORD)[2])))
    client.list_detectors()
    assert server.run("user", "set-password", "changer", stdin=PASSWORD + "!").returncode == 0
    with pytest.raises(client.exceptions.ClientError, match="UnrecognizedClientException"):
        client.list_detectors()


def test_a_session_may_do_what_its_user_may(server):
    server.add("reader", ACCOUNT, "--policy", "read-only")
    assert server.run("user", "set-password", "reader", stdin=PASSWORD).returncode == 0
    session = json.loads(sign_in(server, "reader", PASSWORD)[2])
    assert session["policy"] == "read-only"
    client = server.client(key=keys(session))
    client.list_detectors()
    with pytest.raises(client.exceptions.ClientError, match="not authorized to perform: guardduty:CreateDetector"):
        client.create_detector(Enable=True)


def test_a_wrong_password_is_refused(server, signed_in):
    answers = [sign_in(server, "admin", "a long enough passwore"), sign_in(server, "nobody", PASSWORD)]
    for status, headers, body in answers:
        assert (status, headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
        assert PASSWORD not in body.decode()
    # Nobody is told whether the name or the password was wrong.
    assert answers[0][2] == answers[1][2]


def test_a_user_without_a_password_cannot_sign_in(server):
    server.add("keysonly", ACCOUNT)
    assert sign_in(server, "keysonly", "")[0] == 403


def test_a_page_of_another_origin_cannot_sign_in(server, signed_in):
    """What a browser sends without asking first has another content type."""
    host = {"host": f"127.0.0.1:{server.port}"}
    json_kind = {**host, "content-type": "application/json; charset=utf-8"}
    assert sign_in(server, "admin", PASSWORD, json_kind)[0] == 200
    for kind in (None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        headers = host if kind is None else {**host, "content-type": kind}
        status, said, body = sign_in(server, "admin", PASSWORD, headers)
        assert (status, said["x-amzn-errortype"]) == (400, "BadRequestException"), (kind, body)
        assert b"content type" in body and "access-control-allow-origin" not in said
    status, said, _ = server.raw("OPTIONS", "/session", headers={**host, "origin": "https://example.com"})
    assert status >= 400 and "access-control-allow-origin" not in said


def test_a_request_that_is_none_is_refused(server):
    for body in (b"{}", b"[]", b"no json", b'{"userName":"admin"}', b'{"userName":1,"password":2}'):
        status, said, _ = sign_in(server, "", "", body=body)
        assert (status, said["x-amzn-errortype"]) == (400, "BadRequestException"), body


def test_passwords_that_are_too_short_are_refused(server):
    done = server.run("user", "set-password", "admin", stdin="short\n")
    assert done.returncode == 3 and "12 characters" in done.stderr
    assert server.run("user", "set-password", "nobody", stdin=PASSWORD).returncode == 3


def test_a_removed_user_has_no_session_any_more(server):
    server.add("leaver2", ACCOUNT)
    assert server.run("user", "set-password", "leaver2", stdin=PASSWORD).returncode == 0
    status, _, body = sign_in(server, "leaver2", PASSWORD)
    assert status == 200
    client = server.client(key=keys(json.loads(body)))
    client.list_detectors()
    assert server.run("user", "remove", "leaver2").returncode == 0
    with pytest.raises(client.exceptions.ClientError, match="UnrecognizedClientException"):
        client.list_detectors()
    assert sign_in(server, "leaver2", PASSWORD)[0] == 403


def test_passwords_cannot_be_guessed_fast(tmp_path):
    server = Server(binary(), tmp_path)
    try:
        tries = [sign_in(server, "admin", f"guess number {n}")[:2] for n in range(30)]
    finally:
        server.stop()
    assert {status for status, _ in tries} == {403, 429}
    assert {said["x-amzn-errortype"] for status, said in tries if status == 429} == {"ThrottlingException"}


@pytest.fixture(scope="module")
def watched(server):
    client = server.client(region="eu-central-1")
    return client, client.create_detector(Enable=True)["DetectorId"]


def test_a_repeated_request_is_answered_like_the_first(server, watched):
    client, detector = watched
    make = {"DetectorId": detector, "FindingCriteria": CRITERIA, "ClientToken": "token-1"}
    # The second request is the first one again, whatever else it says.
    assert [client.create_filter(Name=name, **make)["Name"] for name in ("one", "two")] == ["one", "one"]
    assert client.list_filters(DetectorId=detector)["FilterNames"] == ["one"]
    with pytest.raises(client.exceptions.BadRequestException, match="already exists"):
        client.create_filter(Name="one", **{**make, "ClientToken": "token-2"})
    # A token is one operation's, one account's and one region's.
    place = {"Format": "TXT", "Location": "https://lists.example.com/l", "Activate": False, "ClientToken": "token-1"}
    made = [client.create_ip_set(DetectorId=detector, Name=name, **place)["IpSetId"] for name in ("a", "b")]
    assert made[0] == made[1] and client.list_ip_sets(DetectorId=detector)["IpSetIds"] == made[:1]
    elsewhere = server.client(region="eu-west-3")
    other = elsewhere.create_detector(Enable=True)["DetectorId"]
    assert elsewhere.create_filter(Name="mine", **{**make, "DetectorId": other})["Name"] == "mine"
    elsewhere.delete_detector(DetectorId=other)


def test_a_token_is_remembered_through_a_restart(tmp_path):
    server = Server(binary(), tmp_path)
    try:
        first = server.client().create_detector(Enable=True, ClientToken="again")["DetectorId"]
        server.stop(kill=True)
        server.start()
        client = server.client()
        assert client.create_detector(Enable=True, ClientToken="again")["DetectorId"] == first
        with pytest.raises(client.exceptions.BadRequestException, match="already exists"):
            client.create_detector(Enable=True)
    finally:
        server.stop()


def test_a_request_that_failed_may_be_repeated(watched):
    client, detector = watched
    make = {"DetectorId": detector, "Name": "later", "ClientToken": "token-3"}
    with pytest.raises(client.exceptions.BadRequestException):
        client.create_filter(FindingCriteria={"Criterion": {"no.such.attribute": {"Gte": 4}}}, **make)
    assert client.create_filter(FindingCriteria=CRITERIA, **make)["Name"] == "later"


def test_requests_at_once_with_one_token_make_one_thing(watched):
    client, detector = watched
    place = {"Format": "TXT", "Location": "https://lists.example.com/l", "Activate": False, "ClientToken": "at once"}

    def make(n):
        return client.create_threat_intel_set(DetectorId=detector, Name=f"list {n}", **place)["ThreatIntelSetId"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = set(pool.map(make, range(8)))
    assert len(made) == 1
    assert client.list_threat_intel_sets(DetectorId=detector)["ThreatIntelSetIds"] == list(made)


def test_who_calls_too_often_waits(tmp_path):
    server = Server(binary(), tmp_path, "--rate-limit", "1")
    try:
        server.add("patient", ACCOUNT)
        client = server.client()
        with pytest.raises(client.exceptions.ClientError) as refused:
            for _ in range(1000):
                client.list_detectors()
        said = refused.value.response
        assert (said["Error"]["Code"], said["Error"]["Message"]) == ("ThrottlingException", "Rate exceeded")
        assert said["ResponseMetadata"]["HTTPStatusCode"] == 429
        # Another key is another caller; and who waits may call again.
        server.client(user="patient").list_detectors()
        poll(lambda: is_answered(client))
    finally:
        server.stop()


def is_answered(client):
    try:
        return client.list_detectors()["DetectorIds"] == []
    except client.exceptions.ClientError:
        return False
