"""Files that are whole and well-formed, and hold what cannot be taken: traps in XML, hierarchies in a circle, and ids."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.graph import open_snapshot
from kg.imports import Order, import_source
from kg.model import Direction, Entity, Fact, Source
from kg.sources.compact import read_compact
from kg.sources.records import Options, Record, Skipped
from kg.sources.registry import FORMATS, recognise
from kg.vocabulary import SUBCLASS_OF
from kg.walk.hierarchy import ancestors, common_ancestors, descendants, lowest_common_ancestors, roll_up
from kg.walk.sparse import from_graph, number_of

OBO = "http://purl.obolibrary.org/obo/"
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">\n'
    f'<rdf:Description rdf:about="{OBO}DOID_13189"><rdfs:label>gout %s</rdfs:label></rdf:Description>\n</rdf:RDF>\n'
)
OWX = (
    '<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="http://example.org/o">\n'
    '<AnnotationAssertion><AnnotationProperty IRI="http://www.w3.org/2000/01/rdf-schema#label"/>'
    f"<IRI>{OBO}DOID_13189</IRI><Literal>gout %s</Literal></AnnotationAssertion>\n</Ontology>\n"
)
XML = {"rdf:RDF": ("a.owl", RDF), "Ontology": ("a.owx", OWX)}
both = pytest.mark.parametrize("root", XML)


def read(path: Path, options: Options | None = None) -> list[Record]:
    return list(recognise(path).read(path, options or Options("test")))


def written(tmp_path: Path, name: str, text: str) -> list[Record]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def xml(tmp_path: Path, root: str, declaration: str, text: str = "") -> list[Record]:
    name, document = XML[root]
    return written(tmp_path, name, f"<?xml version='1.0'?>\n{declaration}\n" + document % text)


def skipped(records: list[Record]) -> Counter[str]:
    return Counter(record.reason for record in records if isinstance(record, Skipped))


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a server, which must not be called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/secret"
        with pytest.raises(BlockingIOError):
            server.accept()


@both
def test_plain_entities_are_what_they_stand_for(tmp_path: Path, root: str) -> None:
    declaration = f"<!-- as OWL files have them -->\n<!DOCTYPE {root} [\n  <!ENTITY joint \"a joint\" >\n  <!ENTITY toe 'a toe'>\n]>"
    (gout,) = (record for record in xml(tmp_path, root, declaration, "of &joint; or &toe;") if isinstance(record, Entity))
    assert gout.name == "gout of a joint or a toe"


@both
@pytest.mark.parametrize("kind", ["SYSTEM", 'PUBLIC "-//X//Y"'])
def test_external_entities_and_declarations_are_refused(tmp_path: Path, root: str, kind: str, listener: str) -> None:
    (tmp_path / "secret").write_text("the secret")
    for address in (listener, (tmp_path / "secret").as_uri(), "secret", "/etc/hostname"):
        for declaration, line, problem in (
            (f'<!DOCTYPE {root} [\n<!ENTITY x {kind} "{address}">\n]>', 3, "declares what is not taken from a file"),
            (f'<!DOCTYPE {root} [\n<!ENTITY % x {kind} "{address}">\n%x;\n]>', 3, "declares what is not taken from a file"),
            (f'<!DOCTYPE {root} {kind} "{address}">', 2, "refers to a document type declaration outside of it"),
            (f'<!DOCTYPE {root} {kind} "{address}" [\n]>', 2, "refers to a document type declaration outside of it"),
        ):
            with pytest.raises(DataError) as caught:
                xml(tmp_path, root, declaration, "&x;")
            assert caught.value.line == line
            assert problem in caught.value.problem


@both
def test_entities_that_grow_are_refused(tmp_path: Path, root: str) -> None:
    laughs = "\n".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for entities, line in ((f'<!ENTITY l0 "lol">\n{laughs}', 4), (f'<!ENTITY l9 "{"x" * 10_000}">', 3)):
        with pytest.raises(DataError, match="of other entities, of markup or too long") as caught:
            xml(tmp_path, root, f"<!DOCTYPE {root} [\n{entities}\n]>", "&l9;" * 10_000)
        assert caught.value.line == line


@both
def test_entities_declared_late_or_nowhere_are_refused(tmp_path: Path, root: str, listener: str) -> None:
    for text in ("&nowhere;", f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "{listener}">]>&x;', f'<!ENTITY x SYSTEM "{listener}">&x;'):
        with pytest.raises(DataError, match=r"a\.ow[lx]"):
            xml(tmp_path, root, "", text)


@both
@pytest.mark.parametrize("tag", ["rdfs:label", "x"])
def test_elements_that_nest_too_deep_are_refused(tmp_path: Path, root: str, tag: str) -> None:
    with pytest.raises(DataError, match=r"nests elements more than \d+ deep"):
        xml(tmp_path, root, "", f"<{tag}>" * 50_000 + f"</{tag}>" * 50_000)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("a.jsonld", '{"http://example.org/a":', "}"),
        ("a.jsonld", "[", "]"),
        ("a.ttl", "<<( <x:a> <x:b> ", " )>>"),
        ("a.nt", "<<( <x:a> <x:b> ", " )>>"),
    ],
)
def test_rdf_that_would_end_the_process_is_refused(tmp_path: Path, name: str, start: str, end: str) -> None:
    before, after = ("", "") if name == "a.jsonld" else ("<x:a> <x:b> ", " .")
    with pytest.raises(DataError, match=r"a\.\w+: nests more than 200 levels deep: not taken"):
        written(tmp_path, name, before + start * 50_000 + '"1"' + end * 50_000 + after)


def test_brackets_in_texts_are_none(tmp_path: Path) -> None:
    label = '"http://www.w3.org/2000/01/rdf-schema#label"'
    nodes = ("{" + f'"@id": "x:{n}", {label}: "gout \\\\\\"' + "[{" * n + '"}' for n in range(300))  # pieces end within texts, too
    assert sum(isinstance(record, Entity) for record in written(tmp_path, "a.jsonld", "[" + ",".join(nodes) + "]")) == 300


def test_a_page_of_the_web_is_named_as_such(tmp_path: Path) -> None:
    for text in ("<!DOCTYPE html>\n<html><body>Not found</body></html>", "<html lang='en'>\n</html>"):
        with pytest.raises(DataError, match=r"a\.owl: is an HTML page: expected RDF or OWL"):
            written(tmp_path, "a.owl", text)


def circle(prefix: str) -> dict[str, str]:
    """Three terms, each below the next, and one below itself, in several formats."""
    numbers = [(1, 2), (2, 3), (3, 1), (4, 4)]
    labels = "".join(f'<{OBO}{prefix}_{n}> <http://www.w3.org/2000/01/rdf-schema#label> "term {n}" .\n' for n, _ in numbers)
    nodes = ", ".join(f'{{"id": "{OBO}{prefix}_{n}", "lbl": "term {n}"}}' for n, _ in numbers)
    edges = ", ".join(f'{{"sub": "{OBO}{prefix}_{n}", "pred": "is_a", "obj": "{OBO}{prefix}_{m}"}}' for n, m in numbers)

    def turtle(predicate: str) -> str:
        return labels + "".join(f"<{OBO}{prefix}_{n}> <{predicate}> <{OBO}{prefix}_{m}> .\n" for n, m in numbers)

    return {
        "a.obo": "format-version: 1.4\n" + "".join(f"\n[Term]\nid: {prefix}:{n}\nname: term {n}\nis_a: {prefix}:{m}\n" for n, m in numbers),
        "a.json": f'{{"graphs": [{{"nodes": [{nodes}], "edges": [{edges}]}}]}}',
        "owl.ttl": turtle("http://www.w3.org/2000/01/rdf-schema#subClassOf"),
        "skos.ttl": turtle("http://www.w3.org/2004/02/skos/core#broader"),
    }


@pytest.mark.parametrize("name", circle("EX"))
@pytest.mark.parametrize("prefix", ["MONDO", "HP"])  # of HP's terms the category depends on what is above them
def test_a_hierarchy_in_a_circle_is_imported_and_walked(tmp_path: Path, name: str, prefix: str) -> None:
    path = tmp_path / name
    path.write_text(circle(prefix)[name])
    order = Order(Source("test", "", "", ""), recognise(path), path, Options("test"))
    share = import_source(order, tmp_path / "snapshot", alone=True).share
    assert (share.entities, share.facts, dict(share.skipped)) == (4, 3, {"both ends of the fact are one entity": 1})
    graph = open_snapshot(tmp_path / "snapshot")
    rows = from_graph(graph)
    hierarchy = rows.only([SUBCLASS_OF])
    one, two = (number_of(graph, f"{prefix}:{n}") for n in (1, 2))
    assert one is not None and two is not None
    for found in (ancestors(hierarchy, one), descendants(hierarchy, one)):
        assert (len(found.numbers), sorted(found.distances.tolist())) == (3, [0, 1, 2])
    assert len(common_ancestors(hierarchy, one, two)) == len(lowest_common_ancestors(hierarchy, one, two)) == 3
    assert {inherited.distance for inherited in roll_up(rows, hierarchy, one, Direction.OUT)} <= {0, 1, 2}


def test_facts_that_lead_nowhere_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.obo"
    path.write_text("format-version: 1.4\n\n[Term]\nid: MONDO:1\nname: one\nis_a: MONDO:2\nis_a: MONDO:3\n")
    order = Order(Source("test", "", "", ""), recognise(path), path, Options("test"))
    share = import_source(order, tmp_path / "snapshot", alone=True).share
    assert (share.entities, share.facts, dict(share.skipped)) == (1, 0, {"an end of the fact is described by no source": 2})
    assert share.examples["an end of the fact is described by no source"][1] == "MONDO:1 biolink:subclass_of MONDO:2"


def test_a_term_described_twice_is_an_error_where_it_must_not_be(tmp_path: Path) -> None:
    term = "\n[Term]\nid: EX:1\nname: one\n"
    with pytest.raises(DataError, match=r"a\.obo:7: EX:1 is described twice, first in line 3"):
        written(tmp_path, "a.obo", "format-version: 1.4\n" + term + term)
    (tmp_path / "nodes.tsv").write_text("id\tcategory\tname\nEX:1\tbiolink:Drug\tone\nEX:1\tbiolink:Drug\tone\n")
    (tmp_path / "edges.tsv").write_text("subject\tpredicate\tobject\n")
    with pytest.raises(DataError, match=r"nodes\.tsv:3: EX:1 stands twice, first in line 2"):
        read(tmp_path)


def test_a_term_described_twice_is_one_where_descriptions_add_up(tmp_path: Path) -> None:
    node = '{"id": "EX:1", "lbl": "%s", "type": "CLASS"}'
    label = "<http://example.org/1> <http://www.w3.org/2000/01/rdf-schema#label> "
    for records in (
        written(tmp_path, "a.json", '{"graphs": [{"nodes": [' + node % "one" + "," + node % "uno" + "]}]}"),
        written(tmp_path, "a.ttl", f'{label} "one" .\n{label} "uno" .\n'),
    ):
        (one,) = (record for record in records if isinstance(record, Entity))
        assert (one.name, one.synonyms) == ("one", ("uno",))


IDS = "identifier that is no CURIE"


def test_ids_that_are_no_curies_are_counted_in_ontologies(tmp_path: Path) -> None:
    obo = "format-version: 1.4\n\n[Term]\nid: gout\nname: gout\n\n[Term]\nid: EX:1\nname: one\nis_a: gout\nalt_id: two\n"
    json = '{"graphs": [{"nodes": [{"id": "gout", "lbl": "gout"}], "edges": [{"sub": "gout", "pred": "is_a", "obj": "EX:1"}]}]}'
    assert skipped(written(tmp_path, "a.obo", obo)) == {IDS: 3}
    assert skipped(written(tmp_path, "a.json", json)) == {IDS: 2}


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        ("gout\tbiolink:Disease\tgout\n", "", r"nodes\.tsv:2: 'gout' is not a CURIE"),
        ("EX:1\tbiolink:Disease\tgout\n", "EX:1\tbiolink:treats\tgout\n", r"edges\.tsv:2: 'gout' is not a CURIE"),
    ],
)
def test_ids_that_are_no_curies_are_errors_in_tables(tmp_path: Path, nodes: str, edges: str, expected: str) -> None:
    (tmp_path / "nodes.tsv").write_text("id\tcategory\tname\n" + nodes)
    (tmp_path / "edges.tsv").write_text("subject\tpredicate\tobject\n" + edges)
    for reader in (FORMATS["kgx"].read, read_compact):
        with pytest.raises(DataError, match=expected):
            list(reader(tmp_path, Options("test")))


def test_kgx_of_others_is_taken_with_what_the_graph_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "x_nodes.tsv").write_text(
        "id\tcategory\tname\tsynonym\txref\tsame_as\nMONDO:1\tbiolink:Cat|biolink:NamedThing\tone\ta|b\tMESH:D1|url:http://x.org\tDOID:1\n"
        "HGNC:1\tbiolink:Gene\t\t\t\t\n"
    )
    (tmp_path / "x_edges.tsv").write_text(
        "subject\tpredicate\tobject\tnegated\tfrequency\tknowledge_level\nMONDO:1\tbiolink:likes\tHGNC:1\tTrue\toften\tassertion\n"
    )
    assert recognise(tmp_path) is FORMATS["kgx"]
    found = read(tmp_path)
    (one,) = (record for record in found if isinstance(record, Entity))
    assert (one.category, one.synonyms, one.xrefs) == ("biolink:Disease", ("a", "b"), ("DOID:1",))
    (fact,) = (record for record in found if isinstance(record, Fact))
    assert (fact.predicate, dict(fact.qualifiers), fact.negated) == ("biolink:related_to", {"original_predicate": "biolink:likes"}, True)
    assert skipped(found) == {
        "cross-reference that is no identifier": 1,
        "node without a name": 1,
        "qualifier whose value is not known": 1,
    }
