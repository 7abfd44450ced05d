"""Tests of the measuring of the linker: every figure is worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree

import pytest
from linking_fakes import build_graph, entity

from kg.build import build_snapshot
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import GraphData
from kg.model import Alias, AliasKind, Curie, Fact
from kg.vocabulary import DISEASE as DISEASE_ENTITY
from kg.vocabulary import SUBCLASS_OF
from qa.errors import DatasetError, PeerError
from qa.evaluation.linking.corpora import KindCounts, evaluate_corpus, linked_at
from qa.evaluation.linking.golds import Golds, kind_of
from qa.evaluation.linking.hiding import HidingGraph, NamedGraph
from qa.evaluation.linking.lay_names import evaluate_lay_names, lay_names
from qa.evaluation.linking.lists import Phrase, evaluate_phrases, read_phrases
from qa.evaluation.linking.notes import evaluate_notes, read_notes
from qa.evaluation.linking.ours import contender
from qa.evaluation.linking.peers import PEERS
from qa.evaluation.linking.picture import picture
from qa.evaluation.linking.plain_text import evaluate_plain_text, read_articles
from qa.evaluation.linking.report import Report
from qa.evaluation.linking.results import Detection, Share, covering, detect, sampled
from qa.evaluation.linking.suites import Contender, Material, run
from qa.evaluation.pubtator import CHEMICAL, DISEASE, Annotation, Document
from qa.model import Assertion, Candidate, Kind, Mention

T = TypeVar("T")
GOUT, FLU, MEASLES, FEVER = "MONDO:0005393", "MONDO:0005812", "MONDO:0004619", "HP:0001945"
IBUPROFEN, NAPROXEN, WARFARIN, KNEE_PAIN = "CHEBI:5855", "CHEBI:7476", "CHEBI:10033", "HP:0030839"


@pytest.fixture(scope="module")
def graph(tiny_data: GraphData, tmp_path_factory: pytest.TempPathFactory) -> SnapshotGraph:
    """The tiny graph, with the cross-references of its entities as identifiers that stand for them."""
    aliases = {xref: Alias(entity.curie, AliasKind.SAME) for entity in tiny_data.entities for xref in entity.xrefs}
    target = tmp_path_factory.mktemp("known") / "snapshot"
    build_snapshot(replace(tiny_data, aliases=aliases), target, "test")
    return open_snapshot(target)


class ScriptedLinker:
    """Finds phrases in a text and takes each for what it was told, best first; a kind stands for an unlinked mention of it."""

    def __init__(self, graph: NamedGraph, phrases: dict[str, list[str] | Kind], negated: Iterable[str] = ()) -> None:
        self._graph, self._phrases, self._negated = graph, phrases, set(negated)

    def link(self, text: str) -> list[Mention]:
        found = [self._mention(text, phrase, meant) for phrase, meant in self._phrases.items() if phrase in text]
        return sorted(found, key=lambda mention: mention.start)

    def _mention(self, text: str, phrase: str, meant: list[str] | Kind) -> Mention:
        start, end = text.index(phrase), text.index(phrase) + len(phrase)
        if isinstance(meant, Kind):
            return Mention(start, end, phrase, None, 0.0, kind=meant)
        entities = [entity for entity in map(self._graph.entity, meant) if entity is not None]
        candidates = tuple(Candidate(entity, 0.9, "told so") for entity in entities)
        assertion = Assertion.NEGATED if phrase in self._negated else Assertion.PRESENT
        return Mention(start, end, phrase, entities[0], 0.9, assertion, candidates)

    def knows(self, word: str) -> bool:
        return True


class Dictionary(ScriptedLinker):
    """Knows a text that is a name of the graph, and nothing else."""

    def __init__(self, graph: NamedGraph) -> None:
        super().__init__(graph, {})

    def link(self, text: str) -> list[Mention]:
        return [Mention(0, len(text), text, naming.entity, 1.0) for naming in self._graph.named(text)[:1]]


def watch(items: Iterable[T], title: str) -> Iterable[T]:
    return items


def document(text: str, *marks: tuple[str, str, tuple[str, ...]]) -> Document:
    annotations = (Annotation(text.index(t), text.index(t) + len(t), t, kind, identifiers) for t, kind, identifiers in marks)
    return Document("1", text, tuple(annotations))


def counts(linker: ScriptedLinker, graph: SnapshotGraph, doc: Document) -> dict[str, KindCounts]:
    return {kind.kind: kind for kind in evaluate_corpus("corpus", linker, [doc], Golds(graph), watch).kinds}


@pytest.fixture
def abstract() -> Document:
    return document(
        "Gout and knee pain after ibuprofen; warfarin was stopped in lupus.",
        ("Gout", DISEASE, ("DOID:13189",)),
        ("knee pain", DISEASE, ("MESH:D1",)),
        ("ibuprofen", CHEMICAL, ("RXCUI:5640",)),
        ("warfarin", CHEMICAL, (WARFARIN,)),
        ("lupus", DISEASE, ()),
    )


@pytest.fixture
def scripted(graph: SnapshotGraph) -> ScriptedLinker:
    return ScriptedLinker(
        graph, {"Gout": [GOUT], "pain": [KNEE_PAIN], "ibuprofen": [NAPROXEN, IBUPROFEN], "stopped": [MEASLES], "lupus": Kind.CHEMICAL}
    )


def test_spans_are_compared_by_their_ends_or_by_any_character() -> None:
    predicted, gold = [(0, 4), (10, 20), (30, 31)], [(0, 4), (15, 18), (18, 25), (50, 60)]
    assert detect(predicted, gold, exact=True) == Detection(right=1, predicted=3, found=1, gold=4)
    loose = detect(predicted, gold, exact=False)
    assert loose == Detection(right=2, predicted=3, found=3, gold=4)
    assert (loose.precision, loose.recall) == (pytest.approx(200 / 3), 75)
    assert loose.f1 == pytest.approx(2 * (200 / 3) * 75 / (200 / 3 + 75))
    assert Detection(0, 0, 0, 0).f1 == 0


def test_mentions_are_counted_by_kind_strictly_and_by_overlap(scripted: ScriptedLinker, graph: SnapshotGraph, abstract: Document) -> None:
    found = counts(scripted, graph, abstract)
    assert found[DISEASE].strict == Detection(right=1, predicted=3, found=1, gold=3)
    assert found[DISEASE].loose == Detection(right=2, predicted=3, found=2, gold=3)
    # "lupus" is unlinked and said to be a chemical.
    assert found[CHEMICAL].strict == Detection(right=1, predicted=2, found=1, gold=2)


def test_entities_are_judged_where_the_graph_knows_the_gold_one(scripted: ScriptedLinker, graph: SnapshotGraph, abstract: Document) -> None:
    found = counts(scripted, graph, abstract)
    disease, chemical = found[DISEASE], found[CHEMICAL]
    assert (disease.in_graph, disease.in_graph_ids) == (Share(1, 2), Share(1, 2))  # lupus has no identifier
    assert (disease.exact, disease.overlapping, disease.given) == (Share(1, 1), Share(1, 1), Share(1, 1))
    assert chemical.in_graph == Share(2, 2)
    assert (chemical.exact, chemical.overlapping) == (Share(0, 1), Share(0, 1))
    assert (chemical.given, chemical.given_five) == (Share(0, 2), Share(1, 2))


def test_a_composite_mention_is_right_with_one_of_its_meanings(graph: SnapshotGraph) -> None:
    doc = document("flu or measles", ("flu or measles", DISEASE, ("MESH:D9", "DOID:8469")))
    assert counts(ScriptedLinker(graph, {"flu": [FLU]}), graph, doc)[DISEASE].overlapping == Share(1, 1)
    assert counts(ScriptedLinker(graph, {"flu": [MEASLES]}), graph, doc)[DISEASE].overlapping == Share(0, 1)


def test_a_namesake_of_the_right_entity_is_counted_apart(graph: SnapshotGraph) -> None:
    doc = document("the bug", ("the bug", DISEASE, ("DOID:8469",)))  # a name of flu and of measles
    judged = {meant: counts(ScriptedLinker(graph, {"the bug": [meant]}), graph, doc)[DISEASE] for meant in (FLU, MEASLES, GOUT)}
    assert [(kind.given.right, kind.given_namesake.right) for kind in judged.values()] == [(1, 1), (0, 1), (0, 0)]


def test_what_the_annotators_have_no_identifier_for_is_filed_under_the_nearest_that_has_one(tmp_path: Path) -> None:
    tumor, breast, cancer, lobular, gout = (
        entity(DISEASE_ENTITY, name) for name in ("tumor", "breast tumor", "breast cancer", "lobular breast cancer", "gout")
    )
    tumor, breast = replace(tumor, xrefs=(Curie("MESH:D009369"),)), replace(breast, xrefs=(Curie("MESH:D001943"),))
    kinds = [(breast, tumor), (cancer, breast), (lobular, cancer), (breast, lobular)]  # and a circle
    facts = [Fact(narrower.curie, SUBCLASS_OF, broader.curie, "curated") for narrower, broader in kinds]
    golds = Golds(build_graph(tmp_path / "snapshot", [tumor, breast, cancer, lobular, gout], facts=facts))
    for found in (breast, cancer, lobular):
        assert golds.is_filed_under(found, ["MESH:D001943"])
        assert not golds.is_filed_under(found, ["MESH:D009369"])  # the nearest one is another
    assert golds.is_filed_under(tumor, ["MESH:D009369"])
    assert not golds.is_filed_under(cancer, ["OMIM:1"])
    assert not golds.is_filed_under(gout, ["MESH:D001943"])
    assert not golds.is_filed_under(None, ["MESH:D001943"])


def test_misses_say_what_was_not_found_what_is_no_mention_and_what_is_taken_for_something_else(
    scripted: ScriptedLinker, graph: SnapshotGraph, abstract: Document
) -> None:
    misses = evaluate_corpus("corpus", scripted, [abstract], Golds(graph), watch).misses
    assert {(miss.kind, miss.phrase) for miss in misses} == {
        ("not gold", "stopped"),
        ("wrong entity", "ibuprofen"),
        ("not found", "warfarin"),
        ("wrong entity", "warfarin"),
        ("not gold", "lupus"),
        ("not found", "lupus"),
        ("other span", "knee pain"),
    }
    wrong = next(miss for miss in misses if miss.phrase == "ibuprofen")
    assert wrong.gold == ("RXCUI:5640", IBUPROFEN)
    assert (wrong.found, wrong.candidates) == ("CHEBI:7476 naproxen", ("CHEBI:7476 naproxen", "CHEBI:5855 ibuprofen"))


def test_a_given_span_is_judged_in_its_context_where_it_can_be(graph: SnapshotGraph) -> None:
    text = "the bug (flu)"
    linker = ScriptedLinker(graph, {"the bug (flu)": [MEASLES], "flu": [FLU]})
    exact = linker.link("the flu")
    assert linked_at(linker, "the flu", (4, 7), exact) == exact[0]
    alone = linked_at(linker, text, (9, 12), linker.link(text)[:1])
    assert alone is not None and alone.entity is not None and alone.entity.curie == FLU

    class Asked(ScriptedLinker):
        def link_span(self, text: str, start: int, end: int) -> Mention | None:
            return Mention(start, end, text[start:end], self._graph.entity(GOUT), 1.0)

    asked = linked_at(Asked(graph, {}), text, (9, 12), [])
    assert asked is not None and asked.entity is not None and asked.entity.curie == GOUT


def test_the_kind_of_a_mention_is_that_of_its_entity(graph: SnapshotGraph) -> None:
    def mention(curie: str) -> Mention:
        return Mention(0, 1, "x", graph.entity(curie), 1.0)

    assert [kind_of(mention(c)) for c in (GOUT, FEVER, IBUPROFEN, "medkg:nsaid")] == [DISEASE, DISEASE, CHEMICAL, CHEMICAL]
    assert kind_of(mention("medkg:pregnancy")) is None
    assert kind_of(Mention(0, 1, "x", None, 0.0)) is None


def test_the_mention_that_covers_most_stands_for_a_phrase() -> None:
    wide, narrow, other = (Mention(start, end, "", None, 0.0) for start, end in ((0, 30), (4, 12), (12, 14)))
    assert covering([other, wide, narrow], (4, 12)) is narrow
    assert covering([other], (4, 12)) is None


def test_hidden_names_are_nowhere_in_the_graph_and_their_entities_are(graph: SnapshotGraph) -> None:
    hiding = HidingGraph(graph, {(Curie(FEVER), "high temperature"), (Curie(FLU), "the bug"), (Curie(GOUT), "gout")})
    assert hiding.named("High temperatures") == [] and hiding.at_key("high temperature") == []
    assert "high temperature" not in hiding.surface and "high temperature" not in set(hiding.surface.curated())
    assert not hiding.surface.has_word("temperature") and graph.surface.has_word("temperature")
    fever = hiding.entity(FEVER)
    assert fever is not None and fever.synonyms == ("pyrexia",)
    assert fever in set(hiding.entities())
    assert [naming.entity for naming in hiding.named("pyrexia")] == [fever]
    # A name that another entity bears stays for that one, and the label stays.
    assert [naming.entity.curie for naming in hiding.named("the bug")] == [MEASLES]
    assert "the bug" in hiding.surface and hiding.surface.is_curated("the bug")
    assert [naming.entity.curie for naming in hiding.named("gout")] == [GOUT]
    assert len(hiding.surface) == len(graph.surface) - 1


@pytest.fixture
def lay_file(tmp_path: Path) -> Path:
    rows = [
        ("HP_0001945", "Fever", "High temperature"),
        ("HP_0001945", "Fever", "Fevers"),  # the label
        ("HP_0002829", "Arthralgia", "Joint pain"),  # the name that the graph shows
        ("HP_0002829", "Arthralgia", "Aching joints"),
        ("HP_0000988", "Skin rash", "Rash"),
        ("HP_9999999", "Unknown", "Whatever"),
    ]
    path = tmp_path / "layperson-synonyms.tsv"
    lines = [f'<http://purl.obolibrary.org/obo/{term}>\t"{label}"\t"{name}"' for term, label, name in rows]
    path.write_text("\n".join(["?term\t?term_label\t?layperson", *lines]) + "\n", encoding="utf-8")
    return path


def test_lay_names_are_asked_for_while_they_are_hidden(lay_file: Path, graph: SnapshotGraph) -> None:
    names = lay_names(lay_file, graph)
    assert [name.text for name in names] == ["High temperature", "Aching joints", "Rash"]
    hidden = evaluate_lay_names(lambda _, without: Dictionary(without), graph, names, watch)
    assert sum(fold.first.total for fold in hidden.folds) == 3
    assert (hidden.mean("first"), hidden.mean("five")) == (0, 0)
    assert [miss.kind for miss in hidden.misses] == ["not found"] * 3
    # Who looks into the whole graph all the same knows every one.
    assert evaluate_lay_names(lambda _, __: Dictionary(graph), graph, names, watch).mean("first") == 100


def test_a_lay_name_that_another_entity_bears_is_counted_apart(graph: SnapshotGraph, lay_file: Path) -> None:
    text = lay_file.read_text(encoding="utf-8").replace("High temperature", "Gonalgia")  # which is a name of knee pain
    lay_file.write_text(text, encoding="utf-8")
    found = evaluate_lay_names(lambda _, without: Dictionary(without), graph, lay_names(lay_file, graph), watch)
    assert sum(fold.first.total for fold in found.folds) == 3
    assert sum(fold.unborne_first.total for fold in found.folds) == 2
    assert {(miss.phrase, miss.kind) for miss in found.misses if miss.found} == {("Gonalgia", "wrong entity")}


def test_the_encoder_that_has_seen_the_lay_names_is_left_out_of_their_folds(graph: SnapshotGraph) -> None:
    hiding = HidingGraph(graph, {(Curie(FEVER), "high temperature")})
    ours = contender().without(0, hiding)
    assert [m.text for m in ours.link("High temperature and measles") if m.entity is not None] == ["measles"]


def test_a_sample_is_always_the_same_and_in_order() -> None:
    items = [f"item {n}" for n in range(100)]
    some = sampled(items, 10, str)
    assert len(some) == 10 and some == sorted(some, key=items.index)
    assert set(some) <= set(sampled(items, 20, str)) and sampled([*items[50:], *items[:50]], 10, str) != []
    assert set(sampled(items[::-1], 10, str)) == set(some)
    assert sampled(items, None, str) == items


def test_phrases_are_read_with_their_meanings(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text(
        "# a list\nsentence\tphrase\tgold\tcategory\tcomment\n"
        "I have the runs\tthe runs\tHP:1|MONDO:2\tsymptom\t\n"
        "A cold day\tcold\t-\t\tweather\n",
        encoding="utf-8",
    )
    assert read_phrases(path) == [
        Phrase("I have the runs", 7, 15, ("HP:1", "MONDO:2"), "symptom"),
        Phrase("A cold day", 2, 6, (), "", True),
    ]
    path.write_text("misspelling\tgold\terror\tsentence\tcategory\nibuprofin\tCHEBI:5855\tphonetic\t\tmedicine\n", encoding="utf-8")
    assert read_phrases(path) == [Phrase("ibuprofin", 0, 9, (IBUPROFEN,), "phonetic")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("word\tmeaning\nx\ty\n", "expected the columns"),
        ("# about\nsentence\tphrase\tgold\nI cough\tfever\tHP:1\n", "line 3: the phrase 'fever' does not stand in"),
        ("sentence\tphrase\tgold\nI cough\tcough\t\n", "line 2: no gold"),
        ("sentence\tphrase\tstart\tgold\nI cough\tcough\t4\tHP:1\n", "line 2: .* not at its start"),
    ],
)
def test_a_list_of_another_form_is_refused_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "list.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=said):
        read_phrases(path)


def test_phrases_are_right_first_among_five_or_left_alone(graph: SnapshotGraph) -> None:
    linker = ScriptedLinker(graph, {"flu": [FLU], "the bug": [MEASLES, FLU], "gout": [GOUT], "fever": [FEVER]})
    phrases = [
        Phrase("I caught flu", 9, 12, ("DOID:8469",), "illness"),
        Phrase("I caught the bug", 9, 16, (FLU,), "illness"),
        Phrase("a bit of fever", 2, 14, (GOUT, FEVER), "sign"),
        Phrase("gold fever", 5, 10, (), "sign", True),
        Phrase("a nice day", 2, 6, (), "sign", True),
        Phrase("a nice day", 2, 6, (GOUT,), "either", True),
        Phrase("the gout", 4, 8, (FEVER,), "either", True),
        Phrase("a rare thing", 2, 6, ("MONDO:9999999",), "unknown"),
    ]
    result = evaluate_phrases("phrases", linker, phrases, Golds(graph), watch)
    assert (result.first, result.five, result.unknown) == (Share(4, 8), Share(5, 8), 1)
    assert result.groups == (
        ("illness", Share(1, 2), Share(2, 2)),
        ("sign", Share(2, 3), Share(2, 3)),
        ("either", Share(1, 2), Share(1, 2)),
        ("unknown", Share(0, 1), Share(0, 1)),
    )
    assert [(miss.kind, miss.phrase) for miss in result.misses] == [
        ("wrong entity", "the bug"),
        ("false link", "fever"),
        ("wrong entity", "gout"),
        ("not found", "rare"),
    ]


def test_every_link_in_text_without_medicine_is_false(graph: SnapshotGraph) -> None:
    linker = ScriptedLinker(graph, {"bug": [FLU], "Bug": [FLU], "lorem": Kind.DISEASE})
    result = evaluate_plain_text("plain", linker, ["a bug in the code", "Bug reports and lorem ipsum", "nothing"], watch)
    assert (result.words, result.links) == (11, 2)
    assert result.per_thousand == pytest.approx(2000 / 11)
    assert result.frequent == (("bug", "MONDO:0005812 flu", 2),)


def test_only_articles_without_medicine_are_read(tmp_path: Path) -> None:
    def article(title: str) -> dict[str, Any]:
        return {"title": title, "paragraphs": [{"context": f"About {title}.", "qas": []}]}

    path = tmp_path / "dev-v1.1.json"
    path.write_text(json.dumps({"version": "1.1", "data": [article("Pharmacy"), article("Prime_number")]}), encoding="utf-8")
    assert read_articles(path) == ["About Prime_number."]
    path.write_text(json.dumps({"version": "1.1", "data": [article("Pharmacy")]}), encoding="utf-8")
    with pytest.raises(DatasetError, match="none of the articles"):
        read_articles(path)


def test_notes_are_judged_by_mention_entity_and_assertion(graph: SnapshotGraph, tmp_path: Path) -> None:
    text = "Known gout, no fever, no cough. Takes Advil and Zxq."
    marks = [
        ("Zxq", None, "present"),
        ("gout", GOUT, "historical"),
        ("fever", FEVER, "negated"),
        ("cough", "HP:0012735", "negated"),
        ("Advil", IBUPROFEN, "present"),
    ]
    mentions = [
        {
            "start": text.index(t),
            "end": text.index(t) + len(t),
            "text": t,
            "entity": curie,
            "accepted": [curie] if curie else [],
            "assertion": assertion,
        }
        for t, curie, assertion in marks
    ]
    path = tmp_path / "notes.jsonl"
    path.write_text(json.dumps({"id": 1, "text": text, "mentions": mentions}) + "\n", encoding="utf-8")
    linker = ScriptedLinker(
        graph, {"gout": [GOUT], "no fever": [FEVER], "Advil": [NAPROXEN], "Takes": [FLU], "Zxq": Kind.CHEMICAL}, ["no fever"]
    )
    result = evaluate_notes(linker, read_notes(path), Golds(graph), watch)
    assert result.strict == Detection(right=3, predicted=5, found=3, gold=5)
    assert result.loose == Detection(right=4, predicted=5, found=4, gold=5)
    assert result.entities == Share(3, 4)
    assert dict(result.assertions) == {"present": Share(2, 2), "negated": Share(1, 1), "historical": Share(0, 1)}
    assert {(miss.kind, miss.phrase) for miss in result.misses} == {
        ("not found", "cough"),
        ("wrong entity", "Advil"),
        ("wrong assertion", "gout"),
        ("not gold", "Takes"),
    }


def test_a_note_whose_offsets_do_not_fit_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    mention = {"start": 0, "end": 4, "text": "gout", "entity": GOUT, "accepted": [GOUT], "assertion": "present"}
    path.write_text(json.dumps({"id": 1, "text": "No gout.", "mentions": [mention]}) + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"line 1: .*'No g', not 'gout'"):
        read_notes(path)


@pytest.fixture
def report(graph: SnapshotGraph, tmp_path: Path) -> Report:
    (tmp_path / "not_medical.txt").write_text("A bug in the code of the machine.\n", encoding="utf-8")
    contenders = {
        "medkg": Contender(lambda graph: ScriptedLinker(graph, {"code": [FLU]})),
        "<peer>": Contender(lambda graph: ScriptedLinker(graph, {"bug": [FLU], "code": [GOUT]})),
    }
    return run(contenders, Material(graph, None, tmp_path, quiet=True))


def test_suites_without_their_data_are_skipped_with_a_reason(report: Report, graph: SnapshotGraph) -> None:
    assert set(report.results["medkg"]) == {"not-medical"}
    assert "no folder of published data sets" in report.skipped["bc5cdr"]
    assert "misspelt.tsv" in report.skipped["misspelt"]
    with pytest.raises(DatasetError, match="the suite bc5cdr needs nlp/bc5cdr"):
        run({"medkg": Contender(Dictionary)}, Material(graph), ["bc5cdr"])


def test_linkers_stand_side_by_side_with_the_aims(report: Report) -> None:
    ((figure, values),) = report.figures()
    assert (figure.value, figure.aim, figure.reached) == (125, 2, False)
    assert values == (125, 250)
    assert "missed" in report.as_text() and "250.0" in report.as_text()
    assert report.as_dict()["linkers"]["<peer>"]["not-medical"]["links"] == 2


def test_misses_of_ours_are_written_a_line_each(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "errors.jsonl"
    assert report.write_misses(path) == 1
    (line,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (line["suite"], line["kind"], line["phrase"], line["found"]) == ("not-medical", "false link", "code", "MONDO:0005812 flu")


def test_the_picture_has_a_bar_a_linker_as_long_as_its_figure(report: Report) -> None:
    root = ElementTree.fromstring(picture(report))
    bars = [node for node in root.iter("{http://www.w3.org/2000/svg}rect") if node.get("height") == "12" and node.get("x") == "340"]
    lengths = [float(bar.get("width", "0")) for bar in bars if bar.get("y") != "14"]
    assert lengths == [210, 420]  # 125 and 250, on a scale to the largest
    assert "<peer>" in {node.text for node in root.iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize("name", sorted(PEERS))
def test_a_peer_links_by_our_names_or_says_what_is_missing(name: str, graph: SnapshotGraph) -> None:
    if find_spec({"gilda": "gilda", "phrasematcher": "spacy"}[name]) is None:
        with pytest.raises(PeerError, match="medkg-qa\\[peers\\]"):
            PEERS[name](graph)
        return
    (gout, nurofen) = PEERS[name](graph).link("He has Gout and takes Nurofen.")
    assert [m.entity.curie for m in (gout, nurofen) if m.entity is not None] == [GOUT, IBUPROFEN]
    assert (gout.start, gout.end, nurofen.text) == (7, 11, "Nurofen")
