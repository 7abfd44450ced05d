"""The page at `/`: one file, nothing from another host; it works without JavaScript as well."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from qa.answer import answer_as_dict
from qa.errors import QuestionError
from server.desk import AtDesk
from server.render import item_text, provenance, statement

router = APIRouter()
DIRECTORY = Path(__file__).resolve().parents[1] / "page"


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
async def page(desk: AtDesk, q: Annotated[str | None, Query()] = None) -> HTMLResponse:
    """Show the form and, where a question is asked, its answer."""
    answer, refusal = None, ""
    if q is not None:
        pipeline = desk.pipeline
        try:
            answer = await desk.run(lambda: answer_as_dict(pipeline.ask(q), pipeline.graph))
        except QuestionError as error:
            refusal = str(error)
    template, policy = _template()
    body = template.render(question=q or "", answer=answer, refusal=refusal)
    return HTMLResponse(body, 422 if refusal else 200, {"content-security-policy": policy})


@cache
def _template() -> tuple[Template, str]:
    """Return the page and the policy that lets nothing run but its own style and script, as they stand in the file."""
    environment = Environment(loader=FileSystemLoader(DIRECTORY), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"statement": statement, "provenance": provenance, "item_text": item_text}
    source = (DIRECTORY / "index.html").read_text(encoding="utf-8")
    style, script = (_digest(re.findall(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)[0]) for tag in ("style", "script"))
    policy = f"default-src 'none'; img-src data:; style-src {style}; script-src {script}; connect-src 'self'; form-action 'self'"
    return environment.get_template("index.html"), f"{policy}; base-uri 'none'; frame-ancestors 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
