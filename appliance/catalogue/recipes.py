"""What a certificate is to say, and which certificates make a case: values only.

Texts may hold `{ip}` and `{dns}`, the address and the name at which the case is served, and
`{ip_end}` and `{domain}`, what follows the first dot in each. Knows nothing of DER, keys or
clients; `crafting` makes certificates of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from appliance.catalogue.revocation import Revocation

DAY = timedelta(days=1)
SERVER_USAGES = ("digital_signature", "key_encipherment")
AUTHORITY_USAGES = ("key_cert_sign", "crl_sign")

AuthorityIdentifier = Literal[
    "key", "none", "own", "wrong-key", "issuer-serial", "wrong-issuer-serial"
]


@dataclass(frozen=True, slots=True)
class Extra:
    """An extension that has no field in `Recipe`: its OID and its DER."""

    oid: str
    der: bytes
    critical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One certificate, as it is to be: what `Recipe()` says is a sound server certificate.

    common_names: the CNs of the subject, after C, O and an OU that names the case; without
        any, the subject is empty.
    issuer: the role that issues it, a key of `Case.certificates`; empty when it signs itself.
    issuer_name, issuer_text: the issuer's CN and string type where they are to differ from
        what the issuer calls itself.
    key: a name that `keyring.KINDS` knows. key_of: the role whose key it has; else its own.
    signature: a name that `crafting.SIGNATURES` knows. claimed_signature: what the signed part
        says it is, where that is to differ.
    damaged: one bit of the signature is wrong.
    starts, ends: from the time it is made for, or absolute (aware UTC).
    generalized: write both times as GeneralizedTime, whatever the year (RFC 5280 4.1.2.5
        wants that from 2050 on only).
    names: the SAN; `DNS:`, `IP:`, `email:`, `URI:`, `OCTETS:` (an iPAddress in hex) or
        `IP-text:` (one in letters). None leaves it out, an empty tuple writes it empty.
    ca: BasicConstraints' CA; None leaves the extension out.
    usages: KeyUsage, by the names `cryptography` has for its bits; None leaves it out.
    purposes: ExtendedKeyUsage, names of `crafting.PURPOSES` or OIDs; None leaves it out.
    key_identifier: whether it has a SKI. authority_identifier: the AKI it has when another
        issued it; `own` gives one to a certificate that signs itself.
    permitted, excluded: name constraints, `DNS:example.test` or `IP:127.0.0.0/8`.
    crl, ocsp: whether it names a place for a revocation list, and an OCSP responder.
    more: further extensions, written last.
    """

    common_names: tuple[str, ...] = ("{dns}",)
    text: Literal["utf8", "printable", "bmp"] = "utf8"
    issuer: str = ""
    issuer_name: str | None = None
    issuer_text: Literal["utf8", "printable", "bmp"] | None = None
    key: str = "rsa-2048"
    key_of: str = ""
    signature: str = "sha256"
    claimed_signature: str = ""
    damaged: bool = False
    version: int = 3
    serial: int | None = None
    starts: timedelta | datetime = -DAY
    ends: timedelta | datetime = 364 * DAY
    generalized: bool = False
    names: tuple[str, ...] | None = ("IP:{ip}", "DNS:{dns}")
    names_critical: bool = False
    ca: bool | None = False
    ca_critical: bool = True
    path_length: int | None = None
    usages: tuple[str, ...] | None = SERVER_USAGES
    usages_critical: bool = True
    purposes: tuple[str, ...] | None = ("server",)
    purposes_critical: bool = False
    key_identifier: bool = True
    authority_identifier: AuthorityIdentifier = "key"
    permitted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    constraints_critical: bool = True
    crl: bool = False
    ocsp: bool = False
    more: tuple[Extra, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One endpoint: what it presents, and what a client that meets it trusts.

    name: its id, stable, in lower case with hyphens. topic: the module of its kind.
    title: what it is, in a line. wrong: what is wrong with it; empty when it is sound.
    certificates: recipes by role; an issuer stands before what it issues.
    chain: roles as presented, leaf first. anchors: roles that the client trusts.
    host: the name or address that the client uses.
    asked: when clients ask, counted from the time the case is made for. frozen: whether that
        is an instant, to be met only with the client's clock stopped.
    revocation: what the root says of the leaf's, and how: `listed` in a revocation list,
        `answered` by OCSP, or `stapled-…` to the handshake; empty when nothing can be had.
    """

    name: str
    topic: str
    title: str
    wrong: str
    certificates: Mapping[str, Recipe]
    chain: tuple[str, ...] = ("leaf",)
    anchors: tuple[str, ...] = ("root",)
    host: str = "{ip}"
    asked: timedelta = timedelta()
    frozen: bool = False
    revocation: Revocation = ""


def leaf(**changes: Any) -> Recipe:
    """A sound server certificate that `root` issues, but for `changes`."""
    return Recipe(**({"issuer": "root"} | changes))


def authority(name: str = "Root", **changes: Any) -> Recipe:
    """A sound authority for ten years, self-signed unless `issuer` is among `changes`."""
    sound: dict[str, Any] = {
        "common_names": (name,),
        "names": None,
        "ca": True,
        "usages": AUTHORITY_USAGES,
        "purposes": None,
        "ends": 3650 * DAY,
    }
    return Recipe(**(sound | changes))


def intermediate(name: str = "Intermediate", **changes: Any) -> Recipe:
    """A sound authority under `root`, for server certificates only (path length 0)."""
    return authority(name, **({"issuer": "root", "path_length": 0} | changes))


# What a certificate without any extension says.
BARE: dict[str, Any] = {
    "names": None,
    "ca": None,
    "usages": None,
    "purposes": None,
    "key_identifier": False,
    "authority_identifier": "none",
}


def of_topic(topic: str) -> Callable[..., Case]:
    """A maker of the cases of one topic, so that their tables can be short.

    It takes name, title, what is wrong, and: `leaf` and `root`, the recipes that are not
    ordinary; `between`, recipes by role that come between these two; the rest as in `Case`.
    """

    def case(
        name: str,
        title: str,
        wrong: str = "",
        *,
        leaf: Recipe = _LEAF,
        root: Recipe = _ROOT,
        between: Mapping[str, Recipe] | None = None,
        **others: Any,
    ) -> Case:
        certificates = {"root": root, **(between or {}), "leaf": leaf}
        return Case(name, topic, title, wrong, certificates, **others)

    return case


def self_signed(topic: str) -> Callable[..., Case]:
    """As `of_topic`, for cases in which the server's certificate signs itself and is trusted."""

    def case(name: str, title: str, wrong: str = "", *, leaf: Recipe, **others: Any) -> Case:
        return Case(name, topic, title, wrong, {"leaf": leaf}, **({"anchors": ("leaf",)} | others))

    return case


_LEAF, _ROOT = leaf(), authority()
