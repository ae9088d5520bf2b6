"""Resolver query logs: planted queries and a benign background."""

import hashlib
import json

from .cloudtrail import iso
from .places import DAY, HOME, LISTS, REGION, THREATS, VPC, Host

HOSTS = [Host(n) for n in range(101, 131)]
#: The hosts that ask for nothing planted.
BENIGN = HOSTS[-8:]


def query(host, at, name, kind="A", code="NOERROR", data="93.184.10.20"):
    """Of several answers, the data are a line each."""
    answers = [{"Rdata": one, "Type": kind, "Class": "IN"} for one in data.splitlines()] if code == "NOERROR" else []
    return json.dumps({
        "version": "1.100000",
        "account_id": HOME,
        "region": REGION,
        "vpc_id": VPC,
        "query_timestamp": iso(at),
        "query_name": name + ".",
        "query_type": kind,
        "query_class": "IN",
        "rcode": code,
        "answers": answers,
        "srcaddr": host.address,
        "srcport": str(30_000 + at % 20_000),
        "transport": "UDP",
        "srcids": {"instance": host.instance},
    }, separators=(",", ":"))


def is_name(entry):
    return not entry.replace(".", "").isdigit() and "." in entry


def lines(count):
    """All lines. Every listed name is asked for by a host of its own, three times; one name of a neighbour is not."""
    out = []
    for n in range(count):
        name = f"{'abcdefgh'[n % 8]}{n * 7919 % 5003}.service-{n * 31 % 97}.com"
        at = DAY + n * 172_800 // max(count, 1)
        host = BENIGN[-1 - n % 8]
        out.append(query(host, at, name, code="NXDOMAIN" if n % 41 == 0 else "NOERROR"))
    t = DAY + 90_000
    names = [entry for entries in LISTS.values() for entry in entries if is_name(entry)]
    names += [entry for entry in THREATS if is_name(entry)]
    for n, name in enumerate(names):
        out += [query(HOSTS[n], t + n * 10 + i * 60, f"{'wWw.' if i == 1 else ''}{name}") for i in range(3)]
    rebind = HOSTS[len(names)]
    out.append(query(rebind, t, "innocent.example-rebind.net", data="169.254.169.254"))
    out.append(query(rebind, t, "notevil-c2.example-bad.net.example-good.org"))
    bot, thief = HOSTS[len(names) + 1 : len(names) + 3]
    out += [query(bot, t + n * 20, f"{letters(f'bot {n}', 14)}.{('com', 'net', 'biz')[n % 3]}", code="NXDOMAIN")
            for n in range(20)]
    out += [query(thief, t + n, f"{letters(f'a {n}', 55)}.{letters(f'b {n}', 55)}.example-relay.net", "TXT",
                  data="ok") for n in range(120)]
    fluxed = HOSTS[len(names) + 3]
    # Access networks of Germany, France, Japan, Brazil, Australia, South Africa, the United States and Korea.
    networks = ["84.128", "90.0", "126.0", "177.0", "1.128", "105.0", "73.0", "211.32"]
    out += [query(fluxed, t + n * 600, "example-flux.net",
                  data="\n".join(f"{networks[(n + i) % 8]}.{n + 1}.{i + 9}" for i in range(4))) for n in range(8)]
    return out


def letters(seed, length):
    """Letters that look drawn at random, the same for the same seed."""
    digest = hashlib.shake_128(seed.encode()).digest(length)
    return "".join(chr(ord("a") + byte % 26) for byte in digest)
