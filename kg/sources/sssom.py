"""Reads mappings in SSSOM's TSV form (https://mapping-commons.github.io/sssom): metadata as YAML in `#` comments, then a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from kg.errors import CurieError, DataError
from kg.identifiers import PREFIXES, normal
from kg.identifiers import curie as compress
from kg.model import Curie
from kg.sources.delimited import quoted_table
from kg.sources.files import lines
from kg.sources.records import About, Options, Record, Skipped
from kg.sources.records import Mapping as Match

COLUMNS = ("subject_id", "predicate_id", "object_id", "mapping_justification")
MODIFIER = "predicate_modifier"
NO_TERM = "sssom:NoTermFound"
# Those that SSSOM fixes; a file need not declare them.
_BUILT_IN = {
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
}


def read(path: Path, options: Options) -> Iterator[Record]:
    """Yield what the metadata says of the set, then its mappings.

    Identifiers are expanded by the file's `curie_map` and written with this project's prefixes. Skipped are what `predicate_modifier` Not
    denies, terms for which nothing was found, literals, and identifiers whose prefix the file does not declare.

    Raises:
        DataError: The file cannot be read, its metadata is no YAML, its header lacks a column, or a row has another number of cells.
    """
    del options  # a mapping carries no source and describes nothing
    numbered = lines(path)
    comments: list[str] = []
    for line, text in numbered:
        if text.startswith("#"):
            comments.append(text[1:])
            continue
        metadata = _metadata(comments, path)
        yield About(*(str(metadata.get(key) or "") for key in ("mapping_set_title", "mapping_set_version", "license")))
        columns = (*COLUMNS, MODIFIER) if MODIFIER in text.split("\t") else COLUMNS
        resolve = _resolver(metadata, path)
        for number, (subject, predicate, obj, _, *modifier) in quoted_table(path, columns, chain([(line, text)], numbered)):
            yield _record((subject, predicate, obj), modifier[0] if modifier else "", number, resolve)
        return
    raise DataError(path, None, f"holds no table: expected the columns {', '.join(COLUMNS)}")


def _record(ends: tuple[str, str, str], modifier: str, line: int, resolve: Callable[[str], Curie | None]) -> Match | Skipped:
    detail = " ".join(ends)
    if NO_TERM in ends:
        return Skipped("nothing was found for a term", line, detail)
    if modifier:
        return Skipped(f"the mapping is stated to be false (predicate_modifier {modifier})", line, detail)
    if not all(ends):
        return Skipped("a mapping whose subject, predicate or object has no identifier", line, detail)
    subject, predicate, obj = map(resolve, ends)
    if subject is None or predicate is None or obj is None:
        return Skipped("an identifier that is no CURIE, or whose prefix the curie_map lacks", line, detail)
    return Match(subject, predicate, obj)


def _metadata(comments: list[str], path: Path) -> Mapping[str, Any]:
    try:
        # Every scalar as it is written: a version that looks like a date stays what it is.
        found = yaml.load("\n".join(comments), Loader=yaml.BaseLoader) or {}
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        raise DataError(path, line, f"the metadata in # comments is no YAML: {getattr(error, 'problem', None) or error}") from error
    if not isinstance(found, dict):
        raise DataError(path, 1, "the metadata in # comments is no YAML mapping: expected lines such as `#license: …`")
    return found


def _resolver(metadata: Mapping[str, Any], path: Path) -> Callable[[str], Curie | None]:
    """Return the function from an identifier of the file to ours, None for one that cannot be resolved."""
    declared = metadata.get("curie_map") or {}
    if not isinstance(declared, dict) or not all(isinstance(text, str) for pair in declared.items() for text in pair):
        raise DataError(path, None, "the curie_map of the metadata is no mapping of prefixes to IRIs")
    prefixes = {**(declared or PREFIXES), **_BUILT_IN}

    @cache
    def resolve(identifier: str) -> Curie | None:
        prefix, _, local = identifier.partition(":")
        if prefix not in prefixes or not local:
            return None
        try:
            found, written = compress(prefixes[prefix] + local), normal(identifier)
        except CurieError:
            return None
        # An address other than ours under a prefix of ours is the same resource, addressed in another way.
        return written if found.prefix == "iri" and (written.prefix in PREFIXES or prefix in _BUILT_IN) else found

    return resolve
