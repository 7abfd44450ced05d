"""Hand-written lists: lay phrases, misspelt names and ambiguous words in their sentences, and what each of them means.

A list is a TSV file with a header. Its columns are `sentence`, `phrase` (or `misspelling`), `gold` (CURIEs with a `|` between, `-` where
it is right, or right as well, to link nothing), `start` where the phrase stands more than once, and `error` or `category`, under which it
is counted; others are notes for people. Lines that begin with `#` are passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.evaluation.linking.golds import Golds
from qa.evaluation.linking.results import Figure, Miss, Share, Watch, covering, overlap, ranked, shown, shown_candidates
from qa.linker import Linker
from qa.model import Mention

_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in its sentence.

    Attributes:
        sentence: The text.
        start: First character of the phrase in it.
        end: One past the last.
        gold: Identifiers, each of them right.
        group: Under which it is counted.
        may_be_nothing: Whether it is right to link nothing, as it must be where there are no identifiers.
    """

    sentence: str
    start: int
    end: int
    gold: tuple[str, ...]
    group: str
    may_be_nothing: bool = False

    @property
    def text(self) -> str:
        """The phrase."""
        return self.sentence[self.start : self.end]


def read_phrases(path: Path) -> list[Phrase]:
    """Read a list, in its order.

    Raises:
        DatasetError: The file cannot be read, or a line is not of the form above; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable as UTF-8 text ({error}); expected a list with a header, as TSV") from error
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    rows = csv.reader((line for _, line in kept), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = [name.strip() for name in next(rows, [])]
    if "gold" not in header or not {"phrase", "misspelling"} & set(header):
        raise DatasetError(f"{path}: the header is {header}; expected the columns sentence, phrase or misspelling, and gold")
    return [_phrase(dict(zip(header, row, strict=False)), f"{path}, line {n}") for (n, _), row in zip(kept[1:], rows, strict=True)]


def _phrase(row: dict[str, str], place: str) -> Phrase:
    cells = {name: cell.strip() for name, cell in row.items()}
    text = cells.get("phrase") or cells.get("misspelling") or ""
    sentence = cells.get("sentence") or text
    start = int(cells["start"]) if cells.get("start", "").isdecimal() else sentence.find(text)
    if not text or sentence[max(0, start) :][: len(text)] != text:
        raise DatasetError(f"{place}: the phrase {text!r} does not stand in {sentence!r}, or not at its start; expected one that does")
    gold = [part.strip() for part in cells.get("gold", "").split("|") if part.strip()]
    if not gold:
        raise DatasetError(f"{place}: no gold; expected CURIEs with a | between, or -")
    entities = tuple(part for part in gold if part != _NOTHING)
    group = cells.get("error") or cells.get("category") or ""
    return Phrase(sentence, start, start + len(text), entities, group, _NOTHING in gold)


@dataclass(frozen=True, slots=True)
class ListResult:
    """The figures of a list.

    Attributes:
        name: What the list is called.
        first: Phrases that are linked to a right entity, and those rightly left alone.
        five: Those with a right entity among the first five candidates.
        groups: The same by group.
        unknown: Phrases that mean something that the graph does not know, which no linker can find.
        best_of: False where there is nothing to be ranked, and `first` alone is a figure.
        given: Where the linker ranks phrases: phrases of which, given their words alone, the first is right, and one of the first five.
    """

    name: str
    first: Share
    five: Share
    groups: tuple[tuple[str, Share, Share], ...] = ()
    unknown: int = 0
    best_of: bool = True
    misses: tuple[Miss, ...] = field(default=(), repr=False)
    given: tuple[Share, Share] | None = None

    def figures(self) -> list[Figure]:
        """Return the main figures."""
        if not self.best_of:
            return [Figure(self.name, self.first.percent)]
        found = [Figure(f"{self.name}, first", self.first.percent), Figure(f"{self.name}, among five", self.five.percent)]
        if self.given is not None:
            names = ("phrase given, first", "phrase given, among five")
            found += [Figure(f"{self.name}, {name}", share.percent) for name, share in zip(names, self.given, strict=True)]
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return all figures as plain JSON types."""
        groups = {name: {"first": first.as_dict(), "five": five.as_dict()} for name, first, five in self.groups}
        given = {} if self.given is None else {"given": {n: s.as_dict() for n, s in zip(("first", "five"), self.given, strict=True)}}
        return {"first": self.first.as_dict(), "five": self.five.as_dict(), "not_in_graph": self.unknown, "groups": groups} | given

    def as_text(self) -> str:
        """Return all figures for a terminal."""
        width = max([3, *(len(name) for name, _, _ in self.groups)])
        rows = [("all", self.first, self.five), *(self.groups if len(self.groups) > 1 else ())]
        lines = [f"{'':{width}}  {'first':<20} among five", *(f"{name:{width}}  {first!s:<20} {five}" for name, first, five in rows)]
        return "\n".join([*lines, *([f"{self.unknown} mean something that the graph does not know"] if self.unknown else [])])


def evaluate_phrases(
    name: str, linker: Linker, phrases: Sequence[Phrase], golds: Golds, watch: Watch[Phrase], best_of: bool = True
) -> ListResult:
    """Link each sentence and see what becomes of its phrase.

    What the linker makes of the phrase is the mention that covers most of it. To link nothing is to have no mention with an entity that
    overlaps the phrase.

    Args:
        name: What the list is called, in figures and misses.
        linker: Ours or a peer.
        phrases: The list.
        golds: Resolves identifiers.
        watch: Shows how far it is.
        best_of: Whether candidates count for a figure.
    """
    judged: dict[str, list[tuple[bool, bool]]] = {}
    given: list[tuple[bool, bool]] = []
    misses = []
    for phrase in watch(phrases, name):
        mentions = [m for m in linker.link(phrase.sentence) if overlap((m.start, m.end), (phrase.start, phrase.end))]
        is_left_alone = phrase.may_be_nothing and all(mention.entity is None for mention in mentions)
        mention = covering(mentions, (phrase.start, phrase.end))
        first = is_left_alone or golds.first(mention, phrase.gold)
        judged.setdefault(phrase.group, []).append((first, first or golds.among_five(mention, phrase.gold)))
        if not first:
            misses.append(_miss(name, phrase, mention))
        if best_of and (entities := ranked(linker, phrase.text)) is not None:
            right = [golds.is_right(entity, phrase.gold) for entity in entities[:5]]
            given.append((any(right[:1]), any(right)))
    everything = [pair for pairs in judged.values() for pair in pairs]
    return ListResult(
        name,
        *_shares(everything),
        groups=tuple((group, *_shares(pairs)) for group, pairs in judged.items()),
        unknown=sum(bool(phrase.gold) and not golds.entities(phrase.gold) for phrase in phrases),
        best_of=best_of,
        misses=tuple(misses),
        given=_shares(given) if given else None,
    )


def _shares(pairs: Iterable[tuple[bool, bool]]) -> tuple[Share, Share]:
    found = list(pairs)
    return Share(sum(first for first, _ in found), len(found)), Share(sum(five for _, five in found), len(found))


def _miss(name: str, phrase: Phrase, mention: Mention | None) -> Miss:
    entity = mention.entity if mention is not None else None
    kind = "false link" if not phrase.gold else "wrong entity" if entity is not None else "not found"
    gold = (*phrase.gold, *([_NOTHING] if phrase.may_be_nothing else []))
    return Miss(name, kind, phrase.sentence, phrase.text, gold, shown(entity), shown_candidates(mention))
