"""Answers as people read them, from the form of the `ask` contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SHOWN = 12
"""Items shown in a terminal; the rest are counted."""

_WHY = "    score  reader  keywords  own words  triple"
_APART = frozenset({"evidence", "supported_by", "negated"})
_RED, _BOLD, _PLAIN = "\x1b[1;31m", "\x1b[1m", "\x1b[0m"


def statement(fact: Mapping[str, Any]) -> str:
    """Return a triple in words.

    >>> statement({"subject_name": "gout", "predicate": "biolink:has_phenotype", "object_name": "joint pain", "qualifiers": {}})
    'gout has_phenotype joint pain'
    """
    predicate = fact["predicate"].partition(":")[2]
    if predicate == "definition":
        return f"definition of {fact['subject_name']}"
    denied = "NOT " if fact["qualifiers"].get("negated") else ""
    return f"{fact['subject_name']} {denied}{predicate} {fact['object_name']}"


def provenance(fact: Mapping[str, Any]) -> str:
    """Return where a triple comes from, what narrows it and what supports it.

    >>> provenance({"source": "everyday", "qualifiers": {"evidence": "general knowledge", "frequency": "common"}})
    'everyday: general knowledge; frequency: common'
    """
    qualifiers = fact["qualifiers"]
    parts = [f"{fact['source']}: {qualifiers['evidence']}" if "evidence" in qualifiers else fact["source"]]
    parts += [f"{name}: {value}" for name, value in qualifiers.items() if name not in _APART]
    if supported := qualifiers.get("supported_by"):
        parts.append(f"supported by {', '.join(supported.split())}")
    return "; ".join(parts)


def item_text(item: Mapping[str, Any]) -> str:
    """Return an item's text; a definition, which is the answer's sentence already, is only named."""
    return next((statement(fact) for fact in item["evidence"] if fact["predicate"] == "skos:definition"), item["text"])


def answer_lines(answer: Mapping[str, Any], colour: bool = False) -> Iterator[str]:
    """Yield the lines of an answer for a terminal: what is urgent, the sentence, the items with their triples, the notices."""
    red, bold, plain = (_RED, _BOLD, _PLAIN) if colour else ("", "", "")
    if answer["status"] == "urgent":
        yield f"{red}*** URGENT: PLEASE READ THIS FIRST ***{plain}"
        yield f"{red}{answer['answer']}{plain}"
    else:
        yield f"{bold}{answer['answer']}{plain}"
    items = answer["items"]
    if items:
        yield ""
    for number, item in enumerate(items[:SHOWN], start=1):
        yield f"{number:>2}. {item_text(item)}"
        for fact in item["evidence"]:
            yield f"    {statement(fact)}  [{provenance(fact)}]"
    if len(items) > SHOWN:
        yield f"    ... and {len(items) - SHOWN} more; --json shows all."
    if answer["notices"]:
        yield ""
    yield from (f"Note: {notice}" for notice in answer["notices"])


def why_lines(weighed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines that tell what the reader made of each triple, and below it on which others it leant.

    Args:
        weighed: As `qa.explain.weighed_as_dict` gives them.
    """
    yield ""
    if not weighed:
        yield "No triple was read for this answer."
        return
    yield "What was made of each triple: the probability that it answers, as it was decided and of the reader alone; what the question's"
    yield "words add to its log-odds; and how far the reader's logit falls where the triple's own words, or another triple's, are hidden."
    yield _WHY
    for row in weighed[:SHOWN]:
        yield f"    {row['score']:5.2f}  {row['reader']:6.2f}  {row['keywords']:+8.1f}  {row['own']:+9.1f}  {statement(row['triple'])}"
        yield from (f"{other['fall']:>+34.1f}    with {statement(other['triple'])}" for other in row["others"])
    if len(weighed) > SHOWN:
        yield f"    ... and {len(weighed) - SHOWN} more; --json shows all."
