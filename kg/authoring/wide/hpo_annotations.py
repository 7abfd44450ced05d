"""Makes the layer of phenotypes of diseases out of HPO's annotations, with MONDO's diseases for those of OMIM, Orphanet and DECIPHER."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from kg.authoring.wide.layer import Layer
from kg.model import Curie, Entity, Fact
from kg.sources.hpo_annotations import Annotation, pool
from kg.sources.records import Skipped
from kg.vocabulary import DISEASE

NAME = "hpo_annotations"
MOST_REFERENCES = 3
"""How many references a fact keeps."""


def disease_phenotypes(
    rows: Iterable[Annotation], same: Mapping[Curie, Curie], replaced: Mapping[Curie, Curie], known: Collection[Curie]
) -> tuple[Layer, Counter[str]]:
    """Return pooled facts, and the diseases that are not MONDO's; and how many of each kind were left out.

    Args:
        rows: The annotations.
        same: MONDO's disease for each identifier that is exactly one of these.
        replaced: What stands for an HP term that was withdrawn.
        known: The HP terms that are described.
    """
    listed = [replace(row, term=replaced.get(row.term, row.term)) for row in rows]
    left_out = Counter("a term of another branch of HPO" for row in listed if row.term not in known)
    facts: list[Fact] = []
    for found in pool([row for row in listed if row.term in known], NAME, lambda disease: same.get(disease, disease)):
        if isinstance(found, Skipped):
            left_out[found.reason] += 1
        else:
            facts.append(_trimmed(found))
    subjects = {fact.subject for fact in facts}
    return Layer(list(_diseases(listed, subjects - set(same.values()))), facts), left_out


def _trimmed(fact: Fact) -> Fact:
    """Return the fact with few references, publications first."""
    references = fact.qualifiers.get("supported_by", "").split()
    chosen = sorted(references, key=lambda text: not text.startswith("PMID:"))[:MOST_REFERENCES]
    qualifiers = {name: text for name, text in fact.qualifiers.items() if name != "supported_by"}
    return replace(fact, qualifiers=qualifiers | ({"supported_by": " ".join(chosen)} if chosen else {}))


def _diseases(rows: Iterable[Annotation], wanted: Collection[Curie]) -> Iterator[Entity]:
    names: dict[Curie, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.disease in wanted:
            names[row.disease][" ".join(row.name.replace("|", " ").split())] += 1
    for disease, counted in sorted(names.items()):
        yield Entity(disease, DISEASE, min(counted, key=lambda name: (-counted[name], name)))
