"""A node's settings: small JSON values by name.

Knows no name's meaning; `appliance` does. Write inside a transaction.
"""

from __future__ import annotations

import json
from typing import Any

from store.database import Database, damaged


class Settings:
    """JSON values under text keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Any]:
        """Every setting."""
        rows = self._database.rows("SELECT key, value FROM settings")
        try:
            return {key: json.loads(value) for key, value in rows}
        except ValueError as error:
            raise damaged(self._database.path, error) from None

    def put(self, key: str, value: Any) -> None:
        """Set `key`; the old value is gone once the transaction commits."""
        self._database.execute(
            "INSERT INTO settings (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, json.dumps(value)),
        )
