"""What the box is asked to get from an ACME CA, and how: a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from appliance.acme.wire import Challenge, Identifier

# Let's Encrypt's two, by name; any other is given by its URL.
DIRECTORIES = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}


PRACTICE = "practice"  # the name of the practice CA beside the box, where there is one


@dataclass(frozen=True, slots=True)
class Beside:
    """A CA that runs beside the box. trust: PEM, what its own server is trusted by."""

    directory: str
    trust: str


@dataclass(frozen=True, slots=True)
class Binding:
    """An account that the customer has with the CA beside ACME: its key's name, and the key."""

    kid: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the box is to get, and how.

    contact: `mailto:` URLs; the first is also whom the box tells people to call.
    trust: PEM certificates that the CA's own server may be trusted by, beside the system's.
    activate_at: time of day (UTC, the box's calendar) at which a restart may be; None: any.
    dns: base URL of what sets DNS records, for dns-01; None where there is none.
    preferred_chain: the common name of the root that a chain should lead to, or None.
    profile: the CA's name for a kind of certificate, or None.
    """

    directory: str
    names: tuple[Identifier, ...]
    challenge: Challenge
    contact: tuple[str, ...] = ()
    trust: str = ""
    activate_at: time | None = None
    binding: Binding | None = None
    dns: str | None = None
    preferred_chain: str | None = None
    profile: str | None = None

    @property
    def ca(self) -> str:
        """The CA's host, as people call it."""
        return urlsplit(self.directory).hostname or self.directory

    @property
    def whom(self) -> str | None:
        """The contact's address, without its scheme."""
        return self.contact[0].removeprefix("mailto:") if self.contact else None

    def as_json(self) -> dict[str, Any]:
        """All of it in the members of `PUT /v1/acme`, but no secret."""
        return {
            "directory": self.directory,
            "names": [name.value for name in self.names],
            "challenge": self.challenge.value,
            "contact": [one.removeprefix("mailto:") for one in self.contact]
            if len(self.contact) > 1
            else self.whom,
            "trust": self.trust or None,
            "accept_terms": True,
            "activate_at": None if self.activate_at is None else f"{self.activate_at:%H:%M}",
            "eab": None if self.binding is None else {"kid": self.binding.kid},
            "dns": self.dns,
            "preferred_chain": self.preferred_chain,
            "profile": self.profile,
        }
