"""The API of the real binary, served for tests."""

import http.client
import json
import os
import re
import ssl
import subprocess
import time
from pathlib import Path

import boto3
from botocore.config import Config

ACCOUNT = "111122223333"
REGION = "us-east-1"


def poll(wanted, seconds: float = 60):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not (found := wanted()):
        assert time.monotonic() < end, "what was waited for does not happen"
        time.sleep(0.05)
    return found


class Server:
    """`picquet serve` on a free port, with an administrator of one account."""

    def __init__(
        self,
        binary: Path,
        folder: Path,
        *options: str,
        tls: bool = False,
        store: str | None = None,
        env: dict | None = None,
    ):
        self.binary, self.folder, self.tls, self.options = binary, folder, tls, options
        #: Words that say where the store is, if it is not in the folder.
        self.store = ["--store", store] if store else []
        self.data = folder / "data"
        self.users: dict[str, dict] = {}
        self.process = None
        self.start(**(env or {}))
        self.add("admin", ACCOUNT)

    def run(self, *words, stdin: str = "") -> subprocess.CompletedProcess:
        words = [str(self.binary), *map(str, words), "--data-dir", str(self.data), *self.store]
        return subprocess.run(words, capture_output=True, text=True, input=stdin, timeout=60, check=False)

    def add(self, name: str, account: str, *options) -> dict:
        done = self.run("user", "add", name, "--account", account, "--format", "json", *options)
        assert done.returncode == 0, done.stderr
        self.users[name] = json.loads(done.stdout)["AccessKey"]
        return self.users[name]

    def start(self, **env):
        options = [] if self.tls else ["--insecure-http"]
        words = [self.binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", self.data, *self.store, *options, *self.options]
        log = self.folder / "serve.log"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PICQUET_")}
        with log.open("w") as out:
            self.process = subprocess.Popen([*map(str, words)], stderr=out, stdout=out, env={**clean, **env})
        for _ in range(200):
            if found := re.search(r"listens on (https?)://127\.0\.0\.1:(\d+)", log.read_text()):
                self.port = int(found[2])
                self.url = f"{found[1]}://127.0.0.1:{self.port}"
                return
            assert self.process.poll() is None, log.read_text()
            time.sleep(0.05)
        raise AssertionError("the server does not start: " + log.read_text())

    def stop(self, kill: bool = False):
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        self.process.wait(20)

    def client(self, service: str = "guardduty", user: str = "admin", region: str = REGION, key: dict | None = None):
        key = key or self.users[user]
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            verify=str(self.data / "ca.pem") if self.tls else None,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
            config=Config(retries={"max_attempts": 1}, proxies={}),
        )

    def raw(self, method: str, path: str, body: bytes = b"", headers: dict | None = None):
        """A request as it is: status, headers, body."""
        if self.tls:
            trust = ssl.create_default_context(cafile=str(self.data / "ca.pem"))
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trust)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            for one in value if isinstance(value, list) else [value]:
                connection.putheader(name, one)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text
