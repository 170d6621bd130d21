"""The client environments: all of them, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from appliance.trust import (
    clients_browsers,
    clients_gnutls,
    clients_go,
    clients_java,
    clients_openssl,
    clients_platforms,
    clients_rust,
)
from appliance.trust.environment import Environment

_TABLE = (
    *clients_platforms.COMBINED[1:],
    *clients_browsers.CLIENTS,
    *clients_platforms.CLIENTS,
    clients_platforms.COMBINED[0],
    *clients_openssl.CLIENTS,
    *clients_gnutls.CLIENTS,
    *clients_java.CLIENTS,
    *clients_go.CLIENTS,
    *clients_rust.CLIENTS,
)

ENVIRONMENTS: Mapping[str, Environment] = MappingProxyType({one.id: one for one in _TABLE})
