"""Command lines made from the options of a training."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_TYPES: dict[str, type] = {"Path": Path, "str": str, "int": int, "float": float}
_REQUIRED = ("base", "out")


class _Tuple(argparse.Action):
    """Keeps several values as a tuple; an option given twice adds to them."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        setattr(namespace, self.dest, (*getattr(namespace, self.dest), *values))


def options_parser(defaults: Any, program: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with an option for each attribute of a dataclass of options, of which `base` and `out` must be given.

    Args:
        defaults: The options with their default values.
        program: What the program is called in its help.
        description: What it does.
    """
    found = argparse.ArgumentParser(prog=program, description=description)
    for name, kind in type(defaults).__annotations__.items():
        option = "--" + name.replace("_", "-")
        if kind == "bool":
            found.add_argument(option, action="store_true")
            continue
        if kind.startswith("tuple["):
            of = _TYPES[kind.removeprefix("tuple[").split(",")[0]]
            found.add_argument(option, type=of, nargs="+", action=_Tuple, default=getattr(defaults, name), metavar=name.upper())
            continue
        required = name in _REQUIRED
        default = None if required else getattr(defaults, name)
        found.add_argument(option, type=_TYPES[kind.split(" ")[0]], default=default, required=required)
    return found
