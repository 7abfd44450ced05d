"""Every format and resource that can be imported, by name, and how a file or directory is recognised as one.

A reader is imported when it is used: the command line starts without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import cast

from kg.errors import DataError
from kg.sources.files import COMPRESSED, open_bytes
from kg.sources.folders import matching
from kg.sources.records import Format, Options, Reader, Record

_START = 64 * 1024
"""Bytes at the beginning of a file in which its kind shows."""


def _reader(module: str, function: str) -> Reader:
    def read(path: Path, options: Options) -> Iterator[Record]:
        return cast(Reader, getattr(import_module(f"kg.sources.{module}"), function))(path, options)

    return read


def _format(name: str, module: str, summary: str, *suffixes: str, resource: bool = False, function: str = "read") -> Format:
    return Format(name, _reader(module, function), summary, suffixes, resource)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        known.name: known
        for known in (
            _format("obo", "obo", "OBO 1.4 ontologies", ".obo"),
            _format("obographs", "obographs", "OBO-graph JSON ontologies", ".json"),
            _format("owl", "owl", "OWL 2 ontologies in functional or XML syntax", ".ofn", ".owx"),
            _format("rdfxml", "rdf", "OWL ontologies and other RDF in RDF/XML", ".owl", ".rdf"),
            _format("turtle", "rdf", "RDF in Turtle", ".ttl", function="read_turtle"),
            _format("ntriples", "rdf", "RDF in N-Triples", ".nt", function="read_ntriples"),
            _format("nquads", "rdf", "RDF in N-Quads", ".nq", function="read_nquads"),
            _format("trig", "rdf", "RDF in TriG", ".trig", function="read_trig"),
            _format("jsonld", "rdf", "RDF in JSON-LD", ".jsonld", function="read_jsonld"),
            _format("skos", "rdf", "SKOS thesauri in any form of RDF"),
            _format("kgx", "kgx_import", "KGX: a directory with nodes.tsv and edges.tsv"),
            _format("sssom", "sssom", "SSSOM mappings", ".sssom.tsv"),
            _format("csv", "mapped_csv", "any table, with --mapping FILE.yaml that describes its columns", ".csv", ".tsv"),
            _format("hpo-annotations", "hpo_annotations", "HPO's phenotypes of diseases (phenotype.hpoa)", ".hpoa", resource=True),
            _format(
                "hpo-layperson",
                "hpo_layperson",
                "HPO's layperson synonyms (layperson-synonyms.tsv)",
                "layperson-synonyms.tsv",
                resource=True,
            ),
            _format("disease-ontology-tables", "do_axioms", "the Disease Ontology's tables of axioms and cross-references", resource=True),
            _format("hetionet", "hetionet", "Hetionet's nodes and edges", resource=True),
            _format("pharmacotherapydb", "pharmacotherapydb", "PharmacotherapyDB's reviewed indications", resource=True),
            _format("sider", "sider", "SIDER's side effects and indications; not for commercial use", resource=True),
        )
    }
)

# Which files a directory of the format or resource has; the first that fits counts.
_FOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hetionet": ("*nodes.tsv", "*edges*.sif"),
        "kgx": ("*nodes.tsv", "*edges.tsv"),
        "sider": ("meddra_all_se.tsv",),
        "pharmacotherapydb": ("indications.tsv", "drugs.tsv", "diseases.tsv"),
        "disease-ontology-tables": ("HumanDO.tsv",),
        "hpo-layperson": ("layperson-synonyms.tsv",),
        "hpo-annotations": ("phenotype.hpoa",),
    }
)


def known() -> str:
    """Return the names of all formats and resources, for messages."""
    return ", ".join(sorted(FORMATS))


def recognise(path: Path) -> Format:
    """Return the format or resource that a file or directory is of.

    A file is known by the longest end of its name that a format has; where one end stands for several formats, by how it begins. A
    directory is known by the names of its files.

    Raises:
        DataError: It is not there, or is of nothing that is known.
    """
    if path.is_dir():
        for name, patterns in _FOLDERS.items():
            if all(matching(path, pattern) for pattern in patterns):
                return FORMATS[name]
        expected = "; ".join(f"{name} by {' and '.join(patterns)}" for name, patterns in _FOLDERS.items())
        raise DataError(path, None, f"holds the files of no resource that is known: expected {expected}; say which with --format")
    if not path.exists():
        raise DataError(path, None, "cannot be read: no such file or directory")
    name = path.name.lower()
    name = name.removesuffix(path.suffix.lower()) if path.suffix.lower() in COMPRESSED else name
    found = [(len(suffix), known) for known in FORMATS.values() for suffix in known.suffixes if name.endswith(suffix)]
    if not found:
        raise DataError(path, None, f"is of no format that its name tells: say which with --format, one of {known()}")
    return _by_content(path, max(found, key=lambda pair: pair[0])[1])


def _by_content(path: Path, by_name: Format) -> Format:
    """Tell apart what is written in several ways under one end of names."""
    if by_name.name not in {"rdfxml", "obographs"}:
        return by_name
    with open_bytes(path) as stream:
        start = stream.read(_START)
    if by_name.name == "obographs":
        return by_name if b'"graphs"' in start else FORMATS["jsonld"]
    if b"<rdf:RDF" in start:
        return by_name
    return FORMATS["owl"] if b"Ontology(" in start or b"<Ontology" in start else by_name
