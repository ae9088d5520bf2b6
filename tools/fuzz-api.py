#!/usr/bin/env python3
"""Fuzzes the API with requests made from the service model: valid ones, and such with one or more members changed.

Each request follows from the seed and its number; only ids that the server makes up differ from run to run. The same
model says what must be refused and what may not be. Needs boto3 (tests/e2e/requirements.txt).
"""

import argparse
import http.client
import json
import os
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests/e2e")]

from fuzz_api import check, model, mutants  # noqa: E402
from fuzz_api.tenant import Tenant  # noqa: E402
from fuzz_api.valid import ACCOUNTS, Builder  # noqa: E402
from server import Server  # noqa: E402
from signing import Signer  # noqa: E402

SHOWN = 20
# Operations that would leave little to try, and those that fill the store: one in so many of their turns.
SELDOM = {"DeleteDetector": 12, "CreateSampleFindings": 4, "DisassociateMembers": 2, "DeleteMembers": 2}
# What the members of the first account leave to it, and it to them: who has members can be nobody's.
ADMINISTRATORS_OWN = ("CreateMembers", "InviteMembers")
MEMBERS_OWN = ("Invitation", "DisassociateFrom")


class Connection:
    """A connection that is kept alive; requests on it are answered one by one."""

    def __init__(self, url):
        self.address = urlsplit(url).netloc
        self.open()

    def open(self):
        self.http = http.client.HTTPConnection(self.address, timeout=60)

    def send(self, tenant, method, path, query, body):
        try:
            pairs = sorted((quote(n, safe=""), quote(v, safe="")) for n, v in model.query_pairs(query))
        except UnicodeDecodeError:
            pairs = []
        canonical = "&".join(f"{n}={v}" for n, v in pairs)
        headers = tenant.signer.headers(method, path, canonical, body)
        target = f"{path}?{query}" if query else path
        self.http.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self.http.putheader(name, value)
        if body:
            self.http.putheader("content-type", "application/json")
            self.http.putheader("content-length", str(len(body)))
        self.http.endheaders(body or None)

    def receive(self):
        answer = self.http.getresponse()
        body = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        # The rest of a body that is too large is not read.
        if answer.status == 413:
            self.http.close()
            self.open()
        elif answer.will_close:
            raise http.client.HTTPException("the connection is not kept alive")
        return answer.status, headers, body

    def __call__(self, *request):
        self.send(*request)
        return self.receive()


class Request:
    def __init__(self, number, tenant, operation, label, wire, members):
        self.number, self.tenant, self.operation, self.label = number, tenant, operation, label
        self.wire, self.members = wire, members

    def __str__(self):
        method, path, query, body = self.wire
        where = f"{self.tenant.account} {self.tenant.region}"
        shown = f"{body[:700]!r}" + (f" and {len(body) - 700} bytes" if len(body) > 700 else "")
        target = f"{path}?{query}" if query else path
        what = f"request {self.number} ({where}; {self.operation.name}: {self.label})"
        return f"{what}\n  {method} {target[:700]}\n  {shown}"


class Fuzzer:
    def __init__(self, seed, tenants):
        self.seed, self.tenants = seed, tenants
        self.service = model.load()
        self.routes = model.Routes(self.service)
        self.operations = [self.service.operation_model(name) for name in self.service.operation_names]
        self.cases = [
            (operation, path, shape, label)
            for operation in self.operations
            for path, shape in (mutants.paths(operation.input_shape) if operation.input_shape else ())
            for label in mutants.labels(shape, model.place(operation.input_shape.members[path[0]]))
        ]
        random.Random(seed).shuffle(self.cases)
        self.tried, self.statuses, self.by_operation, self.failed = 0, Counter(), Counter(), []

    def request(self, number) -> Request:
        """The request of a number."""
        rng = random.Random(f"{self.seed}/{number}")
        tenant = self.tenants[int(rng.random() ** 2 * len(self.tenants))]
        chance = rng.random()
        if chance < 0.6:
            operation, path, shape, label = self.cases[self.tried % len(self.cases)]
            if rng.random() < 1 / SELDOM.get(operation.name, 1) or operation.name != "DeleteDetector":
                self.tried += 1
                tenant = self.suited(operation, tenant, rng)
                return self.changed(number, rng, tenant, operation, [(path, shape, label)])
        operation = rng.choice(self.operations)
        if rng.random() > 1 / SELDOM.get(operation.name, 1):
            operation = self.service.operation_model("GetDetector")
        tenant = self.suited(operation, tenant, rng)
        builder = Builder(rng, tenant, operation)
        if chance < 0.8 or not operation.input_shape:
            members = builder.request()
            return Request(number, tenant, operation, "valid", mutants.assemble(operation, members), members)
        if chance < 0.9:
            return self.changed(number, rng, tenant, operation, self.several(rng, operation))
        return self.broken(number, rng, tenant, operation, builder.request())

    def suited(self, operation, tenant, rng):
        """The tenant, or one that the operation is for."""
        if operation.name in ADMINISTRATORS_OWN:
            return self.tenants[0]
        if any(part in operation.name for part in MEMBERS_OWN) and rng.random() < 0.9:
            return self.tenants[1 + rng.randrange(len(self.tenants) - 1)]
        return tenant

    def several(self, rng, operation):
        shapes = list(mutants.paths(operation.input_shape))
        some = [rng.choice(shapes) for _ in range(rng.randint(2, 4))] if shapes else []
        place = {p: model.place(operation.input_shape.members[p[0]]) for p, _ in some}
        return [(p, s, rng.choice(mutants.labels(s, place[p]))) for p, s in some]

    def changed(self, number, rng, tenant, operation, changes) -> Request:
        """A valid request with members changed."""
        builder = Builder(rng, tenant, operation)
        members = builder.request(changes[0][0] if changes else ())
        done = []
        for path, shape, label in changes:
            change = lambda old, label=label, shape=shape, path=path: mutants.mutant(
                label, shape, old, builder, name_of(path)
            )
            try:
                self.put(operation.input_shape, members, path, change)
                done.append(f"{'.'.join(path)} {label}")
            except (KeyError, IndexError, TypeError, AttributeError, StopIteration):
                # Another change, or chance, left nothing at that place.
                continue
        return Request(number, tenant, operation, "; ".join(done), mutants.assemble(operation, members), members)

    def put(self, shape, members, path, change):
        """As `mutants.put`, for the top, where members have their names of the model."""
        name, rest = path[0], path[1:]
        if rest:
            mutants.put(members[name], rest, change, shape.members[name])
            return
        new = change(members[name])
        if new is mutants.ABSENT:
            del members[name]
        else:
            members[name] = new

    def broken(self, number, rng, tenant, operation, members) -> Request:
        """A request whose body is no JSON, or JSON that is unusual."""
        method, path, query, body = mutants.assemble(operation, members)
        at = rng.randint(0, len(body))
        twice = rng.choice(list(mutants.JSONS.values()))
        name = next(
            (model.wire_name(n, m) for n, m in operation.input_shape.members.items() if model.place(m) == "body"), "x"
        )
        key = json.dumps(name).encode()
        ways = {
            "cut": body[:at],
            "a byte flipped": body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :],
            "a byte put in": body[:at] + bytes([rng.randrange(256)]) + body[at:],
            "something after": body + rng.choice((b"{}", b"x", b"\0", b"]", b"\n\n ", b",")),
            "a byte order mark": b"\xef\xbb\xbf" + body,
            "UTF-16": body.decode(errors="replace").encode("utf-16"),
            "no object": rng.choice(list(mutants.JSONS.values())),
            "a key twice": b"{" + key + b":" + twice + b"," + body.lstrip(b"{ ") if len(body) > 2 else body,
            "unknown members": b'{"noSuchMember":' + twice + b"," + body[1:] if len(body) > 2 else body,
            "too large": b'{"x":"' + b"x" * (1 << 20) + b'"}' if rng.random() < 0.05 else b"",
            "an unknown query": body,
            "a slash more": body,
            "another method": body,
        }
        label = rng.choice(list(ways))
        if label == "an unknown query":
            query += "&" * bool(query) + rng.choice(
                ("x=y", "maxResults=1", "nextToken=", "%00=1", "=", "detectorId=x", "maxResults", "a=%ff")
            )
        path += "/" * (label == "a slash more")
        method = (
            rng.choice(("GET", "PUT", "DELETE", "PATCH", "POST", "OPTIONS")) if label == "another method" else method
        )
        return Request(number, tenant, operation, label, (method, path, query, ways[label]), members)

    def judge(self, request: Request, answer):
        """Notes what is wrong with an answer, and what is to be learned from it."""
        method, path, query, body = request.wire
        status = answer[0]
        found = self.routes.find(method, path)
        operation, in_path = found or (None, {})
        if found and "" in in_path.values():
            operation, in_path = None, {}
        verdict = model.judge(operation, in_path, query, body) if operation else model.FORBIDDEN
        if len(body) > 1 << 20:
            verdict = model.FORBIDDEN
        name = operation.name if operation else "(no operation)"
        self.statuses[status] += 1
        self.by_operation[name, "taken" if status < 400 else "refused"] += 1
        if wrong := check.faults(operation, verdict, is_text(query), *answer):
            self.fail(request, "; ".join(wrong), f"{status} {answer[2][:700]!r}")
        elif operation and status < 400:
            learned = {n: model.decoded(v) for n, v in in_path.items()}
            request.tenant.learn(operation.name, learned, json.loads(answer[2]) if answer[2] else {})

    def fail(self, request, what, answer=""):
        self.failed.append(f"{what}\n{request}\n  {answer}")

    def run(self, numbers, connections):
        """Sends requests, as many at once as there are connections."""
        numbers = list(numbers)
        for first in range(0, len(numbers), len(connections)):
            for tenant in self.tenants:
                if not tenant.ready():
                    others = (
                        sorted({t.account for t in self.tenants} - {tenant.account})
                        if tenant is self.tenants[0]
                        else []
                    )
                    tenant.furnish(self.service, connections[0], others)
                    if not tenant.ready():
                        self.failed.append(f"{tenant.account} {tenant.region} cannot be given a detector and findings")
                        return
            batch = [self.request(number) for number in numbers[first : first + len(connections)]]
            sent = list(zip(connections, batch, strict=False))
            for connection, request in sent:
                self.guarded(connection, request, lambda c=connection, r=request: c.send(r.tenant, *r.wire))
            answers = [(r, self.guarded(c, r, c.receive)) for c, r in sent]
            for request, answer in answers:
                if answer:
                    self.judge(request, answer)

    def guarded(self, connection, request, work):
        try:
            return work()
        except (OSError, http.client.HTTPException) as e:
            self.fail(request, f"the connection was dropped: {e!r}")
            connection.http.close()
            connection.open()
            return None


def name_of(path) -> str:
    return next((step for step in reversed(path) if step not in ("[]", "{}", "{k}")), "")


def is_text(query) -> bool:
    try:
        model.query_pairs(query)
    except UnicodeDecodeError:
        return False
    return True


def report(fuzzer, log: str) -> int:
    taken, refused = Counter(), Counter()
    for (name, how), n in fuzzer.by_operation.items():
        (taken if how == "taken" else refused)[name] += n
    print("\n".join(f"{status}  {n}" for status, n in sorted(fuzzer.statuses.items())))
    print(f"{'operation':48} {'taken':>8} {'refused':>8}")
    for name in sorted({*taken, *refused}):
        print(f"{name:48} {taken[name]:8} {refused[name]:8}")
    reached = len({*taken} - {"(no operation)"})
    tried = f"{min(fuzzer.tried, len(fuzzer.cases))} of {len(fuzzer.cases)} single changes tried"
    print(f"{tried}; {reached} operations succeeded at times")
    panics = re.findall(r".*(?:panicked|a call failed).*", log)
    for one in panics[:SHOWN]:
        print(f"in the log: {one}")
    for one in fuzzer.failed[:SHOWN]:
        print(f"\nFAILED: {one}")
    if fuzzer.failed or panics:
        print(f"\n{len(fuzzer.failed)} failed, {len(panics)} faults in the log; repeat with --seed {fuzzer.seed}")
    return int(bool(fuzzer.failed or panics))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--server", help="a server that runs, with the key of AWS_ACCESS_KEY_ID; else one is started")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    if options.server:
        key = {"AccessKeyId": os.environ["AWS_ACCESS_KEY_ID"], "SecretAccessKey": os.environ["AWS_SECRET_ACCESS_KEY"]}
        account = os.environ.get("AWS_ACCOUNT_ID", ACCOUNTS[0])
        return fuzz(
            options, options.server, [(account, key, region) for region in ("us-east-1", "eu-west-1")], [], lambda: ""
        )
    binary = os.environ.get("PICQUET_BIN") or next(
        (str(p) for p in (ROOT / "target" / kind / "picquet" for kind in ("release", "debug")) if p.exists()), None
    )
    if not binary:
        sys.exit("error: no binary\nhelp: run `cargo build -p picquet`, or set PICQUET_BIN")
    with tempfile.TemporaryDirectory() as folder:
        lists = Path(folder) / "lists"
        lists.mkdir()
        (lists / "some.txt").write_text("198.51.100.7\n203.0.113.0/24\n")
        served = Server(
            Path(binary),
            Path(folder),
            "--rate-limit",
            "0",
            "--list-folder",
            str(lists),
            "--management-account",
            ACCOUNTS[0],
        )
        try:
            keys = {account: served.add(f"user-{account}", account) for account in ACCOUNTS}
            users = [
                (ACCOUNTS[0], "us-east-1"),
                (ACCOUNTS[1], "us-east-1"),
                (ACCOUNTS[0], "eu-west-1"),
                (ACCOUNTS[2], "us-east-1"),
            ]
            users = [(account, keys[account], region) for account, region in users]
            log = Path(folder) / "serve.log"
            return fuzz(options, served.url, users, [f"file://{lists}/some.txt"], log.read_text)
        finally:
            served.stop()


def fuzz(options, url, users, lists, log) -> int:
    host = urlsplit(url).netloc
    tenants = [Tenant(Signer(key, host, region), account, region, lists) for account, key, region in users]
    fuzzer = Fuzzer(options.seed, tenants)
    try:
        fuzzer.run(range(options.requests), [Connection(url) for _ in range(options.connections)])
    except (OSError, http.client.HTTPException) as e:
        fuzzer.failed.append(f"the server is gone: {e!r}")
    return report(fuzzer, log())


if __name__ == "__main__":
    sys.exit(main())
