"""Puts the world together and writes it in whatever layout a test wants."""

import gzip
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from . import cloudtrail, dns, flow
from .places import FAMILIES, HOME, LISTS, REGION, THREATS, TRUSTED


@dataclass
class Layout:
    """How records are laid out over files."""

    parts: int = 1  # files for each account and region
    seed: int | None = None  # shuffles records over the files
    members: int = 1  # gzip members of a file of lines
    twice: bool = False  # a second copy of every file under another name
    level: int = 6


@dataclass
class Corpus:
    """Records by kind, not yet in files."""

    events: dict
    flows: dict = field(default_factory=dict)  # version: (header, lines)
    queries: list = field(default_factory=list)

    def write(self, folder: Path, layout: Layout | None = None, kinds=("cloudtrail", "flow", "dns")) -> Path:
        """Writes `AWSLogs/...` below a folder."""
        layout = layout or Layout()
        logs = folder / "AWSLogs"
        if "cloudtrail" in kinds:
            for (account, region), records in sorted(self.events.items()):
                at = logs / account / "CloudTrail" / region / "2026/05/01"
                for n, part in enumerate(deal(records, layout)):
                    name = f"{account}_CloudTrail_{region}_20260501T{n // 60:02}{n % 60:02}Z_{n:016x}.json.gz"
                    save(at / name, [cloudtrail.text(part)], layout)
        if "flow" in kinds:
            for version, (header, lines) in sorted(self.flows.items()):
                at = logs / HOME / "vpcflowlogs" / REGION / "2026/05/01"
                for n, part in enumerate(deal(lines, layout)):
                    stamp = f"20260501T{n // 60:02}{n % 60:02}Z"
                    name = f"{HOME}_vpcflowlogs_{REGION}_fl-0{version:016x}_{stamp}_{n:08x}.log.gz"
                    save(at / name, members(header + "\n", part, layout), layout)
        if "dns" in kinds:
            at = logs / HOME / "vpcdnsquerylogs" / "vpc-0aaaaaaaaaaaaaaa1" / "2026/05/01"
            for n, part in enumerate(deal(self.queries, layout)):
                name = f"vpc-0aaaaaaaaaaaaaaa1_vpcdnsquerylogs_{HOME}_20260501T{n // 60:02}{n % 60:02}Z_{n:08x}.log.gz"
                save(at / name, members("", part, layout), layout)
        return logs

    def write_lists(self, folder: Path) -> list[str]:
        """Writes the lists and the inventory; gives the options that load them."""
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-default-feeds"]
        for category, entries in LISTS.items():
            path = folder / f"{category}.txt"
            path.write_text("".join(f"{e}\n" for e in entries))
            options += ["--feed", f"{category}={path}"]
        for category, rows in FAMILIES.items():
            path = folder / f"{category}-families.tsv"
            path.write_text("ip\tport\tfamily\n" + "".join("\t".join(row) + "\n" for row in rows))
            options += ["--feed", f"{category}={path}"]
        for option, entries in (("--threat-list", THREATS), ("--trusted-list", TRUSTED)):
            path = folder / f"{option.strip('-')}.txt"
            path.write_text("".join(f"{e}\n" for e in entries))
            options += [option, str(path)]
        path = folder / "inventory.json"
        instances = [h.describe() for h in flow.HOSTS]
        path.write_text(json.dumps({"Reservations": [{"OwnerId": HOME, "Instances": instances}]}))
        return [*options, "--inventory", str(path)]


def deal(records, layout):
    """Deals records out to files."""
    records = list(records)
    if layout.seed is not None:
        random.Random(layout.seed).shuffle(records)
    return [part for part in (records[n :: layout.parts] for n in range(layout.parts)) if part]


def members(header, lines, layout):
    """The texts of the gzip members of one file of lines."""
    step = max(1, -(-len(lines) // layout.members))
    texts = ["".join(f"{line}\n" for line in lines[n : n + step]) for n in range(0, len(lines), step)]
    return [((header if n == 0 else "") + text).encode() for n, text in enumerate(texts)]


def save(path, texts, layout):
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = b"".join(gzip.compress(text, layout.level, mtime=0) for text in texts)
    path.write_bytes(packed)
    if layout.twice:
        path.with_name("copy-of-" + path.name).write_bytes(packed)


def build(background: int = 400, flow_version: int = 2) -> Corpus:
    """The world, with so many benign records of each kind."""
    return Corpus(
        events=cloudtrail.events(background),
        flows={flow_version: flow.lines(background, flow_version)},
        queries=dns.lines(background),
    )
