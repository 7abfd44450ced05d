"""Every error over HTTP, as problem details (RFC 9457, `application/problem+json`)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.errors import EndpointError
from qa.errors import QuestionError
from server.schemas import Problem

_LOGGER = logging.getLogger(__name__)

HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Sent with every response that does not set them itself."""


class ProblemResponse(JSONResponse):
    """A problem as it is sent."""

    media_type = "application/problem+json"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """Return a problem: its type is that of the status, `detail` says what was wrong with this request."""
    content = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return ProblemResponse(content.model_dump(), status, dict(headers or {}))


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problems that a route may answer with, for its description."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def handle_errors(app: FastAPI) -> None:
    """Make problems of the errors that routes raise and of requests that no route takes."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(QuestionError, _question)
    app.add_exception_handler(EndpointError, _endpoint)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:
        # Starlette's own: no route is there, or none for this method.
        detail = f"{request.method} {request.url.path} is not served here; /docs lists what is"
    return problem(error.status_code, detail, error.headers)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # What was sent is not sent back: it may be long, and half a surrogate pair has no place in JSON.
    faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    detail = f"{'; '.join(faults)}; expected JSON, sent as application/json, of the form that /docs shows"
    return problem(422, detail.encode("utf-8", "replace").decode("utf-8"))


async def _question(request: Request, error: Exception) -> Response:
    return problem(422, str(error))


async def _endpoint(request: Request, error: Exception) -> Response:
    # The address of the engine is the operator's business, not the visitor's.
    _LOGGER.error("%s: %s", request.url.path, error)
    return problem(503, "the graph does not answer at the moment; try again soon", {"retry-after": "30"})


class Guard:
    """Bounds request bodies, adds the headers of `HEADERS`, and lets no error out but as a problem without internals.

    Args:
        app: What answers.
        body_limit: Longest body, in bytes.
    """

    def __init__(self, app: ASGIApp, body_limit: int) -> None:
        self._app, self._limit = app, body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                present = {name for name, _ in message["headers"]}
                extra = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in present]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            first = await self._body(receive)
            if first is None:
                refusal = problem(413, f"the body is longer than {self._limit} bytes, the most that is taken", {"connection": "close"})
                await refusal(scope, receive, send_on)
                return
            await self._app(scope, _replay(first, receive), send_on)
        except Exception as error:
            # The message of an error may quote the question, so only its type and place are logged.
            _LOGGER.error("%s in %s:\n%s", type(error).__name__, scope["path"], "".join(traceback.format_tb(error.__traceback__)))
            if started:
                raise ConnectionError("the response was cut off by an internal error") from None
            await problem(500, "something went wrong here; it has been logged")(scope, receive, send_on)

    async def _body(self, receive: Receive) -> Message | None:
        """Return the whole body as one message, or None where it is too long; a disconnect is passed on."""
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self._limit:
                return None
            if not message.get("more_body", False):
                return {"type": "http.request", "body": body, "more_body": False}


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def receive_on() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_on
