"""SQuAD, v1.1 and v2.0: reading the file, and what the reader is to learn from it.

Rajpurkar et al., 2016, "SQuAD: 100,000+ questions for machine comprehension of text"; Rajpurkar, Jia, Liang, 2018, "Know what
you don't know". Neither torch nor transformers is needed here.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.encoding import Encoder, Window, token_range
from qa.errors import DatasetError

if TYPE_CHECKING:
    from qa.training.data import Example


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its text and the character of the passage at which it starts."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a passage; without answers it cannot be answered from it (v2.0)."""

    id: str
    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage and the questions about it."""

    passage: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """The paragraphs of one encyclopaedia article."""

    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Squad:
    """A file: whether it has questions without answers (v2.0), its articles, and the answers that were not at their offset."""

    abstains: bool
    articles: tuple[Article, ...]
    mismatches: tuple[str, ...]

    def questions(self) -> Iterator[tuple[Paragraph, Question]]:
        """Yield every question with its paragraph, in the order of the file."""
        return ((p, q) for article in self.articles for p in article.paragraphs for q in p.questions)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question beside a passage, and the answer there, or None where there is none."""

    question: str
    passage: str
    answer: Answer | None


def read_squad(path: Path, lenient: bool = False) -> Squad:
    """Read a SQuAD file.

    An answer whose text is not at its offset is reported in `mismatches`, by the question's id, and left out; a question all of
    whose answers are so is left out with them, for it would be taught as one without answer. With `lenient` all are kept, as a
    test set needs.

    Raises:
        DatasetError: The file is missing or not of this form; the message names the place and what was expected.
    """
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: not readable as JSON ({error}); expected a SQuAD file") from error
    mismatches: list[str] = []
    entries = _get(form, "data", list, str(path))
    articles = tuple(_article(entry, f"{path}: data[{n}]", mismatches, lenient) for n, entry in enumerate(entries))
    asked = (qa for entry in entries for p in entry["paragraphs"] for qa in p["qas"])
    return Squad(any("is_impossible" in qa for qa in asked), articles, tuple(mismatches))


def hold_out(squad: Squad, share: float, seed: int) -> tuple[list[Article], list[Article]]:
    """Split by article: those to train on, and a random few with at least `share` of the questions (at least one, if any)."""
    order = list(squad.articles)
    random.Random(seed).shuffle(order)
    wanted = share * sum(len(p.questions) for a in order for p in a.paragraphs)
    held: list[Article] = []
    while len(order) > 1 and share > 0 and sum(len(p.questions) for a in held for p in a.paragraphs) < wanted:
        held.append(order.pop())
    return order, held


def make_pairs(articles: Iterable[Article], negatives: float, seed: int, fraction: float = 1.0) -> list[Pair]:
    """Return the questions beside their passages, and some beside another paragraph of the same article.

    Args:
        articles: What to take them from.
        negatives: How many of the second kind, as a share of the questions that have an answer. Such a paragraph does not
            contain the answer's text; where an article has none, the question gives no such pair.
        seed: Of every choice.
        fraction: Share of the questions that is taken at all.
    """
    chance = random.Random(seed)
    pairs: list[Pair] = []
    for article in articles:
        for paragraph in article.paragraphs:
            for question in paragraph.questions:
                if fraction < 1 and chance.random() >= fraction:
                    continue
                answer = question.answers[0] if question.answers else None
                pairs.append(Pair(question.text, paragraph.passage, answer))
                if answer is not None and chance.random() < negatives:
                    pairs.extend(_elsewhere(article, question.text, answer, chance))
    return pairs


def squad_examples(pairs: Sequence[Pair], encoder: Encoder) -> list[Example]:
    """Encode pairs; the source of an example is the number of its pair.

    A window that does not hold the answer wholly is one without answer.
    """
    from qa.training.data import Example  # torch is behind it; reading a file does not need it

    passages = list(dict.fromkeys(pair.passage for pair in pairs))
    tokens = dict(zip(passages, encoder.pieces(passages), strict=True))
    questions = encoder.pieces([pair.question for pair in pairs])
    examples: list[Example] = []
    for number, (pair, question) in enumerate(zip(pairs, questions, strict=True)):
        for window in encoder.windows(question, tokens[pair.passage]):
            answer = (0, 0) if pair.answer is None else answer_positions(window, pair.answer)
            examples.append(Example(window, answer, (), number))
    return examples


def answer_positions(window: Window, answer: Answer) -> tuple[int, int]:
    """Return the first and the last position of an answer in a window of its passage, (0, 0) where the window does not hold it wholly."""
    end = answer.start + len(answer.text)
    first, last = token_range(window.passage, answer.start, end)
    whole = first < last and window.passage[first, 0] <= answer.start and window.passage[last - 1, 1] >= end
    return (window.passage_at + first, window.passage_at + last - 1) if whole else (0, 0)


def _elsewhere(article: Article, question: str, answer: Answer, chance: random.Random) -> Iterator[Pair]:
    others = [p.passage for p in article.paragraphs if answer.text.casefold() not in p.passage.casefold()]
    if others:
        yield Pair(question, chance.choice(others), None)


def _article(entry: Any, place: str, mismatches: list[str], lenient: bool) -> Article:
    paragraphs = []
    for n, paragraph in enumerate(_get(entry, "paragraphs", list, place)):
        where = f"{place}.paragraphs[{n}]"
        passage = _get(paragraph, "context", str, where)
        asked = enumerate(_get(paragraph, "qas", list, where))
        questions = [_question(qa, passage, f"{where}.qas[{m}]", mismatches, lenient) for m, qa in asked]
        paragraphs.append(Paragraph(passage, tuple(q for q in questions if q is not None)))
    title = entry.get("title", "")
    return Article(title if isinstance(title, str) else "", tuple(paragraphs))


def _question(qa: Any, passage: str, place: str, mismatches: list[str], lenient: bool) -> Question | None:
    name, text = _get(qa, "id", str, place), _get(qa, "question", str, place)
    impossible = bool(qa.get("is_impossible", False))
    found = []
    listed = [] if impossible else _get(qa, "answers", list, place)
    for n, answer in enumerate(listed):
        where = f"{place}.answers[{n}]"
        one = Answer(_get(answer, "text", str, where), _get(answer, "answer_start", int, where))
        at_offset = one.start >= 0 and bool(one.text) and passage.startswith(one.text, one.start)
        if not at_offset:
            mismatches.append(name)
        if at_offset or lenient:
            found.append(one)
    return None if listed and not found else Question(name, text, tuple(found))


def _get(form: Any, key: str, kind: type, place: str) -> Any:
    value = form.get(key) if isinstance(form, dict) else None
    if not isinstance(value, kind):
        got = f"{key} is {value!r:.40}" if isinstance(form, dict) else f"a {type(form).__name__}"
        raise DatasetError(f"{place}: {got}; expected an object with {key!r} of type {kind.__name__}")
    return value
