"""What the tests of the questions share: the tiny graph, linked and asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import ENGLISH
from two_sources import build_wide

from kg.graph import SnapshotGraph
from qa.linker import NameLinker
from qa.pipeline import Pipeline
from qa.safety import SafetyTable


@pytest.fixture(scope="session")
def linker(tiny_graph: SnapshotGraph) -> NameLinker:
    return NameLinker(tiny_graph, ENGLISH)


@pytest.fixture(scope="session")
def wide_graph(tiny_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    """The tiny graph with an imported source beside it."""
    return build_wide(tiny_directory, tmp_path_factory.mktemp("wide") / "snapshot")


@pytest.fixture(scope="session")
def wide_linker(wide_graph: SnapshotGraph) -> NameLinker:
    return NameLinker(wide_graph, ENGLISH)


@pytest.fixture(scope="session")
def wide_pipeline(wide_graph: SnapshotGraph, wide_linker: NameLinker, safety: SafetyTable) -> Pipeline:
    """The pipeline without a reader, over two sources."""
    return Pipeline(wide_graph, wide_linker, safety, None)


@pytest.fixture(scope="session")
def safety() -> SafetyTable:
    return SafetyTable.load()


@pytest.fixture(scope="session")
def pipeline(tiny_graph: SnapshotGraph, linker: NameLinker, safety: SafetyTable) -> Pipeline:
    """The pipeline without a reader: keywords and graph alone."""
    return Pipeline(tiny_graph, linker, safety, None)
