"""The forms of *Certificate Generation*: what people ask for, checked and made.

One form for self-signed certificates, authorities, CA-signed server certificates and
signing requests, as the whitepaper shows them (4.1, 4.2, 3). Everything wrong with an
input is told at once; defaults are named here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.clock import parse_time
from store.inventory import Kind
from store.issuing import ALGORITHMS, Profile, Wanted, add_years, random_serial
from store.names import (
    Subject,
    parse_alternative_names,
    parse_crl_distribution_point,
    parse_subject,
)
from store.refusals import Refusal, Refused, refuse_all
from store.requirements import passphrase_refusals

MAX_SERIAL = 2**159 - 1  # RFC 5280 4.1.2.2: at most 20 octets, positive
DEFAULT_ALGORITHM = "sha256RSA"
# Whitepaper 4.1 warns of server certificates of more than a year; its CA example runs for ten.
DEFAULT_VALIDITY = {
    Kind.SELF_SIGNED: timedelta(days=365),
    Kind.SERVER: timedelta(days=365),
}
AUTHORITY_YEARS = 10
MAX_NAMES = 100
KINDS = (Kind.SELF_SIGNED, Kind.AUTHORITY, Kind.SERVER, Kind.REQUEST)

_FIELDS = frozenset(
    {
        "kind",
        "name",
        "serial",
        "algorithm",
        "not_before",
        "not_after",
        "subject",
        "san",
        "crl_distribution_point",
        "authority",
        "passphrase",
    }
)
_NAME = re.compile(r'[^\x00-\x1f\x7f-\x9f"\'/\\<>|:*?\u2028\u2029\ud800-\udfff]{1,64}\Z')


@dataclass(frozen=True, slots=True)
class Form:
    """A checked form.

    serial: None when the box is to choose one.
    authority: the id of the signing authority, for a server certificate and for an intermediate
        authority (which the box's own forms don't make); else None.
    passphrase: seals the PKCS#12 file of a server certificate; else None.
    """

    kind: Kind
    name: str
    subject: Subject
    alternative_names: tuple[x509.GeneralName, ...]
    algorithm: str
    serial: int | None
    not_before: datetime
    not_after: datetime
    crl_distribution_point: x509.GeneralName | None
    authority: str | None
    passphrase: str | None

    def __repr__(self) -> str:
        return f"Form({self.kind.value}, {self.name!r})"

    def wanted(self) -> Wanted:
        """What the certificate is to say."""
        authority = self.kind is Kind.AUTHORITY
        return Wanted(
            subject=self.subject,
            not_before=self.not_before,
            not_after=self.not_after,
            serial=random_serial() if self.serial is None else self.serial,
            algorithm=self.algorithm,
            alternative_names=self.alternative_names,
            crl_distribution_point=self.crl_distribution_point,
            profile=Profile.AUTHORITY if authority else Profile.SERVER,
        )


def check_name(name: object, wrong: list[Refusal]) -> str:
    """The name of a certificate: it becomes the name of files, so it is kept plain."""
    text = name.strip() if isinstance(name, str) else ""
    if not _NAME.match(text) or text.startswith("."):
        wrong.append(
            Refusal(
                "name",
                "The certificate needs a name." if not text else f"{text[:80]!r} is no good name.",
                "name",
                "Use 1 to 64 characters; no quotes, slashes, line breaks or < > | : * ?",
            )
        )
    return text


def parse_form(values: Mapping[str, Any], *, now: datetime) -> Form:
    """A `Form` from the control API's members; raises `Refused` with all that is wrong."""
    wrong: list[Refusal] = [
        Refusal("unknown-field", f"There is no field {key[:40]!r}.", _writable(key[:40]))
        for key in values
        if key not in _FIELDS
    ]
    kind = _kind(values.get("kind"), wrong)
    name = check_name(values.get("name"), wrong)
    subject = values.get("subject")
    if isinstance(subject, Mapping):
        parsed_subject = parse_subject(subject, wrong)
    else:
        wrong.append(
            Refusal(
                "subject-missing", "A subject is needed.", "subject", 'For example {"CN": "box"}.'
            )
        )
        parsed_subject = Subject(common_name="")
    not_before, not_after = _validity(values, kind, now.replace(microsecond=0), wrong)
    form = Form(
        kind=kind,
        name=name,
        subject=parsed_subject,
        alternative_names=_names(values.get("san"), wrong),
        algorithm=_algorithm(values.get("algorithm"), wrong),
        serial=_serial(values.get("serial"), wrong),
        not_before=not_before,
        not_after=not_after,
        crl_distribution_point=_crl(values.get("crl_distribution_point"), wrong),
        authority=_authority(values.get("authority"), kind, wrong),
        passphrase=_passphrase(values.get("passphrase"), kind, wrong),
    )
    refuse_all(wrong)
    return form


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _kind(value: object, wrong: list[Refusal]) -> Kind:
    for kind in KINDS:
        if value == kind.value:
            return kind
    wrong.append(
        Refusal(
            "kind",
            f"{_shown(value)} is no kind of certificate that can be made.",
            "kind",
            f"Choose {', '.join(kind.value for kind in KINDS)}.",
        )
    )
    return Kind.SELF_SIGNED


def _shown(value: object) -> str:
    """`value` for a message; text and plain numbers only, as the rest may be deep or endless."""
    if isinstance(value, str):
        return repr(value[:60])
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e60 else "A number of that size"
    return "A list" if isinstance(value, list) else "An object"


def _algorithm(value: object, wrong: list[Refusal]) -> str:
    if value is None:
        return DEFAULT_ALGORITHM
    if isinstance(value, str) and value in ALGORITHMS:
        return value
    wrong.append(
        Refusal(
            "signature-algorithm",
            f"{_shown(value)} is no signature algorithm of the box.",
            "algorithm",
            f"Choose {', '.join(ALGORITHMS)}.",
        )
    )
    return DEFAULT_ALGORITHM


def _serial(value: object, wrong: list[Refusal]) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,50}", value.strip()):
        value = int(value.strip())
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SERIAL:
        return value
    wrong.append(
        Refusal(
            "serial",
            f"{_shown(value)} is no serial number.",
            "serial",
            "Use a positive integer of at most 20 octets (RFC 5280), or leave it out.",
        )
    )
    return None


def _validity(
    values: Mapping[str, Any], kind: Kind, now: datetime, wrong: list[Refusal]
) -> tuple[datetime, datetime]:
    begin = _time(values.get("not_before"), "not_before", wrong) or now
    end = _time(values.get("not_after"), "not_after", wrong)
    if end is None:
        span = DEFAULT_VALIDITY.get(kind)
        end = add_years(begin, AUTHORITY_YEARS) if span is None else begin + span
    if end <= begin:
        wrong.append(
            Refusal(
                "validity",
                "The validity ends before it starts.",
                "not_after",
                "Give an end that is later than the start.",
            )
        )
    return begin, end


def _time(value: object, field: str, wrong: list[Refusal]) -> datetime | None:
    if value is None:
        return None
    try:
        moment = parse_time(value if isinstance(value, str) else _shown(value), field=field)
    except Refused as refused:
        wrong.extend(refused.refusals)
        return None
    if not 1950 <= moment.year <= 9989:
        wrong.append(
            Refusal(
                "time-range",
                f"A validity can't reach {moment.year}.",
                field,
                "Years from 1950 to 9989 can be written.",
            )
        )
        return None
    return moment.replace(microsecond=0)


def _names(value: object, wrong: list[Refusal]) -> tuple[x509.GeneralName, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_NAMES:
        wrong.append(
            Refusal(
                "san",
                "The alternative names must be a list of at most 100.",
                "san",
                'For example ["DNS:osbiz.example", "IP:192.168.1.2"].',
            )
        )
        return ()
    return parse_alternative_names(value, wrong)


def _crl(value: object, wrong: list[Refusal]) -> x509.GeneralName | None:
    if value is None:
        return None
    if not isinstance(value, str):
        wrong.append(
            Refusal("crl-distribution-point", "It must be text.", "crl_distribution_point")
        )
        return None
    return parse_crl_distribution_point(value, wrong)


def _authority(value: object, kind: Kind, wrong: list[Refusal]) -> str | None:
    if kind not in (Kind.SERVER, Kind.AUTHORITY):
        if value is not None:
            wrong.append(
                Refusal(
                    "authority-unused",
                    f"A {kind.value} is not signed by an authority of the box.",
                    "authority",
                    "Leave it out, or make a server certificate.",
                )
            )
        return None
    if value is None and kind is Kind.AUTHORITY:
        return None
    if isinstance(value, str) and value:
        return value
    wrong.append(
        Refusal(
            "authority-missing",
            "A server certificate is signed by an authority.",
            "authority",
            "Give the id of one; make one first with kind authority.",
        )
    )
    return None


def _passphrase(value: object, kind: Kind, wrong: list[Refusal]) -> str | None:
    if value is None and kind is not Kind.SERVER:
        return None
    if not isinstance(value, str):
        wrong.append(
            Refusal(
                "passphrase-missing",
                "The PKCS#12 file is sealed with a passphrase.",
                "passphrase",
                "Give one of 7 to 32 characters.",
            )
        )
        return None
    wrong.extend(passphrase_refusals(value))
    return value


def signing_key(authority: x509.Certificate, key: rsa.RSAPrivateKey | None) -> rsa.RSAPrivateKey:
    """The key `authority` signs with; refused when it is no CA, or the box lacks its key."""
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        is_authority = constraints.ca
    except x509.ExtensionNotFound:
        is_authority = False
    if not is_authority or key is None:
        raise Refused.because(
            "authority-unusable",
            "This certificate is no authority that the box can sign with.",
            field="authority",
            instead="Choose one made with kind authority.",
        )
    return key
