"""Errors of the graph package.

KgError
├── CurieError          a string that is no CURIE
├── DataError           a data file, or a line of one, that cannot be taken or written: names file, line and what was expected
├── SnapshotError       a snapshot that is missing, of another format, or damaged
├── QueryError          a SPARQL query that is malformed, not allowed or too much
└── EndpointError       a SPARQL endpoint that cannot be reached, or does not answer as one that holds this graph
"""

from __future__ import annotations

from pathlib import Path

_LONGEST = 2_000


class KgError(Exception):
    """Root of every error that `kg` raises on purpose; its text is one sentence for people."""


class CurieError(KgError, ValueError):
    """A string that should be a CURIE is none."""


class DataError(KgError):
    """A data file holds something that cannot be taken.

    Args:
        path: The file.
        line: The line, counted from 1, or None where the whole file is meant.
        problem: What was found and what was expected.
    """

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        # What a file holds may stand in it: it must neither break the line, steer a terminal nor fill the screen.
        problem = problem if len(problem) <= _LONGEST else f"{problem[:_LONGEST]} …"
        problem = "".join(sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in problem)
        self.path, self.line, self.problem = path, line, problem
        super().__init__(f"{path}:{line}: {problem}" if line is not None else f"{path}: {problem}")

    def __reduce__(self) -> tuple[type[DataError], tuple[Path, int | None, str]]:
        """Let the error cross from one process to another whole."""
        return type(self), (self.path, self.line, self.problem)


class SnapshotError(KgError):
    """A snapshot cannot be opened or built."""


class QueryError(KgError):
    """A SPARQL query is malformed, asks for something other than reading, or takes more than it may."""


class EndpointError(KgError):
    """A SPARQL endpoint cannot be reached, or does not answer as one that holds this graph."""
