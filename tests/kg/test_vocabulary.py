"""The vocabulary and its documentation agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.identifiers import iri
from kg.sources.relations import RELATION_KEYS
from kg.vocabulary import CATEGORIES, PREDICATES, QUALIFIER_VALUES

DOCS = (Path(__file__).parents[2] / "docs" / "vocabulary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*CATEGORIES, *PREDICATES, *RELATION_KEYS, *QUALIFIER_VALUES])
def test_vocabulary_page_lists_every_word(word: str) -> None:
    assert f"`{word}`" in DOCS


def test_every_relation_key_names_a_known_predicate() -> None:
    assert {relation.predicate for relation in RELATION_KEYS.values()} <= set(PREDICATES)


def test_every_word_expands_to_an_iri() -> None:
    assert all(iri(word) for word in [*CATEGORIES, *PREDICATES])
