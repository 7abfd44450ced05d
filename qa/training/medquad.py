"""MedQuAD's questions with their types.

Ben Abacha, Demner-Fushman, 2019, "A question-entailment approach to question answering".
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from tqdm import tqdm

from kg.errors import DataError
from kg.sources.xml_guard import GuardedXml
from qa.errors import DatasetError

OTHER = "other"
RARE = 10  # a type of fewer questions is `OTHER`
_HELD_OUT = 10  # one focus in so many


@dataclass(frozen=True, slots=True)
class TypedQuestion:
    """A question of MedQuAD: the folder, file and number that it has there, what it is about, its text and its type."""

    id: str
    focus: str
    text: str
    type: str


def read_medquad(directory: Path) -> list[TypedQuestion]:
    """Read the questions of every file, by path, each text of a type once; their white space is tidied.

    Types that differ in case or in underscores are one; one of fewer than `RARE` questions is `OTHER`.

    Raises:
        DatasetError: There is no file, or one is not well-formed XML or declares more than plain entities.
    """
    paths = sorted(directory.glob("*/*.xml"))
    if not paths:
        raise DatasetError(f"{directory}: holds no file; expected folders with MedQuAD's XML files")
    found: dict[tuple[str, str], TypedQuestion] = {}
    for path in tqdm(paths, desc="MedQuAD", unit="file"):
        for question in _questions(path):
            found.setdefault((question.text.casefold(), question.type), question)
    common = {name for name, number in Counter(q.type for q in found.values()).items() if number >= RARE}
    return [q if q.type in common else replace(q, type=OTHER) for q in found.values()]


def is_held_out_focus(focus: str) -> bool:
    """Say whether a focus, whatever its case, is among the tenth that no question of MedQuAD that is trained on is about."""
    digest = hashlib.sha256(focus.strip().casefold().encode()).digest()
    return int.from_bytes(digest[:8]) % _HELD_OUT == 0


def _questions(path: Path) -> Iterator[TypedQuestion]:
    try:
        with path.open("rb") as stream:
            root = ElementTree.parse(GuardedXml(stream, path)).getroot()
    except (OSError, DataError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected a file of MedQuAD") from error
    except ElementTree.ParseError as error:
        raise DatasetError(f"{path}, line {error.position[0]}: no XML ({error.msg}); expected a file of MedQuAD") from error
    focus = " ".join(root.findtext("Focus", "").split())
    for number, question in enumerate(root.iter("Question"), 1):
        text = re.sub(r"\s*([?.!])(?:\s*[?.!])*$", r"\1", " ".join((question.text or "").split()))
        kind = " ".join(question.get("qtype", "").replace("_", " ").casefold().split())
        if text and kind:
            yield TypedQuestion(f"medquad/{path.parent.name}/{path.stem}/{number}", focus, text, kind)
