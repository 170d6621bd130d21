"""Commands about what a session hears of: events, hooks, monitors, filters."""

from __future__ import annotations

from appliance.sessions import FILTERS, MAX_WATCHED, UNFILTERED
from store.refusals import Refused
from webserver.wsi.answers import Errors, element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import CALL, DEVICE, DEVICES, FILTER, Parameter

_DEVICE = Parameter("deviceObject", DEVICE, ("deviceID", "device"), standing="known")


def _too_many() -> Refused:
    return Refused.because("too-many", f"A session watches {MAX_WATCHED} devices at most.")


def _event_start(asked: Asked) -> str:
    device = asked.device("deviceObject")
    if not asked.box.sessions.watch(asked.session, device, asked.values["filter"] or UNFILTERED):
        raise _too_many()
    return element("EVENTSTART", leaf("DEVICE", device), local="true")


def _event_stop(asked: Asked) -> str:
    device = asked.values["deviceObject"]
    if not asked.box.sessions.unwatch(asked.session, device):
        raise Refused.because("not-watched", "There is nothing to stop.")
    return element("EVENTSTOP", leaf("DEVICE", device), local="true")


def _hook_subscribe(asked: Asked) -> str:
    """Those devices that nobody has are marked one by one; the others are watched."""
    asked.user()
    known = asked.box.exchange.subscribers()
    found = []
    for device in asked.values["devices"]:
        local = device in known and asked.box.sessions.watch_hook(asked.session, device)
        found.append(_local(device, local))
    return element("HOOKSUBSCRIBE", *found)


def _hook_unsubscribe(asked: Asked) -> str:
    asked.user()
    sessions = asked.box.sessions
    return element(
        "HOOKUNSUBSCRIBE",
        *(
            _local(device, sessions.unwatch_hook(asked.session, device))
            for device in asked.values["devices"]
        ),
    )


def _local(device: str, local: bool) -> str:
    return element("DEVICE", leaf("ID", device), local=str(local).lower())


def _monitor_start(asked: Asked) -> str:
    device = asked.device("deviceObject")
    number = asked.box.sessions.start_monitor(asked.session, device)
    if number is None:
        raise Refused.because("busy", "Too many monitors.")
    return element("MonitorStartResponse", leaf("monitorCrossRefID", number))


def _monitor_stop(asked: Asked) -> str:
    if not asked.box.sessions.stop_monitor(asked.session, asked.values["monitorCrossRefID"]):
        raise Refused.because("no-such-monitor", "This session has no such monitor.")
    return element("MonitorStopResponse")


def _get_filter(asked: Asked) -> str:
    device = asked.device("deviceObject")
    words = asked.session.watched.get(device)
    if words is None:
        raise Refused.because("not-watched", "Its events are not watched.")
    types = sorted(frozenset().union(*(FILTERS[word] for word in words)))
    return element(
        "FILTER",
        leaf("DEVICE", device),
        leaf("WORDS", ",".join(words)),
        *(leaf("TYPE", name) for name in types),
    )


def _set_filter(asked: Asked) -> str:
    device = asked.device("deviceObject")
    if device not in asked.session.watched:
        raise Refused.because("not-watched", "Its events are not watched.")
    asked.box.sessions.watch(asked.session, device, asked.values["filter"] or UNFILTERED)
    return _get_filter(asked)


_HOOKS = (
    Parameter("user", DEVICE, ("userID",), required=False, standing="known"),
    Parameter("devices", DEVICES, standing="known"),
)

EVENT_COMMANDS = (
    Command(
        "EventStart",
        _event_start,
        "Hear of what happens at a device.",
        (_DEVICE, Parameter("filter", FILTER, required=False, standing="known")),
        errors=Errors.LOCAL,
        standing="inferred",
        answer="EVENTSTART",
    ),
    Command(
        "EventStop",
        _event_stop,
        "Hear of it no more.",
        (_DEVICE,),
        errors=Errors.LOCAL,
        standing="inferred",
        answer="EVENTSTOP",
    ),
    Command(
        "HookSubscribe",
        _hook_subscribe,
        "Hear of the hooks of many devices.",
        _HOOKS,
        errors=Errors.LOCAL,
        standing="inferred",
        answer="HOOKSUBSCRIBE",
    ),
    Command(
        "HookUnsubscribe",
        _hook_unsubscribe,
        "Hear of them no more.",
        _HOOKS,
        errors=Errors.LOCAL,
        answer="HOOKUNSUBSCRIBE",
    ),
    Command(
        "MonitorStart",
        _monitor_start,
        "EventStart as ECMA-323 has it: the answer has a number to stop it by.",
        (_DEVICE,),
        errors=Errors.CSTA,
        standing="inferred",
        answer="MonitorStartResponse",
    ),
    Command(
        "MonitorStop",
        _monitor_stop,
        "End a monitor.",
        (Parameter("monitorCrossRefID", CALL),),
        errors=Errors.CSTA,
        standing="inferred",
        answer="MonitorStopResponse",
    ),
    Command(
        "GetFilter",
        _get_filter,
        "What events of a device the session hears of.",
        (_DEVICE,),
        answer="FILTER",
    ),
    Command(
        "SetFilter",
        _set_filter,
        "Change it; the device has to be watched already.",
        (_DEVICE, Parameter("filter", FILTER, required=False)),
        answer="FILTER",
    ),
)
