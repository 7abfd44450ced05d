"""Tests of the reader of described tables; the worked example of docs/importing.md is one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.model import Curie, Entity, Fact
from kg.sources.mapped_csv import read
from kg.sources.records import About, Options, Record, Skipped
from kg.sources.registry import FORMATS

ROOT = Path(__file__).parents[2]
DESCRIPTION = """title: A table
subject: {name: drug, category: biolink:Drug}
predicate: biolink:treats
object: {id: code, prefix: MONDO, name: disease, category: biolink:Disease}
"""
TABLE = "drug,code,disease\ncolchicine,0005393,gout\n"


def records(tmp_path: Path, table: str = TABLE, description: str = DESCRIPTION, name: str = "clinic.csv") -> list[Record]:
    (tmp_path / name).write_text(table, encoding="utf-8")
    (tmp_path / "clinic.yaml").write_text(description, encoding="utf-8")
    return list(read(tmp_path / name, Options("clinic", mapping=tmp_path / "clinic.yaml")))


def test_the_worked_example_of_the_documentation_does_what_it_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    (table,), (description,) = (re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL) for kind in ("csv", "yaml"))
    found = records(tmp_path, table, description)
    assert found[0] == About("Leaflets of the joint clinic", "2026-03", "for use within the clinic")
    assert [record for record in found if isinstance(record, Fact)] == [
        Fact(
            Curie("medkg:clinic-allopurinol"), Curie("biolink:preventative_for_condition"), Curie("ICD10CM:M10.9"), "clinic",
            {"line": "first"},
        ),
        Fact(Curie("medkg:clinic-colchicine"), Curie("biolink:treats"), Curie("ICD10CM:M10.9"), "clinic", {"line": "first"}),
        Fact(Curie("medkg:clinic-amoxicillin"), Curie("biolink:treats"), Curie("ICD10CM:J00"), "clinic", negated=True),
        Fact(
            Curie("medkg:clinic-colchicine"), Curie("biolink:has_side_effect"), Curie("medkg:clinic-diarrhoea"), "clinic",
            {"frequency": "common"},
        ),
    ]  # fmt: skip
    drug = next(record for record in found if isinstance(record, Entity))
    assert drug == Entity(Curie("medkg:clinic-allopurinol"), Curie("biolink:Drug"), "Allopurinol", ("Zyloric", "allopurinol tablets"))


def test_every_command_of_the_documentation_names_a_format_that_is_known() -> None:
    page = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"--format ([a-z][\w-]*)", page)) <= FORMATS.keys()
    resources = {name for name, known in FORMATS.items() if known.resource}
    assert resources <= set(re.findall(r"medkg import (\S+)", page))


def test_a_table_may_only_list_things(tmp_path: Path) -> None:
    description = (
        "subject: {id: id, name: name, category: biolink:Disease, synonyms: other, description: text, xref: {column: do, prefix: DOID}}\n"
    )
    table = "id\tname\tother\ttext\tdo\nMONDO:0005393\tgout\tpodagra|Gout\tA disease.\t13189\nMSH:D006073\tGout, acute\t\t\t\n"
    assert records(tmp_path, table, description, "a.tsv")[1:] == [
        Entity(Curie("MONDO:0005393"), Curie("biolink:Disease"), "gout", ("podagra",), "A disease.", (Curie("DOID:13189"),)),
        Entity(Curie("MESH:D006073"), Curie("biolink:Disease"), "Gout, acute"),
    ]


def test_the_same_name_is_the_same_thing_in_every_row(tmp_path: Path) -> None:
    found = records(tmp_path, TABLE + 'Colchicine,,"gout, acute"\n')
    assert {fact.subject for fact in found if isinstance(fact, Fact)} == {"medkg:clinic-colchicine"}
    assert [record.name for record in found if isinstance(record, Entity)] == ["colchicine", "gout", "gout, acute"]


def test_rows_without_an_end_or_with_another_relation_are_skipped_and_counted(tmp_path: Path) -> None:
    description = DESCRIPTION.replace("biolink:treats", "{column: relation, values: {helps: biolink:treats}}")
    table = "drug,relation,code,disease\n,helps,1,gout\na,helps,,\na,is blue,1,gout\na,HELPS,1,gout\n"
    found = records(tmp_path, table, description)
    assert [(record.line, record.detail) for record in found if isinstance(record, Skipped)] == [(2, ""), (3, ""), (4, "is blue")]
    assert sum(isinstance(record, Fact) for record in found) == 1


def test_a_cell_may_hold_the_delimiter_and_a_line_break_which_becomes_a_blank(tmp_path: Path) -> None:
    found = records(tmp_path, 'drug,code,disease\n"a, b\nc",1,gout\n')
    assert next(record.name for record in found if isinstance(record, Entity)) == "a, b c"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("drug,disease\na,b\n", r"clinic.csv:1: has no column 'code' \(described at .*clinic.yaml:4\); its columns are: drug, disease"),
        ("", r"clinic.csv:1: has no column 'drug' .*its columns are: none"),
        ("drug,code,disease\na,1\n", r"clinic.csv:2: 2 cells where the header has 3"),
        (
            "drug,code,disease\na,1,b\na,1 2,b\n",
            r"clinic.csv:3: 'code' is '1 2': 'MONDO:1 2' is not a CURIE.*\(described at .*clinic.yaml:4\)",
        ),
        ("drug,code,disease\na,XX:1,b\n", r"clinic.csv:2: .*prefix that is not known"),
        ('drug,code,disease\na,1,"b\n', r"clinic.csv:\d: .*quotation mark"),
    ],
)
def test_mistakes_in_the_table_are_named_with_both_lines(tmp_path: Path, table: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        records(tmp_path, table)


@pytest.mark.parametrize(
    ("extra", "cell", "expected"),
    [
        ("qualifiers: {frequency: f}", "often", r"csv:2: 'f' is 'often': frequency cannot be 'often': expected one of common.*yaml:5"),
        ("qualifiers: {frequency: {column: f, values: {often: common}}}", "never", r"csv:2: 'f' is 'never': is not among the values"),
    ],
)
def test_cells_that_are_no_value_of_a_qualifier_stop_the_import(tmp_path: Path, extra: str, cell: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        records(tmp_path, f"drug,code,disease,f\na,1,b,{cell}\n", DESCRIPTION + extra + "\n")


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("", "yaml:1: lacks `subject`"),
        ("subject: [", r"yaml:\d: is no YAML"),
        ("- a\n", "yaml:1: expected a mapping"),
        ("title: a\nsubjects: {name: a}\n", "yaml:2: the key 'subjects' is not known: expected one of title"),
        ("subject: {name: a}\npredicate: biolink:treats\n", "yaml:1: has one of `predicate` and `object`"),
        (DESCRIPTION.replace("biolink:treats", "helps"), "yaml:3: the predicate 'helps' is not known: expected one of biolink:subclass_of"),
        (DESCRIPTION.replace("biolink:Drug", "Drug"), "yaml:2: the category 'Drug' is not known"),
        (DESCRIPTION.replace("MONDO", "MINDO"), "yaml:4: the prefix 'MINDO' is not known"),
        (DESCRIPTION.replace("{name: drug, ", "{"), "yaml:2: expected `id` or `name`"),
        (DESCRIPTION + "delimiter: ;;\n", "yaml:5: delimiter is ';;': expected one character"),
        (DESCRIPTION + "title: again\n", "yaml:5: the key 'title' stands twice"),
        (DESCRIPTION + "negated: {column: a}\n", "yaml:5: `negated` lacks `values`"),
        (DESCRIPTION + "qualifiers: {line: {column: a, values: {1: best}}}\n", "yaml:5: line cannot be 'best': expected one of"),
    ],
)
def test_mistakes_in_the_description_are_named_with_their_line(tmp_path: Path, description: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        records(tmp_path, description=description)


def test_a_table_without_a_description_is_told_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    with pytest.raises(DataError, match="expected --mapping"):
        list(read(tmp_path / "a.csv", Options("clinic")))


WORDED = """subject: {name: drug, category: biolink:Drug}
predicate: {column: relation, values: {helps: biolink:treats, does not help: biolink:treats}}
object: {name: disease, category: biolink:Disease}
"""
RELATIONS = "drug,relation,disease\namoxicillin,does not help,cold\n"


def test_a_denial_is_never_read_as_a_claim_because_of_a_slip(tmp_path: Path) -> None:
    rightly = WORDED + "negated: {column: relation, values: [Does not help]}\n"
    (fact,) = (record for record in records(tmp_path, RELATIONS, rightly) if isinstance(record, Fact))
    assert fact.negated
    misspelt = WORDED + "negated: {column: relation, values: [doesnt help]}\n"
    with pytest.raises(DataError, match=r"clinic\.yaml:4: `negated` names 'doesnt help', which is not among the values of `predicate`"):
        records(tmp_path, RELATIONS, misspelt)
    apart = DESCRIPTION + "negated: {column: refused, values: [yes]}\n"
    with pytest.raises(DataError, match=r"has no row that is denied: none of 'yes' stands in the column 'refused'.*clinic\.yaml:5"):
        records(tmp_path, "drug,code,disease,refused\ncolchicine,0005393,gout,y\n", apart)


def test_a_cell_cannot_stand_for_two_things(tmp_path: Path) -> None:
    twice = WORDED.replace("does not help: biolink:treats", "Helps: biolink:causes")
    with pytest.raises(DataError, match=r"clinic\.yaml:2: the value 'Helps' stands twice"):
        records(tmp_path, RELATIONS, twice)
