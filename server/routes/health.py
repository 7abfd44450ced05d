"""`GET /healthz` and `GET /readyz`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from server.desk import AtDesk
from server.errors import responses
from server.schemas import HealthModel

router = APIRouter(tags=["health"])


# Both are coroutines that wait for nothing: they answer while every thread is busy.
@router.get("/healthz", summary="Say that the server is there")
async def healthz() -> HealthModel:
    """Say that the server is there."""
    return HealthModel(status="ok")


@router.get("/readyz", responses=responses(503), summary="Say that questions are answered")
async def readyz(desk: AtDesk) -> HealthModel:
    """Say whether questions are answered."""
    if not desk.ready:
        raise HTTPException(503, "the server is not ready to answer questions", {"retry-after": "5"})
    return HealthModel(status="ready")
