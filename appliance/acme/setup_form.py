"""From the members of `PUT /v1/acme` to a `Setup`: everything wrong is told at once.

Nothing is asked of the CA here.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.acme.setup import DIRECTORIES, PRACTICE, Beside, Binding, Setup
from appliance.acme.wire import MAX_URL, Challenge, Identifier
from store.foreign import UNREADABLE, collected_warnings
from store.names import dns_name
from store.refusals import Refusal, refuse_all

MAX_NAMES = 100
MAX_TRUST = 1 << 18
FIELDS = (
    "directory",
    "names",
    "challenge",
    "contact",
    "trust",
    "accept_terms",
    "activate_at",
    "eab",
    "dns",
    "preferred_chain",
    "profile",
)


def parse_setup(values: Mapping[str, Any], *, beside: Beside | None = None) -> Setup:
    """A `Setup` from the members of `PUT /v1/acme`; refused with all that is wrong.

    directory: an https URL, a key of `DIRECTORIES`, or `PRACTICE` for the CA `beside` the box,
    whose trust need not be given. names: DNS names or IP addresses.
    """
    instead = f"Fields are {', '.join(FIELDS)}."
    wrong = [
        Refusal("unknown-field", f"There is no field {key[:40]!r} here.", key[:40], instead)
        for key in values
        if key not in FIELDS
    ]
    challenge = _challenge(values.get("challenge", "http-01"), wrong)
    setup = Setup(
        directory=(directory := _directory(values.get("directory"), beside, wrong)),
        names=_names(values.get("names"), challenge, wrong),
        challenge=challenge,
        contact=_contact(values.get("contact"), wrong),
        trust=_trust(values.get("trust"), wrong)
        + (beside.trust if beside is not None and directory == beside.directory else ""),
        activate_at=_hour(values.get("activate_at"), wrong),
        binding=_binding(values.get("eab"), wrong),
        dns=_dns(values.get("dns"), challenge, wrong),
        preferred_chain=_short(values, "preferred_chain", wrong),
        profile=_short(values, "profile", wrong),
    )
    if values.get("accept_terms") is not True:
        wrong.append(
            Refusal(
                "acme-terms-not-accepted",
                "The CA's terms of service are not accepted.",
                "accept_terms",
                "Read them, and accept them.",
            )
        )
    refuse_all(wrong)
    return setup


def _directory(value: object, beside: Beside | None, wrong: list[Refusal]) -> str:
    if isinstance(value, str) and value.strip() == PRACTICE:
        if beside is not None:
            return beside.directory
        message = "There is no practice CA beside this box."
        instead = "Start the box with --with-ca, or give the URL of a CA's directory."
        wrong.append(Refusal("acme-no-practice", message, "directory", instead))
        return ""
    if isinstance(value, str) and value.strip() in DIRECTORIES:
        return DIRECTORIES[value.strip()]
    text = _https(value)
    if text is None:
        wrong.append(
            Refusal(
                "acme-directory",
                "The directory is no https URL."
                if value
                else "The directory of the CA is missing.",
                "directory",
                f"Give its URL, or one of {' and '.join(DIRECTORIES)}.",
            )
        )
    return text or ""


def _https(value: object, *, schemes: tuple[str, ...] = ("https",)) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_URL:
        return None
    text = value.strip()
    try:
        parts = urlsplit(text)
        good = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        return None
    good = good and text.isascii() and text.isprintable() and " " not in text
    return text if good and parts.username is None else None


def _challenge(value: object, wrong: list[Refusal]) -> Challenge:
    for challenge in Challenge:
        if value == challenge.value:
            return challenge
    wrong.append(
        Refusal(
            "acme-challenge",
            f"There is no challenge {str(value)[:40]!r}.",
            "challenge",
            f"Choose one of {', '.join(Challenge)}.",
        )
    )
    return Challenge.HTTP


def _names(value: object, challenge: Challenge, wrong: list[Refusal]) -> tuple[Identifier, ...]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, Sequence) or not value:
        wrong.append(
            Refusal(
                "acme-names",
                "No name to be certified is given.",
                "names",
                "Give a list of the names, or addresses, by which clients reach the box.",
            )
        )
        return ()
    found: dict[Identifier, None] = {}
    for one in value:
        try:
            identifier = _identifier(one)
        except ValueError as error:
            instead = "Give DNS names, or IP addresses."
            why = f"{str(one)[:100]!r} can't be certified: {error}."
            wrong.append(Refusal("acme-name", why, "names", instead))
            continue
        found[identifier] = None
        if identifier.wildcard and challenge is not Challenge.DNS:
            wrong.append(
                Refusal(
                    "acme-wildcard",
                    f"{identifier.value!r} stands for many names, and {challenge} shows only one.",
                    "names",
                    "Choose dns-01, or give each name.",
                )
            )
        if identifier.kind == "ip" and challenge is Challenge.DNS:
            wrong.append(
                Refusal(
                    "acme-address",
                    f"{identifier.value} is an address, and dns-01 is for names (RFC 8738 7).",
                    "names",
                    "Choose http-01 or tls-alpn-01.",
                )
            )
    if len(found) > MAX_NAMES:
        why = f"{len(found)} names are too many for one certificate."
        wrong.append(Refusal("acme-names", why, "names", f"At most {MAX_NAMES} are possible."))
    return tuple(found)


def _identifier(value: object) -> Identifier:
    if not isinstance(value, str):
        raise ValueError("it is no text")
    text = value.strip().removesuffix(".")
    if "%" not in text:
        try:
            return Identifier("ip", str(ipaddress.ip_address(text.strip("[]"))))
        except ValueError:
            pass
    name = dns_name(text).lower()
    if name.rpartition(".")[2].isdigit():
        raise ValueError("it is no DNS name")
    return Identifier("dns", name)


def _contact(value: object, wrong: list[Refusal]) -> tuple[str, ...]:
    if value in (None, "", []):
        return ()
    given = value if isinstance(value, list | tuple) else [value]
    found = []
    for one in given[:10]:
        text = one.strip().removeprefix("mailto:") if isinstance(one, str) else ""
        if not re.fullmatch(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,190}", text) or "," in text:
            wrong.append(
                Refusal(
                    "acme-contact",
                    f"{str(one)[:60]!r} is no e-mail address.",
                    "contact",
                    "Give one, for example admin@example.com, or none.",
                )
            )
            continue
        found.append(f"mailto:{text}")
    return tuple(found)


def _trust(value: object, wrong: list[Refusal]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and len(value) <= MAX_TRUST:
        try:
            with collected_warnings():
                found = x509.load_pem_x509_certificates(value.encode("ascii"))
        except UNREADABLE:
            pass
        else:  # and nothing else that was in the file: it might have been a key
            return "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in found)
    wrong.append(
        Refusal(
            "acme-trust",
            "What is to be trusted can't be read.",
            "trust",
            "Give certificates in PEM format, or nothing to use the system's.",
        )
    )
    return ""


def _hour(value: object, wrong: list[Refusal]) -> time | None:
    if value is None or value == "":
        return None
    match = (
        re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value) if isinstance(value, str) else None
    )
    if match is None:
        wrong.append(
            Refusal(
                "acme-hour",
                f"{str(value)[:20]!r} is no time of day.",
                "activate_at",
                "Write hours and minutes (UTC), for example 03:00, or nothing for at once.",
            )
        )
        return None
    return time(int(match[1]), int(match[2]))


def _binding(value: object, wrong: list[Refusal]) -> Binding | None:
    if value is None:
        return None
    kid = value.get("kid") if isinstance(value, Mapping) else None
    secret = value.get("hmac_key") if isinstance(value, Mapping) else None
    if isinstance(kid, str) and isinstance(secret, str) and 0 < len(kid) <= 400:
        try:
            padded = secret.strip() + "=" * (-len(secret.strip()) % 4)
            found = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            found = b""
        if found:
            return Binding(kid.strip(), found)
    wrong.append(
        Refusal(
            "acme-eab",
            "The account binding is not complete.",
            "eab",
            'Give {"kid", "hmac_key"} as the CA gave them; the key in base64url.',
        )
    )
    return None


def _dns(value: object, challenge: Challenge, wrong: list[Refusal]) -> str | None:
    if value is None or value == "":
        if challenge is Challenge.DNS:
            wrong.append(
                Refusal(
                    "acme-dns-missing",
                    "The box runs no DNS server, so it can't answer dns-01 by itself.",
                    "dns",
                    "Give the URL of something that sets TXT records (POST URL/set-txt and "
                    "URL/clear-txt, as pebble-challtestsrv has them), or choose another challenge.",
                )
            )
        return None
    text = _https(value, schemes=("http", "https"))
    if text is None:
        why = f"{str(value)[:100]!r} is no URL."
        wrong.append(Refusal("acme-dns", why, "dns", "Give an http or https URL."))
        return None
    return text.rstrip("/")


def _short(values: Mapping[str, Any], name: str, wrong: list[Refusal]) -> str | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) <= 200 and value.isprintable():
        return value.strip()
    wrong.append(Refusal("acme-text", f"{name} is no short text.", name))
    return None
