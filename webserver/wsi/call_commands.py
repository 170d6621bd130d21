"""Commands that control calls; answers and errors are elements of ECMA-323."""

from __future__ import annotations

from collections.abc import Callable

from appliance.calls import Call
from webserver.wsi.answers import Errors, element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import CALL, DEVICE, NUMBER, Parameter

_DEVICE = Parameter("deviceObject", DEVICE, ("deviceID", "device"))
_CALL = Parameter("callID", CALL, required=False)


def _to(name: str, *aliases: str) -> Parameter:
    return Parameter(name, NUMBER, (*aliases, "calledDirectoryNumber"))


def _connection(name: str, call: Call, device: str) -> str:
    return element(name, leaf("callID", call.id), leaf("deviceID", device))


def _make_call(asked: Asked) -> str:
    device, number = asked.device("callingDevice"), asked.values["calledDirectoryNumber"]
    call = asked.box.exchange.make_call(device, number)
    return element(
        "MakeCallResponse",
        _connection("callingDevice", call, device),
        leaf("calledDevice", call.called),
    )


def _consultation(asked: Asked) -> str:
    device = asked.device("deviceObject")
    call = asked.box.exchange.consult(
        device, asked.values["consultNumber"], call=asked.values["callID"]
    )
    return element("ConsultationCallResponse", _connection("initiatedCall", call, device))


def _on_one(operation: str, response: str) -> Callable[[Asked], str]:
    """An operation on one call at the device; `callID` says which."""

    def run(asked: Asked) -> str:
        act = getattr(asked.box.exchange, operation)
        call = act(asked.device("deviceObject"), call=asked.values["callID"])
        return element(response, leaf("callID", call.id))

    return run


def _on_two(operation: str, response: str) -> Callable[[Asked], str]:
    """An operation on the active and the held call at the device."""

    def run(asked: Asked) -> str:
        call = getattr(asked.box.exchange, operation)(asked.device("deviceObject"))
        return element(response, leaf("callID", call.id))

    return run


def _onward(operation: str, parameter: str, response: str) -> Callable[[Asked], str]:
    """An operation that sends a call at the device to a number."""

    def run(asked: Asked) -> str:
        act = getattr(asked.box.exchange, operation)
        device, number = asked.device("deviceObject"), asked.values[parameter]
        call = act(device, number, call=asked.values["callID"])
        return element(response, leaf("callID", call.id))

    return run


def _command(
    name: str,
    run: Callable[[Asked], str],
    says: str,
    *parameters: Parameter,
    aliases: tuple[str, ...] = (),
    answer: str,
    standing: str = "inferred",
) -> Command:
    return Command(
        name=name,
        run=run,
        says=says,
        parameters=parameters,
        aliases=aliases,
        errors=Errors.CSTA,
        standing=standing,
        answer=answer,
    )


CALL_COMMANDS = (
    _command(
        "MakeCall",
        _make_call,
        "Call a number from a device.",
        Parameter("callingDevice", DEVICE, standing="known"),
        Parameter("calledDirectoryNumber", NUMBER, standing="known"),
        aliases=("MkCall",),
        answer="MakeCallResponse",
        standing="known",
    ),
    _command(
        "Answer",
        _on_one("answer", "AnswerCallResponse"),
        "Take the call that rings.",
        _DEVICE,
        _CALL,
        aliases=("AnswerCall",),
        answer="AnswerCallResponse",
    ),
    _command(
        "Clear",
        _on_one("clear", "ClearConnectionResponse"),
        "Hang up, or reject a call.",
        _DEVICE,
        _CALL,
        aliases=("ClearCall", "ClearConnection"),
        answer="ClearConnectionResponse",
    ),
    _command(
        "Deflect",
        _onward("deflect", "newDestination", "DeflectCallResponse"),
        "Send a call that rings or waits to another number.",
        _DEVICE,
        _to("newDestination", "targetDevice"),
        _CALL,
        aliases=("DeflectCall",),
        answer="DeflectCallResponse",
    ),
    _command(
        "Hold",
        _on_one("hold", "HoldCallResponse"),
        "Put the active call on hold.",
        _DEVICE,
        _CALL,
        aliases=("HoldCall",),
        answer="HoldCallResponse",
    ),
    _command(
        "Retrieve",
        _on_one("retrieve", "RetrieveCallResponse"),
        "Take the held call back.",
        _DEVICE,
        _CALL,
        aliases=("RetrieveCall",),
        answer="RetrieveCallResponse",
    ),
    _command(
        "Consultation",
        _consultation,
        "Hold the active call and call somebody else.",
        _DEVICE,
        _to("consultNumber", "consultedDevice"),
        _CALL,
        aliases=("ConsultationCall",),
        answer="ConsultationCallResponse",
    ),
    _command(
        "Alternate",
        _on_two("alternate", "AlternateCallResponse"),
        "Change between the active and the held call.",
        _DEVICE,
        aliases=("AlternateCall",),
        answer="AlternateCallResponse",
    ),
    _command(
        "Reconnect",
        _on_two("reconnect", "ReconnectCallResponse"),
        "End the active call and go back to the held one.",
        _DEVICE,
        aliases=("ReconnectCall",),
        answer="ReconnectCallResponse",
    ),
    _command(
        "Conference",
        _on_two("conference", "ConferenceCallResponse"),
        "Join the active and the held call.",
        _DEVICE,
        aliases=("ConferenceCall",),
        answer="ConferenceCallResponse",
    ),
    _command(
        "Transfer",
        _onward("transfer", "targetDevice", "SingleStepTransferCallResponse"),
        "Send the other party to a number, without asking there first.",
        _DEVICE,
        _to("targetDevice", "transferredTo"),
        _CALL,
        aliases=("TransferCall", "SingleStepTransfer"),
        answer="SingleStepTransferCallResponse",
    ),
    _command(
        "AttendedTransfer",
        _on_two("attended_transfer", "TransferCallResponse"),
        "Join the parties of the active and the held call, and leave.",
        _DEVICE,
        answer="TransferCallResponse",
    ),
)
