"""The official figures of SQuAD v1.1 and v2.0, and predictions for them.

Normalisation, exact match and F1 are those of the official `evaluate-v1.1.py` (Rajpurkar et al., 2016) and `evaluate-v2.0.py`
(Rajpurkar, Jia, Liang, 2018). They are written out here because the metric of torchmetrics 1.9 has no questions without answer
and needs torch.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from qa.reader import Progress, Span
from qa.training.squad import Squad, read_squad

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class SpanReader(Protocol):
    """A passage reader that can be told that every question has an answer."""

    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True, progress: Progress | None = None) -> list[Span]:
        """Return the best span of each (question, passage); `progress` is told how much has been read, and how much there is."""
        ...


def normalise(text: str) -> str:
    """Lower case, without punctuation, articles and superfluous white space.

    >>> normalise("The  Eiffel Tower,  in a park.")
    'eiffel tower in park'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(predicted: str, answer: str) -> float:
    """Return 1 where both are the same once normalised, else 0."""
    return float(normalise(predicted) == normalise(answer))


def f1(predicted: str, answer: str, abstains: bool = True) -> float:
    """Return the harmonic mean of precision and recall over the words of both.

    Two empty texts agree where a question may have no answer (v2.0, `abstains`), and share no word where each has one (v1.1).

    >>> round(f1("the red blood cells", "red cells"), 2)
    0.8
    """
    got, wanted = normalise(predicted).split(), normalise(answer).split()
    if abstains and not (got and wanted):
        return float(got == wanted)
    common = (Counter(got) & Counter(wanted)).total()
    return 2 * common / (len(got) + len(wanted)) if common else 0.0


def evaluate(squad: Squad, predictions: Mapping[str, str]) -> dict[str, float]:
    """Return `exact` and `f1` in percent over all questions and `total`; for v2.0 also over those with and without answer.

    A question without prediction counts as wrong, as in v1.1 (v2.0's script leaves it out of the mean).
    """
    scores: dict[str, list[tuple[float, float]]] = {"": []}
    for _, question in squad.questions():
        answers = [answer.text for answer in question.answers]
        if squad.abstains:
            answers = [answer for answer in answers if normalise(answer)] or [""]
        predicted = predictions.get(question.id)
        score = (0.0, 0.0)
        if predicted is not None and answers:
            score = max(exact_match(predicted, a) for a in answers), max(f1(predicted, a, squad.abstains) for a in answers)
        scores[""].append(score)
        if squad.abstains:
            scores.setdefault("has_answer_" if question.answers else "no_answer_", []).append(score)
    figures: dict[str, float] = {}
    for kind, found in scores.items():
        figures[f"{kind}exact"] = 100 * sum(e for e, _ in found) / max(1, len(found))
        figures[f"{kind}f1"] = 100 * sum(f for _, f in found) / max(1, len(found))
        figures[f"{kind}total"] = len(found)
    return figures


def predict(reader: SpanReader, path: Path, batch: int = 256, quiet: bool = False) -> dict[str, str]:
    """Return the answer to every question of a SQuAD file by its id, in the order of the file; empty text for no answer.

    In a v1.1 file, where no question says whether it can be answered, every one can: the best span is always given.

    Args:
        reader: Reads the passages.
        path: The file.
        batch: Questions that are encoded together, which bounds memory.
        quiet: Show no progress on standard error.

    Raises:
        DatasetError: The file is missing or not of SQuAD's form.
    """
    squad = read_squad(path, lenient=True)
    asked = [(question.id, question.text, paragraph.passage) for paragraph, question in squad.questions()]
    predictions: dict[str, str] = {}
    with tqdm(total=len(asked), unit="question", desc="read", disable=quiet) as bar:
        for n in range(0, len(asked), batch):
            group = asked[n : n + batch]
            pairs = [(text, passage) for _, text, passage in group]
            spans = reader.extract(pairs, may_abstain=squad.abstains, progress=_moving(bar, len(group)))
            predictions.update((name, span.text) for (name, _, _), span in zip(group, spans, strict=True))
            bar.n = min(n + batch, len(asked))
            bar.update(0)
    return predictions


def _moving(bar: tqdm[Any], questions: int) -> Progress:
    """Return what moves a bar on by some questions as they are read; a single long passage moves it, too."""
    begun = bar.n

    def move(done: int, total: int) -> None:
        # Set, not added up: sums of fractions pass the total.
        bar.n = begun + (questions if done == total else round(questions * done / total, 1))
        bar.update(0)

    return move
