"""What a reader in training is worth on examples that it does not learn from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from qa.decoding import best_spans
from qa.encoding import Encoder
from qa.evaluation.squad import exact_match, f1
from qa.reader_model import Classes, ReaderModel
from qa.training.classes import ClassedQuestion
from qa.training.combined_data import CombinedTask
from qa.training.data import Example, Store
from qa.training.losses import slot_logits
from qa.training.passes import passes
from qa.training.squad import Pair, squad_examples
from qa.training.triples import LabelledTask, triples_examples


class HeldOutPairs:
    """Questions beside passages that answer them, and beside some that do not."""

    def __init__(self, pairs: Sequence[Pair], encoder: Encoder, device: torch.device) -> None:
        self.pairs = pairs
        self.examples = squad_examples(pairs, encoder)
        self.store = Store(self.examples, encoder.padding, device)

    def measure(self, model: ReaderModel) -> dict[str, float]:
        """Return the figures of a model, in percent but for `threshold`, a score.

        `exact` and `f1` are over the questions with an answer, the best span always given (as in SQuAD v1.1). `f1_abstaining`
        is the mean F1 where a span is given from `threshold` on only, with and without answer weighing the same (as in v2.0);
        the threshold is the one that makes it highest.
        """
        score, predicted = self._predict(model)
        answers = [None if pair.answer is None else pair.answer.text for pair in self.pairs]
        good = np.array([0.0 if a is None else f1(p, a) for p, a in zip(predicted, answers, strict=True)])
        same = [exact_match(p, a) for p, a in zip(predicted, answers, strict=True) if a is not None]
        answered = np.array([a is not None for a in answers])
        threshold, abstaining = choose_threshold(score, good, answered)
        return {
            "exact": 100 * float(np.mean(same or [0.0])),
            "f1": 100 * float(good[answered].mean()) if answered.any() else 0.0,
            "f1_abstaining": 100 * abstaining,
            "threshold": threshold,
        }

    def _predict(self, model: ReaderModel) -> tuple[np.ndarray[Any, Any], list[str]]:
        score, predicted = np.full(len(self.pairs), -np.inf), [""] * len(self.pairs)
        for numbers, batch, logits in passes(model, self.store, "held-out passages"):
            columns = (column.tolist() for column in best_spans(logits.start, logits.end, batch.passage))
            for number, value, first, last in zip(numbers, *columns, strict=True):
                example = self.examples[number]
                if value > score[example.source]:
                    window, source = example.window, example.source
                    begin = window.passage[int(first) - window.passage_at, 0]
                    end = window.passage[int(last) - window.passage_at, 1]
                    score[source], predicted[source] = value, self.pairs[source].passage[begin:end]
        return score, predicted


class HeldOutTasks:
    """Reading tasks of one split."""

    def __init__(self, tasks: Sequence[LabelledTask], encoder: Encoder, device: torch.device) -> None:
        self.tasks = tasks
        self.examples = triples_examples(tasks, encoder)
        self.store = Store(self.examples, encoder.padding, device)

    def measure(self, model: ReaderModel) -> dict[str, Any]:
        """Return, in percent, `exact` (all slots of a task right) and `precision`, `recall`, `f1` over slots; by kind, too."""
        right = [{"exact": 1, "hit": 0, "given": 0, "wanted": 0} for _ in self.tasks]
        found = (
            (numbers, slot_logits(logits.slot, batch.slots) > 0) for numbers, batch, logits in passes(model, self.store, "held-out tasks")
        )
        for number, row in ((number, row) for numbers, chosen in found for number, row in zip(numbers, chosen.tolist(), strict=True)):
            example = self.examples[number]
            for given, label in zip(row, example.labels, strict=False):
                counts = right[example.source]
                counts["exact"] &= given == label
                counts["hit"] += given and label
                counts["given"] += given
                counts["wanted"] += label
        kinds: dict[str, list[dict[str, int]]] = defaultdict(list)
        for task, counts in zip(self.tasks, right, strict=True):
            kinds[task.kind].append(counts)
        return slot_figures(right) | {"kinds": {kind: slot_figures(counts) for kind, counts in sorted(kinds.items())}}


class HeldOutCombined:
    """Tasks with evidence and passage, read together."""

    def __init__(self, tasks: Sequence[CombinedTask], examples: Sequence[Example], encoder: Encoder, device: torch.device) -> None:
        self.tasks, self.examples = tasks, examples
        self.store = Store(examples, encoder.padding, device)

    def measure(self, model: ReaderModel) -> dict[str, float]:
        """Return, in percent, `slot_f1` over slots, and `exact` and `f1` of the best span where the passage holds an answer."""
        hit = given = wanted = 0
        best = [(float("-inf"), "")] * len(self.tasks)
        for numbers, batch, logits in passes(model, self.store, "held-out tasks with passages"):
            chosen = (slot_logits(logits.slot, batch.slots) > 0) & batch.slot_real
            hit += int((chosen & batch.labels.bool()).sum())
            given, wanted = given + int(chosen.sum()), wanted + int(batch.labels.sum())
            columns = (column.tolist() for column in best_spans(logits.start, logits.end, batch.passage))
            for number, score, first, last in zip(numbers, *columns, strict=True):
                window, source = self.examples[number].window, self.examples[number].source
                if score > best[source][0]:
                    begin, end = window.passage[first - window.passage_at, 0], window.passage[last - window.passage_at, 1]
                    best[source] = score, self.tasks[source].task.passage[begin:end]
        marks = [
            (max(exact_match(text, a.text) for a in task.answers), max(f1(text, a.text) for a in task.answers))
            for task, (_, text) in zip(self.tasks, best, strict=True)
            if task.answers
        ]
        exact, overlap = (100 * float(np.mean(column)) for column in zip(*(marks or [(0.0, 0.0)]), strict=True))
        return {"tasks": len(self.tasks), "slot_f1": 200 * hit / max(1, given + wanted), "exact": exact, "f1": overlap}


class HeldOutClasses:
    """Questions of one split, of which it is known what they ask."""

    def __init__(
        self, questions: Sequence[ClassedQuestion], examples: Sequence[Example], labels: Classes, encoder: Encoder, device: torch.device
    ) -> None:
        self.questions, self.labels = questions, labels
        self.store = Store(examples, encoder.padding, device)

    def measure(self, model: ReaderModel) -> dict[str, float]:
        """Return the accuracy of each head, in percent, over the questions that it is for; a label that it has not is a miss."""
        right: dict[str, list[bool]] = {head: [] for head in self.labels}
        for numbers, _, logits in passes(model, self.store, "held-out questions"):
            parts = torch.split(logits.classes, [len(x) for x in self.labels.values()], 1)
            for (head, labels), odds in zip(self.labels.items(), parts, strict=True):
                for number, best in zip(numbers, odds.argmax(1).tolist(), strict=True):
                    wanted = self.questions[number].classes.get(head)
                    if wanted is not None:
                        right[head].append(labels[best] == wanted)
        return {head: 100 * float(np.mean(found)) for head, found in right.items() if found}


def choose_threshold(score: np.ndarray[Any, Any], good: np.ndarray[Any, Any], answered: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Return the score from which on to answer, and the mean gain (0 to 1) of doing so.

    A question with an answer gains `good` where it is answered, one without gains 1 where it is not; both kinds weigh the same.

    >>> choose_threshold(np.array([4.0, 2.0, 1.0]), np.array([1.0, 0.5, 0.0]), np.array([True, True, False]))
    (1.5, 0.875)
    """
    weight = np.where(answered, 1 / max(1, answered.sum()), 1 / max(1, (~answered).sum()))
    weight /= max(1e-12, weight.sum())
    order = np.argsort(-score, kind="stable")
    gain = np.where(answered, good, -1.0)[order] * weight[order]
    gains = float(weight[~answered].sum()) + np.concatenate([[0.0], np.cumsum(gain)])
    ordered = score[order]
    # Equal scores are answered together or not at all.
    possible = np.concatenate([[True], ordered[1:] < ordered[:-1], [True]])[: len(gains)]
    best = int(np.argmax(np.where(possible, gains, -np.inf)))
    finite = ordered[np.isfinite(ordered)]
    if not len(finite):
        return 0.0, float(gains[best])
    below = finite[best] if best < len(finite) else finite[-1] - 1
    above = finite[best - 1] if best else finite[0] + 1
    return float(above + below) / 2, float(gains[best])


def slot_figures(counts: Sequence[dict[str, int]]) -> dict[str, float]:
    """Return `tasks` and, in percent, `exact` and slots' `precision`, `recall` and `f1`, from the counts of each task.

    A task's counts: `exact`, 1 where all of its slots are right, `hit`, slots rightly given, `given`, and `wanted`.
    """
    hit, given, wanted = (sum(c[name] for c in counts) for name in ("hit", "given", "wanted"))
    return {
        "tasks": len(counts),
        "exact": 100 * sum(c["exact"] for c in counts) / max(1, len(counts)),
        "precision": 100 * hit / max(1, given),
        "recall": 100 * hit / max(1, wanted),
        "f1": 200 * hit / max(1, given + wanted),
    }
