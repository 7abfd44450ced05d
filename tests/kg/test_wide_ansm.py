"""The layer of interactions out of the ANSM thesaurus, on a made-up one of a few entries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kg.authoring.wide.ansm import read_ansm
from kg.authoring.wide.ansm_effects import Effect, effect_of, party, read_effects, spelling
from kg.authoring.wide.layer import Layer, write_layer
from kg.errors import DataError
from kg.model import Curie, Entity, Fact
from kg.shipped import ontologies_directory
from kg.sources.compact import read_compact
from kg.sources.records import Options
from kg.sources.tsv import write_rows
from kg.vocabulary import DRUG, DRUG_CLASS, EXPOSURE, INTERACTS_WITH, SUBCLASS_OF

NAMES = (
    ("alphatrine", "CHEBI:100", "alphatrine", "", "alfatrine|AT"),
    ("bétacine", "CHEBI:20", "betacin", "", ""),
    ("gammol", "medkg:ansm-gammol", "gammol", "", ""),
    ("gammol (voie injectable)", "medkg:ansm-gammol", "gammol", "when injected", ""),
    ("réglisse", "medkg:liquorice", "liquorice", "", ""),
    ("alphatrine + gammol", "medkg:ansm-alphatrine-gammol", "alphatrine/gammol", "", ""),
    ("bêta-freineurs (sauf gammol)", "medkg:ansm-class-beta-brakes", "beta brakes other than gammol", "", ""),
    ("hypotoniants", "medkg:ansm-class-lowerers", "pressure lowerers", "", ""),
    ("autres hypotoniants", "medkg:ansm-class-lowerers", "pressure lowerers", "", ""),
    ("médicaments administrés par voie orale", "", "", "", ""),
)
INDEX: Mapping[str, Sequence[str]] = {
    "alphatrine": ["bêta-freineurs (sauf gammol)", "hypotoniants", "alphatrine + gammol"],
    "betacine": ["bêta- freineurs (sauf gammol)", "hypotoniants", "autres hypotoniants"],
    "gammol": ["bêta-freineurs (sauf gammol)", "alphatrine + gammol"],
    "réglisse": ["hypotoniants"],
}
BLEEDS, SLOWS = "Augmentation du risque hémorragique.", "Bradycardie excessive."
EFFECTS = (
    ("est discutee", "", "", ""),
    ("ulcerogene et hemorragique", "ulcers and bleeding", "clotting", "up"),
    ("hemorragique", "higher risk of bleeding", "clotting", "up"),
    ("thrombotique", "higher risk of blood clots", "clotting", "down"),
    ("bradycardie", "slow heartbeat", "heart rate", "down"),
    ("nausees", "nausea", "", ""),
)
A, B, G, LIQUORICE = Curie("CHEBI:100"), Curie("CHEBI:20"), Curie("medkg:ansm-gammol"), Curie("medkg:liquorice")
BRAKES, LOWERERS = Curie("medkg:ansm-class-beta-brakes"), Curie("medkg:ansm-class-lowerers")


def entry(main: str, plus: str, *levels: str, mechanism: str = "") -> dict[str, object]:
    return {
        "main_drug": main,
        "between_main_and_plus_drug": "",
        "plus_drug": plus,
        "severity_levels": [{"level": level, "info": ""} for level in levels],
        "interaction_mechanism": mechanism,
        "description": "",
    }


class Thesaurus:
    """The files in a directory, made of the tables above and what a test adds."""

    def __init__(self, directory: Path) -> None:
        self.index, self.entries, self.tables = directory / "index.json", directory / "thesaurus.json", directory / "ansm"
        self.index.write_text(json.dumps([{"substance": s, "drug_classes": c} for s, c in INDEX.items()]), encoding="utf-8")
        write_rows(self.tables / "names.tsv", ("french", "id", "english", "purpose", "synonym"), NAMES)
        write_rows(self.tables / "effects.tsv", ("pattern", "effect", "about", "way"), EFFECTS)
        self.limit()

    def limit(self, *limits: tuple[str, str, str, str, str]) -> None:
        write_rows(self.tables / "limits.tsv", ("main", "plus", "member", "severity", "purpose"), limits)

    def read(self, *entries: Mapping[str, object]) -> tuple[Layer, Counter[str]]:
        self.entries.write_text(json.dumps(entries), encoding="utf-8")
        return read_ansm(self.index, self.entries, self.tables, {LIQUORICE: EXPOSURE, A: DRUG})

    def interactions(self, *entries: Mapping[str, object]) -> dict[tuple[Curie, Curie], dict[str, str]]:
        facts = self.read(*entries)[0].facts
        return {(f.subject, f.object): dict(f.qualifiers) for f in facts if f.predicate == INTERACTS_WITH}


@pytest.fixture
def thesaurus(tmp_path: Path) -> Thesaurus:
    return Thesaurus(tmp_path)


def test_substances_and_groups_are_entities_and_members_are_kinds_of_their_groups(thesaurus: Thesaurus) -> None:
    layer, _ = thesaurus.read()
    assert {e.curie: (e.category, e.name) for e in layer.entities} == {
        A: (DRUG, "alphatrine"),
        B: (DRUG, "betacin"),
        G: (DRUG, "gammol"),
        LIQUORICE: (EXPOSURE, "liquorice"),
        BRAKES: (DRUG_CLASS, "beta brakes other than gammol"),
        LOWERERS: (DRUG_CLASS, "pressure lowerers"),
        Curie("medkg:ansm-alphatrine-gammol"): (DRUG, "alphatrine/gammol"),
    }
    assert next(e.synonyms for e in layer.entities if e.curie == A) == ("alfatrine", "AT")
    kinds = [(f.subject, f.object) for f in layer.facts if f.predicate == SUBCLASS_OF]
    assert sorted(kinds) == [(A, BRAKES), (A, LOWERERS), (B, BRAKES), (B, LOWERERS)]


def test_what_a_group_excepts_and_the_ingredients_of_a_combination_are_no_members(thesaurus: Thesaurus) -> None:
    _, left_out = thesaurus.read()
    assert left_out == {
        "belonging to a group whose name excepts the substance": 1,  # gammol
        "belonging to what is no group of medicines, or of what is no medicine": 3,  # the combination twice, and liquorice
    }


@pytest.mark.parametrize("variant", ["BETA- FREINEURS (SAUF GAMMOL)", "Bêta-freineurs  (sauf gammol)", "bêta-\nfreineurs (sauf Gammol)"])
def test_a_name_is_known_whatever_its_spelling(thesaurus: Thesaurus, variant: str) -> None:
    assert list(thesaurus.interactions(entry(variant, "GAMMOL", "Précaution d'emploi"))) == [(BRAKES, G)]


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("CONTRE-INDICATION", "major"),
        ("Association DECONSEILLEE", "major"),
        ("Précaution d’emploi", "moderate"),
        ("A prendre en compte", "moderate"),
        ("Il convient de prendre en compte", "moderate"),
    ],
)
def test_a_level_is_a_severity(thesaurus: Thesaurus, level: str, severity: str) -> None:
    assert thesaurus.interactions(entry("ALPHATRINE", "GAMMOL", level)) == {(A, G): {"severity": severity}}


def test_the_gravest_of_several_levels_stands_in_whatever_order(thesaurus: Thesaurus) -> None:
    levels = ("A prendre en compte", "CONTRE-INDICATION", "Précaution d'emploi")
    for several in (levels, levels[::-1]):
        assert thesaurus.interactions(entry("ALPHATRINE", "GAMMOL", *several)) == {(A, G): {"severity": "major"}}


def test_a_pair_stands_once_the_smaller_identifier_first(thesaurus: Thesaurus) -> None:
    layer, _ = thesaurus.read(
        entry("BETACINE", "ALPHATRINE", "A prendre en compte", mechanism=BLEEDS),
        entry("ALPHATRINE", "BETACINE", "Précaution d'emploi", mechanism=SLOWS),
    )
    found = [fact for fact in layer.facts if fact.predicate == INTERACTS_WITH]
    assert found == [Fact(A, INTERACTS_WITH, B, "ansm", {"severity": "moderate", "effect": "slow heartbeat"})]
    assert A < B


def test_two_entries_as_grave_that_differ_in_their_effects_state_none(thesaurus: Thesaurus) -> None:
    first = entry("ALPHATRINE", "GAMMOL", "Précaution d'emploi", mechanism=BLEEDS)
    second = entry("ALPHATRINE", "GAMMOL (VOIE INJECTABLE)", "Précaution d'emploi", mechanism=SLOWS)
    assert thesaurus.interactions(first, second) == {(A, G): {"severity": "moderate"}}


def test_what_narrows_a_name_narrows_its_interactions_unless_a_broader_one_says_the_same(thesaurus: Thesaurus) -> None:
    narrow = entry("ALPHATRINE", "GAMMOL (VOIE INJECTABLE)", "CONTRE-INDICATION")
    assert thesaurus.interactions(narrow) == {(A, G): {"severity": "major", "purpose": "when injected"}}
    mild, grave = entry("ALPHATRINE", "GAMMOL", "A prendre en compte"), entry("ALPHATRINE", "GAMMOL", "Association DECONSEILLEE")
    assert thesaurus.interactions(narrow, mild) == {(A, G): {"severity": "major", "purpose": "when injected"}}
    assert thesaurus.interactions(narrow, grave) == {(A, G): {"severity": "major"}}


def test_members_of_a_group_can_differ_from_the_others(thesaurus: Thesaurus) -> None:
    group = "bêta-freineurs (sauf gammol)"
    thesaurus.limit((group, "gammol", "", "minor", "by mouth"), (group, "gammol", "bétacine", "major", ""))
    found = thesaurus.interactions(entry("GAMMOL", group.upper(), "CONTRE-INDICATION", "A prendre en compte", mechanism=BLEEDS))
    effect = "higher risk of bleeding"
    assert found == {
        (BRAKES, G): {"severity": "moderate", "effect": effect, "purpose": "by mouth"},
        (B, G): {"severity": "major", "effect": effect, "purpose": "by mouth"},
    }


def test_a_member_that_is_excepted_makes_the_others_stand_one_by_one_under_their_own_names(thesaurus: Thesaurus) -> None:
    group = "bêta-freineurs (sauf gammol)"
    thesaurus.limit((group, "gammol", "bétacine", "none", ""))
    mechanism = "Augmentation des concentrations plasmatiques du bêta-freineur."
    found = thesaurus.interactions(entry(group, "GAMMOL", "Précaution d'emploi", mechanism=mechanism))
    assert found == {(A, G): {"severity": "moderate", "effect": "higher level of alphatrine"}}


def test_a_group_that_does_not_go_with_itself_is_stated_of_each_member(thesaurus: Thesaurus) -> None:
    found = thesaurus.interactions(entry("HYPOTONIANTS", "AUTRES HYPOTONIANTS", "A prendre en compte"))
    assert set(found) == {(A, LOWERERS), (B, LOWERERS), (LOWERERS, LIQUORICE)}


def test_a_name_that_stands_for_no_medicine_is_left_out_with_its_interactions(thesaurus: Thesaurus) -> None:
    layer, left_out = thesaurus.read(entry("GAMMOL", "MÉDICAMENTS ADMINISTRÉS PAR VOIE ORALE", "A prendre en compte"))
    assert not [fact for fact in layer.facts if fact.predicate == INTERACTS_WITH]
    assert left_out["a name that stands for no one medicine"] == 1


def test_a_name_that_is_not_in_the_table_is_an_error_that_names_the_file(thesaurus: Thesaurus) -> None:
    with pytest.raises(DataError, match=r"thesaurus\.json: the name 'DELTAZOL' is not known: add it to .*names\.tsv"):
        thesaurus.read(entry("ALPHATRINE", "DELTAZOL", "A prendre en compte"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", r"thesaurus\.json:1: not JSON"),
        ("{}", "expected a list of entries"),
        ('[{"main_drug": "ALPHATRINE"}]', "the entry 1 lacks some of main_drug, plus_drug"),
        (json.dumps([entry("ALPHATRINE", "GAMMOL")]), "ALPHATRINE with GAMMOL has no level"),
        (json.dumps([entry("ALPHATRINE", "GAMMOL", "INTERDIT")]), "has the level 'INTERDIT': expected contre-indication"),
        (json.dumps([{**entry("ALPHATRINE", "GAMMOL"), "severity_levels": "x"}]), "severity_levels of the entry 1 is no list"),
    ],
)
def test_a_thesaurus_of_another_form_is_an_error(thesaurus: Thesaurus, content: str, problem: str) -> None:
    thesaurus.entries.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        read_ansm(thesaurus.index, thesaurus.entries, thesaurus.tables, {})


@pytest.mark.parametrize(
    ("table", "row", "problem"),
    [
        ("names.tsv", "x\tno curie\tx\t\t", r"names\.tsv:12: 'no curie' is not a CURIE"),
        ("names.tsv", "x\tCHEBI:1\t\t\t", r"names\.tsv:12: 'x' has no English name"),
        ("names.tsv", "BETACINE\tCHEBI:1\tbetacin\t\t", r"names\.tsv:12: 'BETACINE' stands there in another spelling"),
        ("limits.tsv", "gammol\tbetacine\t\tnone\t", r"limits\.tsv:2: the severity 'none' is not known here"),
        ("limits.tsv", "gammol\tepsilon\t\tminor\t", r"limits\.tsv: the name 'epsilon' is not known"),
        ("effects.tsv", "(\tx\t\t", r"effects\.tsv:8: '\(' is no regular expression"),
        ("effects.tsv", "\tx\t\t", r"effects\.tsv:8: the row has no pattern"),
    ],
)
def test_a_broken_row_of_our_tables_is_an_error_that_names_the_file(thesaurus: Thesaurus, table: str, row: str, problem: str) -> None:
    with (thesaurus.tables / table).open("a", encoding="utf-8") as stream:
        stream.write(f"{row}\n")
    with pytest.raises(DataError, match=problem):
        thesaurus.read()


PARTIES = (party("alphatrine", "alphatrine"), party("bêta-freineurs (sauf gammol)", "beta brakes"))


@pytest.fixture(scope="module")
def effects(tmp_path_factory: pytest.TempPathFactory) -> list[Effect]:
    path = tmp_path_factory.mktemp("tables") / "effects.tsv"
    write_rows(path, ("pattern", "effect", "about", "way"), EFFECTS)
    return read_effects(path)


@pytest.mark.parametrize(
    ("mechanism", "effect"),
    [
        (BLEEDS, "higher risk of bleeding"),
        ("Majoration du risque ulcérogène et hémorragique digestif.", "ulcers and bleeding"),
        ("Risque hémorragique, bradycardie.", "higher risk of bleeding and slow heartbeat"),
        ("Risque ulcérogène et hémorragique, bradycardie.", "ulcers and bleeding; slow heartbeat"),
        ("Bradycardie, nausées, risque hémorragique.", "higher risk of bleeding and slow heartbeat"),
        ("Risque hémorragique ou thrombotique.", ""),
        ("Diminution du risque hémorragique.", ""),
        ("Sans bradycardie.", ""),
        ("Une bradycardie est discutée.", ""),
        ("Mécanisme inconnu.", ""),
        ("Augmentation des concentrations plasmatiques de l’alphatrine.", "higher level of alphatrine"),
        ("Augmentation des concentrations d'alphatrine, avec risque de surdosage.", "alphatrine can build up to harmful levels"),
        ("Surdosage en alphatrine.", "alphatrine can build up to harmful levels"),
        ("Augmentation des concentrations d'alphatrine et de ses effets indésirables.", "higher level and more side effects of alphatrine"),
        ("Risque majoré des effets indésirables, notamment digestifs, de l'alphatrine par le gammol.", "more side effects of alphatrine"),
        ("Majoration de la toxicité rare du bêta-freineur.", "more harmful effects of beta brakes"),
        ("Diminution des concentrations plasmatiques du bêta- freineur.", "lower level of beta brakes"),
        ("Diminution des concentrations d'alphatrine avec risque d'échec du traitement.", "weaker effect of alphatrine"),
        ("Diminution des concentrations et de l'efficacité de l'alphatrine.", "weaker effect of alphatrine"),
        ("Diminution des concentrations d'alphatrine, sans modification apparente de l'efficacité.", "lower level of alphatrine"),
        ("Réduction de l'effet sédatif de l'alphatrine par les bêta-freineurs.", "weaker effect of alphatrine"),
        ("Diminution de l'absorption digestive des bêta-freineurs.", "poorer absorption of beta brakes"),
        (
            "Augmentation des concentrations d'alphatrine et diminution des concentrations du bêta-freineur.",
            "higher level of alphatrine and lower level of beta brakes",
        ),
        ("Augmentation ou diminution possible : augmentation des concentrations d'alphatrine, baisse des concentrations d'alphatrine.", ""),
        ("Augmentation des concentrations du métabolite de l'alphatrine.", ""),
        ("Augmentation des concentrations du gammol.", ""),
        ("Diminution des concentrations, en raison de l'effet inducteur de l'alphatrine.", ""),
    ],
)
def test_an_effect_is_told_only_where_the_text_is_certain(effects: Sequence[Effect], mechanism: str, effect: str) -> None:
    assert effect_of(mechanism, PARTIES, effects) == effect


def test_both_ingredients_of_a_combination_and_a_turned_name_are_recognised(effects: Sequence[Effect]) -> None:
    pair = (party("alphatrine + gammol", "alphatrine/gammol"), party("delta (sels de)", "delta salts"))
    for name in ("la bithérapie", "alphatrine/gammol", "alphatrine et de gammol"):
        assert effect_of(f"Diminution des concentrations de {name}.", pair, effects) == "lower level of alphatrine/gammol"
    assert effect_of("Moindre efficacité des sels de delta.", pair, effects) == "weaker effect of delta salts"


def test_the_tables_that_ship_are_whole(effects: Sequence[Effect]) -> None:
    shipped = read_effects(ontologies_directory() / "ansm" / "effects.tsv")
    assert effect_of(BLEEDS, (), shipped) == "higher risk of bleeding"
    assert effect_of("Risque de torsades de pointes.", (), shipped) == ""
    assert effect_of("Risque majoré de troubles du rythme ventriculaire, notamment de torsades de pointes.", (), shipped) == (
        "dangerous heart rhythm from QT prolongation"
    )
    assert effect_of("Sauf en cas d'hypokaliémie : hyperkaliémie potentiellement létale.", (), shipped) == "dangerously high potassium"
    assert all(bool(effect.about) == bool(effect.way) for effect in shipped)
    assert {effect.pattern.pattern for effect in shipped} == {spelling(effect.pattern.pattern) for effect in shipped}


def test_the_same_thesaurus_gives_the_same_bytes_and_comes_back(thesaurus: Thesaurus, tmp_path: Path) -> None:
    entries = [
        entry("ALPHATRINE", "GAMMOL (VOIE INJECTABLE)", "CONTRE-INDICATION", mechanism=BLEEDS),
        entry("BETACINE", "GAMMOL", "A prendre en compte"),
    ]
    layer = thesaurus.read(*entries)[0]
    write_layer(layer, tmp_path / "one")
    write_layer(thesaurus.read(*entries[::-1])[0], tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["edges.tsv.xz", "nodes.tsv.xz"]
    assert [(tmp_path / "one" / n).read_bytes() for n in names] == [(tmp_path / "two" / n).read_bytes() for n in names]
    records = list(read_compact(tmp_path / "one", Options("ansm")))
    assert sorted(e.curie for e in records if isinstance(e, Entity)) == sorted(e.curie for e in layer.entities)
    stated = {(f.subject, f.object): dict(f.qualifiers) for f in records if isinstance(f, Fact) and f.predicate == INTERACTS_WITH}
    assert stated == {
        (A, G): {"severity": "major", "effect": "higher risk of bleeding", "purpose": "when injected"},
        (B, G): {"severity": "moderate"},
    }


def test_writing_leaves_our_own_tables_in_place(thesaurus: Thesaurus) -> None:
    layer, _ = thesaurus.read(entry("ALPHATRINE", "GAMMOL", "CONTRE-INDICATION"))
    before = {path.name: path.read_bytes() for path in thesaurus.tables.iterdir()}
    write_layer(layer, thesaurus.tables)
    assert {name: (thesaurus.tables / name).read_bytes() for name in before} == before
    assert len([r for r in read_compact(thesaurus.tables, Options("ansm")) if isinstance(r, Entity)]) == len(layer.entities)
