"""The commands that take sources in and out, look things up, write the graph out and check it."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from kg.build import Progress, no_progress
from kg.graph import SnapshotGraph, open_snapshot
from qa.linker import Linker
from server.cli import main
from server.service import Factories, Service

OBO = """format-version: 1.2
data-version: releases/2026-01-01
ontology: joints

[Term]
id: DOID:13189
name: gout
synonym: "gouty trouble" EXACT []
xref: MONDO:0005393
is_a: DOID:0000001 ! arthritis
alt_id: DOID:0000009

[Term]
id: DOID:0000001
name: arthritis

[Term]
id: DOID:0000002
name: joint swelling disease
is_a: DOID:7777777

[Term]
id: DOID:0000003
name: obsolete podagra
is_obsolete: true
replaced_by: DOID:13189

[Term]
id: DOID:0000004
name: obsolete humour imbalance
is_obsolete: true
"""


@pytest.fixture
def obo(tmp_path: Path) -> Path:
    path = tmp_path / "joints.obo"
    path.write_text(OBO)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "snapshot"


def import_joints(obo: Path, target: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["import", "joints", str(obo), "--snapshot", str(target), "--alone", *more]) == 0
    return capsys.readouterr().out


def fails(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> str:
    assert main(arguments) == status
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.startswith("medkg: ") and printed.err.count("\n") == 1
    return printed.err


def test_an_import_says_what_was_added_and_what_was_skipped_and_why(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(import_joints(obo, target, capsys, "--json", "--licence", "CC0"))
    assert report["source"] == {"name": "joints", "title": "joints", "version": "2026-01-01", "licence": "CC0"}
    assert (report["changed"], report["replaced"], report["added"], report["facts"]) == (True, False, 3, 1)
    assert [(s["reason"], s["count"], s["example"]) for s in report["skipped"]] == [
        ("an end of the fact is described by no source", 1, "DOID:0000002 biolink:subclass_of DOID:7777777")
    ]
    assert json.loads(import_joints(obo, target, capsys, "--json", "--licence", "CC0"))["changed"] is False


def test_an_import_is_told_in_words(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = import_joints(obo, target, capsys).splitlines()
    assert lines[0] == "joints was imported: joints, 2026-01-01"
    assert lines[2] == f"snapshot: {target}"
    assert [line.split(None, 1) for line in lines[3:6]] == [
        ["3", "entities added"],
        ["0", "entities merged with those of other sources"],
        ["1", "facts"],
    ]
    assert import_joints(obo, target, capsys).startswith("joints is in the graph already")


def test_a_format_as_the_source_names_it_after_the_file(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "obo", str(obo), "--snapshot", str(target), "--alone"]) == 0
    assert [source.name for source in open_snapshot(target).sources] == ["joints"]


def test_standard_input_is_imported(obo: Path, target: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(obo.read_bytes())

    monkeypatch.setattr(sys, "stdin", Input())
    assert main(["import", "joints", "-", "--format", "obo", "--snapshot", str(target), "--alone"]) == 0
    assert open_snapshot(target).entity("DOID:13189") is not None


def test_two_sources_share_entities_and_one_is_taken_out_again(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_joints(obo, target, capsys)
    mondo = obo.with_name("mondo.obo")
    mondo.write_text("format-version: 1.2\n\n[Term]\nid: MONDO:0005393\nname: gout\n")
    assert main(["import", "mondo", str(mondo), "--snapshot", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["merged"] == 1
    graph = open_snapshot(target)
    assert graph.entity("DOID:13189") is None and graph.entity("MONDO:0005393") is not None
    assert main(["remove", "mondo", "--snapshot", str(target)]) == 0
    assert capsys.readouterr().out == f"mondo was removed from {target}.\n"
    graph = open_snapshot(target)
    assert graph.entity("DOID:13189") is not None and graph.entity("MONDO:0005393") is None
    assert "imported are: joints" in fails(capsys, 1, "remove", "mondo", "--snapshot", str(target))


def test_looking_an_identifier_up_says_what_became_of_it(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_joints(obo, target, capsys)

    def shown(asked: str, status: int = 0) -> str:
        assert main(["entity", asked, "--snapshot", str(target)]) == status
        return capsys.readouterr().out

    assert shown("DOID:13189").splitlines()[:3] == [
        "gout (DOID:13189, biolink:Disease)",
        "also called: gouty trouble",
        "the same as: MONDO:0005393",
    ]
    assert shown("Gouty Trouble") == shown("DOID:13189")
    assert shown("DOID:0000009").startswith("DOID:0000009 was replaced by DOID:13189.\ngout ")
    assert shown("DOID:0000003").startswith("DOID:0000003 was replaced by DOID:13189.\ngout ")
    assert shown("MONDO:0005393").startswith("MONDO:0005393 is another identifier of DOID:13189.\ngout ")
    assert shown("DOID:0000004", 1) == "DOID:0000004 was withdrawn, and nothing replaces it.\n"
    assert shown("DOID:0000005", 1) == "The graph has no entity DOID:0000005.\n"
    assert main(["entity", "DOID:0000003", "--json", "--snapshot", str(target)]) == 0
    assert json.loads(capsys.readouterr().out)["alias"] == {"curie": "DOID:0000003", "kind": "replaced"}
    assert "neither an identifier nor a name" in fails(capsys, 2, "entity", "hiccough", "--snapshot", str(target))


def test_an_identifier_is_read_as_people_write_it(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_joints(obo, target, capsys)
    for asked in (" DOID:13189 ", "doid:13189", "http://purl.obolibrary.org/obo/DOID_13189"):
        assert main(["entity", asked, "--snapshot", str(target)]) == 0
        assert capsys.readouterr().out.startswith("gout (DOID:13189, ")


def test_what_interacts_is_told_under_one_heading(target: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("id,one,other id,other\n1,aspirin,2,warfarin\n2,warfarin,3,zopiclone\n")
    mapping = tmp_path / "pairs.yaml"
    ends = "{id: %s, prefix: CHEBI, name: %s, category: biolink:Drug}"
    mapping.write_text(f"subject: {ends % ('id', 'one')}\npredicate: biolink:interacts_with\nobject: {ends % ('other id', 'other')}\n")
    assert main(["import", "pairs", str(table), "--mapping", str(mapping), "--snapshot", str(target), "--alone"]) == 0
    capsys.readouterr()
    assert main(["entity", "warfarin", "--snapshot", str(target)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["interacts with:", "    zopiclone  [pairs]", "    aspirin  [pairs]"]


def test_what_bears_the_same_name_is_told(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    obo.write_text(OBO + '\n[Term]\nid: DOID:0000006\nname: wrist gout\nsynonym: "gout" EXACT []\n')
    import_joints(obo, target, capsys)
    assert main(["entity", "gout", "--snapshot", str(target)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "also named so: wrist gout (DOID:0000006)"


def test_a_graph_of_imported_sources_alone_is_asked_like_any(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_joints(obo, target, capsys)
    assert main(["link", "arthritis or gout", "--snapshot", str(target), "--json"]) == 0
    assert [m["entity"] for m in json.loads(capsys.readouterr().out)["mentions"]] == ["DOID:0000001", "DOID:13189"]


def test_merges_within_a_source_are_listed_and_not_made(target: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    obo = tmp_path / "two.obo"
    terms = (
        (name, f"[Term]\nid: DOID:{n}\nname: {name}\nproperty_value: skos:exactMatch MESH:D000001\n")
        for n, name in ((1, "flu"), (2, "cold"))
    )
    obo.write_text("format-version: 1.2\n\n" + "\n".join(term for _, term in terms))
    assert main(["import", "two", str(obo), "--snapshot", str(target), "--alone", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["held_apart"] == 1
    assert main(["merges", "--snapshot", str(target)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 merge was not made")
    assert all(part in second for part in ("two: ", "DOID:1 (flu)", "DOID:2 (cold)", "MESH:D000001"))
    assert main(["merges", "--source", "nothing", "--json", "--snapshot", str(target)]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("import", "x"), "PATH"),
        (("import", "x", "no-such-file.obo", "--format", "word"), "--format word"),
        (("import", "x", "-"), "--format"),
        (("import", "obo", "-"), "the name of the source"),
        (("import", "x y", "joints.obo"), "cannot name a source"),
        (("import", "everyday", "joints.obo"), "hand-written"),
        (("import", "x", "joints.obo", "--category", "biolink:Spell"), "--category biolink:Spell"),
        (("import", "x", "table.csv", "--mapping", "no-such-file.yaml"), "no-such-file.yaml"),
        (("export", "docx", "out"), "docx"),
        (("corroborate",), "--data"),
        (("corroborate", "--data", ".", "--predicate", "biolink:cures"), "biolink:cures"),
        (("corroborate", "--data", ".", "--list", "doubt"), "doubt"),
        (("ask", "What is gout?", "--snapshot", "here", "--graph", "http://localhost:1/query"), "--graph"),
    ],
)
def test_a_wrong_call_names_what_was_expected(arguments: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert expected in fails(capsys, 2, *arguments)


def test_a_file_that_cannot_be_imported_is_named_and_changes_nothing(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_joints(obo, target, capsys)
    before = sorted((path, path.stat().st_mtime_ns) for path in target.rglob("*"))
    obo.write_text(OBO.replace("id: DOID:13189", "id DOID:13189"))
    assert f"{obo}:6" in fails(capsys, 1, "import", "joints", str(obo), "--snapshot", str(target))
    assert "does not exist" in fails(capsys, 2, "import", "joints", str(obo) + ".gone", "--snapshot", str(target))
    assert sorted((path, path.stat().st_mtime_ns) for path in target.rglob("*")) == before


def test_two_snapshots_are_compared(obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_joints(obo, target, capsys)
    before = target.with_name("before")
    shutil.copytree(target, before)
    assert main(["diff", str(before), str(target)]) == 0
    nothing = capsys.readouterr().out
    obo.write_text(OBO.replace("name: arthritis", "name: inflammation of joints") + "\n[Term]\nid: DOID:0000005\nname: sprain\n")
    import_joints(obo, target, capsys)
    assert main(["diff", str(before), str(target)]) == 0
    told = capsys.readouterr().out
    assert "sprain" not in nothing and "sprain" in told and "inflammation of joints" in told
    assert main(["diff", str(before), str(target), "--json"]) == 0
    entities = json.loads(capsys.readouterr().out)["entities"]
    assert [entity["curie"] for entity in entities["added"]["first"]] == ["DOID:0000005"]
    assert "no manifest.json" in fails(capsys, 1, "diff", str(before), str(before) + "-gone")


@pytest.mark.parametrize("name", ["turtle", "nquads", "jsonld", "kgx", "graphml"])
def test_the_graph_is_written_in_every_format(
    name: str, tiny_graph: SnapshotGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"out.{name}"
    assert main(["export", name, str(out), "--snapshot", str(tiny_graph.path)]) == 0
    assert str(out) in capsys.readouterr().out
    assert out.exists() and not [path for path in tmp_path.iterdir() if path != out]


def test_an_export_is_imported_again(tiny_graph: SnapshotGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, target = tmp_path / "graph.nq", tmp_path / "snapshot"
    assert main(["export", "nquads", str(out), "--snapshot", str(tiny_graph.path)]) == 0
    assert main(["import", "again", str(out), "--snapshot", str(target), "--alone"]) == 0
    again = open_snapshot(target)
    assert {fact.key for fact in again.all_facts()} == {fact.key for fact in tiny_graph.all_facts()}
    assert [entity.name for entity in again.entities()] == [entity.name for entity in tiny_graph.entities()]


def test_validation_names_what_is_wrong(tiny_graph: SnapshotGraph, obo: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--snapshot", str(tiny_graph.path)]) == 0
    assert capsys.readouterr().out.startswith("0 violations in ")
    import_joints(obo, target, capsys)
    assert main(["validate", "--json", "--snapshot", str(target)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(v["source"], v["message"]) for v in found] == [("joints", "a source has a licence")]
    assert main(["validate", "--limit", "0", "--snapshot", str(target)]) == 1
    assert capsys.readouterr().out == "1 violations in 3 entities and 1 facts (1 not listed; --limit lists more).\n"


def test_an_endpoint_is_asked_in_place_of_a_snapshot(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str | None] = []

    def open_service(
        snapshot: Path | None = None,
        model: Path | None = None,
        with_reader: bool = True,
        progress: Progress = no_progress,
        endpoint: str | None = None,
    ) -> Service:
        asked.append(endpoint)
        return service

    def open_linker(
        snapshot: Path | None = None,
        model: Path | None = None,
        fast: bool = False,
        progress: Progress = no_progress,
        endpoint: str | None = None,
    ) -> Linker:
        asked.append(endpoint)
        return service.linker

    opened = Factories(service=open_service, linker=open_linker)
    assert main(["link", "gout", "--graph", "http://localhost:7878/query"], opened) == 0
    assert main(["ask", "What is gout?", "--graph", "http://localhost:7878/query"], opened) == 0
    assert asked == ["http://localhost:7878/query"] * 2


def test_an_endpoint_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "127.0.0.1:9" in fails(capsys, 1, "link", "gout", "--graph", "http://127.0.0.1:9/query")


def test_a_snapshot_of_another_build_is_not_touched_by_looking(tiny_graph: SnapshotGraph, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_graph.path, copy)
    assert main(["entity", "MONDO:0005393", "--snapshot", str(copy)]) == 0
    assert open_snapshot(copy).manifest == tiny_graph.manifest
