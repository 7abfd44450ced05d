"""Reads and writes the text files of every source: UTF-8, tab-separated where they are tables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kg.errors import DataError


def read_text(path: Path) -> str:
    """Return a file's text, without a byte order mark.

    Raises:
        DataError: The file cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(path, None, f"cannot be read: {error.strerror or error}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"not UTF-8 text: byte 0x{content[error.start]:02x} cannot be read; expected a file saved as UTF-8"
        raise DataError(path, line, problem) from error


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a tab-separated file with their line numbers, counted from 1; cells lose the blanks around them.

    Args:
        path: The file; its first line names the columns. There is no quoting: a cell holds neither tabs nor line breaks.
        columns: The columns that must be there; others are given as well.

    Raises:
        DataError: The file cannot be read, its header lacks a column or has one twice, or a row has another number of cells.
    """
    # Not splitlines(): that would break a cell at characters which are no line breaks here.
    header_line, *lines = read_text(path).removesuffix("\n").split("\n")
    header = _cells(header_line)
    if missing := [name for name in columns if name not in header]:
        raise DataError(path, 1, f"the header lacks {', '.join(missing)}; expected the tab-separated columns {', '.join(columns)}")
    if len(set(header)) != len(header):
        raise DataError(path, 1, "the header names a column twice")
    for number, line in enumerate(lines, start=2):
        cells = _cells(line)
        if len(cells) != len(header):
            raise DataError(path, number, f"{len(cells)} tab-separated cells where the header has {len(header)}")
        yield number, dict(zip(header, cells, strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.removesuffix("\r").split("\t")]


def split(cell: str) -> tuple[str, ...]:
    """Return the values of a cell that may hold several.

    >>> split("flu | influenza")
    ('flu', 'influenza')
    """
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def write_rows(path: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Write a tab-separated file: to a temporary sibling first, renamed when it is whole.

    Raises:
        DataError: The file cannot be written, or a cell holds what a cell cannot hold.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8", newline="\n") as handle:
            for number, cells in enumerate((columns, *lines), start=1):
                handle.write("\t".join(_checked(cell, path, number) for cell in cells) + "\n")
        os.replace(temporary, path)
    except OSError as error:
        raise DataError(path, None, f"cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _checked(cell: str, path: Path, line: int) -> str:
    if cell != cell.strip() or any(c in "\t\n\r" or "\ud800" <= c <= "\udfff" for c in cell):
        raise DataError(path, line, f"cannot be written: {cell[:80]!r} has tabs, line breaks, lone surrogates or blanks at an end")
    return cell
