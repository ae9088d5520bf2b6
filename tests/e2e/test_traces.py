"""OpenTelemetry traces of the real binary, and that nothing waits for whoever collects them; log lines as JSON."""

import json
import os
import re
import statistics
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError
from conftest import binary
from otlp import Collector
from server import ACCOUNT, REGION, Server, poll
from test_feeds import certificate
from test_watch_operation import free_port
from watching import DETECTION, PATIENCE, deliver, objects

#: What an operator gives a collector to know him by.
SECRET = "zq7secret0of0the0collector"
#: Spans that begin a trace, and those that are a step of another.
ROOTS = {"fetch", "batch", "judge", "deliver", "update feed", "upkeep", "retention"}
STEPS = {"reduce": "batch", "commit": "batch", "fold": "judge", "merge": "judge"}
#: All that spans may say.
CALL = {"rpc.system", "rpc.service", "rpc.method", "http.request.method", "http.response.status_code", "aws.request_id"}
SAID = CALL | {
    "cloud.account.id", "cloud.region", "error.type", "file.path", "picquet.source", "picquet.objects", "picquet.bytes",
    "picquet.records", "picquet.unread", "picquet.batches", "picquet.facts", "picquet.findings", "picquet.runs",
    "picquet.target", "picquet.target.kind", "picquet.refused", "picquet.outcome", "picquet.feed", "picquet.entries",
}  # fmt: skip


class Hook:
    """A webhook that takes everything, or refuses everything."""

    def __init__(self):
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(hook.status)
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def environment(url: str, **more) -> dict:
    headers = f"authorization=Bearer%20{SECRET}"
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_HEADERS": headers, "OTEL_BSP_SCHEDULE_DELAY": "200", **more}


def log(server: Server) -> str:
    return (server.folder / "serve.log").read_text()


def metrics(port: int) -> str:
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()


@pytest.fixture(scope="module")
def traced(world, tmp_path_factory):
    """A server with a source, a target and a feed, that has read the world's logs, and a collector."""
    folder = tmp_path_factory.mktemp("traced")
    logs = world.write(folder / "world")
    (folder / "logs").mkdir()
    (folder / "bad.txt").write_text("45.95.200.66\n45.95.200.77\n")
    hook, collector = Hook(), Collector()
    config = folder / "picquet.toml"
    config.write_text(
        DETECTION + PATIENCE + f'[[source]]\nname = "logs"\nfolder = "{folder / "logs"}"\nsince = "all"\npoll = "2s"\n'
        f'[[publish]]\nname = "hook"\nto = "webhook"\nurl = "{hook.url}"\n'
        f'[[feed]]\nname = "bad"\nkind = "malicious-ip"\nlocation = "{folder / "bad.txt"}"\n'
    )
    port = free_port()
    words = ["--config", config, "--rate-limit", "0", "--metrics", f"127.0.0.1:{port}"]
    server = Server(binary(), folder, *map(str, words), env=environment(collector.url, PICQUET_LOG="info"))
    server.hook, server.metrics = hook, port
    server.detector = server.client().create_detector(Enable=True)["DetectorId"]
    server.files = objects(logs)
    deliver(server.files, folder / "logs", logs.parent)
    poll(lambda: server.client().list_findings(DetectorId=server.detector)["FindingIds"])
    poll(lambda: collector.named("deliver"))
    yield server, collector
    server.stop()
    collector.close()


def test_all_that_is_done_is_traced(traced):
    server, collector = traced
    wanted = ROOTS | {"reduce", "commit", "GuardDuty/CreateDetector"}
    poll(lambda: wanted <= {span.name for span in list(collector.spans)})
    assert collector.paths == {"/v1/traces"}
    assert all(of["authorization"] == f"Bearer {SECRET}" for of in collector.headers)
    resources = [span.resource for span in collector.spans]
    assert {of["service.name"] for of in resources} == {"picquet"} and all(of["service.version"] for of in resources)


def test_steps_belong_to_what_they_are_steps_of(traced):
    server, collector = traced
    files = len(server.files)
    poll(lambda: sum(batch.attributes["picquet.objects"] for batch in collector.named("batch")) == files)
    known = {span.id: span for span in collector.spans}
    for span in known.values():
        if span.name in STEPS:
            parent = known[span.parent]
            assert (parent.name, parent.trace) == (STEPS[span.name], span.trace)
            assert parent.begin <= span.begin <= span.end and span.begin <= parent.end
        else:
            assert not span.parent, span
    batches = collector.named("batch")
    for batch in batches:
        steps = sorted(span.name for span in known.values() if span.parent == batch.id)
        assert steps == ["commit", "reduce"]
        assert {known[id].name for id in batch.links} == {"fetch"}
        assert len(batch.links) == batch.attributes["picquet.objects"]
        # A fetch is over when its object is, and not when the object is taken.
        assert all(known[id].begin < known[id].end <= batch.begin < batch.end for id in batch.links)
    # Each object is fetched once, and is in one batch.
    fetched = {span.id for span in collector.named("fetch")}
    assert set().union(*(batch.links for batch in batches)) == fetched and len(fetched) == files
    assert len({span.trace for span in batches}) == len(batches)


def test_spans_say_how_much_and_nothing_of_what_logs_hold(traced):
    _, collector = traced
    for span in list(collector.spans):
        assert span.attributes.keys() <= SAID and span.events == 0, span
        assert all(len(of.encode()) <= 512 for of in span.attributes.values() if isinstance(of, str))
    (create,) = collector.named("GuardDuty/CreateDetector")
    said = {key: of for key, of in create.attributes.items() if key != "aws.request_id"}
    assert create.kind == "server" and not create.error and said == {
        "rpc.system": "aws-api", "rpc.service": "GuardDuty", "rpc.method": "CreateDetector", "http.request.method": "POST",
        "http.response.status_code": 200, "cloud.account.id": ACCOUNT, "cloud.region": REGION,
    }  # fmt: skip
    batches = collector.named("batch", picquet_source="logs")
    assert sum(span.attributes["picquet.records"] for span in batches) > 1000
    fetches = collector.named("fetch", picquet_source="logs")
    total = lambda spans: sum(span.attributes["picquet.bytes"] for span in spans)  # noqa: E731
    assert batches and total(batches) == total(fetches) > 0
    assert all(span.attributes["file.path"].startswith("/") for span in fetches)
    # At once what needs no others, then the hours that are over.
    most = lambda what: max(span.attributes[what] for span in collector.named("judge", cloud_account_id=ACCOUNT))  # noqa: E731
    poll(lambda: most("picquet.facts") > 100 and most("picquet.findings") > 10)
    sent = collector.named("deliver", picquet_target="target:hook", picquet_target_kind="webhook", picquet_outcome="sent")
    assert sent and all(span.kind == "producer" and not span.error and span.attributes["picquet.findings"] for span in sent)
    assert collector.named("update feed", picquet_feed="bad", picquet_outcome="new", picquet_entries=2)


def test_errors_are_errors(traced):
    server, collector = traced
    with pytest.raises(ClientError):
        server.client().get_detector(DetectorId="0" * 32)
    (asked,) = poll(lambda: collector.named("GuardDuty/GetDetector"))
    assert asked.attributes["error.type"] == "BadRequestException" and asked.attributes["http.response.status_code"] == 400
    # A client's mistake is no error of a server (semantic conventions of HTTP).
    assert not asked.error
    code, _, _ = server.raw("GET", "/no/such/operation/zq9planted", headers={"Host": "x"})
    assert code == 403
    (unknown,) = poll(lambda: collector.named("GET"))
    assert "rpc.method" not in unknown.attributes and "cloud.account.id" not in unknown.attributes
    server.hook.status = 500
    server.client().create_sample_findings(DetectorId=server.detector, FindingTypes=["Recon:EC2/Portscan"])
    refused = poll(lambda: collector.named("deliver", picquet_outcome="refused"))
    assert all(span.error and span.attributes["error.type"] == "target" for span in refused)
    server.hook.status = 200
    with (server.folder / "logs" / "large.json").open("wb") as large:
        large.truncate(600 << 20)
    too_large = poll(lambda: [span for span in collector.named("fetch") if "large.json" in span.attributes["file.path"]])
    assert all(span.error and span.attributes["error.type"] == "failed" for span in too_large)
    (server.folder / "logs" / "large.json").unlink()
    deep = server.folder / "logs" / ("d" * 200) / ("e" * 200) / ("f" * 200)
    deep.mkdir(parents=True)
    (deep / "long.json").write_text("{}")
    paths = poll(lambda: [span for span in collector.named("fetch") if "ddd" in span.attributes["file.path"]])
    assert all(len(span.attributes["file.path"]) == 512 for span in paths)


def test_metrics_and_the_log_tell_of_traces_and_no_secret(traced):
    server, collector = traced
    sent = lambda: re.search(r'^picquet_trace_spans_total\{outcome="sent"\} (\d+)', metrics(server.metrics), re.M)  # noqa: E731
    assert int(sent()[1]) > 20
    assert 'picquet_trace_spans_total{outcome="lost"} 0' in metrics(server.metrics)
    text = log(server)
    assert SECRET not in text and "{otel." not in text, text


def quick(server: Server, calls: int = 20) -> float:
    """The median of how long calls take."""
    api, took = server.client(), []
    for _ in range(calls):
        began = time.monotonic()
        api.list_detectors()
        took.append(time.monotonic() - began)
    return statistics.median(took)


@pytest.mark.parametrize("collects", ["hangs", "refuses", "fails"])
def test_nothing_waits_for_a_collector(tmp_path, collects):
    (tmp_path / "without").mkdir()
    usual = Server(binary(), tmp_path / "without", "--rate-limit", "0")
    without = quick(usual)
    usual.stop()
    collector = Collector(status=503, hangs=collects == "hangs")
    url = f"http://127.0.0.1:{free_port()}" if collects == "refuses" else collector.url
    port = free_port()
    # A collector may take its time, and few spans may wait.
    few = {"OTEL_EXPORTER_OTLP_TIMEOUT": "60000", "OTEL_BSP_MAX_QUEUE_SIZE": "8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4"}
    words = ["--rate-limit", "0", "--metrics", f"127.0.0.1:{port}"]
    server = Server(binary(), tmp_path, *words, env=environment(url, **few))
    took = quick(server, 60)
    # Much more than the machine's moods: a call that waited for a collector would take seconds.
    assert took < 5 * without + 0.1, (took, without)
    lost = re.compile(r'^picquet_trace_spans_total\{outcome="lost"\} (\d+)', re.M)
    poll(lambda: int(lost.search(metrics(port))[1]) > 0)
    assert 'picquet_trace_spans_total{outcome="sent"} 0' in metrics(port)
    assert collects == "refuses" or collector.asked > 0
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 6 and server.process.returncode == 0
    text = log(server)
    assert text.count("traces are lost until they can be sent again") == 1 and SECRET not in text, text
    assert "spans of traces were not sent" in text
    collector.close()


def test_a_collector_that_comes_back_is_sent_to_again(tmp_path):
    collector = Collector(status=400)
    server = Server(binary(), tmp_path, env=environment(collector.url))
    poll(lambda: "traces are lost until they can be sent again" in log(server))
    collector.status = 200
    server.client().list_detectors()
    poll(lambda: collector.named("GuardDuty/ListDetectors"))
    poll(lambda: "traces are sent again" in log(server))
    server.stop()
    collector.close()


def test_a_collector_is_known_by_its_certificate(tmp_path):
    collector = Collector(pem=certificate(tmp_path))
    server = Server(binary(), tmp_path, env=environment(collector.url))
    # Its authority is of nobody's list.
    poll(lambda: "traces are lost until they can be sent again" in log(server))
    server.stop()
    assert not collector.spans
    server.start(**environment(collector.url, OTEL_EXPORTER_OTLP_CERTIFICATE=str(tmp_path / "ca.pem")))
    server.client().list_detectors()
    poll(lambda: collector.named("GuardDuty/ListDetectors"))
    server.stop()
    collector.close()


def test_the_last_spans_are_sent_at_the_end(tmp_path):
    collector = Collector()
    server = Server(binary(), tmp_path, env=environment(collector.url, OTEL_BSP_SCHEDULE_DELAY="600000"))
    server.client().list_detectors()
    assert not collector.spans
    server.stop()
    assert collector.named("GuardDuty/ListDetectors") and collector.named("retention")
    collector.close()


def test_names_and_samplers_are_the_environments(tmp_path):
    collector = Collector()
    # What is not compressed is taken everywhere.
    env = {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_SERVICE_NAME": "guard", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test"}
    server = Server(binary(), tmp_path, env=environment(collector.url, **env))
    (first, *_) = poll(lambda: list(collector.spans))
    assert first.resource["service.name"] == "guard" and first.resource["deployment.environment.name"] == "test"
    server.stop()
    of_before = len(collector.spans)
    for off in ({"OTEL_TRACES_SAMPLER": "always_off"}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}):
        server.start(**environment(collector.url, **off))
        server.client().list_detectors()
        server.stop()
        assert len(collector.spans) == of_before, off
    server.start(**environment("", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.url}/own/path"))
    poll(lambda: "/own/path" in collector.paths)
    server.stop()
    collector.close()


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL is grpc"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "not a url"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such.pem"}, "/no/such.pem"),
        ({"PICQUET_LOG_FORMAT": "xml"}, "PICQUET_LOG_FORMAT is neither text nor json: xml"),
    ],
)
def test_what_cannot_be_done_is_said_at_the_start(tmp_path, env, says):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PICQUET_", "OTEL_"))}
    words = [binary(), "serve", "--listen", "127.0.0.1:0", "--insecure-http", "--data-dir", tmp_path / "data"]
    env = {**clean, **environment("http://127.0.0.1:1"), **env}
    done = subprocess.run([*map(str, words)], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3 and says in done.stderr and SECRET not in done.stderr, done.stderr


def test_log_lines_are_json_when_that_is_asked_for(tmp_path):
    config = tmp_path / "picquet.toml"
    config.write_text(f'[[source]]\nname = "logs"\nfolder = "{tmp_path / "missing"}"\nsince = "all"\npoll = "1s"\n')
    env = {"PICQUET_LOG": "info", "PICQUET_LOG_FORMAT": "json"}
    server = Server(binary(), tmp_path, "--config", str(config), env=env)

    def line():
        lines = [json.loads(line) for line in log(server).splitlines() if line.startswith("{")]
        return [line for line in lines if line["fields"]["message"] == "a source is in trouble"]

    (told, *_) = poll(line)
    assert told["level"] == "WARN" and told["target"] == "picquet_watch::status" and told["timestamp"]
    assert told["fields"]["source"] == "logs" and "missing" in told["fields"]["why"]
    server.stop()
