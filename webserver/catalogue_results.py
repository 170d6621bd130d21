"""What a checked client got right and wrong: as text, JSON and JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from appliance.trust import Outcome
from webserver.catalogue_checking import Result


def _wrongly(results: Sequence[Result], outcome: Outcome) -> list[Result]:
    return [one for one in results if not one.agrees and one.outcome is outcome]


def _like(environment: str | None) -> str:
    return environment or "all measured environments"


def as_json(results: Sequence[Result], *, environment: str | None) -> dict[str, Any]:
    """Every case, and how many went which way."""
    return {
        "as": environment,
        "agrees": sum(one.agrees and one.outcome is not None for one in results),
        "wrongly_accepted": [one.case.name for one in _wrongly(results, Outcome.ACCEPTED)],
        "wrongly_refused": [one.case.name for one in _wrongly(results, Outcome.REFUSED)],
        "untested": [one.case.name for one in results if one.outcome is None],
        "cases": [
            {
                "name": one.case.name,
                "title": one.case.title,
                "wrong": one.case.wrong,
                "expected": one.wanted.value,
                "outcome": None if one.outcome is None else one.outcome.value,
                "agrees": None if one.outcome is None else one.agrees,
                "said": one.said,
                "seconds": round(one.seconds, 3),
            }
            for one in results
        ],
    }


def as_text(results: Sequence[Result], *, environment: str | None) -> str:
    """What is wrong, as a table; then the numbers."""
    lines: list[str] = []
    for outcome, title in (
        (Outcome.ACCEPTED, "Accepted, and should not be"),
        (Outcome.REFUSED, "Refused, and should not be"),
    ):
        wrong = _wrongly(results, outcome)
        if wrong:
            lines += [title] + [f"  {one.case.name:34} {_why(one)}" for one in wrong] + [""]
    untested = [one for one in results if one.outcome is None]
    if untested:
        lines.append("Not tested")
        lines += [f"  {one.case.name:34} {one.said}" for one in untested] + [""]
    lines.append(_numbers(results, environment))
    return "\n".join(lines + _advice(results))


def _numbers(results: Sequence[Result], environment: str | None) -> str:
    tested = [one for one in results if one.outcome is not None]
    right = sum(one.agrees for one in tested)
    like = f"{right} of {len(tested)} as {_like(environment)} do"
    wrong = [len(_wrongly(results, one)) for one in (Outcome.ACCEPTED, Outcome.REFUSED)]
    return (
        f"{like}: {wrong[0]} wrongly accepted, {wrong[1]} wrongly refused; "
        f"{len(results) - len(tested)} not tested."
    )


def _advice(results: Sequence[Result]) -> list[str]:
    """What it may be due to when a client does the same everywhere."""
    told = {one.outcome for one in results} - {None}
    wanted = {one.wanted is Outcome.ACCEPTED for one in results if one.outcome is not None}
    if len(wanted) < 2 or len(told) != 1:
        return []
    if Outcome.ACCEPTED in told:
        return ["It refused nothing: it does not look at certificates."]
    return ["It accepted nothing: is it told to trust {cafile}?"]


def _why(result: Result) -> str:
    if result.outcome is Outcome.ACCEPTED:
        return result.case.wrong or result.case.title
    return f"{result.case.title}: {result.said}"


def as_junit(results: Sequence[Result]) -> str:
    """JUnit XML, a test a case."""
    suite = ElementTree.Element(
        "testsuite",
        name="osbiz catalogue",
        tests=str(len(results)),
        failures=str(sum(not one.agrees for one in results)),
        skipped=str(sum(one.outcome is None for one in results)),
        time=f"{sum(one.seconds for one in results):.3f}",
    )
    for one in results:
        test = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"catalogue.{one.case.topic}",
            name=one.case.name,
            time=f"{one.seconds:.3f}",
        )
        if one.outcome is None:
            ElementTree.SubElement(test, "skipped", message=_printable(one.said))
        elif not one.agrees:
            message = f"{one.outcome.value}, expected {one.wanted.value}: {_why(one)}"
            ElementTree.SubElement(test, "failure", message=_printable(message))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _printable(text: str) -> str:
    """Without what XML can't hold: programs write colours and worse."""
    return "".join(sign for sign in text if sign.isprintable())
