"""Real clients refuse for each reason, and what they let on is read rightly."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from appliance.decisions import Certainty, Decided, Reason
from appliance.serving import ServingPlan
from tests.listening import authority, serving
from tests.observed.programs import HOST, PROGRAMS, Visit, shown
from webserver.contexts import build_context
from webserver.handshakes import Handshake
from webserver.observed import handshake_json, observe
from webserver.openapi import document

YES = (Decided.ACCEPTED, Certainty.CERTAIN, Reason.REQUEST, Certainty.CERTAIN)


def no(reason: Reason, how_sure: Certainty = Certainty.CERTAIN) -> tuple[object, ...]:
    """The client said that it refuses; `how_sure` is of the reason."""
    return (Decided.REFUSED, Certainty.CERTAIN, reason, how_sure)


def silent(reason: Reason) -> tuple[object, ...]:
    """The client went away, as such clients do when they refuse."""
    return (Decided.REFUSED, Certainty.LIKELY, reason, Certainty.LIKELY)


LIKELY = Certainty.LIKELY
OPENSSL = {
    "authority": no(Reason.AUTHORITY),
    "expired": no(Reason.EXPIRED),
    "early": no(Reason.NAME_KEY_START, LIKELY),
    "name": no(Reason.NAME_KEY_START, LIKELY),
    "use": no(Reason.USE),
}


def always(answer: tuple[object, ...]) -> dict[str, tuple[object, ...]]:
    return dict.fromkeys(("authority", "expired", "early", "name", "use"), answer)


UNASKED = (Decided.UNCLEAR, Certainty.CERTAIN, Reason.UNASKED, Certainty.CERTAIN)
CONTENT = (Decided.ACCEPTED, Certainty.LIKELY, Reason.UNASKED, Certainty.CERTAIN)

DECISIONS: dict[str, dict[str, tuple[object, ...]]] = {
    "openssl": OPENSSL | {"none": UNASKED},
    "curl": OPENSSL
    | {
        "none": YES,
        "early": no(Reason.KEY_START, LIKELY),
        "name": silent(Reason.NAME),
    },
    "wget": always(silent(Reason.UNASKED)) | {"none": YES, "use": YES},  # it does not look there
    "gnutls-cli": always(no(Reason.UNSAID)) | {"none": CONTENT},
    "node": always(silent(Reason.LEFT)) | {"none": YES},
    "urllib": OPENSSL | {"none": YES},
    "aiohttp": always(silent(Reason.LEFT)) | {"none": YES},
    "requests": OPENSSL | {"none": YES},
    "java": always(no(Reason.UNSAID)) | {"none": YES},
    "go": always(no(Reason.UNSAID)) | {"none": YES},
    "chromium": always(no(Reason.UNSAID)) | {"none": YES},
    "firefox": {
        "none": YES,
        "authority": no(Reason.AUTHORITY),
        "expired": no(Reason.EXPIRED),
        "early": no(Reason.NAME_START, LIKELY),
        "name": no(Reason.NAME_START, LIKELY),
        "use": no(Reason.USE, LIKELY),
    },
}
QUICK = ("openssl", "curl", "wget", "gnutls-cli", "node", "urllib", "aiohttp", "requests")
SLOW = ("java", "go", "firefox")


async def first_record(client: str, fault: str, folder: Path) -> Handshake:
    """Have the client come once, and give the record of its first connection."""
    program = PROGRAMS[client]
    program.needed()
    trusted = folder / "authority.pem"
    trusted.write_bytes(authority().cert_pem.bytes())
    context = build_context(ServingPlan(shown(fault), fault))
    async with serving(context=context) as end:
        visit = Visit(f"https://{HOST}:{end.port}/", trusted, folder)
        await asyncio.to_thread(program.visit, visit)
        async with asyncio.timeout(5):
            while (record := end.log.since(0)[0]).outcome == "open":
                await asyncio.sleep(0.01)
        return record


def said(record: Handshake) -> tuple[object, ...]:
    decision = observe(record).decision
    return (
        decision.decided,
        decision.certainty,
        decision.reason,
        decision.reason_certainty,
    )


@pytest.mark.parametrize("fault", ["none", "authority", "expired", "early", "name", "use"])
@pytest.mark.parametrize("client", QUICK)
async def test_what_a_client_decided_is_told(client: str, fault: str, tmp_path: Path) -> None:
    record = await first_record(client, fault, tmp_path)
    assert said(record) == DECISIONS[client][fault]


async def test_chromium_refuses_for_a_reason_that_it_keeps_to_itself(tmp_path: Path) -> None:
    assert said(await first_record("chromium", "name", tmp_path)) == DECISIONS["chromium"]["name"]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["none", "authority", "expired", "early", "name", "use"])
@pytest.mark.parametrize("client", [*SLOW, "chromium"])
async def test_every_client_and_fault(client: str, fault: str, tmp_path: Path) -> None:
    record = await first_record(client, fault, tmp_path)
    assert said(record) == DECISIONS[client][fault]


@pytest.mark.parametrize(
    "client",
    [*QUICK, "chromium", *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)],
)
async def test_who_it_is_is_guessed_from_its_fingerprint(client: str, tmp_path: Path) -> None:
    record = await first_record(client, "authority", tmp_path)
    guess = observe(record).guess
    assert guess is not None
    assert guess.client == PROGRAMS[client].row
    assert guess.basis == "fingerprint"


async def test_openssl_that_is_told_to_go_on_leaves_it_open(tmp_path: Path) -> None:
    context = build_context(ServingPlan(shown("expired"), "expired"))
    async with serving(context=context) as end:
        line = ("openssl", "s_client", "-connect", f"{HOST}:{end.port}")
        process = await asyncio.create_subprocess_exec(
            *line, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await process.wait() == 0
        assert said(await end.only_record())[0] is Decided.UNCLEAR


async def test_a_restart_of_the_box_says_nothing_of_the_client() -> None:
    async with serving() as end:
        reader, writer = await asyncio.open_connection(HOST, end.port)
        await asyncio.sleep(0.05)
        await end.listener.drain(0.1)
        record = await end.only_record()
        assert (record.outcome, said(record)[2]) == ("closed-by-server", Reason.BOX)
        assert await reader.read() == b""
        writer.close()


async def test_the_control_api_gets_fingerprint_guess_and_decision(tmp_path: Path) -> None:
    told = handshake_json(await first_record("curl", "expired", tmp_path))
    assert str(told["ja4"]).startswith("t13i")
    assert told["guess"]["title"] == "curl"  # type: ignore[index]
    assert told["decision"] == {
        "decided": "refused",
        "certainty": "certain",
        "reason": "expired",
        "reason_certainty": "certain",
    }


async def test_the_description_promises_what_a_handshake_has(tmp_path: Path) -> None:
    told = handshake_json(await first_record("curl", "none", tmp_path))
    paths = document()["paths"]
    answer = paths["/v1/handshakes"]["get"]["responses"]["200"]["content"]["application/json"]
    promised = answer["schema"]["properties"]["handshakes"]["items"]
    assert set(told) == set(promised["required"])
    decision, guess = promised["properties"]["decision"], told["guess"]
    assert isinstance(guess, dict)
    for name, value in told["decision"].items():  # type: ignore[attr-defined]
        assert value in decision["properties"][name]["enum"]
    described = promised["properties"]["guess"]["anyOf"][0]
    assert set(guess) == set(described["required"])
