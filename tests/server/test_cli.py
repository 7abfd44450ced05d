from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from kg.graph import SnapshotGraph
from server.cli import main
from server.commands.serve import bind
from server.commands.training import TRAINERS
from server.render import SHOWN, answer_lines
from server.service import Factories

GOUT = "What are the symptoms of gout?"


def fails(capsys: pytest.CaptureFixture[str], status: int, *arguments: str, factories: Factories | None = None) -> str:
    """Check the exit status, that nothing is printed and that the error is one sentence; return it."""
    assert main(arguments, factories) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("medkg: ")
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err
    return printed.err


def test_ask_prints_the_answer_its_triples_and_the_notices(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", GOUT], factories) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Symptoms of gout include ")
    assert any(line.startswith("    gout has_phenotype ") and "[" in line for line in lines)
    assert lines[-1].startswith("Note: This is general information")
    assert "\x1b" not in "".join(lines)


def test_ask_json_is_the_contract(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", GOUT, "--json"], factories) == 0
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert list(answer) == ["question", "status", "answer", "confidence", "items", "mentions", "notices"]
    assert list(answer["items"][0]) == ["text", "entity", "score", "evidence"]
    fact = ["subject", "predicate", "object", "subject_name", "object_name", "source", "qualifiers"]
    assert list(answer["items"][0]["evidence"][0]) == fact


def test_an_emergency_stands_first(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "I have crushing chest pain and my left arm hurts"], factories) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("*** URGENT")
    assert "emergency" in second


def test_a_long_list_is_cut_and_counted() -> None:
    items = [{"text": str(n), "evidence": []} for n in range(SHOWN + 3)]
    answer = {"status": "answered", "answer": "Many.", "items": items, "notices": []}
    assert list(answer_lines(answer))[-1].strip() == "... and 3 more; --json shows all."


def test_a_file_is_answered_line_by_line_whatever_is_in_it(
    factories: Factories, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [GOUT.encode(), b"", b"x" * 100_000, b"\xff\xfe", b"gout\x00\x07 symptoms", b"???", "gout\u2028\x0bfever".encode()]
    file = tmp_path / "questions.txt"
    file.write_bytes(b"\r\n".join(lines) + b"\r\n")
    assert main(["ask", "--file", str(file)], factories) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]
    assert len(answers) == len(lines)
    assert answers[0]["status"] == "answered"
    refused = {"status": "abstained", "confidence": 0, "items": [], "mentions": [], "notices": []}
    for number, reason in ((1, "empty"), (2, "100000 characters"), (3, "UTF-8"), (5, "no word")):
        assert refused.items() <= answers[number].items()
        assert reason in answers[number]["answer"]


@pytest.mark.parametrize(("question", "reason"), [("", "empty"), (" \t\x00\x1b", "empty"), ("x" * 100_000, "100000"), ("123", "no word")])
def test_a_question_that_cannot_be_taken_is_a_wrong_call(
    question: str, reason: str, factories: Factories, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reason in fails(capsys, 2, "ask", question, factories=factories)


def test_bytes_that_are_not_utf_8_are_asked_and_printed(factories: Factories, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "gout \udcff symptoms", "--json"], factories) == 0
    assert json.loads(capsys.readouterr().out)["question"] == "gout \ufffd symptoms"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("ask",),
        ("ask", GOUT, "--file", "-"),
        ("ask", "--file", "missing.txt"),
        ("ask", GOUT, "--bogus"),
        ("ask", "two", "questions"),
        ("ask", GOUT, "--why", "--no-reader"),
        ("ask", "--why", "--file", "-"),
        ("link", "--file", "missing.jsonl"),
        ("read", "--data", "missing.json", "--predictions", "out.json"),
        ("serve", "--port", "65536"),
        ("serve", "--port", "http"),
        ("train",),
        ("train", "questions", "--out", "missing/questions.jsonl"),
        ("evaluate", "patient", "--compare", "--no-reader"),
        ("nonsense",),
    ],
)
def test_a_wrong_call_is_one_sentence_and_status_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    fails(capsys, 2, *arguments)


def test_a_broken_snapshot_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manifest.json").write_text("{")
    assert str(tmp_path) in fails(capsys, 1, "stats", "--snapshot", str(tmp_path))
    assert "no manifest.json" in fails(capsys, 1, "ask", GOUT, "--snapshot", str(tmp_path / "none"))


def test_a_missing_model_is_named(tiny_graph: SnapshotGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = ("--snapshot", str(tiny_graph.path), "--model", str(tmp_path))
    assert "vocab.txt" in fails(capsys, 1, "ask", GOUT, *snapshot)
    (tmp_path / "vocab.txt").write_text("the\nwhat\n")
    assert str(tmp_path) in fails(capsys, 1, "ask", GOUT, *snapshot)


def test_a_traceback_is_shown_to_those_who_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--snapshot", str(tmp_path), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_port_in_use_is_said_before_anything_is_opened(capsys: pytest.CaptureFixture[str]) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("opened before the port was taken")

    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        error = fails(capsys, 1, "serve", "--port", str(port), factories=Factories(service=never))  # type: ignore[arg-type]
    assert f"port {port}" in error


def test_link_prints_mentions_and_takes_files(factories: Factories, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "no gout", "--json"], factories) == 0
    (mention,) = json.loads(capsys.readouterr().out)["mentions"]
    assert (mention["start"], mention["end"], mention["text"], mention["assertion"]) == (3, 7, "gout", "negated")
    file = tmp_path / "in.jsonl"
    file.write_text('{"id": "a", "text": "gout"}\n{"id": 2, "text": ""}\n')
    assert main(["link", "--file", str(file)], factories) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["id"], len(line["mentions"])) for line in lines] == [("a", 1), (2, 0)]
    file.write_text('{"id": "a"}\n')
    assert f"{file}:1:" in fails(capsys, 1, "link", "--file", str(file), factories=factories)


def test_stats_json_is_the_contract(tiny_graph: SnapshotGraph, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--json", "--snapshot", str(tiny_graph.path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["entities", "facts", "by_category", "by_predicate", "sources"]
    assert [list(source) for source in found["sources"]] == [["name", "version", "licence", "facts"]]
    assert found["facts"] == sum(found["by_predicate"].values())


def test_sparql_answers_as_a_table_and_as_json(tiny_graph: SnapshotGraph, capsys: pytest.CaptureFixture[str]) -> None:
    query = 'SELECT ?name { ?x rdfs:label ?name FILTER(STR(?name) = "gout") }'
    snapshot = ("--snapshot", str(tiny_graph.path))
    assert main(["sparql", query, *snapshot]) == 0
    assert capsys.readouterr().out == "name\ngout\n"
    assert main(["sparql", query, "--json", *snapshot]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "gout"}]
    fails(capsys, 1, "sparql", "SELEC", *snapshot)


def test_build_replaces_nothing_but_a_snapshot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "is no snapshot" in fails(capsys, 2, "build", "--snapshot", str(tmp_path))
    assert (tmp_path / "thesis.txt").is_file()


def test_patient_questions_are_measured_with_and_without_reader(
    factories: Factories, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = {"status": "answered", "items_any": [["joint pain"]], "items_none": [], "answer_any": []}
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"id": "1", "kind": "symptoms", "question": GOUT, "expect": expect}))
    assert main(["evaluate", "patient", "--questions", str(file), "--json", "--compare"], factories) == 0
    scores = json.loads(capsys.readouterr().out)
    assert {way: score["all"]["total"] for way, score in scores.items()} == {"with_reader": 1, "without_reader": 1}


def test_questions_are_made(tiny_graph: SnapshotGraph, tmp_path: Path) -> None:
    out = tmp_path / "questions.jsonl"
    assert main(["train", "questions", "--out", str(out), "--count", "1", "--snapshot", str(tiny_graph.path)]) == 0
    assert out.is_file()


@pytest.mark.parametrize("name", TRAINERS)
def test_a_training_lists_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        main(["train", name, "--help"])
    told = capsys.readouterr().out
    assert told.startswith(f"usage: medkg train {name} --base DIR")
    assert "--seed SEED" in told


def test_a_training_that_fails_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("reader", "pretrain"):
        assert "config.json: the file is missing" in fails(capsys, 1, "train", name, "--base", str(tmp_path), "--out", str(tmp_path / "o"))
    assert "no teacher is given" in fails(capsys, 1, "train", "distill", "--base", str(tmp_path), "--out", str(tmp_path / "o"))


def test_commands_without_a_reader_do_without_torch() -> None:
    code = "import sys, server.cli, server.app; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_broken_pipe_is_quiet(tiny_graph: SnapshotGraph) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "server.cli", "stats", "--snapshot", str(tiny_graph.path)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_host_that_is_none_is_said() -> None:
    with pytest.raises(Exception, match="not-an-address"):
        bind("not-an-address.invalid", 0)


def test_a_taken_socket_is_the_one_listened_on() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        with socket.create_connection(taken.getsockname(), timeout=5):
            pass
