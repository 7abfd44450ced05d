"""MedQuAD's questions about inheritance: the mode is read off the answer's text, the triples are the graph's.

Ben Abacha, Demner-Fushman, 2019, "A question-entailment approach to question answering". The mode does not come from the graph, so
that what the triples add to the text, or take away from it, can be measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from tqdm import tqdm

from kg.graph import Graph
from kg.model import Entity
from kg.vocabulary import DISEASE, HAS_INHERITANCE
from qa.errors import DatasetError
from qa.model import Form, Intent
from qa.reader import ReadingTask
from qa.retrieval import retrieve
from qa.training.combined_bioasq import bounded
from qa.training.combined_data import HELD_OUT, CombinedTask
from qa.training.squad import Answer

MEDQUAD = "medquad"
MAX_WORDS, MAX_GROUP = 100, 8
_SHORTEST_SYNONYM = 8  # characters

# What the graph calls a mode, by what texts call it.
_MODES = {
    core: re.compile(
        rf"\b(?:{core})(?P<tail> (?:pattern of inheritance|inheritance pattern|pattern|manner of inheritance|manner|fashion|inheritance))",
        re.IGNORECASE,
    )
    for core in ("autosomal dominant", "autosomal recessive", "X-linked dominant", "X-linked recessive", "mitochondrial")
}
# The mode is one among others, or only that of some families.
_UNCLEAR = re.compile(r"not inherited|sporadic|X-linked (?:pattern|manner|fashion)|Y-linked|multifactorial|codominant", re.IGNORECASE)


def medquad_tasks(directory: Path, graph: Graph) -> Iterator[CombinedTask]:
    """Yield the questions about inheritance of which the text names one mode, and nothing against it, and of which the graph has the focus.

    The passage is the answer's text; answers are the mode alone ("autosomal recessive") and with the words that follow it ("autosomal
    recessive pattern"). A slot answers where the graph says the same mode of the focus.

    Args:
        directory: Of MedQuAD, with a folder for each source.
        graph: Where the triples come from. See `focus_in` for how foci are found.

    Raises:
        DatasetError: There is no such question, or a file is no XML.
    """
    files = sorted(directory.glob("*/*.xml"))
    if not files:
        raise DatasetError(f"{directory}: holds no folder with XML files; expected MedQuAD's")
    for path in tqdm(files, desc="MedQuAD", unit="file"):
        try:
            root = ET.parse(path).getroot()
        except (OSError, ET.ParseError) as error:
            raise DatasetError(f"{path}: not readable as XML ({error}); expected a document of MedQuAD") from error
        for pair in root.iter("QAPair"):
            question, text = pair.find("Question"), (pair.findtext("Answer") or "").strip()
            if question is None or question.get("qtype") != "inheritance" or not question.text:
                continue
            mode, focus = mode_of(text), focus_in(root, graph)
            if mode is not None and focus is not None:
                name = f"{MEDQUAD}/{HELD_OUT}/inheritance/{path.parent.name}/{question.get('qid')}"
                yield _task(name, question.text.strip(), text, mode, focus, graph)


def mode_of(text: str) -> str | None:
    """Return the one mode of inheritance that a text names, or None.

    >>> mode_of("This condition is inherited in an autosomal recessive pattern.")
    'autosomal recessive'
    >>> mode_of("Most cases are not inherited; others follow an autosomal dominant pattern.") is None
    True
    """
    named = [mode for mode, pattern in _MODES.items() if pattern.search(text)]
    return named[0] if len(named) == 1 and not _UNCLEAR.search(text) else None


def focus_in(root: ET.Element, graph: Graph) -> Entity | None:
    """Return the condition that a document is about: by its name, else by its one UMLS identifier, else by a synonym.

    Of several identifiers some stand for what the condition is a kind of; short synonyms stand for much else.
    """
    identifiers = [(cui.text or "").strip() for cui in root.iter("CUI")]
    synonyms = [(element.text or "").strip() for element in root.iter("Synonym")]
    names = (root.findtext("Focus") or "").strip(), *(name for name in synonyms if len(name) >= _SHORTEST_SYNONYM)
    if (entity := _named(names[0], graph)) is not None:
        return entity
    if len(identifiers) == 1 and (alias := graph.alias(f"UMLS:{identifiers[0]}")) is not None and alias.curie is not None:
        entity = graph.entity(alias.curie)
        if entity is not None and entity.category == DISEASE:
            return entity
    return next((entity for name in names[1:] if (entity := _named(name, graph)) is not None), None)


def _named(name: str, graph: Graph) -> Entity | None:
    return next((naming.entity for naming in graph.named(name) if naming.entity.category == DISEASE), None)


def _task(name: str, question: str, text: str, mode: str, focus: Entity, graph: Graph) -> CombinedTask:
    match = _MODES[mode].search(text)
    assert match is not None
    core = text[match.start() : match.start("tail")]
    answers = (Answer(core, match.start()), Answer(match.group(), match.start()))
    context = bounded(retrieve(graph, [focus], Intent(Form.LIST, {})), MAX_WORDS, MAX_GROUP)
    same = f"{mode} inheritance".casefold()
    labels = tuple(int(e.fact.predicate == HAS_INHERITANCE and e.target.name.casefold() == same) for e in context.evidence)
    task = ReadingTask(context.text, question, context.slots, text)
    return CombinedTask(name, task, labels, answers, "inheritance", HELD_OUT)
