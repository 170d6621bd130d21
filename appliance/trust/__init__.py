"""Trust: what each client environment says of a server's certificate, and why.

`judge` takes what a server presented, the name the client uses, the anchors it trusts and
the time on its clock; it gives one `Verdict` for each environment. Pure: no socket, no file,
no clock of its own.
"""

from __future__ import annotations

from appliance.trust.environment import Environment
from appliance.trust.environments import ENVIRONMENTS
from appliance.trust.judging import judge
from appliance.trust.reading import presented_chain
from appliance.trust.status import Status
from appliance.trust.verdicts import Anchor, Finding, Origin, Outcome, Standing, Verdict

__all__ = [
    "ENVIRONMENTS",
    "Anchor",
    "Environment",
    "Finding",
    "Origin",
    "Outcome",
    "Standing",
    "Status",
    "Verdict",
    "judge",
    "presented_chain",
]
