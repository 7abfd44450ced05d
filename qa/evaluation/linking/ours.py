"""Our linker as it is measured: by names alone, or with its encoder."""

from __future__ import annotations

from pathlib import Path

from kg.build import Progress, no_progress
from qa.evaluation.linking.hiding import HidingGraph, NamedGraph
from qa.evaluation.linking.suites import Contender
from qa.linker import Linker
from qa.linking.meaning import MeaningIndex, names_by_meaning
from qa.linking.phrases import Meaning
from qa.loading import LazyEncoder, linker_model, open_linker, open_meaning

_FOLD = "fold-{}"


def by_names(graph: NamedGraph) -> Linker:
    """Open our linker without its encoder."""
    return open_linker(graph)


def contender(fast: bool = False, fold_models: Path | None = None, progress: Progress = no_progress) -> Contender:
    """Return our linker as it is measured.

    The encoder that ships has learnt from the lay names. Where the folds of these are measured it is therefore left out, unless there are
    encoders that have not: vectors of the names are then made anew, of what is left of the graph.

    Args:
        fast: By names alone.
        fold_models: Directory of an encoder that has seen no lay names, or of one for each fold, `fold-0` to `fold-4`, which has not seen
            those of its fold.
        progress: Told of the names that are embedded.
    """

    def whole(graph: NamedGraph) -> Linker:
        encoder = LazyEncoder(linker_model())
        return open_linker(graph, None, open_meaning(graph, encoder, progress), encoder)

    def fold(number: int, graph: HidingGraph) -> Linker:
        if fast or fold_models is None:
            return by_names(graph)
        own = fold_models / _FOLD.format(number)
        encoder = LazyEncoder(own if own.is_dir() else fold_models)
        index = MeaningIndex.build(names_by_meaning(graph, graph.entities()), encoder, progress)
        return open_linker(graph, None, Meaning(lambda: index, encoder, graph))

    return Contender(by_names if fast else whole, fold)
