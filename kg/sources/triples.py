"""What RDF triples say of a graph's entities and facts: one reading of them for OWL ontologies, SKOS vocabularies and plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kg.errors import CurieError
from kg.model import Curie, Fact
from kg.sources.associations import Associations
from kg.sources.categories import ROOTED
from kg.sources.ontology_ids import of_iri, of_text
from kg.sources.records import About, Options, Record
from kg.sources.records import Mapping as Match
from kg.sources.relations_ontology import RELATIONS, relation_id
from kg.sources.terms import EXACT_SOURCE, INEXACT, NO_IDENTIFIER, NO_XREF, Tally, Term, TermRecords, collapsed, version
from kg.sources.vocabularies import (
    BIOLINK,
    DC,
    FOAF,
    LICENCES,
    LOOSE,
    OBO,
    OIO,
    OWL,
    RDF,
    RDFS,
    SCHEMAS,
    SKOS,
    TERMS,
    TITLES,
    VERSION_INFO,
)
from kg.vocabulary import CATEGORIES, NAMED_THING

Subject = NamedNode | BlankNode
Object = NamedNode | BlankNode | Literal | Triple
_Handler = Callable[[Subject, Object], None]

_TYPE = f"{RDF}type"
_SUBCLASS = f"{RDFS}subClassOf"
_LABELS = frozenset({f"{RDFS}label", f"{SKOS}prefLabel"})
_NAMES = TITLES | {f"{FOAF}name", *(f"{schema}name" for schema in SCHEMAS)}
_SYNONYMS = frozenset({f"{OIO}hasExactSynonym", f"{SKOS}altLabel", f"{OBO}IAO_0000118", *(f"{s}alternateName" for s in SCHEMAS)})
_INEXACT = frozenset({f"{OIO}has{kind}Synonym" for kind in ("Broad", "Narrow", "Related")} | {f"{SKOS}hiddenLabel"})
_DEFINITIONS = frozenset(
    {f"{OBO}IAO_0000115", f"{SKOS}definition", f"{TERMS}description", f"{DC}description", *(f"{s}description" for s in SCHEMAS)}
)
_REPLACED_BY = frozenset({f"{OBO}IAO_0100001", f"{TERMS}isReplacedBy"})
_ANNOTATION, _ASSOCIATION = f"{OWL}AnnotationProperty", f"{BIOLINK}Association"

_TERM_TYPES = frozenset({f"{OWL}Class", f"{RDFS}Class", f"{SKOS}Concept"})
_HEADER_TYPES = frozenset(
    {
        f"{OWL}Ontology",
        f"{SKOS}ConceptScheme",
        f"{BIOLINK}InformationResource",
        "http://rdfs.org/ns/void#Dataset",
        "http://www.w3.org/ns/dcat#Dataset",
    }
)
_OTHER_TYPES = frozenset(
    {
        f"{RDF}Property", f"{RDFS}Datatype", f"{SKOS}Collection", f"{SKOS}OrderedCollection", f"{OIO}Subset", f"{OIO}SynonymType",
        f"{FOAF}Person", f"{FOAF}Organization", f"{FOAF}Agent", "http://www.w3.org/ns/prov#Agent", f"{OWL}Datatype", _ANNOTATION,
        *(f"{OWL}{kind}Property" for kind in ("Object", "Datatype", "Functional", "InverseFunctional", "Transitive", "Symmetric",
                                              "Asymmetric", "Reflexive", "Irreflexive", "Ontology", "Deprecated")),
        *(f"{schema}{kind}" for schema in SCHEMAS for kind in ("Person", "Organization")),
    }
)  # fmt: skip
"""Types of what has a name and is no entity of the graph: properties, people, lists of terms."""

_STRUCTURE = frozenset({f"{OWL}NamedIndividual", f"{OWL}Thing", f"{OWL}Axiom", f"{OWL}Restriction", f"{RDF}List", f"{RDFS}Resource"})
# Hierarchies that follow from the direct one.
_INFERRED = frozenset({f"{SKOS}{kind}" for kind in ("broaderTransitive", "narrowerTransitive", "semanticRelation")})

_NOT_FACT = "statement of a text or number, which is no fact"
_UNNAMED = "statement about something without an identifier"
_APART = "statement of which an end is no entity of the file"
_ANNOTATED = "statement of an annotation property"
_LOGICAL = "axiom of several classes"
_INDIRECT = "statement that follows from others"
_TWICE = "hierarchy or association stated both ways"


class TripleReader:
    """Gathers what triples say, in any order, and tells it as records.

    Args:
        options: How the file is read.
    """

    def __init__(self, options: Options) -> None:
        self._tally = Tally()
        self._records = TermRecords(options, self._tally)
        self._curies: dict[str, Curie | None] = {}
        self._terms: dict[str, Term] = {}
        self._headers: dict[str, dict[str, str]] = {}
        self._excluded: set[str] = set()
        self._annotating: set[str] = set()
        self._statements: list[tuple[str, str, str]] = []
        self._iris: dict[str, str] = {}
        self._texts: Counter[str] = Counter()
        self._restrictions: dict[str, list[str | None]] = {}
        self._restricted: list[tuple[str, str]] = []
        self._axioms: dict[str, dict[str, str]] = {}
        self._associations = Associations(self._tally, self._curie)
        self._handlers = self._table()

    def take(self, quads: Iterable[Quad | Triple]) -> int:
        """Take triples or quads, and return how many there were; the named graph of a quad says nothing here."""
        handlers, statements, iris, texts = self._handlers, self._statements, self._iris, self._texts
        count = 0
        for count, quad in enumerate(quads, start=1):  # noqa: B007 - it is the result
            predicate = quad.predicate.value
            handle = handlers.get(predicate)
            subject, obj = quad.subject, quad.object
            if handle is not None:
                handle(subject, obj)  # type: ignore[arg-type]  # what the stubs call a triple here, pyoxigraph does not allow
            elif type(obj) is NamedNode and type(subject) is NamedNode:
                start, end = subject.value, obj.value
                # One string for each IRI, however often it occurs.
                statements.append((iris.setdefault(start, start), iris.setdefault(predicate, predicate), iris.setdefault(end, end)))
            elif type(obj) is Literal:
                texts[predicate] += 1
            else:
                self._tally.add(_UNNAMED, detail=predicate)
        return count

    def _table(self) -> Mapping[str, _Handler]:
        """Return what is done with each property that says something of a term rather than a fact."""
        table: dict[str, _Handler] = {
            _TYPE: self._type,
            f"{BIOLINK}category": self._type,
            _SUBCLASS: self._subclass,
            f"{OWL}equivalentClass": self._same,
            f"{OWL}sameAs": self._same,
            f"{BIOLINK}xref": self._same,
            f"{SKOS}exactMatch": self._same,
            f"{OWL}onProperty": lambda s, o: self._restriction(s, o, 0),
            f"{OWL}someValuesFrom": lambda s, o: self._restriction(s, o, 1),
            f"{OWL}deprecated": self._deprecated,
            f"{OIO}hasDbXref": self._xref,
            f"{OIO}hasAlternativeId": lambda s, o: self._value(s, o, "alternatives"),
            f"{OIO}hasOBONamespace": self._namespace,
            VERSION_INFO: lambda s, o: self._header(s, "info", o),
            f"{OWL}versionIRI": lambda s, o: self._header(s, "where", o),
            f"{RDFS}subPropertyOf": self._ignored,
            f"{OIO}inSubset": self._ignored,
        }
        table.update(dict.fromkeys(_INFERRED, lambda s, o: self._tally.add(_INDIRECT)))
        table.update(dict.fromkeys(_LABELS, lambda s, o: self._text(s, o, "labels")))
        table.update(dict.fromkeys(_NAMES, lambda s, o: self._text(s, o, "titles")))
        table.update(dict.fromkeys(_SYNONYMS, lambda s, o: self._text(s, o, "synonyms")))
        table.update(dict.fromkeys(_DEFINITIONS, lambda s, o: self._text(s, o, "definitions")))
        table.update(dict.fromkeys(_INEXACT, self._inexact))
        table.update(dict.fromkeys(_REPLACED_BY, lambda s, o: self._value(s, o, "replaced_by")))
        table.update(dict.fromkeys(LICENCES, lambda s, o: self._header(s, "licence", o)))
        for part in ("annotatedSource", "annotatedProperty", "annotatedTarget"):
            table[f"{OWL}{part}"] = lambda s, o, part=part: self._axiom(s, part, o)  # type: ignore[misc]
        for part in ("source", "hasSynonymType"):
            table[f"{OIO}{part}"] = lambda s, o, part=part: self._axiom(s, part, o)  # type: ignore[misc]
        for iri, kind in LOOSE.items():
            table[iri] = lambda s, o, kind=kind: self._loose(s, kind, o)  # type: ignore[misc]
        table.update(self._associations.handlers())
        return table

    def _term(self, subject: Subject) -> Term | None:
        """Return the term that a subject is; None where it has no identifier."""
        if type(subject) is not NamedNode:
            return None
        iri = subject.value
        term = self._terms.get(iri)
        if term is None and (curie := self._curie(iri)) is not None:
            term = self._terms[self._iris.setdefault(iri, iri)] = Term(curie)
        return term

    def _curie(self, iri: str) -> Curie | None:
        try:
            return self._curies[iri]  # nearly always known
        except KeyError:
            pass
        try:
            found = of_iri(iri)
        except CurieError:
            found = None
            self._tally.add(NO_IDENTIFIER, detail=iri)
        self._curies[iri] = found
        return found

    # What is done with a triple of each property.

    def _ignored(self, subject: Subject, obj: Object) -> None:
        """Take nothing of what says how the file itself is organised."""

    def _type(self, subject: Subject, obj: Object) -> None:
        if type(obj) is not NamedNode or type(subject) is not NamedNode:
            return
        kind, iri = obj.value, subject.value
        if kind in _TERM_TYPES:
            if (term := self._term(subject)) is not None:
                term.declared = True
        elif kind in _HEADER_TYPES:
            self._headers.setdefault(iri, {})["type"] = kind
            self._excluded.add(iri)
        elif kind in _OTHER_TYPES:
            self._excluded.add(iri)
            if kind == _ANNOTATION:
                self._annotating.add(iri)
        elif kind not in _STRUCTURE and not kind.startswith(_ASSOCIATION):
            category = self._curie(kind)
            if category is not None and category in CATEGORIES:
                term = self._term(subject)
                if term is not None and term.category in (None, NAMED_THING):
                    term.category = category
            else:
                self._statements.append((iri, _TYPE, kind))

    def _subclass(self, subject: Subject, obj: Object) -> None:
        if type(subject) is not NamedNode:
            self._tally.add(_LOGICAL)
        elif type(obj) is NamedNode:
            if obj.value != f"{OWL}Thing":
                self._statements.append((subject.value, _SUBCLASS, obj.value))
        elif type(obj) is BlankNode:
            self._restricted.append((subject.value, obj.value))

    def _restriction(self, subject: Subject, obj: Object, place: int) -> None:
        if type(obj) is NamedNode:
            self._restrictions.setdefault(subject.value, [None, None])[place] = obj.value

    def _same(self, subject: Subject, obj: Object) -> None:
        self._value(subject, obj, "exact")

    def _value(self, subject: Subject, obj: Object, field: str) -> None:
        if isinstance(obj, NamedNode | Literal):
            term = self._term(subject)
            if term is not None:
                getattr(term, field).append(obj.value)
        else:
            self._tally.add(_LOGICAL)

    def _xref(self, subject: Subject, obj: Object) -> None:
        # Of an axiom, it names who says so.
        if type(subject) is NamedNode:
            self._value(subject, obj, "xrefs")

    def _text(self, subject: Subject, obj: Object, field: str) -> None:
        if type(obj) is Literal:
            term = self._term(subject)
            if term is not None:
                getattr(term, field).append((collapsed(obj.value), obj.language or ""))

    def _inexact(self, subject: Subject, obj: Object) -> None:
        if type(subject) is NamedNode and type(obj) is Literal:
            self._tally.add(INEXACT, detail=f"{self._curie(subject.value)} {obj.value!r}")

    def _deprecated(self, subject: Subject, obj: Object) -> None:
        term = self._term(subject)
        if term is not None and type(obj) is Literal:
            term.obsolete = obj.value.strip().lower() in {"true", "1"}

    def _namespace(self, subject: Subject, obj: Object) -> None:
        term = self._term(subject)
        if term is not None and type(obj) is Literal:
            term.namespace = obj.value

    def _header(self, subject: Subject, field: str, obj: Object) -> None:
        if type(subject) is NamedNode and isinstance(obj, NamedNode | Literal):
            self._headers.setdefault(subject.value, {})[field] = obj.value

    def _axiom(self, subject: Subject, part: str, obj: Object) -> None:
        if isinstance(obj, NamedNode | Literal):
            said = self._axioms.setdefault(subject.value, {})
            if not (part == "source" and said.get(part) == EXACT_SOURCE):
                said[part] = obj.value

    def _loose(self, subject: Subject, kind: Curie, obj: Object) -> None:
        if type(subject) is NamedNode and isinstance(obj, NamedNode | Literal):
            self._statements.append((subject.value, kind, obj.value))

    # What it all comes to.

    def records(self) -> Iterator[Record]:
        """Yield what the triples say: of the file, of its terms, its facts, and what was not taken."""
        yield self._about()
        self._apply_axioms()
        self._add_parents()
        for iri, term in self._terms.items():
            if iri not in self._excluded:
                yield from self._records.add(term)
        yield from self._facts()
        yield from self._records.rest()
        for predicate, count in self._texts.items():
            self._tally.add(_NOT_FACT, detail=predicate, count=count)
        yield from self._tally.records()

    def _about(self) -> About:
        """Return what the file says of itself; nothing where it describes several resources, as a whole graph does."""
        described = [(iri, said) for iri, said in self._headers.items() if "type" in said]
        ontologies = [pair for pair in described if pair[1]["type"] == f"{OWL}Ontology"] or described
        if len(ontologies) != 1:
            return About()
        iri, said = ontologies[0]
        term = self._terms.get(iri)
        titles = [*term.titles, *term.labels] if term is not None else []
        return About(titles[0][0] if titles else "", version(said.get("info", ""), said.get("where", "")), said.get("licence", ""))

    def _apply_axioms(self) -> None:
        for said in self._axioms.values():
            term = self._terms.get(said.get("annotatedSource", ""))
            about, target = said.get("annotatedProperty"), said.get("annotatedTarget", "")
            if term is None:
                continue
            if about == f"{OIO}hasDbXref" and said.get("source") == EXACT_SOURCE and target in term.xrefs:
                term.xrefs.remove(target)
                term.exact.append(target)
            elif about in _SYNONYMS and "hasSynonymType" in said:
                term.mark(collapsed(target), said["hasSynonymType"])

    def _add_parents(self) -> None:
        for subject, predicate, obj in self._statements:
            if predicate == _SUBCLASS:
                term, parent = self._terms.get(subject), self._curie(obj)
                if term is not None and parent is not None and term.curie.prefix in ROOTED:
                    term.parents.append(parent)

    def _facts(self) -> Iterator[Fact | Match]:
        yield from self._restriction_facts()
        yield from self._associations.facts(self._records)
        told = self._associations.told
        seen: set[frozenset[str]] = set()
        relations: dict[str, Curie | None] = {}
        entities, excluded = self._records.entities, self._excluded
        for subject, predicate, obj in self._statements:
            if predicate not in relations:
                relations[predicate] = self._relation(predicate)
            relation = relations[predicate]
            if relation is None:
                self._tally.add(_ANNOTATED, detail=predicate)
                continue
            if relation in LOOSE.values():
                yield from self._match(subject, relation, obj)
                continue
            start, end = self._curie(subject), self._curie(obj)
            described = start in entities and end in entities
            if start is None or end is None or subject in excluded or obj in excluded or not (described or relation in RELATIONS):
                self._tally.add(_APART, detail=f"{subject} {predicate} {obj}")
            elif relation.prefix == "skos":
                pair = frozenset((start, relation.local.replace("narrower", "broader"), end))
                if pair in seen:
                    self._tally.add(_TWICE)
                else:
                    seen.add(pair)
                    yield self._records.fact(start, relation, end)
            elif not told or (start, relation, end) not in told:
                yield self._records.fact(start, relation, end)

    def _relation(self, predicate: str) -> Curie | None:
        """Return the relation that a predicate is; None for one that annotates, unless it is known to relate."""
        if predicate in LOOSE.values():
            return Curie(predicate)
        found = self._curie(predicate)
        if found is None:
            return None
        found = relation_id(found)
        return None if predicate in self._annotating and found not in RELATIONS else found

    def _match(self, subject: str, kind: Curie, obj: str) -> Iterator[Match]:
        start = self._curie(subject)
        term = self._terms.get(subject)
        if start is None or (term is not None and term.obsolete):
            return
        try:
            yield Match(start, kind, of_text(obj))
        except CurieError:
            self._tally.add(NO_XREF, detail=f"{start} {obj!r}")

    def _restriction_facts(self) -> Iterator[Fact]:
        for iri, node in self._restricted:
            predicate, filler = self._restrictions.get(node, (None, None))
            subject = self._curie(iri)
            if predicate is None or filler is None or subject is None:
                self._tally.add(_LOGICAL)
                continue
            relation, obj = self._curie(predicate), self._curie(filler)
            if relation is not None and obj is not None:
                yield self._records.fact(subject, relation_id(relation), obj)
