"""The safety table tests itself: every row brings texts on which it fires and texts on which nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import QaError, TableError
from qa.safety import Kind, SafetyTable

TABLE = SafetyTable.load()
EXAMPLES = [pytest.param(row.alert.id, text, id=f"{row.alert.id}: {text}") for row in TABLE.rows for text in row.examples]
NEAR_MISSES = [pytest.param(text, id=f"{row.alert.id}: {text}") for row in TABLE.rows for text in row.near_misses]

ORDINARY = """
What are the symptoms of a heart attack?
Can stress cause a stroke?
Does aspirin prevent heart attacks?
What is anaphylaxis?
What helps a headache?
Is chest pain a side effect of sumatriptan?
What are the symptoms of gout?
Can I take ibuprofen with warfarin?
Is metformin safe in pregnancy?
What causes high blood pressure?
Which medicines treat migraine?
How long does the flu last?
I have a sore throat and a cough, what could it be?
My knee hurts when I run
What are the side effects of sertraline?
How much does an inhaler cost?
How many people have diabetes?
What is the difference between a cold and the flu?
Can children have asthma?
I have had a rash on my arm for two weeks
My baby has a nappy rash
I have a headache and a runny nose
What does a stroke do to the brain?
How is meningitis treated?
Which disease causes a stiff neck and fever?
Is depression hereditary?
What medicines treat depression?
My father had a heart attack, am I at risk?
I feel tired all the time
What is a pulmonary embolism?
Do statins interact with grapefruit?
I was told that I have atrial fibrillation, what is it?
What are the complications of diabetes?
My back hurts after gardening
How do I get rid of hiccups?
Can I drink alcohol with amoxicillin?
What is the treatment for epilepsy?
I have type 2 diabetes and my feet tingle
Can anxiety cause chest pain and shortness of breath?
Which antibiotics treat a urine infection?
I am pregnant and have heartburn
What vaccines does my newborn need?
How often should blood pressure be measured?
My heart is racing after coffee
What is sepsis and what causes it?
I have a stiff neck from sleeping badly
Why do people faint?
What does carbon monoxide do to the body?
Is paracetamol bad for the liver?
I'm allergic to penicillin, which antibiotics can I take?
""".strip().splitlines()


@pytest.mark.parametrize(("row", "text"), EXAMPLES)
def test_row_fires_on_its_examples(row: str, text: str) -> None:
    assert row in {alert.id for alert in TABLE.alerts(text)}


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_nothing_fires_on_near_misses(text: str) -> None:
    assert TABLE.check(text) is None


@pytest.mark.parametrize("text", ORDINARY)
def test_nothing_fires_on_ordinary_questions(text: str) -> None:
    assert TABLE.check(text) is None


def test_every_row_has_examples_and_near_misses() -> None:
    assert [row.alert.id for row in TABLE.rows if not row.examples or not row.near_misses] == []


def test_messages_name_the_emergency_number() -> None:
    number = "your local emergency number (999, 112 or 911)"
    assert [row.alert.id for row in TABLE.rows if row.alert.kind is not Kind.DOSE and number not in row.alert.message] == []


@pytest.mark.parametrize(
    "text",
    [
        "I have no chest pain, I am sweating",
        "He does not have a stiff neck, but he has a fever",
        "She has a fever without a stiff neck",
        "I am not suicidal",
        "I do not want to die",
        "I would never kill myself",
        "My son has not swallowed a battery",
    ],
)
def test_denied_signs_do_not_fire(text: str) -> None:
    assert TABLE.check(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I have no fever but crushing chest pain and I am sweating", Kind.EMERGENCY),
        ("She is not responding and her lips are blue", Kind.EMERGENCY),
        ("My baby is not feeding and is floppy", Kind.EMERGENCY),
        ("I'm not well, chest pain and sweating", Kind.EMERGENCY),
        ("What are the symptoms of a heart attack? I have chest pain and my jaw hurts.", Kind.EMERGENCY),
        ("I don't want to live", Kind.SELF_HARM),
        ("i dont want to be alive", Kind.SELF_HARM),
        ("I have no friends and want to die", Kind.SELF_HARM),
        ("I don't know how much ibuprofen I can take, how much can I take?", Kind.DOSE),
    ],
)
def test_a_negation_does_not_hide_what_it_does_not_deny(text: str, kind: Kind) -> None:
    alert = TABLE.check(text)
    assert alert is not None and alert.kind is kind


def test_most_pressing_alert_comes_first() -> None:
    text = "How many tablets can I take? I took too many tablets because I want to die, and I can't breathe"
    kinds = [alert.kind for alert in TABLE.alerts(text)]
    assert list(dict.fromkeys(kinds)) == list(Kind)


ROW = "rows:\n  - {id: a, kind: dose, groups: [[how much]], message: m, source: s}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rows: [", "cannot be read as YAML"),
        ("[]", "no list named rows"),
        ("rows: [gout]", "row 1: got 'gout'"),
        (ROW.replace("dose", "rash"), "row 1 .'a'.: kind is 'rash'"),
        (ROW.replace("[[how much]]", "[[]]"), "row 1 .'a'.: groups"),
        (ROW.replace("[[how much]]", "[[yes]]"), "row 1 .'a'., groups: got True"),
        (ROW.replace("message: m", "message: 3"), "row 1 .'a'.: message is 3"),
        (ROW.replace("id: a", "id: a, unles: [b]"), "row 1 .'a'.: unknown key 'unles'"),
        (ROW + ROW.removeprefix("rows:\n"), "row 'a': the id is used more than once"),
    ],
)
def test_malformed_table_is_refused_by_file_and_row(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=f"table.yaml.*{message}") as caught:
        SafetyTable.load(path)
    assert isinstance(caught.value, QaError)


def test_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"absent\.yaml"):
        SafetyTable.load(tmp_path / "absent.yaml")


WORDS = st.sampled_from(
    ["i", "not", "no", "cannot", "can't", "chest", "pain", ",", ".", "?", "how", "much", "20", "800mg", "don’t", "want", "die"]
)


@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)))
def test_check_never_raises(text: str) -> None:
    TABLE.check(text)
