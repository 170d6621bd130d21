"""What a customer asks of an ACME CA (RFC 8555 7): accounts, orders, certificates.

Not what is ordered, or why. Our own, not certbot's `acme`: that one blocks in threads that
nobody can cancel, and takes no trust but a file.
"""

from __future__ import annotations

from typing import Any

from appliance.acme import wire
from appliance.acme.failures import AcmeFailed
from appliance.acme.signing import AccountKey, b64url, bind_account
from webserver.acme_requests import Channel


class AcmeClient(Channel):
    """One account's conversation with one CA."""

    # The account

    async def register(
        self,
        *,
        contact: tuple[str, ...],
        binding: tuple[str, bytes] | None = None,
        only_existing: bool = False,
    ) -> str:
        """The URL of the account with this key, made when it is not there; terms are accepted."""
        directory = await self.directory()
        payload: dict[str, Any] = {"termsOfServiceAgreed": True}
        if only_existing:
            payload = {"onlyReturnExisting": True}
        elif contact:
            payload["contact"] = list(contact)
        if binding is not None and not only_existing:
            kid, secret = binding
            payload["externalAccountBinding"] = bind_account(
                self.key, kid=kid, secret=secret, url=directory.new_account
            )
        elif directory.binding_required and not only_existing:
            raise self.failed("acme-binding")
        self.kid = None
        answer = await self.post(directory.new_account, payload)
        location = answer.headers.get("Location")
        if not location:
            raise self.failed("acme-answer", "the new account has no URL")
        self.kid = location
        return location

    async def change_key(self, new: AccountKey) -> None:
        """Use `new` as the account's key from now on (RFC 8555 7.3.5)."""
        directory = await self.directory()
        if directory.key_change is None:
            raise self.failed("acme-request-refused", "the CA offers no change of keys")
        inner = new.sign({"account": self.kid, "oldKey": self.key.public}, url=directory.key_change)
        await self.post(directory.key_change, inner)
        self.key = new

    async def change_contact(self, contact: tuple[str, ...]) -> None:
        """Tell the CA whom to write to from now on (RFC 8555 7.3.2)."""
        assert self.kid is not None
        await self.post(self.kid, {"contact": list(contact)})

    # Orders

    async def new_order(
        self,
        identifiers: tuple[wire.Identifier, ...],
        *,
        replaces: str | None = None,
        profile: str | None = None,
    ) -> wire.Order:
        """A new order; `replaces` names the certificate it renews (RFC 9773 5)."""
        directory = await self.directory()
        payload: dict[str, Any] = {"identifiers": [one.as_json() for one in identifiers]}
        if profile is not None:
            payload["profile"] = profile
        if replaces is not None and directory.renewal_info is not None:
            try:
                return await self._ordered({**payload, "replaces": replaces})
            except AcmeFailed as failed:
                # Replaced already, or not known to this CA: no reason to have no certificate.
                if failed.failure.code not in ("acme-request-refused", "acme-account"):
                    raise
        return await self._ordered(payload)

    async def _ordered(self, payload: dict[str, Any]) -> wire.Order:
        answer = await self.post((await self.directory()).new_order, payload)
        location = answer.headers.get("Location")
        if not location:
            raise self.failed("acme-answer", "the new order has no URL")
        return self.read(lambda: wire.read_order(answer.json, url=location))

    async def order(self, url: str) -> tuple[wire.Order, float | None]:
        """The order at `url`, and the seconds to wait before asking again, if any."""
        answer = await self.post(url, None)
        return self.read(lambda: wire.read_order(answer.json, url=url)), answer.retry_after

    async def authorization(self, url: str) -> tuple[wire.Authorization, float | None]:
        """The authorization at `url`, and the seconds to wait before asking again, if any."""
        answer = await self.post(url, None)
        return self.read(lambda: wire.read_authorization(answer.json)), answer.retry_after

    async def respond(self, url: str) -> None:
        """Have the CA validate the challenge at `url`."""
        await self.post(url, {})

    async def finalize(self, order: wire.Order, csr: bytes) -> tuple[wire.Order, float | None]:
        """Send the signing request (DER) of an order that is ready."""
        answer = await self.post(order.finalize, {"csr": b64url(csr)})
        return (
            self.read(lambda: wire.read_order(answer.json, url=order.url)),
            answer.retry_after,
        )

    async def chains(self, url: str, *, alternates: bool) -> list[bytes]:
        """The certificate at `url` with its chain, as PEM; alternate chains after it."""
        answer = await self.post(url, None, accept="application/pem-certificate-chain")
        found = [answer.content]
        for other in answer.linked("alternate")[:10] if alternates else ():
            answer = await self.post(other, None, accept="application/pem-certificate-chain")
            found.append(answer.content)
        return found

    async def revoke(self, certificate: bytes, *, reason: int) -> None:
        """Revoke a certificate (DER) for a reason of RFC 5280 5.3.1."""
        directory = await self.directory()
        if directory.revoke is None:
            raise self.failed("acme-request-refused", "the CA offers no revocation")
        await self.post(directory.revoke, {"certificate": b64url(certificate), "reason": reason})

    async def renewal_info(self, identity: str) -> tuple[wire.RenewalInfo | None, float | None]:
        """When the CA would have a certificate renewed, and when to ask again in seconds.

        None when the CA has no such service, or does not know the certificate.
        """
        directory = await self.directory()
        if directory.renewal_info is None:
            return None, None
        answer = await self.send("GET", f"{directory.renewal_info.rstrip('/')}/{identity}")
        if answer.status != 200:
            return None, answer.retry_after
        return self.read(lambda: wire.read_renewal_info(answer.json)), answer.retry_after
