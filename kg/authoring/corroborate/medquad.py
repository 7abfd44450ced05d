"""MedQuAD: pages of NIH and CDC, whose answers name findings, causes, remedies and tests."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from kg.authoring.corroborate.cues import topic_at
from kg.authoring.corroborate.focus import focus_names
from kg.authoring.corroborate.names import Names
from kg.authoring.corroborate.page_rules import PageRule, rules_for, said_before, said_otherwise
from kg.authoring.corroborate.statements import Statement
from kg.errors import DataError
from kg.model import Curie
from kg.sources.tsv import read_text

NAME = "MedQuAD"
_ONE_ANSWER = "MPlusHealthTopics"  # pages that have one answer for everything
# The names of those who wrote a page name conditions too: "National Institute of Neurological Disorders and Stroke".
_AUTHORS = re.compile(r"National Institutes? (?:of|on|for)(?:,? (?:and|of|the|[A-Z][\w'-]+))+")
# These answers list titles of other pages.
_LINKS = frozenset({("GHR", "treatment")})

_Named = dict[PageRule, set[Curie]]


def read(directory: Path, names: Names) -> Iterator[Statement]:
    """Yield what the pages say whose focus is a node: first where the fitting question is answered, then what else counts, both by path.

    Raises:
        DataError: There is no page, or one is no XML.
    """
    paths = sorted(directory.glob("*/*.xml"))
    if not paths:
        raise DataError(directory, None, "holds no page: expected folders with MedQuAD's XML files")
    others: list[Statement] = []
    for path in paths:
        try:
            root = ElementTree.fromstring(read_text(path))
        except ElementTree.ParseError as error:
            raise DataError(path, error.position[0], f"not XML: {error.msg}") from error
        focus = sorted({node for name in focus_names(root.findtext("Focus", "")) for node in names.of("", name)})
        url = re.sub(r"\s", "%20", root.get("url", "").strip())
        if focus and url:
            answered, elsewhere = _named(root, names)
            for node in focus:
                yield from (Statement(triple, url) for triple in _triples(node, answered))
                others += [Statement(triple, url) for triple in _triples(node, elsewhere)]
    yield from others


def _triples(focus: Curie, named: Mapping[PageRule, set[Curie]]) -> Iterator[tuple[Curie, Curie, Curie]]:
    for rule, found in named.items():
        for other in sorted(found - {focus}):
            yield (other, rule.predicate, focus) if rule.about_object else (focus, rule.predicate, other)


def _named(root: ElementTree.Element, names: Names) -> tuple[_Named, _Named]:
    """Return what a page names, by the rule that this satisfies: in the fitting answer, and elsewhere."""
    answered: _Named = defaultdict(set)
    elsewhere: _Named = defaultdict(set)
    source = root.get("source", "")
    for pair in root.iter("QAPair"):
        question, text = pair.find("Question"), _AUTHORS.sub("", pair.findtext("Answer", ""))
        kind = question.get("qtype", "") if question is not None else ""
        if (source, kind) in _LINKS:
            continue
        for mention in names.in_text(text):
            for rule in rules_for(names.entities[mention.curie].category, mention.denied):
                if said_otherwise(rule, text, mention.start):
                    continue
                if source == _ONE_ANSWER:
                    if said_before(rule, text, mention.start) or (rule.topic is not None and topic_at(text, mention.start) is rule.topic):
                        elsewhere[rule].add(mention.curie)
                elif kind in rule.questions:
                    answered[rule].add(mention.curie)
                elif kind in rule.elsewhere and said_before(rule, text, mention.start):
                    elsewhere[rule].add(mention.curie)
    return answered, elsewhere
