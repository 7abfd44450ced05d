"""What every reader of a source yields, whatever the format: records, one at a time, in the order of the file.

A reader is a function from a path to records. It parses and translates, nothing else: what is merged with what, and what replaces what, is
decided in `kg.merge`; what is done with the result, in `kg.library`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kg.model import Curie, Entity, Fact


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself; at most one a file, and only what stands there.

    Attributes:
        title: The resource's name.
        version: Its release or date.
        licence: The terms under which it may be used.
    """

    title: str = ""
    version: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """An identifier that was withdrawn, merged into another, or is an alternative for it.

    Attributes:
        old: The identifier that is no entity any more.
        new: What to use instead; None where nothing replaces it.
        name: What the old one was called, or empty.
    """

    old: Curie
    new: Curie | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A statement of how two identifiers relate, as SSSOM makes it.

    Only `skos:exactMatch` (and `owl:equivalentClass`, `semapv:crossSpeciesExactMatch` read as it) says that both are one entity; a close,
    broad, narrow or related match is kept and never merges.
    """

    subject: Curie
    predicate: Curie
    object: Curie


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the file that is not taken, and why.

    Attributes:
        reason: The kind of reason, the same words for the same kind, so that it can be counted: "obsolete without a replacement".
        line: Where it stands, counted from 1; None where the format has no lines.
        detail: What it was, shown for the first of its kind.
    """

    reason: str
    line: int | None = None
    detail: str = ""


Record = About | Entity | Fact | Replacement | Mapping | Skipped


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read.

    Attributes:
        source: Name of the source; every fact carries it.
        category: Category of entities of which the file does not say what they are; None, told from the identifier's prefix.
        mapping: Description of the columns, for formats that need one.
    """

    source: str
    category: Curie | None = None
    mapping: Path | None = None


class Reader(Protocol):
    """A function that reads one format or resource."""

    def __call__(self, path: Path, options: Options) -> Iterator[Record]:
        """Yield the records of a file or directory, in its order; the file is opened when the first one is asked for.

        An entity comes before or after the facts that name it. A fact may name entities of other sources. Entities' `xrefs` are only
        those that are the same thing; looser ones come as `Mapping`. Nothing is merged.

        Raises:
            DataError: The file cannot be read or does not hold what its format says; with file, and line where there is one.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format or resource that can be imported.

    Attributes:
        name: What it is called on the command line.
        read: Its reader.
        summary: One line for `--help`.
        suffixes: Ends of file names by which it is recognised, without those of compression.
        resource: True where the name is that of one resource (`sider`) rather than of a format (`obo`).
        about: What is known of the resource where its files do not say it.
    """

    name: str
    read: Reader
    summary: str
    suffixes: tuple[str, ...] = ()
    resource: bool = False
    about: About = field(default_factory=About)
