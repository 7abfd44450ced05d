"""Tests of sections that are one line: what holds beside a heading does not hold below it."""

from __future__ import annotations

import pytest

from qa.assertion import assertions
from qa.model import Mention


@pytest.mark.parametrize(
    ("note", "finding", "expected"),
    [
        ("FH: brother MI at 50.\nImp: inferior STEMI.\nGiven aspirin.", "aspirin", "present"),
        ("FH: brother MI at 50.\nImp: inferior STEMI.\nGiven aspirin.", "MI", "family"),
        ("FAMILY HISTORY:\nFather: gout.\nMother: asthma.", "asthma", "family"),
        ("PMH: asthma,\n  gout.\nO/E wheeze.", "gout", "historical"),
        ("Dengue and typhoid excluded; HIV negative.", "typhoid", "negated"),
        ("murmur; congenital heart disease to be excluded by echo.", "congenital heart disease", "hypothetical"),
    ],
)
def test_a_heading_says_something_of_its_own_line(note: str, finding: str, expected: str) -> None:
    start = note.index(finding)
    (found,) = assertions(note, [Mention(start, start + len(finding), finding, None, 1.0)])
    assert found.value == expected
