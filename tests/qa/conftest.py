"""What the tests of the questions share: the tiny graph, linked and asked."""

from __future__ import annotations

import pytest
from fakes import ENGLISH

from kg.graph import SnapshotGraph
from qa.linker import NameLinker
from qa.pipeline import Pipeline
from qa.safety import SafetyTable


@pytest.fixture(scope="session")
def linker(tiny_graph: SnapshotGraph) -> NameLinker:
    return NameLinker(tiny_graph, ENGLISH)


@pytest.fixture(scope="session")
def safety() -> SafetyTable:
    return SafetyTable.load()


@pytest.fixture(scope="session")
def pipeline(tiny_graph: SnapshotGraph, linker: NameLinker, safety: SafetyTable) -> Pipeline:
    """The pipeline without a reader: keywords and graph alone."""
    return Pipeline(tiny_graph, linker, safety, None)
