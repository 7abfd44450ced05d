"""What every package's tests share: a graph small enough to be read in a minute."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.build import build_snapshot
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import GraphData
from kg.shipped import data_digest, read_source
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


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Published ontologies and datasets, which are not part of the project: `$MEDKG_TEST_DATA`, or `shared/data` beside the checkout."""
    configured = os.environ.get("MEDKG_TEST_DATA")
    directory = Path(configured) if configured else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (directory / "kg").is_dir():
        pytest.skip("the published ontologies are not here: MEDKG_TEST_DATA names no directory that holds kg/")
    return directory
