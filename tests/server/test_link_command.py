"""Tests of `medkg link`."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.graph import SnapshotGraph
from qa.evaluation.pubtator import read_pubtator
from server.cli import main
from server.service import Factories

TEXTS = ["no gout", "", "Ibuprofen for joint pain, and zorblaxin.", "It is the flu.\nIt is fever 🤒.", "knee\npain"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    target = tmp_path / "in.jsonl"
    target.write_text("".join(json.dumps({"id": f"n{n}", "text": text}) + "\n" for n, text in enumerate(TEXTS)), encoding="utf-8")
    return target


def fails(capsys: pytest.CaptureFixture[str], status: int, arguments: Sequence[str], factories: Factories | None = None) -> str:
    """Check the exit status and that the error is one sentence; return it."""
    assert main(["link", *arguments], factories) == status
    error = capsys.readouterr().err
    assert error.startswith("medkg: ")
    assert error.count("\n") == 1
    return error


def test_a_text_is_linked_line_by_line_for_people(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "no gouty arthritis or zorblaxin"], factories) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3-18 'gouty arthritis': gout (MONDO:0005393, biolink:Disease), negated, score 0.95 (synonym)",
        "22-31 'zorblaxin': not known to the graph",
    ]
    assert main(["link", "of the"], factories) == 0
    assert capsys.readouterr().out == "Nothing that the graph knows was found in the text.\n"


def test_explained_each_mention_has_what_it_may_mean(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "the bug", "--explain"], factories) == 0
    mention, *candidates = capsys.readouterr().out.splitlines()
    assert mention.startswith("0-7 'the bug': flu ")
    assert candidates == [
        "    0.95  flu (MONDO:0005812): synonym",
        "    0.57  measles (MONDO:0004619): synonym, of which another bearer is more likely meant",
    ]


def test_json_is_the_contract_and_explained_it_has_candidates(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "the bug", "--json"], factories) == 0
    plain = json.loads(capsys.readouterr().out)
    (mention,) = plain["mentions"]
    assert list(plain) == ["mentions"]
    assert list(mention) == ["start", "end", "text", "entity", "name", "category", "score", "xrefs", "assertion"]
    assert main(["link", "the bug", "--json", "--explain"], factories) == 0
    (explained,) = json.loads(capsys.readouterr().out)["mentions"]
    candidates = explained.pop("candidates")
    assert explained == mention
    assert [list(candidate) for candidate in candidates] == [["entity", "name", "score", "reason"]] * 2
    assert candidates[0]["entity"] == mention["entity"]


def test_the_texts_of_a_file_are_linked_in_their_order(factories: Factories, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "--file", str(file)], factories) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == [f"n{n}" for n in range(len(TEXTS))]
    for line, text in zip(lines, TEXTS, strict=True):
        assert all(text[m["start"] : m["end"]] == m["text"] for m in line["mentions"])
    assert [m["name"] for line in lines for m in line["mentions"]] == [
        "gout", "ibuprofen", "joint pain", None, "flu", "fever", "knee pain",
    ]  # fmt: skip


def test_texts_come_from_standard_input(factories: Factories, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    content = '\ufeff{"id": 1, "text": "gout"}\r\n\r\n{"id": 2, "text": "fever \\ud800"}'.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["link", "--file", "-"], factories) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [1, 2]


def test_pubtator_is_read_back(factories: Factories, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "--file", str(file), "--format", "pubtator"], factories) == 0
    out = tmp_path / "out.txt"
    written = capsys.readouterr().out
    # What is read back has kinds of mentions that the corpora have.
    out.write_text("".join(line + "\n" for line in written.split("\n") if "\tPhenotype\t" not in line and "\tUnknown\t" not in line))
    documents = read_pubtator(out)
    assert [d.id for d in documents] == [f"n{n}" for n in range(len(TEXTS))]
    assert [d.text.rstrip() for d in documents] == [text.replace("\n", " ") for text in TEXTS]
    assert [(a.text, a.identifiers) for d in documents for a in d.annotations] == [
        ("gout", ("MONDO:0005393",)),
        ("Ibuprofen", ("CHEBI:5855",)),
        ("flu", ("MONDO:0005812",)),
    ]
    assert "\tjoint pain\tPhenotype\tHP:0002829\n" in written
    assert "\tzorblaxin\tUnknown\t-1\n" in written


def test_brat_files_lie_side_by_side(factories: Factories, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "brat"
    out.mkdir()
    assert main(["link", "--file", str(file), "--format", "brat", "--out", str(out)], factories) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(f"n{n}.{end}" for n in range(len(TEXTS)) for end in ("ann", "txt"))
    assert [(out / f"n{n}.txt").read_bytes().decode() for n in range(len(TEXTS))] == TEXTS
    assert (out / "n0.ann").read_text() == "T1\tDisease 3 7\tgout\nN1\tReference T1 MONDO:0005393\tgout\nA1\tNegated T1\n"
    assert (out / "n1.ann").read_text() == ""
    assert (out / "n4.ann").read_text().startswith("T1\tPhenotype 0 4;5 9\tknee pain\n")


def test_one_text_is_printed_in_any_format(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "gout", "--format", "brat"], factories) == 0
    assert capsys.readouterr().out == "T1\tDisease 0 4\tgout\nN1\tReference T1 MONDO:0005393\tgout\n"
    assert main(["link", "gout", "--format", "pubtator"], factories) == 0
    assert "\t0\t4\tgout\tDisease\tMONDO:0005393\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["../escape", "", ".hidden", "a/b", "a b", "x" * 300, "a\\b", "C:x", "nul\x00"]
)  # an id that is no name of a file
def test_an_id_leads_to_no_other_directory(factories: Factories, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    out = tmp_path / "brat"
    out.mkdir()
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps({"id": name, "text": "gout"}), encoding="utf-8")
    error = fails(capsys, 2, ["--file", str(file), "--format", "brat", "--out", str(out)], factories)
    assert "makes no file name" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brat", "in.jsonl"]
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", "null", '{"id": "a"}', '{"text": "gout"}', '{"id": "a", "text": 3}', '{"id": null, "text": "a"}',
     '{"id": [], "text": ""}',
     "\xff", "[" * 100_000],
)  # fmt: skip
def test_a_bad_line_is_named_and_what_stands_before_it_is_linked(
    factories: Factories, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"id": "a", "text": "gout"}\n\n' + line.encode("latin-1") + b"\n")
    assert main(["link", "--file", str(file)], factories) == 1
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert printed.err.startswith(f"medkg: {file}:3: ")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "TEXT"),
        (["gout", "--file", "-"], "TEXT"),
        (["gout", "--workers", "2"], "--workers is given without --file"),
        (["--file", "-", "--workers", "2", "--graph", "http://localhost:1/sparql"], "--workers is given without --file"),
        (["--file", "-", "--workers", "0"], "--workers"),
        (["gout", "--format", "xml"], "--format"),
        (["--file", "-", "--format", "brat"], "--out"),
        (["gout", "--format", "brat", "--out", "."], "--out"),
        (["--file", "-", "--format", "pubtator", "--out", "."], "--out"),
        (["--file", "-", "--out", "."], "--out"),
        (["--file", "-", "--format", "brat", "--out", "nowhere"], "nowhere is no directory"),
        (["--file", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--file", "."], "is a directory"),
        (["gout", "--snapshot", "a", "--graph", "http://localhost:1/sparql"], "--snapshot"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_status_2(
    factories: Factories, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in fails(capsys, 2, arguments, factories)


def test_more_processes_link_the_same_in_the_same_order(
    tiny_graph: SnapshotGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.jsonl"
    texts = [TEXTS[n % len(TEXTS)] * (1 + (n * 7) % 5) for n in range(24)]
    file.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)), encoding="utf-8")
    arguments = ["link", "--file", str(file), "--fast", "--explain", "--snapshot", str(tiny_graph.path)]
    assert main(arguments) == 0
    one = capsys.readouterr().out
    assert one.count("\n") == 24
    assert main([*arguments, "--workers", "2"]) == 0
    assert capsys.readouterr().out == one
    # A bad line ends the run with what comes before it, as with one process.
    with file.open("a", encoding="utf-8") as stream:
        stream.write("{\n")
    assert main([*arguments, "--workers", "2"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"medkg: {file}:25: ")
    assert printed.out == one


def test_a_single_text_is_a_pubtator_document_too(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "no gout", "--format", "pubtator"], factories) == 0
    assert capsys.readouterr().out.splitlines()[:3] == ["text|t|no gout", "text|a|", "text\t3\t7\tgout\tDisease\tMONDO:0005393"]
