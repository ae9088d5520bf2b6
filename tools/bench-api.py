#!/usr/bin/env python3
"""Measures the API with many findings in its store, beside findings that keep coming.

Prints how long the first of each kind of query takes, which may wait for the disk, and the median and the 99th percentile
of those after it, as a client on the same machine sees them. Exits with 1 when a 99th percentile is above its bar.
"""

import argparse
import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from signing import Signer  # noqa: E402

#: Milliseconds that the 99th percentile of the named queries may take.
BAR = 50
DAY = 86_400_000


def queries(detector: str) -> dict:
    """The console's and the common triage queries: path and body."""
    lists = f"/detector/{detector}/findings"
    counts = f"{lists}/statistics"
    newest = {"attributeName": "updatedAt", "orderBy": "DESC"}
    worst = {"attributeName": "severity", "orderBy": "DESC"}
    current = {"service.archived": {"eq": ["false"]}}
    end = 1_793_491_200_000

    def find(criterion, sort=newest):
        return lists, {"findingCriteria": {"criterion": criterion}, "sortCriteria": sort, "maxResults": 50}

    def by(group, criterion=None):
        return counts, {"groupBy": group, "findingCriteria": {"criterion": criterion or current}}

    instance = "i-" + format(4711, "017x")
    remote = "service.action.networkConnectionAction.remoteIpDetails"
    return {
        "current, newest first": find(current),
        "current, worst first": find(current, worst),
        "all, newest first": find({}),
        "high and critical, newest first": find({**current, "severity": {"gte": 7}}),
        "one type": find({**current, "type": {"eq": ["UnauthorizedAccess:EC2/SSHBruteForce"]}}),
        "types by pattern, worst first": find({**current, "type": {"matches": ["Recon:*"]}}, worst),
        "one instance": find({"resource.instanceDetails.instanceId": {"eq": [instance]}}),
        "one user": find({**current, "resource.accessKeyDetails.userName": {"eq": ["user-42"]}}),
        "one bucket, worst first": find({"resource.s3BucketDetails.name": {"eq": ["bucket-7"]}}, worst),
        "one remote address": find({f"{remote}.ipAddressV4": {"eq": ["198.18.7.9"]}}),
        "one country, three criteria, worst first": find(
            {**current, f"{remote}.country.countryName": {"eq": ["Japan"]}, "severity": {"gte": 5}}, worst
        ),
        "the last week, high": find({**current, "severity": {"gte": 7}, "updatedAt": {"greaterThanOrEqual": end - 7 * DAY}}, worst),
        "not these types": find({**current, "type": {"neq": ["Policy:IAMUser/RootCredentialUsage"]}}),
        "archived": find({"service.archived": {"eq": ["true"]}}),
        "count by severity": (counts, {"findingStatisticTypes": ["COUNT_BY_SEVERITY"]}),
        "by account": by("ACCOUNT"),
        "by date": by("DATE"),
        "by type": by("FINDING_TYPE"),
        "by resource": by("RESOURCE"),
        "by severity": by("SEVERITY"),
    }


#: Other shapes, which may take a second: criteria that are each common, that meet in little or nothing, that no index
#: serves, and orders that no index has.
def others(detector: str) -> dict:
    lists = f"/detector/{detector}/findings"
    end = 1_793_491_200_000
    network = "service.action.networkConnectionAction"
    vpc = {"resource.instanceDetails.networkInterfaces.vpcId": {"eq": ["vpc-3"]}}
    port = {f"{network}.localPortDetails.port": {"eq": ["22"]}}
    japan = {f"{network}.remoteIpDetails.country.countryName": {"eq": ["Japan"]}}
    inbound = {f"{network}.connectionDirection": {"eq": ["INBOUND"]}}
    user = "resource.accessKeyDetails.userName"
    instance = "resource.instanceDetails.instanceId"
    worst = {"attributeName": "severity", "orderBy": "DESC"}

    def find(criterion, sort=None):
        return lists, {"findingCriteria": {"criterion": criterion}, **({"sortCriteria": sort} if sort else {})}

    def by(group, criterion):
        return f"{lists}/statistics", {"groupBy": group, "findingCriteria": {"criterion": criterion}}

    def sort(attribute, direction="DESC"):
        return {"attributeName": attribute, "orderBy": direction}

    return {
        "two common attributes": find({**vpc, **port}),
        "a pattern over an attribute": find({instance: {"matches": ["*4f*"]}}),
        "a pattern that most meet": find({instance: {"matches": ["i-*"]}}, worst),
        "a range of ports": find({f"{network}.remotePortDetails.port": {"gte": 50_000}, "severity": {"lt": 3}}, worst),
        "neither this nor that": find({**port, user: {"notMatches": ["user-1*"]}, instance: {"neq": ["i-1"]}}, worst),
        "nothing meets it": find({**vpc, user: {"eq": ["user-1"]}}),
        "nothing meets four common attributes": find({**inbound, **japan, **port, user: {"matches": ["user-*"]}, **vpc}),
        "nothing meets common columns": find(
            {"severity": {"lt": 3}, "type": {"matches": ["*"], "neq": ["x"]}, "resource.resourceType": {"eq": ["Other"]}}
        ),
        "old and worst first": find({"updatedAt": {"lessThan": end - 60 * DAY}, "severity": {"lt": 3}}, worst),
        "by a country's name": find({}, sort(f"{network}.remoteIpDetails.country.countryName", "ASC")),
        "by a user's name, high": find({"severity": {"gte": 7}}, sort(user)),
        "by the resource's type": find({"service.archived": {"eq": ["false"]}}, sort("resource.resourceType")),
        "by first seen, one country": find(japan, sort("service.eventFirstSeen")),
        "by type, of the last week": by("FINDING_TYPE", {"updatedAt": {"greaterThanOrEqual": end - 7 * DAY}}),
        "by resource, high": by("RESOURCE", {"severity": {"gte": 7}}),
        "by resource, of one country and port": by("RESOURCE", {**japan, **port}),
        "by date, types by pattern": by("DATE", {"type": {"matches": ["*:IAMUser/*"]}}),
        "by severity, not this country": by(
            "SEVERITY", {f"{network}.remoteIpDetails.country.countryName": {"neq": ["Japan"]}}
        ),
        "by account, all that is low or more": by("ACCOUNT", {"severity": {"gte": 1}}),
    }


class Client:
    """Signed requests over one connection."""

    def __init__(self, port: int, key: dict):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.signer = Signer(key, f"127.0.0.1:{port}")

    def post(self, path: str, body: dict) -> dict:
        text = json.dumps(body).encode()
        headers = self.signer.headers("POST", path, body=text)
        self.connection.request("POST", path, text, {**headers, "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {said.decode()}")
        return json.loads(said or b"{}")


def percentile(times: list, share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def serve(args):
    words = [args.bin, "serve", "--data-dir", args.data_dir, "--insecure-http", "--listen", "127.0.0.1:0"]
    # The findings of the benchmark have fixed days, which no clock makes too old.
    words += ["--rate-limit", "0", "--retention-days", "36500"]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if found := re.search(r"listens on http://127\.0\.0\.1:(\d+)", line):
            threading.Thread(target=lambda: [None for _ in server.stderr], daemon=True).start()
            return server, int(found[1])
    sys.exit("the server does not start")


def ingest(port: int, key: dict, detector: str, stop: threading.Event, written: list):
    """Fifty writes a second: samples, archived and not. Leaves how many a second there were."""
    client = Client(port, key)
    types = ["Recon:EC2/Portscan", "UnauthorizedAccess:EC2/SSHBruteForce", "Policy:IAMUser/RootCredentialUsage"]
    began = time.perf_counter()
    for n in itertools.count(1):
        client.post(f"/detector/{detector}/findings/create", {"findingTypes": [types[n % 3]]})
        passed = time.perf_counter() - began
        if stop.wait(max(0, n / 50 - passed)):
            return written.append(n / passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data-dir", "--bin", "--detector", "--account"):
        parser.add_argument(name, required=True)
    parser.add_argument("--runs", type=int, default=200)
    args = parser.parse_args()
    words = [args.bin, "user", "add", f"bench-{os.getpid()}", "--account", args.account, "--format", "json"]
    made = subprocess.run([*words, "--data-dir", args.data_dir], capture_output=True, text=True, check=True)
    key = json.loads(made.stdout)["AccessKey"]
    server, port = serve(args)
    missed = False
    try:
        client = Client(port, key)
        text = json.dumps({"enable": True}).encode()
        headers = client.signer.headers("POST", "/detector", body=text)
        client.connection.request("POST", "/detector", text, headers)
        client.connection.getresponse().read()
        total = client.post(f"/detector/{args.detector}/findings/statistics", {"groupBy": "ACCOUNT"})
        print(f"{total['findingStatistics']['groupedByAccount'][0]['totalFindings']} findings, 50 writes a second beside")
        stop, written = threading.Event(), []
        writer = threading.Thread(target=ingest, args=(port, key, args.detector, stop, written), daemon=True)
        writer.start()
        for bar, kinds, runs in ((BAR, queries(args.detector), args.runs), (1000, others(args.detector), 20)):
            print(f"{'query':44} {'first':>11} {'median':>9} {'p99':>9}  bar {bar} ms", flush=True)
            for name, (path, body) in kinds.items():
                began = time.perf_counter()
                client.post(path, body)
                first, times = time.perf_counter() - began, []
                for _ in range(runs):
                    began = time.perf_counter()
                    client.post(path, body)
                    times.append(time.perf_counter() - began)
                late = percentile(times, 0.99)
                missed |= late > bar
                half, verdict = percentile(times, 0.5), "ok" if late <= bar else "MISSED"
                print(f"{name:44} {first * 1000:8.1f} ms {half:6.1f} ms {late:6.1f} ms  {verdict}", flush=True)
        stop.set()
        writer.join()
        # A writer that failed or was held up has measured nothing.
        missed |= not written or written[0] < 45
        print(f"{written[0] if written else 0:.0f} writes a second were made beside")
    finally:
        server.terminate()
        server.wait(30)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
