"""What UC clients live through: restarts, other certificates, other addresses, other times."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from appliance.clock import real_now
from appliance.trust import Outcome, judge
from appliance.uc_clients import PROFILES
from appliance.uc_states import Life, State
from store.refusals import Refused
from tests.uc.boxes import SECONDS, a_box, a_fleet, entries, keep, on_desks
from webserver.clients import traffic
from webserver.clients.judging import words_of

AT_WORK = {"myportal-at-work": 2}


def came_back(life: Life) -> bool:
    return life.logons == 2


async def test_after_a_restart_a_hundred_clients_are_back_within_two_polls() -> None:
    async with (
        a_box(restart_time=0.5) as simulator,
        a_fleet(simulator, profiles=on_desks(100)) as fleet,
    ):
        await fleet.until("logged-on", seconds=SECONDS)
        assert len(simulator.box.sessions) == 100
        told = keep(fleet)
        await simulator.box.activate(simulator.box.model.settings["active"], wait=False)
        waiting = PROFILES["mycontacts"].id  # hears nothing, and notices when it looks again
        await fleet.until(lambda life: life.losses == 1 or life.profile.id == waiting, seconds=5)
        await simulator.box.running()
        back, now = len(told), real_now()
        for client in fleet.rows():
            assert client["state"] in ("cut-off", "logged-on")
        for life in (client.life for client in fleet._clients):
            if life.next_try is not None:  # planned for one poll from now at the latest
                assert life.next_try - now <= timedelta(seconds=life.profile.interval)
        await fleet.until(came_back, seconds=SECONDS)

        rows = fleet.rows()
        assert {(row["state"], row["losses"], row["tries"]) for row in rows} == {
            ("logged-on", 1, 0)
        }
        assert (await entries(simulator, "restart-begun"))[-1]["wsi_sessions_ended"] == 100
        assert len(simulator.box.sessions) == 100
        # Who tried once the box was back got in, at once: one look that was under way at most.
        late = Counter(one["client"] for one in told[back:] if one["event"] == "lost")
        assert all(count == 1 for count in late.values())
        assert sum(one["event"] == "admitted" for one in told) == 100
    assert fleet.states() == {"off": 100}
    assert len(simulator.box.sessions) == 0
    assert len(simulator.box.model.subscribers) == 2


async def test_a_change_of_the_lan_ip_locks_out_who_trusted_the_old_certificate() -> None:
    async with a_box() as simulator, a_fleet(simulator, profiles=on_desks(24)) as fleet:
        await fleet.until("logged-on", seconds=SECONDS)
        await simulator.box.change_lan_ip("127.0.0.9")
        await fleet.until("locked-out", seconds=SECONDS)
        shown = simulator.box.active.fingerprint("sha256")
        rows = fleet.rows()
        words = {
            "myportal-at-work": "net::ERR_CERT_",
            "application-launcher": "javax.net.ssl.SSLHandshakeException: PKIX path building",
            "mycontacts": "AuthenticationException: The remote certificate is invalid",
        }
        for row in rows:
            assert (row["cause"], row["shown"]) == ("untrusted", shown)
            assert row["error"].startswith(words[row["profile"]])
            assert row["next_try_real"] is not None
        refused = Counter(
            record.alert.code
            for record in simulator.handshakes.since()
            if record.outcome == "refused-by-client" and record.alert is not None
        )
        assert refused == Counter(row["alert"] for row in rows)  # what the box saw agrees
        assert refused == {46: 16, 48: 8}

        # The way out that the whitepaper has: a certificate that they can trust.
        await simulator.box.serve_trusted()
        await fleet.wake()
        await fleet.until("logged-on", seconds=SECONDS)


async def test_each_kind_fares_as_its_environment_judges() -> None:
    """With a certificate that all of them are said to take, and with the box's default one."""
    async with a_box() as simulator, a_fleet(simulator, count=len(PROFILES)) as fleet:
        for change in (None, "127.0.0.8"):
            if change is not None:
                await simulator.box.change_lan_ip(change)
                await fleet.install_exported()
                await fleet.wake()
            active, at = simulator.box.active, simulator.box.clock.now()
            chain = (active.leaf, *active.chain)
            verdicts = {
                verdict.environment: verdict
                for verdict in judge(chain, host=simulator.box.lan_ip, anchors=fleet.anchors, at=at)
            }
            shown = active.fingerprint("sha256")
            await fleet.until(
                lambda life, shown=shown: (
                    life.shown == shown  # type: ignore[misc]
                    and life.state in (State.LOGGED_ON, State.LOCKED_OUT, State.DEAD)
                ),
                seconds=SECONDS,
            )
            for row in fleet.rows():
                verdict = verdicts[row["profile"]]
                if verdict.outcome is Outcome.REFUSED:
                    assert row["state"] in ("locked-out", "dead")
                    assert row["error"] == words_of(verdict)
                else:
                    assert row["state"] == "logged-on"


async def test_who_trusts_nothing_stays_outside() -> None:
    async with (
        a_box() as simulator,
        a_fleet(simulator, profiles=on_desks(6), trust="none") as fleet,
    ):
        await fleet.until("locked-out", seconds=SECONDS)
        await simulator.box.serve_trusted()
        await fleet.wake()
        now = simulator.box.active.fingerprint("sha256")
        await fleet.until(lambda life: life.shown == now and life.tries > 0, seconds=SECONDS)
        assert fleet.states() == {"locked-out": 6}
        assert [row["logons"] for row in fleet.rows()] == [0] * 6

        await fleet.install_exported()
        await fleet.wake()
        await fleet.until("logged-on", seconds=SECONDS)


@pytest.mark.parametrize("restart_time", [0.0, 0.3])
async def test_an_activation_locks_out_who_does_not_know_the_issuer(restart_time: float) -> None:
    """With a restart in no time, too: every connection is a new one, and judged anew."""
    async with (
        a_box(restart_time=restart_time) as simulator,
        a_fleet(simulator, profiles=AT_WORK) as fleet,
    ):
        await fleet.until("logged-on", seconds=SECONDS)
        known = simulator.box.model.settings["active"]
        form = {"name": "Other", "subject": {"CN": simulator.box.lan_ip}}
        other = await simulator.box.make(kind="self-signed", **form)
        await simulator.box.activate(other.id)
        await fleet.until("locked-out", seconds=SECONDS)
        await simulator.box.activate(known)
        await fleet.wake()
        await fleet.until("logged-on", seconds=SECONDS)


async def test_an_authority_of_the_box_is_trusted_before_anything_of_it_is_active() -> None:
    async with a_box() as simulator:
        authority = await simulator.box.make(
            kind="authority", name="New CA", subject={"CN": "New CA"}
        )
        async with a_fleet(simulator, profiles=AT_WORK) as fleet:
            await fleet.until("logged-on", seconds=SECONDS)
            made = await simulator.box.make(
                kind="server",
                name="Server",
                subject={"CN": simulator.box.lan_ip},
                san=[f"IP:{simulator.box.lan_ip}"],
                authority=authority.id,
                passphrase="seven or more",
            )
            await simulator.box.activate(made.id)
            await fleet.until(came_back, seconds=SECONDS)
            assert fleet.states() == {"logged-on": 2}


async def test_an_expiry_is_felt_at_the_next_handshake_and_not_before() -> None:
    """The clients live on the box's calendar as long as its dates are its own. Their sessions

    may be over when it jumps; they log on again on the lines that are open.
    """
    async with a_box() as simulator, a_fleet(simulator, profiles=on_desks(6)) as fleet:
        await fleet.until("logged-on", seconds=SECONDS)
        after = simulator.box.active.not_after + timedelta(seconds=1)
        await simulator.box.set_clock(now=after)
        await asyncio.sleep(0.5)
        assert "locked-out" not in fleet.states()
        await simulator.box.activate(simulator.box.model.settings["active"])
        await fleet.until("locked-out", seconds=SECONDS)
        year = str(after.year)
        assert all(row["since"].startswith(year) for row in fleet.rows())
        assert not any(row["since_real"].startswith(year) for row in fleet.rows())


async def test_clients_on_the_real_clock_do_not_mind_the_box_s() -> None:
    async with (
        a_box() as simulator,
        a_fleet(simulator, profiles=AT_WORK, client_clock="real") as fleet,
    ):
        await fleet.until("logged-on", seconds=SECONDS)
        await simulator.box.set_clock(now="2090-01-01T00:00:00Z")
        await simulator.box.activate(simulator.box.model.settings["active"])
        await fleet.until(came_back, seconds=SECONDS)


async def test_with_projected_dates_the_clients_go_by_the_real_clock() -> None:
    async with (
        a_box(now="2031-05-04T00:00:00Z", dates="projected") as simulator,
        a_fleet(simulator, profiles=on_desks(6)) as fleet,
    ):
        await fleet.until("logged-on", seconds=SECONDS)
        assert all(row["since"].startswith("2031-05-04") for row in fleet.rows())


async def test_who_calls_the_box_by_name_wants_that_name_in_the_certificate() -> None:
    async with (
        a_box() as simulator,
        a_fleet(simulator, profiles=AT_WORK, host="osbiz.example") as fleet,
    ):
        await fleet.until("locked-out", seconds=SECONDS)
        await simulator.box.serve_trusted("DNS:osbiz.example")
        await fleet.wake()
        await fleet.until("logged-on", seconds=SECONDS)


async def test_a_client_that_looks_at_the_name_after_the_handshake_sends_no_alert() -> None:
    only = {"myportal-to-go-android": 1}
    async with a_box() as simulator, a_fleet(simulator, profiles=only) as fleet:
        await fleet.until("logged-on", seconds=SECONDS)
        await simulator.box.set_fault("wrong-name")
        await simulator.box.activate(simulator.box.model.settings["active"])
        await fleet.until("locked-out", seconds=SECONDS)
        (row,) = fleet.rows()
        assert (row["alert"], row["cause"]) == (None, "untrusted")
        assert "not verified" in row["error"]
        record = simulator.handshakes.since()[-1]
        async with asyncio.timeout(SECONDS):
            while record.outcome == "open":
                await asyncio.sleep(0.01)
        assert record.outcome == "closed-without-request"


async def test_whom_the_box_does_not_know_any_more_is_dead_until_started_again() -> None:
    async with a_box() as simulator, a_fleet(simulator, profiles=AT_WORK) as fleet:
        await fleet.until("logged-on", seconds=SECONDS)
        await fleet._box.remove(fleet._people)
        await fleet.until("dead", seconds=SECONDS)
        row = fleet.rows()[0]
        assert (row["error"], row["cause"]) == ("WRONG_CREDENTIALS", "login-refused")
        await fleet._box.add(fleet._people)
        await fleet.wake()
        await fleet.until("logged-on", seconds=SECONDS)


async def test_clients_call_each_other_and_the_table_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(traffic, "RING_SECONDS", (0.1, 0.2))
    monkeypatch.setattr(traffic, "TALK_SECONDS", (0.3, 0.4))
    async with a_box() as simulator, a_fleet(simulator, profiles=AT_WORK, calls=600) as fleet:
        told = keep(fleet)
        await fleet.until(lambda life: life.calls >= 2, seconds=SECONDS)
        await fleet.until("in-call", seconds=SECONDS)
        async with asyncio.timeout(SECONDS):
            while not any(one["event"] == "call" and one["ended"] == "talked" for one in told):
                await asyncio.sleep(0.05)
        talked = await simulator.box.call(lambda: simulator.box.exchange.desks.journal("200"))
        assert talked
    assert not simulator.box.exchange.calls  # nobody stays on the line when they are gone


async def test_a_call_outlives_a_restart_and_is_hung_up_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(traffic, "RING_SECONDS", (0.1, 0.2))
    monkeypatch.setattr(traffic, "TALK_SECONDS", (1.0, 1.0))
    async with (
        a_box(restart_time=0.2) as simulator,
        a_fleet(simulator, profiles=AT_WORK, calls=600) as fleet,
    ):
        await fleet.until("in-call", seconds=SECONDS)
        await simulator.box.activate(simulator.box.model.settings["active"])
        await fleet.until(lambda life: life.losses == 1, seconds=SECONDS)
        assert simulator.box.exchange.calls
        before = {call.id for call in simulator.box.exchange.calls.values()}
        async with asyncio.timeout(SECONDS):
            while before & simulator.box.exchange.calls.keys():
                await asyncio.sleep(0.05)


async def test_a_fleet_of_the_simulator_is_in_its_table_and_ends_with_it() -> None:
    async with a_box() as simulator:
        fleet = await simulator.clients(profiles=on_desks(3), calls=0)
        other = await simulator.clients(profiles={"mycontacts": 1})
        await fleet.until("logged-on", seconds=SECONDS)
        rows = simulator.box.client_runs.rows()
        assert [row["run"] for row in rows] == [fleet.run] * 3 + [other.run]
        assert {row["user"] for row in rows} == {"200", "201", "202", "203"}
        await other.stop()
        assert len(simulator.box.client_runs.rows()) == 3
    assert fleet.states() == {"off": 3}


async def test_fleets_that_begin_at_once_do_not_take_each_other_s_users() -> None:
    async with a_box() as simulator:
        both = await asyncio.gather(*(simulator.clients(profiles=AT_WORK) for _ in range(2)))
        for fleet in both:
            await fleet.until("logged-on", seconds=SECONDS)
        users = [row["user"] for row in simulator.box.client_runs.rows()]
        assert sorted(users) == ["200", "201", "202", "203"]


async def test_the_same_seed_makes_the_same_choices() -> None:
    async with a_box() as simulator:
        async with a_fleet(simulator, count=4, seed=7) as fleet:
            chances = [client._chance.random() for client in fleet._clients]
        async with a_fleet(simulator, count=4, seed=7) as fleet:
            assert [client._chance.random() for client in fleet._clients] == chances


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"count": 0}, "client-count"),
        ({"profiles": {"fax": 1}}, "no-such-profile"),
        ({"trust": "everything"}, "client-trust"),
        ({"client_clock": "sundial"}, "client-clock"),
        ({"calls": -1}, "client-calls"),
        ({"count": 4_999}, "subscribers"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_leaves_nobody_behind(
    options: dict[str, object], code: str
) -> None:
    async with a_box(trusted=False) as simulator:
        with pytest.raises(Refused) as refused:
            await simulator.clients(**options)  # type: ignore[arg-type]
        assert refused.value.code == code
        assert len(simulator.box.model.subscribers) == 2
        assert simulator.box.client_runs.rows() == []
