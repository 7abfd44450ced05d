"""Tests of building, opening and mending snapshots."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg.build import build_snapshot
from kg.errors import DataError, SnapshotError
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import GraphData
from kg.model import Curie, Direction, Fact
from kg.shipped import data_digest
from kg.snapshot import default_path, open_graph, open_shipped, rebuild
from kg.views import rdf_view, select

GOUT = "MONDO:0005393"


@pytest.fixture
def copy(tiny_graph: SnapshotGraph, tmp_path: Path) -> Path:
    """A snapshot that may be damaged."""
    return Path(shutil.copytree(tiny_graph.path, tmp_path / "snapshot"))


@pytest.fixture
def ontologies(tiny_directory: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_directory, tmp_path / "ontologies" / "everyday")
    return tmp_path / "ontologies"


def remaining(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_build_that_dies_leaves_the_old_snapshot_answering(tiny_data: GraphData, copy: Path) -> None:
    def die(what: str, done: int, total: int) -> None:
        if done == total - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_snapshot(tiny_data, copy, "other", die)
    assert len(open_snapshot(copy).facts(GOUT, Direction.OUT)) == 3
    assert remaining(copy.parent) == ["snapshot"]


def test_a_build_replaces_the_old_snapshot_whole(tiny_data: GraphData, copy: Path) -> None:
    old = open_snapshot(copy)
    build_snapshot(replace(tiny_data, facts=tiny_data.facts[:1]), copy, "other")
    assert open_snapshot(copy).manifest["facts"] == 1
    assert len(old.facts(GOUT, Direction.OUT)) == 3  # who has it open keeps it
    assert remaining(copy.parent) == ["snapshot"]


def test_the_same_data_gives_the_same_snapshot(ontologies: Path, tmp_path: Path) -> None:
    one, other = (open_graph(rebuild(tmp_path / name, ontologies=ontologies)) for name in ("one", "other"))
    assert one.manifest["digest"] == other.manifest["digest"]
    assert list(one.all_facts()) == list(other.all_facts())
    for name in ("facts.npy", "names.marisa", "entities.jsonl"):
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes()


def test_the_digest_sees_data_and_not_what_editors_leave_behind(ontologies: Path) -> None:
    before = data_digest(ontologies)
    for name in (".DS_Store", "drugs.yaml~", "#drugs.yaml#", ".drugs.yaml.swp"):
        (ontologies / "everyday" / name).write_text("x")
    assert data_digest(ontologies) == before
    (ontologies / "everyday" / "drugs.yaml").write_text("ibuprofen:\n  treats:\n    - fever\n")
    assert data_digest(ontologies) != before


def broken(fact: Fact, **changes: str) -> Fact:
    return replace(fact, **{k: v if k == "source" else Curie(v) for k, v in changes.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"subject": "HP:9"}, {"object": "HP:9"}, {"predicate": "biolink:likes"}, {"source": "nobody"}])
def test_a_fact_of_unknown_parts_is_refused(tiny_data: GraphData, tmp_path: Path, changes: dict[str, str]) -> None:
    facts: Sequence[Fact] = [broken(tiny_data.facts[0], **changes)]
    with pytest.raises(DataError, match="which is not known"):
        build_snapshot(replace(tiny_data, facts=facts), tmp_path / "snapshot", "x")
    assert remaining(tmp_path) == []


def test_an_entity_that_stands_twice_is_refused(tiny_data: GraphData, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="stands twice"):
        build_snapshot(replace(tiny_data, entities=[*tiny_data.entities, tiny_data.entities[0]]), tmp_path / "snapshot", "x")


@pytest.mark.parametrize("changes", [{"name": "half \ud83d"}, {"synonyms": ("\udcff",)}, {"xrefs": (Curie("iri:gout"),)}])
def test_an_entity_that_no_file_can_hold_is_refused(tiny_data: GraphData, tmp_path: Path, changes: dict[str, Any]) -> None:
    entities = [replace(tiny_data.entities[0], **changes), *tiny_data.entities[1:]]
    with pytest.raises(DataError, match=f"{tiny_data.entities[0].curie} cannot be taken"):
        build_snapshot(replace(tiny_data, entities=entities), tmp_path / "snapshot", "x")
    assert remaining(tmp_path) == []


def test_a_place_that_cannot_be_written_is_named(tiny_data: GraphData, ontologies: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SnapshotError, match="cannot be written"):
        build_snapshot(tiny_data, tmp_path / "file" / "snapshot", "x")
    with pytest.raises(SnapshotError, match="set MEDKG_SNAPSHOT"):
        open_shipped(tmp_path / "file" / "snapshot", ontologies)


def change_manifest(path: Path, **changes: object) -> None:
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, **changes}))


FILES = ("facts.npy", "names.marisa", "curies.marisa", "entities.jsonl", "entities.offsets.npy", "out_starts.npy", "in_rows.npy")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kept", [0, 20, 150])
@pytest.mark.parametrize("counted", [False, True], ids=["size known", "size as found"])
def test_a_truncated_file_is_a_snapshot_error(copy: Path, name: str, kept: int, counted: bool) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:kept])
    if counted:  # the reader itself must see it
        change_manifest(copy, files={name: kept})
    with pytest.raises(SnapshotError, match="medkg build"):
        open_snapshot(copy)


@pytest.mark.parametrize("name", FILES)
def test_garbage_of_the_right_size_is_a_snapshot_error(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"\0" * (copy / name).stat().st_size)
    with pytest.raises(SnapshotError, match="medkg build"):
        list(open_snapshot(copy).entities())


def test_an_array_of_other_data_is_a_snapshot_error(copy: Path) -> None:
    np.save(copy / "in_starts.npy", np.zeros_like(np.load(copy / "in_starts.npy")))
    with pytest.raises(SnapshotError, match="of other data"):
        open_snapshot(copy)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', "\0"])
def test_a_broken_manifest_is_a_snapshot_error(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_text(text)
    with pytest.raises(SnapshotError, match="medkg build"):
        open_snapshot(copy)


def test_missing_parts_are_snapshot_errors(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"holds no manifest\.json"):
        open_graph(tmp_path / "nothing")
    shutil.rmtree(copy / "store")
    with pytest.raises(SnapshotError, match="is missing"):
        open_graph(copy)
    (copy / "manifest.json").unlink()
    with pytest.raises(SnapshotError, match=r"holds no manifest\.json"):
        open_graph(copy)


def test_another_format_is_a_snapshot_error(copy: Path) -> None:
    change_manifest(copy, format=99)
    with pytest.raises(SnapshotError, match="of format 99, expected"):
        open_snapshot(copy)


def test_a_store_that_goes_while_the_graph_is_open_is_a_snapshot_error(copy: Path) -> None:
    graph = open_snapshot(copy)
    for path in (copy / "store").glob("*.sst"):
        path.write_bytes(b"garbage")
    with pytest.raises(SnapshotError, match="medkg build"):
        select(graph, "SELECT * { ?s ?p ?o }")
    shutil.rmtree(copy / "store")
    with pytest.raises(SnapshotError, match="cannot be opened"), rdf_view(graph):
        pass


def test_the_shipped_graph_is_built_once_then_opened(ontologies: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    for _ in range(2):
        open_shipped(tmp_path / "cache" / "snapshot", ontologies, lambda what, done, total: steps.append(what))
    assert steps == ["sources", "triples", "entities", "facts", "names", "other identifiers", "imported sources", "RDF store", "done"]


@pytest.mark.parametrize("damage", ["cut", "zeroed", "store gone", "left over"])
def test_a_damaged_shipped_snapshot_is_rebuilt(ontologies: Path, tmp_path: Path, damage: str) -> None:
    target = rebuild(tmp_path / "cache" / "snapshot", ontologies=ontologies)
    facts = target / "facts.npy"
    if damage == "cut":
        facts.write_bytes(facts.read_bytes()[:-1])
    elif damage == "zeroed":
        facts.write_bytes(b"\0" * facts.stat().st_size)
    elif damage == "store gone":
        shutil.rmtree(target / "store")
    else:  # a build killed between its two renames
        target.rename(target.with_name(".snapshot.building-abc.old"))
    assert len(open_shipped(target, ontologies).facts(GOUT, Direction.OUT)) == 3
    assert remaining(target.parent) in (["snapshot"], ["snapshot", "snapshot.lock"])


def test_new_data_is_seen(ontologies: Path, tmp_path: Path) -> None:
    before = open_shipped(tmp_path / "snapshot", ontologies).manifest["facts"]
    (ontologies / "everyday" / "more.yaml").write_text("gout:\n  symptoms:\n    - headache\n")
    assert open_shipped(tmp_path / "snapshot", ontologies).manifest["facts"] == before + 1


def test_several_processes_may_open_at_once(ontologies: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from kg.snapshot import open_shipped; from kg.views import select;"
        "graph = open_shipped(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]));"
        "print(graph.entity('MONDO:0005393').name, select(graph, 'ASK { ?s ?p ?o }')[1][0][0])"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "snapshot"), str(ontologies)]
    root = Path(__file__).parents[2]
    started = [subprocess.Popen(arguments, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=120)[0] for process in started] == ["gout true\n"] * 3


def test_the_snapshot_is_where_the_environment_says(tmp_path: Path) -> None:
    assert default_path({"MEDKG_SNAPSHOT": str(tmp_path)}) == tmp_path
    assert default_path({}).name == "snapshot"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that lets nobody create files, not even root")
def test_a_place_where_nothing_can_be_created_is_an_error_not_a_wait(tiny_directory: Path) -> None:
    with pytest.raises(SnapshotError, match="MEDKG_SNAPSHOT"):
        open_shipped(Path("/proc/nope"), tiny_directory.parent)
