"""A way to protocol servers that is not to be relied on: answers fail, come late, come twice or end early."""

import http.client
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Faults:
    """A proxy to a server of this machine. `share` of the calls go wrong; 0 lets all pass."""

    def __init__(self, port: int, seed: int):
        self.random, self.share = random.Random(seed), 0.0
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}
        #: Queue messages that are handed out a second time.
        self.again: list = []
        faults = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                fault = faults.draw(self.command, self.headers.get("x-amz-target") or "")
                if fault == "refused":
                    return self.reply(503, b"<Error><Code>SlowDown</Code></Error>", {})
                if fault == "slow":
                    time.sleep(faults.random.random() * 2)
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                # The name is kept, since it was signed for.
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in ("connection", "expect"):
                        connection.putheader(name, value)
                connection.endheaders(body or None)
                answer = connection.getresponse()
                text = answer.read()
                if fault == "lost":
                    # The server did it, and nobody hears of it.
                    self.close_connection = True
                    return self.connection.close()
                headers = {k: v for k, v in answer.getheaders() if k.lower() not in ("transfer-encoding", "connection")}
                if fault == "cut" and len(text) > 10:
                    self.send_response(answer.status)
                    for name, value in headers.items():
                        if name.lower() != "content-length":
                            self.send_header(name, value)
                    self.send_header("content-length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text[: len(text) // 2])
                    self.close_connection = True
                    return self.connection.close()
                return self.reply(answer.status, text, headers)

            def reply(self, status, text, headers):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() != "content-length":
                        self.send_header(name, value)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def draw(self, method: str, target: str) -> str:
        with self.lock:
            if self.random.random() >= self.share:
                return ""
            kinds = ["refused", "slow", "lost"]
            if method == "GET":
                kinds.append("cut")
            kind = self.random.choice(kinds)
            self.counts[f"{kind} {target or method}"] = self.counts.get(f"{kind} {target or method}", 0) + 1
            return kind

    def stop(self):
        self.server.shutdown()
