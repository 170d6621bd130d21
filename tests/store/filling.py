"""A store with something of everything in it, to be kept, refused or damaged."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from store.certificate import Certificate
from store.inventory import Holding, Kind
from store.issuing import Wanted, self_signed, signing_request
from store.opening import Store, open_store
from store.people import Account, Subscriber
from tests.helpers import a_key, key_der, subject

NOW = datetime(2023, 11, 17, 12, tzinfo=UTC)


def a_holding(identity: str = "0123456789", *, key: int = 0, name: str = "box") -> Holding:
    wanted = Wanted(subject(), NOW, datetime(2033, 11, 17, tzinfo=UTC), 77)
    leaf = self_signed(wanted, a_key(key))
    chain = (self_signed(wanted, a_key(1)),)
    certificate = Certificate(leaf, chain, a_key(key))
    return Holding(identity, name, Kind.IMPORTED, NOW, certificate, key=a_key(key), pkcs12=b"p12")


def filled(directory: Path) -> None:
    """A store with something of everything, closed."""
    store = open_store(directory, "osbiz")
    request = signing_request(subject(), a_key(2))
    with store.database.transaction():
        store.inventory.add(a_holding())
        store.inventory.add(
            Holding("request001", "csr", Kind.REQUEST, NOW, request=request, key=a_key(2))
        )
        store.settings.put("active", "0123456789")
        store.settings.put("clock", {"rate": 2.5, "box": "ü"})
        store.people.put_account(Account("administrator@system", "advanced", None, True))
        store.people.put_subscriber(Subscriber("100", "Anna Berger", "geheim-100"))
        store.journal.append(NOW, "installed", {"name": "bür\ud800o"})
    store.close()


def everything(store: Store) -> tuple[object, ...]:
    keys = {held.id: held.key and key_der(held.key) for held in store.inventory.all().values()}
    return (
        store.inventory.all(),
        keys,
        store.settings.all(),
        store.people.accounts(),
        store.people.subscribers(),
        store.journal.since(),
    )


def content(directory: Path) -> tuple[object, ...]:
    store = open_store(directory, "osbiz")
    try:
        return everything(store)
    finally:
        store.close()


def digests(directory: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.iterdir()
        if path.suffix != ".lock"
    }


def copy_as_after_a_power_cut(directory: Path, store: Store, to: Path) -> Path:
    """What a disk holds when the power goes: database, -wal and -shm, all as they are."""
    assert (directory / "osbiz.db-wal").stat().st_size > 0
    shutil.copytree(directory, to)
    store.close()
    return to
