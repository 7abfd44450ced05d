"""Tests of how files and directories are recognised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.model import Fact
from kg.sources.records import Options
from kg.sources.registry import FORMATS, recognise

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("hetionet", "hetionet"),
        ("sider4", "sider"),
        ("pharmacotherapydb", "pharmacotherapydb"),
        ("disease_ontology", "disease-ontology-tables"),
        ("hpo_layperson", "hpo-layperson"),
    ],
)
def test_real_directories_are_recognised(real_data: Path, folder: str, name: str) -> None:
    assert recognise(real_data / "kg" / folder) is FORMATS[name]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mondo.obo.gz", "", "obo"),
        ("phenotype.hpoa", "", "hpo-annotations"),
        ("a.SSSOM.tsv", "", "sssom"),
        ("a.tsv", "", "csv"),
        ("layperson-synonyms.tsv", "", "hpo-layperson"),
        ("a.json", '{"graphs": []}', "obographs"),
        ("a.json", '{"@context": {}}', "jsonld"),
        ("a.owl", "<?xml version='1.0'?><rdf:RDF>", "rdfxml"),
        ("a.owl", "Prefix(:=<http://x>)\nOntology(<http://x>)", "owl"),
        ("a.owl", "<?xml version='1.0'?><Ontology xmlns='x'/>", "owl"),
    ],
)
def test_files_are_recognised_by_name_and_beginning(tmp_path: Path, name: str, text: str, expected: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert recognise(path) is FORMATS[expected]


def test_what_is_not_recognised_is_told_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text("")
    with pytest.raises(DataError, match=r"a.docx: is of no format .*--format, one of csv, .*hetionet.*turtle"):
        recognise(tmp_path / "a.docx")
    with pytest.raises(DataError, match="no such file or directory"):
        recognise(tmp_path / "b.obo")
    with pytest.raises(DataError, match=r"no resource that is known: expected hetionet by \*nodes.tsv and"):
        recognise(tmp_path)


def test_a_reader_is_imported_when_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "indications.tsv").write_text("doid_id\tdrugbank_id\tdisease\tdrug\tcategory\nDOID:1\tDB1\ta\tb\tNOT\n")
    found = list(FORMATS["pharmacotherapydb"].read(tmp_path, Options("reviewed")))
    assert [(record.source, record.negated) for record in found if isinstance(record, Fact)] == [("reviewed", True)]
    program = "import sys, kg.sources.registry; print([name for name in sys.modules if name == 'kg.sources.pharmacotherapydb'])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
