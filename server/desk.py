"""The front desk of the server: lets questions through to the pipeline, a few at a time and off the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from qa.linker import Linker
from qa.pipeline import Pipeline
from server.settings import Settings

T = TypeVar("T")


class Desk:
    """What the routes share.

    Args:
        pipeline: Answers questions; None while the server is not ready.
        linker: Finds entities; None while the server is not ready.
        settings: How much is taken on.
    """

    def __init__(self, pipeline: Pipeline | None, linker: Linker | None, settings: Settings) -> None:
        self._pipeline, self._linker = pipeline, linker
        self._waiting = settings.waiting
        self._limiter = CapacityLimiter(settings.at_once)

    @property
    def ready(self) -> bool:
        """True where questions are answered."""
        return self._pipeline is not None

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline; a problem, 503, where there is none."""
        if self._pipeline is None:
            raise HTTPException(503, "the server is not ready to answer questions", {"retry-after": "5"})
        return self._pipeline

    @property
    def linker(self) -> Linker:
        """The linker; a problem, 503, where there is none."""
        if self._linker is None:
            raise HTTPException(503, "the server is not ready to link texts", {"retry-after": "5"})
        return self._linker

    async def run(self, work: Callable[[], T]) -> T:
        """Run work in a thread when it is its turn; a problem, 503, where too many wait already."""
        if not self._limiter.available_tokens and self._limiter.statistics().tasks_waiting >= self._waiting:
            raise HTTPException(503, "too many questions are waiting; try again in a moment", {"retry-after": "5"})
        return await to_thread.run_sync(work, limiter=self._limiter)


def _desk(request: Request) -> Desk:
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]
