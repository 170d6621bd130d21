"""What every node has: a store, an inventory, an active certificate, a plan.

Changes are made in two steps. A story (`prepare_…`) looks everything over and returns
a `Change`, a value, having changed nothing; `commit` writes it in one transaction and
then lets it be seen. In between, the caller may find out that it can't be served.
All methods may block (keys, fsync): call them off the event loop, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from appliance.change import Change, State
from appliance.clock import Clock, Dates
from appliance.lifecycle import Lifecycle
from appliance.projection import Validity, can_project, projected
from appliance.serving import ServingPlan
from store.certificate import Certificate, iso_time
from store.inventory import Holding, Kind
from store.journal import Entry
from store.keys import KeyPool
from store.opening import Store
from store.people import Account, Subscriber
from store.refusals import Refused


class Node:
    """A box or a Booster Server.

    name: `system` or `booster`.
    signers: the holdings among which the keys of authorities are looked for.
    on_entry: called with each journal entry once it is committed, from the thread that
        committed it.
    """

    name = "node"

    def __init__(self, store: Store, *, clock: Clock, keys: KeyPool) -> None:
        self.store = store
        self.clock = clock
        self.keys = keys
        self.lifecycle = Lifecycle()
        self.signers: Callable[[], Iterable[Holding]] = lambda: self.holdings.values()
        self.on_entry: Callable[[Entry], None] = lambda _entry: None
        self._state = State(
            store.settings.all(),
            store.inventory.all(),
            store.people.accounts(),
            store.people.subscribers(),
        )
        self._lent: list[rsa.RSAPrivateKey] = []

    @property
    def settings(self) -> Mapping[str, Any]:
        """Every setting by name."""
        return self._state.settings

    @property
    def holdings(self) -> Mapping[str, Holding]:
        """Certificates and signing requests by id, oldest first."""
        return self._state.holdings

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Administrators by name."""
        return self._state.accounts

    @property
    def subscribers(self) -> Mapping[str, Subscriber]:
        """Telephone users by extension."""
        return self._state.subscribers

    @property
    def installed(self) -> bool:
        """Whether the initial installation has happened."""
        return "active" in self.settings

    @property
    def active(self) -> Holding:
        """The holding whose certificate is served."""
        state = self._state
        return state.holdings[state.settings["active"]]

    def holding(self, identity: str) -> Holding:
        """The holding with this id; refused when there is none."""
        try:
            return self.holdings[identity]
        except KeyError:
            raise Refused.because(
                "no-such-certificate",
                f"There is no certificate {identity[:40]!r}.",
                field="certificate",
                instead="The list of certificates has the ids.",
            ) from None

    def plan(self) -> ServingPlan:
        """What this node's TLS endpoints present now."""
        return self.plan_for(self.active)

    def plan_after(self, change: Change) -> ServingPlan:
        """What they would present once `change` is committed."""
        added = {holding.id: holding for holding in change.add}
        identity = change.activate or self.settings["active"]
        return self.plan_for(added.get(identity) or self.holding(identity))

    def plan_for(self, holding: Holding, *, second: datetime | None = None) -> ServingPlan:
        """What would be presented were `holding` active, now or in the real `second` given."""
        certificate = self.as_presented(holding, second=second).certificate
        assert certificate is not None
        return ServingPlan(certificate=certificate, certificate_id=holding.id)

    def as_presented(self, holding: Holding, *, second: datetime | None = None) -> Holding:
        """`holding` with the dates that clients see; itself when its dates can't be moved."""
        if self.clock.dates is Dates.SIMULATED or holding.certificate is None:
            return holding
        moved = projected(holding.certificate, self.signers(), clock=self.clock, second=second)
        return holding if moved is None else replace(holding, certificate=moved)

    def real_validity(self, holding: Holding) -> Validity | None:
        """First and last moment as clients see them; None where that is what it says itself."""
        certificate = holding.certificate
        if self.clock.dates is Dates.SIMULATED or certificate is None:
            return None
        if not can_project(certificate, self.signers()):
            return None
        return self.clock.to_real(certificate.not_before), self.clock.to_real(certificate.not_after)

    def check_projection(self) -> None:
        """Refused (`not-projectable`) when the active certificate's dates can't be moved."""
        certificate = self.active.certificate
        assert certificate is not None
        if not can_project(certificate, self.signers()):
            raise Refused.because(
                "not-projectable",
                f"The dates of {self.active.name!r}, active on {self.name}, can't be moved: the "
                "box does not hold the key that signed it.",
                field="dates",
                instead="Use simulated dates, activate a certificate that the box signed, or ask "
                "for it all the same with allow_unprojected.",
            )

    def prepare_activation(self, identity: str) -> Change:
        """Make the certificate `identity` the active one.

        Refused: a signing request, an authority, a certificate without its key. An
        expired one is allowed, with a warning: people do it.
        """
        holding = self.holding(identity)
        certificate = _servable(holding)
        return Change(
            activate=identity,
            journal=(
                (
                    "certificate-activated",
                    {
                        "certificate": identity,
                        "name": holding.name,
                        "not_after": iso_time(certificate.not_after),
                        "fingerprint_sha256": certificate.fingerprint("sha256"),
                        "before": self.settings.get("active"),
                    },
                ),
            ),
            warnings=tuple(self._warnings(certificate)),
        )

    def _warnings(self, certificate: Certificate) -> list[str]:
        now = self.clock.now()
        if self.clock.dates is Dates.PROJECTED and not can_project(certificate, self.signers()):
            return ["The dates of this certificate can't be moved: it shows its own."]
        if now > certificate.not_after:
            return [f"This certificate expired on {iso_time(certificate.not_after)}."]
        if now < certificate.not_before:
            return [f"This certificate is not valid before {iso_time(certificate.not_before)}."]
        return []

    def prepare_removal(self, identity: str) -> Change:
        """Forget the certificate or signing request `identity`; refused while it is active."""
        holding = self.holding(identity)
        if identity == self.settings.get("active"):
            raise Refused.because(
                "certificate-active",
                f"The certificate {holding.name!r} is active on this node.",
                field="certificate",
                instead="Activate another one first.",
            )
        detail = {"certificate": identity, "name": holding.name, "kind": holding.kind.value}
        return Change(remove=(identity,), journal=(("certificate-removed", detail),))

    def commit(self, change: Change) -> list[Entry]:
        """Write `change`, durably and as a whole; then let it be seen.

        Refused, with nothing changed, when it can't be written (`storage-failed`), and when
        what would be active is not there (any more).
        """
        settings = change.all_settings()
        after = self._state.after(change)
        if (active := after.settings.get("active")) is not None and active not in after.holdings:
            raise Refused.because(
                "no-such-certificate",
                f"The certificate {active!r} would be active, but would not be there.",
                field="certificate",
                instead="Look at the list of certificates again.",
            )
        entries: list[Entry] = []
        now = self.clock.now()
        with self.store.database.transaction():
            if change.wipe:
                self.store.inventory.clear()
                self.store.people.clear()
                self.store.telephones.clear()
                self.store.journal.clear()
            self.store.journal.put_back(change.past)
            self.store.telephones.add(change.telephones)
            for identity in change.remove:
                self.store.inventory.remove(identity)
            for holding in change.add:
                self.store.inventory.add(holding)
            for key, value in settings.items():
                self.store.settings.put(key, value)
            for event, detail in change.journal:
                entries.append(self.store.journal.append(now, event, detail))
            for name in change.remove_accounts:
                self.store.people.remove_account(name)
            for account in change.accounts:
                self.store.people.put_account(account)
            for extension in change.remove_subscribers:
                self.store.people.remove_subscriber(extension)
                self.store.telephones.remove(extension)
            for subscriber in change.subscribers:
                self.store.people.put_subscriber(subscriber)
        self._state = after
        for entry in entries:
            self.on_entry(entry)
        return entries

    def note(self, event: str, **detail: Any) -> None:
        """Write one journal entry that goes with no other change."""
        self.commit(Change(journal=((event, detail),)))

    def own_key(self) -> rsa.RSAPrivateKey:
        """A key for a certificate that the node makes by itself (blocking).

        A node that keeps nothing may get one that another such node is done with.
        """
        if not self.store.ephemeral:
            return self.keys.take()
        key = self.keys.take(used_will_do=True)
        self._lent.append(key)
        return key

    def close(self) -> None:
        """Let go of the store; an ephemeral node hands its own keys to the next."""
        self.store.close()
        for key in self._lent:
            self.keys.give_back(key)
        self._lent.clear()


def _servable(holding: Holding) -> Certificate:
    certificate = holding.certificate
    if certificate is None:
        raise Refused.because(
            "certificate-pending",
            f"{holding.name!r} is a signing request that no authority has answered yet.",
            field="certificate",
            instead="Import the certificate that the authority issues for it, then activate that.",
        )
    if holding.kind is Kind.AUTHORITY:
        raise Refused.because(
            "not-a-server-certificate",
            f"{holding.name!r} is a certificate authority.",
            field="certificate",
            instead="Let it issue a server certificate, and activate that.",
        )
    if certificate.key is None:
        raise Refused.because(
            "key-missing",
            f"The box does not hold the private key of {holding.name!r}.",
            field="certificate",
            instead="Import certificate and key together.",
        )
    return certificate
