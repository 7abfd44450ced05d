"""The suites by name, what each of them needs, and a run of several for several linkers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from qa.errors import DatasetError
from qa.evaluation.linking.assertion import evaluate_assertion
from qa.evaluation.linking.corpora import evaluate_corpus
from qa.evaluation.linking.golds import Golds
from qa.evaluation.linking.hiding import HidingGraph, NamedGraph
from qa.evaluation.linking.lay_names import OpenFold, evaluate_lay_names, lay_names
from qa.evaluation.linking.lists import evaluate_phrases, read_phrases
from qa.evaluation.linking.notes import evaluate_notes, read_notes
from qa.evaluation.linking.plain_text import evaluate_plain_text, read_articles, read_paragraphs
from qa.evaluation.linking.report import Report
from qa.evaluation.linking.results import Result, sampled
from qa.evaluation.pubtator import read_pubtator
from qa.linker import Linker

T = TypeVar("T")
_SHOWN_AFTER = 2.0
"""Seconds after which a bar is shown."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the suites measure on.

    Attributes:
        graph: The graph that the linkers link to.
        data: The folder of published data sets, or None.
        lists: The folder of the project's own lists, or None.
        sample: How many items of each suite are taken, always the same ones; None, all.
        quiet: Show no progress on standard error.
    """

    graph: NamedGraph
    data: Path | None = None
    lists: Path | None = None
    sample: int | None = None
    quiet: bool = False

    @property
    def golds(self) -> Golds:
        """Resolves identifiers against the graph."""
        return Golds(self.graph)

    def watch(self, items: Iterable[T], title: str) -> Iterable[T]:
        """Pass items through, and show how far they are where it takes its time."""
        return tqdm(items, desc=title, delay=_SHOWN_AFTER, file=sys.stderr, disable=self.quiet, leave=False)

    def some(self, items: Sequence[T], name: Callable[[T], str]) -> list[T]:
        """Return the items that are taken."""
        return sampled(items, self.sample, name)


@dataclass(frozen=True, slots=True)
class Contender:
    """A linker that is measured.

    Attributes:
        open: Opens it over the whole graph.
        open_fold: Opens it for a fold of lay names; None, as over any other graph.
    """

    open: Callable[[NamedGraph], Linker]
    open_fold: OpenFold | None = None

    def without(self, fold: int, graph: HidingGraph) -> Linker:
        """Open it over the graph without the lay names of a fold."""
        return self.open(graph) if self.open_fold is None else self.open_fold(fold, graph)


Run = Callable[[Linker, Contender, Material, Path], Result]


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite.

    Attributes:
        name: What it is called on the command line.
        own: True where it reads one of the project's own lists, False where it reads a published data set.
        pattern: The file that it reads, below the folder of either.
        run: Measures a linker on that file.
        for_peers: False where it does not measure a linker, so that peers have no part in it.
    """

    name: str
    own: bool
    pattern: str
    run: Run
    for_peers: bool = True

    def file(self, material: Material) -> Path:
        """Return the file that the suite reads.

        Raises:
            DatasetError: It is not there, or no folder is given; the message says what is missing.
        """
        what, folder = ("lists", material.lists) if self.own else ("published data sets", material.data)
        if folder is None:
            raise DatasetError(f"the suite {self.name} needs {self.pattern}, and no folder of {what} is given")
        found = sorted(folder.glob(self.pattern))
        if not found:
            raise DatasetError(f"the suite {self.name} needs {self.pattern}, which is not in {folder}")
        return found[0]


def _corpus(name: str, linker: Linker, _: Contender, material: Material, path: Path) -> Result:
    documents = material.some(read_pubtator(path), lambda document: document.id)
    return evaluate_corpus(name, linker, documents, material.golds, material.watch)


def _phrases(name: str, best_of: bool, linker: Linker, _: Contender, material: Material, path: Path) -> Result:
    phrases = material.some(read_phrases(path), lambda phrase: f"{phrase.sentence} {phrase.text}")
    return evaluate_phrases(name, linker, phrases, material.golds, material.watch, best_of)


def _lay_names(_: Linker, contender: Contender, material: Material, path: Path) -> Result:
    graph = material.graph
    return evaluate_lay_names(contender.without, graph, lay_names(path, graph), material.watch, material.sample)


def _notes(linker: Linker, _: Contender, material: Material, path: Path) -> Result:
    return evaluate_notes(linker, material.some(read_notes(path), lambda note: note.id), material.golds, material.watch)


def _plain(name: str, read: Callable[[Path], list[str]], linker: Linker, _: Contender, material: Material, path: Path) -> Result:
    return evaluate_plain_text(name, linker, material.some(read(path), lambda text: text), material.watch)


def _assertion(_: Linker, __: Contender, ___: Material, path: Path) -> Result:
    return evaluate_assertion(path)


_SUITES = (
    Suite("bc5cdr", False, "nlp/bc5cdr/CDR_DevelopmentSet.PubTator.txt", partial(_corpus, "bc5cdr")),
    Suite("ncbi-disease", False, "nlp/ncbi_disease/NCBIdevelopset_corpus.txt", partial(_corpus, "ncbi-disease")),
    Suite("hpo-layperson", False, "kg/hpo_layperson/layperson-synonyms.tsv", _lay_names),
    Suite("lay-phrases", True, "lay_phrases.tsv", partial(_phrases, "lay-phrases", True)),
    Suite("misspelt", True, "misspelt.tsv", partial(_phrases, "misspelt", True)),
    Suite("ambiguous", True, "ambiguous.tsv", partial(_phrases, "ambiguous", False)),
    Suite("notes", True, "notes.jsonl", _notes),
    Suite("not-medical", True, "not_medical.txt", partial(_plain, "not-medical", read_paragraphs)),
    Suite("squad", False, "qa/squad/dev-v1.1*.json", partial(_plain, "squad", read_articles)),
    Suite("negex", False, "nlp/negex/negation_first_half.txt", _assertion, for_peers=False),
)
SUITES: Mapping[str, Suite] = {suite.name: suite for suite in _SUITES}
"""Every suite by its name, in the order in which they are run."""


def run(contenders: Mapping[str, Contender], material: Material, names: Collection[str] = ()) -> Report:
    """Run suites for one linker after the other.

    Args:
        contenders: The linkers by their names; ours first.
        material: What they are measured on.
        names: Suites; none, all for which there is data.

    Raises:
        DatasetError: A suite that is named lacks its data, or a file is not of its form.
        PeerError: A peer is not installed.
    """
    files: dict[str, Path] = {}
    skipped: dict[str, str] = {}
    for name, suite in SUITES.items():
        if names and name not in names:
            continue
        try:
            files[name] = suite.file(material)
        except DatasetError as error:
            if names:
                raise
            skipped[name] = str(error)
    results: dict[str, dict[str, Result]] = {}
    linkers = {name: contender.open(material.graph) for name, contender in contenders.items()}  # a peer that is missing is told of at once
    for number, (linker_name, linker) in enumerate(linkers.items()):
        results[linker_name] = {
            name: SUITES[name].run(linker, contenders[linker_name], material, file)
            for name, file in files.items()
            if number == 0 or SUITES[name].for_peers
        }
    return Report(results, skipped, material.sample)
