"""Requests that are signed by others than they say, or not at all, are refused; those of real signers are not."""

import json

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from server import ACCOUNT
from signing import Signer, moment

FORBIDDEN = 403
INVALID = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"
MISSING = "MissingAuthenticationTokenException"
UNKNOWN = "UnrecognizedClientException"


@pytest.fixture(scope="module")
def signer(server):
    return Signer(server.users["admin"], f"127.0.0.1:{server.port}")


def good(signer, **more):
    return signer.headers("GET", "/detector", **more)


def changed(headers, old, new):
    assert old in headers["authorization"], (old, headers["authorization"])
    return {**headers, "authorization": headers["authorization"].replace(old, new)}


def other(signer, **members):
    copy = Signer({"AccessKeyId": signer.id, "SecretAccessKey": signer.secret}, signer.host)
    for name, value in members.items():
        setattr(copy, name, value)
    return copy


def without(headers, name):
    return {k: v for k, v in headers.items() if k != name}


def flip(signer):
    headers = good(signer)
    last = headers["authorization"][-1]
    return {**headers, "authorization": headers["authorization"][:-1] + ("0" if last != "0" else "1")}


def unsigned_amz(signer):
    return {**good(signer), "x-amz-meta": "added on the way"}


# Name, headers of GET /detector, code.
HEADERS = [
    ("no signature", lambda s: {"host": s.host}, MISSING),
    ("only a date", lambda s: {"host": s.host, "x-amz-date": moment()}, MISSING),
    ("another algorithm", lambda s: changed(good(s), "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), INCOMPLETE),
    ("the asymmetric algorithm", lambda s: changed(good(s), "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), INCOMPLETE),
    ("basic authentication", lambda s: {**good(s), "authorization": "Basic dXNlcjpwYXNz"}, INCOMPLETE),
    ("an empty header", lambda s: {**good(s), "authorization": ""}, INCOMPLETE),
    ("no credential", lambda s: changed(good(s), "Credential=", "Nobody="), INCOMPLETE),
    ("no signed headers", lambda s: changed(good(s), "SignedHeaders=", "Headers="), INCOMPLETE),
    ("no signature part", lambda s: {**good(s), "authorization": good(s)["authorization"].split(", Signature")[0]}, INCOMPLETE),
    ("a signature twice", lambda s: {**good(s), "authorization": good(s)["authorization"] + ", Signature=" + "0" * 64}, INCOMPLETE),
    ("two headers", lambda s: {**good(s), "authorization": [good(s)["authorization"]] * 2}, INCOMPLETE),
    ("a short scope", lambda s: changed(good(s), "/aws4_request", ""), INCOMPLETE),
    ("a wrong end of the scope", lambda s: changed(good(s), "/aws4_request", "/aws4"), INCOMPLETE),
    ("no key in the scope", lambda s: changed(good(s), f"Credential={s.id}", "Credential="), INCOMPLETE),
    ("a signature that is no hexadecimal", lambda s: changed(good(s), "Signature=", "Signature=xyz"), INCOMPLETE),
    ("a signature cut short", lambda s: {**good(s), "authorization": good(s)["authorization"][:-2]}, INCOMPLETE),
    ("a signature in capitals", lambda s: {**good(s), "authorization": good(s)["authorization"][:-64] + "A" * 64}, INCOMPLETE),
    ("no date", lambda s: without(good(s), "x-amz-date"), INCOMPLETE),
    ("a date that is none", lambda s: {**good(s), "x-amz-date": "yesterday"}, INCOMPLETE),
    ("host not signed", lambda s: changed(good(s), "host;x-amz-date", "x-amz-date"), INCOMPLETE),
    ("date not signed", lambda s: changed(good(s), "host;x-amz-date", "host"), INVALID),
    ("an added header of AWS's", unsigned_amz, INVALID),
    ("a signed header that is not there", lambda s: changed(good(s), "host;x-amz-date", "host;x-amz-date;x-amz-target"), INCOMPLETE),
    ("signed headers out of order", lambda s: changed(good(s), "host;x-amz-date", "x-amz-date;host"), INCOMPLETE),
    ("a flipped digit", flip, INVALID),
    ("another secret", lambda s: good(other(s, secret="x" * 40)), INVALID),
    ("an unknown key", lambda s: good(other(s, id="AKIAAAAAAAAAAAAAAAAA")), UNKNOWN),
    ("a key of a session without its token", lambda s: good(other(s, id="ASIAAAAAAAAAAAAAAAAA")), UNKNOWN),
    ("a token that the key has not", lambda s: good(other(s, token="invented")), UNKNOWN),
    ("another service", lambda s: good(other(s, service="s3")), INVALID),
    ("another region in the scope", lambda s: changed(good(s), "/us-east-1/", "/eu-west-1/"), INVALID),
    ("another service in the scope", lambda s: changed(good(s), "/guardduty/", "/sts/"), INVALID),
    ("another day in the scope", lambda s: changed(good(s), moment()[:8], "20200101"), INVALID),
    ("sixteen minutes old", lambda s: good(s, time=moment(-16 * 60)), INVALID),
    ("sixteen minutes ahead", lambda s: good(s, time=moment(16 * 60)), INVALID),
    ("a year old", lambda s: good(s, time="20250101T000000Z"), INVALID),
    ("another host", lambda s: {**good(s), "host": "guardduty.us-east-1.amazonaws.com"}, INVALID),
    ("the date moved on", lambda s: {**good(s), "x-amz-date": moment(5)}, INVALID),
]


def refused(answer, code):
    status, headers, body = answer
    assert status == FORBIDDEN, body
    assert headers["x-amzn-errortype"] == code, (headers["x-amzn-errortype"], body)
    said = json.loads(body)
    assert said["__type"] == code and said["message"]
    assert len(headers["x-amzn-requestid"]) == 36 and "date" in headers


@pytest.mark.parametrize(("make", "code"), [row[1:] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_a_wrong_header_is_refused(server, signer, make, code):
    refused(server.raw("GET", "/detector", headers=make(signer)), code)


def test_what_was_signed_cannot_be_changed(server, signer):
    body = b'{"enable":true}'
    signed = signer.headers("POST", "/detector", body=body)
    refused(server.raw("POST", "/detector", b'{"enable":false}', signed), INVALID)
    refused(server.raw("POST", "/invitation/decline", body, signed), INVALID)
    refused(server.raw("GET", "/detector", headers=signer.headers("POST", "/detector")), INVALID)
    refused(server.raw("GET", "/detector?maxResults=2", headers=signer.headers("GET", "/detector", "maxResults=1")), INVALID)
    refused(server.raw("GET", "/detector?maxResults=1", headers=signer.headers("GET", "/detector")), INVALID)
    hashed = signer.headers("POST", "/detector", body=body, more={"x-amz-content-sha256": "0" * 64})
    refused(server.raw("POST", "/detector", b'{"enable":false}', hashed), INVALID)


def test_a_request_is_refused_after_its_time(server, signer):
    old = signer.headers("GET", "/detector", time=moment(-14 * 60))
    assert server.raw("GET", "/detector", headers=old)[0] == 200
    status, _, body = server.raw("GET", "/detector", headers=signer.headers("GET", "/detector", time=moment(-901)))
    assert status == FORBIDDEN and json.loads(body)["message"].startswith("Signature expired: ")
    status, _, body = server.raw("GET", "/detector", headers=signer.headers("GET", "/detector", time=moment(930)))
    assert status == FORBIDDEN and json.loads(body)["message"].startswith("Signature not yet current: ")


PRESIGNED = [
    ("expired", {"expires": "60", "time": -120}, INVALID),
    ("from the future", {"time": 1000}, INVALID),
    ("for longer than a week", {"expires": "604801"}, INCOMPLETE),
    ("for no time", {"expires": "0"}, INCOMPLETE),
    ("for a time that is none", {"expires": "soon"}, INCOMPLETE),
    ("made longer", {"change": {"X-Amz-Expires": "9"}}, INVALID),
    ("another key", {"change": {"X-Amz-Credential": "X"}}, UNKNOWN),
]


@pytest.mark.parametrize(("how", "code"), [row[1:] for row in PRESIGNED], ids=[row[0] for row in PRESIGNED])
def test_a_wrong_presigned_request_is_refused(server, signer, how, code):
    path = signer.presigned("GET", "/detector", how.get("expires", "300"), moment(how.get("time", 0)), **how.get("change", {}))
    refused(server.raw("GET", path, headers={"host": signer.host}), code)


def test_presigned_requests_are_taken_once_and_not_mixed(server, signer):
    path = signer.presigned("GET", "/detector")
    assert server.raw("GET", path, headers={"host": signer.host})[0] == 200
    refused(server.raw("GET", path, headers=good(signer)), INCOMPLETE)
    refused(server.raw("POST", path, headers={"host": signer.host}), INVALID)
    refused(server.raw("GET", path.replace("&X-Amz-Date", "&X-Amz-Date=20200101T000000Z&X-Amz-Date"), headers={"host": signer.host}), INCOMPLETE)


def test_botocore_can_presign(server, signer):
    request = AWSRequest("GET", f"{server.url}/detector")
    SigV4QueryAuth(Credentials(signer.id, signer.secret), "guardduty", "us-east-1").add_auth(request)
    path = request.prepare().url.removeprefix(server.url)
    assert server.raw("GET", path, headers={"host": signer.host})[0] == 200


def test_headers_are_trimmed_and_their_spaces_collapsed(server, signer):
    headers = signer.headers("GET", "/detector", more={"x-amz-user-agent": "a b"})
    assert server.raw("GET", "/detector", headers={**headers, "x-amz-user-agent": "  a    b "})[0] == 200


def test_other_accounts_see_nothing(server):
    server.add("stranger", "444455556666")
    mine, theirs = server.client(), server.client(user="stranger")
    detector = mine.create_detector(Enable=True)["DetectorId"]
    assert theirs.list_detectors()["DetectorIds"] == []
    for call in (theirs.get_detector, theirs.delete_detector, theirs.list_findings):
        with pytest.raises(theirs.exceptions.BadRequestException, match="not owned by the current account"):
            call(DetectorId=detector)
    with pytest.raises(theirs.exceptions.AccessDeniedException):
        theirs.list_tags_for_resource(ResourceArn=f"arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/{detector}")


def test_a_policy_says_what_a_user_may_do(server, tmp_path):
    policy = tmp_path / "policy.cedar"
    policy.write_text('permit(principal, action == Action::"guardduty:ListDetectors", resource);')
    server.add("auditor", ACCOUNT, "--policy", "read-only")
    server.add("lister", ACCOUNT, "--policy-file", str(policy))
    auditor, lister = server.client(user="auditor"), server.client(user="lister")
    assert auditor.list_detectors()["DetectorIds"] == lister.list_detectors()["DetectorIds"]
    for client, call in ((auditor, auditor.create_detector), (lister, lister.create_detector)):
        with pytest.raises(client.exceptions.ClientError) as denied:
            call(Enable=True)
        assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
        assert "is not authorized to perform: guardduty:CreateDetector" in str(denied.value)
    with pytest.raises(lister.exceptions.ClientError, match="not authorized"):
        lister.get_detector(DetectorId="0" * 32)


def test_a_removed_key_is_unknown(server):
    key = server.add("leaver", ACCOUNT)
    client = server.client(user="leaver")
    client.list_detectors()
    assert server.run("user", "remove-key", key["AccessKeyId"]).returncode == 0
    with pytest.raises(client.exceptions.ClientError, match="UnrecognizedClientException"):
        client.list_detectors()


def test_too_much_is_refused(server, signer):
    body = b'{"enable":true,"x":"' + b"x" * (1 << 20) + b'"}'
    status, headers, _ = server.raw("POST", "/detector", body, signer.headers("POST", "/detector", body=body))
    assert status == 413 and headers["x-amzn-errortype"] == "RequestEntityTooLargeException"


def test_what_is_no_operation_is_told_so(server, signer):
    for method, path in (("GET", "/nothing"), ("DELETE", "/detector"), ("GET", "/detector/"), ("PATCH", "/detector/x")):
        status, headers, body = server.raw(method, path, headers=signer.headers(method, path))
        assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException"), (method, path, body)


def test_bodies_that_are_no_objects_are_refused(server, signer):
    for body in (b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b"{}{}", b'{"enable":"yes"}', b"[" * 10000):
        status, headers, said = server.raw("POST", "/detector", body, signer.headers("POST", "/detector", body=body))
        assert (status, headers["x-amzn-errortype"]) == (400, "BadRequestException"), (body[:20], said)
        assert json.loads(said)["__type"] == "InvalidInputException"


def test_sts_refuses_in_its_own_shape(server, signer):
    """Its clients read XML, and tell a wrong secret from an unknown key by STS's own names."""
    key = server.users["admin"]
    for wrong, code in (
        ({**key, "SecretAccessKey": "x" * 40}, "SignatureDoesNotMatch"),
        ({**key, "AccessKeyId": "AKIAAAAAAAAAAAAAAAAA"}, "InvalidClientTokenId"),
        ({**key, "SessionToken": "none"}, "InvalidClientTokenId"),
    ):
        with pytest.raises(ClientError) as e:
            server.client("sts", key=wrong).get_caller_identity()
        assert e.value.response["Error"]["Code"] == code
        assert e.value.response["ResponseMetadata"]["HTTPStatusCode"] == FORBIDDEN
    with pytest.raises(ClientError) as e:
        server.client("sts").get_session_token()
    assert e.value.response["Error"]["Code"] == "InvalidAction"
    form = {"host": signer.host, "content-type": "application/x-www-form-urlencoded"}
    status, headers, body = server.raw("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", form)
    assert (status, headers["content-type"]) == (FORBIDDEN, "text/xml") and b"<Code>MissingAuthenticationToken</Code>" in body
