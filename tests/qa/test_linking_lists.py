"""Tests of the linker's lists: that what they say of text and graph holds, so that a figure measured on them means something."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kg import SnapshotGraph, open_graph

LISTS = Path(__file__).parents[1] / "fixtures" / "linking"
PHRASES = {"lay_phrases.tsv": "phrase", "misspelt.tsv": "misspelling", "ambiguous.tsv": "phrase"}
AT_LEAST = {"lay_phrases.tsv": 300, "misspelt.tsv": 200, "ambiguous.tsv": 120}
ASSERTIONS = {"present", "negated", "hypothetical", "historical", "family"}
NOTHING = "-"
MARK = re.compile(r"\[\[(.*?)\|(.*?)\|(.*?)\]\]")


def table(name: str) -> list[dict[str, str]]:
    """Read one of the tables, without its remarks."""
    with (LISTS / name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(None not in row and all(isinstance(value, str) for value in row.values()) for row in rows), f"{name}: a row of another width"
    return rows


def notes() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (LISTS / "notes.jsonl").read_text(encoding="utf-8").splitlines()]


def golds() -> Iterator[tuple[str, str]]:
    """Yield where a CURIE stands, and the CURIE."""
    for name in PHRASES:
        for number, row in enumerate(table(name), start=1):
            for curie in row["gold"].split("|"):
                yield f"{name}, row {number}", curie
    for note in notes():
        for mention in note["mentions"]:
            for curie in mention["accepted"]:
                yield f"note {note['id']}, {mention['text']}", curie


@pytest.fixture(scope="module")
def shipped() -> SnapshotGraph:
    """The shipped graph."""
    return open_graph()


def test_every_gold_entity_is_in_the_shipped_graph(shipped: SnapshotGraph) -> None:
    def is_known(curie: str) -> bool:
        alias = shipped.alias(curie)
        return shipped.entity(curie) is not None or (alias is not None and alias.curie is not None)

    assert [(where, curie) for where, curie in golds() if curie != NOTHING and not is_known(curie)] == []


@pytest.mark.parametrize("name", PHRASES)
def test_table_is_as_long_as_promised_and_repeats_nothing(name: str) -> None:
    rows = table(name)
    assert len(rows) >= AT_LEAST[name]
    assert [key for key, count in Counter((row["sentence"], row.get("start", "")) for row in rows).items() if count > 1] == []
    for row in rows:
        gold = row["gold"].split("|")
        assert row[PHRASES[name]].strip() and all(gold), row
        assert len(set(gold)) == len(gold), row


@pytest.mark.parametrize("name", ["lay_phrases.tsv", "misspelt.tsv"])
def test_phrase_stands_once_in_its_sentence_and_once_in_its_table(name: str) -> None:
    rows = table(name)
    assert [row for row in rows if row["sentence"].count(row[PHRASES[name]]) != 1] == []
    assert [phrase for phrase, count in Counter(row[PHRASES[name]].casefold() for row in rows).items() if count > 1] == []


def test_ambiguous_phrase_stands_where_its_row_says() -> None:
    rows = table("ambiguous.tsv")
    assert [row for row in rows if not row["sentence"].startswith(row["phrase"], int(row["start"]))] == []
    assert [row for row in rows if (row["gold"] == NOTHING) != (row["category"] == "not medical")] == []


def test_misspelt_names_are_half_medicines_and_half_illnesses() -> None:
    medicines = sum(row["category"] == "medicine" for row in table("misspelt.tsv"))
    assert medicines >= 100
    assert len(table("misspelt.tsv")) - medicines >= 100


def test_half_of_the_lay_phrases_are_paraphrases() -> None:
    rows = table("lay_phrases.tsv")
    assert sum(row["comment"].startswith("paraphrase") for row in rows) * 2 >= len(rows)


def test_text_that_is_not_medical_is_long_and_repeats_no_paragraph() -> None:
    paragraphs = (LISTS / "not_medical.txt").read_text(encoding="utf-8").splitlines()
    assert sum(len(paragraph.split()) for paragraph in paragraphs) >= 6_000
    assert all(paragraph.strip() for paragraph in paragraphs)
    assert len(set(paragraphs)) == len(paragraphs)


def test_notes_are_forty_of_the_promised_length() -> None:
    read = notes()
    assert len(read) == 40
    assert len({note["id"] for note in read}) == len({note["text"] for note in read}) == len(read)
    assert [note["id"] for note in read if not 60 <= len(note["text"].split()) <= 250] == []


def test_notes_offsets_are_exact_and_spans_do_not_overlap() -> None:
    for note in notes():
        spans = sorted(note["mentions"] + note["optional"], key=lambda span: span["start"])
        assert all(note["text"][span["start"] : span["end"]] == span["text"] != "" for span in spans), note["id"]
        assert all(one["end"] <= other["start"] for one, other in pairwise(spans)), note["id"]


def test_notes_mentions_have_a_known_assertion_and_an_entity_that_is_accepted() -> None:
    mentions = [mention for note in notes() for mention in note["mentions"]]
    assert {mention["assertion"] for mention in mentions} == ASSERTIONS
    assert [mention for mention in mentions if mention["entity"] is not None and mention["entity"] != mention["accepted"][0]] == []


def test_notes_are_what_the_marked_file_says() -> None:
    blocks = re.split(r"^@ ", (LISTS / "notes.marked.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    marked = {name: body.strip("\n") for name, _, body in (block.partition("\n") for block in blocks)}
    read = {note["id"]: note for note in notes()}
    assert {name: MARK.sub(r"\1", body) for name, body in marked.items()} == {name: note["text"] for name, note in read.items()}
    for name, body in marked.items():
        marks = [(text, gold, assertion) for text, gold, assertion in MARK.findall(body) if assertion != "optional"]
        assert marks == [
            (mention["text"], ",".join([NOTHING] * (mention["entity"] is None) + mention["accepted"]), mention["assertion"])
            for mention in read[name]["mentions"]
        ], name
        assert [text for text, _, assertion in MARK.findall(body) if assertion == "optional"] == [
            span["text"] for span in read[name]["optional"]
        ]
