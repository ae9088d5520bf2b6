"""Signature Version 4, by hand: so that tests can sign wrongly."""

import datetime
import hashlib
import hmac
from urllib.parse import quote


def moment(offset: float = 0) -> str:
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=offset)
    return now.strftime("%Y%m%dT%H%M%SZ")


def _key(secret: str, *parts: str) -> bytes:
    key = b"AWS4" + secret.encode()
    for part in parts:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class Signer:
    """What is signed; every part can be another than what is sent."""

    def __init__(self, key: dict, host: str, region: str = "us-east-1", service: str = "guardduty"):
        self.id, self.secret, self.token = key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken")
        self.host, self.region, self.service = host, region, service

    def scope(self, time: str) -> str:
        return f"{time[:8]}/{self.region}/{self.service}/aws4_request"

    def signature(self, method, path, query, headers: dict, body: bytes, time: str) -> str:
        names = sorted(headers)
        path = "/".join(quote(part, safe="-._~") for part in path.split("/"))
        canonical = "\n".join(
            [method, path, query, *(f"{n}:{' '.join(headers[n].split())}" for n in names), "", ";".join(names)]
            + [hashlib.sha256(body).hexdigest()]
        )
        text = f"AWS4-HMAC-SHA256\n{time}\n{self.scope(time)}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = _key(self.secret, *self.scope(time).split("/"))
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def headers(self, method, path, query="", body=b"", time=None, more: dict | None = None) -> dict:
        """Headers of a request that is signed as it should be."""
        time = time or moment()
        signed = {"host": self.host, "x-amz-date": time, **(more or {})}
        if self.token:
            signed["x-amz-security-token"] = self.token
        signature = self.signature(method, path, query, signed, body, time)
        value = f"Credential={self.id}/{self.scope(time)}, SignedHeaders={';'.join(sorted(signed))}, "
        return {**signed, "authorization": f"AWS4-HMAC-SHA256 {value}Signature={signature}"}

    def presigned(self, method, path, expires="300", time=None, **change) -> str:
        """A path with its signature in the query."""
        time = time or moment()
        parts = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.id}/{self.scope(time)}",
            "X-Amz-Date": time,
            "X-Amz-Expires": expires,
            "X-Amz-SignedHeaders": "host",
        }
        if self.token:
            parts["X-Amz-Security-Token"] = self.token
        query = "&".join(f"{n}={quote(v, safe='-._~')}" for n, v in sorted(parts.items()))
        signature = self.signature(method, path, query, {"host": self.host}, b"", time)
        for name, value in change.items():
            query = query.replace(f"{name}=", f"{name}={value}")
        return f"{path}?{query}&X-Amz-Signature={signature}"
