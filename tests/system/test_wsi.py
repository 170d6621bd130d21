"""WSI as its clients know it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.clients import curl
from tests.system.program import Program

LOGIN = re.compile(
    r'<\?xml version="1\.0" encoding="UTF-8"\?>\n<LOGIN><ID>[0-9a-f]{8}</ID><CNT>1</CNT>'
    r"<LASVERSION><VERSION>4\.00\.721e</VERSION><BRANDING>1</BRANDING><VARIANT>MR5</VARIANT>"
    r"<APPLICATION>UCSUITE</APPLICATION><PLATFORMTYPE>OCAB</PLATFORMTYPE></LASVERSION></LOGIN>"
)


def ask(box: Program, query: str, endpoint: str = "wsi", path: str = "") -> str:
    done = curl("-k", f"{box.ready[endpoint]}/cgi-bin/gadgetapi{path}?{query}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def log_in(box: Program, endpoint: str = "wsi") -> str:
    person = box.call("GET", "/v1/subscribers").body["subscribers"][0]
    answer = ask(
        box, f"cmd=Login&gsUser={person['extension']}&gsPass={person['password']}", endpoint
    )
    found = ElementTree.fromstring(answer).findtext("ID")
    assert found
    return found


@pytest.mark.parametrize("endpoint", ["wsi", "wsi_http"])
def test_a_login_is_answered_as_the_real_box_does(box: Program, endpoint: str) -> None:
    people = box.call("GET", "/v1/subscribers").body["subscribers"]
    assert len(people) >= 2
    for one in people:
        query = f"cmd=Login&gsUser={one['extension']}&gsPass={one['password']}"
        assert LOGIN.fullmatch(ask(box, query, endpoint))


@pytest.mark.parametrize(
    "query",
    [
        "cmd=Login&gsUser=100&gsPass=wrong",
        "cmd=Login&gsUser=999&gsPass=",
        "cmd=Login&gsUser=%00&gsPass=%ff",
        "cmd=Login&gsUser=&gsPass=",
        "cmd=Login",
    ],
)
def test_a_failed_login_has_id_0_and_says_why(box: Program, query: str) -> None:
    answer = ElementTree.fromstring(ask(box, query))
    assert answer.findtext("ID") == "0"
    assert answer.findtext("ERROR")


def test_a_logout_ends_the_session(box: Program) -> None:
    session = log_in(box)
    assert "SERVERPARAM" in ask(box, f"cmd=GetServerParam&gsSession={session}")
    assert ask(box, f"cmd=Logout&gsSession={session}").endswith("\n<LOGOUT/>")
    assert "NOT_LOGGED_IN" in ask(box, f"cmd=GetServerParam&gsSession={session}")


def test_a_session_is_good_on_both_ports(box: Program) -> None:
    session = log_in(box, "wsi")
    assert "SERVERPARAM" in ask(box, f"cmd=GetServerParam&gsSession={session}", "wsi_http")


def test_a_session_times_out_by_the_clock_of_the_box(box: Program) -> None:
    session = log_in(box)
    box.call("PUT", "/v1/clock", {"now": "2035-01-01T00:00:00Z"})
    assert "NOT_LOGGED_IN" in ask(box, f"cmd=GetServerParam&gsSession={session}")


@pytest.mark.parametrize("query", ["", "cmd=", "cmd=%3Cscript%3E", "cmd=GetServerParam", "x=y"])
def test_what_makes_no_sense_is_answered_in_xml(box: Program, query: str) -> None:
    answer = ask(box, query)
    assert "<REASON>" in answer
    ElementTree.fromstring(answer)
