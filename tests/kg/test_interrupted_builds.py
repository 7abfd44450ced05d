"""Tests of builds that do not end well: killed, or on a disk that is full; and of those who read meanwhile. All with real processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import SnapshotError
from kg.graph import open_snapshot
from kg.imports import Order, import_source, remove_source
from kg.library import imported
from kg.model import Direction, Source
from kg.snapshot import open_shipped, rebuild
from kg.sources.records import Options
from kg.sources.registry import FORMATS

ROOT = Path(__file__).parents[2]
GOUT = "MONDO:0005393"
TERMS = 399

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")


@pytest.fixture
def ontologies(tiny_directory: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_directory, tmp_path / "ontologies" / "everyday")).parent


@pytest.fixture
def target(ontologies: Path, tmp_path: Path) -> Path:
    """A snapshot of what ships, with one import."""
    (tmp_path / "cache").mkdir()
    target = rebuild(tmp_path / "cache" / "snapshot", ontologies=ontologies)
    import_source(order(tmp_path, "before", 2), target, ontologies=ontologies)
    return target


def order(directory: Path, name: str, terms: int = TERMS) -> Order:
    path = directory / f"{name}.obo"
    stanzas = (f"[Term]\nid: DOID:{number}\nname: disease {number}\n" for number in range(1, terms + 1))
    path.write_text("format-version: 1.2\n\n" + "\n".join(stanzas))
    return Order(Source(name, "", "", ""), FORMATS["obo"], path, Options(name))


def beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path.name not in (target.name, f"{target.name}.lock"))


def check_old(target: Path) -> None:
    graph = open_snapshot(target)
    assert len(graph.facts(GOUT, Direction.OUT)) == 3 and imported(target) == ["before"]


# Imports, and at one step says so and waits for ever.
_STOPPED_IMPORT = """
import sys
from pathlib import Path
from kg.imports import import_source
from tests.kg.test_interrupted_builds import order

target, ontologies, directory, stop = sys.argv[1:]

def progress(what, done, total):
    if what == stop:
        print(what, flush=True)
        sys.stdin.read()

import_source(order(Path(directory), "new"), Path(target), progress=progress, ontologies=Path(ontologies))
"""


def killed_at(step: str, target: Path, ontologies: Path) -> None:
    command = [sys.executable, "-c", _STOPPED_IMPORT, str(target), str(ontologies), str(ontologies.parent), step]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{step}\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", ["reading new", "sources", "entities", "imported sources", "RDF store", "done"])
def test_a_killed_import_leaves_the_old_snapshot_answering_and_the_next_one_cleans_up(target: Path, ontologies: Path, step: str) -> None:
    killed_at(step, target, ontologies)
    assert bool(beside(target)) == (step not in ("reading new", "sources"))
    check_old(target)
    import_source(order(ontologies.parent, "new"), target, ontologies=ontologies)
    assert imported(target) == ["before", "new"] and beside(target) == []
    assert open_snapshot(target).entity(f"DOID:{TERMS}") is not None


def test_a_killed_first_build_is_no_snapshot_and_the_next_one_succeeds(ontologies: Path, tmp_path: Path) -> None:
    target = tmp_path / "cache" / "snapshot"
    killed_at("RDF store", target, ontologies)
    with pytest.raises(SnapshotError, match="is no snapshot"):
        open_snapshot(target)
    assert open_shipped(target, ontologies).entity(GOUT) is not None
    assert beside(target) == []


def test_a_build_killed_while_the_old_snapshot_stood_aside_loses_no_import(target: Path, ontologies: Path) -> None:
    # Where the system cannot exchange two directories at once.
    target.rename(target.with_name(".snapshot.building-abc.old"))
    shutil.copytree(target.with_name(".snapshot.building-abc.old"), target.with_name(".snapshot.building-abc"))
    import_source(order(ontologies.parent, "new"), target, ontologies=ontologies)
    assert imported(target) == ["before", "new"] and beside(target) == []


# Imports with a limit on how large a file may become, as a full disk has one.
_LIMITED_IMPORT = """
import resource, signal, sys
from pathlib import Path
from kg.errors import SnapshotError
from kg.imports import import_source
from tests.kg.test_interrupted_builds import order

target, ontologies, directory, limit = sys.argv[1:]
new = order(Path(directory), "new")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    import_source(new, Path(target), ontologies=Path(ontologies))
except SnapshotError as error:
    sys.exit(str(error))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs limits of file sizes")
@pytest.mark.parametrize("limit", [1_000, 20_000, 60_000])
def test_a_file_that_cannot_grow_ends_the_import_with_one_sentence(target: Path, ontologies: Path, limit: int) -> None:
    command = [sys.executable, "-c", _LIMITED_IMPORT, str(target), str(ontologies), str(ontologies.parent), str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith(f"the snapshot {target} cannot be written: ") and done.stderr.count("\n") == 1
    assert beside(target) == []
    check_old(target)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("this process may not mount a file system")
    try:
        yield place
    finally:
        # Lazily: snapshots that were opened are still mapped into memory.
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_at_any_step_is_one_error_and_harms_nothing(target: Path, ontologies: Path, small_disk: Path) -> None:
    place = small_disk / "snapshot"
    shutil.copytree(target, place)
    new = order(ontologies.parent, "new")
    steps = set()
    for free in range(16, 4_096, 48):
        told = [""]
        with (small_disk / "ballast").open("wb") as ballast:
            ballast.truncate(0)
            os.posix_fallocate(ballast.fileno(), 0, shutil.disk_usage(small_disk).free - free * 1024)
        try:
            import_source(new, place, progress=lambda what, done, total, told=told: told.append(what), ontologies=ontologies)  # type: ignore[misc]
        except SnapshotError as error:
            assert "cannot be written" in str(error)
            steps.add(told[-1])
            assert beside(place) == ["ballast"]
            check_old(place)
        else:
            break
        finally:
            (small_disk / "ballast").unlink()
    else:
        pytest.fail("no import succeeded")
    assert len(steps) > 1  # which ones depends on how the two threads share the space
    assert imported(place) == ["before", "new"]


# Asks, in all ways, until its input ends; any error ends it.
_READER = """
import select, sys
from pathlib import Path
from kg.graph import open_snapshot
from kg.model import Direction
from kg.views import select as sparql

target = Path(sys.argv[1])
rounds = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    graph = open_snapshot(target)
    assert len(graph.facts("MONDO:0005393", Direction.OUT)) == 3
    assert len(graph) in (int(sys.argv[2]), int(sys.argv[3]))
    assert [entity.curie for entity in graph.entities()] == sorted(entity.curie for entity in graph.entities())
    if rounds % 5 == 0:
        assert sparql(graph, "ASK { MONDO:0005393 biolink:has_phenotype ?x }")[1] == [["true"]]
    rounds += 1
    if rounds == 1:
        print("reading", flush=True)
"""


def test_readers_never_fail_while_the_snapshot_is_replaced_under_them(target: Path, ontologies: Path) -> None:
    before = len(open_snapshot(target))
    new = order(ontologies.parent, "new")
    after = before + TERMS - 2  # two are there already
    command = [sys.executable, "-c", _READER, str(target), str(before), str(after)]
    readers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None and reader.stdout.readline() == "reading\n"
        for _ in range(4):
            import_source(new, target, ontologies=ontologies)
            assert len(open_snapshot(target)) == after
            remove_source("new", target, ontologies=ontologies)
    finally:
        ended = [reader.communicate("end\n", timeout=60) for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0], ended
