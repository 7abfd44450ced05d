from __future__ import annotations

import base64
import hashlib
import logging
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kg.build import build_snapshot
from kg.errors import EndpointError
from kg.graph import SnapshotGraph, open_snapshot
from kg.merge import Reading, merge
from kg.model import Curie
from kg.shipped import read_source
from kg.sources.everyday import read_everyday
from kg.sources.records import Replacement
from qa.model import Answer
from qa.pipeline import Pipeline
from qa.safety import SafetyTable
from server.app import create_app
from server.service import Service
from server.settings import Settings

GOUT = "What are the symptoms of gout?"


@pytest.fixture(scope="module")
def app(service: Service) -> FastAPI:
    return create_app(service.pipeline, service.linker)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as found:
        yield found


class Failing:
    """A pipeline that fails, quoting the question."""

    def __init__(self, graph: SnapshotGraph) -> None:
        self.graph = graph

    def ask(self, question: str) -> Answer:
        raise RuntimeError(question)


class Cut(Failing):
    """A pipeline over an engine that does not answer."""

    def ask(self, question: str) -> Answer:
        raise EndpointError("http://graph.internal:7878/query cannot be reached")


class Slow(Failing):
    """A pipeline that answers when it is let go."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.pipeline.graph)
        self._pipeline, self.busy, self.go = service.pipeline, threading.Event(), threading.Event()

    def ask(self, question: str) -> Answer:
        self.busy.set()
        assert self.go.wait(10)
        return self._pipeline.ask(question)


def test_ask_gives_the_contract(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": GOUT})
    assert response.status_code == 200
    answer = response.json()
    assert list(answer) == ["question", "status", "answer", "confidence", "items", "mentions", "notices"]
    assert answer["status"] == "answered"
    assert answer["items"][0]["evidence"][0]["source"]


def test_link_gives_mentions(client: TestClient) -> None:
    (mention,) = client.post("/v1/link", json={"text": "no gout"}).json()["mentions"]
    assert (mention["start"], mention["end"], mention["assertion"]) == (3, 7, "negated")


def test_an_entity_comes_with_its_facts_both_ways(client: TestClient) -> None:
    found = client.get("/v1/entities/MONDO:0005393").json()
    assert found["name"] == "gout"
    assert {fact["subject_name"] for fact in found["facts"]["out"]} == {"gout"}
    assert {fact["object_name"] for fact in found["facts"]["in"]} == {"gout"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/ask", b'{"question": ""}', 422),
        ("POST", "/v1/ask", b'{"question": "\\u0000\\u0007"}', 422),
        ("POST", "/v1/ask", b'{"question": "' + b"x" * 10_000 + b'"}', 422),
        ("POST", "/v1/ask", b'{"question": "\\ud800"}', 422),
        ("POST", "/v1/ask", b'{"question": 5}', 422),
        ("POST", "/v1/ask", b'{"question": null}', 422),
        ("POST", "/v1/ask", b"{}", 422),
        ("POST", "/v1/ask", b"[]", 422),
        ("POST", "/v1/ask", b"", 422),
        ("POST", "/v1/ask", b"{", 422),
        ("POST", "/v1/ask", b'{"question": "gout", "extra": 1}', 422),
        ("POST", "/v1/ask", b"\xff\xfe", 422),
        ("POST", "/v1/ask", b"[" * 60_000, 400),
        ("POST", "/v1/ask", b'{"question": "' + b"x" * 70_000 + b'"}', 413),
        ("POST", "/v1/link", b'{"text": "' + b"x" * 70_000 + b'"}', 413),
        ("POST", "/v1/link", b'{"text": []}', 422),
        ("POST", "/v1/link", b'{"text": "' + b"x" * 10_001 + b'"}', 422),
        ("GET", "/v1/ask", b"", 405),
        ("GET", "/v1/link", b"", 405),
        ("DELETE", "/", b"", 405),
        ("POST", "/healthz", b"", 405),
        ("POST", "/readyz", b"", 405),
        ("POST", "/docs", b"", 405),
        ("POST", "/v1/entities/MONDO:0005393", b"", 405),
        ("GET", "/v1/entities/MONDO:9999999", b"", 404),
        ("GET", "/v1/entities/gout", b"", 422),
        ("GET", "/v1/entities/", b"", 422),
        ("GET", "/v1/entities/%00", b"", 422),
        ("GET", "/docs/nothing.js", b"", 404),
        ("GET", "/docs/..%2f__init__.py", b"", 404),
        ("GET", "/nothing", b"", 404),
        ("GET", "/v1/ask/", b"", 404),
    ],
)
def test_every_error_is_a_problem(client: TestClient, method: str, path: str, body: bytes, status: int) -> None:
    response = client.request(method, path, content=body, headers={"content-type": "application/json"})
    assert_problem(response.status_code, status, response.headers["content-type"], response.json())


def assert_problem(got: int, expected: int, media_type: str, content: dict[str, object]) -> None:
    assert (got, media_type) == (expected, "application/problem+json")
    assert list(content) == ["type", "title", "status", "detail"]
    assert content["status"] == expected
    assert content["detail"]


def test_every_route_answers_a_wrong_method_with_a_problem(app: FastAPI, client: TestClient) -> None:
    for path in app.openapi()["paths"]:
        response = client.put(path.replace("{curie}", "MONDO:0005393"))
        assert_problem(response.status_code, 405, response.headers["content-type"], response.json())
        assert response.headers["allow"]


def test_a_body_in_pieces_is_bounded(client: TestClient) -> None:
    response = client.post("/v1/ask", content=(b"x" * 10_000 for _ in range(10)))
    assert response.status_code == 413


def test_a_failure_tells_nothing_and_logs_no_question(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    failing = cast(Pipeline, Failing(service.pipeline.graph))
    with TestClient(create_app(failing, service.linker)) as client, caplog.at_level(logging.DEBUG):
        response = client.post("/v1/ask", json={"question": "my gout"})
    assert_problem(response.status_code, 500, response.headers["content-type"], response.json())
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("server"))
    assert "RuntimeError" in logged
    assert "RuntimeError" not in response.text
    assert "my gout" not in response.text + logged


def test_without_a_pipeline_only_health_is_well() -> None:
    with TestClient(create_app(None)) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        asked = client.post("/v1/ask", json={"question": GOUT})
        linked = client.post("/v1/link", json={"text": GOUT})
        for response in (asked, linked, client.get("/readyz"), client.get("/v1/entities/A:1"), client.get("/", params={"q": GOUT})):
            assert_problem(response.status_code, 503, response.headers["content-type"], response.json())


def test_health_is_quick_and_crowds_are_sent_away_while_a_question_is_worked_on(service: Service) -> None:
    slow = Slow(service)
    app = create_app(cast(Pipeline, slow), service.linker, Settings(waiting=0))
    with TestClient(app) as client, ThreadPoolExecutor(1) as threads:
        asked = threads.submit(client.post, "/v1/ask", json={"question": GOUT})
        assert slow.busy.wait(10)
        try:
            assert client.get("/healthz").status_code == 200
            assert client.get("/readyz").json() == {"status": "ready"}
            assert client.post("/v1/ask", json={"question": GOUT}).status_code == 503
        finally:
            slow.go.set()
        assert asked.result().status_code == 200


def test_the_page_works_without_javascript_and_escapes(client: TestClient) -> None:
    assert "<form" in client.get("/").text
    answered = client.get("/", params={"q": GOUT})
    assert "Symptoms of gout include" in answered.text
    assert "gout has_phenotype" in answered.text
    attack = '"><script>alert(1)</script>'
    for question in (attack, f"gout {attack} xyzzyplugh<b>"):
        text = client.get("/", params={"q": question}).text
        assert attack not in text
        assert "<b>" not in text
        assert text.count("<script") == 1
    assert client.get("/", params={"q": ""}).status_code == 422


def test_the_page_lets_nothing_else_run(client: TestClient) -> None:
    response = client.get("/", params={"q": GOUT})
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", response.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert not re.findall(r"\b(?:https?:)?//[a-z]", response.text)


def test_docs_refer_to_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert not re.findall(r"(?:https?:)?//", page)
    for name in re.findall(r'(?:src|href)="([^":]+)"', page):
        assert client.get(f"/{name}").status_code == 200, name
    assert "http" not in client.get("/docs/start.js").text


def test_every_route_describes_its_problems(app: FastAPI) -> None:
    for path, methods in app.openapi()["paths"].items():
        for method, route in methods.items():
            for status, response in route["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)


def test_an_engine_that_does_not_answer_is_no_fault_of_the_visitor(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    cut = cast(Pipeline, Cut(cast(SnapshotGraph, service.pipeline.graph)))
    with TestClient(create_app(cut, service.linker)) as client, caplog.at_level(logging.ERROR):
        response = client.post("/v1/ask", json={"question": GOUT})
    assert_problem(response.status_code, 503, response.headers["content-type"], response.json())
    assert response.headers["retry-after"] == "30"
    assert "graph.internal" not in response.text and "graph.internal" in caplog.text


def test_another_identifier_finds_the_entity_and_one_that_is_gone_is_said_to_be(
    tiny_directory: Path, tmp_path: Path, service: Service
) -> None:
    entities, facts = read_everyday(tiny_directory)
    gone = [Replacement(Curie("MONDO:0000001"), Curie("MONDO:0005393")), Replacement(Curie("MONDO:0000002"), None)]
    build_snapshot(merge([Reading(read_source(tiny_directory), list(entities), list(facts), gone)]), tmp_path / "snapshot", "test")
    graph = open_snapshot(tmp_path / "snapshot")
    xref = next(iter(graph.entity("MONDO:0005393").xrefs))  # type: ignore[union-attr]
    pipeline = Pipeline(graph, service.linker, SafetyTable.load(), None)
    with TestClient(create_app(pipeline, service.linker)) as client:
        assert client.get("/v1/entities/MONDO:0005393").json()["alias"] is None
        for asked, kind in ((xref, "same"), ("MONDO:0000001", "replaced")):
            found = client.get(f"/v1/entities/{asked}").json()
            assert (found["name"], found["alias"]) == ("gout", {"curie": asked, "kind": kind})
        response = client.get("/v1/entities/MONDO:0000002")
        assert_problem(response.status_code, 410, response.headers["content-type"], response.json())
        assert response.json()["detail"] == "MONDO:0000002 was withdrawn, and nothing replaces it."
