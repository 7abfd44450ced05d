"""The Human Disease Ontology: its kinds, and symptoms, causes, ways of spreading and inheritance in its axioms and definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kg.authoring.corroborate.ancestors import ancestors
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Statement
from kg.authoring.identity import obo_terms
from kg.model import Curie
from kg.sources.tsv import read_text, rows
from kg.vocabulary import CAUSES, HAS_INHERITANCE, HAS_PHENOTYPE, INHERITANCE, SUBCLASS_OF, TRANSMITTED_BY

NAME = "DiseaseOntology"
_RELEASE = f"{NAME}:2026-08-19"  # the date of the commit that was read
_AXIOM = re.compile(r"'([^']+)' some (?:'([^']+)'|([^\s'()|]+))")
_RELATIONS = {
    "has symptom": HAS_PHENOTYPE,
    "has phenotype": HAS_PHENOTYPE,
    "has material basis in": CAUSES,
    "has disease driver": CAUSES,
    "transmitted by": TRANSMITTED_BY,
}
# Its definitions keep to a form: "... has_material_basis_in X, which is transmitted_by Y. The infection has_symptom Z, has_symptom ...".
_DEFINITIONS = {
    "DO_infectious_disease_slim.obo": _RELEASE,
    "DO_cancer_slim.obo": _RELEASE,
    "DO_rare_slim.obo": _RELEASE,
    "doid_2016-09-01.obo": f"{NAME}:2016-09-01",
}
_MARK = re.compile(r"\b(has_symptom|has_material_basis_in|transmitted_by|has_phenotype|[a-z]+_[a-z_]+)\b")
# What is added to a symptom, without which it is the wider one.
_DEGREE = re.compile(r"^(?:severe|mild|acute|chronic|persistent|intermittent|low-grade|high|sudden|progressive) ", re.IGNORECASE)
# What its ways of spreading are called here.
_SPREAD = {
    "droplet spread transmission": "respiratory droplets",
    "airborne transmission": "airborne spread",
    "contact transmission": "close contact with an infected person",
    "vehicle-borne ingestion transmission": "contaminated food or water",
    "vehicle-borne fomite transmission": "contact with contaminated surfaces",
    "placental transmission": "mother-to-child transmission",
    "congenital transmission": "mother-to-child transmission",
    "tick borne transmission": "tick bites",
}


def read(directory: Path, names: Names) -> Iterator[Statement]:
    """Yield what its axioms say, then its definitions, then its kinds, over any number of steps."""
    for _, row in rows(directory / "DO-subClassOf-anonymous.tsv", ("ID", "LABEL", "SubClass Of [ANON]")):
        for disease in sorted(names.of(row["ID"], row["LABEL"])):
            for relation, quoted, plain in _AXIOM.findall(row["SubClass Of [ANON]"]):
                yield from _axiom(disease, row["ID"], relation, quoted or plain, names)
    for name, release in _DEFINITIONS.items():
        yield from _definitions(directory / name, release, names)
    yield from _kinds(directory / "HumanDO.tsv", names)


def _definitions(path: Path, release: str, names: Names) -> Iterator[Statement]:
    for term in obo_terms(read_text(path)):
        identifier, label = term.get("id", [""])[0], term.get("name", [""])[0]
        text = term.get("def", [""])[0].partition('" [')[0].strip('"')
        marks = list(_MARK.finditer(text))
        if term.get("is_obsolete") == ["true"] or not marks:
            continue
        for disease in sorted(names.of(identifier, label)):
            for mark, end in zip(marks, [*(m.start() for m in marks[1:]), len(text)], strict=True):
                predicate = _RELATIONS.get(mark[1].replace("_", " "))
                if predicate is not None:
                    # What follows in the next sentence is said of something else.
                    yield from _defined(disease, predicate, text[mark.end() : end].partition(". ")[0], f"{release}/{identifier}/def", names)


def _defined(disease: Curie, predicate: Curie, text: str, cited: str, names: Names) -> Iterator[Statement]:
    for mention in names.in_text(text):
        if not mention.denied and mention.curie != disease:
            yield Statement((mention.curie, CAUSES, disease) if predicate == CAUSES else (disease, predicate, mention.curie), cited)


def _axiom(disease: Curie, identifier: str, relation: str, label: str, names: Names) -> Iterator[Statement]:
    predicate = _RELATIONS.get(relation)
    if predicate is None:
        return
    cited = f"{_RELEASE}/{identifier}/{relation.replace(' ', '_')}"
    label = _SPREAD.get(label, label).removesuffix(" <genus>")
    for other in sorted(names.of("", label) or names.of("", _DEGREE.sub("", label))):
        if predicate == CAUSES and names.entities[other].category == INHERITANCE:
            yield Statement((disease, HAS_INHERITANCE, other), cited)
        elif predicate == CAUSES:
            yield Statement((other, CAUSES, disease), cited)
        else:
            yield Statement((disease, predicate, other), cited)


def _kinds(path: Path, names: Names) -> Iterator[Statement]:
    parents: dict[str, set[str]] = {}
    identifiers: dict[str, str] = {}
    for _, row in rows(path, ("id", "label", "subClassOf")):
        cells = {name: cell.strip('"') for name, cell in row.items()}
        identifiers[cells["label"]] = cells["id"]
        parents.setdefault(cells["label"], set()).add(cells["subClassOf"])
    for label, identifier in identifiers.items():
        for child in sorted(names.of(identifier, label)):
            for wider in sorted(ancestors(label, parents)):
                cited = f"{_RELEASE}/{identifier}/subClassOf/{identifiers.get(wider, '')}"
                for parent in sorted(names.of(identifiers.get(wider, ""), wider) - {child}):
                    yield Statement((child, SUBCLASS_OF, parent), cited)
