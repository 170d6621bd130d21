"""Forms as they come in, bounded, and as they go back: values kept, messages beside fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from aiohttp import web

from store.refusals import Refusal, Refused
from webserver.portal.uploads import MULTIPART_TYPE, Fields, parse_multipart

MAX_FIELDS = 200
FORM_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: web.Request, max_body: int) -> Fields:
    """The fields of a posted form, and its files; of repeated ones the last.

    Not aiohttp's own reader: that believes any charset a client names. Raises what
    aiohttp answers with 413 (more than `max_body` bytes), 415 or 400.
    """
    if request.content_type not in (FORM_TYPE, MULTIPART_TYPE):
        raise web.HTTPUnsupportedMediaType
    body = await request.clone(client_max_size=max_body).read()
    try:
        if request.content_type == MULTIPART_TYPE:
            return parse_multipart(request.headers["Content-Type"], body)
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise web.HTTPBadRequest from None
    return Fields(dict(pairs))


@dataclass(slots=True)
class Form:
    """A form on its way to a page.

    values: what the fields show; never passwords.
    wrong: messages by field.
    general: messages about no field that the form has.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: dict[str, list[Refusal]] = field(default_factory=dict)
    general: list[Refusal] = field(default_factory=list)

    def refuse(self, refused: Refused, fields: Iterable[str]) -> Form:
        """This form with every refusal at its field, or above the form when it has none."""
        known = set(fields)
        for refusal in refused.refusals:
            if refusal.field in known:
                assert refusal.field is not None
                self.wrong.setdefault(refusal.field, []).append(refusal)
            else:
                self.general.append(refusal)
        return self

    def told(self, words: Callable[[Refusal], Refusal]) -> Form:
        """This form with each refusal as `words` puts it."""
        return replace(
            self,
            wrong={name: [words(one) for one in found] for name, found in self.wrong.items()},
            general=[words(one) for one in self.general],
        )
