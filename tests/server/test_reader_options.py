"""Tests of how the options about the reader reach what opens it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.reader import Progress, Span
from qa.runtimes import REMEMBERED, ReaderChoice, Runtime
from server.cli import main
from server.service import Factories, Service
from server.settings import Settings

QUESTION = {"id": "1", "question": "What is gout?", "answers": [{"answer_start": 0, "text": "gout"}]}
SQUAD = {"version": "1.1", "data": [{"title": "", "paragraphs": [{"context": "gout is", "qas": [QUESTION]}]}]}


class FirstWord:
    def extract(self, pairs: Sequence[tuple[str, str]], *, may_abstain: bool = True, progress: Progress | None = None) -> list[Span]:
        return [Span(0, 4, passage[:4], 1.0) for _, passage in pairs]


@pytest.fixture
def asked(service: Service) -> tuple[list[ReaderChoice], Factories]:
    choices: list[ReaderChoice] = []

    def open_service(snapshot: object, choice: ReaderChoice, *_: object, **__: object) -> Service:
        choices.append(choice)
        return service

    def open_reader(choice: ReaderChoice) -> FirstWord:
        choices.append(choice)
        return FirstWord()

    return choices, Factories(service=open_service, span_reader=open_reader)  # type: ignore[arg-type]


def test_the_runtime_reaches_the_reader(asked: tuple[list[ReaderChoice], Factories], tmp_path: Path) -> None:
    choices, factories = asked
    squad, patient, questions = tmp_path / "squad.json", tmp_path / "patient.jsonl", tmp_path / "questions.txt"
    squad.write_text(json.dumps(SQUAD))
    expect: dict[str, Any] = {"status": "answered", "items_any": [["joint pain"]], "items_none": [], "answer_any": []}
    patient.write_text(json.dumps({"id": "1", "kind": "symptoms", "question": "What is gout?", "expect": expect}))
    questions.write_text("What is gout?\n")
    options = ("--runtime", "openvino", "--model", str(tmp_path))
    assert main(["ask", "What is gout?", *options], factories) == 0
    assert main(["ask", "--file", str(questions), *options], factories) == 0
    assert main(["read", "--data", str(squad), "--predictions", str(tmp_path / "out.json"), *options], factories) == 0
    assert main(["evaluate", "reader", "--data", str(squad), *options], factories) == 0
    assert main(["evaluate", "patient", "--questions", str(patient), *options], factories) == 0
    chosen = ReaderChoice(tmp_path, Runtime.OPENVINO)
    assert choices == [chosen, ReaderChoice(tmp_path, Runtime.OPENVINO, remembered=REMEMBERED), chosen, chosen, chosen]


def test_the_shipped_reader_runs_as_suits_the_machine(asked: tuple[list[ReaderChoice], Factories]) -> None:
    choices, factories = asked
    assert main(["ask", "What is gout?"], factories) == 0
    assert choices == [ReaderChoice(None, Runtime.AUTO)]


def test_a_server_remembers_and_reads_together_what_it_is_told_to(
    asked: tuple[list[ReaderChoice], Factories], monkeypatch: pytest.MonkeyPatch
) -> None:
    choices, factories = asked
    taken: list[Settings] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    monkeypatch.setattr("server.app.create_app", lambda pipeline, linker, settings: taken.append(settings))
    assert main(["serve", "--port", "0"], factories) == 0
    assert main(["serve", "--port", "0", "--runtime", "onnxruntime", "--at-once", "4", "--remember", "0"], factories) == 0
    assert choices == [ReaderChoice(remembered=Settings().remembered), ReaderChoice(None, Runtime.ONNXRUNTIME, 0, 4)]
    assert [settings.at_once for settings in taken] == [1, 4]


@pytest.mark.parametrize("options", [("--runtime", "tensorflow"), ("--at-once", "0"), ("--remember", "-1")])
def test_what_cannot_be_is_refused(options: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", *options]) == 2
    assert options[0] in capsys.readouterr().err
