"""Names in certificates: subjects and alternative names, from people's input.

The forms are the ones the portal and the control API use: a subject of C, O, OU
and CN, alternative names as `DNS:…`, `IP:…`, `email:…`, `URI:…` or `DirName:CN=…`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from store.refusals import Refusal

# RFC 5280 appendix A.1: the upper bounds of these attributes. It counts characters;
# `cryptography` counts, and warns about, bytes of UTF-8, so that is what is possible here.
_BOUNDS = {"C": 2, "O": 64, "OU": 64, "CN": 64}
_OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\Z")
_KINDS = "DNS:, IP:, email:, URI: or DirName:"


@dataclass(frozen=True, slots=True)
class Subject:
    """The four attributes the box's forms know; empty ones are left out of the name."""

    common_name: str
    country: str = ""
    organization: str = ""
    unit: str = ""

    def as_x509(self) -> x509.Name:
        """As an X.501 name, in the order C, O, OU, CN."""
        values = (
            (NameOID.COUNTRY_NAME, self.country),
            (NameOID.ORGANIZATION_NAME, self.organization),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, self.unit),
            (NameOID.COMMON_NAME, self.common_name),
        )
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in values if value])


def parse_subject(values: Mapping[str, object], wrong: list[Refusal]) -> Subject:
    """A `Subject` from `{"C", "O", "OU", "CN"}`; appends what is wrong to `wrong`."""
    texts: dict[str, str] = {}
    for key, value in values.items():
        if key not in _OIDS:
            wrong.append(
                Refusal(
                    "subject-attribute",
                    f"The subject has no attribute {key[:40]!r}.",
                    "subject",
                    "Use C, O, OU and CN.",
                )
            )
        elif not isinstance(value, str):
            wrong.append(Refusal("subject-text", f"{key} must be text.", f"subject.{key}"))
        else:
            texts[key] = value.strip()
            _check_attribute(key, texts[key], wrong)
    if not texts.get("CN") and isinstance(values.get("CN", ""), str):
        wrong.append(
            Refusal(
                "common-name-missing",
                "The subject has no Common Name (CN).",
                "subject.CN",
                "Give the name or IP address that clients use to reach the box.",
            )
        )
    return Subject(
        common_name=texts.get("CN", ""),
        country=texts.get("C", ""),
        organization=texts.get("O", ""),
        unit=texts.get("OU", ""),
    )


def _check_attribute(key: str, text: str, wrong: list[Refusal]) -> None:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        wrong.append(
            Refusal("subject-text", f"{key} contains a control character.", f"subject.{key}")
        )
    elif not _encodable(text):
        wrong.append(Refusal("subject-text", f"{key} contains a lone surrogate.", f"subject.{key}"))
    elif key == "C" and text and not re.fullmatch(r"[A-Z]{2}", text):
        wrong.append(
            Refusal(
                "country",
                f"Country (C) is {text!r}.",
                "subject.C",
                "Use a two-letter country code in capitals, for example DE.",
            )
        )
    elif (length := len(text.encode("utf-8"))) > _BOUNDS[key]:
        wrong.append(
            Refusal(
                "subject-length",
                f"{key} has {len(text)} characters, {length} bytes in UTF-8.",
                f"subject.{key}",
                f"At most {_BOUNDS[key]} bytes are possible (RFC 5280).",
            )
        )


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def parse_alternative_names(
    names: Sequence[object], wrong: list[Refusal], *, field: str = "san"
) -> tuple[x509.GeneralName, ...]:
    """General names from `DNS:…` and so on, repeats dropped; appends to `wrong`."""
    result: dict[x509.GeneralName, None] = {}
    for name in names:
        if not isinstance(name, str):
            wrong.append(Refusal("san", "An alternative name must be text.", field, _KINDS))
            continue
        parsed = _parse_general_name(name.strip(), wrong, field)
        if parsed is not None:
            result[parsed] = None
    return tuple(result)


def _parse_general_name(name: str, wrong: list[Refusal], field: str) -> x509.GeneralName | None:
    kind, separator, value = name.partition(":")
    value = value.strip()
    try:
        if not separator or not value:
            raise ValueError("it has no kind")
        match kind.lower():
            case "dns":
                return x509.DNSName(dns_name(value))
            case "ip" | "ip address":
                return x509.IPAddress(_ip_address(value))
            case "email":
                return x509.RFC822Name(_email(value))
            case "uri":
                return x509.UniformResourceIdentifier(_uri(value))
            case "dirname":
                return x509.DirectoryName(_directory_name(value))
            case _:
                raise ValueError(f"{kind!r} is no kind of name")
    except ValueError as error:
        why = (str(error) or "it can't be written").rstrip(".")
        wrong.append(
            Refusal(
                "san",
                f"The alternative name {name[:100]!r} is not possible: {why[:200]}.",
                field,
                f"Write it with one of {_KINDS}",
            )
        )
        return None


def dns_name(value: str) -> str:
    """`value` as the A-labels a certificate carries; ValueError when it is no DNS name."""
    try:
        text = value if value.isascii() else value.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("it is no DNS name") from None
    labels = text.removeprefix("*.").split(".")
    if len(text) > 253 or not all(_LABEL.match(label) for label in labels):
        raise ValueError("it is no DNS name")
    return text


def _ip_address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if "%" in value:
        raise ValueError("an address in a certificate has no zone")
    return ipaddress.ip_address(value)


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not local or not value.isascii() or re.search(r"[\s\x00-\x1f]", value):
        raise ValueError("it is no e-mail address")
    dns_name(domain)
    return value


def _uri(value: str) -> str:
    parts = urlsplit(value)
    if not parts.scheme or not value.isascii() or re.search(r"[\s\x00-\x1f]", value):
        raise ValueError("it is no URI")
    return value


def _directory_name(value: str) -> x509.Name:
    name = x509.Name.from_rfc4514_string(value)
    if not list(name):
        raise ValueError("it is an empty name")
    return name


def parse_crl_distribution_point(value: str, wrong: list[Refusal]) -> x509.GeneralName | None:
    """The full name of a CRL distribution point: a URI, or any kind as in the SAN forms."""
    value = value.strip()
    if not value:
        return None
    looks_like_url = re.match(r"(https?|ldaps?|ftp)://", value) is not None
    text = f"URI:{value}" if looks_like_url else value
    return _parse_general_name(text, wrong, "crl_distribution_point")
