"""Tests of how text to pre-train on is read, cleaned and divided."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.graph import SnapshotGraph
from qa.errors import DatasetError
from qa.training.corpus import divide, read_abstracts, read_graph, read_medquad, read_texts
from qa.training.wordings import is_held_out

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<Document><Focus>Gout</Focus><QAPairs>
<QAPair><Question>What is gout?</Question><Answer>Gout hurts.    - Joints swell.    - Skin reddens.</Answer></QAPair>
<QAPair><Question>Who?</Question><Answer></Answer></QAPair>
</QAPairs></Document>
"""


def test_text_is_read_from_files_and_folders_by_path(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.txt").write_text("One. Two goes on to the end of a line that is\nfull.\n \n\r\nThree.\n", encoding="utf-8-sig")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Four.\n\nFive\u200b."}) + "\n\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("Six.", encoding="utf-8")
    expected = [("Four.", "Five."), ("One.", "Two goes on to the end of a line that is full."), ("Three.",)]
    assert list(read_texts(tmp_path)) == expected
    assert list(read_texts(tmp_path / "notes.md")) == [("Six.",)]


def test_answers_of_pages_are_documents_and_their_lists_are_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "1_A").mkdir()
    (tmp_path / "1_A" / "1.xml").write_text(PAGE, encoding="utf-8")
    assert list(read_medquad(tmp_path)) == [("Gout hurts.", "- Joints swell.", "- Skin reddens.")]


def test_abstracts_are_documents(tmp_path: Path) -> None:
    (tmp_path / "abstracts.txt").write_text("1|t|Gout.\n1|a|A man took aspirin. It helped.\n", encoding="utf-8")
    assert list(read_abstracts(tmp_path / "abstracts.txt")) == [("Gout.", "A man took aspirin.", "It helped.")]


def test_the_graph_is_told_as_a_reader_is_shown_it(tiny_graph: SnapshotGraph) -> None:
    documents = list(read_graph(tiny_graph))
    told = {sentence for document in documents for sentence in document}
    assert any(sentence.startswith("gout symptoms: ") and sentence.endswith(".") for sentence in told)
    assert all(len(document) > 1 for document in documents)
    held_out = {e.name for e in tiny_graph.entities() if is_held_out(e.curie)}
    assert held_out
    heads = [sentence.split(":")[0] for sentence in told if ": " in sentence]
    assert not [head for head in heads for name in held_out if head.startswith(name + " ")]


def test_a_sentence_is_read_once_whatever_the_document() -> None:
    texts = [("a", "b", "a"), ("b", "c"), ("a", "b"), ("d",), ("e",)]
    found = divide(texts, 0.0)
    kept = sorted(document.sentences for document in found.training + found.held_out)
    assert kept == [("a", "b"), ("c",), ("d",), ("e",)]
    assert found.counts["repeated_sentences"] == 4
    assert found.counts["sentences"] == 5
    assert found.counts["documents"] + found.counts["held_out_documents"] == 4


def test_what_is_held_out_follows_from_the_document_alone() -> None:
    texts = [(f"sentence {n}", f"and {n}") for n in range(2_000)]
    found = divide(texts, 0.1)
    assert 150 < len(found.held_out) < 250
    again = divide([("something else",), *reversed(texts)], 0.1)
    assert {d.sentences for d in found.held_out} == {d.sentences for d in again.held_out} - {("something else",)}


@pytest.mark.parametrize("share", [0.0, 0.99])
def test_both_sides_have_two_documents_at_least(share: float) -> None:
    found = divide([(f"sentence {n}",) for n in range(5)], share)
    assert {len(found.training), len(found.held_out)} == {2, 3}
    with pytest.raises(DatasetError, match="3 different documents to train on; expected at least 4"):
        divide([("a",), ("b",), ("c",), ("a", "b")], share)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "a.txt: holds no text"),
        ("a.txt", b"- 12 -\n\n...", "a.txt: holds no text"),
        ("a.txt", b"caf\xe9", "a.txt: not readable .*; expected text in UTF-8"),
        ("a.jsonl", b'{"text": "A."}\n\n{"text"', "a.jsonl, line 3: not readable as JSON"),
        ("a.jsonl", b'{"text": "A."}\n{"texts": "A."}', "a.jsonl, line 2: .*expected an object with a document under 'text'"),
    ],
)
def test_text_of_another_form_is_refused_by_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        list(read_texts(tmp_path / name))


def test_empty_folders_and_broken_pages_are_refused(tmp_path: Path) -> None:
    for read in (read_texts, read_medquad):
        with pytest.raises(DatasetError, match=r"holds no (file|text)"):
            list(read(tmp_path))
    (tmp_path / "1.xml").write_text(PAGE.replace("</QAPairs>", ""), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"1.xml, line 5: not XML"):
        list(read_medquad(tmp_path))
    with pytest.raises(DatasetError, match=r"missing.txt: not readable"):
        list(read_texts(tmp_path / "missing.txt"))
