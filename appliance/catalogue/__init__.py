"""A catalogue of server certificates, sound and unsound, made fresh for any time.

`CASES` says what there is, as data; `build` makes one case's certificates. Pure: what
clients say of a case is for `appliance.trust` to judge, and for `scripts/matrix` to measure.
"""

from __future__ import annotations

from appliance.catalogue.building import Built, build
from appliance.catalogue.cases import CASES
from appliance.catalogue.keyring import Keyring
from appliance.catalogue.recipes import Case, Recipe

__all__ = ["CASES", "Built", "Case", "Keyring", "Recipe", "build"]
