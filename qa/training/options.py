"""Command lines made from the options of a training."""

from __future__ import annotations

import argparse
import inspect
import re
from pathlib import Path
from typing import Any

_TYPES: dict[str, type] = {"Path": Path, "str": str, "int": int, "float": float}
_REQUIRED = ("base", "out")


class _Tuple(argparse.Action):
    """Keeps several values as a tuple; an option given twice adds to them."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        setattr(namespace, self.dest, (*getattr(namespace, self.dest), *values))


def options_parser(defaults: Any, program: str, description: str, *others: type) -> argparse.ArgumentParser:
    """Return a parser with an option for each attribute of a dataclass of options, of which `base` and `out` must be given.

    An option's help is what the docstring of its class says of it.

    Args:
        defaults: The options with their default values.
        program: What the program is called in its help.
        description: What it does.
        others: Classes whose docstrings describe what the options' own refers to them.
    """
    found = argparse.ArgumentParser(prog=program, description=description)
    told = {name: text for kind in (*others, type(defaults)) for name, text in described(kind).items() if not text.startswith("As in ")}
    for name, kind in type(defaults).__annotations__.items():
        option = "--" + name.replace("_", "-")
        default = getattr(defaults, name)
        text = told.get(name, "").replace("%", "%%")
        if kind != "bool" and default not in (None, (), "") and name not in _REQUIRED:
            text += f" [default: {default}]"
        if kind == "bool":
            found.add_argument(option, action="store_true", help=text)
            continue
        if kind.startswith("tuple["):
            of = _TYPES[kind.removeprefix("tuple[").split(",")[0]]
            found.add_argument(option, type=of, nargs="+", action=_Tuple, default=default, metavar=name.upper(), help=text)
            continue
        required = name in _REQUIRED
        found.add_argument(option, type=_TYPES[kind.split(" ")[0]], default=None if required else default, required=required, help=text)
    return found


def described(kind: type) -> dict[str, str]:
    """Return what the docstring of a class says of each of its attributes; names that share a description each have it.

    >>> described(type("T", (), {"__doc__": "T.\\n\\n    Attributes:\\n        a, b: One\\n            thing.\\n        c: Two.\\n    "}))
    {'a': 'One thing.', 'b': 'One thing.', 'c': 'Two.'}
    """
    section = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")[2]
    found: dict[str, str] = {}
    for entry in re.finditer(r"^    (\w[\w, ]*): (.*(?:\n {8}.*)*)", section, re.MULTILINE):
        text = " ".join(entry[2].split())
        found |= dict.fromkeys(re.split(r", *", entry[1]), text)
    return found
