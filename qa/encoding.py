"""From texts to the inputs of the reader's encoder, with the exact way back from tokens to characters.

One layout, whatever the task:

    [CLS] evidence [SEP] question [SEP]                     triples
    [CLS] question [SEP] passage [SEP]                      passages
    [CLS] evidence [SEP] question [SEP] passage [SEP]       both

Evidence and passage, with the separator that closes them, are of token type 1, everything else of type 0.
Texts are only ever text: a question that holds "[SEP]" is encoded as its five characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from qa.errors import ModelError
from qa.reader import ReadingTask

IntArray = npt.NDArray[np.int32]
Slots = tuple[tuple[int, int, int], ...]
"""Slots of a window: the number of each in its task, its first position, and one past its last."""

LONGEST_ANSWER = 30  # tokens
SHORTEST = 16  # tokens of a window: below, nothing of a text is left beside its question
# MPNet's come first: its vocabulary has BERT's, too, but was never trained on them.
_NAMES = {"start": ("<s>", "[CLS]"), "separator": ("</s>", "[SEP]"), "padding": ("<pad>", "[PAD]")}
_MASKS = "<mask>", "[MASK]"
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLAUSE = re.compile(r"[.;|](?=\s|$)|\n")
_SENTENCE = re.compile(r"[.](?=\s|$)|\n")
_LEAD_SHARE = 4  # of a window's room, what a repeated lead may take: one part in four


@dataclass(frozen=True, slots=True)
class Piece:
    """A text in tokens: `ids`, shape (n,), and `offsets`, shape (n, 2), half-open characters of the text."""

    ids: IntArray
    offsets: IntArray

    def __len__(self) -> int:
        return len(self.ids)

    def cut(self, first: int, last: int) -> Piece:
        """Return the tokens `[first, last)`; their offsets still count from the start of the whole text."""
        return Piece(self.ids[first:last], self.offsets[first:last])


EMPTY = Piece(np.zeros(0, np.int32), np.zeros((0, 2), np.int32))


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the encoder.

    Attributes:
        ids: Token ids, shape (length,).
        types: Token types, 0 or 1, shape (length,).
        evidence_at: Position of the first token of the evidence.
        evidence: Offsets of the evidence's tokens, shape (k, 2), half-open characters of the evidence.
        passage_at: Position of the first token of the passage.
        passage: Offsets of the passage's tokens, shape (m, 2), half-open characters of the passage.
        slots: The slots that are to be judged in this window.
        shown: All slots that it shows; where evidence stands beside several parts of a passage, its slots are judged once.
    """

    ids: IntArray
    types: npt.NDArray[np.uint8]
    evidence_at: int
    evidence: IntArray
    passage_at: int
    passage: IntArray
    slots: Slots = ()
    shown: Slots = ()


def load_tokenizer(directory: Path) -> Tokenizer:
    """Read `tokenizer.json` so that it treats every text as text.

    The added tokens, truncation, padding and post-processing of the file are left out: the first would turn a typed "[SEP]"
    into a separator, the others are what this module does itself.

    Raises:
        ModelError: The file is missing or is not that of a WordPiece tokenizer.
    """
    path = directory / "tokenizer.json"
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
        if form["model"]["type"] != "WordPiece":
            raise ModelError(f"{path}: the tokenizer is {form['model']['type']!r}; expected 'WordPiece'")
        form.update(added_tokens=[], truncation=None, padding=None, post_processor=None)
        return Tokenizer.from_str(json.dumps(form))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: the file is missing; expected the reader's tokenizer") from error
    except ModelError:
        raise
    except Exception as error:  # the tokenizers library raises plain Exception for every damaged form
        raise ModelError(f"{path}: not a readable tokenizer.json ({error})") from error


class Encoder:
    """Cuts texts into windows of at most `max_tokens` tokens.

    Args:
        tokenizer: As `load_tokenizer` returns it.
        max_tokens: Longest input, special tokens included.
        stride: Tokens from the beginning of one window of a passage to that of the next.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int = 384, stride: int = 128) -> None:
        if max_tokens < SHORTEST or stride < 1:
            raise ValueError(f"max_tokens {max_tokens}, stride {stride}: expected at least {SHORTEST} and 1")
        self.tokenizer, self.max_tokens, self.stride = tokenizer, max_tokens, stride
        self._start, self._separator, self.padding = (_special(tokenizer, *_NAMES[name]) for name in _NAMES)

    @classmethod
    def load(cls, directory: Path, max_tokens: int = 384, stride: int = 128) -> Encoder:
        """Return the encoder of the reader in `directory`."""
        return cls(load_tokenizer(directory), max_tokens, stride)

    def pieces(self, texts: Sequence[str]) -> list[Piece]:
        """Tokenise texts, in order. Control characters yield no token; lone surrogates read as U+FFFD."""
        clean = [text if text.isascii() else _SURROGATE.sub("\ufffd", text) for text in texts]
        found = self.tokenizer.encode_batch(clean, add_special_tokens=False)
        return [Piece(np.array(e.ids, np.int32), np.array(e.offsets, np.int32).reshape(-1, 2)) for e in found]

    def task_windows(self, tasks: Sequence[ReadingTask]) -> list[list[Window]]:
        """Encode reading tasks; every slot that has a token lies wholly in exactly one window of its task.

        Evidence that does not fit is cut after the clause that a slot ends (or right after the slot), and the question stands
        in each window. A window that begins within a sentence ("gout symptoms: joint pain; | fever.") repeats what led up to
        the sentence's first slot ("gout symptoms:"). Only a slot longer than a window itself is shortened.
        """
        evidence = self.pieces([task.evidence for task in tasks])
        questions = self.pieces([task.question for task in tasks])
        return [list(self._task(task, e, q)) for task, e, q in zip(tasks, evidence, questions, strict=True)]

    def passage_windows(self, pairs: Sequence[tuple[str, str]]) -> list[list[Window]]:
        """Encode (question, passage) pairs; a long passage gives several windows that overlap."""
        questions = self.pieces([question for question, _ in pairs])
        passages = self.pieces([passage for _, passage in pairs])
        return [list(self.windows(q, p)) for q, p in zip(questions, passages, strict=True)]

    def both_windows(self, tasks: Sequence[ReadingTask]) -> list[list[Window]]:
        """Encode tasks that have a passage with it, and the others as `task_windows` does.

        Evidence and passage share the room that the question leaves: evidence takes what the passage does not need, at least half.
        What does not fit is cut as `task_windows` and `passage_windows` cut it, and the parts of both are laid side by side, so that
        every slot lies in one window and every token of the passage in at least one.
        """
        evidence = self.pieces([task.evidence for task in tasks])
        questions = self.pieces([task.question for task in tasks])
        passages = self.pieces([task.passage for task in tasks])
        return [list(self._both(*parts)) for parts in zip(tasks, evidence, questions, passages, strict=True)]

    def question_windows(self, questions: Sequence[str]) -> list[Window]:
        """Encode questions alone, one window each."""
        return [self._window([(self._fit_question(question), 0)]) for question in self.pieces(questions)]

    def hiding(self, window: Window, first: int, last: int) -> Window:
        """Return the window with the tokens at positions `[first, last)` hidden behind masks.

        Raises:
            ModelError: The vocabulary has no mask.
        """
        ids = window.ids.copy()
        ids[first:last] = _special(self.tokenizer, *_MASKS)
        return replace(window, ids=ids)

    def windows(self, question: Piece, passage: Piece) -> Iterator[Window]:
        """Yield the windows of a passage, left to right, each with the question."""
        question = self._fit_question(question)
        for cut in self._stretches(passage, self.max_tokens - len(question) - 3):
            yield self._window([(question, 0)], cut)

    def _task(self, task: ReadingTask, evidence: Piece, question: Piece) -> Iterator[Window]:
        question = self._fit_question(question)
        for shown, slots in self._shown(task, evidence, self.max_tokens - len(question) - 3):
            yield self._window([(shown, 1), (question, 0)], slots=slots)

    def _both(self, task: ReadingTask, evidence: Piece, question: Piece, passage: Piece) -> Iterator[Window]:
        if not len(passage):
            yield from self._task(task, evidence, question)
            return
        if not len(evidence):
            yield from self.windows(question, passage)
            return
        question = self._fit_question(question)
        room = self.max_tokens - len(question) - 4
        parts = list(self._shown(task, evidence, max(room // 2, room - len(passage))))
        stretches = list(self._stretches(passage, room - max(len(shown) for shown, _ in parts)))
        for n in range(max(len(parts), len(stretches))):
            shown, slots = parts[n % len(parts)]
            window = self._window([(shown, 1), (question, 0)], stretches[n % len(stretches)], slots)
            yield window if n < len(parts) else replace(window, slots=())

    def _shown(self, task: ReadingTask, evidence: Piece, room: int) -> Iterator[tuple[Piece, Slots]]:
        """Yield evidence in parts of at most `room` tokens, each with its slots, whose positions count the start token."""
        slots = [token_range(evidence.offsets, slot.start, slot.end) for slot in task.slots]
        for cut in _cuts(task.evidence, evidence.offsets, slots, room):
            shown = evidence.cut(cut.first, cut.last)
            if cut.lead:
                lead = evidence.cut(*cut.lead)
                shown = Piece(np.concatenate([lead.ids, shown.ids]), np.concatenate([lead.offsets, shown.offsets]))
            shift = 1 + len(shown) - cut.last
            yield shown, tuple((n, slots[n][0] + shift, min(slots[n][1], cut.last) + shift) for n in cut.slots)

    def _stretches(self, passage: Piece, room: int) -> Iterator[Piece]:
        """Yield stretches of a passage, left to right, that overlap by the longest answer, or by half where the room is short."""
        step = max(1, min(self.stride, max(room - LONGEST_ANSWER, room // 2)))
        for first in range(0, max(1, len(passage)), step):
            yield passage.cut(first, first + room)
            if first + room >= len(passage):
                return

    def _fit_question(self, question: Piece) -> Piece:
        # A long question tells its story first and asks last: the end is what must be kept.
        return question.cut(max(0, len(question) - self.max_tokens // 3), len(question))

    def _window(self, parts: Sequence[tuple[Piece, int]], passage: Piece | None = None, slots: Slots = ()) -> Window:
        """Join parts, each with its token type, and a passage, where there is one."""
        ids, types = [np.array([self._start], np.int32)], [np.zeros(1, np.uint8)]
        for piece, kind in [*parts, *([] if passage is None else [(passage, 1)])]:
            ids += [piece.ids, np.array([self._separator], np.int32)]
            types.append(np.full(len(piece) + 1, kind, np.uint8))
        joined = np.concatenate(ids)
        evidence = next((piece for piece, kind in parts if kind), EMPTY)
        passage = EMPTY if passage is None else passage
        return Window(joined, np.concatenate(types), 1, evidence.offsets, len(joined) - 1 - len(passage), passage.offsets, slots, slots)


def _special(tokenizer: Tokenizer, *names: str) -> int:
    for name in names:
        number: int | None = tokenizer.token_to_id(name)
        if number is not None:
            return number
    raise ModelError(f"the tokenizer's vocabulary has no token {' or '.join(names)}; expected that of a BERT or MPNet model")


def token_range(offsets: IntArray, start: int, end: int) -> tuple[int, int]:
    """Return the half-open range of the tokens that share a character with `[start, end)`; empty where there is none.

    >>> token_range(np.array([[0, 7], [8, 14], [14, 15]]), 8, 14)
    (1, 2)
    """
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left"))
    return first, max(first, last)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The tokens `[first, last)` of an evidence text, the slots to be read there, and the tokens to show before them."""

    first: int
    last: int
    slots: tuple[int, ...] = ()
    lead: tuple[int, int] | None = None

    def joined(self, other: _Cut) -> _Cut:
        return _Cut(min(self.first, other.first), max(self.last, other.last), self.slots + other.slots, self.lead)

    def __len__(self) -> int:
        return self.last - self.first


def _cuts(text: str, offsets: IntArray, slots: Sequence[tuple[int, int]], room: int) -> Iterator[_Cut]:
    """Yield stretches of at most `room` tokens, lead included, that share the slots out among them, left to right."""
    order = sorted((n for n, (a, b) in enumerate(slots) if a < b), key=lambda n: slots[n])
    if len(offsets) <= room:
        yield _Cut(0, len(offsets), tuple(order))
        return
    held: _Cut | None = None
    reserved = room // _LEAD_SHARE
    for unit in _units(text, offsets, _knots(slots, order), room - reserved):
        lead = None if unit.lead is None else (max(unit.lead[0], unit.lead[1] - reserved), unit.lead[1])
        if held is not None and max(held.last, unit.last) - held.first <= room - reserved:
            held = held.joined(unit)
            continue
        if held is not None:
            yield held
        held = _Cut(unit.first, unit.last, unit.slots, lead)
        if len(unit) > room - reserved:
            yield from (_Cut(slots[n][0], min(slots[n][1], slots[n][0] + room - reserved), (n,), lead) for n in unit.slots)
            held = None
    if held is not None or not order:
        yield held or _Cut(0, room)


def _knots(slots: Sequence[tuple[int, int]], order: Sequence[int]) -> list[_Cut]:
    """Join the slots that overlap."""
    knots: list[_Cut] = []
    for n in order:
        slot = _Cut(*slots[n], (n,))
        if knots and slot.first < knots[-1].last:
            knots[-1] = knots[-1].joined(slot)
        else:
            knots.append(slot)
    return knots


def _units(text: str, offsets: IntArray, knots: Sequence[_Cut], room: int) -> Iterator[_Cut]:
    """Yield the smallest stretches to read: a knot of slots, the words before it and its punctuation; longer only if it is."""
    begin, sentence, lead = 0, 0, None
    for knot, following in pairwise([*knots, _Cut(len(offsets), len(offsets))]):
        end = _end(_CLAUSE, text, offsets, knot.last, following.first) or knot.last
        # What lies behind the knot is given up before what leads up to it.
        last = max(knot.last, min(end, begin + room))
        yield _Cut(min(knot.first, max(begin, last - room)), last, knot.slots, lead)
        lead = lead or (sentence, knot.first)
        if stop := _end(_SENTENCE, text, offsets, knot.last, following.first):
            sentence, lead = stop, None
        begin = end


def _end(form: re.Pattern[str], text: str, offsets: IntArray, after: int, before: int) -> int | None:
    """Return the token in `[after, before]` behind the first such mark between two slots, or None."""
    if after >= len(offsets):
        return None
    limit = int(offsets[before, 0]) + 1 if before < len(offsets) else len(text)
    found = form.search(text, int(offsets[after - 1, 1]), limit)
    return None if found is None else min(before, int(np.searchsorted(offsets[:, 0], found.end(), side="left")))
