"""Tiny encoders and files for the tests of the linker's encoder; nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from reader_models import TOKENS, tiny_bert, write_tokenizer
from safetensors.torch import save_file

from qa.name_encoder import NameModel

LAY_NAMES = """\
?term	?term_label	?layperson
<http://purl.obolibrary.org/obo/HP_0002829>	"Arthralgia"	"Aching Joints"
<http://purl.obolibrary.org/obo/HP_0001945>	"Fever"	"High temperature"
<http://purl.obolibrary.org/obo/HP_0001945>	"Fever"	"Burning up"
<http://purl.obolibrary.org/obo/HP_0001892>	"Abnormal bleeding@en"	"the bug"
<http://purl.obolibrary.org/obo/HP_0012735>	"Cough"	"Coughs"
<http://purl.obolibrary.org/obo/HP_9999999>	"Nothing"	"Nobody's sign"
"""
CORPUS = """\
{n}|t|Aspirin causes gout.
{n}|a|Joint pain is treated by ibuprofen in berlin. Colchicine causes rash.
{n}\t0\t7\tAspirin\tChemical\tD001241
{n}\t15\t19\tgout\tDisease\tD006073
{n}\t21\t31\tJoint pain\tDisease\tD018771
{n}\t27\t31\tpain\tDisease\tD010146
{n}\t46\t55\tibuprofen\tChemical\tD007052
{n}\t67\t77\tColchicine\tChemical\tD003078
{n}\t85\t89\trash\tDisease\tD005076
"""


def write_lay_names(path: Path) -> Path:
    path.write_text(LAY_NAMES, encoding="utf-8")
    return path


def write_corpus(path: Path, documents: int = 30, chemicals: bool = True) -> Path:
    blocks = [CORPUS.format(n=n) for n in range(documents)]
    if not chemicals:
        blocks = ["".join(line + "\n" for line in block.splitlines() if "\tChemical\t" not in line) for block in blocks]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def write_plain_bert(directory: Path, seed: int = 0) -> Path:
    """Write a Hugging Face directory, as any BERT comes."""
    write_tokenizer(directory, TOKENS)
    encoder = tiny_bert(seed).encoder
    config = {name: value for name, value in encoder.config.to_dict().items() if not name.startswith("_")}  # type: ignore[operator, union-attr]
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
    weights = {name: tensor.contiguous() for name, tensor in encoder.state_dict().items()}
    save_file(weights | {"pooler.dense.bias": torch.zeros(32)}, directory / "model.safetensors")
    return directory


def tiny_name_model(tags: bool = True, seed: int = 0) -> NameModel:
    """Return a random encoder whose tags are anything."""
    model = NameModel(tiny_bert(seed).encoder, tags)
    if model.tag is not None:
        torch.nn.init.normal_(model.tag.weight)
    return model.eval()
