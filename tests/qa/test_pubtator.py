"""Tests of the reader of PubTator files."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.errors import DatasetError
from qa.evaluation.pubtator import Annotation, Document, read_pubtator

# Hand-written in the form of BC5CDR (the first) and of the NCBI disease corpus (the second).
TITLE, ABSTRACT = "Ibuprofen and acute renal failure.", "A man with gout took ibuprofen. Breast and ovarian cancer were absent."
CORPUS = f"""\
1|t|{TITLE}
1|a|{ABSTRACT}
1\t56\t65\tibuprofen\tChemical\tD007052
1\t0\t9\tIbuprofen\tChemical\tD007052
1\t46\t50\tgout\tDisease\tD006073
1\t67\t92\tBreast and ovarian cancer\tDisease\tD001943|D010051\tBreast cancer|ovarian cancer
1\t14\t33\tacute renal failure\tDisease\tD058186
1\t20\t33\trenal failure\tDisease\t-1
1\tCID\tD007052\tD058186

2|t|Familial gout.
2|a|
2\t0\t13\tFamilial gout \tModifier\tOMIM:138900+D006073

2|t|Familial gout.
2|a|
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text(CORPUS, encoding="utf-8")
    return path


def test_documents_are_title_and_abstract_with_their_mentions_in_order(corpus: Path) -> None:
    first, second = read_pubtator(corpus)
    assert first.text == f"{TITLE} {ABSTRACT}"
    assert [(a.start, a.text, a.kind) for a in first.annotations] == [
        (0, "Ibuprofen", "chemical"),
        (14, "acute renal failure", "disease"),
        (20, "renal failure", "disease"),
        (46, "gout", "disease"),
        (56, "ibuprofen", "chemical"),
        (67, "Breast and ovarian cancer", "disease"),
    ]
    assert all(first.text[a.start : a.end] == a.text for a in first.annotations)
    assert second == Document("2", "Familial gout. ", (Annotation(0, 13, "Familial gout", "disease", ("OMIM:138900", "MESH:D006073")),))


def test_identifiers_are_curies_none_where_there_is_none(corpus: Path) -> None:
    found = {a.text: a.identifiers for a in read_pubtator(corpus)[0].annotations}
    assert found["Breast and ovarian cancer"] == ("MESH:D001943", "MESH:D010051")
    assert found["renal failure"] == ()


def test_windows_line_ends_and_strange_separators_change_no_offset(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes("7|t|A\u2028gout.\r\n7|a|Rash.\r\n7\t2\t6\tgout\tDisease\tD006073\r\n".encode())
    (document,) = read_pubtator(path)
    assert document.text == "A\u2028gout. Rash."
    assert document.annotations[0].text == "gout"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1\t46\t50\tgout", "1\t47\t51\tgout", "line 5: characters 47 to 51 of the document are not 'gout'"),
        ("Chemical\tD007052\n1\t0", "Gene\tD007052\n1\t0", "line 3: a mention of kind 'Gene'; expected one of Disease"),
        ("1\t46", "9\t46", "line 5: '9' in the first column; expected 1"),
        ("1|t|Ib", "Ib", "line 1: .*; expected 'ID|t|TITLE'"),
        ("1|a|A man", "3|a|A man", r"line 1: the next line is not '1\|a\|ABSTRACT'"),
        ("1\tCID\tD007052\tD058186", "1\tCID", "line 9: .*expected id, start, end, text, kind and identifier, or a relation"),
    ],
)
def test_a_file_of_another_form_is_refused_by_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CORPUS
    path = tmp_path / "corpus.txt"
    path.write_text(CORPUS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        read_pubtator(path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"corpus\.txt: not readable"):
        read_pubtator(tmp_path / "corpus.txt")


@pytest.mark.parametrize(
    ("name", "documents", "mentions"),
    [
        ("bc5cdr/CDR_TrainingSet.PubTator.txt", 500, 9385),
        ("bc5cdr/CDR_DevelopmentSet.PubTator.txt", 500, 9591),
        ("ncbi_disease/NCBItrainset_corpus.txt", 592, 5134),
        ("ncbi_disease/NCBIdevelopset_corpus.txt", 100, 787),
    ],
)
def test_published_corpora_are_read_whole(real_data: Path, name: str, documents: int, mentions: int) -> None:
    found = read_pubtator(real_data / "nlp" / name)
    assert (len(found), sum(len(d.annotations) for d in found)) == (documents, mentions)
