"""The names of the graph's entities as a file from which the linker's encoder is trained where there is no graph.

A line is `{"entity", "category", "curated", "names", "held", "lay", "parents", "cluster"}`, see `NameSet`. `qa.training.synonyms`
writes it.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

from qa.errors import DatasetError

FOLDS = 5
_KINDS = {"entity": str, "category": str, "curated": bool, "names": list, "held": list, "lay": list, "parents": list, "cluster": int}


@dataclass(frozen=True, slots=True)
class NameSet:
    """The names of one entity, and what else is to be known to train on them.

    Attributes:
        entity: Its identifier.
        category: Its Biolink category.
        curated: Whether a curated source speaks of it.
        names: Its names, no two alike when folded, the preferred one first.
        held: (number of a name, fold): names that must not be seen by who is measured on that fold.
        lay: (lay name, fold): the questions of a fold whose answer is this entity.
        parents: Numbers of the entities that it is a kind of.
        cluster: The same number for entities that share a name: their names are never told apart.
    """

    entity: str
    category: str
    curated: bool
    names: tuple[str, ...]
    held: tuple[tuple[int, int], ...] = ()
    lay: tuple[tuple[str, int], ...] = ()
    parents: tuple[int, ...] = ()
    cluster: int = -1

    def without(self, fold: int | None) -> tuple[str, ...]:
        """Return the names less those held out of a fold; all of them for None."""
        held = {number for number, of in self.held if of == fold}
        return tuple(name for number, name in enumerate(self.names) if number not in held)


def fold_of(curie: str) -> int:
    """Return the fold of a term, 0 to 4: the same on every machine and in every release.

    >>> fold_of("HP:0031352")
    1
    """
    return int(sha256(curie.encode()).hexdigest(), 16) % FOLDS


def write_name_sets(sets: Sequence[NameSet], path: Path) -> None:
    """Write name sets, a line each; compressed where the file's name ends in .xz."""
    with _open(path, "wt") as file:
        file.writelines(json.dumps(asdict(found), ensure_ascii=False, separators=(",", ":")) + "\n" for found in sets)


def read_name_sets(path: Path) -> list[NameSet]:
    """Read name sets.

    Raises:
        DatasetError: The file cannot be read, or a line is not of its form; the message names the line.
    """
    try:
        with _open(path, "rt") as lines:
            found = [_parse(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected the names of entities as JSON lines") from error
    for number, names in enumerate(found, 1):
        if not all(0 <= parent < len(found) for parent in names.parents):
            raise DatasetError(f"{path}, line {number}: a parent is none of the {len(found)} entities")
    return found


def siblings(sets: Sequence[NameSet]) -> Iterator[list[int]]:
    """Yield, entity by entity, the numbers of the other children of its parents."""
    children: dict[int, list[int]] = {}
    for number, found in enumerate(sets):
        for parent in found.parents:
            children.setdefault(parent, []).append(number)
    for number, found in enumerate(sets):
        yield sorted({child for parent in found.parents for child in children[parent]} - {number})


def _open(path: Path, mode: str) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, mode, encoding="utf-8")  # type: ignore[return-value]
    return path.open(mode, encoding="utf-8")  # type: ignore[return-value]


def _parse(line: str, place: str) -> NameSet:
    try:
        form = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{place}: not readable as JSON ({error}); expected the names of an entity") from error
    for name, kind in _KINDS.items():
        if not isinstance(form, dict) or not isinstance(form.get(name), kind):
            raise DatasetError(f"{place}: {name} is missing or no {kind.__name__}; expected an object with {', '.join(_KINDS)}")
    return NameSet(**{name: _frozen(form[name]) for name in _KINDS})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
