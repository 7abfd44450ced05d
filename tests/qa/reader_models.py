"""Tiny models and vocabularies for the reader's tests; nothing is downloaded."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import torch
from transformers.models.bert import BertConfig, BertModel
from transformers.models.mpnet import MPNetConfig, MPNetModel

from qa.reader_model import ReaderModel
from qa.training.saving import save_reader

WORDS = [
    "what",
    "does",
    "treat",
    "causes",
    "is",
    "the",
    "a",
    "of",
    "gout",
    "aspirin",
    "colchicine",
    "fever",
    "joint",
    "pain",
    "headache",
    "symptoms",
    "treatments",
    "rash",
    "ibuprofen",
    "swelling",
    "where",
    "in",
    "who",
    "lives",
    "river",
    "paris",
    "london",
    "berlin",
    "rome",
    "city",
    "stands",
    "by",
    "alice",
    "bob",
    "carol",
    "dave",
    "house",
]
MARKS = [".", ";", ":", "?", "[", "]", ",", "'", "-", "(", ")", "<", ">", "/"]
SHARED = [*MARKS, *string.ascii_lowercase, *("##" + c for c in string.ascii_lowercase), *(w for w in WORDS if len(w) > 1)]
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *SHARED]
MPNET_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *reversed(SHARED), "<mask>"]
SETTINGS: dict[str, Any] = {"threshold": 0.0, "max_tokens": 64, "stride": 16, "heads": ["span", "slot"], "base": "tiny"}


def write_tokenizer(directory: Path, tokens: list[str]) -> Path:
    """Write a tokenizer.json as BERT's are: special tokens are parsed, inputs cut and padded."""
    names = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<pad>", "<mask>")
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    normaliser = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None}
    form = {
        "version": "1.0",
        "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": None,
        "added_tokens": [{"id": n, "content": t, **flags} for n, t in enumerate(tokens) if t in names],
        "normalizer": {**normaliser, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": {**model, "vocab": {t: n for n, t in enumerate(tokens)}},
    }
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "tokenizer.json").write_text(json.dumps(form), encoding="utf-8")
    return directory


def tiny_bert(seed: int = 0) -> ReaderModel:
    """Return a random BERT of two layers."""
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(TOKENS), max_position_embeddings=64, **sizes)
    return ReaderModel(BertModel(config, add_pooling_layer=False))


def tiny_mpnet(seed: int = 0) -> ReaderModel:
    """Return a random MPNet of one layer, with a vocabulary in another order."""
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 64}
    config = MPNetConfig(vocab_size=len(MPNET_TOKENS), max_position_embeddings=66, pad_token_id=1, **sizes)
    return ReaderModel(MPNetModel(config, add_pooling_layer=False))


def write_reader(directory: Path, model: ReaderModel | None = None, tokens: list[str] = TOKENS) -> Path:
    """Write a reader directory."""
    write_tokenizer(directory, tokens)
    model = model or tiny_bert()
    save_reader(directory, model, model.state_dict(), directory, SETTINGS)
    return directory
