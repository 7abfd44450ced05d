"""Names of things that do not exist: neither the graph nor English has them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from kg import vocabulary as v
from kg.model import Curie

_ONSETS = "b br c cl d dr f fl g gr h k kl l m n p pr qu r s sk st t tr v vr z zh".split()
_VOWELS = "a e i o u ae ia ou".split()
_CODAS = ["", "", "l", "n", "r", "s", "m", "x", "nd", "rb", "lt"]
_MEDICINE_ENDS = "tine vexan lor pril zan dine quine vir mol fex".split()
_ILLNESSES = ("{a} disease", "{a} fever", "{a}-{b} syndrome", "{b} fever", "{a}-{b} disease", "{c}osis", "{c}itis")
_SIGNS = ("{c} ache", "{c} itching", "{c} tremor", "{c} spots", "{c} weakness", "{c} sweats", "{c} gait")
_SHAPES: Mapping[Curie, tuple[str, ...]] = {
    v.DRUG: ("{m}",),
    v.CHEMICAL: ("{m}",),
    v.DRUG_CLASS: ("{c} blockers", "{m}s"),
    v.DISEASE: _ILLNESSES,
    v.PHENOTYPE: _SIGNS,
    v.TREATMENT: ("{a} therapy", "{c} massage", "{a} operation"),
    v.DIAGNOSTIC_AID: ("{a} test", "{c} scan", "{a}-{b} test"),
    v.EXPOSURE: ("{c} dust", "eating {c}", "{c} smoke"),
    v.ORGANISM: ("{a} virus", "{c} worm"),
}
_OTHER_SHAPES = ("{c}", "{a} {c}")


class MadeUpNames:
    """Makes names that differ from each other.

    Args:
        known: Says whether a name, or a word, means something already.
        rng: Where chance comes from.
    """

    def __init__(self, known: Callable[[str], bool], rng: random.Random) -> None:
        self._known, self._rng = known, rng
        self._given: set[str] = set()

    def name(self, category: Curie) -> str:
        """Return a new name that looks like one of the category: "zorvaltine" for a medicine, "Keld-Brandou fever" for a disease."""
        while True:
            shape = self._rng.choice(_SHAPES.get(category, _OTHER_SHAPES))
            parts = {"a": self._word().capitalize(), "b": self._word().capitalize(), "c": self._word()}
            name = shape.format(**parts, m=self._word() + self._rng.choice(_MEDICINE_ENDS))
            own = [word for part in parts.values() if part.casefold() in name.casefold() for word in (part, name)]
            if name not in self._given and not any(self._known(word) for word in (name, *own)):
                self._given.add(name)
                return name

    def _word(self) -> str:
        rng = self._rng
        syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.choice((2, 2, 3)))]
        return "".join(syllables)
