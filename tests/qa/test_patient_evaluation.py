"""Tests of the patient questions: the shipped file, the judge and the table."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kg.model import Curie, Entity, Fact
from qa.errors import DatasetError
from qa.evaluation.patient import Expectation, Outcome, PatientQuestion, Verdict, evaluate, folded_names, judge, read_questions, score
from qa.model import Answer, Item, Status

SHIPPED = Path(__file__).parents[1] / "fixtures" / "patient_questions.jsonl"
COUNTS = {
    "symptoms": 8,
    "treatment": 7,
    "use": 5,
    "side effects": 6,
    "interactions": 6,
    "contraindication": 3,
    "yes/no": 6,
    "which illness": 4,
    "other facts": 6,
    "definition": 3,
    "emergency": 4,
    "nonsense": 3,
    "outside medicine": 3,
    "dose": 2,
}
DISEASE = Curie("biolink:Disease")
ENTITIES = {
    entity.curie: entity
    for entity in (
        Entity(Curie("MONDO:0005044"), DISEASE, "hypertension", ("high blood pressure",)),
        Entity(Curie("HP:0025085"), Curie("biolink:PhenotypicFeature"), "bloody diarrhoea", ("dysentery",)),
        Entity(Curie("MONDO:0005812"), DISEASE, "flu", ("influenza",)),
        Entity(Curie("HP:0002315"), Curie("biolink:PhenotypicFeature"), "headache"),
    )
}
LINE: dict[str, Any] = {
    "id": "a",
    "kind": "use",
    "question": "what is lisinopril for",
    "expect": {"status": "answered", "items_any": [["hypertension"]], "items_none": [], "answer_any": []},
}


def names(curie: str) -> set[str]:
    return folded_names(ENTITIES.get(Curie(curie)))


def item(curie: str | None, text: str = "", evidence: bool = True) -> Item:
    entity = Curie(curie) if curie else None
    subject = entity or Curie("MONDO:0000001")
    fact = Fact(Curie("CHEBI:43755"), Curie("biolink:treats"), subject, "example")
    return Item(text or ENTITIES[subject].name, entity, 0.9, (fact,) if evidence else ())


def answer(*items: Item, status: Status = Status.ANSWERED, text: str = "An answer.") -> Answer:
    return Answer("what is it for", status, text, 0.9, items)


def question(
    *groups: tuple[str, ...],
    none: tuple[str, ...] = (),
    sentence: tuple[str, ...] = (),
    status: Status = Status.ANSWERED,
    kind: str = "use",
) -> PatientQuestion:
    return PatientQuestion("a", kind, "what is it for", Expectation(status, groups, none, sentence))


HYPERTENSION, DIARRHOEA, FLU = item("MONDO:0005044"), item("HP:0025085"), item("MONDO:0005812")


@pytest.mark.parametrize(
    "expected", ["hypertension", "High Blood-Pressure", "MONDO:0005044", "high blood pressures", "severe hypertension", "blood pressure"]
)
def test_an_item_is_matched_by_name_synonym_curie_or_part(expected: str) -> None:
    assert judge(question((expected,)), answer(HYPERTENSION), names).right


@pytest.mark.parametrize("expected", ["pressure ulcer", "tension", "hypertensi", "MONDO:0005045", "asthma"])
def test_an_item_is_not_matched_by_part_of_a_word_or_another_name(expected: str) -> None:
    assert judge(question((expected,)), answer(HYPERTENSION), names).reasons == (f"missing {expected}",)


def test_a_part_of_four_letters_or_fewer_is_no_match() -> None:
    assert not judge(question(("bird flu",)), answer(FLU), names).right
    assert judge(question(("flu",)), answer(FLU), names).right


def test_american_and_british_spelling_match() -> None:
    assert judge(question(("diarrhea",)), answer(DIARRHOEA), names).right


def test_an_item_without_entity_is_matched_by_its_text() -> None:
    assert judge(question(("kidney disease",)), answer(item(None, "chronic kidney disease")), names).right


def test_every_group_needs_an_item_and_one_alternative_is_enough() -> None:
    wanted = question(("asthma", "influenza"), ("gout", "asthma"), ("hypertension",))
    assert judge(wanted, answer(FLU, HYPERTENSION), names).reasons == ("missing gout / asthma",)


def test_what_must_not_be_named_counts_by_its_synonym_or_curie_and_only_as_a_whole() -> None:
    assert judge(question(none=("dysentery",)), answer(DIARRHOEA), names).reasons == ("names dysentery wrongly",)
    assert not judge(question(none=("HP:0025085",)), answer(DIARRHOEA), names).right
    assert judge(question(none=("diarrhoea",)), answer(DIARRHOEA), names).right


def test_another_status_is_wrong_whatever_the_items() -> None:
    verdict = judge(question(("flu",)), answer(FLU, status=Status.ABSTAINED), names)
    assert verdict.reasons == ("wrong status: abstained, expected answered",)
    assert judge(question(status=Status.ABSTAINED), answer(FLU), names).reasons == ("wrong status: answered, expected abstained",)


@pytest.mark.parametrize("status", [Status.ABSTAINED, Status.URGENT])
def test_a_question_that_is_not_answered_needs_no_items(status: Status) -> None:
    assert judge(question(status=status), answer(status=status), names).right


def test_the_sentence_must_hold_one_of_the_words_as_a_whole() -> None:
    wanted = question(sentence=("no",))
    assert judge(wanted, answer(FLU, text="No: antibiotics do not treat flu."), names).right
    verdict = judge(wanted, answer(FLU, text="Yes, it is known not to."), names)
    assert verdict.reasons == ("wrong sentence: 'Yes, it is known not to.', expected one of: no",)
    assert judge(question(sentence=("999", "call an ambulance")), answer(FLU, text="CALL an ambulance."), names).right


def test_every_item_of_an_answer_must_have_evidence() -> None:
    verdict = judge(question(("flu",)), answer(FLU, item("MONDO:0005044", evidence=False)), names)
    assert verdict.reasons == ("evidence missing: hypertension",)
    assert judge(question(), answer(), names).reasons == ("evidence missing: the answer has no items",)


def test_all_that_is_wrong_is_reported_at_once() -> None:
    wanted = question(("gout",), none=("flu",), sentence=("yes",))
    verdict = judge(wanted, answer(item("MONDO:0005812", evidence=False)), names)
    assert [reason.split(" ")[0] for reason in verdict.reasons] == ["missing", "names", "wrong", "evidence"]


def test_an_unknown_entity_has_no_names() -> None:
    assert folded_names(None) == set()


def test_questions_are_asked_in_order_as_written_and_scored_by_kind() -> None:
    asked: list[str] = []

    def ask(text: str) -> Answer:
        asked.append(text)
        return answer(FLU)

    questions = [question(("flu",)), question(("gout",), kind="dose"), question(("influenza",)), question(("gout",))]
    outcomes = list(evaluate(ask, questions, names))
    assert asked == ["what is it for"] * 4
    assert all(outcome.milliseconds >= 0 and outcome.answer.items == (FLU,) for outcome in outcomes)
    scores = score(outcomes)
    assert [(row.kind, row.right, row.total) for row in (*scores.kinds, scores.overall)] == [("use", 2, 3), ("dose", 0, 1), ("all", 2, 4)]
    assert [verdict.reasons for verdict in scores.wrong] == [("missing gout",)] * 2


def test_the_table_reads_as_text_and_as_json() -> None:
    right, wrong = Verdict(question()), Verdict(question(kind="side effects"), ("missing gout",))
    scores = score([Outcome(right, answer(), 10.0), Outcome(right, answer(), 20.0), Outcome(wrong, answer(), 6.0)])
    assert scores.as_text() == (
        "kind          right/total   share  ms/question\n"
        "use                   2/2  100.0%         15.0\n"
        "side effects          0/1    0.0%          6.0\n"
        "all                   2/3   66.7%         12.0\n"
        "\n"
        "a: what is it for\n"
        "  - missing gout"
    )
    assert json.loads(json.dumps(scores.as_dict())) == {
        "kinds": {
            "use": {"right": 2, "total": 2, "share": 1.0, "milliseconds": 15.0},
            "side effects": {"right": 0, "total": 1, "share": 0.0, "milliseconds": 6.0},
        },
        "all": {"right": 2, "total": 3, "share": 0.6667, "milliseconds": 12.0},
        "wrong": [{"id": "a", "kind": "side effects", "question": "what is it for", "reasons": ["missing gout"]}],
    }


def test_the_score_of_no_questions_is_nought() -> None:
    assert score([]).overall.as_dict() == {"right": 0, "total": 0, "share": 0.0, "milliseconds": 0.0}


def test_shipped_questions_are_of_the_kinds_and_counts_agreed() -> None:
    questions = read_questions(SHIPPED)
    assert Counter(q.kind for q in questions) == COUNTS
    assert len({q.id for q in questions}) == len({q.text for q in questions}) == sum(COUNTS.values())


def test_shipped_questions_ask_something_of_every_answer() -> None:
    statuses = {"emergency": Status.URGENT, **dict.fromkeys(("nonsense", "outside medicine", "dose"), Status.ABSTAINED)}
    for q in read_questions(SHIPPED):
        assert q.expect.status is statuses.get(q.kind, Status.ANSWERED), q.id
        assert q.expect.status is Status.ABSTAINED or q.expect.items_any or q.expect.answer_any, q.id
        wanted = {name for group in q.expect.items_any for name in group}
        assert not wanted & set(q.expect.items_none), q.id


def test_a_file_is_read_in_its_order_without_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(LINE) + "\n\n" + json.dumps(LINE | {"id": "b"}) + "\n", encoding="utf-8")
    first, second = read_questions(path)
    assert first == PatientQuestion("a", "use", "what is lisinopril for", Expectation(Status.ANSWERED, (("hypertension",),)))
    assert second.id == "b"


def spoilt(**changes: Any) -> str:
    return json.dumps(LINE | {"expect": LINE["expect"] | changes})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"line 2: not JSON \(.*expected one JSON object"),
        ("[]", r"line 2: got \[\]; expected an object with expect, id, kind, question"),
        ('{"id": "b"}', "line 2: has id; expected exactly expect, id, kind, question"),
        (json.dumps(LINE), "line 2: id 'a' was used before"),
        (json.dumps(LINE | {"id": 3}), "line 2, id: got 3; expected a text"),
        (json.dumps(LINE | {"question": " ?"}), 'line 2, question: got " \\?"; expected a text of at least one word'),
        (json.dumps(LINE | {"expect": "yes"}), 'line 2, expect: got "yes"; expected an object with answer_any'),
        (spoilt(item_any=[]), "line 2, expect: has answer_any, item_any, .*; expected exactly answer_any, items_any"),
        (spoilt(status="maybe"), 'line 2, expect, status: got "maybe"; expected one of answered, abstained, urgent'),
        (spoilt(status=["answered"]), "line 2, expect, status: got .*; expected one of answered"),
        (spoilt(items_any=["gout"]), "line 2, expect, items_any: got .*; expected a list of lists of names"),
        (spoilt(items_any=[[]]), "line 2, expect, items_any: got .*, none of them empty"),
        (spoilt(items_any=[["gout", 7]]), "line 2, expect, items_any: got 7; expected a text"),
        (spoilt(items_none="gout"), 'line 2, expect, items_none: got "gout"; expected a list of texts'),
        (spoilt(answer_any=[""]), 'line 2, expect, answer_any: got ""; expected a text'),
    ],
)
def test_a_line_of_another_form_is_refused_by_place(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(f"{json.dumps(LINE)}\n{line}\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        read_questions(path)


def test_a_missing_empty_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"missing\.jsonl: not readable"):
        read_questions(tmp_path / "missing.jsonl")
    path = tmp_path / "other.jsonl"
    path.write_text("\n")
    with pytest.raises(DatasetError, match=r"other\.jsonl: no questions; expected"):
        read_questions(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match=r"other\.jsonl: not readable as UTF-8"):
        read_questions(path)
