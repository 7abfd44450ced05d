"""Reads `phenotype.hpoa`, the Human Phenotype Ontology's annotations of diseases (https://hpo.jax.org): a row a publication.

The rows of one disease and phenotype are pooled into one fact. Phenotypes are described by the ontology itself, not here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

from kg.errors import CurieError, DataError
from kg.identifiers import normal
from kg.model import Curie, Entity, Fact
from kg.sources.delimited import table
from kg.sources.files import lines
from kg.sources.records import About, Options, Record, Skipped
from kg.vocabulary import DISEASE, HAS_INHERITANCE, HAS_PHENOTYPE

COLUMNS = ("database_id", "disease_name", "qualifier", "hpo_id", "reference", "evidence", "frequency", "sex", "aspect")
TITLE, LICENCE = "Human Phenotype Ontology annotations of diseases", "HPO licence, https://human-phenotype-ontology.github.io/license.html"

ENOUGH = 10
"""Of how many people examined a count must be before it says how frequent a phenotype is, or that it is absent."""

_PREDICATES = {"P": HAS_PHENOTYPE, "I": HAS_INHERITANCE}
_OTHER_ASPECTS = {"C": "clinical course", "M": "modifier", "H": "past medical history"}
# From the strongest to the weakest.
_EVIDENCE = {
    "PCS": "published clinical study",
    "TAS": "traceable author statement",
    "IEA": "inferred from electronic annotation",
}
# The ontology's own classes: obligate (100%), very frequent (80-99%), frequent (30-79%), occasional (5-29%), very rare (1-4%).
_TERMS = {
    "HP:0040280": "very common",
    "HP:0040281": "very common",
    "HP:0040282": "common",
    "HP:0040283": "occasional",
    "HP:0040284": "rare",
}
_EXCLUDED = "HP:0040285"
_CLASSES = ("rare", "occasional", "common", "very common")
_SEXES = {"": "", "MALE": "male", "FEMALE": "female"}
_PERCENTAGE = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%")
_COUNT = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one row states of a disease.

    Attributes:
        disease: An OMIM, ORPHA or DECIPHER identifier.
        name: What the row calls the disease.
        predicate: has_phenotype or has_mode_of_inheritance.
        term: The HP term.
        denied: True where the row says that the disease does not have it.
        frequency: A class of `kg.vocabulary`, or empty; from a term or a percentage, not from a count.
        count: How many people had it, of how many that were examined; None where the row does not count.
        sex: `female` or `male` where the row is of these only.
        evidence: The code of the evidence, `PCS`, `TAS` or `IEA`.
        references: Identifiers or addresses of what says so.
    """

    disease: Curie
    name: str
    predicate: Curie
    term: Curie
    denied: bool = False
    frequency: str = ""
    count: tuple[int, int] | None = None
    sex: str = ""
    evidence: str = ""
    references: tuple[str, ...] = ()


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield what the file says of itself, then its diseases in the order of first mention, then pooled facts in the same order.

    A disease that is called differently in different rows has the name of most of them; the others are synonyms.

    Raises:
        DataError: The file cannot be read, its header lacks a column, or a row is not made as HPO makes it.
    """
    rows: list[Annotation] = []
    names: dict[Curie, Counter[str]] = {}
    for found in read_rows(path):
        if isinstance(found, Annotation):
            rows.append(found)
            names.setdefault(found.disease, Counter())[found.name] += 1
        else:
            yield found
    for disease, counted in names.items():
        called: dict[str, str] = {}
        for name, _ in counted.most_common():
            called.setdefault(name.casefold(), name)
        chosen, *others = called.values()
        yield Entity(disease, options.category or DISEASE, chosen, tuple(others))
    yield from pool(rows, options.source)


def read_rows(path: Path) -> Iterator[About | Annotation | Skipped]:
    """Yield what the file says of itself, then its rows, one by one.

    Raises:
        DataError: As for `read`.
    """
    numbered = lines(path)
    version = ""
    for line, text in numbered:
        if text.startswith("#"):
            version = text.partition(":")[2].strip() if text.startswith("#version:") else version
            continue
        yield About(TITLE, version, LICENCE)
        for number, cells in table(path, COLUMNS, chain([(line, text)], numbered)):
            yield from _row(cells, path, number)
        return
    raise DataError(path, None, "holds comments only: expected HPO's annotations of diseases, with a header")


@cache
def _curie(text: str) -> Curie:
    return normal(text)


def _row(cells: Sequence[str], path: Path, line: int) -> Iterator[Annotation | Skipped]:
    disease, name, qualifier, term, reference, evidence, frequency, sex, aspect = cells
    if aspect in _OTHER_ASPECTS:
        yield Skipped(f"annotation of the {_OTHER_ASPECTS[aspect]}, not of a phenotype or inheritance", line, f"{disease} {term}")
        return
    _check(path, line, "aspect", aspect, _PREDICATES)
    _check(path, line, "qualifier", qualifier, ("", "NOT"))
    _check(path, line, "sex", sex.upper(), _SEXES)
    _check(path, line, "evidence", evidence, _EVIDENCE)
    if not name:
        raise DataError(path, line, f"{disease} has no disease_name")
    class_, count, known = _frequency(frequency)
    if not known:
        yield Skipped("a frequency that is no HP term, percentage or count; the rest of the row is taken", line, frequency)
    try:
        yield Annotation(
            _curie(disease),
            name,
            _PREDICATES[aspect],
            _curie(term),
            qualifier == "NOT" or frequency == _EXCLUDED,
            class_,
            count,
            _SEXES[sex.upper()],
            evidence,
            tuple(part for part in reference.replace(";", " ").split()),
        )
    except CurieError as error:
        raise DataError(path, line, str(error)) from error


def _check(path: Path, line: int, column: str, found: str, expected: Collection[str]) -> None:
    if found not in expected:
        allowed = ", ".join(text or "nothing" for text in expected)
        raise DataError(path, line, f"{column} is {found!r}: expected one of {allowed}")


def _frequency(text: str) -> tuple[str, tuple[int, int] | None, bool]:
    """Return a row's class, its count, and whether its frequency was understood."""
    if text in _TERMS:
        return _TERMS[text], None, True
    if text in {"", _EXCLUDED}:
        return "", None, True
    if (percentage := _PERCENTAGE.fullmatch(text)) and 0 < (share := float(percentage[1])) <= 100:
        return class_of(share / 100), None, True
    if (counted := _COUNT.fullmatch(text)) and 0 <= (n := int(counted[1])) <= (m := int(counted[2])) and m:
        return "", (n, m), True
    return "", None, False


def class_of(share: float) -> str:
    """Return the class of a share of people, by the bounds that HPO's own terms have.

    >>> class_of(0.85), class_of(0.5), class_of(0.05), class_of(0.01)
    ('very common', 'common', 'occasional', 'rare')
    """
    return _CLASSES[sum(share >= bound for bound in (0.05, 0.30, 0.80))]


@dataclass(slots=True)
class _Pair:
    """The rows of one disease and term that deny it, or those that do not, added up."""

    affirmed: bool = False
    had: int = 0
    examined: int = 0
    classes: list[str] = field(default_factory=list)
    sexes: set[str] = field(default_factory=set)
    evidence: set[str] = field(default_factory=set)
    references: dict[str, None] = field(default_factory=dict)

    def add(self, row: Annotation) -> None:
        """Take in one row."""
        self.affirmed |= not row.denied and (row.count is None or row.count[0] > 0)
        if row.count is not None:
            self.had += row.count[0]
            self.examined += row.count[1]
        if row.frequency and not row.denied:
            self.classes.append(row.frequency)
        self.sexes.add(row.sex)
        self.evidence.add(row.evidence)
        for reference in row.references:
            self.references[reference] = None

    def qualifiers(self) -> Mapping[str, str]:
        """Return what qualifies the fact."""
        found = {}
        if self.affirmed and self.examined >= ENOUGH:
            found["frequency"] = class_of(self.had / self.examined)
        elif self.classes:
            # Of two that are said equally often the one that claims less.
            found["frequency"] = max(self.classes, key=lambda name: (self.classes.count(name), -_CLASSES.index(name)))
        if self.examined:
            found["observed"] = f"{self.had}/{self.examined}"
        if len(self.sexes) == 1 and (sex := next(iter(self.sexes))):
            found["sex"] = sex
        if codes := [text for code, text in _EVIDENCE.items() if code in self.evidence]:
            found["evidence"] = codes[0]
        if self.references:
            found["supported_by"] = " ".join(self.references)
        return found


def _itself(disease: Curie) -> Curie:
    return disease


def pool(rows: Iterable[Annotation], source: str, subject: Callable[[Curie], Curie | None] = _itself) -> Iterator[Fact | Skipped]:
    """Yield one fact for each disease and term, in the order of first mention.

    Counts are added up, those of nobody included; references are united; the strongest kind of evidence is named; `sex` stays where all
    rows have the same. The class that the counts come to, of `ENOUGH` people at least, wins over one that rows name. What a
    row denies is denied unless another affirms it; then the denial is skipped. What nobody had is denied where `ENOUGH` people were
    examined, else it says neither and is skipped.

    Args:
        rows: The annotations.
        source: Name of the source.
        subject: Returns the identifier that stands for a disease; None leaves the row out.
    """
    pairs: dict[tuple[Curie, Curie, Curie, bool], _Pair] = {}
    for row in rows:
        disease = subject(row.disease)
        if disease is not None:
            if (pair := pairs.get(key := (disease, row.predicate, row.term, row.denied))) is None:
                pair = pairs[key] = _Pair()
            pair.add(row)
    for (disease, predicate, term, denied), pair in pairs.items():
        other = pairs.get((disease, predicate, term, not denied))
        if denied and other is not None and other.affirmed:
            yield Skipped("denied in one row and affirmed in another: taken as affirmed", None, f"{disease} {term}")
        elif not denied and not pair.affirmed and other is None and pair.examined < ENOUGH:
            yield Skipped(f"not found in fewer than {ENOUGH} people: says neither", None, f"{disease} {term}")
        elif denied or pair.affirmed or other is None:
            yield Fact(disease, predicate, term, source, pair.qualifiers(), negated=denied or not pair.affirmed)
