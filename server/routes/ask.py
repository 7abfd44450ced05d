"""`POST /v1/ask`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from qa.answer import answer_as_dict
from server.desk import AtDesk
from server.errors import responses
from server.schemas import AnswerModel, AskRequest

router = APIRouter(prefix="/v1", tags=["questions"])


@router.post("/ask", response_model=AnswerModel, responses=responses(400, 413, 422, 500, 503), summary="Answer a question")
async def ask(request: AskRequest, desk: AtDesk) -> dict[str, Any]:
    """Answer a question, with the triples that the answer rests on and their sources. This is information, not medical advice."""
    pipeline = desk.pipeline
    return await desk.run(lambda: answer_as_dict(pipeline.ask(request.question), pipeline.graph))
