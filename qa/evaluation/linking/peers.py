"""Other linkers over the names of our graph, so that algorithms are compared and not dictionaries. They come with the extra `peers`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

from kg.model import Entity
from qa.errors import PeerError
from qa.evaluation.linking.hiding import NamedGraph
from qa.linker import Linker
from qa.model import Candidate, Mention

_PREFIXES = ("MONDO", "HP", "CHEBI", "medkg")
"""Of several entities under one name, peers prefer those first here: illnesses to the signs that an ontology of signs has of them."""


def _place(entity: Entity) -> int:
    return _PREFIXES.index(entity.curie.prefix) if entity.curie.prefix in _PREFIXES else len(_PREFIXES)


def _names(graph: NamedGraph) -> Iterator[tuple[Entity, str, bool]]:
    """Yield every name of every entity, and whether it is the one that the graph shows."""
    for entity in graph.entities():
        yield entity, entity.name, True
        for name in entity.synonyms:
            yield entity, name, False


class _Peer:
    """What both peers share."""

    def knows(self, word: str) -> bool:
        """Say that every word is as it should be: these peers correct none."""
        return True


class GildaLinker(_Peer):
    """gilda (Gyori et al. 2022, "Gilda: biomedical entity text normalization with machine-learned disambiguation as a service").

    Its grounder is made of our names. Its models of disambiguation know other identifiers, and are left out.

    Raises:
        PeerError: gilda is not installed.
    """

    def __init__(self, graph: NamedGraph) -> None:
        process, term = _module("gilda.process", "gilda"), _module("gilda.term", "gilda")
        self._ner = _module("gilda.ner", "gilda")
        self._entities: dict[str, Entity] = {}
        terms = []
        for entity, name, preferred in _names(graph):
            self._entities[entity.curie] = entity
            folded = process.normalize(name)
            if folded.strip():
                status = "name" if preferred else "synonym"
                terms.append(term.Term(folded, name, entity.curie.prefix, entity.curie.local, entity.name, status, "graph"))
        self._grounder = _module("gilda.grounder", "gilda").Grounder(terms, namespace_priority=list(_PREFIXES))
        # Else they are fetched from the network at the first text.
        self._grounder.adeft_disambiguators, self._grounder.gilda_disambiguators = {}, {}

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text."""
        found = self._ner.annotate(text, grounder=self._grounder)
        return [self._mention(text, one.start, one.end, one.matches) for one in found]

    def link_span(self, text: str, start: int, end: int) -> Mention | None:
        """Return what the characters of a text from `start` to `end` mean, or None."""
        matches = self._grounder.ground(text[start:end], context=text)
        return self._mention(text, start, end, matches) if matches else None

    def _mention(self, text: str, start: int, end: int, matches: Any) -> Mention:
        ranked = [
            Candidate(self._entities[f"{match.term.db}:{match.term.id}"], float(match.score), f"matches {match.term.text!r}")
            for match in matches
        ]
        return _mention(text, start, end, ranked)


class PhraseMatcherLinker(_Peer):
    """spaCy's `PhraseMatcher` over a blank English pipeline: every name as it is written, whatever its case, the longest first.

    Of several entities under one name, the one that the graph shows it for is taken, then by the prefix of the identifier and the rest of
    it; spaCy's stop words by themselves are no names.

    Raises:
        PeerError: spaCy is not installed.
    """

    def __init__(self, graph: NamedGraph) -> None:
        self._english = _module("spacy", "spacy").blank("en")
        self._filter = _module("spacy.util", "spacy").filter_spans
        self._matcher = _module("spacy.matcher", "spacy").PhraseMatcher(self._english.vocab, attr="LOWER")
        self._bearers: defaultdict[str, dict[str, tuple[bool, Entity]]] = defaultdict(dict)
        names = []
        stop_words = self._english.Defaults.stop_words
        for entity, name, preferred in _names(graph):
            doc = self._english.make_doc(name)
            spelt = _spelt(doc)
            if spelt not in stop_words:
                self._bearers[spelt].setdefault(entity.curie, (preferred, entity))
                names.append(doc)
        self._matcher.add("name", names)

    def link(self, text: str) -> list[Mention]:
        """Return the mentions in the order of the text."""
        doc = self._english.make_doc(text)
        return [self._mention(text, span) for span in self._filter(self._matcher(doc, as_spans=True))]

    def _mention(self, text: str, span: Any) -> Mention:
        bearers = self._bearers[_spelt(span)].values()
        ranked = sorted(bearers, key=lambda bearer: (not bearer[0], _place(bearer[1]), bearer[1].curie))
        candidates = [Candidate(entity, 1.0 if preferred else 0.95, "bears the name") for preferred, entity in ranked]
        return _mention(text, span.start_char, span.end_char, candidates)


def _spelt(tokens: Any) -> str:
    return " ".join(token.lower_ for token in tokens)


def _mention(text: str, start: int, end: int, ranked: Sequence[Candidate]) -> Mention:
    return Mention(start, end, text[start:end], ranked[0].entity, ranked[0].score, candidates=tuple(ranked[:5]))


def _module(name: str, package: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise PeerError(f"the peer needs {package}, which is not installed ({error}); `pip install 'medkg-qa[peers]'` brings it") from error


PEERS: Mapping[str, Callable[[NamedGraph], Linker]] = MappingProxyType({"gilda": GildaLinker, "phrasematcher": PhraseMatcherLinker})
"""How each peer is opened, by its name."""
