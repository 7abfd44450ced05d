"""Linked texts in the formats of the field: PubTator, and the standoff annotation of brat."""

from __future__ import annotations

from collections.abc import Sequence

from kg.vocabulary import CHEMICAL, DISEASE, DRUG, DRUG_CLASS, PHENOTYPE
from qa.model import Assertion, Kind, Mention

UNKNOWN = "-1"
"""What stands for the identifier of a mention that is not linked."""

_TYPES = {DISEASE: "Disease", PHENOTYPE: "Phenotype", DRUG: "Chemical", DRUG_CLASS: "Chemical", CHEMICAL: "Chemical"}
_KINDS = {Kind.DISEASE: "Disease", Kind.CHEMICAL: "Chemical"}
_ATTRIBUTES = {
    Assertion.NEGATED: "Negated",
    Assertion.HYPOTHETICAL: "Hypothetical",
    Assertion.HISTORICAL: "Historical",
    Assertion.FAMILY: "Family",
}


def as_pubtator(name: str, text: str, mentions: Sequence[Mention]) -> str:
    r"""Return a text and its mentions as one PubTator document, the text as its title, the abstract empty.

    A document is lines, so line breaks in the text are written as spaces; offsets stay true.

    >>> print(as_pubtator("1", "no gout", []), end="")
    1|t|no gout
    1|a|
    <BLANKLINE>
    """
    lines = [f"{name}|t|{_one_line(text)}", f"{name}|a|"]
    for mention in mentions:
        identifier = mention.entity.curie if mention.entity is not None else UNKNOWN
        lines.append("\t".join((name, str(mention.start), str(mention.end), _one_line(mention.text), _type(mention), identifier)))
    return "\n".join(lines) + "\n\n"


def as_brat(mentions: Sequence[Mention]) -> str:
    r"""Return mentions as the content of a brat .ann file: a text-bound annotation each, what it means, and its assertion.

    A mention over several lines is written as one fragment a line, as brat asks.
    """
    lines = []
    for number, mention in enumerate(mentions, start=1):
        lines.append(f"T{number}\t{_type(mention)} {_fragments(mention)}\t{_one_line(mention.text)}")
        if mention.entity is not None:
            lines.append(f"N{number}\tReference T{number} {mention.entity.curie}\t{mention.entity.name}")
        if mention.assertion in _ATTRIBUTES:
            lines.append(f"A{number}\t{_ATTRIBUTES[mention.assertion]} T{number}")
    return "".join(line + "\n" for line in lines)


def _type(mention: Mention) -> str:
    """Return the type of a mention: that of the corpora of the field for diseases, signs and drugs, for others the class's own name."""
    if mention.entity is None:
        return _KINDS[mention.kind] if mention.kind is not None else "Unknown"
    return _TYPES.get(mention.entity.category, mention.entity.category.rpartition(":")[2])


def _fragments(mention: Mention) -> str:
    found, at = [], mention.start
    for line in mention.text.splitlines(keepends=True):
        seen = len(line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
        if seen:
            found.append(f"{at} {at + seen}")
        at += len(line)
    return ";".join(found)


def _one_line(text: str) -> str:
    return "".join(" " if c in "\t\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029" else c for c in text)
