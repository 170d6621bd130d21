"""Faults in the Service Center: listed for all, set and cleared by Experts, in both languages."""

from __future__ import annotations

import asyncio

import pytest

from appliance.faults import FAULTS, parameters_of
from tests.faults.provoking import address_of, chain_of
from tests.portal.visitor import ADMIN, Visitor
from webserver.portal import german_faults
from webserver.simulator import Simulator

PAGE = ADMIN + "service/faults"


async def presented(simulator: Simulator) -> object:
    return (await asyncio.to_thread(chain_of, address_of(simulator.box.portal_url)))[0]


def test_every_fault_and_parameter_has_german_words() -> None:
    assert german_faults.ABOUT.keys() == FAULTS.keys()
    wanted = {(name, key) for name, kind in FAULTS.items() for key in parameters_of(kind)}
    assert german_faults.PARAMETERS.keys() == wanted
    for text in german_faults.ABOUT.values():
        assert text.endswith(".")


async def test_an_expert_sets_a_fault_sees_it_happen_and_clears_it(
    simulator: Simulator, expert: Visitor
) -> None:
    in_order = await presented(simulator)
    page = await expert.get(PAGE + "/delay")
    assert page.fields["seconds"] == "1"
    fields = page.fields | {"seconds": "0.1", "endpoint": "wsi", "connections": "2"}
    assert (await expert.post(PAGE + "/delay", fields | {"action": "set"})).location == PAGE
    fields = (await expert.get(PAGE + "/no-san")).fields
    await expert.post(PAGE + "/no-san", fields | {"action": "set", "endpoint": "wsi"})
    listed = (await expert.get(PAGE)).words
    assert "no-san is set, from the next connection on." in listed
    assert "Connections: 0; to come: 2" in listed
    assert list(simulator.box.faults()) == ["delay", "no-san"]
    again = await expert.get(PAGE + "/delay")
    assert again.fields["seconds"] == "0.1"
    assert again.fields["connections"] == "2"
    cleared = await expert.post(PAGE + "/delay", {"action": "clear", "csrf": again.csrf})
    assert cleared.location == PAGE
    assert list(simulator.box.faults()) == ["no-san"]
    page = await expert.get(PAGE)
    await expert.post(PAGE, {"csrf": page.csrf})
    assert simulator.box.faults() == {}
    assert "No fault is set." in (await expert.get(PAGE)).words
    assert await presented(simulator) == in_order


async def test_the_booster_servers_faults_are_its_own(
    simulator: Simulator, expert: Visitor
) -> None:
    assert simulator.booster is not None
    page = await expert.get(PAGE + "/expired?node=booster")
    assert page.fields["node"] == "booster"
    answer = await expert.post(PAGE + "/expired", page.fields | {"action": "set"})
    assert answer.location == PAGE + "?node=booster"
    assert list(simulator.booster.faults()) == ["expired"]
    assert simulator.box.faults() == {}
    assert "No fault is set." in (await expert.get(PAGE)).words
    assert "expired" in (await expert.get(PAGE + "?node=booster")).words


@pytest.mark.parametrize(
    ("fault", "given", "field"),
    [
        ("delay", {"seconds": "soon"}, "seconds"),
        ("delay", {"stage": "never"}, "stage"),
        ("delay", {"connections": "0"}, "connections"),
        ("delay", {"probability": "2"}, "probability"),
        ("wrong-name", {"host": "two words"}, "host"),
    ],
)
async def test_what_will_not_do_is_said_beside_its_field(
    fault: str, given: dict[str, str], field: str, simulator: Simulator, expert: Visitor
) -> None:
    page = await expert.get(f"{PAGE}/{fault}")
    answer = await expert.post(f"{PAGE}/{fault}", page.fields | given | {"action": "set"})
    assert answer.status == 422
    assert list(answer.wrong) == [field]
    assert simulator.box.faults() == {}


async def test_who_is_no_expert_looks_but_changes_nothing(
    simulator: Simulator, admin: Visitor
) -> None:
    page = await admin.get(PAGE)
    assert page.status == 200
    assert "Setting faults needs the role Expert." in page.words
    for path, fields in ((PAGE, {}), (PAGE + "/expired", {"action": "set"})):
        answer = await admin.post(path, fields | {"csrf": page.csrf})
        assert answer.status == 403
    assert simulator.box.faults() == {}


async def test_the_pages_are_german_too(expert: Visitor) -> None:
    listed = (await expert.get(PAGE + "?lang=de")).words
    assert "Das Zertifikat ist abgelaufen" in listed
    shown = (await expert.get(PAGE + "/expired")).words
    assert "findet Clients, die nicht auf Daten achten." in shown
    assert "Tage seitdem, von 0.0001 bis 36500." in shown


async def test_connections_say_which_fault_happened_to_them(
    simulator: Simulator, expert: Visitor
) -> None:
    await simulator.box.set_fault("no-san", endpoint="wsi")
    await asyncio.to_thread(chain_of, address_of(simulator.box.wsi_url))
    assert "Faults no-san" in (await expert.get(ADMIN + "service/connections")).words


async def test_the_root_can_be_loaded(simulator: Simulator, expert: Visitor) -> None:
    answer = await expert.get(PAGE + "/export/root")
    assert answer.text.startswith("-----BEGIN CERTIFICATE-----")
    assert "faults.crt" in answer.headers["Content-Disposition"]


async def test_there_is_no_page_about_no_fault(expert: Visitor) -> None:
    assert (await expert.get(PAGE + "/nonsense")).status == 404
