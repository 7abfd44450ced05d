"""What every package's tests share: a graph small enough to be read in a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.build import GraphData, build_snapshot
from kg.graph import SnapshotGraph, open_snapshot
from kg.snapshot import data_digest, read_source
from kg.sources.everyday import read_everyday


@pytest.fixture(scope="session")
def tiny_directory() -> Path:
    """The tiny graph in the hand-written form."""
    return Path(__file__).parent / "fixtures" / "tiny"


@pytest.fixture(scope="session")
def tiny_data(tiny_directory: Path) -> GraphData:
    entities, facts = read_everyday(tiny_directory)
    return GraphData(entities, facts, (read_source(tiny_directory),))


@pytest.fixture(scope="session")
def tiny_graph(tiny_directory: Path, tiny_data: GraphData, tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    """The tiny graph, opened; not to be damaged."""
    target = tmp_path_factory.mktemp("tiny") / "snapshot"
    build_snapshot(tiny_data, target, data_digest(tiny_directory))
    return open_snapshot(target)
