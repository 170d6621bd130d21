"""A chain to be made for the moment, as a value: good in everything but what it says.

Says what is to be presented; who makes it (`appliance.faults.authority`) knows keys and
authorities. The defaults are what every measured client accepts from a root it trusts.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import timedelta


class Sent(enum.Enum):
    """Which certificates are sent after the leaf, and in which order."""

    INTERMEDIATES = "intermediates"
    NONE = "none"
    DISORDERED = "disordered"
    WITH_ROOT = "with root"


class Names(enum.Enum):
    """Which names the leaf has.

    OWN: the node's addresses and `localhost`, in the SAN.
    OTHER: `Chain.other_name` in the SAN, and nothing else.
    COMMON_NAME_ONLY: the node's address as CN, and no SAN.
    ADDRESSES_AS_DNS: the node's addresses in the SAN, but as DNS names.
    """

    OWN = "own"
    OTHER = "other"
    COMMON_NAME_ONLY = "common name only"
    ADDRESSES_AS_DNS = "addresses as DNS names"


class Staple(enum.Enum):
    """What the OCSP response says that is stapled."""

    REVOKED = "revoked"
    STALE = "stale"


class Signer(enum.Enum):
    """Under which root the chain is; `NODE` takes another node's certificate as it is."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Chain:
    """A leaf and what is sent with it.

    begins, ends: validity, from the moment it is made.
    other_name: see `Names`.
    key_bits: of the leaf's RSA key.
    digest: `sha256`, or `sha1`; of the leaf's signature.
    authority: whether the leaf says CA:TRUE, with the key usage of an authority.
    purposes: extended key usage (`server`, `client`); empty leaves the extension out.
    intermediates: authorities between root and leaf; 0 to 2.
    shares_serial: whether leaf and root have issuer and serial number in common (needs 0
        intermediates).
    own_key: whether the key that signs the handshake is the one in the leaf.
    revoked: whether the leaf is revoked (it then says where that can be asked).
    must_staple: whether the leaf demands a stapled OCSP response (RFC 7633).
    padding: octets of a private extension in the leaf.
    """

    begins: timedelta = timedelta(days=-1)
    ends: timedelta = timedelta(days=90)
    names: Names = Names.OWN
    other_name: str = ""
    key_bits: int = 2048
    digest: str = "sha256"
    authority: bool = False
    purposes: tuple[str, ...] = ("server",)
    intermediates: int = 1
    sent: Sent = Sent.INTERMEDIATES
    signer: Signer = Signer.KNOWN
    shares_serial: bool = False
    own_key: bool = True
    revoked: bool = False
    staple: Staple | None = None
    must_staple: bool = False
    padding: int = 0

    @property
    def good_for(self) -> timedelta:
        """How far from the moment of its making, either way, it says what it is to say."""
        return min(abs(self.begins), abs(self.ends)) / 2

    def dated(self, begins: timedelta, ends: timedelta) -> Chain:
        """The same with another validity."""
        return replace(self, begins=begins, ends=ends)
