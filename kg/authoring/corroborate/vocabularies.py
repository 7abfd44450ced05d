"""What the vocabularies at hand call the nodes, so that a source that uses their words or identifiers is understood."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.authoring.corroborate.indra import Terms
from kg.errors import CurieError
from kg.model import Curie, Entity
from kg.names import key

# Only what HPO calls exact is another name of the same thing; "broad" or "related" would support what the source does not say.
_EXACT = re.compile(r'"([^"]+)" EXACT\b')
_SHORTEST = 4  # letters; shorter names of vocabularies are abbreviations of several things
_AGES = (50, 55, 60, 65, 70, 75)
# How pages say what no name says, by the name of the node.
_PHRASES: Mapping[str, Sequence[str]] = {
    "older age": (
        "older adults", "older adult", "older men and women", "increases with age", "increases as you age",
        *(text.format(age) for age in _AGES for text in ("older than {}", "older than age {}", "over age {}", "over the age of {}",
          "after age {}", "after the age of {}", "age {} or older", "age {} and older", "aged {} and older", "{} years and older",
          "{} years of age and older", "{} or older", "{} and older")),
    ),
    "being female": (
        "women are more likely", "women more often", "women more than men", "women than in men", "women than men", "girls than boys",
        "more common in women", "more common among women", "more common in females", "most common in women", "women are at higher risk",
        "females than males", "females than in males", "mostly women", "mainly women", "usually affects women", "most often affects women",
    ),
    "being male": (
        "men are more likely", "men more often", "men more than women", "men than in women", "men than women", "boys than girls",
        "more common in men", "more common among men", "more common in males", "most common in men", "men are at higher risk",
        "males than females", "males than in females", "mostly men", "mainly men", "usually affects men", "most often affects men",
    ),
    "obesity": ("obese", "overweight or obese"),
    "weakened immune system": ("immune system problems", "weaken the immune system", "immune system weakened by"),
    "family history": ("runs in families", "run in families", "parent or sibling"),
}  # fmt: skip
_SPELLED = {"Orphanet": "ORPHA", "MSH": "MESH"}
_PREFIXES = frozenset({"DOID", "MESH", "UMLS", "OMIM", "ORPHA"})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names, cross-references and kinds from a vocabulary.

    Attributes:
        names: Other names of a term.
        xrefs: The same term in other vocabularies.
        parents: The terms directly above a term.
    """

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    xrefs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parents: Mapping[str, Sequence[str]] = field(default_factory=dict)


def of_mondo(mondo: Terms) -> Vocabulary:
    """Return the cross-references to which one MONDO term alone refers.

    Its synonyms are left out: the file does not say which of them are exact.
    """
    bearers: dict[str, set[str]] = defaultdict(set)
    for curie, xrefs in mondo.xrefs.items():
        for xref in xrefs:
            bearers[_spelled(xref)].add(curie)
    own: dict[str, list[str]] = defaultdict(list)
    for xref, terms in bearers.items():
        if len(terms) == 1:
            own[min(terms)].append(xref)
    return Vocabulary(xrefs=own)


def of_hpo(terms: Iterable[Mapping[str, Sequence[str]]]) -> Vocabulary:
    """Return the exact synonyms, cross-references and kinds of HPO."""
    names: dict[str, list[str]] = {}
    xrefs: dict[str, list[str]] = {}
    parents: dict[str, list[str]] = {}
    for term in terms:
        if term.get("is_obsolete") != ["true"]:
            for curie in term.get("id", ()):
                names[curie] = [*term.get("name", ()), *exact_synonyms(term)]
                xrefs[curie] = [_spelled(text.partition(" ")[0]) for text in term.get("xref", ())]
                parents[curie] = [text.partition(" ")[0] for text in term.get("is_a", ())]
    return Vocabulary(names, xrefs, parents)


def of_pages(nodes: Iterable[Entity]) -> Vocabulary:
    """Return how pages say what no name says: "older than 65", "more common in women"."""
    return Vocabulary({node.curie: _PHRASES[node.name] for node in nodes if node.name in _PHRASES})


def exact_synonyms(term: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the exact synonyms of a term of OBO."""
    return (found[1] for text in term.get("synonym", ()) if (found := _EXACT.match(text)))


def enrich(nodes: Iterable[Entity], vocabularies: Sequence[Vocabulary]) -> list[Entity]:
    """Return the nodes with the names and cross-references that the vocabularies give them.

    A name that a node has already, or that the vocabularies give to several, is left to those who have it.
    """
    nodes = list(nodes)
    taken = {key(name) for node in nodes for name in (node.name, *node.synonyms)}
    given: dict[str, set[Curie]] = defaultdict(set)
    for node in nodes:
        for name in _offered(node, vocabularies):
            given[key(name)].add(node.curie)
    return [
        replace(
            node,
            synonyms=(*node.synonyms, *(n for n in _offered(node, vocabularies) if key(n) not in taken and len(given[key(n)]) == 1)),
            xrefs=(*node.xrefs, *_xrefs(node, vocabularies)),
        )
        for node in nodes
    ]


def _offered(node: Entity, vocabularies: Sequence[Vocabulary]) -> Iterator[str]:
    for vocabulary in vocabularies:
        yield from (name for name in vocabulary.names.get(node.curie, ()) if len(name) >= _SHORTEST)


def _xrefs(node: Entity, vocabularies: Sequence[Vocabulary]) -> Iterator[Curie]:
    for vocabulary in vocabularies:
        for text in vocabulary.xrefs.get(node.curie, ()):
            if text.partition(":")[0] in _PREFIXES and text not in node.xrefs:
                try:
                    yield Curie(text)
                except CurieError:
                    continue


def _spelled(xref: str) -> str:
    prefix, _, local = xref.partition(":")
    return f"{_SPELLED.get(prefix, prefix)}:{local}"
