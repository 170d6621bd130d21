"""What the portal's certificates are downloaded as: a set of PEM files, a ZIP archive, PKCS#12."""

from __future__ import annotations

import asyncio
import io
import zipfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.ca.authority import Authority, pem
from appliance.ca.register import Issued
from store.bundles import write_pkcs12
from store.certificate import Certificate
from store.refusals import Refused, refuse_all
from store.requirements import passphrase_refusals


def pem_files(
    one: Issued, *, authority: Authority, key: rsa.RSAPrivateKey | None
) -> dict[str, bytes]:
    """The PEM set, by name; with the private key where the CA made it."""
    found = {
        "certificate.crt": pem(one.leaf),
        "ca_bundle.crt": pem(authority.issuer),
        "full-chain.pem": authority.chain(one.leaf),
    }
    if key is not None:
        found["private.key"] = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    return {name: text.encode() for name, text in found.items()}


def archive(files: dict[str, bytes]) -> bytes:
    """`files` as one ZIP file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o600 << 16
            made.writestr(entry, data)
    return packed.getvalue()


async def sealed(
    one: Issued, *, authority: Authority, key: rsa.RSAPrivateKey | None, passphrase: str
) -> bytes:
    """PKCS#12 with key and chain; refused without a key, or with what the box won't take."""
    if key is None:
        raise Refused.because("ca-wizard", "The private key is yours; this CA never had it.")
    refuse_all(passphrase_refusals(passphrase))
    made = Certificate(one.leaf, (authority.issuer,), key)
    name = one.names[0].value
    return await asyncio.to_thread(write_pkcs12, made, name=name, passphrase=passphrase)
