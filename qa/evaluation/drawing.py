"""What the pictures share: a figure that needs no display, and writing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import DatasetError, ExtraError

if TYPE_CHECKING:
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure

SUFFIXES = (".svg", ".png")
INK, FAINT, BLUE, ORANGE = "#1a202c", "#cbd5e0", "#2b6cb0", "#c05621"
_DOTS = 150  # an inch of a PNG


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches.

    Raises:
        ExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise ExtraError.of("a picture", "matplotlib", "evaluate") from error
    return Figure(figsize=(width, height), layout="constrained")


def power_scale(gamma: float) -> PowerNorm:
    """Return a scale of colours from 0 to 1 that spreads small values the wider the smaller `gamma` is; matplotlib has to be there."""
    from matplotlib.colors import PowerNorm  # noqa: PLC0415 - of an extra

    return PowerNorm(gamma, 0, 1)


def check_picture(path: Path) -> None:
    """Refuse a place for a picture before anything is measured.

    Raises:
        DatasetError: It has no suffix of `SUFFIXES`, or no directory.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DatasetError(f"{path}: a picture with the suffix {path.suffix!r}; expected {' or '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise DatasetError(f"{path.parent} is no directory; expected one to write {path.name} into")


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG or PNG, by the suffix, whole or not at all; the same figure gives the same file.

    Raises:
        DatasetError: The path is refused by `check_picture`.
    """
    from matplotlib import rc_context  # noqa: PLC0415 - of an extra

    check_picture(path)
    kind = path.suffix.lower()[1:]
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with rc_context({"svg.hashsalt": "medkg"}):  # names within the file are random otherwise
            metadata = {"Date": None} if kind == "svg" else None
            figure.savefig(partial, format=kind, dpi=_DOTS, facecolor="white", bbox_inches="tight", pad_inches=0.15, metadata=metadata)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
