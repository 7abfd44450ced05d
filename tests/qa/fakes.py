"""What stands in for the reader's weights and for its vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa.lexicon import whole_words
from qa.reader import ReadingTask

# Ordinary words that the questions of the tests use; none names anything in the tiny graph.
_WORDS = """
a about after again against alert all also am an and another answer any are aren as ask at avoid away baby bad be because been before best
better big book both bring but by call can cause come common could daily day did disease do doctor does drug during each eat else
everything family feel for from get getting give going good great had happen harm has have having he hello help her hers here him his how
however i if ignore illness in instruction interact into is isn it just keep kind know least left less life like list little live long
look love main make many may me mean medicine medication mix more most mother mum much must my name never new night no not nothing now of
often old on one only or other our out own people pill please possible pour prevent previous question really right run safe said script
same say see serious she should side sign so some someone something soon spread still stop such symptom system table take taking tell test
than thank that the their them then there they thing think this those time to together told treat treatment trouble type under until up us
use used very want was water way we week well went were what when where whether which while who why wife will wish with without woman
words work working world would write year yes yet you young your effect father sister brother husband partner friend morning weather
capital france today tomorrow garden house money music apple lever ever fewer favour
"""
ENGLISH = whole_words(_WORDS.split())


class KeywordReader:
    """Gives each possible answer the probability of the words that it is made of, and the same one to all others.

    Args:
        probabilities: Probability of a slot by its text.
        otherwise: Probability of every other slot.
    """

    def __init__(self, probabilities: Mapping[str, float] | None = None, otherwise: float = 0.5) -> None:
        self._probabilities = dict(probabilities or {})
        self._otherwise = otherwise
        self.seen: list[ReadingTask] = []

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        """Return, task by task, the probability of each slot, and remember the tasks in `seen`."""
        self.seen.extend(tasks)
        return [tuple(self._probabilities.get(t.evidence[s.start : s.end], self._otherwise) for s in t.slots) for t in tasks]
