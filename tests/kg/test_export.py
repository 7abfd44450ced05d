"""Every format of the export must give back the graph that was written, or refuse it and leave nothing behind."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import networkx
import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.build import build_snapshot
from kg.errors import DataError
from kg.export import FORMATS, export
from kg.export.rdf import all_quads
from kg.graph import Naming, SnapshotGraph, open_snapshot
from kg.identifiers import curie as compress
from kg.identifiers import iri
from kg.merge import GraphData, Reading, merge
from kg.model import Curie, Entity, Fact, Source
from kg.rdf import withdrawn_quads
from kg.shipped import read_source
from kg.sources.everyday import read_everyday
from kg.sources.records import Replacement

# rdflib uses parts of itself that it has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning:rdflib")

COLD, TEA = Curie("medkg:cold"), Curie("medkg:tea")
TREATS, CAUSES = Curie("biolink:treats"), Curie("biolink:causes")
FOLK = Source("folk-2.1:a", 'Folk "wisdom" & <remedies>', "2 | 3", "CC0", "ab12")


@dataclass
class Listed:
    """A graph of lists."""

    data: GraphData

    @property
    def sources(self) -> Sequence[Source]:
        return self.data.sources

    def __len__(self) -> int:
        return len(self.data.entities)

    def entities(self) -> Iterator[Entity]:
        return iter(self.data.entities)

    def all_facts(self) -> Iterator[Fact]:
        return iter(sorted(self.data.facts, key=lambda fact: fact.subject))

    def withdrawn(self) -> Iterator[tuple[Curie, Curie | None]]:
        return ((old, alias.curie) for old, alias in self.data.aliases.items())

    def named(self, name: str) -> Sequence[Naming]:
        """Preferred names are curated, synonyms are not."""
        entities = [entity for entity in self.data.entities if name in (entity.name, *entity.synonyms)]
        return [Naming(entity, name == entity.name, name == entity.name) for entity in entities]


def graph_of(*, fact: Fact | None = None, **texts: Any) -> Listed:
    """A graph of two entities and one fact, with texts of the test's choice."""
    cold = Entity(COLD, Curie("biolink:Disease"), **{"name": "cold", **texts})
    tea = Entity(TEA, Curie("biolink:Treatment"), "tea")
    return Listed(GraphData([cold, tea], [fact or Fact(TEA, TREATS, COLD, FOLK.name)], [FOLK]))


@pytest.fixture
def graph(tiny_data: GraphData) -> Listed:
    """The tiny graph, and a source beside it that agrees, denies, and has names and identifiers of all kinds."""
    entities = [
        Entity(COLD, Curie("biolink:Disease"), "Ménière’s “cold” <&>", ("感冒", "🤧", "a\\b", "it's", "] ]>"), "é ü ß"),
        Entity(TEA, Curie("biolink:Treatment"), "tea", (), "", (Curie("MESH:D0.1(2)"), Curie("iri:http://example.org/a?b=c&d#e"))),
        Entity(Curie("NOSUCH:1.2"), Curie("biolink:Gene"), "a gene", ("gene one",), "", (Curie("UMLS:C0018099"), Curie("X.y_z-1:a;b,c"))),
    ]
    facts = [
        Fact(TEA, TREATS, COLD, FOLK.name, {"purpose": 'for "comfort" & <warmth>', "line": "first", "observed": "5/7"}),
        Fact(TEA, TREATS, COLD, FOLK.name, {"evidence": "general knowledge"}, negated=True),
        Fact(TEA, CAUSES, COLD, FOLK.name, negated=True),
        Fact(Curie("NOSUCH:1.2"), CAUSES, COLD, FOLK.name),
        Fact(Curie("CHEBI:5855"), TREATS, Curie("HP:0001945"), FOLK.name, {"supported_by": "https://example.org/a https://example.org/b"}),
    ]
    sources = [replace(tiny_data.sources[0], curated=True), FOLK]
    return Listed(GraphData([*tiny_data.entities, *entities], [*tiny_data.facts, *facts], sources))


@dataclass
class Found:
    """What was read back, in no order but that of synonyms and cross-references."""

    entities: dict[str, tuple[str, str, list[str], str, list[str]]]
    facts: list[tuple[str, str, str, str, bool, tuple[tuple[str, str], ...]]]
    sources: dict[str, tuple[str, str, str]]


def expected(graph: Listed) -> Found:
    return Found(
        {e.curie: (e.category, e.name, sorted(e.synonyms), e.description, sorted(e.xrefs)) for e in graph.entities()},
        sorted((f.subject, f.predicate, f.object, f.source, f.negated, tuple(sorted(f.qualifiers.items()))) for f in graph.all_facts()),
        {s.name: (s.title, s.version, s.licence) for s in graph.sources},
    )


def from_quads(quads: Iterable[Quad]) -> Found:
    """Make of quads what they describe; a fact has a plain triple unless it is denied, and an association unless its graph tells all."""
    described: dict[str, dict[str, list[str]]] = {}
    plain: set[tuple[str, ...]] = set()
    for quad in quads:
        assert isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal)
        subject, predicate = compress(quad.subject.value), compress(quad.predicate.value)
        obj = quad.object.value if isinstance(quad.object, Literal) else compress(quad.object.value)
        if predicate in ("rdfs:label", "skos:altLabel", "skos:definition"):
            assert isinstance(quad.object, Literal) and quad.object.language == "en"
        graph = "" if isinstance(quad.graph_name, DefaultGraph) else compress(quad.graph_name.value)
        if predicate in (TREATS, CAUSES):
            plain.add((subject, predicate, obj, graph))
        described.setdefault(subject, {}).setdefault(predicate, []).append(obj)
    found = Found({}, [], {})
    claimed = set()
    for subject, parts in described.items():
        (kind,) = parts.get("rdf:type", [""])
        if kind == "biolink:Association":
            s, p, o, g = (parts[f"biolink:{n}"][0] for n in ("subject", "predicate", "object", "primary_knowledge_source"))
            qualifiers = tuple(sorted((n.removeprefix("medkg:"), v) for n, (v,) in parts.items() if n.startswith("medkg:")))
            negated = parts.get("biolink:negated") == ["true"]
            found.facts.append((s, p, o, g.removeprefix("medkg:source/"), negated, qualifiers))
            if not negated and p in (TREATS, CAUSES):
                claimed.add((s, p, o, g))
        elif kind == "biolink:InformationResource":
            title, version, licence = (parts[n][0] for n in ("dcterms:title", "owl:versionInfo", "dcterms:license"))
            found.sources[subject.removeprefix("medkg:source/")] = (title, version, licence)
        elif kind:
            synonyms, xrefs = sorted(parts.get("skos:altLabel", [])), sorted(parts.get("biolink:xref", []))
            found.entities[subject] = (kind, parts["rdfs:label"][0], synonyms, parts.get("skos:definition", [""])[0], xrefs)
    for s, p, o, g in {statement for statement in plain - claimed if statement[3]}:
        found.facts.append((s, p, o, g.removeprefix("medkg:source/"), False, ()))
        claimed.add((s, p, o, g))
    told = claimed if {graph for *_, graph in plain} - {""} else {(s, p, o, "") for s, p, o, _ in claimed}
    assert plain == told
    found.facts.sort()
    return found


def read_with_pyoxigraph(format: RdfFormat) -> Callable[[Path], Found]:
    return lambda path: from_quads(parse(path=str(path), format=format))


def read_with_rdflib(format: str) -> Callable[[Path], Found]:
    def term(node: Any) -> Any:
        return Literal(str(node), language=node.language) if isinstance(node, rdflib.Literal) else NamedNode(str(node))

    def read(path: Path) -> Found:
        dataset = rdflib.Dataset()
        dataset.parse(path, format=format)
        default = dataset.default_graph.identifier
        quads = (
            Quad(term(s), term(p), term(o), DefaultGraph() if g in (None, default) else NamedNode(str(g)))
            for s, p, o, g in dataset.quads((None, None, None, None))
        )
        return from_quads(quads)

    return read


def read_kgx(directory: Path) -> Found:
    tables = {name: _table(directory / f"{name}.tsv") for name in ("nodes", "edges", "sources")}

    def qualifiers(row: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        plain = {"id", "subject", "predicate", "object", "primary_knowledge_source", "negated", ""}
        return tuple(sorted((n, v.replace("|", " ") if n == "supported_by" else v) for n, v in row.items() if v and n not in plain))

    def values(cell: str) -> list[str]:
        return sorted(cell.split("|")) if cell else []

    return Found(
        {n["id"]: (n["category"], n["name"], values(n["synonym"]), n["description"], values(n["xref"])) for n in tables["nodes"]},
        sorted(
            (e["subject"], e["predicate"], e["object"], e["primary_knowledge_source"], e["negated"] == "true", qualifiers(e))
            for e in tables["edges"]
        ),
        {s["id"]: (s["title"], s["version"], s["licence"]) for s in tables["sources"]},
    )


def _table(path: Path) -> list[dict[str, str]]:
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_graphml(path: Path) -> Found:
    view = networkx.read_graphml(path, force_multigraph=True)
    plain = {"predicate", "source", "negated", "id"}
    assert all(isinstance(data["negated"], bool) for *_, data in view.edges(data=True))
    return Found(
        {
            node: (n["category"], n["name"], sorted(_list(n, "synonyms")), n.get("description", ""), sorted(_list(n, "xrefs")))
            for node, n in view.nodes(data=True)
        },
        sorted(
            (s, e["predicate"], o, e["source"], e["negated"], tuple(sorted((n, v) for n, v in e.items() if n not in plain)))
            for s, o, e in view.edges(data=True)
        ),
        {s["name"]: (s["title"], s["version"], s["licence"]) for s in json.loads(view.graph["sources"])},
    )


def _list(attributes: Mapping[str, str], name: str) -> list[str]:
    found: list[str] = json.loads(attributes.get(name, "[]"))
    return found


READERS: dict[str, tuple[str, Callable[[Path], Found]]] = {
    "turtle": ("turtle", read_with_pyoxigraph(RdfFormat.TURTLE)),
    "turtle in rdflib": ("turtle", read_with_rdflib("turtle")),
    "nquads": ("nquads", read_with_pyoxigraph(RdfFormat.N_QUADS)),
    "nquads in rdflib": ("nquads", read_with_rdflib("nquads")),
    "jsonld": ("jsonld", read_with_pyoxigraph(RdfFormat.JSON_LD)),
    "jsonld, streamed": ("jsonld", read_with_pyoxigraph(RdfFormat.STREAMING_JSON_LD)),
    "jsonld in rdflib": ("jsonld", read_with_rdflib("json-ld")),
    "kgx": ("kgx", read_kgx),
    "graphml": ("graphml", read_graphml),
}


def test_every_format_is_read_back_here() -> None:
    assert {format for format, _ in READERS.values()} == set(FORMATS)


@pytest.mark.parametrize("reader", READERS)
def test_the_graph_comes_back_whole(graph: Listed, tmp_path: Path, reader: str) -> None:
    format, read = READERS[reader]
    export(graph, format, tmp_path / "new" / "graph")
    assert read(tmp_path / "new" / "graph") == expected(graph)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["graph"]


@pytest.mark.parametrize("format", FORMATS)
def test_a_snapshot_is_exported_and_the_same_graph_gives_the_same_file(tiny_graph: SnapshotGraph, tmp_path: Path, format: str) -> None:
    contents = []
    for _ in range(2):  # the second takes the place of the first
        export(tiny_graph, format, tmp_path / "graph")
        files = [tmp_path / "graph"] if (tmp_path / "graph").is_file() else sorted((tmp_path / "graph").iterdir())
        contents.append([path.read_bytes() for path in files])
    assert contents[0] == contents[1] and all(contents[0])


AWKWARD = {
    "quotes": "a \"b\" 'c' `d` \\n \\\\",
    "markup": "<b>&amp;</b> ]]> --> <![CDATA[ {{x}} %41",
    "bar": "a|b",
    "blanks": " a  b ",
    "tab": "a\tb",
    "line feed": "a\nb\n\nc",
    "carriage return": "a\rb\r\nc",
    "odd line ends": "a\u2028b\u0085c\u000bd",
    "emoji": "🤧👩🏽‍⚕️",
    "non-ASCII": "Ångström naïve 感冒 مرض e\u0301",
    "control": "a\x01b\x1fc",
    "no character": "a\ufffeb\uffff",
    "null": "a\x00b",
    "half a pair": "a\ud83eb",
}
REFUSED = {
    *((format, "half a pair") for format in FORMATS),
    *(("graphml", text) for text in ("odd line ends", "control", "no character", "null")),
    *(("kgx", text) for text in ("blanks", "tab", "line feed", "carriage return")),
}


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("reader", READERS)
def test_an_awkward_text_comes_back_as_it_was_or_is_refused(tmp_path: Path, reader: str, text: str) -> None:
    awkward = AWKWARD[text]
    graph = graph_of(name=awkward, description=awkward, fact=Fact(TEA, TREATS, COLD, FOLK.name, {"purpose": awkward}))
    format, read = READERS[reader]
    if (format, text) in REFUSED:
        with pytest.raises(DataError, match="cannot be written"):
            export(graph, format, tmp_path / "graph")
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    else:
        export(graph, format, tmp_path / "graph")
        assert read(tmp_path / "graph") == expected(graph)


@pytest.mark.parametrize("reader", READERS)
def test_a_synonym_may_hold_a_bar_where_the_format_is_no_table(tmp_path: Path, reader: str) -> None:
    format, read = READERS[reader]
    graph = graph_of(synonyms=("a|b", "a\nb"))
    if format == "kgx":
        with pytest.raises(DataError, match=re.escape("the synonym 'a|b' of medkg:cold")):
            export(graph, format, tmp_path / "graph")
    else:
        export(graph, format, tmp_path / "graph")
        assert read(tmp_path / "graph") == expected(graph)


@pytest.mark.parametrize(
    ("format", "graph", "problem"),
    [
        ("graphml", graph_of(name="a\x01b"), "medkg:cold holds the character U+0001, which XML cannot hold; another format can"),
        ("graphml", graph_of(fact=Fact(TEA, TREATS, COLD, "x", {"dose": "1"})), "the qualifier 'dose' of a fact of x is not known"),
        ("nquads", graph_of(name="\ud800"), "medkg:cold holds what RDF cannot"),
        ("turtle", graph_of(fact=Fact(TEA, TREATS, COLD, "x y")), "a fact of medkg:tea holds what RDF cannot"),
        ("jsonld", graph_of(fact=Fact(TEA, TREATS, COLD, "x y")), "medkg:tea biolink:treats medkg:cold of x y holds what RDF cannot"),
        ("owl", graph_of(), "unknown format 'owl', expected one of turtle, nquads, jsonld, kgx, graphml"),
    ],
)
def test_what_cannot_be_written_is_named(tmp_path: Path, format: str, graph: Listed, problem: str) -> None:
    with pytest.raises(DataError, match=re.escape(problem)):
        export(graph, format, tmp_path / "graph")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond some bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("format", FORMATS)
def test_a_disk_that_is_full_leaves_the_old_file_and_no_half_one(graph: Listed, tmp_path: Path, format: str) -> None:
    old = tmp_path / "graph"
    if format == "kgx":
        old.mkdir()
        old = old / "edges.tsv"
    old.write_text("as it was")
    with full_disk(4_000), pytest.raises(DataError, match="cannot be written: File too large"):
        export(graph, format, tmp_path / "graph")
    assert old.read_text() == "as it was"
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".tmp")]


@pytest.mark.parametrize("format", sorted(FORMATS.keys() - {"kgx"}))
def test_a_directory_is_not_replaced_by_a_file(tmp_path: Path, format: str) -> None:
    with pytest.raises(DataError, match="it is a directory; expected the name of a file"):
        export(graph_of(), format, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_progress_is_told_up_to_the_end(graph: Listed, tmp_path: Path, format: str) -> None:
    told: list[tuple[str, int, int]] = []
    export(graph, format, tmp_path / "graph", lambda *step: told.append(step))
    done = [step[1] for step in told]
    total = len(graph) + len(graph.data.facts)
    assert done == sorted(done) and told[-1] == ("done", total, total)
    assert all(step[1] < step[2] for step in told[:-1]) and told[0][0] == "entities"


def test_curated_names_are_told_apart_where_not_all_are(graph: Listed, tiny_graph: SnapshotGraph, tmp_path: Path) -> None:
    export(graph, "nquads", tmp_path / "graph")
    name = NamedNode(iri("medkg:curated_name"))
    told = [quad for quad in parse(path=str(tmp_path / "graph"), format=RdfFormat.N_QUADS) if quad.predicate == name]
    assert {quad.object.value for quad in told if not isinstance(quad.object, BlankNode)} == {entity.name for entity in graph.entities()}
    all_curated = Listed(replace(graph.data, sources=[replace(source, curated=True) for source in graph.sources]))
    export(all_curated, "nquads", tmp_path / "graph")
    assert b"curated_name" not in (tmp_path / "graph").read_bytes()


def test_the_store_of_a_snapshot_holds_what_is_exported(tiny_directory: Path, tmp_path: Path) -> None:
    entities, facts = read_everyday(tiny_directory)
    gone = [Replacement(Curie("MONDO:0000001"), Curie("MONDO:0005393")), Replacement(Curie("MONDO:0000002"), None)]
    folk = Reading(FOLK, [Entity(Curie("MONDO:0005393"), Curie("biolink:Disease"), "the gout", ("king's evil",))], [], gone)
    curated = replace(read_source(tiny_directory), curated=True)
    build_snapshot(merge([Reading(curated, list(entities), list(facts)), folk]), tmp_path / "snapshot", "test")
    graph = open_snapshot(tmp_path / "snapshot")
    assert set(Store.read_only(str(graph.path / "store"))) == set(all_quads(graph, tmp_path / "graph.nq"))
    export(graph, "nquads", tmp_path / "graph.nq")
    text = (tmp_path / "graph.nq").read_text()
    assert text.count("isReplacedBy") == 1 and text.count("#deprecated") == 2
    assert '"gout"@en' in text and 'curated_name> "the gout"' not in text


def test_an_identifier_that_was_withdrawn_points_to_what_replaces_it() -> None:
    replaced = {(compress(quad.predicate.value), str(quad.object)) for quad in withdrawn_quads(COLD, TEA)}
    assert replaced == {("owl:deprecated", str(Literal(True))), ("dcterms:isReplacedBy", "<urn:medkg:tea>")}
    assert [compress(quad.predicate.value) for quad in withdrawn_quads(COLD, None)] == ["owl:deprecated"]
