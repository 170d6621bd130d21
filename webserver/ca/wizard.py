"""A certificate by the web portal, step by step as the whitepaper's chapter 3 shows it.

A draft knows what was said so far; the order behind it is one like any ACME client's. Nothing
here knows HTML.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.acme.signing import AccountKey, dns_value
from appliance.acme.wire import Challenge, Identifier
from appliance.ca.csr import PublicKey, check_request
from appliance.ca.jws import read_key
from appliance.ca.ledger import Account, Authorization, Order, Task
from appliance.ca.policy import VALIDITIES, challenges_for, check_identifier, life_of
from appliance.ca.problems import AcmeError
from appliance.ca.register import Issued
from appliance.ca.states import Status
from store.refusals import Refusal, Refused, refuse_all
from webserver.ca.acme_accounts import MAIL
from webserver.ca.practice import PracticeCA

STEPS = ("domains", "validity", "request", "validation", "download")
WAYS = {"dns": Challenge.DNS, "http": Challenge.HTTP}
MAX_DRAFTS = 200
_WAIT_SECONDS = 12.0
_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Draft:
    """What was said so far. key: the private key that was made for it, if it was."""

    id: str
    names: tuple[Identifier, ...] = ()
    validity: str = "1-year"
    csr: str = ""
    contact: str = ""
    way: str = "dns"
    key: rsa.RSAPrivateKey | None = field(default=None, repr=False)
    public_key: PublicKey | None = None
    order: Order | None = None
    issued: Issued | None = None

    @property
    def step(self) -> str:
        """The step that it has come to."""
        if self.issued is not None:
            return "download"
        if self.order is not None:
            return "validation"
        return "validity" if self.names else "domains"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is to be put where, so that a name is proved.

    kind: `TXT` or `file`. where: a DNS name or a URL. done: whether it is proved already.
    """

    name: str
    kind: str
    where: str
    value: str
    done: bool


class Wizard:
    """All drafts; the oldest go when there are many."""

    def __init__(self, ca: PracticeCA) -> None:
        self._ca = ca
        self._drafts: OrderedDict[str, Draft] = OrderedDict()
        self._account: Account | None = None

    def begin(self) -> Draft:
        """A new draft."""
        draft = Draft(secrets.token_urlsafe(9))
        self._drafts[draft.id] = draft
        if len(self._drafts) > MAX_DRAFTS:
            self._drafts.popitem(last=False)
        return draft

    def draft(self, identity: str) -> Draft | None:
        """The draft with this id."""
        return self._drafts.get(identity)

    def set_names(self, draft: Draft, text: str, *, wildcard: bool) -> None:
        """Step 1: names and addresses, one a line; `wildcard` adds `*.` of each name."""
        found: list[Identifier] = []
        for line in text.replace(",", " ").split():
            try:
                found.append(Identifier("ip", str(ipaddress.ip_address(line))))
            except ValueError:
                name = line.lower().rstrip(".")
                found.append(Identifier("dns", name))
                if wildcard and not name.startswith("*."):
                    found.append(Identifier("dns", f"*.{name}"))
        if not found:
            raise _no("names", "Enter at least one domain.", "For example osbiz.example.test.")
        wrong: list[Refusal] = []
        for one in found:
            try:
                check_identifier(one, zones=self._ca.ledger.zones)
            except AcmeError as failed:
                wrong.append(Refusal("ca-wizard", failed.problem.detail, "names"))
        refuse_all(dict.fromkeys(wrong))  # a name and its wildcard are wrong alike
        draft.names, draft.order = tuple(sorted(set(found))), None

    def set_validity(self, draft: Draft, validity: str) -> None:
        """Step 2."""
        if validity not in VALIDITIES:
            raise _no("validity", "Choose how long it is to be valid.")
        draft.validity = validity

    def days(self, validity: str) -> int:
        """How many days that means at the CA's date."""
        return life_of(validity, self._ca.clock.now()).days

    async def set_request(self, draft: Draft, *, csr: str, contact: str, way: str) -> None:
        """Step 3: the signing request, or none to have a key made; then the order is begun."""
        draft.csr, draft.contact, draft.way = csr[:40_000], contact[:255], way
        if contact and not MAIL.match(f"mailto:{contact}"):
            instead = "Give one, as anna@example.com, or leave it empty."
            raise _no("contact", f"{contact[:60]!r} is no e-mail address.", instead)
        if way not in WAYS:
            raise _no("way", "Choose how you prove that the domains are yours.")
        cant = [one.value for one in draft.names if WAYS[way] not in challenges_for(one)]
        if cant:
            other = "DNS" if way == "http" else "HTTP"
            detail = f"{', '.join(cant)} can't be proved this way."
            raise _no("way", detail, f"Choose {other}.")
        if csr.strip():
            draft.public_key = await asyncio.to_thread(
                _in_words, lambda: check_request(csr.strip().encode(), draft.names), "csr"
            )
            draft.key = None
        else:
            draft.key = await asyncio.to_thread(rsa.generate_private_key, 65537, 2048)
            draft.public_key = draft.key.public_key()
        self.begin_order(draft)

    def begin_order(self, draft: Draft) -> None:
        """The order behind a draft; begun anew after one that failed."""
        now = self._ca.clock.now()
        draft.order = _in_words(
            lambda: self._ca.ledger.order(
                self.account,
                draft.names,
                life=life_of(draft.validity, now),
                now=now,
                issued=self._ca.issued(draft.names),
            ),
            None,
        )

    @property
    def account(self) -> Account:
        """Whose orders these are; its key signs nothing."""
        if self._account is None:
            self._account = self._ca.ledger.open_account(
                read_key(AccountKey.make().public),
                contact=(),
                customer=None,
                now=self._ca.clock.now(),
            )
        return self._account

    def proofs(self, draft: Draft) -> list[Proof]:
        """What is to be put where."""
        assert draft.order is not None
        return [self._proof(draft, one) for one in draft.order.authorizations]

    def _proof(self, draft: Draft, one: Authorization) -> Proof:
        task = _task(draft, one)
        answer = f"{task.token}.{self.account.key.thumbprint}"
        name = one.identifier.value.removeprefix("*.")
        done = one.look(self._ca.clock.now()) is Status.VALID
        if draft.way == "dns":
            where = f"_acme-challenge.{name}"
            return Proof(one.identifier.value, "TXT", where, dns_value(answer), done)
        port = self._ca.validator.http_port
        host = name if port == 80 else f"{name}:{port}"
        url = f"http://{host}/.well-known/acme-challenge/{task.token}"
        return Proof(one.identifier.value, "file", url, answer, done)

    def set_records(self, draft: Draft) -> None:
        """Put the TXT records into the CA's own name server."""
        for proof in self.proofs(draft):
            if proof.kind == "TXT" and not proof.done:
                self._ca.zones.add(proof.where, "TXT", proof.value)

    def records_set(self, draft: Draft) -> bool:
        """Whether they are all there."""
        return all(
            proof.done or proof.value in self._ca.zones.find(proof.where).get("TXT", ())
            for proof in self.proofs(draft)
            if proof.kind == "TXT"
        )

    async def validate(self, draft: Draft) -> None:
        """Step 4: look, and issue when all is proved. Refused with the reason when it is not."""
        order = draft.order
        assert order is not None
        thumbprint = self.account.key.thumbprint
        for one in order.authorizations:
            if one.look(self._ca.clock.now()) is Status.PENDING:
                self._ca.respond(one, _task(draft, one), thumbprint=thumbprint)
        loop = asyncio.get_running_loop()
        end = loop.time() + _WAIT_SECONDS
        while order.look(self._ca.clock.now()) is Status.PENDING and loop.time() < end:
            await asyncio.sleep(_LOOK_SECONDS)
        if order.status is Status.INVALID:
            detail = "It failed." if order.problem is None else order.problem.words
            self.begin_order(draft)
            raise _no(None, detail, "There are new values now; put them there and try again.")
        if order.status is not Status.READY:
            raise _no(None, "It takes longer than usual.", "Press the button again.")
        assert draft.public_key is not None
        try:
            draft.issued = await self._ca.issue(order, draft.public_key)
        except AcmeError as failed:
            self.begin_order(draft)
            raise _no(None, failed.problem.words) from None


_T = TypeVar("_T")


def _in_words(ask: Callable[[], _T], field: str | None) -> _T:
    """What `ask` returns; the CA's own words at `field` when it says no."""
    try:
        return ask()
    except AcmeError as failed:
        raise _no(field, failed.problem.words) from None


def _task(draft: Draft, one: Authorization) -> Task:
    """The challenge of the way that was chosen; another one's if it was proved by that before."""
    way = WAYS[draft.way]
    return next((task for task in one.tasks if task.kind is way), one.tasks[0])


def _no(field: str | None, message: str, instead: str | None = None) -> Refused:
    return Refused.because("ca-wizard", message, field=field, instead=instead)
