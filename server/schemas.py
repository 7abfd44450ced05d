"""What goes over HTTP: the contract, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_FACT: dict[str, Any] = {
    "subject": "MONDO:0005393",
    "predicate": "biolink:has_phenotype",
    "object": "HP:0002829",
    "subject_name": "gout",
    "object_name": "joint pain",
    "source": "everyday",
    "qualifiers": {"evidence": "general knowledge", "frequency": "very common"},
}
_MENTION: dict[str, Any] = {
    "start": 25,
    "end": 29,
    "text": "gout",
    "entity": "MONDO:0005393",
    "name": "gout",
    "category": "biolink:Disease",
    "score": 1.0,
    "xrefs": [],
    "assertion": "present",
}
_ANSWER: dict[str, Any] = {
    "question": "What are the symptoms of gout?",
    "status": "answered",
    "answer": "Symptoms of gout include joint pain.",
    "confidence": 0.98,
    "items": [{"text": "joint pain", "entity": "HP:0002829", "score": 0.98, "evidence": [_FACT]}],
    "mentions": [_MENTION],
    "notices": ["This is general information, not medical advice: ask a doctor or pharmacist about your own case."],
}
Share = Annotated[float, Field(ge=0, le=1)]


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"example": example})


class AskRequest(BaseModel):
    """A question."""

    model_config = _example({"question": "What are the symptoms of gout?"})
    question: Annotated[str, Field(strict=True, description="A question in English, at most 2000 characters.")]


class LinkRequest(BaseModel):
    """A text."""

    model_config = _example({"text": "She takes ibuprofen, no fever."})
    # A text holds up the questions behind it while it is linked: misspelt words take some milliseconds each.
    text: Annotated[str, Field(strict=True, max_length=10_000, description="Any text in English.")]


class FactModel(BaseModel):
    """A triple with its source; `qualifiers` has `negated` for a statement reviewed as false."""

    model_config = _example(_FACT)
    subject: str
    predicate: str
    object: str
    subject_name: str
    object_name: str
    source: str
    qualifiers: dict[str, str]


class ItemModel(BaseModel):
    """One thing that answers the question, with the triples that it rests on."""

    model_config = ConfigDict(extra="forbid")
    text: str
    entity: str | None
    score: Share
    evidence: list[FactModel]


class MentionModel(BaseModel):
    """An entity found in a text, at the characters from `start` to before `end`; `entity` is null for an unknown word."""

    model_config = _example(_MENTION)
    start: int
    end: int
    text: str
    entity: str | None
    name: str | None
    category: str | None
    score: Share
    xrefs: list[str]
    assertion: Literal["present", "negated", "hypothetical", "historical", "family"]


class AnswerModel(BaseModel):
    """An answer; with `status` urgent, `answer` says what to do now."""

    model_config = _example(_ANSWER)
    question: str
    status: Literal["answered", "abstained", "urgent"]
    answer: str
    confidence: Share
    items: list[ItemModel]
    mentions: list[MentionModel]
    notices: list[str]


class MentionsModel(BaseModel):
    """What a text names, in its order."""

    model_config = _example({"mentions": [_MENTION]})
    mentions: list[MentionModel]


class FactsModel(BaseModel):
    """Triples around an entity: it is the subject of those in `out`, the object of those in `in`."""

    model_config = ConfigDict(extra="forbid", validate_by_alias=True, validate_by_name=True)
    out: list[FactModel]
    in_: Annotated[list[FactModel], Field(alias="in")]


class AliasModel(BaseModel):
    """What was asked for, where it is not the entity's identifier: the same thing elsewhere, or one that was replaced."""

    model_config = _example({"curie": "DOID:13189", "kind": "same"})
    curie: str
    kind: Literal["same", "replaced"]


class EntityModel(BaseModel):
    """An entity and its facts, both ways."""

    model_config = ConfigDict(extra="forbid")
    curie: str
    category: str
    name: str
    synonyms: list[str]
    description: str
    xrefs: list[str]
    alias: AliasModel | None
    facts: FactsModel


class HealthModel(BaseModel):
    """That the server is there."""

    model_config = _example({"status": "ok"})
    status: Literal["ok", "ready"]


class Problem(BaseModel):
    """What was wrong with a request: problem details, RFC 9457."""

    model_config = _example(
        {
            "type": "about:blank",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "the question is empty, expected a question in words",
        }
    )
    type: str = "about:blank"
    title: str
    status: int
    detail: str
