"""Commands about telephones as they are set: display, do not disturb, forwarding, state."""

from __future__ import annotations

from appliance.desks import DO_NOT_DISTURB, OFFICE
from webserver.wsi.answers import element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import DEVICE, NUMBER, SWITCH, TEXT, Parameter

_DEVICE = Parameter("device", DEVICE, ("deviceID", "deviceObject"), standing="known")


def _set_display(asked: Asked) -> str:
    asked.box.exchange.set_display(asked.device("device"), asked.values["contentsOfDisplay"])
    return element("SetDisplay")


def _clear_display(asked: Asked) -> str:
    asked.box.exchange.set_display(asked.device("device"), "")
    return element("ClearDisplay")


def _set_do_not_disturb(asked: Asked) -> str:
    presence = DO_NOT_DISTURB if asked.values["enable"] else OFFICE
    asked.box.exchange.set_presence(asked.device("device"), presence)
    return element("SETDONOTDISTURB")


def _get_do_not_disturb(asked: Asked) -> str:
    device = asked.device("device")
    on = asked.box.exchange.desk(device).presence == DO_NOT_DISTURB
    return element("DONOTDISTURB", leaf("DEVICE", device), leaf("ACTIVE", str(on).lower()))


def _set_forwarding(asked: Asked) -> str:
    asked.box.exchange.set_forwarding(asked.device("device"), asked.values["forwardTo"])
    return element("SETFORWARDING")


def _get_forwarding(asked: Asked) -> str:
    device = asked.device("device")
    number = asked.box.exchange.desk(device).forward_to
    return element("FORWARDING", leaf("DEVICE", device), leaf("TO", number or ""))


def _get_device_state(asked: Asked) -> str:
    device, exchange = asked.device("device"), asked.box.exchange
    state = exchange.device_state(device)
    return element(
        "DEVICESTATE",
        leaf("DEVICE", device),
        leaf("STATE", state["state"]),
        leaf("DONOTDISTURB", state["doNotDisturb"]),
        leaf("FORWARDTO", state["forwardTo"]),
        leaf("AGENTSTATE", exchange.desk(device).agent.value),
        *(
            element("CALL", leaf("callID", leg.call.id), leaf("STATE", leg.state.value))
            for leg in exchange.legs_at(device)
        ),
    )


TELEPHONE_COMMANDS = (
    Command(
        "SetDisplay",
        _set_display,
        "Show a text on a telephone's display.",
        (_DEVICE, Parameter("contentsOfDisplay", TEXT, ("text",), standing="known")),
        standing="inferred",
        answer="SetDisplay",
    ),
    Command(
        "ClearDisplay",
        _clear_display,
        "Show it no longer.",
        (_DEVICE,),
        standing="inferred",
        answer="ClearDisplay",
    ),
    Command(
        "SetDoNotDisturb",
        _set_do_not_disturb,
        "Presence 9, or 1.",
        (_DEVICE, Parameter("enable", SWITCH)),
        answer="SETDONOTDISTURB",
    ),
    Command(
        "GetDoNotDisturb",
        _get_do_not_disturb,
        "Whether presence is 9.",
        (_DEVICE,),
        answer="DONOTDISTURB",
    ),
    Command(
        "SetForwarding",
        _set_forwarding,
        "Send every call to another number; without one, no longer.",
        (_DEVICE, Parameter("forwardTo", NUMBER, ("forwardDN", "targetDevice"), required=False)),
        answer="SETFORWARDING",
    ),
    Command(
        "GetForwarding",
        _get_forwarding,
        "Where the calls go instead.",
        (_DEVICE,),
        answer="FORWARDING",
    ),
    Command(
        "GetDeviceState",
        _get_device_state,
        "Whether it is idle, rings or is busy; how it is set; its calls.",
        (_DEVICE,),
        answer="DEVICESTATE",
    ),
)
