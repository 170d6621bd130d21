"""RSA-2048 keys, and a pool that makes them ahead of need.

Making one takes 40 to 80 ms and releases the interpreter lock, so the pool makes
them in a thread of its own and nobody waits. Knows nothing of certificates.
"""

from __future__ import annotations

import threading
from collections import deque

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEY_BITS = 2048  # the only length the box supports: whitepaper 2.1


def make_key() -> rsa.RSAPrivateKey:
    """A new RSA-2048 key with exponent 65537; blocks for its making."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def key_to_der(key: rsa.RSAPrivateKey) -> bytes:
    """The key as unencrypted PKCS#8 DER; only ever handed to `store.sealing`."""
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def key_to_pem(key: rsa.RSAPrivateKey) -> bytes:
    """The key as unencrypted PKCS#8 PEM, for whoever asked to export it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def own_key_from_der(der: bytes) -> rsa.RSAPrivateKey:
    """Load a key that passed through this store before.

    The RSA consistency check (48 ms) is skipped: the key was made here, or checked
    when it was imported, and its seal proves that it has not changed since.
    """
    key = serialization.load_der_private_key(
        der, password=None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


class KeyPool:
    """Keys made ahead by one background thread.

    ahead: how many keys to keep ready once `warm` has been called.
    """

    def __init__(self, *, ahead: int = 2) -> None:
        self._ahead = ahead
        self._ready: deque[rsa.RSAPrivateKey] = deque()
        self._used: deque[rsa.RSAPrivateKey] = deque(maxlen=64)
        self._owed = 0  # what the background thread has still to make
        self._maker: threading.Thread | None = None
        self._warm = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._ready)

    def take(self, *, used_will_do: bool = False) -> rsa.RSAPrivateKey:
        """A key nobody else has (blocking): from the pool, else the one that is being made
        there, else one made now.

        used_will_do: the caller keeps nothing, so a key that was `give_back`ed will do.
        """
        with self._changed:
            if used_will_do and self._used:
                return self._used.popleft()
            self._changed.wait_for(lambda: self._ready or not self._owed)
            key = self._ready.popleft() if self._ready else None
            if self._warm:
                self._owe(self._ahead - len(self._ready))
        return make_key() if key is None else key

    def give_back(self, key: rsa.RSAPrivateKey) -> None:
        """Offer the key of a box that kept nothing to the next such box.

        An ephemeral box is a test fixture: its key protects nothing once it is gone,
        and handing it on spares the next one 50 ms.
        """
        self._used.append(key)

    def prepare(self, count: int) -> None:
        """Start making `count` keys in the background; returns at once."""
        with self._changed:
            self._owe(count)

    def warm(self) -> None:
        """Keep keys ready from now on, made in the background; returns at once."""
        with self._changed:
            self._warm = True
            self._owe(self._ahead - len(self._ready))

    def _owe(self, count: int) -> None:
        self._owed = max(self._owed, count)
        if self._owed and self._maker is None:
            self._maker = threading.Thread(target=self._make, name="key-pool", daemon=True)
            self._maker.start()

    def _make(self) -> None:
        try:
            while True:
                with self._changed:
                    if not self._owed:
                        self._maker = None
                        return
                key = make_key()
                with self._changed:
                    self._ready.append(key)
                    self._owed -= 1
                    self._changed.notify()
        except BaseException:
            with self._changed:  # whoever waits makes their own
                self._owed, self._maker = 0, None
                self._changed.notify_all()
            raise


_process_pool = KeyPool()


def process_pool() -> KeyPool:
    """The pool that all boxes of this process share."""
    return _process_pool
