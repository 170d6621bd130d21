"""What a node holds: certificates and signing requests with their sealed keys.

Which of them is active is a setting of the node, committed in the same transaction.
"""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from store.certificate import Certificate, iso_time
from store.database import Database, damaged
from store.keys import key_to_der, own_key_from_der
from store.sealing import Seal


class Kind(enum.StrEnum):
    """How a holding came to be; the control API's `kind`."""

    DEFAULT = "default"
    SELF_SIGNED = "self-signed"
    AUTHORITY = "authority"
    SERVER = "server"
    REQUEST = "request"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Holding:
    """One line of the inventory: a certificate, or a signing request waiting for one.

    created: on the box's calendar, to the second.
    certificate: None for a signing request.
    request: the signing request; None for everything else.
    key: the private key; for an imported certificate it is in `certificate` as well.
    issued_by: the id of the authority in this inventory that signed it, or None.
    pkcs12: the file offered for download, sealed with its maker's passphrase, or None.
    """

    id: str
    name: str
    kind: Kind
    created: datetime
    certificate: Certificate | None = None
    request: x509.CertificateSigningRequest | None = None
    key: rsa.RSAPrivateKey | None = field(default=None, repr=False, compare=False)
    issued_by: str | None = None
    pkcs12: bytes | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        # As it is kept: else a holding would change when the program is started again.
        object.__setattr__(self, "created", self.created.replace(microsecond=0))


def new_id() -> str:
    """An id nobody has: ten hex digits."""
    return secrets.token_hex(5)


class Inventory:
    """The holdings of one node, as rows. Write inside a transaction."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def all(self) -> dict[str, Holding]:
        """Every holding by id, oldest first.

        Refused (`database-damaged`, `seal-broken`) when a row can't be what was written.
        """
        rows = self._database.rows(
            "SELECT id, name, kind, created, leaf, chain, request, sealed_key, issued_by, pkcs12 "
            "FROM holdings ORDER BY position"
        )
        try:
            return {row[0]: self._read(*row) for row in rows}
        except (ValueError, TypeError) as error:
            raise damaged(self._database.path, error) from None

    def _read(
        self,
        identity: str,
        name: str,
        kind: str,
        created: str,
        leaf: bytes | None,
        chain: bytes,
        request: bytes | None,
        sealed_key: bytes | None,
        issued_by: str | None,
        pkcs12: bytes | None,
    ) -> Holding:
        key = None
        if sealed_key is not None:
            key = own_key_from_der(self._seal.open(sealed_key, context=identity))
        certificate = None
        if leaf is not None:
            certificate = Certificate(
                leaf=x509.load_der_x509_certificate(leaf),
                chain=tuple(x509.load_pem_x509_certificates(chain)) if chain else (),
                key=key,
            )
        return Holding(
            id=identity,
            name=name,
            kind=Kind(kind),
            created=datetime.fromisoformat(created),
            certificate=certificate,
            request=None if request is None else x509.load_der_x509_csr(request),
            key=key,
            issued_by=issued_by,
            pkcs12=pkcs12,
        )

    def add(self, holding: Holding) -> None:
        """Keep `holding`; one with the same id is replaced."""
        certificate, request = holding.certificate, holding.request
        values: dict[str, Any] = {
            "id": holding.id,
            "name": holding.name,
            "kind": holding.kind.value,
            "created": iso_time(holding.created),
            "leaf": certificate and certificate.leaf.public_bytes(serialization.Encoding.DER),
            "chain": b"".join(
                part.public_bytes(serialization.Encoding.PEM)
                for part in (certificate.chain if certificate else ())
            ),
            "request": request and request.public_bytes(serialization.Encoding.DER),
            "sealed_key": holding.key
            and self._seal.seal(key_to_der(holding.key), context=holding.id),
            "issued_by": holding.issued_by,
            "pkcs12": holding.pkcs12,
        }
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        # Updated in place, not replaced: it keeps its position, as it does in memory.
        updates = ", ".join(f"{column} = excluded.{column}" for column in values)
        self._database.execute(
            f"INSERT INTO holdings ({columns}) VALUES ({marks}) "  # noqa: S608 - own names
            f"ON CONFLICT (id) DO UPDATE SET {updates}",
            tuple(values.values()),
        )

    def remove(self, identity: str) -> None:
        """Forget the holding `identity`, its key included."""
        self._database.execute("DELETE FROM holdings WHERE id = ?", (identity,))

    def clear(self) -> None:
        """Forget all holdings."""
        self._database.execute("DELETE FROM holdings")
