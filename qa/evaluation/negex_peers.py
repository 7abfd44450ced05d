"""Other implementations of NegEx and ConText, judged on the same rows where they are installed; none is a dependency.

medspaCy 1.3 needs spaCy before 3.8, so that peers are best measured in an environment of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from qa.assertion import Context
from qa.evaluation.negex import Judge, Row, evaluate_negex

_LABEL = "FINDING"


def _medspacy() -> Judge:
    """medspaCy's ConText with its own rules and its own sentences; "uncertain" is our "possible"."""
    medspacy = import_module("medspacy")
    nlp = medspacy.load(medspacy_enable=["medspacy_pyrush", "medspacy_context"])

    def judged(rows: Sequence[Row]) -> list[Context]:
        return [
            Context(said.is_negated, said.is_hypothetical, said.is_historical, said.is_family, said.is_uncertain)
            for said in (finding._ for finding in _findings(nlp, rows, ("medspacy_pyrush", "medspacy_context")))
        ]

    return judged


def _negspacy() -> Judge:
    """negspaCy's NegEx with its clinical terms; it knows negation only."""
    import_module("negspacy.negation")  # makes its component known to spaCy
    nlp = import_module("spacy").blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("negex", config={"ent_types": [_LABEL]})

    def judged(rows: Sequence[Row]) -> list[Context]:
        return [Context(negated=finding._.negex) for finding in _findings(nlp, rows, ("sentencizer", "negex"))]

    return judged


PEERS: Mapping[str, Callable[[], Judge]] = {"medspacy": _medspacy, "negspacy": _negspacy}
"""How each peer is loaded."""


def _findings(nlp: Any, rows: Sequence[Row], pipes: tuple[str, str]) -> Iterator[Any]:
    """Yield the condition of every row as a span of spaCy that went through two pipes, marked between them."""
    first, second = (nlp.get_pipe(name) for name in pipes)
    for row in rows:
        doc = first(nlp.make_doc(row.sentence))
        doc.ents = [doc.char_span(row.start, row.end, label=_LABEL, alignment_mode="expand")]
        yield second(doc).ents[0]


def evaluate_peers(path: Path) -> dict[str, Any]:
    """Return the figures of every peer as `evaluate_negex` gives them, or under `skipped` why there are none.

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    figures: dict[str, Any] = {}
    for name, load in PEERS.items():
        try:
            judge = load()
        except ImportError as error:
            figures[name] = {"skipped": f"{name} is not installed ({error})"}
            continue
        figures[name] = evaluate_negex(path, judge)
    return figures
