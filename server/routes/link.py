"""`POST /v1/link` and `GET /v1/entities/{curie}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException

from kg.errors import CurieError
from server.desk import AtDesk
from server.errors import responses
from server.lookup import found_as_dict, look_up, read_identifier
from server.schemas import EntityModel, LinkRequest, MentionsModel

router = APIRouter(prefix="/v1", tags=["graph"])


@router.post("/link", response_model=MentionsModel, responses=responses(400, 413, 422, 500, 503), summary="Link a text to the graph")
async def link(request: LinkRequest, desk: AtDesk) -> dict[str, Any]:
    """Find the diseases, medicines and symptoms that a text names; offsets are half-open, in characters."""
    linker = desk.linker
    return {"mentions": await desk.run(lambda: [mention.as_dict() for mention in linker.link(request.text)])}


# `path`: the local part of a CURIE may hold a slash.
@router.get("/entities/{curie:path}", response_model=EntityModel, responses=responses(404, 410, 422, 500, 503), summary="Show an entity")
def entity(curie: Annotated[str, Path(examples=["MONDO:0005393"])], desk: AtDesk) -> dict[str, Any]:
    """Show an entity and its facts both ways: those of which it is the subject, and those of which it is the object.

    An identifier of another vocabulary, or one that was replaced, finds the entity that it stands for; `alias` says so.
    """
    graph = desk.pipeline.graph
    try:
        found = look_up(graph, read_identifier(curie))
    except CurieError as error:
        raise HTTPException(422, str(error)) from error
    content = found_as_dict(graph, found)
    if content is None:
        raise HTTPException(404 if found.alias is None else 410, found.remark())
    return content
