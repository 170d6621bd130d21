"""A small ACME client that can be made to do everything wrong. Blocking, on httpx."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.acme.signing import AccountKey, b64url, bind_account
from appliance.acme.wire import ERROR, Identifier

JOSE = {"Content-Type": "application/jose+json"}


@dataclass
class Client:
    """An account to be, at the CA with this directory. kid: None before `register`."""

    directory: str
    http: httpx.Client
    key: AccountKey = field(default_factory=AccountKey.make)
    kid: str | None = None

    def __post_init__(self) -> None:
        self.urls = self.http.get(self.directory).json()

    def nonce(self) -> str:
        """A fresh one."""
        return str(self.http.head(self.urls["newNonce"]).headers["Replay-Nonce"])

    def send(self, url: str, jws: object) -> httpx.Response:
        """Any JWS, however wrong."""
        content = jws if isinstance(jws, bytes) else json.dumps(jws).encode()
        return self.http.post(url, content=content, headers=JOSE)

    def post(self, url: str, payload: object = None, **how: Any) -> httpx.Response:
        """As it should be; POST-as-GET without a payload."""
        how = {"url": url, "nonce": self.nonce(), "kid": self.kid} | how
        return self.send(url, self.key.sign(payload, **how))

    def register(self, **more: Any) -> httpx.Response:
        """Open the account."""
        url = self.urls["newAccount"]
        answer = self.post(url, {"termsOfServiceAgreed": True, **more}, kid=None)
        if answer.status_code in (200, 201):
            self.kid = answer.headers["Location"]
        return answer

    def binding(self, kid: str, secret: bytes) -> dict[str, str]:
        """What binds the account."""
        return bind_account(self.key, kid=kid, secret=secret, url=self.urls["newAccount"])

    def order(self, *names: str, **more: Any) -> httpx.Response:
        """A new order; what has a colon or only digits and dots is an address."""
        found = [
            {"type": "ip" if name.replace(".", "").isdigit() else "dns", "value": name}
            for name in names
        ]
        return self.post(self.urls["newOrder"], {"identifiers": found, **more})

    def look(self, url: str) -> dict[str, Any]:
        """A resource."""
        found: dict[str, Any] = self.post(url).json()
        return found

    def tasks(self, order: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        """The challenges of this kind in an order."""
        found = [self.look(url)["challenges"] for url in order["authorizations"]]
        return [task for tasks in found for task in tasks if task["type"] == kind]

    def settled(self, url: str) -> dict[str, Any]:
        """A resource that is neither pending nor processing any more."""
        for _ in range(200):
            found = self.look(url)
            if found["status"] not in ("pending", "processing"):
                return found
            import time

            time.sleep(0.05)
        raise AssertionError(found)


def csr(
    *names: Identifier, bits: int = 2048, common_name: str = ""
) -> x509.CertificateSigningRequest:
    """A signing request for `names`."""
    subject = [x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)] if common_name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([name.general_name for name in names]), critical=False
        )
    return builder.sign(rsa.generate_private_key(65537, bits), hashes.SHA256())


def dns(name: str) -> Identifier:
    """A DNS name."""
    return Identifier("dns", name)


def encoded(request: x509.CertificateSigningRequest) -> dict[str, str]:
    """The payload of finalize."""
    return {"csr": b64url(request.public_bytes(serialization.Encoding.DER))}


def kind(answer: httpx.Response) -> str:
    """The problem's type, whose document has to be in order."""
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    document = answer.json()
    assert document["status"] == answer.status_code < 500
    assert document["detail"]
    return str(document["type"]).removeprefix(ERROR)
