"""Reads delimited text one row at a time, compressed or not: with a header or without, quoted or not."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from kg.errors import DataError
from kg.sources.files import lines

Row = tuple[int, Sequence[str]]
"""A row's line, counted from 1, and its cells."""


def cells(path: Path, numbered: Iterable[tuple[int, str]], count: int) -> Iterator[Row]:
    """Yield the cells of tab-separated lines, in which quotation marks mean nothing.

    Args:
        path: The file, for the errors.
        numbered: Its lines; one that is empty is passed over.
        count: How many cells a line has.

    Raises:
        DataError: A line has another number of cells.
    """
    for line, text in numbered:
        if not text:
            continue
        found = text.split("\t")
        if len(found) != count:
            raise DataError(path, line, f"{len(found)} tab-separated cells where {count} are expected")
        yield line, found


def table(path: Path, columns: Sequence[str], numbered: Iterable[tuple[int, str]] | None = None) -> Iterator[Row]:
    """Yield the rows of a tab-separated file with a header, in which quotation marks mean nothing.

    Args:
        path: The file.
        columns: The columns that are wanted, two at least; the cells come in their order.
        numbered: Its lines from the header on, where the first ones have been read; those of the whole file where None.

    Raises:
        DataError: The file cannot be read, its header lacks a column, or a row has another number of cells than the header.
    """
    rest = iter(numbered if numbered is not None else lines(path))
    line, text = next(rest, (1, ""))
    header = text.split("\t")
    pick = itemgetter(*_places(path, line, header, columns))
    for number, found in cells(path, rest, len(header)):
        yield number, pick(found)


def quoted_table(
    path: Path, columns: Sequence[str], numbered: Iterable[tuple[int, str]] | None = None, delimiter: str = "\t"
) -> Iterator[Row]:
    """Yield the rows of a delimited file with a header, in which a cell may stand in quotation marks; blanks around a cell are dropped.

    Args:
        path: The file.
        columns: The columns that are wanted; the cells come in their order.
        numbered: Its lines from the header on, where the first ones have been read; those of the whole file where None.
        delimiter: What stands between two cells.

    Raises:
        DataError: The file cannot be read, its header lacks a column or has one twice, a row has another number of cells than the header,
            or a quotation mark is not closed.
    """
    rest = iter(numbered if numbered is not None else lines(path))
    first, text = next(rest, (1, ""))
    reader = csv.reader(_with_ends([(first, text)], rest), delimiter=delimiter, strict=True)
    number = first
    try:
        header = [cell.strip() for cell in next(reader, [])]
        places = _places(path, first, header, columns)
        for found in reader:
            number = first + reader.line_num - 1
            if not found:
                continue
            if len(found) != len(header):
                raise DataError(path, number, f"{len(found)} cells where the header has {len(header)}")
            yield number, [found[place].strip() for place in places]
    except csv.Error as error:
        raise DataError(path, number + 1, f"is no delimited text: {error}; is a quotation mark not closed?") from error


def _with_ends(*parts: Iterable[tuple[int, str]]) -> Iterator[str]:
    # A cell in quotation marks may hold line breaks, which `lines` takes off.
    for part in parts:
        for _, text in part:
            yield text + "\n"


def _places(path: Path, line: int, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    if missing := [name for name in columns if name not in header]:
        raise DataError(path, line, f"the header lacks {', '.join(missing)}: expected the columns {', '.join(columns)}")
    if twice := [name for name in columns if header.count(name) > 1]:
        raise DataError(path, line, f"the header names {twice[0]} twice")
    return [header.index(name) for name in columns]
