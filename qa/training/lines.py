"""Files of JSON lines that a reader learns from and is measured on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from qa.errors import DatasetError

Parsed = TypeVar("Parsed")


def read_lines(
    path: Path, what: str, texts: Sequence[str], splits: Sequence[str], parse: Callable[[dict[str, Any], str], Parsed]
) -> list[Parsed]:
    """Read what a file holds, a line each, in order; empty lines are passed over.

    Args:
        path: The file.
        what: What a line is, for errors: "reading task".
        texts: Names under which every line has a text, `split` among them.
        splits: Those that a line may be of.
        parse: Makes something of a line's object and of the words for its place, for errors of its own.

    Raises:
        DatasetError: The file is missing or a line is not of this form; the message names the line and what was expected.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            numbered = ((f"{path}, line {n}", line) for n, line in enumerate(lines, 1) if line.strip())
            return [parse(_object(line, place, what, texts, splits), place) for place, line in numbered]
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable ({error}); expected a {what} a line, as JSON") from error


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines to a file, whole or not at all; a file that is there is replaced."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text("".join(lines), encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def as_line(form: dict[str, Any]) -> str:
    """Return the line of an object, with its end."""
    return json.dumps(form, ensure_ascii=False) + "\n"


def _object(line: str, place: str, what: str, texts: Sequence[str], splits: Sequence[str]) -> dict[str, Any]:
    try:
        form = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{place}: not readable as JSON ({error}); expected a {what}") from error
    if not isinstance(form, dict) or not all(isinstance(form.get(name), str) for name in texts):
        raise DatasetError(f"{place}: expected an object with the texts {', '.join(texts)}")
    if form["split"] not in splits:
        raise DatasetError(f"{place}: split is {form['split']!r}; expected {', '.join(splits[:-1])} or {splits[-1]}")
    return form
