"""Commands that control calls, as a table; answers and errors are elements of ECMA-323.

What each does, and when it is possible, is the exchange's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.calls import Call
from appliance.exchange import Exchange
from webserver.wsi.answers import Errors, element, leaf
from webserver.wsi.command import Asked, Command
from webserver.wsi.parameters import CALL, DEVICE, NUMBER, Parameter

_DEVICE = Parameter("deviceObject", DEVICE, ("deviceID", "device"))
_CALL = Parameter("callID", CALL, required=False)


def _which(call: Call, _device: str) -> str:
    return leaf("callID", call.id)


def _connection(name: str) -> Callable[[Call, str], str]:
    def tell(call: Call, device: str) -> str:
        return element(name, leaf("callID", call.id), leaf("deviceID", device))

    return tell


def _made(call: Call, device: str) -> str:
    return _connection("callingDevice")(call, device) + leaf("calledDevice", call.called)


@dataclass(frozen=True, slots=True)
class _Row:
    """One command.

    operation: the exchange's method for it.
    answer: the element of the answer; `tells` fills it in from the call and the device.
    number: the spellings of the parameter that says where to; none when nothing does.
    one: whether it is about one call at the device, which `callID` may name; else it is
        about the active and the held one.
    """

    names: tuple[str, ...]
    operation: Callable[..., Call]
    answer: str
    says: str
    number: tuple[str, ...] = ()
    one: bool = False
    tells: Callable[[Call, str], str] = _which
    device: Parameter = _DEVICE
    standing: str = "inferred"

    def run(self, asked: Asked) -> str:
        """Do it, and answer."""
        device = asked.device(self.device.name)
        where = (asked.values[name] for name in self.number[:1])
        which = {"call": asked.values["callID"]} if self.one else {}
        call = self.operation(asked.box.exchange, device, *where, **which)
        return element(self.answer, self.tells(call, device))

    def command(self) -> Command:
        """This row as any other command."""
        parameters = [self.device]
        if self.number:
            name, *others = self.number
            known = "known" if self.standing == "known" else "assumed"
            parameters.append(Parameter(name, NUMBER, tuple(others), standing=known))
        if self.one:
            parameters.append(_CALL)
        return Command(
            name=self.names[0],
            run=self.run,
            says=self.says,
            parameters=tuple(parameters),
            aliases=self.names[1:],
            errors=Errors.CSTA,
            standing=self.standing,
            answer=self.answer,
        )


_ROWS = (
    _Row(
        ("MakeCall", "MkCall"),
        Exchange.make_call,
        "MakeCallResponse",
        "Call a number from a device.",
        number=("calledDirectoryNumber",),
        tells=_made,
        device=Parameter("callingDevice", DEVICE, standing="known"),
        standing="known",
    ),
    _Row(
        ("Answer", "AnswerCall"),
        Exchange.answer,
        "AnswerCallResponse",
        "Take the call that rings.",
        one=True,
    ),
    _Row(
        ("Clear", "ClearCall", "ClearConnection"),
        Exchange.clear,
        "ClearConnectionResponse",
        "Hang up, or reject a call.",
        one=True,
    ),
    _Row(
        ("Deflect", "DeflectCall"),
        Exchange.deflect,
        "DeflectCallResponse",
        "Send a call that rings or waits to another number.",
        number=("newDestination", "targetDevice", "calledDirectoryNumber"),
        one=True,
    ),
    _Row(
        ("Hold", "HoldCall"),
        Exchange.hold,
        "HoldCallResponse",
        "Put the active call on hold.",
        one=True,
    ),
    _Row(
        ("Retrieve", "RetrieveCall"),
        Exchange.retrieve,
        "RetrieveCallResponse",
        "Take the held call back.",
        one=True,
    ),
    _Row(
        ("Consultation", "ConsultationCall"),
        Exchange.consult,
        "ConsultationCallResponse",
        "Hold the active call and call somebody else.",
        number=("consultNumber", "consultedDevice", "calledDirectoryNumber"),
        one=True,
        tells=_connection("initiatedCall"),
    ),
    _Row(
        ("Alternate", "AlternateCall"),
        Exchange.alternate,
        "AlternateCallResponse",
        "Change between the active and the held call.",
    ),
    _Row(
        ("Reconnect", "ReconnectCall"),
        Exchange.reconnect,
        "ReconnectCallResponse",
        "End the active call and go back to the held one.",
    ),
    _Row(
        ("Conference", "ConferenceCall"),
        Exchange.conference,
        "ConferenceCallResponse",
        "Join the active and the held call.",
    ),
    _Row(
        ("EndConference",),
        Exchange.end_conference,
        "EndConferenceResponse",
        "End a conference for everybody; only who began it can.",
        one=True,
    ),
    _Row(
        ("Transfer", "TransferCall", "SingleStepTransfer"),
        Exchange.transfer,
        "SingleStepTransferCallResponse",
        "Send the other party to a number, without asking there first.",
        number=("targetDevice", "transferredTo", "calledDirectoryNumber"),
        one=True,
    ),
    _Row(
        ("AttendedTransfer",),
        Exchange.attended_transfer,
        "TransferCallResponse",
        "Join the parties of the active and the held call, and leave.",
    ),
)

CALL_COMMANDS = tuple(row.command() for row in _ROWS)
