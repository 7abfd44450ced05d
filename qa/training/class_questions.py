"""Questions with their classes, made from the graph, from sentences of our own, from MedQuAD and from SQuAD."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import yaml
from tqdm import tqdm

from kg.model import Curie, Entity
from qa.errors import DatasetError
from qa.training.classes import FOCI, FORM, HEADS, RELATION, TYPE, ClassedQuestion
from qa.training.drafting import phrase
from qa.training.medquad import TypedQuestion, is_held_out_focus, read_medquad
from qa.training.questions import make_questions, quotas
from qa.training.squad import Article, read_squad
from qa.training.triples import HELD_OUT, TRAIN
from qa.training.wordings import LIST, UNANSWERABLE, Facts, ListedGraph, Wording, is_held_out, read_facts, read_wordings

SENTENCES = Path(__file__).with_name("classes.yaml")
NONE = "none"
NONE_SHARE = 0.15  # of the training questions: those that ask for nothing in the graph, from SQuAD as many as the sentences leave
MEDQUAD_SHARE = 0.28  # at most: two questions of MedQuAD's differ in the name alone, mostly
HELD_OUT_SHARE = 0.1  # of the training questions, for each split of them: the rarest classes need a few
_TEMPLATES, _ENTITIES = HELD_OUT
_PLACE = frozenset({"is a kind of", "kinds"})


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences of the same classes; its fields are those of classes.yaml, which explains them."""

    name: str
    classes: Mapping[str, str]
    about: frozenset[str]
    share: float
    train: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """classes.yaml, which explains its parts."""

    groups: tuple[Group, ...]
    relations: Mapping[str, str]
    types: Mapping[str, str]
    medical_articles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sources:
    """Files beside the graph; what is None is left out, and the graph gives the more."""

    medquad: Path | None = None
    squad: Path | None = None


def read_sentences(path: Path = SENTENCES) -> Sentences:
    """Read the sentences.

    Raises:
        DatasetError: The file is missing or not of its form.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        groups = tuple(_group(name, form) for name, form in content["groups"].items())
        return Sentences(groups, dict(content["relations"]), dict(content["types"]), frozenset(content["medical_articles"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        parts = "groups, relations, types and medical_articles"
        raise DatasetError(f"{path}: not readable ({error!r}); expected {parts}") from error


def _group(name: str, form: Mapping[str, list[str]]) -> Group:
    classes = {head: str(form[head]) for head in HEADS if head in form}
    about = frozenset(form.get("about", ()))
    return Group(name, classes, about, float(form["share"]), tuple(form["train"]), tuple(form["held_out"]))  # type: ignore[arg-type]


def relation_names(wordings: Sequence[Wording], sentences: Sentences) -> dict[tuple[str, str], str]:
    """Return the relation that each wording asks for, by its kind and name: the name of the list wording with the same labels.

    Raises:
        DatasetError: A wording's labels are those of no list wording, and the sentences name none for it.
    """
    listed = [wording for wording in wordings if wording.kind == LIST]
    names = {(kind, wording.name): wording.name for wording in listed for kind in (LIST, UNANSWERABLE)}
    for wording in wordings:
        if wording.kind == LIST:
            continue
        same = (other.name for other in listed if other.labels == wording.labels and other.answers == wording.answers)
        name = next(same, None) or sentences.relations.get(wording.name)
        if name is None or (LIST, name) not in names:
            raise DatasetError(f"{wording.kind} wording {wording.name!r}: no list wording has its labels; expected one under relations")
        names[wording.kind, wording.name] = name
    return names


def make_classes(graph: ListedGraph, sources: Sources, count: int, seed: int = 0) -> list[ClassedQuestion]:
    """Make about `count` training questions, and held-out ones: a tenth for each of wordings and names, and MedQuAD's tenth.

    Of questions that differ in case and punctuation alone one is kept; none that is trained on is held out as well, and none is made
    about an entity that has the name of a held-out focus of MedQuAD.

    Args:
        graph: What names and facts are taken from.
        sources: What else.
        count: Training questions.
        seed: Decides everything left to chance, the held-out entities included; the held-out foci and articles are always the same.

    Raises:
        DatasetError: A file is missing or not of its form.
    """
    sentences, facts = read_sentences(), read_facts(graph)
    typed = read_medquad(sources.medquad) if sources.medquad is not None else []
    apart = frozenset(q.focus.casefold() for q in typed if is_held_out_focus(q.focus))
    told = _Maker(facts, sentences, apart, seed)
    outside = [*_of_medquad(typed, round(MEDQUAD_SHARE * count), seed)]
    if sources.squad is not None:
        ours = sum(group.share for group in sentences.groups if group.classes.get(RELATION) == NONE)
        articles = [a for a in read_squad(sources.squad, lenient=True).articles if a.title not in sentences.medical_articles]
        outside += _of_squad(articles, round((NONE_SHARE - ours) * count), seed)
    made: list[ClassedQuestion] = []
    sizes = {TRAIN: count} | dict.fromkeys(HELD_OUT, round(HELD_OUT_SHARE * count))
    with tqdm(total=sum(sizes.values()), desc="questions", unit="question") as bar:
        for split, size in sizes.items():
            grouped = [*told.of_groups(split, size)]
            rest = size - len(grouped) - (sum(question.split == TRAIN for question in outside) if split == TRAIN else 0)
            for question in (*told.of_graph(split, max(0, rest)), *grouped):
                made.append(question)
                bar.update()
    return _distinct([*made, *outside])


class _Maker:
    """Makes questions from the graph's names and facts, but none about what is called as one of the names in `apart`."""

    def __init__(self, facts: Facts, sentences: Sentences, apart: frozenset[str], seed: int) -> None:
        self.facts, self.sentences, self.seed = facts, sentences, seed
        self.wordings = read_wordings()
        self.relations = relation_names(self.wordings, sentences)
        self.apart = frozenset(
            curie for curie, e in facts.entities.items() if any(name.casefold() in apart for name in (e.name, *e.synonyms))
        )

    def of_graph(self, split: str, size: int) -> Iterator[ClassedQuestion]:
        for task in make_questions(self.facts, self.wordings, split, size, self.seed):
            name, focus, _ = task.id.removeprefix(f"{split}/{task.kind}/").rsplit("/", 2)
            if Curie(focus) not in self.apart:
                relation = self.relations[task.kind, name]
                classes = {RELATION: relation, FORM: LIST if task.kind == UNANSWERABLE else task.kind}
                if relation in self.sentences.types:
                    classes[TYPE] = self.sentences.types[relation]
                yield ClassedQuestion(task.id, task.task.question, classes, split)

    def of_groups(self, split: str, size: int) -> Iterator[ClassedQuestion]:
        for group in self.sentences.groups:
            rng = random.Random(f"{self.seed} {split} {group.name}")
            number, names = round(group.share * size), self._names(group, split, rng)
            sentences = list(group.held_out if split == _TEMPLATES else group.train)
            if split == _ENTITIES:
                sentences = [sentence for sentence in sentences if "{x}" in sentence]
            seen: set[str] = set()
            for _, sentence in zip(range(4 * number), cycle(sentences), strict=False):
                x = next(names, None) if "{x}" in sentence else None
                if len(seen) == number or ("{x}" in sentence and x is None):
                    break
                text = phrase(sentence, x, None, rng)
                if _folded(text) not in seen:
                    seen.add(_folded(text))
                    place = x.curie if x is not None else "-"
                    yield ClassedQuestion(f"{split}/{group.name}/{place}/{len(seen)}", text, group.classes, split)

    def _names(self, group: Group, split: str, rng: random.Random) -> Iterator[Entity]:
        """Yield without end entities of which the graph tells more than their place, the categories as often as each other."""
        usable: dict[Curie, list[Entity]] = {}
        for curie, entity in self.facts.entities.items():
            fitting = entity.category in group.about and bool(self.facts.groups[curie].keys() - _PLACE) and curie not in self.apart
            if fitting and is_held_out(curie) == (split == _ENTITIES):
                usable.setdefault(entity.category, []).append(entity)
        for entities in usable.values():
            rng.shuffle(entities)
        turns = [cycle(usable[category]) for category in sorted(usable)]
        for turn in cycle(turns):
            yield next(turn)


def _of_medquad(questions: Sequence[TypedQuestion], size: int, seed: int) -> Iterator[ClassedQuestion]:
    """Yield those about held-out foci, and about `size` of the others, of frequent types fewer."""
    by_type: dict[str, list[TypedQuestion]] = {}
    for question in questions:
        if is_held_out_focus(question.focus):
            yield ClassedQuestion(question.id, question.text, {TYPE: question.type}, FOCI)
        else:
            by_type.setdefault(question.type, []).append(question)
    shared = quotas({name: len(group) for name, group in by_type.items()}, size)
    for name, group in by_type.items():
        for question in random.Random(f"{seed} medquad {name}").sample(group, min(len(group), shared[name])):
            yield ClassedQuestion(question.id, question.text, {TYPE: name}, TRAIN)


def _of_squad(articles: Iterable[Article], size: int, seed: int) -> Iterator[ClassedQuestion]:
    """Yield `size` questions for training, and of other articles a tenth of that."""
    sides: dict[str, list[tuple[str, str]]] = {TRAIN: [], FOCI: []}
    for article in articles:
        held = hashlib.sha256(article.title.encode()).digest()[0] % 10 == 0
        sides[FOCI if held else TRAIN] += [(q.id, q.text.strip()) for p in article.paragraphs for q in p.questions if q.text.strip()]
    for split, wanted in ((TRAIN, size), (FOCI, round(HELD_OUT_SHARE * size))):
        asked = sides[split]
        for number, text in random.Random(f"{seed} squad {split}").sample(asked, min(len(asked), max(0, wanted))):
            yield ClassedQuestion(f"squad/{number}", text, {RELATION: NONE, FORM: NONE}, split)


def _folded(text: str) -> str:
    return " ".join(text.casefold().rstrip("?.! ").split())


def _distinct(questions: Sequence[ClassedQuestion]) -> list[ClassedQuestion]:
    """Keep the first of questions that are the same but for case and punctuation; what is held out goes before what is trained on."""
    kept: dict[str, ClassedQuestion] = {}
    for question in sorted(questions, key=lambda question: question.split == TRAIN):
        kept.setdefault(_folded(question.question), question)
    chosen = {question.id for question in kept.values()}
    return [question for question in questions if question.id in chosen]
