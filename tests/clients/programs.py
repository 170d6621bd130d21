"""Clients that are a program called once for each question: openssl, curl, wget, gnutls-cli."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence

from tests.clients.questions import Answer, Needs, Question, Unclear

_SECONDS = 20


class Program:
    """One command line for each question.

    prefix: stands before it. line: the command. said: finds the words in what it printed.
    speaks: whether it has to be handed the HTTP request. every: whether it says more than one.
    """

    def __init__(
        self,
        prefix: Sequence[str],
        line: Callable[[Question], Sequence[str]],
        said: str,
        *,
        speaks: bool = False,
        every: bool = False,
    ) -> None:
        self._prefix = prefix
        self._line = line
        self._said = re.compile(said)
        self._speaks = speaks
        self._every = every

    def ask(self, question: Question) -> Answer:
        """Accepted means: exit status 0, and the server's greeting in what it printed."""
        request = f"GET / HTTP/1.1\r\nHost: {question.host}\r\nConnection: close\r\n\r\n"
        try:
            done = subprocess.run(
                [*self._prefix, *self._line(question)],
                input=request if self._speaks else "",
                capture_output=True,
                text=True,
                errors="replace",
                env=os.environ | {"LC_ALL": "C.UTF-8"},
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unclear(f"{question.case}: no answer in {_SECONDS} s") from None
        greeted = question.greeting in done.stdout
        if greeted and done.returncode == 0:
            return Answer("accepted")
        printed = done.stdout + "\n" + done.stderr
        words = self._said.findall(printed)
        if greeted or done.returncode == 0 or not words:
            raise Unclear(f"{question.case}: {done.returncode} {printed}")
        return Answer("refused", " ".join(words if self._every else words[:1]))

    def close(self) -> None:
        """Nothing runs."""


def _openssl(question: Question) -> list[str]:
    line = ["openssl", "s_client", "-quiet", "-verify_return_error"]
    line += ["-connect", f"{question.address}:{question.port}", "-CAfile", str(question.anchors)]
    if question.by_name:
        return [*line, "-servername", question.host, "-verify_hostname", question.host]
    return [*line, "-verify_ip", question.host]


def _curl(question: Question) -> list[str]:
    line = ["curl", "-sS", "--max-time", str(_SECONDS - 5), "--cacert", str(question.anchors)]
    if question.by_name:
        line += ["--connect-to", f"::{question.address}:{question.port}"]
    return [*line, question.url]


def _wget(question: Question) -> list[str]:
    line = ["wget", "-nv", "-O-", "-t1", "--no-hsts", f"--timeout={_SECONDS - 5}"]
    line += [f"--ca-certificate={question.anchors}"]
    if question.by_name:
        line += ["-e", "use_proxy=yes", "-e", f"https_proxy=http://127.0.0.1:{question.proxy}"]
    return [*line, question.url]


def _gnutls(question: Question) -> list[str]:
    line = ["gnutls-cli", "--x509cafile", str(question.anchors), "-p", str(question.port)]
    if question.by_name:
        line += ["--sni-hostname", question.host, "--verify-hostname", question.host]
    return [*line, question.address]


def openssl(needs: Needs) -> Program:
    """`openssl s_client`, told to end at a verification error."""
    return Program(needs.prefix, _openssl, r"(verify error:.+|(?<=:error:).+)", speaks=True)


def curl(needs: Needs) -> Program:
    """curl, with OpenSSL on Debian."""
    return Program(needs.prefix, _curl, r"curl: (.+)")


def wget(needs: Needs) -> Program:
    """wget, with GnuTLS on Debian."""
    return Program(needs.prefix, _wget, r"((?:ERROR:|GnuTLS:|.*certificate|Unable).+)", every=True)


def gnutls(needs: Needs) -> Program:
    """gnutls-cli."""
    return Program(needs.prefix, _gnutls, r"(?:- Status: |\*\*\* Fatal error: )(.+)", speaks=True)
