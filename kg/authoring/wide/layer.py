"""Writes a source in the compact form that `kg.sources.compact` reads: sorted, so that the same content gives the same bytes."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import DataError
from kg.model import Entity, Fact
from kg.sources.compact import EDGE_COLUMNS, MAPPING_COLUMNS, NODE_COLUMNS, REPLACED_COLUMNS
from kg.sources.records import Mapping as Match
from kg.sources.records import Replacement

QUALIFIER_COLUMNS = ("frequency", "observed", "sex", "severity", "effect", "purpose", "evidence", "supported_by")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source contributes."""

    entities: Sequence[Entity] = ()
    facts: Sequence[Fact] = ()
    replacements: Sequence[Replacement] = ()
    matches: Sequence[Match] = ()


def write_layer(layer: Layer, directory: Path) -> dict[str, int]:
    """Write the tables of a source; columns that are empty throughout are left out, and so are tables without rows.

    Returns:
        The size of each file in bytes.

    Raises:
        DataError: A file cannot be written, or a text holds what a cell cannot hold.
    """
    qualifiers = [name for name in QUALIFIER_COLUMNS if any(name in fact.qualifiers for fact in layer.facts)]
    tables: dict[str, tuple[Sequence[str], Iterable[tuple[str, ...]]]] = {
        "nodes": ((*NODE_COLUMNS, "synonym", "xref"), map(_node, layer.entities)),
        "edges": ((*EDGE_COLUMNS, "negated", *qualifiers), (_edge(fact, qualifiers) for fact in layer.facts)),
        "replaced": (REPLACED_COLUMNS, ((r.old, r.new or "", r.name) for r in layer.replacements)),
        "mappings": (MAPPING_COLUMNS, ((m.subject, m.predicate, m.object) for m in layer.matches)),
    }
    sizes = {}
    for name, (columns, rows) in tables.items():
        path = directory / f"{name}.tsv.xz"
        size = _write(path, columns, rows)
        if size:
            sizes[path.name] = size
    return sizes


def _node(entity: Entity) -> tuple[str, ...]:
    return (entity.curie, entity.category, entity.name, "|".join(entity.synonyms), "|".join(entity.xrefs))


def _edge(fact: Fact, qualifiers: Sequence[str]) -> tuple[str, ...]:
    negated = "true" if fact.negated else ""
    return (fact.subject, fact.predicate, fact.object, negated, *(fact.qualifiers.get(name, "") for name in qualifiers))


def _write(path: Path, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> int:
    found = sorted(rows)
    for row in found:
        for cell in row:
            if cell != cell.strip() or any(sign in cell for sign in "\t\n\r"):
                raise DataError(path, None, f"cannot be written: {cell[:80]!r} has tabs, line breaks or blanks at an end")
    try:
        if not found:
            path.unlink(missing_ok=True)
            return 0
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join("\t".join(row) + "\n" for row in (tuple(columns), *found))
        content = lzma.compress(text.encode(), lzma.FORMAT_XZ, lzma.CHECK_CRC64, 9 | lzma.PRESET_EXTREME)
        path.write_bytes(content)
    except OSError as error:
        raise DataError(path, None, f"cannot be written: {error.strerror or error}") from error
    return len(content)
