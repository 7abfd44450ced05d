"""What it costs to open a graph: nothing that only building, exploring or serving needs."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from kg.collector import collector_paused
from kg.imports import Order, import_source
from kg.model import Source
from kg.sources.records import Options
from kg.sources.registry import recognise

_NOT_NEEDED = "curies filelock networkx pydantic rdflib scipy torch tqdm typer yaml"


def test_whoever_opens_a_graph_imports_nothing_that_only_building_or_exploring_needs() -> None:
    program = f"import sys; from kg import open_graph; print(sorted(sys.modules.keys() & set({_NOT_NEEDED.split()})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_collector_is_held_off_and_back_afterwards_even_when_the_work_fails() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError, match="work"), collector_paused():
        assert not gc.isenabled()
        raise ValueError("the work failed")
    assert gc.isenabled()


def test_the_collector_stays_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_an_import_skips_is_told_by_reason_in_the_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "gout.nt"
    path.write_text(
        '<http://purl.obolibrary.org/obo/DOID_13189> <http://www.w3.org/2000/01/rdf-schema#label> "gout" .\n'
        '<http://purl.obolibrary.org/obo/DOID_13189> <http://example.org/first> "a text" .\n'
        '<http://purl.obolibrary.org/obo/DOID_13189> <http://example.org/second> "another" .\n',
        encoding="utf-8",
    )
    order = Order(Source("example", "", "", ""), recognise(path), path, Options("example"))
    outcome = import_source(order, tmp_path / "snapshot", alone=True)
    assert outcome.share.skipped == {"statement of a text or number, which is no fact": 2}
