"""The authorities of faults: they make, for the moment, what a `Chain` asks for.

Chains are under the node's own authority where it has one, so that only the named thing is
wrong for a client that trusts it; else under a root that is made for faults and can be had;
and there is one that nobody has. What is made here is kept by nobody. Signs and may make
keys: for one thread at a time, off the event loop.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.chain import Chain, Names, Sent, Signer, Staple
from appliance.serving import ServingPlan
from store import issuing, misissuing, revocation
from store.certificate import Certificate
from store.names import Subject
from store.refusals import Refused

# A root must be valid whenever the calendar is set to (1970 to 9000), or it would be wrong too.
_BEGINS = datetime(1970, 1, 1, tzinfo=UTC)
_ENDS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_REVOKED_FOR = timedelta(hours=1)
_STALE_FOR = timedelta(days=7)
_MAX_REMEMBERED = 1_000
MADE = "fault"  # what handshake records have instead of a holding's id


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Shown:
    """What is presented, and what is stapled to it."""

    certificate: Certificate
    staple: bytes | None


@dataclass(frozen=True, slots=True)
class _Revoked:
    leaf: x509.Certificate
    issuer: Issuer
    at: datetime


class Tree:
    """A root with two authorities below it, one under the other, made when they are needed.

    root: one that is there already; None makes one.
    """

    def __init__(
        self, title: str, take_key: Callable[[], rsa.RSAPrivateKey], root: Issuer | None = None
    ) -> None:
        self._title = f"{title} {secrets.token_hex(4)}"
        self._take_key = take_key
        self._issuers: list[Issuer] = [] if root is None else [root]

    def issuer(self, depth: int) -> Issuer:
        """The root (depth 0), or the authority so many steps below it."""
        while len(self._issuers) <= depth:
            self._issuers.append(self._make(len(self._issuers)))
        return self._issuers[depth]

    def _make(self, depth: int) -> Issuer:
        key = self._take_key()
        name = "root" if depth == 0 else f"authority {depth}"
        wanted = issuing.Wanted(
            subject=Subject(f"{self._title} {name}", organization="OSBiz simulator"),
            not_before=_BEGINS,
            not_after=_ENDS,
            serial=issuing.random_serial(),
            profile=issuing.Profile.AUTHORITY,
        )
        if depth == 0:
            return Issuer(issuing.self_signed(wanted, key), key)
        above = self._issuers[depth - 1]
        certificate = issuing.issued(
            wanted, key.public_key(), authority=above.certificate, authority_key=above.key
        )
        return Issuer(certificate, key)


class FaultAuthority:
    """Makes chains under a root that can be trusted, or under one that can't.

    take_key: gives an RSA-2048 key; may block.
    revocation: the URL under which `revocation_list` and `ocsp_answer` are asked; None when
        nobody serves them.
    """

    def __init__(
        self, take_key: Callable[[], rsa.RSAPrivateKey], *, revocation: str | None = None
    ) -> None:
        self.revocation = revocation
        self._take_key = take_key
        self._trees: dict[bytes | Signer, Tree] = {
            Signer.KNOWN: Tree("Faults", take_key),
            Signer.UNKNOWN: Tree("Nobody's", take_key),
        }
        self._leaf_keys: dict[int, rsa.RSAPrivateKey] = {}
        self._revoked: dict[int, _Revoked] = {}

    def root(self, own: Issuer | None) -> x509.Certificate:
        """What clients are to trust.

        own: the node's authority, or None.
        """
        return self._tree(Signer.KNOWN, own).issuer(0).certificate

    def _tree(self, signer: Signer, own: Issuer | None) -> Tree:
        if signer is not Signer.KNOWN or own is None:
            return self._trees[signer]
        which = own.certificate.fingerprint(hashes.SHA256())
        if which not in self._trees:
            self._trees[which] = Tree("Faults", self._take_key, own)
        return self._trees[which]

    def present(
        self, chain: Chain, *, own: Issuer | None, hosts: Sequence[str], now: datetime
    ) -> Shown:
        """What `chain` asks for, made at `now`.

        own: the node's authority, or None.
        hosts: addresses and names by which clients reach the node, the main one first.
        """
        now = now.replace(microsecond=0)
        tree = self._tree(chain.signer, own)
        issuer = tree.issuer(chain.intermediates)
        key = self._leaf_key(chain.key_bits)
        leaf = misissuing.misissued(
            self._wanted(chain, hosts, now, issuer),
            key.public_key(),
            authority=issuer.certificate,
            authority_key=issuer.key,
        )
        if chain.digest == "sha1":
            leaf = misissuing.signed_with_sha1(leaf, issuer.key)
        if chain.revoked:
            self._revoke(leaf, issuer, now)
        own_key = key if chain.own_key else misissuing.unfit_key(key)
        certificate = Certificate(leaf, _sent(chain, tree), own_key)
        return Shown(certificate, _staple(chain, leaf, issuer, now))

    def _wanted(
        self, chain: Chain, hosts: Sequence[str], now: datetime, issuer: Issuer
    ) -> misissuing.Leaf:
        name, names = _names(chain, hosts)
        asked = self.revocation if chain.revoked else None
        serial = issuer.certificate.serial_number
        begins, ends = issuing.writable(now + chain.begins, now + chain.ends)
        return misissuing.Leaf(
            common_name=name,
            alternative_names=names,
            not_before=begins,
            not_after=ends,
            serial=serial if chain.shares_serial else issuing.random_serial(),
            authority=chain.authority,
            purposes=chain.purposes,
            must_staple=chain.must_staple,
            padding=chain.padding,
            crl=f"{asked}/{_name_of(issuer)}.crl" if asked else "",
            ocsp=f"{asked}/ocsp" if asked else "",
        )

    def _leaf_key(self, bits: int) -> rsa.RSAPrivateKey:
        if bits not in self._leaf_keys:
            weak = bits != 2048
            self._leaf_keys[bits] = (
                rsa.generate_private_key(65537, bits) if weak else (self._take_key())
            )
        return self._leaf_keys[bits]

    # Revocation

    def _revoke(self, leaf: x509.Certificate, issuer: Issuer, now: datetime) -> None:
        self._revoked[leaf.serial_number] = _Revoked(leaf, issuer, now - _REVOKED_FOR)
        while len(self._revoked) > _MAX_REMEMBERED:
            del self._revoked[next(iter(self._revoked))]

    def revocation_list(self, name: str, *, now: datetime) -> bytes:
        """The CRL (DER) that a revoked leaf calls `name`.

        Refused (`not-found`) when there is none.
        """
        revoked = [one for one in self._revoked.values() if _name_of(one.issuer) == name]
        if not revoked:
            raise Refused.because("not-found", "There is no such revocation list.")
        issuer = revoked[0].issuer
        return revocation.revocation_list(
            {one.leaf.serial_number: one.at for one in revoked},
            issuer=issuer.certificate,
            key=issuer.key,
            now=now.replace(microsecond=0),
        )

    def ocsp_answer(self, request: bytes, *, now: datetime) -> bytes:
        """The answer (DER) to an OCSP request; refused (`ocsp`) when it is none."""
        asked = revocation.read_ocsp_request(request)
        known = self._revoked.get(asked.serial)
        if known is None:
            return revocation.ocsp_unauthorized()
        return revocation.ocsp_response(
            known.leaf,
            issuer=known.issuer.certificate,
            key=known.issuer.key,
            now=now.replace(microsecond=0),
            revoked_at=known.at,
            algorithm=asked.algorithm,
        )


def _name_of(issuer: Issuer) -> str:
    return issuer.certificate.fingerprint(hashes.SHA256()).hex()[:16]


def _names(chain: Chain, hosts: Sequence[str]) -> tuple[str, tuple[x509.GeneralName, ...]]:
    """Common name and alternative names."""
    if chain.names is Names.OTHER:
        return chain.other_name[:64], (x509.DNSName(chain.other_name),)
    if chain.names is Names.COMMON_NAME_ONLY:
        return hosts[0], ()
    as_dns = chain.names is Names.ADDRESSES_AS_DNS
    return hosts[0], tuple(_general_name(host, as_dns=as_dns) for host in dict.fromkeys(hosts))


def _general_name(host: str, *, as_dns: bool) -> x509.GeneralName:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return x509.DNSName(host)
    return x509.DNSName(host) if as_dns else x509.IPAddress(address)


def _sent(chain: Chain, tree: Tree) -> tuple[x509.Certificate, ...]:
    """What follows the leaf."""
    below = [tree.issuer(depth).certificate for depth in range(chain.intermediates, 0, -1)]
    match chain.sent:
        case Sent.NONE:
            return ()
        case Sent.DISORDERED:
            return tuple(reversed(below))
        case Sent.WITH_ROOT:
            return (*below, tree.issuer(0).certificate)
        case Sent.INTERMEDIATES:
            return tuple(below)


def _staple(chain: Chain, leaf: x509.Certificate, issuer: Issuer, now: datetime) -> bytes | None:
    if chain.staple is None:
        return None
    stale = chain.staple is Staple.STALE
    return revocation.ocsp_response(
        leaf,
        issuer=issuer.certificate,
        key=issuer.key,
        now=now - _STALE_FOR - revocation.LIFE if stale else now - _REVOKED_FOR,
        revoked_at=None if stale else now - _REVOKED_FOR,
    )


def realised(
    plan: ServingPlan,
    authority: FaultAuthority,
    *,
    own: Issuer | None,
    hosts: Sequence[str],
    now: datetime,
    neighbour: Callable[[], Certificate | None],
) -> ServingPlan:
    """`plan` with the certificate that its chain asks for.

    own: the node's authority, or None.
    now: on the calendar that clients are to judge by.
    neighbour: the other node's certificate with its key, or None.
    Refused (`no-other-node`) when that one is to be presented and can't be had.
    """
    chain = plan.chain
    if chain is None:
        return plan
    if chain.signer is not Signer.NODE:
        shown = authority.present(chain, own=own, hosts=hosts, now=now)
        return replace(
            plan, certificate=shown.certificate, certificate_id=MADE, staple=shown.staple
        )
    certificate = neighbour()
    if certificate is None or certificate.key is None:
        raise Refused.because(
            "no-other-node",
            "The certificate and key of the other node are not to be had here.",
            field="fault",
            instead="Run box and Booster Server in one process.",
        )
    return replace(plan, certificate=certificate, certificate_id=MADE)
