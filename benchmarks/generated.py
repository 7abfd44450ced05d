"""Large files for the benchmarks, the same every time: a graph in the form in which this project exports one, and an OWL ontology.

python -m benchmarks.generated graph made-up.nq [--triples 2200000]
python -m benchmarks.generated owl hp.obo hp.owl [--copies 2]
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape

import pronto

from kg.export.rdf import write_nquads
from kg.graph import Naming
from kg.model import Curie, Entity, Fact, Source
from kg.vocabulary import (
    CAUSES,
    CHEMICAL,
    DISEASE,
    HAS_PHENOTYPE,
    HAS_SIDE_EFFECT,
    INTERACTS_WITH,
    PHENOTYPE,
    SUBCLASS_OF,
    TREATS,
)

_SEED = 20_261_127
_NAME = "made-up"

_WHERE = (
    "renal hepatic cardiac pulmonary ocular dermal gastric intestinal cerebral spinal skeletal muscular vascular thyroid adrenal".split()
)
_WHAT = "dystrophy inflammation deficiency insufficiency hyperplasia atrophy fibrosis stenosis neuropathy dysplasia spasm swelling".split()
_HOW = "acute chronic hereditary congenital juvenile recurrent progressive primary secondary severe mild atypical".split()
_STEM = "alo beta cefo dexa ergo flu gaba hydro ibu keto levo metro nitro oxa pheno".split()
_END = "mycin statin prazole olol sartan dipine cillin floxacin triptan gliptin azepam profen".split()

# Of each kind of fact: its share, the kinds of its ends, and a qualifier with its values.
_KINDS = (
    (HAS_PHENOTYPE, 0.55, DISEASE, PHENOTYPE, "frequency", ("very common", "common", "occasional", "rare", "")),
    (HAS_SIDE_EFFECT, 0.20, CHEMICAL, PHENOTYPE, "frequency", ("common", "occasional", "rare", "")),
    (INTERACTS_WITH, 0.15, CHEMICAL, CHEMICAL, "severity", ("major", "moderate", "minor")),
    (TREATS, 0.05, CHEMICAL, DISEASE, "line", ("first", "other", "")),
    (CAUSES, 0.05, DISEASE, DISEASE, "", ("",)),
)


class MadeUpGraph:
    """A graph of about so many triples that looks like what ships: diseases, phenotypes and drugs, a few of them in many facts."""

    def __init__(self, triples: int) -> None:
        self._random = random.Random(_SEED)
        count = triples // 50
        self._entities = [
            *self._described(DISEASE, "MONDO", count // 2),
            *self._described(PHENOTYPE, "HP", count // 3),
            *self._described(CHEMICAL, "CHEBI", count - count // 2 - count // 3),
        ]
        described = sum(2 + len(e.synonyms) + bool(e.description) + len(e.xrefs) for e in self._entities)
        self._facts = self._stated(triples - described)
        self.sources: Sequence[Source] = (Source(_NAME, "Made up for benchmarks", "1", "CC0-1.0", facts=len(self._facts)),)

    def __len__(self) -> int:
        """Return how many entities there are."""
        return len(self._entities)

    def entities(self) -> Iterator[Entity]:
        """Yield every entity."""
        return iter(self._entities)

    def all_facts(self) -> Iterator[Fact]:
        """Yield every fact, those of one subject together."""
        return iter(self._facts)

    def withdrawn(self) -> Iterator[tuple[Curie, Curie | None]]:
        """Yield nothing: no identifier of it was withdrawn."""
        return iter(())

    def named(self, name: str) -> Sequence[Naming]:
        """Return nothing: no name is curated."""
        return ()

    def _described(self, category: Curie, prefix: str, count: int) -> Iterator[Entity]:
        choose = self._random
        for number in range(1, count + 1):
            name, synonyms = self._names(category, number)
            description = f"A made-up entry that stands for {name}, with {choose.choice(_HOW)} course." if choose.random() < 0.6 else ""
            xrefs = tuple(Curie(f"UMLS:C{number:07}{prefix[0]}") for _ in range(choose.random() < 0.7))
            yield Entity(Curie(f"{prefix}:{9_000_000 + number}"), category, name, synonyms, description, xrefs)

    def _names(self, category: Curie, number: int) -> tuple[str, tuple[str, ...]]:
        choose = self._random
        if category == CHEMICAL:
            name = f"{choose.choice(_STEM)}{choose.choice(_END)} {number}"
            return name, tuple(f"{name} {salt}" for salt in ("sodium", "hydrochloride", "acetate")[: choose.randrange(4)])
        how, where, what = choose.choice(_HOW), choose.choice(_WHERE), choose.choice(_WHAT)
        others = (f"{where} {what}, {how}, type {number}", f"{what} of type {number}", f"{how} type {number} {what}")
        return f"{how} {where} {what} type {number}", others[: choose.randrange(4)]

    def _stated(self, triples: int) -> list[Fact]:
        """Make facts of so many triples: six for each and one for each qualifier."""
        choose = self._random
        of_kind: dict[Curie, list[Curie]] = {}
        for entity in self._entities:
            of_kind.setdefault(entity.category, []).append(entity.curie)
        facts: dict[tuple[str, str, str, bool], Fact] = {}
        for curies in (of_kind[DISEASE], of_kind[PHENOTYPE]):
            for place in range(1, len(curies)):
                triples -= _state(facts, curies[place], SUBCLASS_OF, curies[int(place * choose.random())], {})
        shares = [kind[1] for kind in _KINDS]
        while triples > 0:
            predicate, _, start, end, name, values = choose.choices(_KINDS, shares)[0]
            subject, obj = self._some(of_kind[start]), self._some(of_kind[end])
            if subject == obj:
                continue
            if predicate == INTERACTS_WITH and obj < subject:
                subject, obj = obj, subject
            value = choose.choice(values)
            triples -= _state(facts, subject, predicate, obj, {name: value} if value else {})
        return sorted(facts.values(), key=lambda fact: fact.subject)

    def _some(self, curies: Sequence[Curie]) -> Curie:
        """Choose one, the first ones much more often."""
        return curies[int(len(curies) * self._random.random() ** 2.5)]


def _state(facts: dict[tuple[str, str, str, bool], Fact], subject: Curie, predicate: Curie, obj: Curie, said: dict[str, str]) -> int:
    """Add a fact, and return of how many triples it is; 0 where it is there already."""
    fact = Fact(subject, predicate, obj, _NAME, {**said, "evidence": "imported"})
    if fact.key in facts:
        return 0
    facts[fact.key] = fact
    return 6 + len(fact.qualifiers)


def many_names(count: int) -> Iterator[Entity]:
    """Yield made-up illnesses with five names each, that no other bears, until there are so many names."""
    choose = random.Random(_SEED)
    for number in range(1, count // 5 + 1):
        how, where, what, stem = (choose.choice(words) for words in (_HOW, _WHERE, _WHAT, _STEM))
        name = f"{how} {where} {what} type {number}"
        others = (
            f"{where} {what}, {how}, {number}",
            f"{what} of type {number}",
            f"{stem}{number} {what}",
            f"{stem} {where} syndrome {number}",
        )
        yield Entity(Curie(f"MONDO:{9_000_000 + number}"), DISEASE, name, others)


def write_graph(path: Path, triples: int) -> None:
    """Write a graph of about so many triples as N-Quads."""
    write_nquads(MadeUpGraph(triples), path)


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns="http://purl.obolibrary.org/obo/hp.owl#"
     xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
     xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
     xmlns:owl="http://www.w3.org/2002/07/owl#"
     xmlns:obo="http://purl.obolibrary.org/obo/"
     xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#">
    <owl:Ontology rdf:about="http://purl.obolibrary.org/obo/hp.owl"/>
"""
_OBO = "http://purl.obolibrary.org/obo/"
_OIO = "http://www.geneontology.org/formats/oboInOwl#"


def write_owl(obo: Path, path: Path, copies: int) -> None:
    """Write an OBO ontology as OWL in RDF/XML: its texts, cross-references, hierarchy, and axioms that say where texts are from.

    Args:
        obo: The ontology.
        path: The file to write.
        copies: How often it is written, each time with other identifiers, since there is no larger one at hand.
    """
    ontology = pronto.Ontology(str(obo), encoding="utf-8")
    terms = sorted(ontology.terms(), key=lambda term: term.id)
    with path.open("w", encoding="utf-8") as out:
        out.write(_HEAD)
        for copy in range(copies):
            iris = {term.id: _iri(term.id) + (f"{copy}" if copy else "") for term in terms}
            for term in terms:
                _write_term(term, iris, out)
        out.write("</rdf:RDF>\n")


def _write_term(term: pronto.Term, iris: Mapping[str, str], out: TextIO) -> None:
    about = iris[term.id]
    out.write(f'    <owl:Class rdf:about="{about}">\n')
    for parent in sorted(parent.id for parent in term.superclasses(distance=1, with_self=False)):
        out.write(f'        <rdfs:subClassOf rdf:resource="{iris[parent]}"/>\n')
    texts = [("rdfs:label", term.name or ""), ("obo:IAO_0000115", term.definition or ""), ("oboInOwl:id", term.id)]
    texts += [("oboInOwl:hasAlternativeId", other) for other in sorted(term.alternate_ids)]
    texts += [("oboInOwl:hasDbXref", xref.id) for xref in sorted(term.xrefs)]
    synonyms = sorted(term.synonyms, key=lambda synonym: (synonym.scope, synonym.description))
    texts += [(f"oboInOwl:has{synonym.scope.capitalize()}Synonym", synonym.description) for synonym in synonyms]
    for name, text in texts:
        if text:
            out.write(f"        <{name}>{escape(text)}</{name}>\n")
    if term.obsolete:
        out.write('        <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>\n')
    for new in sorted(other.id for other in term.replaced_by):
        out.write(f'        <obo:IAO_0100001 rdf:resource="{iris[new]}"/>\n')
    out.write("    </owl:Class>\n")
    for synonym in synonyms:
        said = [f"<oboInOwl:hasDbXref>{escape(xref.id)}</oboInOwl:hasDbXref>" for xref in sorted(synonym.xrefs)]
        if synonym.type is not None:
            said.append(f'<oboInOwl:hasSynonymType rdf:resource="{escape(_iri(synonym.type.id))}"/>')
        _write_axiom(about, f"{_OIO}has{synonym.scope.capitalize()}Synonym", synonym.description, said, out)
    if term.definition:
        said = [f"<oboInOwl:hasDbXref>{escape(xref.id)}</oboInOwl:hasDbXref>" for xref in sorted(term.definition.xrefs)]
        _write_axiom(about, f"{_OBO}IAO_0000115", term.definition, said, out)


def _write_axiom(about: str, about_property: str, target: str, said: Sequence[str], out: TextIO) -> None:
    """Write what is said of a statement; nothing where nothing is."""
    if said:
        lines = chain(
            (f'<owl:annotatedSource rdf:resource="{about}"/>', f'<owl:annotatedProperty rdf:resource="{about_property}"/>'),
            (f"<owl:annotatedTarget>{escape(target)}</owl:annotatedTarget>", *said),
        )
        out.write("    <owl:Axiom>\n" + "".join(f"        {line}\n" for line in lines) + "    </owl:Axiom>\n")


def _iri(identifier: str) -> str:
    prefix, _, local = identifier.partition(":")
    return f"{_OBO}{prefix}_{local}" if local else f"{_OBO}hp#{identifier}"


def main() -> int:
    """Write the file that the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks.generated", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    graph = kinds.add_parser("graph", help="a graph as N-Quads")
    graph.add_argument("path", type=Path)
    graph.add_argument("--triples", type=int, default=2_200_000)
    owl = kinds.add_parser("owl", help="an OBO ontology as OWL in RDF/XML")
    owl.add_argument("obo", type=Path)
    owl.add_argument("path", type=Path)
    owl.add_argument("--copies", type=int, default=2, help="how often it is written, each time with other identifiers")
    options = parser.parse_args()
    if options.kind == "graph":
        write_graph(options.path, options.triples)
    else:
        write_owl(options.obo, options.path, options.copies)
    print(f"{options.path}: {options.path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
