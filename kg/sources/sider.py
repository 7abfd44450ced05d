"""Reads SIDER 4 (http://sideeffects.embl.de): side effects and indications that were mined from the labels of medicines.

Compounds have STITCH identifiers, which are PubChem's with something before: `CID0` stands before a compound as it is (`stereo`), `CID1`
before the one without its stereochemistry (`flat`). Effects are MedDRA's preferred terms with their UMLS concepts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from kg.errors import DataError
from kg.model import Curie, Entity, Fact
from kg.sources.delimited import cells
from kg.sources.files import lines
from kg.sources.folders import find, need
from kg.sources.records import About, Options, Record, Skipped
from kg.vocabulary import DISEASE, DRUG, HAS_SIDE_EFFECT, PHENOTYPE, TREATS

ABOUT = About("SIDER 4", "", "CC BY-NC-SA 4.0, https://creativecommons.org/licenses/by-nc-sa/4.0/: not for commercial use")
_MINED = "text-mined from labels"
_COMPOUND = re.compile(r"CID[01](\d{8})")
_CONCEPT = re.compile(r"C\d{7}")
_PREFERRED = "PT"
# The words of labels; the bounds that SIDER gives with some of them are wider than what they mean.
_WORDS = {
    "very common": "very common",
    "very frequent": "very common",
    "common": "common",
    "frequent": "common",
    "uncommon": "occasional",
    "infrequent": "occasional",
    "rare": "rare",
    "very rare": "rare",
}
_CLASSES = ("rare", "occasional", "common", "very common")
_BOUNDS = (0.001, 0.01, 0.1)
_QUALIFIERS: Mapping[str | None, Mapping[str, str]] = MappingProxyType(
    {
        None: MappingProxyType({"evidence": _MINED}),
        **{name: MappingProxyType({"frequency": name, "evidence": _MINED}) for name in _CLASSES},
    }
)


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield the terms, the compounds that have a name, then compound has_side_effect term and compound treats term.

    Compounds have names in `drug_names.tsv` only; facts of those without one count where another source has the same PubChem compound.
    Indications are those that a program read in the text of labels; terms that are only mentioned there are skipped.

    Args:
        path: The directory with `meddra_all_se.tsv`, `meddra_freq.tsv` and `meddra_all_indications.tsv`; the last two may be missing,
            and `drug_names.tsv` may be there.
        options: How it is to be read.

    Raises:
        DataError: A file cannot be read, or a row is not made as SIDER makes it.
    """
    effects = need(path, "meddra_all_se.tsv", "SIDER")
    yield ABOUT
    known = _Known(options.source)
    if (table := find(path, "meddra_freq.tsv")) is not None:
        yield from _read_frequencies(table, known.frequencies)
    yield from _side_effects(effects, known)
    if (indications := find(path, "meddra_all_indications.tsv")) is not None:
        yield from _indications(indications, known)
    if (names := find(path, "drug_names.tsv")) is not None:
        for line, (flat, name) in cells(names, lines(names), 2):
            yield Entity(known.one_form(_compound(flat, names, line)), DRUG, name.strip() or flat)


@dataclass(slots=True)
class _Known:
    """What has been read so far.

    Attributes:
        source: Name of the source.
        frequencies: The class of a compound and term, where the labels give one.
        forms: The forms of a compound without its stereochemistry that labels have.
        terms: The terms that have been described.
    """

    source: str
    frequencies: dict[tuple[Curie, Curie], str] = field(default_factory=dict)
    forms: dict[Curie, set[Curie]] = field(default_factory=lambda: defaultdict(set))
    terms: set[Curie] = field(default_factory=set)

    def one_form(self, flat: Curie) -> Curie:
        """Return the one form that labels have of a compound; where they have several, the compound without its stereochemistry."""
        forms = self.forms.get(flat, set())
        return next(iter(forms)) if len(forms) == 1 else flat

    def describe(self, term: Curie, category: Curie, name: str) -> Iterator[Entity]:
        """Yield a term that has not been described."""
        if term not in self.terms:
            self.terms.add(term)
            yield Entity(term, category, name)


def _side_effects(path: Path, known: _Known) -> Iterator[Entity | Fact | Skipped]:
    seen: set[tuple[Curie, Curie]] = set()
    for line, (flat, stereo, _, kind, concept, name) in cells(path, lines(path), 6):
        if kind != _PREFERRED:
            yield _no_preferred(kind, line, name)
            continue
        compound, term = _compound(stereo, path, line), _term(concept, path, line)
        known.forms[_compound(flat, path, line)].add(compound)
        if (compound, term) in seen:
            continue
        seen.add((compound, term))
        yield from known.describe(term, PHENOTYPE, name)
        frequency = known.frequencies.get((compound, term))
        yield Fact(compound, HAS_SIDE_EFFECT, term, known.source, _QUALIFIERS[frequency])


def _indications(path: Path, known: _Known) -> Iterator[Entity | Fact | Skipped]:
    seen: set[tuple[Curie, Curie]] = set()
    for line, (flat, _, method, _, kind, concept, name) in cells(path, lines(path), 7):
        if method != "NLP_indication":
            yield Skipped(f"found on the label as {method}, which is no indication", line, name)
            continue
        if kind != _PREFERRED:
            yield _no_preferred(kind, line, name)
            continue
        compound, term = known.one_form(_compound(flat, path, line)), _term(concept, path, line)
        if (compound, term) not in seen:
            seen.add((compound, term))
            yield from known.describe(term, DISEASE, name)
            yield Fact(compound, TREATS, term, known.source, _QUALIFIERS[None])


def _no_preferred(kind: str, line: int, name: str) -> Skipped:
    if kind == "LLT":
        return Skipped("a lowest-level term: its preferred term is taken", line, name)
    return Skipped("neither a preferred nor a lowest-level term of MedDRA", line, name)


def _read_frequencies(path: Path, found: dict[tuple[Curie, Curie], str]) -> Iterator[Skipped]:
    """Gather the class of each compound and term for which there is one.

    The classes are those of labels: very common from 1 in 10, common from 1 in 100, occasional from 1 in 1,000, rare below. What labels
    call it in words wins over percentages, which are of single trials; of several the most frequent one is taken. What was seen with a
    placebo, after marketing (where nobody counts who took it) or in nobody gives none.
    """
    words: dict[tuple[Curie, Curie], int] = {}
    shares: dict[tuple[Curie, Curie], int] = {}
    for line, (_, stereo, _, placebo, text, lower, upper, kind, concept, _) in cells(path, lines(path), 10):
        if placebo or kind != _PREFERRED or text == "postmarketing":
            continue
        pair = _compound(stereo, path, line), _term(concept, path, line)
        if (word := _WORDS.get(text)) is not None:
            words[pair] = max(words.get(pair, 0), _CLASSES.index(word))
            continue
        low, high = _number(lower, path, line), _number(upper, path, line)
        if not 0 <= low <= high <= 1:
            yield Skipped("a frequency whose bounds are no range within 0 and 1", line, text)
        elif high:
            shares[pair] = max(shares.get(pair, 0), sum((low + high) / 2 >= bound for bound in _BOUNDS))
    found.update({pair: _CLASSES[place] for pair, place in (shares | words).items()})


def _number(text: str, path: Path, line: int) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise DataError(path, line, f"{text!r} is no bound of a frequency: expected a number from 0 to 1") from error


@cache
def _pubchem(stitch: str) -> Curie | None:
    found = _COMPOUND.fullmatch(stitch)
    return Curie(f"PUBCHEM.COMPOUND:{int(found[1])}") if found else None


@cache
def _umls(concept: str) -> Curie | None:
    return Curie(f"UMLS:{concept}") if _CONCEPT.fullmatch(concept) else None


def _compound(stitch: str, path: Path, line: int) -> Curie:
    found = _pubchem(stitch)
    if found is None:
        raise DataError(path, line, f"{stitch!r} is no compound of STITCH: expected CID0 or CID1 and eight digits")
    return found


def _term(concept: str, path: Path, line: int) -> Curie:
    found = _umls(concept)
    if found is None:
        raise DataError(path, line, f"{concept!r} is no concept of UMLS: expected C and seven digits")
    return found
