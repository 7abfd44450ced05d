"""Writes `SOURCE.md` of each source of the wide layer: what it is, where it is from, how it is rebuilt, what was left out, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.authoring.wide.layer import Layer
from kg.authoring.wide.wheels import Wheel
from kg.errors import DataError

REBUILD = "python -m kg.authoring.wide --wheels DIR --out data/ontologies"


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a source.

    Attributes:
        title: Its name.
        version: Its release.
        licence: Its terms.
        origin: The wheels and the files in them.
        rules: What was taken, what was left out, and why.
    """

    title: str
    version: str
    licence: str
    origin: Sequence[tuple[Wheel, Sequence[str]]]
    rules: Sequence[str]


def write_about(about: About, layer: Layer, sizes: Mapping[str, int], counts: Mapping[str, int], directory: Path) -> None:
    """Write `SOURCE.md`.

    Args:
        about: What is said of the source.
        layer: What it contributes.
        sizes: Its files, with their bytes.
        counts: What else was counted, in words.
        directory: Where to.

    Raises:
        DataError: The file cannot be written.
    """
    path = directory / "SOURCE.md"
    parts = [
        f"# {about.title}",
        f"- title: {about.title}\n- version: {about.version}\n- licence: {about.licence}",
        "## Origin",
        _origin(about),
        f"Rebuilt by `{REBUILD}`, with the wheels in DIR; each is read as an archive after its SHA-256 was checked, and neither installed "
        "nor imported. The same wheels give the same bytes. Definitions and other descriptive texts of the source are not copied.",
        "## What was taken and what was left out",
        "\n".join(f"- {rule}" for rule in about.rules),
        "## Counts",
        _table(("what", "number"), [*_counted(layer), *counts.items(), *((f"bytes of {name}", size) for name, size in sizes.items())]),
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(path, None, f"cannot be written: {error.strerror or error}") from error


def _origin(about: About) -> str:
    rows = [
        (f"`{wheel.file}`", f"`{wheel.sha256}`", ", ".join(f"`{m}`" for m in members), f"`{wheel.fetch}`")
        for wheel, members in about.origin
    ]
    return _table(("wheel", "SHA-256", "files in it", "fetched by"), rows)


def _counted(layer: Layer) -> list[tuple[str, int]]:
    categories = Counter(entity.category for entity in layer.entities)
    predicates = Counter(("not: " if fact.negated else "") + fact.predicate for fact in layer.facts)
    qualifiers = Counter(name for fact in layer.facts for name in fact.qualifiers)
    others = (
        ("synonyms", sum(len(entity.synonyms) for entity in layer.entities)),
        ("exact cross-references", sum(len(entity.xrefs) for entity in layer.entities)),
        ("related cross-references (`mappings.tsv.xz`)", len(layer.matches)),
        ("withdrawn or merged identifiers (`replaced.tsv.xz`)", len(layer.replacements)),
    )
    return [
        *((f"entities `{name}`", count) for name, count in sorted(categories.items())),
        *((f"facts `{name}`", count) for name, count in sorted(predicates.items())),
        *((f"facts with `{name}`", count) for name, count in sorted(qualifiers.items())),
        *((name, count) for name, count in others if count),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) + " |" for row in lines)
