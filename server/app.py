"""The web server: made of finished objects, so that a test serves a graph of ten entities."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from qa.linker import Linker
from qa.pipeline import Pipeline
from server.desk import Desk
from server.errors import Guard, handle_errors
from server.routes import ask, docs, health, link, page
from server.settings import Settings

_DESCRIPTION = "Answers medical questions from a knowledge graph, with triples and sources behind them. Information, not medical advice."


def create_app(pipeline: Pipeline | None, linker: Linker | None = None, settings: Settings | None = None) -> FastAPI:
    """Return the application.

    Args:
        pipeline: Answers questions; None for a server that is not ready, whose health checks answer all the same.
        linker: Finds entities for `/v1/link`; None answers that it is not ready.
        settings: How much is taken on.
    """
    chosen = settings or Settings()
    app = FastAPI(title="medkg-qa", version=_version(), description=_DESCRIPTION, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.desk = Desk(pipeline, linker, chosen)
    app.add_middleware(Guard, body_limit=chosen.body_limit)
    handle_errors(app)
    for part in (ask, link, health, page):
        app.include_router(part.router)
    docs.add_docs(app)
    return app


def _version() -> str:
    try:
        return version("medkg-qa")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0"
