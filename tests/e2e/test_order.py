"""The same records give the same bytes, however they lie in files and however many threads read them."""


import pytest
from world.corpus import Layout

LAYOUTS = {
    "split": Layout(parts=2),
    "shuffled": Layout(parts=5, seed=1),
    "shuffled-otherwise": Layout(parts=7, seed=2),
    "many-files": Layout(parts=60, seed=3),
    "members": Layout(parts=2, seed=4, members=4),
    "twice": Layout(parts=3, seed=5, twice=True),
}


@pytest.fixture(scope="module")
def expected(logs, lists, tmp_path_factory):
    from conftest import Picquet

    return Picquet(tmp_path_factory.mktemp("run")).scan(logs, *lists).out


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("name", LAYOUTS)
def test_layout_and_threads_do_not_matter(picquet, world, lists, expected, tmp_path, name, threads):
    logs = world.write(tmp_path, LAYOUTS[name])
    assert picquet.scan(logs, *lists, "--threads", threads).out == expected


def test_cloudtrail_delivered_by_two_trails_counts_once(picquet, world, lists, expected, tmp_path):
    first = world.write(tmp_path / "one", Layout(parts=3, seed=6))
    second = world.write(tmp_path / "two", Layout(parts=4, seed=7), kinds=("cloudtrail",))
    assert picquet.scan(first, second, *lists).out == expected


def test_paths_in_any_order(picquet, world, lists, expected, tmp_path):
    logs = world.write(tmp_path, Layout(parts=3))
    files = sorted(p for p in logs.rglob("*.gz"))
    assert picquet.scan(*reversed(files), *lists).out == expected
    assert picquet.scan(*files, *files, *lists).out == expected


@pytest.mark.parametrize("kind", ["json", "csv", "html", "asff", "ocsf", "table"])
def test_every_format_is_reproducible(picquet, world, logs, lists, tmp_path, kind):
    def scan(path, threads):
        result = picquet("scan", path, *lists, "--format", kind, "--quiet", "--threads", threads)
        assert result.code == 0 and result.out
        return result.out

    assert scan(logs, 1) == scan(logs, 4)
    if kind != "html":  # it counts the files that were read
        assert scan(world.write(tmp_path, Layout(parts=4, seed=8)), 2) == scan(logs, 1)


def test_small_memory_spills_and_gives_the_same(picquet, world, lists, expected, tmp_path):
    logs = world.write(tmp_path, Layout(parts=40, seed=9))
    assert picquet.scan(logs, *lists, "--max-memory", "64M", "--threads", 2).out == expected
