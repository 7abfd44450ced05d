"""BioASQ's factoid questions with their snippets as passages, and triples around what the questions name.

Tsatsaronis et al., 2015, "An overview of the BIOASQ large-scale biomedical semantic indexing and question answering competition".
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from kg.graph import Graph
from kg.model import Entity
from qa.context import Context, build_context, group_label
from qa.evaluation.squad import normalise
from qa.intent import read_intent
from qa.linker import NameLinker
from qa.model import Evidence, Form, Intent
from qa.reader import ReadingTask
from qa.retrieval import retrieve
from qa.training.combined_data import HELD_OUT, TRAIN, CombinedTask
from qa.training.squad import Answer, Article, read_squad

BIOASQ = "bioasq"
POSITIVE, NEGATIVE, ELSEWHERE = "positive", "negative", "elsewhere"
HELD_OUT_EDITION = "10B"
MAX_WORDS, MAX_GROUP = 80, 8  # of evidence, and of triples of a group
_POSITIVES, _NEGATIVES = 4, 1  # snippets of a question

Look = Callable[[str], list[Evidence]]


@dataclass(slots=True)
class Asked:
    """A question, its snippets with their answers, and every text that answers it."""

    id: str
    text: str
    golds: frozenset[str]
    snippets: list[tuple[str, tuple[Answer, ...]]]


def bioasq_tasks(path: Path, look: Look, seed: int) -> Iterator[CombinedTask]:
    """Yield the tasks of a file in SQuAD's form whose articles are named after BioASQ's test sets; those of 10B are held out.

    A question gives up to four snippets that answer it, one of its own that does not ("negative": no answer's text is in it), and one
    of another question ("elsewhere"). In training, every other task has no evidence, and one whose question leads to no triple has those
    of another question.

    Args:
        path: The file.
        look: Returns the triples that bear on a question, the most fitting first.
        seed: Of every choice.

    Raises:
        DatasetError: The file is missing or not of SQuAD's form.
    """
    squad = read_squad(path)
    for article in tqdm(squad.articles, desc="BioASQ", unit="test set"):
        split = HELD_OUT if article.title.upper().startswith(HELD_OUT_EDITION) else TRAIN
        rng = random.Random(f"{seed} {article.title}")
        asked = _questions(article)
        seen = {question.id: look(question.text) for question in asked}
        usable = [found for found in seen.values() if found]
        for number, question in enumerate(asked):
            found = seen[question.id]
            if not found and split == TRAIN and usable:
                found = rng.choice(usable)
            others = [a for a in asked if a is not question]
            for kind, n, (passage, answers) in _pairs(question, others, rng):
                empty = split == TRAIN and (number + n) % 2
                context = bounded(() if empty else found)
                labels = tuple(int(_is_gold(e.target, question.golds)) for e in context.evidence)
                task = ReadingTask(context.text, question.text, context.slots, passage)
                yield CombinedTask(f"{BIOASQ}/{split}/{kind}/{question.id}/{n}", task, labels, answers, kind, split)


def looker(graph: Graph, linker: NameLinker) -> Look:
    """Return what looks up the triples that bear on a question, by the entities that it names.

    Where the relation that its words name leads nowhere, all that stands around its entities is taken, one after the other.
    """

    def look(question: str) -> list[Evidence]:
        linked = (mention.entity for mention in linker.link(question))
        entities = list(dict.fromkeys(entity for entity in linked if entity is not None))
        found = retrieve(graph, entities, read_intent(question, len(entities)))
        return found or [e for entity in entities for e in retrieve(graph, [entity], Intent(Form.LIST, {}))]

    return look


def bounded(evidence: Sequence[Evidence], words: int = MAX_WORDS, most: int = MAX_GROUP) -> Context:
    """Write some triples of each group, those that come first, groups in the order given; where there is room for few, of all groups.

    Args:
        evidence: Triples, the most fitting first.
        words: Words of headings and names at the most.
        most: Triples of a group at the most.
    """
    groups: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for item in evidence:
        groups[item.focus.curie, group_label(item)].append(item)
    kept: dict[tuple[str, str], list[Evidence]] = {key: [] for key in groups}
    left = words
    for number in range(most):
        for key, group in groups.items():
            if number < len(group):
                heading = 0 if number else len(f"{group[0].focus.name} {key[1]}".split())
                cost = heading + len(group[number].target.name.split())
                if cost <= left and len(kept[key]) == number:
                    left -= cost
                    kept[key].append(group[number])
    return build_context(chain.from_iterable(kept.values()))


def _questions(article: Article) -> list[Asked]:
    found: dict[str, Asked] = {}
    for paragraph in article.paragraphs:
        for question in paragraph.questions:
            stem = question.id.rpartition("_")[0]
            asked = found.setdefault(stem, Asked(stem, question.text, frozenset(), []))
            asked.golds |= {normalise(answer.text) for answer in question.answers}
            if all(text != paragraph.passage for text, _ in asked.snippets):
                asked.snippets.append((paragraph.passage, _whole(paragraph.passage, question.answers)))
    return list(found.values())


def _whole(passage: str, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Move each answer to where it stands as words of its own ("Xia" is not in "Milvexian"); leave out those that nowhere do."""
    places = ((a.text, re.search(rf"(?<!\w){re.escape(a.text)}(?!\w)", passage, re.IGNORECASE)) for a in answers)
    moved = (Answer(match.group(), match.start()) for _, match in places if match is not None)
    return tuple(dict.fromkeys(moved))


def _pairs(question: Asked, others: Sequence[Asked], rng: random.Random) -> Iterator[tuple[str, int, tuple[str, tuple[Answer, ...]]]]:
    positives = [snippet for snippet in question.snippets if snippet[1]]
    negatives = [snippet for snippet in question.snippets if not snippet[1] and not _names(snippet[0], question.golds)]
    rng.shuffle(positives)
    rng.shuffle(negatives)
    yield from ((POSITIVE, n, snippet) for n, snippet in enumerate(positives[:_POSITIVES]))
    if not positives:
        return  # what answers is written nowhere as it is known: what does not answer cannot be told, either
    yield from ((NEGATIVE, n, snippet) for n, snippet in enumerate(negatives[:_NEGATIVES]))
    elsewhere = [text for other in others for text, _ in other.snippets if not _names(text, question.golds)]
    if elsewhere:
        yield ELSEWHERE, 0, (rng.choice(elsewhere), ())


def _names(passage: str, golds: frozenset[str]) -> bool:
    text = f" {normalise(passage)} "
    return any(f" {gold} " in text for gold in golds)


def _is_gold(entity: Entity, golds: frozenset[str]) -> bool:
    return any(normalise(name) in golds for name in (entity.name, *entity.synonyms))
