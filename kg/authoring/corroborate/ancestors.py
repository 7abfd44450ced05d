"""Walks up a hierarchy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def ancestors(term: str, parents: Mapping[str, Iterable[str]]) -> set[str]:
    """Return all that lies above a term, over any number of steps, without the term itself.

    >>> sorted(ancestors("gout", {"gout": ["arthritis"], "arthritis": ["joint disease"]}))
    ['arthritis', 'joint disease']
    """
    found: set[str] = set()
    waiting = [term]
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in found and parent != term:
                found.add(parent)
                waiting.append(parent)
    return found
