"""Faults of what is presented: certificates and chains with one thing wrong.

All of them show a chain made for the moment, by the clock that clients are to use, under
a root that can be had and trusted: so only the named thing is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from appliance.chain import Chain, Names, Sent, Signer, Staple
from appliance.faults.base import Presented
from appliance.faults.parameters import number, word
from appliance.serving import ServingPlan
from store.names import dns_name
from store.refusals import Refused

_DAYS = 36_500.0


@dataclass(frozen=True, slots=True)
class LeafOnly(Presented):
    """The intermediate is not sent, as after importing a certificate without its chain; tells
    clients that find their own way to it from those that can't."""

    name = "leaf-only"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, sent=Sent.NONE, intermediates=max(chain.intermediates, 1))


@dataclass(frozen=True, slots=True)
class ChainDisordered(Presented):
    """The intermediates are sent in the wrong order, which TLS 1.3 tolerates and TLS 1.2
    forbids; tells clients that build a path from those that follow the list."""

    name = "chain-disordered"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, sent=Sent.DISORDERED, intermediates=2, shares_serial=False)


@dataclass(frozen=True, slots=True)
class SuperfluousRoot(Presented):
    """The root is sent along, which is useless and allowed; finds clients that choke on it, or
    that trust what they are sent."""

    name = "superfluous-root"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, sent=Sent.WITH_ROOT)


@dataclass(frozen=True, slots=True)
class WrongKey(Presented):
    """The handshake is signed with another key than the certificate's, as after a mix-up of
    files; finds clients that do not verify the handshake's signature."""

    name = "wrong-key"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, own_key=False)


@dataclass(frozen=True, slots=True)
class OtherNode(Presented):
    """The other node's certificate and key are presented (the Booster Server's on the system,
    the system's on the Booster Server), as after activating on the wrong one; finds clients
    that do not compare names."""

    name = "other-node"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, signer=Signer.NODE)


@dataclass(frozen=True, slots=True)
class Expired(Presented):
    """The certificate has expired; finds clients that do not look at dates."""

    name = "expired"
    days: float = number(1.0, "days since then", minimum=0.0001, maximum=_DAYS)

    def spoil(self, chain: Chain) -> Chain:
        ends = -timedelta(days=self.days)
        return chain.dated(ends - timedelta(days=90), ends)


@dataclass(frozen=True, slots=True)
class NotYetValid(Presented):
    """The certificate is not valid yet, as when a clock was wrong while it was made; finds
    clients that look at the end of a validity only."""

    name = "not-yet-valid"
    days: float = number(1.0, "days until then", minimum=0.0001, maximum=_DAYS)

    def spoil(self, chain: Chain) -> Chain:
        begins = timedelta(days=self.days)
        return chain.dated(begins, begins + timedelta(days=90))


@dataclass(frozen=True, slots=True)
class WrongName(Presented):
    """The certificate names another host, as after a change of the LAN IP; finds clients that
    do not compare names."""

    name = "wrong-name"
    host: str = word("wrong.host.invalid", "the DNS name in it")

    def __post_init__(self) -> None:
        try:
            dns_name(self.host)
        except ValueError as error:
            raise Refused.because(
                "fault-parameter",
                f"{self.host[:60]!r} can't be in a certificate: {error}.",
                field="host",
                instead="Give a DNS name, for example wrong.host.invalid.",
            ) from None

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, names=Names.OTHER, other_name=dns_name(self.host))


@dataclass(frozen=True, slots=True)
class NoSan(Presented):
    """The address is in the Common Name only, as in the box's default certificate; tells
    clients that still read the CN from those that follow RFC 9525."""

    name = "no-san"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, names=Names.COMMON_NAME_ONLY)


@dataclass(frozen=True, slots=True)
class IpAsDns(Presented):
    """The address is in the SAN, but as a DNS name, a common slip in forms; finds clients that
    compare text instead of addresses."""

    name = "ip-as-dns"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, names=Names.ADDRESSES_AS_DNS)


@dataclass(frozen=True, slots=True)
class Rsa1024(Presented):
    """The leaf's key has 1024 bits; finds clients whose security level still allows that."""

    name = "rsa-1024"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, key_bits=1024)

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(Presented.change(self, plan), weak=True)


@dataclass(frozen=True, slots=True)
class Sha1(Presented):
    """The leaf is signed with SHA-1; finds clients that still take such signatures."""

    name = "sha-1"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, digest="sha1")

    def change(self, plan: ServingPlan) -> ServingPlan:
        return replace(Presented.change(self, plan), weak=True)


@dataclass(frozen=True, slots=True)
class CaAsLeaf(Presented):
    """The leaf is an authority (CA:TRUE), as `openssl req -x509` makes them; tells strict
    clients from lenient ones."""

    name = "ca-as-leaf"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, authority=True)


@dataclass(frozen=True, slots=True)
class MissingEku(Presented):
    """The leaf has no extended key usage, which Apple's systems demand; finds clients that
    insist on it."""

    name = "missing-eku"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, purposes=())


@dataclass(frozen=True, slots=True)
class WrongEku(Presented):
    """The leaf is for clients only (clientAuth without serverAuth); finds clients that do not
    look at the purpose."""

    name = "wrong-eku"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, purposes=("client",))


@dataclass(frozen=True, slots=True)
class RepeatedSerial(Presented):
    """Leaf and root have the same issuer and the same serial number, as when serial numbers
    are typed in; finds clients that tell certificates apart by those two."""

    name = "repeated-serial"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, shares_serial=True, intermediates=0, sent=Sent.INTERMEDIATES)


@dataclass(frozen=True, slots=True)
class UnknownIssuer(Presented):
    """The chain ends at a root that nobody has; finds clients that trust anything."""

    name = "unknown-issuer"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, signer=Signer.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Revoked(Presented):
    """The certificate is revoked, and the stapled OCSP response, the OCSP responder and the CRL
    that it names all say so; finds clients that don't ask."""

    name = "revoked"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, revoked=True, staple=Staple.REVOKED)


@dataclass(frozen=True, slots=True)
class StaleStaple(Presented):
    """The stapled OCSP response is a week too old, as when a server can't reach its
    responder; finds clients that don't look at its dates."""

    name = "stale-staple"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, staple=Staple.STALE)


@dataclass(frozen=True, slots=True)
class MissingStaple(Presented):
    """The certificate demands a stapled OCSP response (RFC 7633) and none comes; finds clients
    that don't know of that demand."""

    name = "missing-staple"

    def spoil(self, chain: Chain) -> Chain:
        return replace(chain, must_staple=True, staple=None)


ALL = (
    LeafOnly,
    ChainDisordered,
    SuperfluousRoot,
    WrongKey,
    OtherNode,
    Expired,
    NotYetValid,
    WrongName,
    NoSan,
    IpAsDns,
    Rsa1024,
    Sha1,
    CaAsLeaf,
    MissingEku,
    WrongEku,
    RepeatedSerial,
    UnknownIssuer,
    Revoked,
    StaleStaple,
    MissingStaple,
)
