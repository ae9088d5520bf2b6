"""`scale.py KIND MB FOLDER`: the world with so much background that one kind of log reaches a volume."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from world import cloudtrail, dns, flow  # noqa: E402
from world.corpus import Corpus, Layout  # noqa: E402

#: Bytes of one benign record, about; a flow is two lines.
SIZES = {"cloudtrail": 830, "flow": 190, "dns": 400}


def main():
    kind, mb, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    count = mb * 1_000_000 // SIZES[kind]
    corpus = Corpus(
        events=cloudtrail.events(count) if kind == "cloudtrail" else {},
        flows={2: flow.lines(count, 2)} if kind == "flow" else {},
        queries=dns.lines(count) if kind == "dns" else [],
    )
    corpus.write(folder, Layout(parts=max(4, mb)), kinds=(kind,))


if __name__ == "__main__":
    main()
