"""What is asked of an endpoint that holds the data of `kg.rdf`: the patterns, made of checked identifiers only.

Entities are described in one place, facts in the named graphs of their sources. Engines differ in what a query without GRAPH sees, the
default graph or all graphs together, and an engine may have no default graph to load into; so a pattern of entities is put into each of
`PLACES` until one answers, and a pattern of facts always names its graph.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.identifiers import iri
from kg.model import Direction
from kg.vocabulary import CATEGORIES, PREDICATES

PLACES = ("{ %s }", "GRAPH ?place { %s }")
"""Where entities may be described: in what a query sees by default, or in a named graph."""

SOURCE_PREFIX = iri("medkg:source/")
QUALIFIER_PREFIX = iri("medkg:")
TRUE = ("true", "1")
"""How engines write a literal that is true."""


def node(curie: str) -> str:
    """Return a CURIE as SPARQL writes it; text that could end an IRI is refused.

    Raises:
        CurieError: It has no prefix.
        ValueError: It makes no IRI.

    >>> node("MONDO:0005393")
    '<http://purl.obolibrary.org/obo/MONDO_0005393>'
    """
    return str(NamedNode(iri(curie)))


def _values(variable: str, curies: Iterable[str]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(map(node, curies))} }}"


def _one_of(variable: str, curies: Iterable[str]) -> str:
    # Where it narrows what is found already, engines are many times faster with this than with VALUES.
    return f"FILTER(?{variable} IN ({', '.join(map(node, curies))}))"


_TYPE, _SUBJECT, _PREDICATE, _OBJECT, _NEGATED = (
    node(curie) for curie in ("rdf:type", "biolink:subject", "biolink:predicate", "biolink:object", "biolink:negated")
)
_OF_SOURCE = f'FILTER(STRSTARTS(STR(?g), "{SOURCE_PREFIX}"))'
_STATED = _one_of("p", PREDICATES)

IS_ENTITY = f"?s {_TYPE} ?category ; {node('rdfs:label')} ?label . {_one_of('category', CATEGORIES)}"
"""?s is an entity."""

_NAME_KINDS = ("rdfs:label", "skos:altLabel", "medkg:curated_name")
NAMES = f"?s {_TYPE} ?category ; ?p ?o . {_one_of('category', CATEGORIES)} {_one_of('p', _NAME_KINDS)}"
"""The entity ?s has the name ?o, of the kind ?p."""

SOURCES = f"?s {_TYPE} {node('biolink:InformationResource')} ; ?p ?o ."
"""The source ?s is described by ?p and ?o."""

SOURCE_GRAPHS = f"GRAPH ?g {{ ?s ?p ?o }} {_OF_SOURCE}"
"""?g is a named graph of a source."""


def descriptions(curies: Iterable[str]) -> str:
    """Return the pattern of what describes entities: ?s, ?p, ?o."""
    kinds = ("rdf:type", "rdfs:label", "skos:altLabel", "skos:definition", "biolink:xref")
    return f"{_values('s', curies)} ?s ?p ?o . {_one_of('p', kinds)}"


def facts(curie: str, direction: Direction) -> str:
    """Return the pattern of facts: ?p and the far end ?x, in the graph ?g; of an association ?a also what ?q says of it, ?v."""
    subject, obj = (node(curie), "?x") if direction is Direction.OUT else ("?x", node(curie))
    return f"""{{ GRAPH ?g {{ {subject} ?p {obj} }} }} UNION {{ GRAPH ?g {{
        ?a {_SUBJECT} {subject} ; {_PREDICATE} ?p ; {_OBJECT} {obj} ; ?q ?v
        FILTER(?q IN ({_TYPE}, {_NEGATED}) || STRSTARTS(STR(?q), "{QUALIFIER_PREFIX}")) }} }} {_OF_SOURCE}"""


def degrees(curies: Iterable[str]) -> str:
    """Return the pattern of at how many facts of each source entities stand: ?e, ?g, ?n."""
    entities = _values("e", curies)
    true = ", ".join(f'"{text}"' for text in TRUE)
    patterns = (
        f"?e ?p ?x . {_STATED}",
        f"?x ?p ?e . {_STATED}",
        f"?x {_SUBJECT} ?e ; {_NEGATED} ?no . FILTER(STR(?no) IN ({true}))",
        f"?x {_OBJECT} ?e ; {_NEGATED} ?no . FILTER(STR(?no) IN ({true}))",
    )
    union = " UNION ".join(f"{{ {entities} GRAPH ?g {{ {pattern} }} }}" for pattern in patterns)
    return f"{{ SELECT ?e ?g (COUNT(*) AS ?n) WHERE {{ {union} {_OF_SOURCE} }} GROUP BY ?e ?g }}"


def aliases(curie: str) -> str:
    """Return the pattern of what an identifier stands for that is no entity's own: ?p says how, ?o is it."""
    other = node(curie)
    kinds = _values("p", ("dcterms:isReplacedBy", "owl:deprecated"))
    return f"{{ ?o {node('biolink:xref')} {other} }} UNION {{ {kinds} {other} ?p ?o }}"
