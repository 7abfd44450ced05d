"""Reads evidence, passages and questions with the reader's model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from qa.decoding import NO_ANSWER, distinct, window_span, window_spans
from qa.encoding import Encoder, Window
from qa.errors import ModelError
from qa.reader import Contributions, Progress, Reading, ReadingTask, Span
from qa.reader_model import Logits, Precision, ReaderModel, best_precision, load_model, read_settings

Floats = npt.NDArray[np.float32]

_PADDED_TOKENS = 16_384  # of one batch: bounds memory, and long windows gain nothing from company


class BertReader:
    """Reads evidence (`qa.reader.Reader`) and passages (`qa.reader.PassageReader`); threads may share one.

    A passage whose best score is below `threshold` holds no answer; at most `batch` windows are read at once.

    Args:
        model: The model.
        encoder: Of its vocabulary.
        threshold: A logit.
        batch: Windows.
        calibration: Scale and shift of a slot's logit that make its probability true to how often such slots answer (Platt, 1999,
            "Probabilistic outputs for support vector machines"), from held-out tasks.
    """

    def __init__(
        self,
        model: ReaderModel,
        encoder: Encoder,
        threshold: float = 0.0,
        batch: int = 16,
        calibration: tuple[float, float] = (1.0, 0.0),
    ) -> None:
        self.model, self.encoder, self.threshold, self.batch, self.calibration = model, encoder, threshold, batch, calibration
        self.device = next(model.parameters()).device

    @classmethod
    def load(
        cls, directory: Path, device: str | None = None, precision: Precision | None = None, model: ReaderModel | None = None
    ) -> BertReader:
        """Load a reader directory: config.json, tokenizer.json, reader.json and model.safetensors or its shards.

        Args:
            directory: As `qa.training` writes it.
            device: A torch device; by default CUDA where there is one, else the CPU.
            precision: By default bf16 where the device is faster in it, else fp32.
            model: The directory's own, where it is loaded already or converted (`qa.converted`).

        Raises:
            ModelError: A file is missing, damaged or of another architecture.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        settings = read_settings(directory)
        encoder = Encoder.load(directory, settings["max_tokens"], settings["stride"])
        if model is None:
            model = load_model(directory, torch.bfloat16 if (precision or best_precision(device)) == "bf16" else torch.float32)
        if encoder.tokenizer.get_vocab_size() > model.config.vocab_size:
            raise ModelError(f"{directory}: tokenizer.json has more tokens than the model; expected the one it was trained with")
        calibration = settings.get("slot_scale", 1.0), settings.get("slot_shift", 0.0)
        return cls(model.to(device).eval(), encoder, settings["threshold"], 16 if device == "cpu" else 128, calibration)

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot to be an answer, in the order of its slots.

        A slot without a single token (white space, control characters) has probability 0. Passages are not looked at.
        """
        found = [[0.0] * len(task.slots) for task in tasks]
        for task, window, row, logits in self._windows(self.encoder.task_windows(tasks)):
            self._fill(found[task], window, logits.slot[row].numpy())
        return [tuple(probabilities) for probabilities in found]

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True, progress: Progress | None = None) -> list[Span]:
        """Return, for each (question, passage), the best span, or an empty one, with its score, where that is too low.

        Args:
            pairs: Questions and passages.
            may_abstain: If false, only a passage without a token gives an empty span, as SQuAD v1.1 asks.
            progress: Told how many windows are read, and how many there are.
        """
        best = [NO_ANSWER] * len(pairs)
        for pair, window, row, logits in self._windows(self.encoder.passage_windows(pairs), progress):
            best[pair] = max(best[pair], window_span(window, logits, row, pairs[pair][1]), key=_score)
        return [self._settled(span, may_abstain) for span in best]

    def spans(self, question: str, passage: str, most: int = 5) -> list[Span]:
        """Return the best spans of a passage, best first, at most `most`, of which none overlaps a better one.

        None is held back by the threshold; what no answer scores is 0.
        """
        found: list[Span] = []
        for _, window, row, logits in self._windows(self.encoder.passage_windows([(question, passage)])):
            found += window_spans(window, logits, row, passage, most)
        return distinct(found, most)

    def read_both(self, tasks: Sequence[ReadingTask], *, may_abstain: bool = True) -> list[Reading]:
        """Read the evidence and, as second segment, the passage of each task, together.

        Every slot is judged once, beside a part of the passage; the span is the best of all windows, as in `extract`.
        """
        found = [[0.0] * len(task.slots) for task in tasks]
        best = [NO_ANSWER] * len(tasks)
        for task, window, row, logits in self._windows(self.encoder.both_windows(tasks)):
            self._fill(found[task], window, logits.slot[row].numpy())
            best[task] = max(best[task], window_span(window, logits, row, tasks[task].passage), key=_score)
        return [Reading(tuple(p), self._settled(span, may_abstain)) for p, span in zip(found, best, strict=True)]

    def classify(self, questions: Sequence[str]) -> list[dict[str, tuple[str, float]]]:
        """Return, question by question and head by head, the likeliest label and its probability.

        Of a long question the end is read. Without heads for questions the dictionaries are empty.
        """
        found: list[dict[str, tuple[str, float]]] = [{} for _ in questions]
        for question, _, row, logits in self._windows([[w] for w in self.encoder.question_windows(questions)]):
            at = 0
            for head, labels in self.model.classes.items():
                shares = logits.classes[row, at : at + len(labels)].softmax(-1)
                best = int(shares.argmax())
                found[question][head] = labels[best], float(shares[best])
                at += len(labels)
        return found

    def contributions(self, task: ReadingTask, progress: Progress | None = None) -> Contributions:
        """Say which triples carry the answers: how far a logit falls where a triple's words are hidden behind masks.

        Reads every window of the task once, and once more for each slot in it.

        Args:
            task: What is read.
            progress: Told how many of these readings are done, and how many there are.
        """
        slots = np.zeros((len(task.slots), len(task.slots)))
        spans, best = np.zeros(len(task.slots)), float("-inf")
        (group,) = self.encoder.both_windows([task]) if task.passage else self.encoder.task_windows([task])
        readings, done = sum(1 + len(window.shown) for window in group), 0

        def tell(read: int, _: int) -> None:
            if progress is not None:
                progress(done + read, readings)

        for window in group:
            hidden = [self.encoder.hiding(window, first, last) for _, first, last in window.shown]
            rows = sorted(self._windows([[w] for w in [window, *hidden]], tell), key=lambda row: row[0])
            done += len(rows)
            whole, *without = [[logits.slot[row, a:b].double().mean() for _, a, b in window.slots] for _, _, row, logits in rows]
            judged, numbers = [n for n, _, _ in window.slots], [n for n, _, _ in window.shown]
            for n, fewer in zip(numbers, without, strict=True):
                if judged:
                    slots[n, judged] = np.subtract(whole, fewer)
            scores = [window_span(window, logits, row, task.passage).score for _, _, row, logits in rows]
            if scores[0] > best:
                best, spans[:] = scores[0], 0
                spans[numbers] = np.subtract(scores[0], scores[1:])
        return Contributions(slots, spans)

    def _fill(self, found: list[float], window: Window, slot: Floats) -> None:
        scale, shift = self.calibration
        for n, first, last in window.slots:
            found[n] = float(1 / (1 + np.exp(-(scale * slot[first:last].mean(dtype=np.float64) + shift))))

    def _settled(self, span: Span, may_abstain: bool) -> Span:
        return span if not may_abstain or span.score >= self.threshold else Span(0, 0, "", span.score)

    def _windows(self, groups: Sequence[Sequence[Window]], progress: Progress | None = None) -> Iterator[tuple[int, Window, int, Logits]]:
        """Yield each window of each group once, in an order of its own: group, window, and its row in a batch's logits."""
        windows = [(group, window) for group, found in enumerate(groups) for window in found]
        done = 0
        for numbers, logits in self._batches([window for _, window in windows]):
            near = Logits(*(t.float().cpu() for t in logits))
            for row, number in enumerate(numbers):
                yield *windows[number], row, near
            done += len(numbers)
            if progress is not None:
                progress(done, len(windows))

    def _batches(self, windows: Sequence[Window]) -> Iterator[tuple[list[int], Logits]]:
        """Yield, batch by batch, the numbers of its windows and their logits; where memory runs out, in smaller batches from then on."""
        order = sorted(range(len(windows)), key=lambda n: len(windows[n].ids))
        while order:
            size = max(1, min(self.batch, len(order), _PADDED_TOKENS // len(windows[order[-1]].ids)))
            numbers = order[-size:]
            try:
                logits = self._run([windows[n] for n in numbers])
            except torch.OutOfMemoryError:
                if size == 1:
                    raise
                self.batch = size // 2
                continue
            order = order[:-size]
            yield numbers, logits

    def _run(self, windows: Sequence[Window]) -> Logits:
        ids, types, real = (t.to(self.device) for t in _stack(windows, self.encoder.padding))
        even = min(len(w.ids) for w in windows) == ids.shape[1]
        with torch.inference_mode():
            return cast(Logits, self.model(ids, types, None if even else real))


def _score(span: Span) -> float:
    return span.score


def _stack(windows: Sequence[Window], padding: int) -> tuple[Tensor, Tensor, Tensor]:
    """Pad windows to the longest: ids, types and which tokens are real. *Shape:* (batch, length)."""
    shape = len(windows), max(len(w.ids) for w in windows)
    ids, types, real = np.full(shape, padding, np.int64), np.zeros(shape, np.int64), np.zeros(shape, bool)
    for row, w in enumerate(windows):
        ids[row, : len(w.ids)], types[row, : len(w.ids)], real[row, : len(w.ids)] = w.ids, w.types, True
    return torch.from_numpy(ids), torch.from_numpy(types), torch.from_numpy(real)
