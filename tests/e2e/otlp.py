"""A collector of OpenTelemetry traces, as OTLP over HTTP."""

import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire
from opentelemetry.proto.trace.v1.trace_pb2 import Status


def value(of):
    """An attribute's value, of the kinds that we send."""
    return getattr(of, of.WhichOneof("value"))


@dataclass
class Span:
    """A span as it came."""

    name: str
    kind: str
    trace: bytes
    id: bytes
    parent: bytes
    error: bool
    #: Nanoseconds since the epoch.
    begin: int
    end: int
    attributes: dict
    #: The spans that it is linked to.
    links: set
    events: int
    resource: dict = field(repr=False)


def spans(request: ExportTraceServiceRequest):
    for of in request.resource_spans:
        resource = {a.key: value(a.value) for a in of.resource.attributes}
        for one in (span for scope in of.scope_spans for span in scope.spans):
            yield Span(
                name=one.name,
                kind=Wire.SpanKind.Name(one.kind).removeprefix("SPAN_KIND_").lower(),
                trace=one.trace_id,
                id=one.span_id,
                parent=one.parent_span_id,
                error=one.status.code == Status.STATUS_CODE_ERROR,
                begin=one.start_time_unix_nano,
                end=one.end_time_unix_nano,
                attributes={a.key: value(a.value) for a in one.attributes},
                links={link.span_id for link in one.links},
                events=len(one.events),
                resource=resource,
            )


class Collector:
    """Takes what comes. `status` is what it answers; with `hangs` it reads and never answers; `pem` is a certificate."""

    def __init__(self, status: int = 200, hangs: bool = False, pem: Path | None = None):
        self.status, self.hangs = status, hangs
        self.spans: list[Span] = []
        self.paths, self.headers, self.asked = set(), [], 0
        self.over = threading.Event()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.asked += 1
                if collector.hangs:
                    collector.over.wait()
                    self.close_connection = True
                    return
                collector.paths.add(self.path)
                collector.headers.append(dict(self.headers.items()))
                if collector.status == 200:
                    collector.spans.extend(spans(ExportTraceServiceRequest.FromString(body)))
                self.send_response(collector.status)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if pem:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(pem)
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if pem else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def named(self, name: str, **attributes) -> list[Span]:
        """Spans of a name; with attributes, their underscores standing for full stops."""
        wanted = {key.replace("_", "."): of for key, of in attributes.items()}
        return [s for s in list(self.spans) if s.name == name and wanted.items() <= s.attributes.items()]

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
