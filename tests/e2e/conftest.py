"""What the tests share: the real binary, and the made-up world written to disk once."""

import json
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from server import Server
from world import Corpus, build

ROOT = Path(__file__).resolve().parents[2]


def binary() -> Path:
    """The binary of $PICQUET_BIN, else the release build, else the debug build."""
    if given := os.environ.get("PICQUET_BIN"):
        return Path(given).resolve()
    for profile in ("release", "debug"):
        path = ROOT / "target" / profile / "picquet"
        if path.exists():
            return path
    pytest.exit("no binary: run `cargo build --release -p picquet`, or set PICQUET_BIN", returncode=1)


@dataclass
class Result:
    """How a run ended."""

    code: int
    out: bytes
    err: str

    @property
    def findings(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]

    def types(self) -> set[str]:
        return {f["type"] for f in self.findings}


class Picquet:
    """Runs the binary with a clean environment."""

    def __init__(self, folder: Path):
        self.bin = binary()
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("PICQUET_")}

    def __call__(self, *words, stdin: bytes | None = None, timeout: float = 120) -> Result:
        words = [str(self.bin), *map(str, words)]
        options = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(
            words, capture_output=True, timeout=timeout, env=self.env, cwd=self.folder, check=False, **options
        )
        return Result(done.returncode, done.stdout, done.stderr.decode())

    def scan(self, *words, **more) -> Result:
        """A quiet scan that must succeed, as NDJSON."""
        result = self("scan", *words, "--format", "ndjson", "--quiet", **more)
        assert result.code == 0, result.err
        return result


@pytest.fixture
def picquet(tmp_path) -> Picquet:
    return Picquet(tmp_path)


@pytest.fixture(scope="session")
def world() -> Corpus:
    return build()


@pytest.fixture(scope="session")
def logs(world, tmp_path_factory) -> Path:
    """The world's logs, one file for each account and region."""
    return world.write(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="session")
def lists(world, tmp_path_factory) -> list[str]:
    """Options that load the world's lists, its inventory, and settings: retired types, a day is learned."""
    folder = tmp_path_factory.mktemp("lists")
    options = world.write_lists(folder)
    settings = folder / "settings.toml"
    settings.write_text("[detection]\nretired_types = true\n[learning]\ndays = 1\n")
    return [*options, "--config", str(settings)]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(request) -> str | None:
    """Where the store is: in the data folder, or in a schema of its own of the server that `cargo xtask postgres` runs."""
    if request.param == "sqlite":
        return None
    if not (url := os.environ.get("PICQUET_TEST_STORE")):
        pytest.skip("no PostgreSQL: run it as `cargo xtask postgres pytest ...`")
    return f"{url}&schema=e{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The API without TLS."""
    served = Server(binary(), tmp_path_factory.mktemp("server"))
    yield served
    served.stop()
