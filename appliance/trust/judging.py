"""The judgement: every environment's rules over what was presented.

The path and its signatures are OpenSSL's (pyOpenSSL's store, with its time set).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from OpenSSL import crypto

from appliance.trust.environments import ENVIRONMENTS, Environment
from appliance.trust.names import matches, parse_host
from appliance.trust.verdicts import Anchor, Finding, Outcome, Verdict
from store.refusals import Refused


def judge(
    presented: Sequence[x509.Certificate],
    *,
    host: str | None,
    anchors: Sequence[Anchor],
    at: datetime,
    environments: Iterable[str] | None = None,
) -> list[Verdict]:
    """One verdict for each environment, in the order asked for.

    presented: as the server sends it, leaf first. host: the DNS name or IP address that the
    client uses; None leaves names out. at: the client's time (aware UTC).
    environments: ids; all when None. Refused: an empty chain, an unknown environment.
    """
    if not presented:
        raise Refused.because("no-certificate", "There is no certificate.", field="chain")
    wanted = list(ENVIRONMENTS if environments is None else environments)
    for name in wanted:
        if name not in ENVIRONMENTS:
            raise Refused.because(
                "no-such-environment",
                f"There is no environment {name[:40]!r}.",
                field="environments",
                instead=f"There are {', '.join(ENVIRONMENTS)}.",
            )
    path, trouble = _built(presented, anchors, at)
    return [_verdict(ENVIRONMENTS[name], presented[0], host, path, trouble) for name in wanted]


def _built(
    presented: Sequence[x509.Certificate], anchors: Sequence[Anchor], at: datetime
) -> tuple[tuple[x509.Certificate, ...] | None, str | None]:
    store = crypto.X509Store()
    for anchor in anchors:
        store.add_cert(crypto.X509.from_cryptography(anchor.certificate))
    store.set_time(at.replace(tzinfo=None))
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    certificates = [crypto.X509.from_cryptography(one) for one in presented]
    context = crypto.X509StoreContext(store, certificates[0], certificates[1:])
    try:
        found = context.get_verified_chain()
    except crypto.X509StoreContextError as error:
        return None, str(error)
    return tuple(one.to_cryptography() for one in found), None


def _verdict(
    environment: Environment,
    leaf: x509.Certificate,
    host: str | None,
    path: tuple[x509.Certificate, ...] | None,
    trouble: str | None,
) -> Verdict:
    findings = []
    if trouble is not None:
        findings.append(Finding("path", "refuse", trouble, "OpenSSL", "See the message."))
    if host is not None and not matches(
        leaf, parse_host(host), use_common_name=environment.common_name
    ):
        findings.append(
            Finding(
                "name",
                "refuse",
                "The certificate is not for the name that the client uses.",
                "RFC 6125",
                "Have it issued with this name as subject alternative name.",
                wanted=host,
            )
        )
    return Verdict(
        environment.id,
        Outcome.REFUSED if findings else Outcome.ACCEPTED,
        environment.standing,
        tuple(findings),
        findings[0].detail if findings else None,
        path,
    )
