"""What to do about a server's certificate, in steps, on an OpenScape Business box.

From what is wrong to the story of the whitepaper that cures it. Knows the portal's paths by
their names, and no page. What only one client minds has its cure in its finding; here is
what gets most of them to accept.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from appliance.trust import Finding, Outcome
from store.foreign import UNREADABLE, collected_warnings
from webserver.foreign_facts import name_of
from webserver.probe_result import Result, told_to_trust

_SSL = "Expert Mode > Telephony Server > Security > SSL"
_SERVERS = "Certificate Management > Server Certificates"
_ACTIVATE = (
    f"{_SERVERS} > the new one > Activate Certificate > Activate Now (with the role Expert)."
)
_FEW = 3
_BY_WHOM, _OLD_TLS = "anchor-origin", "tls-version"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way out. what: in a sentence or two. steps: how, in order."""

    what: str
    steps: tuple[str, ...] = ()


def remedies_for(result: Result) -> list[Remedy]:
    """What to do, the first thing first; empty when every environment accepts."""
    if all(verdict.outcome is Outcome.ACCEPTED for verdict in result.verdicts):
        return []
    return list(_remedies(result))


def _remedies(result: Result) -> Iterator[Remedy]:
    chain, host, at = result.looked.chain, result.host, result.at
    leaf = chain[0]
    self_signed, named = _is_self_signed(leaf), _is_named(leaf, host)
    dated = leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc
    known = any(verdict.path is not None for verdict in result.verdicts)
    if not self_signed and not named and known:
        yield _another_name(result)
    elif self_signed or not named:
        yield _own_authority(result, self_signed=self_signed)
        if not _is_address(host) and "." in host:
            yield _public_authority(host)
    elif dated and known:
        yield from _form(result, but=frozenset({_BY_WHOM, _OLD_TLS}))
    else:
        if not dated:
            yield _another(leaf, late=at > leaf.not_valid_after_utc)
        if not known:
            yield _issuer(result)
    yield from _old_tls(result)
    yield from _by_whom(result)


def _own_authority(result: Result, *, self_signed: bool) -> Remedy:
    kind = "IP address" if _is_address(result.host) else "name"
    return Remedy(
        f"{_why_not_trust_it(result) if self_signed else _why_not_cure_it(result)} Make a small "
        f"CA and a server certificate under it with the {kind} {result.host} in its Subject "
        "Alternative Name (SAN), and let the clients trust the CA. Every client that was "
        f"measured accepts that. In the Admin Portal of an OpenScape Business box, under {_SSL}:",
        (
            "Certificate Generation > Generate CA Certificate.",
            "Certificate Generation > that CA > Generate CA-Signed Server Certificate "
            f"[PKCS#12]: add {result.host} as Subject Alternative Name, and let it end within "
            "397 days, because Apple's systems take no long ones.",
            _ACTIVATE,
            "Certificate Generation > that CA > Export Certificate: import that file on every "
            "client as a trusted authority.",
            f"Look again: osbiz probe {result.looked.target} --anchor THAT_FILE",
            "(A box of this simulator does the first three with `osbiz trust make`; `osbiz trust "
            "env` makes the clients of a shell trust it.)",
        ),
    )


def _why_not_trust_it(result: Result) -> str:
    """Trusting the certificate itself is what everybody tries first."""
    verdicts = told_to_trust(result)
    accepting = [one.environment for one in verdicts if one.outcome is Outcome.ACCEPTED]
    if not accepting:
        return "To have the clients trust this certificate itself helps with none of them."
    if len(accepting) <= _FEW:
        return (
            "To have the clients trust this certificate itself helps with "
            f"{_listed(accepting)} alone."
        )
    return (
        "To have the clients trust this certificate itself would help with "
        f"{len(accepting)} of {len(verdicts)} only."
    )


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _why_not_cure_it(result: Result) -> str:
    return f"A certificate that does not name {result.host} can't be cured on the clients."


def _public_authority(host: str) -> Remedy:
    return Remedy(
        f"If {host} is a name on the Internet, a public CA can certify it, and then no client "
        "has to be told anything. In the same place:",
        (
            f"{_SERVERS} > Generate Certificate Signing Request (CSR): send it to the CA.",
            f"{_SERVERS} > Import Server Certificate: what the CA sent, its intermediate "
            "certificates included, and the key.",
            _ACTIVATE,
        ),
    )


def _another(leaf: x509.Certificate, *, late: bool) -> Remedy:
    if not late:
        return Remedy(
            "The certificate is not valid yet. Check the clocks of server and clients; if they "
            "are right, serve another certificate until it is."
        )
    return Remedy(
        f"The certificate has expired. Get a new one from {_issuer_name(leaf)}; the clients "
        f"need nothing new if they trust that issuer already. On a box, under {_SSL}:",
        (f"{_SERVERS} > Import Server Certificate, or generate it as before.", _ACTIVATE),
    )


def _issuer(result: Result) -> Remedy:
    leaf = result.looked.chain[0]
    top = result.looked.chain[-1]
    issuer = _issuer_name(top if len(result.looked.chain) > 1 else leaf)
    look_again = f"osbiz probe {result.looked.target} --anchor THAT_FILE"
    if _is_self_signed(top):
        return Remedy(
            f"The server sends its whole chain, up to {issuer}, which is not trusted here. Give "
            "that CA's certificate to the clients, from whoever runs the CA and not from the "
            "connection, and look again:",
            (look_again,),
        )
    return Remedy(
        f"No path leads from the certificate to an authority that is trusted here. Its issuer "
        f"is {issuer}. One of two things is the matter:",
        (
            "The issuer is a CA of your own: give its certificate to the clients, and look again: "
            f"{look_again}",
            "The server does not send the intermediate certificates: import it again with its "
            f"whole chain ({_SERVERS} > Import Server Certificate), and activate that.",
        ),
    )


def _form(result: Result, *, but: frozenset[str]) -> Iterator[Remedy]:
    """For a certificate that is for this server, valid and of a trusted issuer."""
    cures = [one.cure for one in _minded(result) if one.rule not in but and one.cure is not None]
    if cures:
        yield Remedy(
            "The certificate is for this server and leads to a trusted authority. What is minded "
            "is its form, or how it is served:",
            tuple(dict.fromkeys(cures)),
        )


def _old_tls(result: Result) -> Iterator[Remedy]:
    """Besides all else: with another certificate alone, clients would still go away."""
    cures = [one.cure for one in _minded(result) if one.rule == _OLD_TLS and one.cure is not None]
    if cures:
        yield Remedy("Whatever the certificate is:", tuple(dict.fromkeys(cures)))


def _by_whom(result: Result) -> Iterator[Remedy]:
    if any(one.rule == _BY_WHOM for one in _minded(result)):
        yield Remedy(
            "Android's apps heed a CA that the user has added only if they say so. Have it added "
            "by device management instead, or use a public CA. To see what that changes:",
            (f"osbiz probe {result.looked.target} --admin-anchor FILE",),
        )


def _minded(result: Result) -> list[Finding]:
    return [
        finding
        for verdict in result.verdicts
        for finding in verdict.findings
        if finding.severity != "note"
    ]


def _another_name(result: Result) -> Remedy:
    kind = "IP address" if _is_address(result.host) else "name"
    return Remedy(
        f"The clients trust the certificate's issuer, {_issuer_name(result.looked.chain[0])}; only "
        f"the name is another. Either let the clients use a name that is in the certificate, or "
        f"have the issuer make one with the {kind} {result.host} in its Subject Alternative Name "
        f"(SAN). On an OpenScape Business box, under {_SSL}:",
        (
            "Certificate Generation > that CA > Generate CA-Signed Server Certificate "
            f"[PKCS#12], if it is the box's own; otherwise {_SERVERS} > Generate Certificate "
            "Signing Request (CSR), and Import Server Certificate.",
            _ACTIVATE,
        ),
    )


def _issuer_name(certificate: x509.Certificate) -> str:
    with collected_warnings():
        try:
            return certificate.issuer.rfc4514_string() or "(no name)"
        except UNREADABLE:
            return name_of(certificate)


def _is_self_signed(leaf: x509.Certificate) -> bool:
    with collected_warnings():
        try:
            return leaf.subject == leaf.issuer
        except UNREADABLE:
            return False


def _is_named(leaf: x509.Certificate, host: str) -> bool:
    """Whether the SAN has `host`, or a wildcard for it."""
    with collected_warnings():
        try:
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, *UNREADABLE):
            return False
        if _is_address(host):
            found = names.get_values_for_type(x509.IPAddress)
            return ipaddress.ip_address(host) in found
        wanted = {host.lower(), "*." + host.lower().partition(".")[2]}
        return any(name.lower() in wanted for name in names.get_values_for_type(x509.DNSName))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
