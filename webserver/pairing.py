"""The pairing file of a Booster Server that runs elsewhere, and what both sides keep of it.

JSON with host, port, secret and the SHA-256 of the public key in the certificate that was
active when it was written; mode 0600. The box keeps the newest one it knows, because the
file goes stale with the first transfer.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from pathlib import Path

from appliance.booster import Booster
from appliance.box import Box
from appliance.change import Change
from appliance.network import parse_address
from store.refusals import Refused
from store.sealing import write_durably
from webserver.booster_link import Pairing

_CONTEXT = "pairing"


def secret_of(booster: Booster) -> str:
    """The pairing secret of a Booster Server; made, and kept sealed, when it has none."""
    sealed = booster.settings.get("pairing_secret")
    if sealed is not None:
        return booster.store.seal.open(bytes.fromhex(sealed), context=_CONTEXT).decode()
    secret = secrets.token_urlsafe(32)
    kept = booster.store.seal.seal(secret.encode(), context=_CONTEXT).hex()
    booster.commit(Change(settings={"pairing_secret": kept}))
    return secret


def write_pairing(path: Path, pairing: Pairing) -> None:
    """Write the pairing file, whole and readable by its owner only."""
    content = {
        "host": pairing.host,
        "port": pairing.port,
        "secret": pairing.secret,
        "key_sha256": pairing.key_sha256,
    }
    write_durably(path, json.dumps(content, indent=1).encode() + b"\n")


def read_pairing(path: Path, box: Box) -> Pairing:
    """The pairing in the file at `path`, with the newest public key that `box` knows.

    Refused when the file can't be read or is no pairing file.
    """
    try:
        content = json.loads(path.read_bytes())
        pairing = Pairing(
            host=parse_address(content["host"], field="booster_pairing"),
            port=int(content["port"]),
            secret=str(content["secret"]),
            key_sha256=str(content["key_sha256"]),
        )
        if not re.fullmatch(r"[0-9a-f]{64}", pairing.key_sha256) or not 0 < pairing.port < 65536:
            raise ValueError
    except (OSError, ValueError, TypeError, KeyError):
        raise Refused.because(
            "pairing-file",
            f"{path} is no pairing file that can be read.",
            field="booster_pairing",
            instead="Give the file that osbiz booster --pairing-file wrote.",
        ) from None
    pin = box.settings.get("booster_pin")
    if pin is not None and pin["pairing"] == _name_of(pairing.secret):
        pairing.key_sha256 = pin.get("key_sha256", pairing.key_sha256)
    return pairing


def keep_pin(box: Box, secret: str, key_sha256: str) -> None:
    """Remember whose key the Booster Server has proved since the last transfer."""
    pin = {"pairing": _name_of(secret), "key_sha256": key_sha256}
    box.commit(Change(settings={"booster_pin": pin}))


def _name_of(secret: str) -> str:
    """A name for the pairing that does not give its secret away."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
