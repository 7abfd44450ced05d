"""Tests of what names are learnt from: synonym sets of a graph, lay names held out, patients' wordings, pairs and their loss."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from linker_models import write_lay_names
from torch.nn.functional import normalize

from kg.graph import SnapshotGraph
from kg.names import key
from qa.errors import DatasetError
from qa.training.contrast import Pairs, PairSampler, contrastive_loss, lay_questions, measure_lay, nearest_entities
from qa.training.name_sets import FOLDS, NameSet, fold_of, read_name_sets, siblings, write_name_sets
from qa.training.patient_words import COMPLAINTS, FRAMES, PLURALS, patient_wording, rewordings
from qa.training.synonyms import LayName, name_sets, read_lay_names, write_synonyms

JOINT_PAIN, FEVER, BLEEDING = "HP:0002829", "HP:0001945", "HP:0001892"


@pytest.fixture(scope="module")
def sets(tiny_graph: SnapshotGraph, tmp_path_factory: pytest.TempPathFactory) -> list[NameSet]:
    return name_sets(tiny_graph, read_lay_names(write_lay_names(tmp_path_factory.mktemp("lay") / "lay.tsv")))


def of(sets: list[NameSet], name: str) -> NameSet:
    return next(found for found in sets if name in found.names)


def test_every_entity_has_its_names_once_the_preferred_first(sets: list[NameSet], tiny_graph: SnapshotGraph) -> None:
    assert {found.entity for found in sets} == {entity.curie for entity in tiny_graph.entities()}
    assert of(sets, "gout").names == ("gout", "gouty arthritis", "podagra")
    assert all(len({key(name) for name in found.names}) == len(found.names) for found in sets)


def test_lay_names_are_asked_in_the_fold_of_their_term(sets: list[NameSet]) -> None:
    assert dict(of(sets, "joint pain").lay) == {"Aching Joints": fold_of(JOINT_PAIN)}
    assert dict(of(sets, "fever").lay) == dict.fromkeys(("High temperature", "Burning up"), fold_of(FEVER))
    assert of(sets, "cough").lay == (), "a lay name that is the term's label asks nothing"


def test_a_lay_name_is_held_out_wherever_it_stands(sets: list[NameSet]) -> None:
    for name, term in (("flu", BLEEDING), ("measles", BLEEDING), ("joint pain", JOINT_PAIN), ("fever", FEVER)):
        found, fold = of(sets, name), fold_of(term)
        lay = {"flu": "the bug", "measles": "the bug", "joint pain": "aching joints", "fever": "high temperature"}[name]
        assert lay in found.names
        assert [lay in found.without(f) for f in (*range(FOLDS), None)] == [f != fold for f in (*range(FOLDS), None)]
        assert found.names[0] in found.without(fold)


def test_an_entity_keeps_a_name_whatever_is_held_out(tiny_graph: SnapshotGraph) -> None:
    rows = [LayName("HP:0012735", "Tussis", "coughs")]
    (cough,) = (found for found in name_sets(tiny_graph, rows) if found.entity == "HP:0012735")
    assert (cough.names, cough.lay, cough.held) == (("cough",), (), ())


def test_entities_that_share_a_name_are_of_one_cluster(sets: list[NameSet]) -> None:
    assert of(sets, "flu").cluster == of(sets, "measles").cluster
    clusters = [found.cluster for found in sets if "the bug" not in found.names]
    assert len(set(clusters)) == len(clusters)


def test_siblings_are_other_children_of_a_parent(sets: list[NameSet]) -> None:
    kin = {sets[n].names[0]: {sets[m].names[0] for m in found} for n, found in enumerate(siblings(sets))}
    assert "aspirin" in kin["naproxen"] and "naproxen" in kin["aspirin"]
    assert all(name not in found for name, found in kin.items())
    assert kin["gout"] == set()


@pytest.mark.parametrize("name", ["sets.jsonl", "sets.jsonl.xz"])
def test_name_sets_survive_a_file(sets: list[NameSet], tiny_graph: SnapshotGraph, tmp_path: Path, name: str) -> None:
    written = write_synonyms(tiny_graph, write_lay_names(tmp_path / "lay.tsv"), tmp_path / name)
    assert read_name_sets(tmp_path / name) == written == sets


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not readable as JSON"),
        ('{"entity": "HP:1"}', "line 2: category is missing or no str"),
        ("[]", "line 2: entity is missing or no str"),
    ],
)
def test_a_file_of_another_form_is_refused_by_line(tmp_path: Path, line: str, message: str) -> None:
    write_name_sets([NameSet("HP:1", "x", True, ("one",))], tmp_path / "sets.jsonl")
    with (tmp_path / "sets.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DatasetError, match=message):
        read_name_sets(tmp_path / "sets.jsonl")


def test_parents_must_be_in_the_file(tmp_path: Path) -> None:
    write_name_sets([NameSet("HP:1", "x", True, ("one",), parents=(4,))], tmp_path / "sets.jsonl")
    with pytest.raises(DatasetError, match="line 1: a parent is none of the 1 entities"):
        read_name_sets(tmp_path / "sets.jsonl")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term\tname\n", "line 1: expected the columns"),
        ("?term\t?term_label\t?layperson\nHP:1\tx\ty\n", r"line 2: .*expected <http"),
        ("", "line 1: expected the columns"),
    ],
)
def test_a_list_of_lay_names_of_another_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "lay.tsv").write_text(text)
    with pytest.raises(DatasetError, match=message):
        read_lay_names(tmp_path / "lay.tsv")


def test_complaints_of_a_part_of_the_body_are_reworded() -> None:
    assert "my chest feels tight" in rewordings("chest tightness")
    assert "my ankles are swollen" in rewordings("swollen ankles")
    assert "chest tightness" in rewordings("tightness in the chest")
    assert "my feet hurt" in rewordings("foot pain")


@pytest.mark.parametrize(
    "name", ["neuropathic pain", "red blood cell", "blood pressure", "pain", "chest", "MS", "", "swelling of the ankle joint"]
)
def test_other_names_are_not_reworded(name: str) -> None:
    assert rewordings(name) == []


def test_the_tables_fit_each_other() -> None:
    assert len({complaint.noun for complaint in COMPLAINTS}) == len(COMPLAINTS)
    assert not {complaint.noun for complaint in COMPLAINTS} & PLURALS.keys()
    assert all(frame.count("{}") == 1 for frame in FRAMES)


def test_frames_keep_the_name_and_lower_only_a_common_first_letter() -> None:
    chance = random.Random(0)
    said = {patient_wording(name, chance) for name in ("Gait disturbance", "MS relapse") for _ in range(40)}
    assert all("gait disturbance" in text or "MS relapse" in text for text in said)
    assert len(said) > len(FRAMES)


@pytest.mark.parametrize("wording", [0.0, 1.0])
@pytest.mark.parametrize("fold", [*range(FOLDS), None])
def test_held_out_names_are_never_drawn(sets: list[NameSet], fold: int | None, wording: float) -> None:
    sampler = PairSampler(sets, fold, 0, wording)
    held = {key(name) for found in sets for name, of in found.lay if of == fold}
    for pairs in islice(sampler.batches(4), 200):
        for text in (*pairs.left, *pairs.right, *pairs.other):
            assert not any(f" {name} " in f" {key(text)} " for name in held)


def test_pairs_name_one_entity_and_negatives_another(sets: list[NameSet]) -> None:
    names = {n: set(found.names) for n, found in enumerate(sets)}
    by_cluster = {found.cluster: set[str]() for found in sets}
    for found in sets:
        by_cluster[found.cluster] |= set(found.names)
    near = [[n for n in range(len(sets)) if n != m][:3] for m in range(len(sets))]
    for pairs in islice(PairSampler(sets, None, 1, 0.0, near).batches(4), 200):
        assert len(set(pairs.clusters.tolist())) == len(pairs.left) == len(pairs.right) == len(pairs.other)
        for left, right, other, cluster in zip(pairs.left, pairs.right, pairs.other, pairs.clusters.tolist(), strict=True):
            assert left != right
            assert any({left, right} <= of for of in names.values())
            assert other not in by_cluster[cluster]


def test_a_sibling_is_the_hard_negative_where_there_is_one(sets: list[NameSet]) -> None:
    nsaids = {name for drug in ("naproxen", "aspirin", "ibuprofen") for name in of(sets, drug).names}
    drawn = [
        other
        for pairs in islice(PairSampler(sets, None, 2, 0.0).batches(4), 100)
        for left, other in zip(pairs.left, pairs.other, strict=True)
        if left in nsaids
    ]
    assert drawn
    assert sum(other in nsaids for other in drawn) > 0.9 * len(drawn)


def test_the_same_seed_draws_the_same(sets: list[NameSet]) -> None:
    one, other = (list(islice(PairSampler(sets, 0, 3).batches(4), 5)) for _ in range(2))
    assert [pairs.left + pairs.other for pairs in one] == [pairs.left + pairs.other for pairs in other]


def test_a_batch_larger_than_the_graph_is_all_of_it(sets: list[NameSet]) -> None:
    pairs = next(PairSampler(sets, None, 0).batches(10_000))
    assert len(pairs.left) == len({found.cluster for found in sets if len(found.names) > 1})


def test_the_loss_asks_for_the_partner_and_spares_what_means_the_same() -> None:
    left, right = torch.eye(3), torch.eye(3)
    other = normalize(torch.tensor([[1.0, 0.1, 0.0], [0.0, 0.0, 1.0], [0.3, 0.3, 0.3]]))
    apart = Pairs([""] * 3, [""] * 3, [""] * 3, np.array([0, 1, 2]), np.array([7, 8, 9]))
    spared = replace(apart, other_clusters=np.array([0, 2, 9]))
    hard, soft = (contrastive_loss(left, right, other, pairs, 0.05).item() for pairs in (apart, spared))
    # By hand: rows 0 and 2 each compete with one almost equal negative, which is spared in the second.
    assert hard == pytest.approx((np.log(1 + np.exp(20 * (0.995037 - 1))) + np.log(2)) / 3, abs=1e-3)
    assert soft == pytest.approx(0, abs=1e-3)
    assert contrastive_loss(left, right.roll(1, 0), other, apart, 0.05).item() > 10


def by_letters(texts: list[str]) -> torch.Tensor:
    """Stand in for an encoder: names are near where they share letters."""
    counts = torch.tensor([[text.casefold().count(chr(97 + n)) for n in range(26)] for text in texts], dtype=torch.float)
    return normalize(counts + 1e-6)


def test_near_entities_are_of_other_clusters(sets: list[NameSet]) -> None:
    near = nearest_entities([found.names for found in sets], sets, by_letters, 3)
    assert all(sets[m].cluster != sets[n].cluster for n, found in enumerate(near) for m in found)
    assert {len(found) for found in near} == {3}
    gout = next(n for n, found in enumerate(sets) if "gout" in found.names)
    products = by_letters([found.names[0] for found in sets]) @ by_letters(["gout"])[0]
    products[gout] = -1
    assert [sets[m].entity for m in near[gout]] == [sets[m].entity for m in products.topk(3).indices.tolist()]


def test_lay_names_are_looked_for_among_names_not_held_out(sets: list[NameSet]) -> None:
    fold = fold_of(JOINT_PAIN)
    asked, meant, names, owners = lay_questions(sets, fold)
    assert "Aching Joints" in asked
    assert {sets[n].entity for n in meant[asked.index("Aching Joints")]} == {JOINT_PAIN}
    assert "aching joints" not in names and "arthralgia" in names and "gout" not in names
    assert all(name in sets[n].names for name, n in zip(names, owners, strict=True))


def test_the_share_of_lay_names_found_is_in_percent(sets: list[NameSet]) -> None:
    fold = fold_of(FEVER)
    asked, meant, _, _ = lay_questions(sets, fold)
    answers = {name: sets[min(of)].names[0] for name, of in zip(asked, meant, strict=True)}
    perfect = measure_lay(sets, fold, lambda texts: by_letters([answers.get(text, text) for text in texts]))
    assert (perfect["questions"], perfect["top1"], perfect["top5"]) == (len(asked), 100.0, 100.0)
    wrong = measure_lay(sets, fold, lambda texts: by_letters(["zzz" if text in answers else text for text in texts]))
    assert wrong["top1"] < 100


def test_the_published_list_is_read_whole(real_data: Path) -> None:
    rows = read_lay_names(real_data / "kg" / "hpo_layperson" / "layperson-synonyms.tsv")
    assert len(rows) == 7186
    assert sum(row.term == "HP:0002829" for row in rows) >= 1
    assert {fold_of(row.term) for row in rows} == set(range(FOLDS))
