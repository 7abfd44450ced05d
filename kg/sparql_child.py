"""Answers one SPARQL query in a process of its own, which can be killed: a query that runs cannot be stopped from within.

`kg.sparql` starts this file by its path, so that nothing but pyoxigraph is imported. The task comes as JSON on the standard input:
store, query, prefixes, union, seconds, megabytes, rows, characters. The answer goes as JSON to the standard output: `names` and `rows`,
or `refused` and the reason.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

import pyoxigraph


def main() -> None:
    """Read the task, answer it."""
    task = json.load(sys.stdin)
    _end_after(task["seconds"])
    try:
        store = pyoxigraph.Store.read_only(task["store"])
        _keep_within(task["megabytes"])
        answer = _answer(store, task)
    except (SyntaxError, ValueError) as error:
        answer = {"refused": "query", "reason": str(error)}
    except MemoryError:
        answer = {"refused": "memory", "reason": ""}
    except (OSError, RuntimeError) as error:
        answer = {"refused": "store", "reason": str(error)}
    json.dump(answer, sys.stdout)


def _answer(store: pyoxigraph.Store, task: dict[str, Any]) -> dict[str, Any]:
    solutions = store.query(task["query"], prefixes=task["prefixes"], use_default_graph_as_union=task["union"])
    if isinstance(solutions, pyoxigraph.QueryBoolean):
        return {"names": ["answer"], "rows": [[str(bool(solutions)).lower()]]}
    if not isinstance(solutions, pyoxigraph.QuerySolutions):
        raise ValueError("only SELECT and ASK queries are answered here")
    names = [variable.value for variable in solutions.variables]
    rows: list[list[str | None]] = []
    characters = 0
    for solution in solutions:
        row = [_text(solution[name]) for name in names]
        characters += sum(len(text) for text in row if text is not None)
        if len(rows) == task["rows"]:
            return {"refused": "rows", "reason": ""}
        if characters > task["characters"]:
            return {"refused": "characters", "reason": ""}
        rows.append(row)
    return {"names": names, "rows": rows}


def _text(term: pyoxigraph.NamedNode | pyoxigraph.Literal | pyoxigraph.BlankNode | pyoxigraph.Triple | None) -> str | None:
    return None if term is None else str(getattr(term, "value", term))


def _end_after(seconds: float) -> None:
    """Let the system end this process when the time is over, should the one that started it no longer be there to do so."""
    import signal  # noqa: PLC0415 - a query waits for each import

    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _keep_within(megabytes: int) -> None:
    """Let the system refuse this process more memory than it has now and so much besides, where it can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one that is refused memory aborts, which is no reason to write a dump
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        limit = now + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
