"""The model of faults: values, limits, chance and counts, without a socket."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from appliance.faults import (
    FAULTS,
    Fault,
    Limit,
    Occasion,
    Setting,
    Settings,
    afflicted,
    parameters_of,
    parse_fault,
    read_fault,
    read_limit,
)
from appliance.serving import Ending, ServingPlan, Stage
from store.certificate import Certificate
from store.refusals import Refused
from tests.helpers import a_box, refusals

BOX = a_box()
PORTAL, PLAIN = Occasion("portal"), Occasion("wsi_http", secure=False)
ENDPOINTS = {"portal": True, "wsi": True, "wsi_http": False}


def plan() -> ServingPlan:
    certificate = BOX.active.certificate
    assert isinstance(certificate, Certificate)
    return ServingPlan(certificate=certificate, certificate_id="id")


def setting(name: str, limit: Limit | None = None, **parameters: Any) -> Setting:
    return Setting(parse_fault(name, parameters), limit or Limit())


# --- faults as values


@pytest.mark.parametrize("kind", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_a_frozen_value_with_one_sentence(kind: type[Fault]) -> None:
    fault = kind()
    assert fault == kind()
    assert hash(fault) == hash(kind())
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
        fault.name = "other"  # type: ignore[misc]
    about = kind.about()
    assert about.endswith(".")
    assert ". " not in about.replace("RFC 8996", "").replace("e.g. ", "")
    assert about[0].isupper()
    assert set(parameters_of(kind)) == {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize("kind", FAULTS.values(), ids=FAULTS)
def test_a_fault_changes_a_plan_and_leaves_the_old_one(kind: type[Fault]) -> None:
    before = plan()
    after = kind().change(before)
    assert after != before
    assert before == plan()
    assert after.certificate == before.certificate  # which one is presented is made later


def test_faults_add_up_in_their_order() -> None:
    faults = [
        parse_fault("close-handshake", {"stage": "certificate"}),
        parse_fault("delay", {"stage": "certificate", "seconds": 2}),
        parse_fault("alert", {"stage": "finished", "alert": "unknown_ca"}),
    ]
    conduct = afflicted(plan(), faults).conduct
    assert conduct.at(Stage.CERTIFICATE).delay == 2
    assert conduct.at(Stage.CERTIFICATE).end is Ending.CLOSE
    assert conduct.at(Stage.FINISHED).alert == 48
    assert conduct.at(Stage.HELLO) == type(conduct.at(Stage.HELLO))()


# --- reading them


@pytest.mark.parametrize("name", FAULTS)
def test_every_default_can_be_read_back_from_text(name: str) -> None:
    values = {key: str(default) for key, (_, default) in parameters_of(FAULTS[name]).items()}
    assert parse_fault(name, values) == FAULTS[name]()


@pytest.mark.parametrize(
    ("name", "parameters", "field"),
    [
        ("expired", {"days": "soon"}, "days"),
        ("expired", {"days": 0}, "days"),
        ("expired", {"days": float("nan")}, "days"),
        ("expired", {"days": float("inf")}, "days"),
        ("expired", {"days": True}, "days"),
        ("expired", {"days": None}, "days"),
        ("expired", {"days": [1]}, "days"),
        ("expired", {"days": 10**400}, "days"),
        ("slow-handshake", {"octets": 1.5}, "octets"),
        ("slow-handshake", {"octets": "0"}, "octets"),
        ("alert", {"alert": "nonsense"}, "alert"),
        ("alert", {"stage": "accept"}, "stage"),
        ("wrong-name", {"host": "two words"}, "host"),
        ("wrong-name", {"host": "-"}, "host"),
        ("wrong-name", {"host": "\ud800"}, "host"),
        ("wrong-name", {"host": ""}, "host"),
        ("connection-limit", {"limit": -1}, "limit"),
        ("half-response", {"fraction": 1}, "fraction"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(
    name: str, parameters: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        parse_fault(name, parameters)
    assert caught.value.code == "fault-parameter"
    assert caught.value.refusals[0].field == field
    assert caught.value.refusals[0].instead


def test_everything_wrong_is_told_at_once() -> None:
    given = {"stage": "never", "alert": "none", "colour": "red"}
    assert refusals(parse_fault, "alert", given) == [
        "fault-parameter", "fault-parameter", "unknown-field",
    ]  # fmt: skip
    assert refusals(parse_fault, "tls", {}) == ["no-such-fault"]


def test_parameters_and_limits_that_are_wrong_are_told_at_once() -> None:
    given = {"days": -1, "dayz": 3, "probability": 2, "seed": -1, "connections": 0, "endpoint": "x"}
    with pytest.raises(Refused) as caught:
        read_fault("expired", given, endpoints=ENDPOINTS)
    assert {refusal.field for refusal in caught.value.refusals} == set(given)
    assert len(caught.value.refusals) == len(given)


# --- limits


def limit(name: str, **given: object) -> Limit:
    return read_limit(parse_fault(name, {}), **given, endpoints=ENDPOINTS)


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("expired", {"connections": 0}, "connections"),
        ("expired", {"connections": "many"}, "connections"),
        ("expired", {"connections": 1.5}, "connections"),
        ("expired", {"connections": True}, "connections"),
        ("expired", {"probability": 0}, "probability"),
        ("expired", {"probability": 1.1}, "probability"),
        ("expired", {"probability": "nan"}, "probability"),
        ("expired", {"seed": 1}, "seed"),
        ("expired", {"probability": 0.5, "seed": -1}, "seed"),
        ("expired", {"probability": 0.5, "seed": 2**60}, "seed"),
        ("expired", {"endpoint": "wsi_http"}, "endpoint"),
        ("expired", {"endpoint": "kitchen"}, "endpoint"),
        ("expired", {"endpoint": ["portal"]}, "endpoint"),
        ("tls-on-plain", {"endpoint": "portal"}, "endpoint"),
        ("port-closed", {"connections": 1}, "connections"),
        ("port-closed", {"probability": 0.5}, "probability"),
    ],
)
def test_a_limit_that_will_not_do_is_refused_by_name(
    name: str, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        limit(name, **given)
    assert caught.value.code == "fault-limit"
    assert caught.value.refusals[0].field == field


def test_a_fault_for_plain_ports_is_refused_on_a_node_without_one() -> None:
    fault = parse_fault("tls-on-plain", {})
    code = refusals(read_limit, fault, endpoints={"portal": True})
    assert code == ["fault-limit"]


def test_the_next_so_many_connections_and_no_more() -> None:
    one = setting("expired", limit("expired", connections="2"))
    assert [one.happens(PORTAL) for _ in range(4)] == [True, True, False, False]
    assert (one.hits, one.left, one.spent) == (2, 0, True)


def test_connections_it_does_not_concern_do_not_count() -> None:
    one = setting("expired", limit("expired", connections=1, endpoint="wsi"))
    assert not one.happens(PORTAL)
    assert not one.happens(PLAIN)
    assert not one.happens(Occasion("wsi", restarting=True))
    assert one.happens(Occasion("wsi"))


def test_chance_is_the_same_for_the_same_seed() -> None:
    def drawn(seed: int | None) -> list[bool]:
        one = setting("expired", limit("expired", probability=0.3, seed=seed))
        return [one.happens(PORTAL) for _ in range(200)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert 30 < sum(drawn(7)) < 90


def test_a_seed_that_was_drawn_is_told_so_that_it_can_be_repeated() -> None:
    first = limit("expired", probability="0.5")
    assert first.seed is not None
    again = limit("expired", probability=0.5, seed=str(first.seed))
    assert first == again


def test_a_fault_that_is_set_again_is_the_latest_and_counts_anew() -> None:
    settings = Settings()
    settings.put(setting("expired"))
    settings.put(setting("no-san"))
    assert [one.fault.name for one in settings.happening(PORTAL)] == ["expired", "no-san"]
    settings.put(setting("expired", days=2))
    assert list(settings.all()) == ["no-san", "expired"]
    assert [one.hits for one in settings.all().values()] == [1, 0]
    assert settings.remove("no-san") is not None
    assert settings.remove("no-san") is None


@pytest.mark.parametrize(
    ("name", "parameters", "occasion", "concerned"),
    [
        ("port-closed", {}, PORTAL, False),
        ("connection-limit", {"limit": 2}, Occasion("portal", open=1), False),
        ("connection-limit", {"limit": 2}, Occasion("portal", open=2), True),
        ("unavailable", {}, PORTAL, False),
        ("unavailable", {}, Occasion("portal", restarting=True), True),
        ("unavailable", {"when": "always"}, PLAIN, True),
        ("silent", {}, PLAIN, True),
        ("silent", {}, Occasion("portal", restarting=True), False),
        ("plain-http", {}, PLAIN, False),
        ("tls-on-plain", {}, PORTAL, False),
    ],
)
def test_whom_a_fault_concerns(
    name: str, parameters: dict[str, object], occasion: Occasion, concerned: bool
) -> None:
    assert parse_fault(name, parameters).concerns(occasion) is concerned


def test_a_port_is_closed_where_it_is_said() -> None:
    settings = Settings()
    settings.put(setting("port-closed", limit("port-closed", endpoint="wsi")))
    assert [settings.listening(name, plan()) for name in ENDPOINTS] == [True, False, True]
