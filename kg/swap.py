"""Puts one directory in the place of another in a single step, so that there is never none."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

_HERE = -100
_LINUX_EXCHANGE, _MACOS_SWAP = 2, 2


def put_in_place(built: Path, target: Path) -> None:
    """Put `built` where `target` is, and remove what was there.

    The system exchanges the two at once where it can. Where it cannot, the old one steps aside first, to `<built>.old`, and comes back if
    the new one cannot take its place; `restore` brings it back where the process was killed in between.

    Raises:
        OSError: The place cannot be written.
    """
    # A link that points nowhere does not exist, and a directory cannot take its place.
    if not (target.is_symlink() or target.exists()):
        os.replace(built, target)
    elif _exchange(built, target):
        discard(built)
    else:
        _replace(built, target)


def _replace(built: Path, target: Path) -> None:
    aside = built.with_name(built.name + ".old")
    os.replace(target, aside)
    try:
        os.replace(built, target)
    except BaseException:
        os.replace(aside, target)
        raise
    discard(aside)


def restore(target: Path, prefix: str) -> None:
    """Bring back what stepped aside for a directory that never took its place, and remove all else that builds left behind.

    Args:
        target: Where it belongs.
        prefix: What the names of built directories begin with, beside it.
    """
    left = sorted(path for path in target.parent.iterdir() if path.name.startswith(prefix))
    if not (target.is_symlink() or target.exists()):
        for path in left:
            if path.name.endswith(".old"):
                os.replace(path, target)
                break
    for path in left:
        discard(path)


def identity(path: Path) -> tuple[int, int] | None:
    """Tell one directory from another that was put in its place; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def discard(path: Path) -> None:
    """Remove a directory, a file or a link, if it is there and can be removed."""
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where this system or file system cannot."""
    paths = os.fsencode(one), os.fsencode(other)
    try:
        system = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(system.renamex_np(*paths, _MACOS_SWAP) == 0)
        return bool(system.renameat2(_HERE, paths[0], _HERE, paths[1], _LINUX_EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):  # Windows; a C library that lacks it
        return False
