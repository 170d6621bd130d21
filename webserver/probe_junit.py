"""A probe as JUnit XML, for continuous integration: one test case for each environment."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from appliance.trust import ENVIRONMENTS, Outcome, Verdict
from store.certificate import iso_time
from store.refusals import Refused
from webserver.probe_handshake import Target
from webserver.probe_result import Result

# What XML 1.0 can't hold, even escaped: a certificate's subject may.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(result: Result) -> bytes:
    """The required environments, or all when none is; a warning is a failure too."""
    cases = [
        verdict
        for verdict in result.verdicts
        if not result.required or verdict.environment in result.required
    ]
    failed = sum(verdict.outcome is not Outcome.ACCEPTED for verdict in cases)
    suite = _suite(result.looked.target, len(cases), failures=failed)
    suite.set("timestamp", iso_time(result.at).removesuffix("Z"))
    for verdict in cases:
        case = _case(suite, result.looked.target, verdict.environment)
        if verdict.outcome is not Outcome.ACCEPTED:
            failure = ElementTree.SubElement(
                case, "failure", type=verdict.outcome.value, message=_clean(_short(verdict))
            )
            failure.text = _clean(_long(verdict))
    return _written(suite)


def junit_of_failure(target: Target, refused: Refused) -> bytes:
    """A suite with the one error that there was no certificate to be seen."""
    suite = _suite(target, 1, errors=1)
    case = _case(suite, target, "connection")
    error = ElementTree.SubElement(case, "error", type=refused.code, message=_clean(str(refused)))
    error.text = _clean(str(refused))
    return _written(suite)


def _suite(
    target: Target, tests: int, *, failures: int = 0, errors: int = 0
) -> ElementTree.Element:
    return ElementTree.Element(
        "testsuite",
        name=_clean(f"osbiz probe {target}"),
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
    )


def _case(suite: ElementTree.Element, target: Target, name: str) -> ElementTree.Element:
    known = ENVIRONMENTS.get(name)
    return ElementTree.SubElement(
        suite,
        "testcase",
        classname=_clean(f"osbiz.probe.{target.host}.{target.port}"),
        name=name if known is None else f"{name}: {known.title}",
        time="0",
    )


def _short(verdict: Verdict) -> str:
    minded = [one.detail for one in verdict.findings if one.severity != "note"]
    return minded[0] if minded else verdict.message or verdict.outcome.value


def _long(verdict: Verdict) -> str:
    lines = [f"{verdict.outcome.value} ({verdict.standing.value})"]
    if verdict.message:
        lines.append(f"It would say: {verdict.message}")
    for finding in verdict.findings:
        lines.append(f"- [{finding.rule}] {finding.detail} (source: {finding.source})")
        if finding.cure:
            lines.append(f"  cure: {finding.cure}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)


def _written(suite: ElementTree.Element) -> bytes:
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
