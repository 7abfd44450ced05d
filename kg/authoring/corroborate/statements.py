"""What every source yields: statements, each a triple of nodes with the identifier under which the source makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kg.authoring.corroborate.names import Names
from kg.model import Curie

Triple = tuple[Curie, Curie, Curie]


class Statement(NamedTuple):
    """What a source says of two nodes.

    Attributes:
        triple: Subject, predicate and object.
        identifier: Where it stands: the source with its release, then the ids as they stand there, without blanks; or an address.
        affirmed: False where the source says that it is not so.
    """

    triple: Triple
    identifier: str
    affirmed: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """An independent source.

    Attributes:
        name: What it is called in the report; the beginning of its identifiers, unless these are addresses.
        read: Yields its statements about the nodes that a finder knows, those to be cited first before the others.
        citable: False where its licence forbids to write down what it says of single facts: it is then only counted.
        follows: The name of a source from which it took statements, which are therefore not cited as a second source.
        text: True for running text, whose mention of a thing is no reason to doubt a fact that is denied.
    """

    name: str
    read: Callable[[Names], Iterator[Statement]]
    citable: bool = True
    follows: str = ""
    text: bool = False
