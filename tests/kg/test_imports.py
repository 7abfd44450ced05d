"""Tests of taking a source into a snapshot and out again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.build import no_progress
from kg.errors import DataError, SnapshotError
from kg.graph import SnapshotGraph, open_snapshot
from kg.imports import Order, Outcome, import_source, remove_source
from kg.library import imported, read_imported, write_imported
from kg.merge import collect
from kg.model import Alias, AliasKind, Direction, Source
from kg.snapshot import open_shipped, rebuild
from kg.sources.records import Options
from kg.sources.registry import FORMATS

JOINTS = """format-version: 1.2
data-version: releases/2026-07-30
ontology: joints

[Term]
id: DOID:1
name: joint disease

[Term]
id: DOID:13189
name: gout
alt_id: DOID:0000009
synonym: "gouty joint" EXACT []
property_value: skos:exactMatch MONDO:0005393
is_a: DOID:1

[Term]
id: DOID:2
name: old gout
is_obsolete: true
replaced_by: DOID:13189

[Term]
id: DOID:3
name: no gout
is_obsolete: true
"""
SIGNS = """format-version: 1.2
ontology: signs

[Term]
id: SYMP:1
name: symptom

[Term]
id: SYMP:2
name: pyrexia
property_value: skos:exactMatch HP:0001945
is_a: SYMP:1
"""
GOUT = "MONDO:0005393"


@pytest.fixture
def ontologies(tiny_directory: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_directory, tmp_path / "ontologies" / "everyday")).parent


@pytest.fixture
def target(ontologies: Path, tmp_path: Path) -> Path:
    """A snapshot of what ships, here the tiny graph."""
    (tmp_path / "cache").mkdir()
    return rebuild(tmp_path / "cache" / "snapshot", ontologies=ontologies)


@pytest.fixture
def take(tmp_path: Path, ontologies: Path, target: Path) -> Take:
    return Take(tmp_path, ontologies, target)


class Take:
    """Imports text in the OBO format."""

    def __init__(self, directory: Path, ontologies: Path, target: Path) -> None:
        self._directory, self._ontologies, self._target = directory, ontologies, target

    def order(self, name: str, text: str) -> Order:
        path = self._directory / f"{name}.obo"
        path.write_text(text)
        return Order(Source(name, "", "", ""), FORMATS["obo"], path, Options(name))

    def __call__(self, name: str, text: str, target: Path | None = None, alone: bool = False) -> Outcome:
        return import_source(self.order(name, text), target or self._target, alone, ontologies=self._ontologies)


def content(path: Path) -> dict[str, Any]:
    """Return all that a snapshot says; not how large its files are, which is up to the store."""
    graph = open_snapshot(path)
    manifest = {key: value for key, value in graph.manifest.items() if key != "files"}
    return {"manifest": manifest, "entities": list(graph.entities()), "facts": list(graph.all_facts()), "imported": imported(path)}


def state(path: Path) -> dict[str, tuple[int, int, int]]:
    """Return the files of a snapshot, and when they were written."""
    found = {p.relative_to(path).as_posix(): p.stat() for p in path.rglob("*")}
    return {name: (status.st_ino, status.st_size, status.st_mtime_ns) for name, status in found.items()}


def left_over(target: Path) -> list[str]:
    return sorted({path.name for path in target.parent.iterdir()} - {target.name, f"{target.name}.lock"})


def test_an_import_adds_merges_and_says_so(target: Path, take: Take) -> None:
    outcome = take("joints", JOINTS)
    assert (outcome.changed, outcome.replaced) == (True, False)
    assert (outcome.share.entities, outcome.share.merged, outcome.share.facts) == (1, 1, 1)
    assert (outcome.source.version, outcome.source.facts) == ("2026-07-30", 1)
    graph = open_snapshot(target)
    gout = graph.entity(GOUT)
    assert gout is not None and "gouty joint" in gout.synonyms and "DOID:13189" in gout.xrefs
    assert ("joints", "DOID:1") in {(fact.source, fact.object) for fact in graph.facts(GOUT, Direction.OUT)}
    assert [(n.entity.curie, n.curated) for n in graph.named("gouty joint")] == [(GOUT, False)]
    assert [source.name for source in graph.sources] == ["everyday", "joints"]
    assert left_over(target) == []


@pytest.mark.parametrize(
    ("curie", "alias"),
    [
        ("DOID:13189", Alias(GOUT, AliasKind.SAME)),  # type: ignore[arg-type]
        ("DOID:0000009", Alias(GOUT, AliasKind.REPLACED)),  # type: ignore[arg-type]
        ("DOID:2", Alias(GOUT, AliasKind.REPLACED)),  # type: ignore[arg-type]
        ("DOID:3", Alias(None, AliasKind.REPLACED)),
        ("DOID:1", None),
        ("DOID:4", None),
    ],
)
def test_what_another_identifier_stands_for_is_known(target: Path, take: Take, curie: str, alias: Alias | None) -> None:
    take("joints", JOINTS)
    assert open_snapshot(target).alias(curie) == alias


def test_a_second_import_of_the_same_changes_nothing(target: Path, take: Take) -> None:
    first = take("joints", JOINTS)
    before = state(target)
    second = take("joints", JOINTS)
    assert (second.changed, second.replaced, second.share, second.source) == (False, False, first.share, first.source)
    assert state(target) == before


def test_an_import_gives_way_to_a_newer_one_of_its_name(target: Path, take: Take, tmp_path: Path, ontologies: Path) -> None:
    take("joints", JOINTS)
    outcome = take("joints", JOINTS.replace("gouty joint", "gouty arthropathy").replace("2026-07-30", "2026-08-30"))
    assert (outcome.changed, outcome.replaced, outcome.source.version) == (True, True, "2026-08-30")
    graph = open_snapshot(target)
    assert not graph.named("gouty joint") and graph.named("gouty arthropathy")
    assert imported(target) == ["joints"]


def test_removing_a_source_leaves_what_was_before(target: Path, take: Take, ontologies: Path) -> None:
    before = content(target)
    take("joints", JOINTS)
    assert content(target) != before
    remove_source("joints", target, ontologies=ontologies)
    assert content(target) == before


def test_imports_do_not_disturb_each_other(target: Path, take: Take, ontologies: Path, tmp_path: Path) -> None:
    take("joints", JOINTS)
    joints = content(target)
    take("signs", SIGNS)
    assert imported(target) == ["joints", "signs"]
    both = content(target)
    remove_source("signs", target, ontologies=ontologies)
    assert content(target) == joints
    remove_source("joints", target, ontologies=ontologies)
    take("signs", SIGNS)
    take("joints", JOINTS)
    assert content(target) == both  # in whatever order they came


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda text: text[: text.index("name: gout")] + "na", "obo"),
        (lambda text: text.replace("name: gout", "name: g\udcffut"), "UTF-8"),
        (lambda text: "", "obo"),
        (lambda text: "format-version: 1.2\n", "no stanza"),
    ],
    ids=["breaks off", "wrongly encoded", "empty", "header alone"],
)
def test_an_import_that_fails_leaves_the_snapshot_as_it_was(target: Path, take: Take, ontologies: Path, damage: Any, problem: str) -> None:
    order = take.order("joints", "")
    order.path.write_bytes(damage(JOINTS).encode("utf-8", "surrogateescape"))
    before = state(target)
    with pytest.raises(DataError, match=r"joints\.obo") as caught:
        import_source(order, target, ontologies=ontologies)
    assert problem in str(caught.value)
    assert state(target) == before and left_over(target) == []
    assert len(open_snapshot(target).facts(GOUT, Direction.OUT)) == 3


def test_a_snapshot_may_hold_imports_alone(take: Take, tmp_path: Path, ontologies: Path) -> None:
    alone = tmp_path / "alone" / "snapshot"
    take("joints", JOINTS, alone, alone=True)
    assert [source.name for source in open_snapshot(alone).sources] == ["joints"]
    take("signs", SIGNS, alone)  # it stays one
    assert [source.name for source in open_snapshot(alone).sources] == ["joints", "signs"]
    assert [source.name for source in open_shipped(alone, ontologies).sources] == ["joints", "signs"]
    remove_source("signs", alone, ontologies=ontologies)
    assert [entity.curie for entity in open_snapshot(alone).entities()] == ["DOID:1", "DOID:13189"]
    rebuild(alone, ontologies=ontologies)
    assert [source.name for source in open_snapshot(alone).sources] == ["joints"]
    (alone / "facts.npy").unlink()  # also a damaged one
    assert [source.name for source in open_shipped(alone, ontologies).sources] == ["joints"]


def test_nothing_but_a_snapshot_gives_way_to_one(take: Take, tmp_path: Path, ontologies: Path) -> None:
    mine, file, empty = tmp_path / "mine", tmp_path / "file", tmp_path / "empty"
    mine.mkdir()
    empty.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    file.write_text("years of work")
    for place in (mine, file):
        with pytest.raises(SnapshotError, match="is no snapshot"):
            take("joints", JOINTS, place, alone=True)
        with pytest.raises(SnapshotError, match="is no snapshot"):
            open_shipped(place, ontologies)
    assert (mine / "thesis.txt").read_text() == file.read_text() == "years of work"
    take("joints", JOINTS, empty, alone=True)
    link = tmp_path / "link"
    link.symlink_to(empty)
    take("signs", SIGNS, link)
    assert link.is_symlink() and [source.name for source in open_snapshot(empty).sources] == ["joints", "signs"]


def test_what_ships_stays_where_it_is(target: Path, take: Take) -> None:
    take("joints", JOINTS, alone=True)
    assert [source.name for source in open_snapshot(target).sources] == ["everyday", "joints"]


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "a b", "-a", "ünder", "a\n", "everyday"])
def test_a_name_that_cannot_be_a_source_s_is_refused(target: Path, take: Take, name: str) -> None:
    order = take.order("joints", JOINTS)
    with pytest.raises(SnapshotError, match="cannot"):
        import_source(Order(Source(name, "", "", ""), order.format, order.path, Options(name)), target)
    assert imported(target) == []


@pytest.mark.parametrize("name", ["joints", "everyday", ".."])
def test_only_what_was_imported_can_be_removed(target: Path, ontologies: Path, name: str) -> None:
    before = state(target)
    with pytest.raises(SnapshotError, match="is no imported source") as caught:
        remove_source(name, target, ontologies=ontologies)
    assert ("ships with the graph" in str(caught.value)) == (name == "everyday")
    assert state(target) == before


def test_new_shipped_data_is_taken_up_and_imports_are_kept(target: Path, take: Take, ontologies: Path) -> None:
    take("joints", JOINTS)
    before = open_shipped(target, ontologies).manifest["facts"]
    (ontologies / "everyday" / "more.yaml").write_text("gout:\n  symptoms:\n    - headache\n")
    graph = open_shipped(target, ontologies)
    assert graph.manifest["facts"] == before + 1
    assert imported(target) == ["joints"] and graph.alias("DOID:2") == Alias(GOUT, AliasKind.REPLACED)  # type: ignore[arg-type]


def test_a_damaged_import_is_named_and_can_be_removed(target: Path, take: Take, ontologies: Path) -> None:
    take("joints", JOINTS)
    (target / "sources" / "joints" / "entities.jsonl").write_text("[")
    with pytest.raises(DataError, match=r"entities\.jsonl.*`medkg remove joints`"):
        take("signs", SIGNS)
    remove_source("joints", target, ontologies=ontologies)
    take("signs", SIGNS)
    assert imported(target) == ["signs"]


def test_a_damaged_import_is_mended_by_importing_it_again(target: Path, take: Take) -> None:
    take("joints", JOINTS)
    before = content(target)
    (target / "sources" / "joints" / "source.json").write_text("{")
    assert take("joints", JOINTS).changed
    assert content(target) == before


def test_an_imported_source_is_kept_as_it_was_read(tmp_path: Path, take: Take) -> None:
    order = take.order("joints", JOINTS)
    reading = collect(order.source, order.format.read(order.path, order.options))
    write_imported(reading, tmp_path)
    assert read_imported(tmp_path, "joints") == reading
    assert reading.replacements and reading.facts and reading.entities


def test_progress_is_told_of_every_step(target: Path, take: Take, ontologies: Path) -> None:
    told: list[tuple[str, int, int]] = []
    import_source(take.order("joints", JOINTS), target, progress=lambda *step: told.append(step), ontologies=ontologies)
    steps = ["triples", "entities", "facts", "names", "other identifiers", "imported sources", "RDF store", "done"]
    assert told == [("reading joints", 0, 0), ("sources", 0, 0), *((step, place, 7) for place, step in enumerate(steps))]
    no_progress(*told[0])  # what it is where nobody asks


@contextmanager
def unprivileged() -> Iterator[None]:
    """Let this process have the rights of nobody; root may write everywhere."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_place_that_may_not_be_written_is_an_error_and_not_a_wait(target: Path, take: Take, ontologies: Path) -> None:
    order = take.order("joints", JOINTS)
    take("signs", SIGNS)
    with tempfile.TemporaryDirectory() as name:  # pytest's own directories let nobody in
        place = Path(name)
        shutil.copytree(target, place / "snapshot")
        shutil.copy(order.path, place)
        place.chmod(0o555)
        before = state(place)
        with unprivileged(), pytest.raises(SnapshotError, match="cannot be written: Permission denied"):
            import_source(replace(order, path=place / "joints.obo"), place / "snapshot", ontologies=ontologies)
        with unprivileged():
            assert open_snapshot(place / "snapshot").entity(GOUT) is not None
        assert state(place) == before
        place.chmod(0o755)


def test_the_graph_answers_while_it_is_imported_into(target: Path, take: Take, ontologies: Path) -> None:
    seen: list[int] = []

    def ask(what: str, done: int, total: int) -> None:
        seen.append(len(SnapshotGraph(target, open_snapshot(target).manifest)))

    before = len(open_snapshot(target))
    import_source(take.order("joints", JOINTS), target, progress=ask, ontologies=ontologies)
    assert set(seen) == {before} and len(open_snapshot(target)) == before + 1
