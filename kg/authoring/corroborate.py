"""Compares the facts of the everyday layer with independent sources, and records which of them say the same.

Run as `python -m kg.authoring.corroborate EVERYDAY_DIR --data DIR [--write]`.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from kg.errors import DataError, KgError
from kg.model import Curie, Entity, Fact
from kg.names import key, words
from kg.sources.everyday import SUPPORT_COLUMNS, read_everyday
from kg.sources.tsv import read_text, rows, write_rows
from kg.vocabulary import CAUSES, DIAGNOSES, HAS_COMPLICATION, HAS_PHENOTYPE, PREDISPOSES, PREVENTS, TREATS

# Each dataset at the date of the commit that was read.
_PHARMACOTHERAPYDB, _HETIONET, _DISEASE_ONTOLOGY = "PharmacotherapyDB:2016-03-15", "Hetionet:2017-09-22", "DiseaseOntology:2026-08-19"
_PAGES_A_FACT = 2
_INFORMATION = "information"

Triple = tuple[Curie, Curie, Curie]


@dataclass(frozen=True, slots=True)
class PageRule:
    """When a page about a condition supports a fact of it.

    Attributes:
        questions: The types of question whose answers may name the finding.
        cues: Beginnings of folded words, one of which stands near the finding where a page of general information names it.
        about_object: True where the condition is the object of the fact ("ibuprofen treats fever"), false where it is the subject.
    """

    questions: frozenset[str]
    cues: tuple[str, ...]
    about_object: bool = True


PAGE_RULES: Mapping[Curie, PageRule] = {
    HAS_PHENOTYPE: PageRule(frozenset({"symptoms"}), ("symptom", "sign", "feel"), about_object=False),
    HAS_COMPLICATION: PageRule(frozenset({"complications"}), ("complication", "lead", "problem", "risk", "damage"), about_object=False),
    TREATS: PageRule(frozenset({"treatment"}), ("treat", "medicine", "relieve", "help", "control", "drug")),
    CAUSES: PageRule(frozenset({"causes"}), ("cause", "because", "due", "result")),
    PREDISPOSES: PageRule(frozenset({"susceptibility", "causes"}), ("risk", "likely", "common")),
    DIAGNOSES: PageRule(frozenset({"exams and tests"}), ("test", "diagnose", "exam", "check")),
    PREVENTS: PageRule(frozenset({"prevention"}), ("prevent", "avoid", "lower", "reduce", "protect", "vaccine")),
}

_NEGATIONS = frozenset({"no", "not", "never", "without", "nor", "neither", "cannot", "don't", "doesn't", "isn't", "aren't", "avoid"})
_NEGATION_REACH = 3  # words before the finding, within its sentence
_CUE_REACH = (40, 10)  # words before the finding, and after its first word
_DOUBT_REACH = 120  # characters before the finding
_BREAK = re.compile(r"[.;:!?]")
_COMPOUND = re.compile(r"-[^\W\d_]")  # "iron-rich" does not name iron
_DOUBT = re.compile(r"not (?:been )?(?:known|clear|proven|shown)|unknown", re.IGNORECASE)
_FOCUS_FRAME = re.compile(r"^What I need to know about |\s*\([^)]*\)$")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that says which findings its answers name.

    Attributes:
        url: Its public address.
        named: The entities named, by question type.
        cued: The words that stand near an entity in general information, folded.
    """

    url: str
    named: Mapping[str, frozenset[Curie]]
    cued: Mapping[Curie, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the sources say of the facts.

    Attributes:
        support: The identifiers and addresses that say the same as a fact, the most specific first.
        contradicted: The identifier that says the opposite of a fact, affirmed or denied, by `Fact.key`.
    """

    support: dict[Triple, list[str]] = field(default_factory=dict)
    contradicted: dict[tuple[str, str, str, bool], str] = field(default_factory=dict)


class Names:
    """Finds the nodes that a source means: by its identifiers, by a name, or in running text."""

    def __init__(self, nodes: Iterable[Entity]) -> None:
        self._by_xref: dict[str, set[Curie]] = defaultdict(set)
        self._by_name: dict[str, set[Curie]] = defaultdict(set)
        self._spelling: dict[str, str] = {}
        for node in nodes:
            for xref in (node.curie, *node.xrefs):
                self._by_xref[xref].add(node.curie)
            for name in (node.name, *node.synonyms):
                self._by_name[key(name)].add(node.curie)
                # "AIDS" is no "aids": an abbreviation counts only as it is written.
                if name.isupper() and len(name) <= 5 and name.isalnum():
                    self._spelling[key(name)] = name
        self._longest = max((name.count(" ") + 1 for name in self._by_name), default=0)

    def of(self, xref: str, name: str = "") -> frozenset[Curie]:
        """Return the nodes with this cross-reference or, where there is none, this name."""
        return frozenset(self._by_xref.get(xref, set()) or self._by_name.get(key(name), set()))

    def in_text(self, text: str) -> Iterator[tuple[Curie, frozenset[str]]]:
        """Yield each node that a text names, the longest name at each place, with the folded words around it; not if negated or doubted.

        No name runs across the end of a sentence or a colon.
        """
        found = list(words(text))
        at = 0
        while at < len(found):
            length = self._longest_name(text, found, at)
            if length and not _negated(text, found, at):
                near = frozenset(word for word, _, _ in found[max(0, at - _CUE_REACH[0]) : at + _CUE_REACH[1]])
                for curie in self._by_name[_joined(found, at, length)]:
                    yield curie, near
            at += length or 1

    def _longest_name(self, text: str, found: Sequence[tuple[str, int, int]], at: int) -> int:
        for length in range(min(self._longest, len(found) - at), 0, -1):
            name = _joined(found, at, length)
            if name in self._by_name:
                start, end = found[at][1], found[at + length - 1][2]
                written = self._spelling.get(name)
                if not _BREAK.search(text, start, end) and not _COMPOUND.match(text, end) and written in (None, text[start:end]):
                    return length
        return 0


def _joined(found: Sequence[tuple[str, int, int]], at: int, length: int) -> str:
    return " ".join(word for word, _, _ in found[at : at + length])


def _negated(text: str, found: Sequence[tuple[str, int, int]], at: int) -> bool:
    """Tell whether a negation stands right before a word, in its sentence, or a doubt shortly before it."""
    if _DOUBT.search(text, max(0, found[at][1] - _DOUBT_REACH), found[at][1]):
        return True
    before = found[max(0, at - _NEGATION_REACH) : at]
    return any(word.replace("’", "'") in _NEGATIONS and not _BREAK.search(text, end, found[at][1]) for word, _, end in before)


def read_indications(path: Path, names: Names) -> Iterator[tuple[Triple, str, bool]]:
    """Yield the indications of PharmacotherapyDB: the fact, its identifier, and false where it was reviewed as no indication."""
    for _, row in rows(path, ("doid_id", "drugbank_id", "disease", "drug", "category")):
        cited = f"{_PHARMACOTHERAPYDB}/{row['doid_id']}/{row['drugbank_id']}"
        for drug in names.of(f"DRUGBANK:{row['drugbank_id']}", row["drug"]):
            for disease in names.of(row["doid_id"], row["disease"]):
                yield (drug, TREATS, disease), cited, row["category"] != "NOT"


def read_hetionet(directory: Path, names: Names) -> Iterator[tuple[Triple, str]]:
    """Yield the symptoms (DpS) and treatments (CtD, CpD) of Hetionet, each with the node ids of its edge.

    Raises:
        DataError: A file cannot be read, or an edge is not of the form source, kind, target.
    """
    labels = {row["id"]: row["name"] for _, row in rows(directory / "nodes.tsv", ("id", "name"))}
    prefixes = {"Disease": "", "Symptom": "MESH:", "Compound": "DRUGBANK:"}
    for source, edge, target in _edges(directory / "edges-5k.sif.gz"):
        if edge in ("DpS", "CtD", "CpD"):
            (kind, _, one), (other_kind, _, other) = source.partition("::"), target.partition("::")
            for subject in names.of(prefixes.get(kind, "") + one, labels.get(source, "")):
                for obj in names.of(prefixes.get(other_kind, "") + other, labels.get(target, "")):
                    yield (subject, HAS_PHENOTYPE if edge == "DpS" else TREATS, obj), f"{_HETIONET}/{one}/{edge}/{other}"


def _edges(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                cells = line.rstrip("\n").split("\t")
                if len(cells) != 3:
                    raise DataError(path, number, f"{len(cells)} tab-separated cells: expected source, kind of edge and target")
                yield cells[0], cells[1], cells[2]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(path, None, f"cannot be read: {error}") from error


def read_symptom_axioms(path: Path, names: Names) -> Iterator[tuple[Triple, str]]:
    """Yield the symptoms that the Disease Ontology gives its classes."""
    for _, row in rows(path, ("ID", "LABEL", "SubClass Of [ANON]")):
        for axiom in row["SubClass Of [ANON]"].split("|"):
            relation, some, symptom = axiom.partition(" some ")
            if some and relation == "'has symptom'":
                for disease in names.of(row["ID"], row["LABEL"]):
                    for sign in names.of("", symptom.strip("'()")):
                        yield (disease, HAS_PHENOTYPE, sign), f"{_DISEASE_ONTOLOGY}/{row['ID']}/has_symptom"


def read_pages(directory: Path, names: Names) -> dict[Curie, list[Page]]:
    """Read the MedQuAD pages whose focus is a node, by that node, in the order of their paths.

    Raises:
        DataError: There is no page, or one is no XML.
    """
    pages: dict[Curie, list[Page]] = defaultdict(list)
    paths = sorted(directory.glob("*/*.xml"))
    if not paths:
        raise DataError(directory, None, "holds no page: expected folders with MedQuAD's XML files")
    for path in paths:
        try:
            root = ElementTree.fromstring(read_text(path))
        except ElementTree.ParseError as error:
            raise DataError(path, error.position[0], f"not XML: {error.msg}") from error
        focus = names.of("", _FOCUS_FRAME.sub("", root.findtext("Focus", "").strip()))
        url = root.get("url", "").strip().replace(" ", "%20")
        if focus and url:
            page = _page(root, url, names)
            for curie in sorted(focus):
                pages[curie].append(page)
    return pages


def _page(root: ElementTree.Element, url: str, names: Names) -> Page:
    named: dict[str, set[Curie]] = defaultdict(set)
    cued: dict[Curie, set[str]] = defaultdict(set)
    general = root.get("source") == "MPlusHealthTopics"
    for pair in root.iter("QAPair"):
        question = pair.find("Question")
        kind = question.get("qtype", "") if question is not None else ""
        if kind == _INFORMATION and not general:
            continue
        for curie, near in names.in_text(pair.findtext("Answer", "")):
            named[kind].add(curie)
            if kind == _INFORMATION:
                cued[curie].update(near)
    return Page(url, {k: frozenset(v) for k, v in named.items()}, {k: frozenset(v) for k, v in cued.items()})


def page_addresses(fact: Fact, pages: Mapping[Curie, Sequence[Page]]) -> list[str]:
    """Return the addresses of the pages that support a fact, at most two: those that answer the fitting question first."""
    rule = PAGE_RULES.get(fact.predicate)
    if rule is None:
        return []
    condition, finding = (fact.object, fact.subject) if rule.about_object else (fact.subject, fact.object)
    about = pages.get(condition, ())
    fitting = [page.url for page in about if any(finding in page.named.get(kind, ()) for kind in rule.questions)]
    general = [page.url for page in about if any(word.startswith(rule.cues) for word in page.cued.get(finding, ()))]
    return list(dict.fromkeys(fitting + general))[:_PAGES_A_FACT]


def corroborate(facts: Iterable[Fact], nodes: Iterable[Entity], data: Path) -> Findings:
    """Compare facts with the sources below a directory.

    Args:
        facts: The facts, affirmed and denied.
        nodes: The nodes that they speak of.
        data: The directory that holds `kg/` and `qa/medquad`.
    """
    names = Names(nodes)
    cited: dict[Triple, list[str]] = defaultdict(list)
    denied: dict[Triple, str] = {}
    for triple, identifier, affirmed in read_indications(data / "kg/pharmacotherapydb/indications.tsv", names):
        if affirmed:
            cited[triple].append(identifier)
        else:
            denied[triple] = identifier
    reviewed = {triple: identifiers[0] for triple, identifiers in cited.items()}
    for triple, identifier in read_hetionet(data / "kg/hetionet", names):
        if triple not in reviewed:  # Hetionet took its treatments from PharmacotherapyDB: one source is not cited as two
            cited[triple].append(identifier)
    for triple, identifier in read_symptom_axioms(data / "kg/disease_ontology/DO-subClassOf-anonymous.tsv", names):
        cited[triple].append(identifier)
    pages = read_pages(data / "qa/medquad", names)
    findings = Findings()
    for fact in facts:
        triple = (fact.subject, fact.predicate, fact.object)
        opposite = (reviewed if fact.negated else denied).get(triple)
        if opposite is not None:
            findings.contradicted[fact.key] = opposite
        elif not fact.negated and (identifiers := list(dict.fromkeys([*cited.get(triple, ()), *page_addresses(fact, pages)]))):
            findings.support[triple] = identifiers
    return findings


def table(facts: Iterable[Fact], findings: Findings) -> Iterator[str]:
    """Yield a Markdown table, a row a predicate: its affirmed facts, those supported, their share, and those contradicted.

    A denied fact counts only where it is contradicted.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for fact in facts:
        for name in (fact.predicate, "all"):
            counts[name]["facts"] += not fact.negated
            counts[name]["supported"] += not fact.negated and (fact.subject, fact.predicate, fact.object) in findings.support
            counts[name]["contradicted"] += fact.key in findings.contradicted
    yield "| predicate | facts | supported | share | contradicted |"
    yield "|---|---:|---:|---:|---:|"
    for name in sorted(counts, key=lambda name: (name == "all", name)):
        c = counts[name]
        yield f"| {name} | {c['facts']} | {c['supported']} | {c['supported'] / max(1, c['facts']):.1%} | {c['contradicted']} |"


def write_support(path: Path, findings: Findings) -> None:
    """Write `support.tsv`, in the order of its triples."""
    write_rows(path, SUPPORT_COLUMNS, ((*triple, " ".join(cited)) for triple, cited in sorted(findings.support.items())))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and each contradiction, write `support.tsv` if asked; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m kg.authoring.corroborate", description=__doc__)
    parser.add_argument("everyday", type=Path, metavar="EVERYDAY_DIR")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="directory that holds kg/ and qa/medquad")
    parser.add_argument("--write", action="store_true", help="write support.tsv into EVERYDAY_DIR")
    options = parser.parse_args(arguments)
    try:
        nodes, facts = read_everyday(options.everyday)
        findings = corroborate(facts, nodes, options.data)
        if options.write:
            write_support(options.everyday / "support.tsv", findings)
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    name = {node.curie: node.name for node in nodes}
    for (subject, predicate, obj, negated), identifier in findings.contradicted.items():
        verb = f"{'NOT ' if negated else ''}{predicate}"
        print(f"contradicted: {name[Curie(subject)]} {verb} {name[Curie(obj)]} ({identifier})")
    print("\n".join(table(facts, findings)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
