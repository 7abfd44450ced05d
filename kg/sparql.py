"""SPARQL over a snapshot, guarded: reading only, of this graph only, within limits of time, memory and size.

A query runs in a process of its own (`kg/sparql_child.py`), since the engine cannot be stopped while it works. Starting one and opening
the store takes some 40 ms; nothing stays behind that a later query could meet.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.errors import QueryError, SnapshotError
from kg.graph import SnapshotGraph
from kg.identifiers import PREFIXES
from kg.swap import identity

TIMEOUT = 30.0
"""Seconds that a query may take."""
LIMIT = 100_000
"""Rows that an answer may have."""
MEGABYTES = 2_048
"""Memory that a query may take, where the system can be told so (Linux)."""
_CHARACTERS = 64_000_000
# How long the process of a query may outlive its time where nobody is there to kill it.
_GRACE = 1.0
_ATTEMPTS = 5

# The engine would ask any address that a query names after SERVICE. The word is refused wherever it stands, in strings too: telling
# the two apart takes a parser, and a mistake there would let a visitor reach other hosts through the server.
_SERVICE = re.compile("service", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")

# What can hold the letters of FROM without being that keyword, and the keyword itself.
_TOKEN = re.compile(
    r"""\#[^\r\n]*|<[^<>"{}|^`\\\s]*>|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*'|[?$@:\w][\w:.-]*""", re.DOTALL
)
_CHILD = Path(__file__).with_name("sparql_child.py")


def select(
    graph: SnapshotGraph, query: str, timeout: float = TIMEOUT, limit: int = LIMIT, megabytes: int = MEGABYTES
) -> tuple[list[str], list[list[str | None]]]:
    """Answer a SPARQL SELECT or ASK query, with the project's prefixes declared.

    Without a FROM clause the query sees the union of all sources; FROM and FROM NAMED choose among them, and fetch nothing.

    Args:
        graph: The snapshot.
        query: The query.
        timeout: Seconds after which it is stopped, above 0.
        limit: Rows above which it is stopped: an answer is whole or an error, never cut.
        megabytes: Memory above which it is stopped, where the system can be told so.

    Returns:
        The variables' names, and the rows, in the order of the engine; None where a variable is unbound.

    Raises:
        QueryError: The query is malformed, is neither SELECT nor ASK, asks another server (`SERVICE`), or exceeds a limit.
        SnapshotError: The RDF store is missing or damaged.

    >>> from kg import open_graph
    >>> select(open_graph(), "SELECT ?name { MONDO:0005393 rdfs:label ?name }")
    (['name'], [['gout']])
    """
    plain = _unescaped(query)
    if _SERVICE.search(plain):
        raise QueryError("a query here asks this graph only, so the word SERVICE may not stand in it; in a regex, write [s]ervice")
    if timeout <= 0 or limit < 0:
        raise QueryError(f"expected a timeout above 0 seconds and a limit of 0 rows or more, got {timeout:g} and {limit}")
    task = {
        "store": str(graph.path / "store"),
        "query": query,
        "prefixes": PREFIXES,
        # Over the union the engine does not regard FROM.
        "union": not any(token.upper() == "FROM" for token in _TOKEN.findall(plain)),
        "seconds": timeout + _GRACE,
        "megabytes": megabytes,
        "rows": limit,
        "characters": _CHARACTERS,
    }
    for _ in range(_ATTEMPTS):
        before = identity(graph.path)
        answer = _asked(task, timeout, megabytes)
        # A build that puts a new snapshot in place takes the old store away, even while it is being opened.
        if answer.get("refused") != "store" or identity(graph.path) == before:
            break
    if "refused" in answer:
        raise _error(answer["refused"], answer["reason"], graph, limit, megabytes)
    return answer["names"], answer["rows"]


def _asked(task: Mapping[str, Any], timeout: float, megabytes: int) -> dict[str, Any]:
    """Return what the child process answers."""
    try:
        # -P: the directory of the file, where modules have names such as `names`, is not searched for imports.
        child = subprocess.run([sys.executable, "-P", str(_CHILD)], input=json.dumps(task).encode(), capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise QueryError(_stopped(f"after {timeout:g} seconds")) from error
    if child.returncode != 0:
        raise QueryError(_stopped(f"since it took more than {megabytes} MB of memory or is nested too deeply"))
    answer: dict[str, Any] = json.loads(child.stdout)
    return answer


def _unescaped(query: str) -> str:
    """Return a query without escapes of characters, however often they are escaped."""
    while (plain := _ESCAPE.sub(_character, query)) != query:
        query = plain
    return query


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1] or escape[2], 16)
    return chr(number) if number < 0x110000 else ""


def _error(refused: str, reason: str, graph: SnapshotGraph, limit: int, megabytes: int) -> QueryError | SnapshotError:
    if refused == "store":
        return SnapshotError(f"{graph.path / 'store'} cannot be read: {reason}; `medkg build` makes a new snapshot")
    if refused == "query":
        return QueryError(f"the query cannot be answered: {reason}")
    limits = {
        "rows": f"since its answer has more than {limit} rows",
        "characters": f"since its answer has more than {_CHARACTERS} characters",
        "memory": f"since it took more than {megabytes} MB of memory",
    }
    return QueryError(_stopped(limits[refused]))


def _stopped(why: str) -> str:
    return f"the query was stopped {why}; name an entity or a predicate in every pattern, join the patterns, or add LIMIT"
