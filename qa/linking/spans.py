"""What the words of a text mean that are known to name something: a tagged mention, a given span, what an abbreviation stands for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from kg.model import Curie
from kg.names import key
from kg.surface import SurfaceNames
from kg.vocabulary import DISEASE
from qa.linking.phrases import Meaning
from qa.linking.senses import Senses
from qa.model import MOST_CANDIDATES, SYNONYM_SCORE, Candidate

_INSIDE = 0.6
"""Score of a name that is only a part of what was said: "hypotension" for "transient hypotension"."""

_OTHER_FORM = SYNONYM_SCORE - 0.05
_MOST_FORMS = 64

# How notes speak of somebody who has something, and the ends of what he has: "hypotensive" and "hypotension".
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("oxic", ("oxicity",)),
    ("otic", ("osis",)),
    ("itic", ("itis",)),
    ("lytic", ("lysis",)),
    ("eptic", ("epsy", "epsis")),
    ("matic", ("ma", "m")),
    ("matous", ("ma",)),
    ("phrenic", ("phrenia",)),
    ("ic", ("ia", "e", "y", "ism", "es", "")),
    ("ive", ("ion",)),
    ("cient", ("ciency",)),
    ("ed", ("ion",)),
    ("ian", ("ism",)),
    ("oid", ("oidism",)),
    ("ese", ("esity",)),
    ("ous", ("us", "")),
)
_SHORTEST_STEM = 4

_BRACKETS = re.compile(r"\([^()]*\)")
_RESTS = tuple(key(rest) for rest in ("disease", "syndrome"))

# Parts of the body by their Latin and Greek adjectives and by their English nouns.
_SAME_PART = (
    "renal kidney",
    "hepatic liver",
    "cardiac heart",
    "myocardial cardiac heart",
    "pulmonary lung",
    "cerebral brain",
    "gastric stomach",
    "cutaneous skin dermal",
    "ocular eye",
    "ovarian ovary",
    "pancreatic pancreas",
    "splenic spleen",
    "colonic colon",
    "colorectal bowel",
    "intestinal bowel",
    "vesical bladder",
    "ureteral ureteric ureter",
    "urethral urethra",
    "prostatic prostate",
    "mammary breast",
    "uterine uterus",
    "cervical cervix",
    "testicular testis",
    "esophageal esophagus",
    "laryngeal larynx",
    "pharyngeal pharynx throat",
    "nasal nose",
    "oral mouth",
    "dental tooth",
    "lingual tongue",
    "osseous bone skeletal",
    "muscular muscle",
    "neural nerve",
    "vascular vessel",
    "thyroidal thyroid",
    "adrenal adrenocortical",
    "auditory hearing",
    "visual vision",
    "hematologic blood",
)
_EQUAL: dict[str, tuple[str, ...]] = {}
for _line in _SAME_PART:
    _words = [key(word) for word in _line.split()]
    for _word in _words:
        _EQUAL[_word] = tuple(dict.fromkeys((*_EQUAL.get(_word, ()), *(other for other in _words if other != _word))))


def other_forms(word: str) -> tuple[str, ...]:
    """Return what else a folded word may be within a name: the noun to an adjective, another word for the same part of the body.

    >>> other_forms("renal"), other_forms("nefrotoxic")
    (('kidney',), ('nefrotoxicity', 'nefrotoxia', 'nefrotox', 'nefrotoxy', 'nefrotoxism'))
    """
    found = list(_EQUAL.get(word, ()))
    for ending, nouns in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            found += [key(word.removesuffix(ending) + noun) for noun in nouns]
    return tuple(dict.fromkeys(form for form in found if form != word))


class Spans:
    """Says what words mean that are known to name something; unlike in a text at large, any name of theirs is taken for one.

    Args:
        senses: Who bears which name.
        surface: The names.
        meaning: Ranks what words nearly mean; None, by names alone.
    """

    def __init__(self, senses: Senses, surface: SurfaceNames, meaning: Meaning | None) -> None:
        self._senses, self._surface, self._meaning = senses, surface, meaning
        self._in_other_forms = lru_cache(maxsize=16_384)(self._other_names)

    def named(self, phrase: str, categories: Collection[Curie]) -> list[Candidate]:
        """Return the bearers of a phrase as a name, as it is or in other forms, of these categories, the likeliest first."""
        name = key(phrase)
        found = self._bearers(name, categories, SYNONYM_SCORE, "a name of what is spoken of")
        if not found and (bare := key(_BRACKETS.sub(" ", phrase))) != name:
            name = bare
            found = self._bearers(name, categories, SYNONYM_SCORE, "a name of what is spoken of, but for what is in brackets")
        if not found:
            for other in self._in_other_forms(name):
                found += self._bearers(other, categories, _OTHER_FORM, f"another form of {other!r}")
        if not found and DISEASE in categories and _is_called_after_somebody(phrase):
            for rest in _RESTS:
                found += self._bearers(f"{name} {rest}", categories, _OTHER_FORM, f"{rest!r} is left out")
        return first_of_each(found)

    def meant(self, phrase: str, categories: Collection[Curie], however_far: bool = False) -> list[Candidate]:
        """Return what a phrase means, best first: by its names, then by what it nearly means.

        Args:
            phrase: The words.
            categories: What they are known to be of.
            however_far: Rank whatever there is, a name that is a part of the phrase before what is far from it; else what is not near
                enough has a score of 0, and is kept as a near miss.
        """
        if found := self.named(phrase, categories):
            return found
        near = self._meaning.of_kind(phrase, categories) if self._meaning is not None else []
        if not however_far or (near and near[0].score > 0):
            return near
        far = self._meaning.rank(phrase) if self._meaning is not None else ()
        return first_of_each([*self._inside(phrase, categories), *(c for c in far if c.entity.category in categories)])

    def _bearers(self, name: str, categories: Collection[Curie], score: float, why: str) -> list[Candidate]:
        bearers = self._senses.bearers(name)
        if bearers is None:
            return []
        return [Candidate(n.entity, score, why) for n in bearers.namings if n.entity.category in categories]

    def _other_names(self, name: str) -> tuple[str, ...]:
        words = name.split()
        if not words or len(words) > 6:
            return ()
        choices = [(word, *other_forms(word)) for word in words]
        made = (" ".join(chosen) for chosen in islice(product(*choices), 1, _MOST_FORMS))
        return tuple(other for other in made if other in self._surface)

    def _inside(self, phrase: str, categories: Collection[Curie]) -> list[Candidate]:
        """Return the bearers of the names in a phrase, of the longest first, and of two the later: English has its heads last."""
        keys = key(phrase).split()
        names = sorted(self._surface.within(keys), key=lambda n: (n.last - n.first, n.last), reverse=True)
        found: list[Candidate] = []
        for standing in names:
            bearers = self._senses.bearers(standing.name)
            if bearers is not None and (bearers.curated or bearers.stands_out or standing.last == len(keys)):
                found += self._bearers(standing.name, categories, _INSIDE, f"{standing.name!r} is a part of it")
        return found


def _is_called_after_somebody(phrase: str) -> bool:
    """Say whether a phrase ends in a name: "von Hippel-Lindau", and not "Central nervous system"."""
    last = re.split(r"[\s-]", phrase[-60:].rstrip())[-1]
    return last[:1].isupper() and any(c.islower() for c in last) and last.isalpha()


def first_of_each(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the first candidate of each entity, as many as a mention keeps."""
    return list(islice(_each_once(candidates), MOST_CANDIDATES))


def _each_once(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    seen = set()
    for candidate in candidates:
        if candidate.entity.curie not in seen:
            seen.add(candidate.entity.curie)
            yield candidate
