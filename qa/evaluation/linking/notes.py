"""Whole notes with every mention marked: what is found, what it is taken for, and whether the text affirms it.

A line of the file is one JSON object, `{"id", "text", "mentions"}`, and a mention
`{"start", "end", "text", "entity", "accepted": [CURIE, ...], "assertion"}`. Offsets are half-open, in characters. `entity` is the best of
the accepted ones, and null where the graph has none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.evaluation.linking.golds import Golds
from qa.evaluation.linking.results import (
    Detection,
    Figure,
    Miss,
    Share,
    Watch,
    around,
    covering,
    detect,
    overlap,
    shown,
    shown_candidates,
)
from qa.linker import Linker
from qa.model import Assertion, Mention


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention that people have marked; without gold, one of something that the graph does not know."""

    start: int
    end: int
    gold: tuple[str, ...]
    assertion: Assertion


@dataclass(frozen=True, slots=True)
class Note:
    """A note and all that is mentioned in it."""

    id: str
    text: str
    mentions: tuple[Marked, ...]


def read_notes(path: Path) -> list[Note]:
    """Read the notes of a file, in its order; empty lines are skipped.

    Raises:
        DatasetError: The file cannot be read, or a line is not of the form above; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable as UTF-8 text ({error}); expected notes, one JSON object a line") from error
    return [_note(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _note(line: str, place: str) -> Note:
    try:
        form = json.loads(line)
        text = form["text"]
        return Note(str(form["id"]), text, tuple(_marked(mention, text) for mention in form["mentions"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{place}: not a note with its mentions ({type(error).__name__}: {error}); expected id, text and mentions"
        ) from error


def _marked(form: dict[str, Any], text: str) -> Marked:
    start, end = int(form["start"]), int(form["end"])
    if text[start:end] != form["text"]:
        raise ValueError(f"characters {start} to {end} are {text[start:end]!r}, not {form['text']!r}")
    return Marked(start, end, tuple(map(str, form["accepted"])), Assertion(form["assertion"]))


@dataclass(frozen=True, slots=True)
class NotesResult:
    """The figures of the notes.

    Attributes:
        strict: Mentions with the very ends of gold ones; mentions without entity and without kind are not counted.
        loose: Mentions that overlap gold ones.
        entities: Gold mentions found, and of these those that are linked to the right entity, or rightly to
            none.
        assertions: Gold mentions found, and of these those whose assertion is right, by the assertion.
    """

    notes: int
    strict: Detection
    loose: Detection
    entities: Share
    assertions: tuple[tuple[str, Share], ...]
    misses: tuple[Miss, ...] = field(default=(), repr=False)

    @property
    def assertion(self) -> Share:
        """Right assertions of all."""
        shares = [share for _, share in self.assertions]
        return Share(sum(share.right for share in shares), sum(share.total for share in shares))

    def figures(self) -> list[Figure]:
        """Return the main figures."""
        return [
            Figure("notes: mentions, F1", self.strict.f1),
            Figure("notes: right entity", self.entities.percent),
            Figure("notes: right assertion", self.assertion.percent),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        return {
            "notes": self.notes,
            "strict": self.strict.as_dict(),
            "loose": self.loose.as_dict(),
            "entities": self.entities.as_dict(),
            "assertion": self.assertion.as_dict(),
            "assertions": {name: share.as_dict() for name, share in self.assertions},
        }

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        lines = [
            f"{self.notes} notes, {self.strict.gold} mentions",
            f"  mentions, exact spans   {self.strict}",
            f"  mentions, overlapping   {self.loose}",
            f"  right entity, found     {self.entities}",
            f"  right assertion, found  {self.assertion}",
        ]
        return "\n".join([*lines, *(f"    {name:<20}  {share}" for name, share in self.assertions)])


def evaluate_notes(linker: Linker, notes: Sequence[Note], golds: Golds, watch: Watch[Note]) -> NotesResult:
    """Link the notes and compare what is found with what was marked.

    Args:
        linker: Ours or a peer.
        notes: The notes.
        golds: Resolves identifiers.
        watch: Shows how far it is.
    """
    strict = loose = Detection(0, 0, 0, 0)
    entities: list[bool] = []
    assertions: Counter[tuple[Assertion, bool]] = Counter()
    misses: list[Miss] = []
    for note in watch(notes, "notes"):
        mentions = [m for m in linker.link(note.text) if m.entity is not None or m.kind is not None]
        spans, marks = [(m.start, m.end) for m in mentions], [(m.start, m.end) for m in note.mentions]
        strict += detect(spans, marks, exact=True)
        loose += detect(spans, marks, exact=False)
        for marked in note.mentions:
            mention = covering(mentions, (marked.start, marked.end))
            if mention is None:
                misses.append(_miss("not found", note, marked, None))
                continue
            entities.append(golds.first(mention, marked.gold) if marked.gold else mention.entity is None)
            assertions[marked.assertion, mention.assertion is marked.assertion] += 1
            if not entities[-1]:
                misses.append(_miss("wrong entity", note, marked, mention))
            if mention.assertion is not marked.assertion:
                misses.append(_miss("wrong assertion", note, marked, mention))
        misses += [_stray(note, m) for m, span in zip(mentions, spans, strict=True) if not any(overlap(span, mark) for mark in marks)]
    by_value = [(a.value, Share(assertions[a, True], assertions[a, True] + assertions[a, False])) for a in Assertion]
    found = Share(sum(entities), len(entities))
    return NotesResult(len(notes), strict, loose, found, tuple(pair for pair in by_value if pair[1].total), tuple(misses))


def _miss(kind: str, note: Note, marked: Marked, mention: Mention | None) -> Miss:
    place, phrase = around(note.text, (marked.start, marked.end)), note.text[marked.start : marked.end]
    if kind == "wrong assertion" and mention is not None:
        return Miss("notes", kind, place, phrase, (marked.assertion.value,), mention.assertion.value)
    entity = mention.entity if mention is not None else None
    return Miss("notes", kind, place, phrase, marked.gold, shown(entity), shown_candidates(mention))


def _stray(note: Note, mention: Mention) -> Miss:
    place = around(note.text, (mention.start, mention.end))
    return Miss("notes", "not gold", place, mention.text, (), shown(mention.entity), shown_candidates(mention))
