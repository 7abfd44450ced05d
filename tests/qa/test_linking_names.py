"""Tests of names in a text: misspelt, in other words, overlapping, of several meanings, and everyday words that name nothing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linking_fakes import build_graph, entity

from kg.names import key
from kg.surface import SurfaceNames
from kg.vocabulary import DISEASE, DRUG, EXPOSURE, PHENOTYPE
from qa.lexicon import common_words
from qa.linker import NameLinker
from qa.linking.hits import FILLERS, MISSPELT, Hit, Linked, without_overlap
from qa.linking.spelling import Speller
from qa.loading import default_model
from qa.model import Candidate

CURATED = [
    *(
        entity(PHENOTYPE, name)
        for name in (
            "swollen knee", "knee pain", "chest pain", "joint pain", "back pain", "neck stiffness", "difficulty swallowing", "heartburn",
            "itchy skin", "dry mouth", "runny nose", "watery eyes", "diarrhoea", "pain", "rash", "white patches in the mouth",
        )
    ),
    entity(PHENOTYPE, "ringing in the ears", "tinnitus"),
    entity(PHENOTYPE, "shortness of breath", "trouble breathing"),
    *(
        entity(DISEASE, name)
        for name in (
            "gout", "heart attack", "breast cancer", "overactive thyroid", "pneumonia", "eczema", "asthma", "diabetes", "psoriasis",
            "measles", "kidney disease", "mitral stenosis", "lung disease",
        )
    ),
    entity(DISEASE, "multiple sclerosis", "MS"),
    entity(EXPOSURE, "injury"),
    entity(EXPOSURE, "rest"),
    *(entity(DRUG, name) for name in ("ibuprofen", "warfarin", "amoxicillin")),
]  # fmt: skip
IMPORTED = [
    entity(DISEASE, "Wombat syndrome", "rare gout of the north", "house", "NBT"),
    entity(DISEASE, "numbatosis"),
    entity(PHENOTYPE, "marsupial cough"),
]


@pytest.fixture(scope="module")
def english() -> frozenset[str]:
    return common_words(default_model() / "vocab.txt")


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory, english: frozenset[str]) -> NameLinker:
    return NameLinker(build_graph(tmp_path_factory.mktemp("names") / "snapshot", CURATED, IMPORTED), english)


@pytest.fixture(scope="module")
def speller(english: frozenset[str]) -> Speller:
    curated = [key(name) for e in CURATED for name in (e.name, *e.synonyms)]
    imported = [key(name) for e in IMPORTED for name in (e.name, *e.synonyms)]
    return Speller(SurfaceNames.of(curated + imported, curated), english)


def found(linker: NameLinker, text: str) -> list[tuple[str, str]]:
    """Return the linked mentions, each with the name of its entity."""
    return [(m.text, m.entity.name) for m in linker.link(text) if m.entity is not None]


# Spelling


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ibuprofin", ("ibuprofen",)),
        ("iboprofen", ("ibuprofen",)),
        ("ibuprofne", ("ibuprofen",)),
        ("warferin", ("warfarin",)),
        ("amoxycilin", ("amoxicillin",)),
        ("numonia", None),  # too far in its letters, and in its first one
        ("eksema", ("eczema",)),
        ("astma", ("asthma",)),
        ("soriasis", ("psoriasis",)),
        ("dibetes", ("diabetes",)),
        ("diarhea", ("diarrhoea",)),
        ("mesles", ("measles",)),
        ("jointpain", ("joint", "pain")),
        ("heartattack", ("heart", "attack")),
        ("kneepain", ("knee", "pain")),
        ("shortnessofbreath", ("shortness", "of", "breath")),
    ],
)
def test_a_misspelt_word_is_bent_to_a_word_of_a_name(speller: Speller, written: str, expected: tuple[str, ...] | None) -> None:
    bent = speller.bend(key(written), written)
    assert (bent and bent.keys) == (expected and tuple(key(word) for word in expected))


@pytest.mark.parametrize(
    "written",
    [
        "gout",  # right as it is
        "house",  # English, though a rare disease is called so
        "Wombat",  # right as it is, in a rare disease
        "wombet",  # near to the name of a rare disease alone
        "numbatosys",
        "levers",  # frequent English
        "flew",
        "gaot",  # in a short word every letter counts
        "gut",
        "rsh",  # too short
        "waht",  # a word of questions
        "symtoms",
        "ibu2rofen",  # no word
        "گوت",
        "",
    ],
)
def test_what_is_no_misspelling_is_left(speller: Speller, written: str) -> None:
    assert speller.bend(key(written), written) is None


@pytest.mark.parametrize(
    ("written", "begins", "bends"),
    [
        ("Warfarrin", True, True),  # it may be large for where it stands
        ("Warfarrin", False, True),  # one slip in a long name
        ("Worferrin", True, True),
        ("Worferrin", False, False),  # more than a slip: the name of somebody
        ("Mesles", False, False),  # too short a name
        ("MESLES", False, True),  # all in capitals
        ("mesles", False, True),
    ],
)
def test_a_large_letter_within_a_sentence_marks_a_name(speller: Speller, written: str, begins: bool, bends: bool) -> None:
    assert (speller.bend(key(written), written, begins) is not None) == bends


def test_the_nearest_word_comes_first_and_the_others_are_kept() -> None:
    speller = Speller(SurfaceNames.of(["naproxen", "naproxin", "naproxenol"], ["naproxen", "naproxin", "naproxenol"]), frozenset())
    bent = speller.bend("naproxenn", "naproxenn")
    assert bent is not None
    assert bent.keys == ("naproxen",)
    assert "naproxin" in bent.others


def test_what_sounds_alike_is_known_in_short_texts(speller: Speller) -> None:
    assert "heart" in speller.alike("hart")
    assert "disease" in speller.alike("decease")
    assert speller.alike("gut") == ()  # too short to tell


def test_an_english_word_with_the_stem_of_an_illness_is_bent(speller: Speller) -> None:
    assert not speller.knows("diabetie")
    assert speller.knows("measured")


@given(word=st.text("abcdefghijklmnopqrstuvwxyzé", max_size=25))
def test_what_is_bent_is_bent_to_words_of_curated_names(word: str) -> None:
    surface = SurfaceNames.of(["gout", "joint pain", "wombat fever"], ["gout", "joint pain"])
    bent = Speller(surface, frozenset(["house"])).bend(key(word), word)
    if bent is not None:
        assert all(surface.has_curated_word(part) for part in (*bent.keys, *bent.others))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a hart attack", [("hart attack", "heart attack")]),
        ("a kidney desease", [("kidney desease", "kidney disease")]),
        ("a hart in the woods", []),  # a word by itself is what it is
        ("rare Wombat sindrome", []),
        ("the numbatosys", []),
    ],
)
def test_a_misspelt_word_of_a_longer_name(linker: NameLinker, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(linker, text) == expected


def test_a_misspelt_name_says_how_it_was_read(linker: NameLinker) -> None:
    (mention,) = linker.link("ibuprofin")
    assert (mention.score, mention.reason) == (0.8, "'ibuprofin' read as 'ibuprofen', a preferred name")


# Other wordings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # told as a sentence
        ("my knee is swollen", [("knee is swollen", "swollen knee")]),
        ("both my knees are really swollen", [("knees are really swollen", "swollen knee")]),
        ("my chest hurts", [("chest hurts", "chest pain")]),
        ("my back is killing me", [("back is killing", "back pain")]),
        ("my ears are ringing", [("ears are ringing", "ringing in the ears")]),
        ("his skin is itchy", [("skin is itchy", "itchy skin")]),
        ("my nose keeps running", [("nose keeps running", "runny nose")]),
        ("my eyes are watering", [("eyes are watering", "watery eyes")]),
        ("my mouth feels very dry", [("mouth feels very dry", "dry mouth")]),
        ("my neck is stiff", [("neck is stiff", "neck stiffness")]),
        ("I can't breathe", [("can't breathe", "shortness of breath")]),
        ("I cannot breathe", [("cannot breathe", "shortness of breath")]),
        ("it is hard to breathe", [("hard to breathe", "shortness of breath")]),
        ("it is hard to swallow", [("hard to swallow", "difficulty swallowing")]),
        ("trouble swallowing", [("trouble swallowing", "difficulty swallowing")]),
        # turned round
        ("pain in my left knee", [("pain in my left knee", "knee pain")]),
        ("pain of the chest", [("pain of the chest", "chest pain")]),
        ("cancer of the breast", [("cancer of the breast", "breast cancer")]),
        ("disease of the lungs", [("disease of the lungs", "lung disease")]),
        # one word as two
        ("heart burn", [("heart burn", "heartburn")]),
        ("an over active thyroid", [("over active thyroid", "overactive thyroid")]),
        # possessives
        ("white patches in my mouth", [("white patches in my mouth", "white patches in the mouth")]),
        ("white patches in her mouth", [("white patches in her mouth", "white patches in the mouth")]),
        ("my heart attack", [("heart attack", "heart attack")]),
    ],
)
def test_a_name_in_other_words(linker: NameLinker, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(linker, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "my knee is fine",
        "the knee was photographed, swollen foot or not",
        "heart and attack",
        "I cannot swim",
        "it is hard to say",
        "cancer in my family and a breast of chicken",
        "white patches in my garden",
        "a swollen foot and a knee",
    ],
)
def test_words_of_a_name_that_are_not_put_together_name_nothing(linker: NameLinker, text: str) -> None:
    assert found(linker, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I hurt my knee. Pain is no stranger", [("Pain", "pain")]),
        ("Is it my chest? Pain comes and goes", [("Pain", "pain")]),
        ("He has a weak heart! Attack is the best defence", []),
        ("The knee was seen.\nSwollen feet, too", []),
        ("Knee\n\nPain: none", [("Pain", "pain")]),
        ("heart\nattack", [("heart\nattack", "heart attack")]),
        ("heart-attack", [("heart-attack", "heart attack")]),
        ("kidney (disease)", [("kidney (disease", "kidney disease")]),
    ],
)
def test_no_name_goes_on_in_another_sentence(linker: NameLinker, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(linker, text) == expected


def test_what_is_told_in_other_words_scores_less_and_says_so(linker: NameLinker) -> None:
    (told,) = linker.link("my knee is swollen")
    (turned,) = linker.link("pain in my knee")
    assert (told.score, told.reason) == (0.95, "preferred name, told as a sentence")
    assert (turned.score, turned.reason) == (0.95, "preferred name, in another order")


def test_imported_names_must_stand_there_as_they_are(linker: NameLinker) -> None:
    assert found(linker, "Wombat syndrome, numbatosis, marsupial coughs") == [
        ("Wombat syndrome", "Wombat syndrome"),
        ("numbatosis", "numbatosis"),
        ("marsupial coughs", "marsupial cough"),
    ]
    assert found(linker, "a house, the NBT and a cough of the marsupial") == []


# Overlap


def linked(first: int, last: int, score: float = 1.0, trusted: bool = True, how: str = "") -> Linked:
    named = entity(DISEASE, f"d{first}-{last}-{score}-{trusted}")
    return Linked(Hit(first, last, named.name, how=how), (Candidate(named, score, ""),), trusted)


KEYS = ["p", "q", "the", "r", "s", "of", "t", "u"]
STARTS = range(8)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (linked(0, 2, 0.5, False, MISSPELT), linked(1, 2)),  # more words before all
        (linked(0, 2), linked(1, 3)),  # "the" counts for no word
        (linked(0, 2, 0.5, False), linked(1, 4, 1.0, True, MISSPELT)),  # then the spelling
        (linked(0, 2, 0.5, True), linked(1, 4, 1.0, False)),  # then who says so
        (linked(1, 4, 0.9), linked(0, 2, 0.8)),  # then the score
        (linked(0, 2), linked(1, 4)),  # then the place
    ],
)
def test_of_names_that_overlap_one_is_taken(better: Linked, worse: Linked) -> None:
    assert without_overlap([better, worse], KEYS, STARTS) == [better]
    assert without_overlap([worse, better], KEYS, STARTS) == [better]


def test_what_loses_to_a_name_that_loses_is_still_taken() -> None:
    first, middle, last = linked(0, 4), linked(3, 5), linked(4, 5)
    assert without_overlap([last, middle, first], KEYS, STARTS) == [first, last]


def test_words_that_are_written_as_one_are_of_one_name() -> None:
    """As "joint" and "pain" in "swollen jointpain"."""
    first, second = linked(0, 2), linked(3, 4)
    assert without_overlap([first, second], KEYS, [0, 8, 8, 8, 20, 22, 24, 26]) == [first]


RANGES = st.tuples(st.integers(0, 7), st.integers(1, 4)).map(lambda pair: (pair[0], min(8, pair[0] + pair[1])))
ENTRIES = st.builds(
    lambda span, score, trusted, how: linked(*span, score, trusted, how),
    RANGES, st.sampled_from([0.5, 0.8, 1.0]), st.booleans(), st.sampled_from(["", MISSPELT, "told as a sentence"]),
)  # fmt: skip


@given(entries=st.lists(ENTRIES, max_size=12))
def test_nothing_that_is_taken_overlaps_and_nothing_is_left_out_without_a_reason(entries: list[Linked]) -> None:
    chosen = without_overlap(entries, KEYS, STARTS)
    assert all(before.hit.last <= after.hit.first for before, after in pairwise(chosen))
    for entry in entries:
        meeting = [c for c in chosen if c.hit.first < entry.hit.last and entry.hit.first < c.hit.last]
        assert any(c.weight(KEYS) >= entry.weight(KEYS) for c in meeting)


@given(entries=st.lists(ENTRIES, max_size=8, unique_by=lambda entry: entry.weight(KEYS)), shuffled=st.randoms())
def test_the_order_in_which_names_are_found_does_not_matter(entries: list[Linked], shuffled: object) -> None:
    again = list(entries)
    shuffled.shuffle(again)  # type: ignore[attr-defined]
    assert without_overlap(again, KEYS, STARTS) == without_overlap(entries, KEYS, STARTS)


def test_fillers_alone_are_no_mention(linker: NameLinker) -> None:
    assert all(found(linker, word) == [] for word in FILLERS)


# Abbreviations of the text itself


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("MS is treated", ["multiple sclerosis"]),
        ("multiple sclerosis (MS), and MS again", ["multiple sclerosis"] * 3),
        ("mitral stenosis (MS) was found; the MS is severe", ["mitral stenosis"] * 3),
        ("MS (mitral stenosis): MS is severe", ["mitral stenosis"] * 3),
        ("the MS was severe. It was mitral stenosis (MS).", ["mitral stenosis"] * 3),
        ("magnetic spectrum (MS) and MS", []),  # the graph knows of no such thing, and it is not the other one
        ("heart attack (HA): two HAs", ["heart attack"] * 3),
    ],
)
def test_what_a_text_says_of_its_own_abbreviations_is_believed(linker: NameLinker, text: str, meant: list[str]) -> None:
    assert [name for _, name in found(linker, text)] == meant


def test_an_abbreviation_that_the_text_defines_says_so(linker: NameLinker) -> None:
    last = linker.link("mitral stenosis (MS). The MS is severe.")[-1]
    assert (last.text, last.score, last.reason) == ("MS", 0.95, "abbreviates 'mitral stenosis' in this text")


def test_a_definition_holds_in_every_block_of_a_long_text(linker: NameLinker) -> None:
    text = (
        "The talk goes on and on. " * 1_000 + "We saw multiple sclerosis here. MS. " + "Nothing was said. " * 1_200 + "mitral stenosis (MS)"
    )
    assert [name for _, name in found(linker, text)] == ["multiple sclerosis", "mitral stenosis", "mitral stenosis", "mitral stenosis"]


# Everyday words


LONG = "The minister said in the long debate that nobody had read the paper, and that the members would meet again after lunch. " * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the injury", ["injury"]),  # a short text is a question
        (LONG + "The injury of the economy was great.", []),
        (LONG + "The injury led to gout.", ["injury", "gout"]),
        ("It began with an injury. " + LONG + "He has gout.", ["gout"]),
        (LONG + "The knee pain stayed.", ["knee pain"]),
        (LONG + "He took ibuprofin.", []),  # misspelt and alone
        (LONG + "He took ibuprofin for gout.", ["ibuprofen", "gout"]),
    ],
)
def test_an_everyday_word_in_a_long_text_needs_medicine_around_it(linker: NameLinker, text: str, expected: list[str]) -> None:
    assert [name for _, name in found(linker, text)] == expected


def test_everyday_words_are_told_by_their_frequency(speller: Speller) -> None:
    is_everyday: Callable[[str], bool] = speller.is_everyday
    assert [word for word in ("injury", "rest", "pain", "gout", "psoriasis") if is_everyday(key(word))] == ["injury", "rest", "pain"]
