"""Questions as patients write them, each with what a right answer must and must not name.

A line of the file is one JSON object:
`{"id", "kind", "question", "expect": {"status", "items_any": [[name, ...], ...], "items_none": [name, ...], "answer_any": [text, ...]}}`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.model import Entity
from kg.names import key
from qa.errors import DatasetError
from qa.model import Answer, Item, Status

Names = Callable[[str], set[str]]
Ask = Callable[[str], Answer]

# Shorter names ("flu", "pain") stand for too many things to be recognised as a part of another.
_SHORTEST_PART = 5


@dataclass(frozen=True, slots=True)
class Expectation:
    """What makes an answer right.

    Attributes:
        status: What must become of the question.
        items_any: Groups of alternatives, each a name, synonym or CURIE; some item must match each group.
        items_none: Names that no item may bear.
        answer_any: Words of which one must stand in the answer sentence, whatever its case; empty, any sentence will do.
    """

    status: Status
    items_any: tuple[tuple[str, ...], ...] = ()
    items_none: tuple[str, ...] = ()
    answer_any: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientQuestion:
    """A question, the kind under which it is counted, and what is expected of its answer."""

    id: str
    kind: str
    text: str
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right; `reasons` say why it is not, in the order: status, items, sentence, evidence."""

    question: PatientQuestion
    reasons: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """True where nothing is wrong with the answer."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question that was asked: the answer, the verdict on it and how long the answer took."""

    verdict: Verdict
    answer: Answer
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """The score of one kind of question; `milliseconds` is the mean for an answer."""

    kind: str
    right: int
    total: int
    milliseconds: float

    @property
    def share(self) -> float:
        """Right answers of all, 0 to 1."""
        return self.right / self.total if self.total else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain JSON types."""
        return {"right": self.right, "total": self.total, "share": round(self.share, 4), "milliseconds": round(self.milliseconds, 1)}


@dataclass(frozen=True, slots=True)
class Scores:
    """A row a kind, in the order of the questions, a row for all of them, and the verdicts on wrong answers."""

    kinds: tuple[Row, ...]
    overall: Row
    wrong: tuple[Verdict, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the scores as plain JSON types."""
        return {
            "kinds": {row.kind: row.as_dict() for row in self.kinds},
            "all": self.overall.as_dict(),
            "wrong": [
                {"id": v.question.id, "kind": v.question.kind, "question": v.question.text, "reasons": list(v.reasons)} for v in self.wrong
            ],
        }

    def as_text(self) -> str:
        """Return the table for a terminal, and below it each wrong answer with its reasons."""
        width = max(len(row.kind) for row in (*self.kinds, self.overall))
        lines = [f"{'kind':<{width}}  right/total   share  ms/question"]
        for row in (*self.kinds, self.overall):
            lines.append(f"{row.kind:<{width}}  {f'{row.right}/{row.total}':>11}  {row.share:6.1%}  {row.milliseconds:11.1f}")
        for verdict in self.wrong:
            lines += ["", f"{verdict.question.id}: {verdict.question.text}", *(f"  - {reason}" for reason in verdict.reasons)]
        return "\n".join(lines)


def read_questions(path: Path) -> list[PatientQuestion]:
    """Return the questions of a JSON lines file in its order; empty lines are skipped.

    Raises:
        DatasetError: The file cannot be read, holds no question, or a line is not of the form above or repeats an id.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable as UTF-8 text ({error}); expected patient questions, one JSON object a line") from error
    questions: dict[str, PatientQuestion] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        question = _question(line, f"{path}, line {number}")
        if question.id in questions:
            raise DatasetError(f"{path}, line {number}: id {question.id!r} was used before; expected an id of its own")
        questions[question.id] = question
    if not questions:
        raise DatasetError(f"{path}: no questions; expected one JSON object a line")
    return list(questions.values())


def folded_names(entity: Entity | None) -> set[str]:
    """Return an entity's name and synonyms as `kg.names` folds them; none for an unknown entity.

    Made into what `judge` asks for by `lambda curie: folded_names(graph.entity(curie))`.

    >>> from kg.model import Curie
    >>> sorted(folded_names(Entity(Curie("MONDO:0005044"), Curie("biolink:Disease"), "hypertension", ("High Blood Pressures",))))
    ['high blood pressure', 'hypertension']
    """
    return {key(name) for name in (entity.name, *entity.synonyms)} if entity else set()


def judge(question: PatientQuestion, answer: Answer, names: Names) -> Verdict:
    """Say whether an answer is right, and if not, everything that is wrong with it.

    An answer of another status is judged no further. An answered question must rest on evidence: it has items, and each of them has
    a triple. An expected name matches an item where it is its CURIE, its text or a name of its entity, or where one of the two is a
    part of the other, in whole words and of at least five letters ("diarrhoea", "bloody diarrhoea"); a name that must not occur
    matches only as a whole.

    Args:
        question: What was asked.
        answer: What came back.
        names: The folded names of the entity that a CURIE stands for (`folded_names`).
    """
    expect = question.expect
    if answer.status is not expect.status:
        return Verdict(question, (f"wrong status: {answer.status.value}, expected {expect.status.value}",))
    borne = [(item, _names_of(item, names)) for item in answer.items]
    reasons = [
        f"missing {' / '.join(group)}"
        for group in expect.items_any
        if not any(_matches(name, item, known) for name in group for item, known in borne)
    ]
    reasons += [f"names {name} wrongly" for name in expect.items_none if any(_is(name, item, known) for item, known in borne)]
    if expect.answer_any and not any(_stands_in(text, answer.answer) for text in expect.answer_any):
        reasons.append(f"wrong sentence: {answer.answer!r}, expected one of: {', '.join(expect.answer_any)}")
    if answer.status is Status.ANSWERED:
        reasons += [f"evidence missing: {item.text}" for item in answer.items if not item.evidence]
        if not answer.items:
            reasons.append("evidence missing: the answer has no items")
    return Verdict(question, tuple(reasons))


def evaluate(ask: Ask, questions: Iterable[PatientQuestion], names: Names) -> Iterator[Outcome]:
    """Ask each question, in order, and yield what came of it; the time is that of `ask` alone."""
    for question in questions:
        start = time.perf_counter()
        answer = ask(question.text)
        milliseconds = 1000 * (time.perf_counter() - start)
        yield Outcome(judge(question, answer, names), answer, milliseconds)


def score(outcomes: Iterable[Outcome]) -> Scores:
    """Count right answers by kind, in the order in which the kinds first occur, and over all."""
    found = list(outcomes)
    kinds: dict[str, list[Outcome]] = {}
    for outcome in found:
        kinds.setdefault(outcome.verdict.question.kind, []).append(outcome)
    return Scores(
        kinds=tuple(_row(kind, group) for kind, group in kinds.items()),
        overall=_row("all", found),
        wrong=tuple(outcome.verdict for outcome in found if not outcome.verdict.right),
    )


def _row(kind: str, outcomes: Sequence[Outcome]) -> Row:
    mean = sum(outcome.milliseconds for outcome in outcomes) / max(1, len(outcomes))
    return Row(kind, sum(outcome.verdict.right for outcome in outcomes), len(outcomes), mean)


def _names_of(item: Item, names: Names) -> set[str]:
    known = {key(item.text)} | (names(item.entity) if item.entity else set())
    return known - {""}


def _is(expected: str, item: Item, known: set[str]) -> bool:
    return expected == item.entity or key(expected) in known


def _matches(expected: str, item: Item, known: set[str]) -> bool:
    wanted = key(expected)
    return _is(expected, item, known) or any(_is_part(wanted, name) or _is_part(name, wanted) for name in known)


def _is_part(part: str, whole: str) -> bool:
    letters = sum(character.isalpha() for character in part)
    return letters >= _SHORTEST_PART and f" {part} " in f" {whole} "


def _stands_in(text: str, sentence: str) -> bool:
    # In whole words: the "no" of "not" or "known" is no answer.
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", sentence, re.IGNORECASE) is not None


def _question(line: str, place: str) -> PatientQuestion:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{place}: not JSON ({error.msg}, column {error.colno}); expected one JSON object a line") from error
    _check_keys(data, place, {"id", "kind", "question", "expect"})
    expect, within = data["expect"], f"{place}, expect"
    _check_keys(expect, within, {"status", "items_any", "items_none", "answer_any"})
    return PatientQuestion(
        id=_text(data["id"], f"{place}, id"),
        kind=_text(data["kind"], f"{place}, kind"),
        text=_text(data["question"], f"{place}, question"),
        expect=Expectation(
            status=_status(expect["status"], f"{within}, status"),
            items_any=_groups(expect["items_any"], f"{within}, items_any"),
            items_none=_texts(expect["items_none"], f"{within}, items_none"),
            answer_any=_texts(expect["answer_any"], f"{within}, answer_any"),
        ),
    )


def _check_keys(data: Any, place: str, wanted: set[str]) -> None:
    if not isinstance(data, dict):
        raise DatasetError(f"{place}: got {_shown(data)}; expected an object with {', '.join(sorted(wanted))}")
    if set(data) != wanted:
        raise DatasetError(f"{place}: has {', '.join(sorted(data)) or 'nothing'}; expected exactly {', '.join(sorted(wanted))}")


def _status(value: Any, place: str) -> Status:
    try:
        return Status(value)
    except ValueError as error:
        raise DatasetError(f"{place}: got {_shown(value)}; expected one of {', '.join(Status)}") from error


def _groups(value: Any, place: str) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list) or not all(isinstance(group, list) and group for group in value):
        raise DatasetError(f"{place}: got {_shown(value)}; expected a list of lists of names, none of them empty")
    return tuple(_texts(group, place) for group in value)


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise DatasetError(f"{place}: got {_shown(value)}; expected a list of texts")
    return tuple(_text(text, place) for text in value)


def _text(value: Any, place: str) -> str:
    # A text without a word would fold to an empty name, which matches nothing or everything.
    if not isinstance(value, str) or not key(value):
        raise DatasetError(f"{place}: got {_shown(value)}; expected a text of at least one word")
    return value


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]
