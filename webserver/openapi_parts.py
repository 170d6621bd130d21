"""Pieces of an OpenAPI document: the few shapes that all of the control API is made of."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
TIME = {"type": "string", "format": "date-time", "examples": ["2024-01-01T00:00:00Z"]}
OR_NULL = {"type": "null"}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """What `schema` describes, or null."""
    return {"anyOf": [schema, OR_NULL]}


def object_of(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An object with these members, all of them required unless it is said which."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def list_of(name: str, item: dict[str, Any]) -> dict[str, Any]:
    """An object with one member: a list of `item`."""
    return object_of({name: {"type": "array", "items": item}})


def reference(name: str) -> dict[str, str]:
    """A schema of the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """One answer of a call; None for one without a body."""
    found: dict[str, Any] = {"description": description}
    if schema is not None:
        found["content"] = {"application/json": {"schema": schema}}
    return found


def call(
    summary: str,
    answers: dict[str, Any],
    *,
    body: dict[str, Any] | None = None,
    body_required: bool = True,
    media_type: str = "application/json",
    query: tuple[str, ...] = (),
) -> dict[str, Any]:
    """One call: its `answers` by status, and the way in which every call is refused."""
    described: dict[str, Any] = {
        "summary": summary,
        "responses": answers
        | {
            "default": {
                "description": "Refused; nothing was changed.",
                "content": {"application/problem+json": {"schema": reference("Problem")}},
            }
        },
    }
    if body is not None:
        described["requestBody"] = {
            "required": body_required,
            "content": {media_type: {"schema": body}},
        }
    if query:
        described["parameters"] = [{"name": name, "in": "query", "schema": TEXT} for name in query]
    return described


def in_path(name: str, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The one parameter in a path."""
    return [{"name": name, "in": "path", "required": True, "schema": schema}]
