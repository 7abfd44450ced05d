"""How long a snapshot takes to open in a fresh process, until the first neighbours of an entity are there.

    python -m benchmarks.open [--snapshot DIRECTORY] [--entity MONDO:0005393] [--repeat 15]

Without a directory it is the shipped graph's, which is built first where need be and whose data is checked for changes at every opening.
Beside it stand a bare start of Python, one that imports numpy, and pyoxigraph alone on the same store: opened read-only and asked for
the same neighbours and their names. Every run is a process of its own, the four take turns, and all files are in the system's cache, as
they are after the first run. Prints medians: of the whole process as seen from outside and of the processor for it, of its imports, of
opening, of the neighbours, and the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import machine

_PROLOGUE = """
import sys, time
marks = [time.perf_counter()]
"""
_IMPORTS = {
    "python alone": "",
    "python and numpy": "import numpy",
    "pyoxigraph alone": "import pyoxigraph",
    "ours": "from pathlib import Path\nfrom kg import Direction, open_graph",
}
_OPENS = {
    "pyoxigraph alone": "store = pyoxigraph.Store.read_only(sys.argv[1] + '/store')",
    "ours": "graph = open_graph(Path(sys.argv[1]) if sys.argv[3] else None)",
}
_ASKS = {
    "pyoxigraph alone": """
query = '''SELECT ?neighbour ?name {
    { GRAPH ?out { <%(iri)s> ?p ?neighbour } } UNION { GRAPH ?in { ?neighbour ?q <%(iri)s> } FILTER(?q NOT IN
        (<https://w3id.org/biolink/vocab/subject>, <https://w3id.org/biolink/vocab/object>)) }
    ?neighbour <http://www.w3.org/2000/01/rdf-schema#label> ?name }''' % {"iri": sys.argv[2]}
found = [(row["neighbour"].value, row["name"].value) for row in store.query(query)]
""",
    "ours": """
found = [(end, graph.entity(end).name) for way in Direction for fact in graph.facts(sys.argv[2], way) for end in [fact.end(way)]]
""",
}
_EPILOGUE = """
import json, resource
print(json.dumps({"marks": marks, "found": len(found), "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""
_MARK = "\nmarks.append(time.perf_counter())\n"


def main() -> int:
    """Run the benchmark and print its table."""
    options = _parser().parse_args()
    about = _about(options.snapshot, options.entity)
    if not about["facts"]:
        print(f"{options.entity} has no neighbours in {about['path']}: name another with --entity", file=sys.stderr)
        return 1
    runs: dict[str, list[Mapping[str, float]]] = {name: [] for name in _IMPORTS}
    for _ in range(options.repeat + 1):
        for name, found in runs.items():
            found.append(_run(name, about, options))
    print(machine())
    print(f"{about['path']}: {about['entities']:,} entities, {about['all']:,} facts; {options.entity} stands in {about['facts']} of them")
    _print({name: found[1:] for name, found in runs.items()})  # the first round brings the files into the cache
    return 0


def _about(snapshot: Path | None, entity: str) -> dict[str, str | int]:
    """Ask a process of its own, so that this one stays small; the shipped graph is built by it where it is not."""
    code = """
import json, sys
from pathlib import Path
from kg import open_graph
from kg.identifiers import iri
graph = open_graph(Path(sys.argv[1]) if sys.argv[1] else None)
print(json.dumps({"path": str(graph.path), "iri": iri(sys.argv[2]), "entities": len(graph), "all": graph.manifest["facts"],
                  "facts": graph.degree(sys.argv[2])}))
"""
    done = subprocess.run([sys.executable, "-c", code, str(snapshot or ""), entity], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _run(name: str, about: Mapping[str, str | int], options: argparse.Namespace) -> Mapping[str, float]:
    parts = (_IMPORTS[name], _OPENS.get(name, ""), _ASKS.get(name, "found = []"))
    code = _PROLOGUE + "".join(part + _MARK for part in parts) + _EPILOGUE
    entity = options.entity if name == "ours" else about["iri"]
    command = [sys.executable, "-c", code, str(about["path"]), str(entity), str(options.snapshot or "")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    started, busy = time.perf_counter(), _processor()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    whole, busy = time.perf_counter() - started, _processor() - busy
    said = json.loads(done.stdout)
    start, imported, opened, asked = said["marks"]
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {
        "whole": whole,
        "processor": busy,
        "imports": imported - start,
        "opening": opened - imported,
        "neighbours": asked - opened,
        "open and ask": asked - imported,
        "megabytes": said["rss"] / unit,
        "found": said["found"],
    }


def _processor() -> float:
    """Return the seconds of processor of all processes that this one has started and seen end."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _print(runs: Mapping[str, list[Mapping[str, float]]]) -> None:
    columns = ("whole", "processor", "imports", "opening", "neighbours")
    print(f"{'median milliseconds':<20}" + "".join(f"{column:>12}" for column in columns) + f"{'peak MB':>12}{'found':>8}")
    middle = {name: {key: statistics.median(run[key] for run in found) for key in found[0]} for name, found in runs.items()}
    for name, row in middle.items():
        cells = "".join(f"{1000 * row[column]:>12.1f}" for column in columns)
        print(f"{name:<20}{cells}{row['megabytes']:>12.0f}{row['found']:>8.0f}")
    ours, bare, empty = middle["ours"], middle["pyoxigraph alone"], middle["python alone"]
    asked = ours["open and ask"] / bare["open and ask"]
    print(f"ours to pyoxigraph alone: opening and asking {asked:.2f} times the seconds; {_ratio(ours, bare)}")
    print(f"ours to python alone: {_ratio(ours, empty)}")


def _ratio(one: Mapping[str, float], other: Mapping[str, float]) -> str:
    busy, memory = one["processor"] / other["processor"], one["megabytes"] / other["megabytes"]
    return f"the whole process {busy:.1f} times the processor's, the peak of memory {memory:.1f} times"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.open", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshot", type=Path, help="the snapshot's directory; the shipped graph's where none is named")
    parser.add_argument("--entity", default="MONDO:0005393", help="whose neighbours are asked for; gout, if not named")
    parser.add_argument("--repeat", type=int, default=15, help="processes a side, of which the median counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
