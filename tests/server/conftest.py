from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.build import Progress, no_progress
from kg.graph import SnapshotGraph
from qa.linker import Linker, NameLinker
from qa.pipeline import Pipeline
from qa.reader import ReadingTask
from qa.runtimes import SHIPPED, ReaderChoice
from qa.safety import SafetyTable
from server.service import Factories, Service

COMMON = frozenset(["what", "are", "the", "symptom", "of", "how", "do", "is", "it", "and", "with", "help", "for", "treat", "have"])


class SureReader:
    """Takes every slot for an answer."""

    def read(self, tasks: Sequence[ReadingTask]) -> list[tuple[float, ...]]:
        return [(0.9,) * len(task.slots) for task in tasks]


@pytest.fixture(scope="session")
def service(tiny_graph: SnapshotGraph) -> Service:
    linker = NameLinker(tiny_graph, COMMON)
    return Service(Pipeline(tiny_graph, linker, SafetyTable.load(), SureReader()), linker)


@pytest.fixture(scope="session")
def factories(service: Service) -> Factories:
    def open_service(
        snapshot: Path | None = None,
        choice: ReaderChoice = SHIPPED,
        with_reader: bool = True,
        progress: Progress = no_progress,
        endpoint: str | None = None,
    ) -> Service:
        return service

    def open_linker(
        snapshot: Path | None = None,
        model: Path | None = None,
        fast: bool = False,
        progress: Progress = no_progress,
        endpoint: str | None = None,
    ) -> Linker:
        return service.linker

    return Factories(service=open_service, linker=open_linker)
