"""What commands answer, beyond their shape: lists, groups, and settings that are read again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.program import Program, program
from tests.wsi.client import Client


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("answers")
    with program(folder, "--ephemeral", "--no-booster", "--clock", "2024-05-01T23:59:00Z") as box:
        yield box


@pytest.fixture
def client(box: Program) -> Client:
    client = Client(box.ready["wsi_http"])
    client.log_in("100", "100-1234")
    return client


def test_a_journal_is_read_whole_by_day_and_entry_by_entry(box: Program, client: Client) -> None:
    for day in (1, 1, 2):
        box.call("PUT", "/v1/clock", {"now": f"2024-05-0{day}T12:00:00Z"})
        client.log_in("100", "100-1234")  # the day before is more than half an hour ago
        client.ask("MakeCall", callingDevice="100", calledDirectoryNumber="101")
        client.ask("Clear", deviceObject="100")
    whole = client.ask("JournalRead", user="100")
    assert [entry.findtext("TYPE") for entry in whole.iter("ENTRY")] == ["outgoing"] * 3
    days = client.ask("JournalGroupByDate", user="101", type="missed")
    assert days.findtext("COUNT") == "2"
    assert [
        (group.findtext("DATE"), group.findtext("COUNT"), len(group.findall("ENTRY")))
        for group in days.iter("GROUP")
    ] == [("2024/05/02", "1", 1), ("2024/05/01", "2", 2)]
    wanted = whole.findtext("ENTRY/ID")
    (found,) = client.ask("JournalFetch", user="100", jid=wanted).iter("ENTRY")
    assert found.findtext("ID") == wanted
    assert len(list(client.ask("JournalFetch", user="100").iter("ENTRY"))) == 3
    nobody = client.ask("JournalFetch", user="101", jid=wanted)
    assert nobody.findtext("REASON") == "NO_SUCH_ENTRY"


def test_presences_are_set_together_or_not_at_all(client: Client) -> None:
    def states() -> dict[str | None, str | None]:
        found = client.ask("PresenceDBGet").iter("ENTRY")
        return {entry.findtext("USER"): entry.findtext("STATE") for entry in found}

    done = client.ask("PresenceDBSet", data="100=7@2099/01/31 17:00Z, 101=2")
    assert done.findtext("COUNT") == "2"
    assert states() == {"100": "7", "101": "2"}
    refused = client.ask("PresenceDBSet", data="100=1,999=1")
    assert refused.findtext("REASON") == "NO_SUCH_DEVICE"
    assert states() == {"100": "7", "101": "2"}
    (last,) = client.ask("PresenceDBGet", start=1).iter("ENTRY")
    assert (last.findtext("USER"), last.findtext("NAME")) == ("101", "Jonas Keller")


def test_a_device_says_how_it_stands(client: Client) -> None:
    client.ask("SetPresence", user="101", presence=1)
    client.ask("SetCallMe", user="101", enable="true", number="089 12345")
    assert client.ask("GetPresence", user="101").findtext("CALLME") == "08912345"
    state = client.ask("GetDeviceState", device="101")
    assert {one.tag: one.text for one in state} == {
        "DEVICE": "101",
        "STATE": "idle",
        "DONOTDISTURB": "false",
        "FORWARDTO": "08912345",
        "AGENTSTATE": "agentLoggedOff",
    }
    client.ask("SetCallMe", user="101", enable="false")
    client.ask("MakeCall", callingDevice="100", calledDirectoryNumber="101")
    call = client.ask("GetDeviceState", device="101").find("CALL")
    assert call is not None
    assert call.findtext("STATE") == "alerting"
    client.ask("Clear", deviceObject="100")


def test_states_of_devices_and_agents_are_heard_when_asked_for(client: Client) -> None:
    client.ask("EventStart", deviceObject="101", filter="DEVSTATE,AGENT")
    client.ask("MkCall", callingDevice="100", calledDirectoryNumber="*83101*97")
    client.ask("MkCall", callingDevice="101", calledDirectoryNumber="*401")
    assert [(event["type"], event["jsonEvent"]) for event in client.poll()] == [
        (
            "DevStateChange",
            {"DevStateChange": {"state": "idle", "doNotDisturb": "true", "forwardTo": ""}},
        ),
        ("AgentState", {"AgentState": {"agentState": "agentReady"}}),
    ]
