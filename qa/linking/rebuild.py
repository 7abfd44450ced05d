"""`python -m qa.linking.rebuild`: embed the names of the shipped graph anew, after a change of its names or of the encoder."""

from __future__ import annotations

import sys

from kg.snapshot import open_graph
from qa.linking.meaning import MeaningIndex, graph_digest, names_by_meaning
from qa.loading import LazyEncoder, linker_model, shipped_meanings


def main() -> int:
    """Write data/models/meaning; its README stays."""
    graph = open_graph()
    names = list(names_by_meaning(graph, graph.entities()))

    def progress(what: str, done: int, total: int) -> None:
        print(f"\r{what}: {done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)

    index = MeaningIndex.build(names, LazyEncoder(linker_model()), progress)
    target = shipped_meanings()
    readme = (target / "README.md").read_bytes() if (target / "README.md").is_file() else None
    index.save(target, {"graph": graph_digest(graph.sources)})
    if readme is not None:
        (target / "README.md").write_bytes(readme)
    return 0


if __name__ == "__main__":
    sys.exit(main())
