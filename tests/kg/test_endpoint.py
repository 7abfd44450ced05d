"""Tests of the graph behind a SPARQL endpoint: real servers on loopback must give the answers that the snapshot gives."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from fakes import ENGLISH
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, serialize

from kg.build import build_snapshot
from kg.endpoint import EndpointGraph, open_endpoint
from kg.errors import EndpointError
from kg.graph import Graph, SnapshotGraph, open_snapshot
from kg.identifiers import iri
from kg.merge import GraphData, Reading, merge
from kg.model import AliasKind, Curie, Direction, Entity, Fact, Source
from kg.rdf import entity_quads, fact_quads, source_graph
from kg.shipped import read_source
from kg.sources.everyday import read_everyday
from kg.sources.records import Replacement
from kg.sparql_client import SparqlClient, open_client
from qa.answer import answer_as_dict
from qa.linker import NameLinker
from qa.pipeline import Pipeline
from qa.safety import SafetyTable

GOUT, FLU, ANTIBIOTICS, FEVER = "MONDO:0005393", "MONDO:0005812", "medkg:antibiotics", "HP:0001945"
COPPER = Curie("MONDO:0010200")
TREATS, PHENOTYPE = Curie("biolink:treats"), Curie("biolink:has_phenotype")
OLD, GONE = Curie("MONDO:0000001"), Curie("MONDO:0000002")
IMPORTED = Source("rare", "Rare things", "2", "CC0", curated=False)


def imported() -> Reading:
    """A source beside the tiny graph: facts with and without qualifiers, denials, names of its own, withdrawn identifiers."""
    wilson = Entity(
        COPPER,
        Curie("biolink:Disease"),
        "Wilson disease",
        ('Kupfer "storage"\\ illness', "the bug", "Ménière’s copper"),
        "",
        (Curie("OMIM:277900"),),
    )
    known = Entity(Curie(GOUT), Curie("biolink:Disease"), "gouty diathesis", ("podagrism",))
    facts = [
        Fact(COPPER, PHENOTYPE, Curie(FEVER), "rare", {"frequency": "rare", "observed": "1/7"}),
        Fact(COPPER, PHENOTYPE, Curie("HP:0002829"), "rare"),
        Fact(Curie(GOUT), PHENOTYPE, Curie(FEVER), "rare"),
        Fact(Curie(ANTIBIOTICS), TREATS, Curie(FLU), "rare"),
        Fact(Curie(ANTIBIOTICS), TREATS, COPPER, "rare", negated=True),
        Fact(Curie(ANTIBIOTICS), TREATS, COPPER, "rare"),
        Fact(Curie(ANTIBIOTICS), TREATS, Curie(GOUT), "rare", {"purpose": 'a "quoted"\\ one'}, negated=True),
    ]
    return Reading(IMPORTED, [known, wilson], facts, [Replacement(OLD, COPPER), Replacement(GONE, None)])


@pytest.fixture(scope="session")
def data(tiny_directory: Path) -> GraphData:
    entities, facts = read_everyday(tiny_directory)
    everyday = replace(read_source(tiny_directory), curated=True)
    return merge([Reading(everyday, list(entities), list(facts)), imported()])


@pytest.fixture(scope="session")
def snapshot(data: GraphData, tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    target = tmp_path_factory.mktemp("both") / "snapshot"
    build_snapshot(data, target, "both")
    return open_snapshot(target)


def all_quads(data: GraphData) -> Iterator[Quad]:
    """Yield what the endpoint reads, in full; a fact that needs no association has none."""

    def node(curie: str) -> NamedNode:
        return NamedNode(iri(curie))

    for entity in data.entities:
        yield from entity_quads(entity)
        names = (entity.name, *entity.synonyms)
        for name in names[: data.curated_names.get(entity.curie, len(names))]:
            yield Quad(node(entity.curie), node("medkg:curated_name"), Literal(name, language="en"), DefaultGraph())
    for fact in data.facts:
        quads = list(fact_quads(fact))
        yield from quads if fact.qualifiers or fact.negated else quads[:1]
    for old, alias in data.aliases.items():
        if alias.kind is AliasKind.REPLACED:
            yield Quad(node(old), node("owl:deprecated"), Literal(True), DefaultGraph())
            if alias.curie is not None:
                yield Quad(node(old), node("dcterms:isReplacedBy"), node(alias.curie), DefaultGraph())
    for number, source in enumerate(data.sources):
        graph = source_graph(source.name)
        yield Quad(graph, node("rdf:type"), node("biolink:InformationResource"), DefaultGraph())
        yield Quad(graph, node("medkg:standing"), Literal(number), DefaultGraph())
        yield Quad(graph, node("medkg:curated"), Literal(source.curated), DefaultGraph())
        yield Quad(graph, node("medkg:facts"), Literal(sum(f.source == source.name for f in data.facts)), DefaultGraph())
        parts = {
            "dcterms:title": source.title,
            "owl:versionInfo": source.version,
            "dcterms:license": source.licence,
            "medkg:sha256": source.sha256,
        }
        for predicate, text in parts.items():
            yield Quad(graph, node(predicate), Literal(text), DefaultGraph())


# Servers: each is started for the session, and its process group is ended whatever happens.


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str], directory: Path, url: str) -> Iterator[str]:
    """Run a server until it is no longer needed; it ends by itself should the tests be killed."""
    guard = ["timeout", "-k", "5", "300"] if shutil.which("timeout") else []
    with (directory / "server.log").open("w") as log:
        process = subprocess.Popen([*guard, *command], cwd=directory, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(url, process, directory / "server.log")
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    port = int(url.split(":")[2].split("/")[0])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"the server did not start: {log.read_text()}")


def oxigraph(quads: Sequence[Quad], directory: Path, *options: str) -> contextlib.AbstractContextManager[str]:
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the Oxigraph server is not installed (PyPI: oxigraph)")
    store = Store(str(directory / "store"))
    store.bulk_extend(quads)
    store.flush()
    del store
    url = f"http://127.0.0.1:{(port := free_port())}/query"
    command = [str(program), "serve-read-only", "--location", "store", "--bind", f"127.0.0.1:{port}", *options]
    return running(command, directory, url)


VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 2000
MaxDirtyBuffers = 1200
CaseMode = 2
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 2
[SPARQL]
ResultSetMaxRows = {rows}
"""


@contextlib.contextmanager
def virtuoso(quads: Sequence[Quad], directory: Path, rows: int) -> Iterator[str]:
    """Run Virtuoso; it cuts every answer to so many rows, as one that is set up by default does."""
    programs = [shutil.which(name) for name in ("virtuoso-t", "isql-vt")]
    if None in programs:
        pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7)")
    sql, http = free_port(), free_port()
    (directory / "virtuoso.ini").write_text(VIRTUOSO.format(sql=sql, http=http, rows=rows))
    serialize(quads, str(directory / "data.nq"), format=RdfFormat.N_QUADS)
    load = "ld_dir('.', 'data.nq', 'urn:medkg:entities'); rdf_loader_run(); checkpoint;"
    command = [str(programs[0]), "+foreground", "+configfile", "virtuoso.ini"]
    with running(command, directory, f"http://127.0.0.1:{http}/sparql") as url:
        subprocess.run([str(programs[1]), f"127.0.0.1:{sql}", "dba", "dba", f"EXEC={load}"], check=True, timeout=60, capture_output=True)
        yield url


def all_named(quads: Sequence[Quad]) -> list[Quad]:
    """Return quads as an engine holds them that has no default graph to load into."""
    place = NamedNode("urn:medkg:entities")
    return [Quad(q.subject, q.predicate, q.object, place if isinstance(q.graph_name, DefaultGraph) else q.graph_name) for q in quads]


ENGINES: dict[str, Callable[[Sequence[Quad], Path], contextlib.AbstractContextManager[str]]] = {
    "oxigraph": oxigraph,
    "oxigraph, union as default graph": lambda quads, path: oxigraph(quads, path, "--union-default-graph"),
    "oxigraph, nothing in the default graph": lambda quads, path: oxigraph(all_named(quads), path),
    "virtuoso": lambda quads, path: virtuoso(quads, path, 10_000),
    "virtuoso, answers cut": lambda quads, path: virtuoso(quads, path, 40),
}


@pytest.fixture(scope="session", params=ENGINES)
def endpoint(request: pytest.FixtureRequest, data: GraphData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EndpointGraph]:
    with ENGINES[request.param](list(all_quads(data)), tmp_path_factory.mktemp("engine")) as url:
        graph = open_endpoint(url, timeout=30)
        yield graph
        graph.close()


# What holds of every implementation of the protocol: each is compared with the data that it was made of.


def facts_of(facts: Sequence[Fact]) -> list[tuple[object, ...]]:
    return sorted((*fact.key, fact.source, *sorted(fact.qualifiers.items())) for fact in facts)


def description(entity: Entity | None) -> object:
    """What RDF keeps of an entity: no order of names."""
    return entity and (entity.curie, entity.category, entity.name, set(entity.synonyms), entity.description, set(entity.xrefs))


def check_entities(graph: Graph, data: GraphData) -> None:
    for entity in data.entities:
        assert description(graph.entity(entity.curie)) == description(entity)


def check_facts(graph: Graph, data: GraphData) -> None:
    for entity in data.entities:
        outward = [fact for fact in data.facts if fact.subject == entity.curie]
        inward = [fact for fact in data.facts if fact.object == entity.curie]
        assert facts_of(graph.facts(entity.curie, Direction.OUT)) == facts_of(outward)
        assert facts_of(graph.facts(entity.curie, Direction.IN)) == facts_of(inward)
        assert graph.degree(entity.curie) == len(outward) + len(inward)
        curated = {source.name for source in data.sources if source.curated}
        assert graph.curated_degree(entity.curie) == sum(fact.source in curated for fact in (*outward, *inward))


def check_incoming_order(graph: Graph, data: GraphData) -> None:
    for entity in data.entities:
        subjects = [fact.subject for fact in graph.facts(entity.curie, Direction.IN)]
        assert subjects == sorted(subjects)


def check_unknown(graph: Graph, data: GraphData) -> None:
    texts = ("MONDO:0", "gout", "", "\udce9", "MONDO:000539", f"iri:{iri(GOUT)}", "a:> <b", "nobody:1", 'MONDO:1"}', OLD, "OMIM:277900")
    for text in texts:
        assert graph.entity(text) is None
        assert list(graph.facts(text, Direction.OUT)) == list(graph.facts(text, Direction.IN)) == []
        assert graph.degree(text) == graph.curated_degree(text) == 0
    assert [graph.alias(text) for text in texts[:-2]] == [None] * (len(texts) - 2)


def check_aliases(graph: Graph, data: GraphData) -> None:
    assert {curie: graph.alias(curie) for curie in data.aliases} == data.aliases
    assert {alias.kind for alias in data.aliases.values()} == set(AliasKind)
    assert graph.alias(GOUT) is None


def check_names(graph: Graph, data: GraphData) -> None:
    found = {name: [(n.entity.curie, n.preferred, n.curated) for n in graph.named(name)] for name in NAMES}
    assert found == NAMES


def check_words(graph: Graph, data: GraphData) -> None:
    names = list(graph.surface.curated())
    assert len(names) == len(set(names))
    assert "gouty arthritis" in names and "podagrism" not in names
    words = ("podagrism", "arthritis", "Podagrism", "xylophone", "")
    assert [graph.surface.has_word(word) for word in words] == [True, True, False, False, False]


def check_sources(graph: Graph, data: GraphData) -> None:
    stated = [(s.name, s.title, s.version, s.licence, s.sha256, s.curated) for s in data.sources]
    assert [(s.name, s.title, s.version, s.licence, s.sha256, s.curated) for s in graph.sources] == stated
    assert [s.facts for s in graph.sources] == [sum(f.source == s.name for f in data.facts) for s in data.sources]


NAMES = {
    "GOUT": [(GOUT, True, True)],
    "podagrisms": [(GOUT, False, False)],
    "the bug": [("MONDO:0004619", False, True), (FLU, False, True), (COPPER, False, False)],
    "kupfer storage illness": [(COPPER, False, False)],
    "meniere copper": [(COPPER, False, False)],
    "Wilson’s diseases": [(COPPER, True, False)],
    "no such name": [],
    "": [],
}
COMPLIANCE = [
    check_entities,
    check_facts,
    check_incoming_order,
    check_unknown,
    check_aliases,
    check_names,
    check_words,
    check_sources,
]


@pytest.mark.parametrize("check", COMPLIANCE)
def test_a_snapshot_complies(snapshot: SnapshotGraph, data: GraphData, check: Callable[[Graph, GraphData], None]) -> None:
    check(snapshot, data)


@pytest.mark.parametrize("check", COMPLIANCE)
def test_an_endpoint_complies(endpoint: EndpointGraph, data: GraphData, check: Callable[[Graph, GraphData], None]) -> None:
    check(endpoint, data)


QUESTIONS = (
    "What are the symptoms of gout?",
    "What treats flu?",
    "Which illness causes a fever and a rash?",
    "What kinds of NSAIDs are there?",
    "Do antibiotics help with flu?",
    "Can I take naproxen with warfarin?",
    "Who should I see about podagrism?",
    "What is Wilson disease?",
    "What should I avoid in pregnancy?",
    "ibuprofin",
)


def test_a_question_is_answered_alike_from_endpoint_and_snapshot(endpoint: EndpointGraph, snapshot: SnapshotGraph) -> None:
    safety = SafetyTable.load()
    one, other = (Pipeline(g, NameLinker(g, ENGLISH), safety, None) for g in (endpoint, snapshot))  # type: ignore[arg-type]
    for question in QUESTIONS:
        assert answer_as_dict(one.ask(question), endpoint) == answer_as_dict(other.ask(question), snapshot)


# Servers that are not what they should be.

ASKED = '{"head": {}, "boolean": true}'
JSON = "application/sparql-results+json"


@contextlib.contextmanager
def answering(respond: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Serve one answer to whatever is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with contextlib.suppress(OSError):
                respond(self)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://user:secret@127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(status: int, media_type: str, content: str, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content.encode())

    return respond


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def never_finish(handler: BaseHTTPRequestHandler) -> None:
    """Send a little again and again, so that no single wait is long."""
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def say_nothing(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def rows(*names: str) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f'{{"head": {{"vars": [{listed}]}}, "results": {{"bindings": []}}}}'


@pytest.mark.parametrize(
    ("respond", "expected"),
    [
        (send(500, "text/plain", "Virtuoso 37000 Error:\nsyntax"), "answered 500 .*: Virtuoso 37000 Error: syntax"),
        (send(404, "text/plain", ""), "answered 404 Not Found: no reason given"),
        (send(302, "text/plain", "", Location="http://127.0.0.1:9/"), "answered 302 Found: it moved to http://127.0.0.1:9/"),
        (send(200, "text/html", "<html>Welcome"), "did not answer with SPARQL results: the answer is text/html"),
        (send(200, "text/csv", "s,p"), "did not answer with SPARQL results: the answer is text/csv"),
        (send(200, JSON, "{"), "did not answer with SPARQL results"),
        (send(200, JSON, rows("s")), "answered an ASK query with rows"),
        (send(200, JSON, ASKED), "answered a SELECT query with true or false"),
        (send(200, JSON, '{"head": {}, "boolean": false}'), "holds no entity of this graph; `medkg export nquads PATH`"),
        (hang_up, "cannot be reached"),
        (never_finish, "did not finish its answer within 0.5 seconds"),
        (say_nothing, "did not answer within 0.5 seconds"),
    ],
)
def test_what_is_no_endpoint_of_this_graph_is_named(respond: Callable[[BaseHTTPRequestHandler], None], expected: str) -> None:
    with answering(respond) as url, pytest.raises(EndpointError, match=expected) as caught:
        open_endpoint(url, timeout=0.5)
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_an_answer_that_is_too_long_is_not_taken() -> None:
    with answering(send(200, JSON, " " * 3_000_000)) as url, httpx.Client() as http:
        client = SparqlClient(http, httpx.URL(url), timeout=30, megabytes=2)
        with pytest.raises(EndpointError, match="more than 2 MB"):
            client.ask("ASK {}")


@pytest.mark.parametrize("content", [rows("t"), '{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "cat"}}]}}'])
def test_rows_of_something_else_are_refused(content: str) -> None:
    with (
        answering(send(200, JSON, content)) as url,
        contextlib.closing(open_client(url)) as client,
        pytest.raises(EndpointError, match="did not answer with SPARQL results"),
    ):
        client.select(("s",), "SELECT ?s {}")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(EndpointError, match=r"cannot be reached: .*; does the server run there\?"):
        open_endpoint(f"http://127.0.0.1:{free_port()}/query", timeout=5)


@pytest.mark.parametrize("url", ["", "localhost:7878", "file:///etc/passwd", "http://", "ftp://example.org/", "http://a:b/"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(EndpointError, match="no address"):
        open_endpoint(url)


def test_a_server_that_loses_rows_is_noticed() -> None:
    """It says that there are three rows and gives one, however it is asked."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        number = '{"type": "literal", "value": "3"}'
        row = f'{{"s": {{"type": "uri", "value": "urn:a"}}, "n": {number}}}'
        send(200, JSON, f'{{"head": {{"vars": ["s", "n"]}}, "results": {{"bindings": [{row if next(answers) else ""}]}}}}')(handler)

    answers = iter([True, True, True, False])
    with (
        answering(respond) as url,
        contextlib.closing(open_client(url)) as client,
        pytest.raises(EndpointError, match="gave 1 of 3 rows"),
    ):
        client.select_whole(("s",), "?s ?p ?o", "s")
