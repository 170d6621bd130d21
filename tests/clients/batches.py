"""Clients that are asked line by line: a program in their own language is started once.

The programs are in `judges`; each reads `case host address port anchors proxy greeting` with
tabs between, and answers `case outcome words`.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.clients.questions import Answer, Needs, Question, Unclear

JUDGES = Path(__file__).parent / "judges"
_SECONDS = 30


class Batch:
    """A client program that stays, and answers one question after the other.

    command: starts it. environment: variables on top of this process's own.
    """

    def __init__(
        self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = [*map(str, command)]
        self._environment = os.environ | (environment or {})
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self._environment,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(
            target=self._read, args=[self._process, self._lines], daemon=True
        )
        self._reader.start()

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.put(line)
        lines.put("")

    def ask(self, question: Question) -> Answer:
        """Its answer; Unclear when it ended by itself, or is silent for half a minute.

        A client that crashes has refused, in its way; it is started again for the next one.
        """
        assert self._process.stdin is not None
        parts = (
            question.case,
            question.host,
            question.address,
            question.port,
            question.anchors,
            question.proxy,
            question.greeting,
        )
        chatter = []
        try:
            print(*parts, sep="\t", file=self._process.stdin, flush=True)
            while line := self._lines.get(timeout=_SECONDS):
                case, _, answer = line.rstrip("\n").partition("\t")
                outcome, _, said = answer.partition("\t")
                if case == question.case and outcome in ("accepted", "refused"):
                    return Answer(outcome, said)  # type: ignore[arg-type]
                if case == question.case and outcome == "unclear":
                    raise Unclear(f"{case}: {said}")
                chatter.append(line)
        except (queue.Empty, OSError):
            pass
        with suppress(subprocess.TimeoutExpired):
            ended = self._process.wait(1)
            if ended < 0:
                self._start()
                return Answer("refused", f"crashes ({signal.Signals(-ended).name})")
        raise Unclear(f"{question.case}: no answer: {''.join(chatter)[-300:]}")

    def close(self) -> None:
        """End it, by closing its input."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(5)
        self._reader.join(5)


def python(needs: Needs, interpreter: str | Path = sys.executable, way: str = "ssl") -> Batch:
    """A Python client; `way` as `judges/judge.py` has it."""
    return Batch([*needs.prefix, interpreter, JUDGES / "judge.py", way])


def node(needs: Needs, program: str | Path = "node") -> Batch:
    """Node.js."""
    return Batch([*needs.prefix, program, JUDGES / "judge.mjs"])


def deno(needs: Needs, program: str | Path) -> Batch:
    """Deno, which has rustls."""
    allowed = ["--no-prompt", "--allow-net", "--allow-read", "--quiet", "--no-config", "--no-lock"]
    quiet = {"DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    return Batch([*needs.prefix, program, "run", *allowed, JUDGES / "judge_deno.js"], quiet)


def java(needs: Needs, home: Path) -> Batch:
    """The Java whose home is `home`, which compiles the judge into its folder first."""
    run = [home / "bin" / "javac", "-d", needs.folder, JUDGES / "Judge.java"]
    subprocess.run([*map(str, run)], check=True, timeout=120, capture_output=True)
    return Batch([*needs.prefix, home / "bin" / "java", "-cp", needs.folder, "Judge"])


def go(needs: Needs) -> Batch:
    """Go; the judge is built into its folder. It reads the clock in a way of its own, and is
    told the time."""
    program = needs.folder / "judge"
    places = {
        "GOCACHE": str(needs.folder / "cache"),
        "GOPATH": str(needs.folder / "path"),
        "GOFLAGS": "",
        "GO111MODULE": "off",
    }
    subprocess.run(
        ["go", "build", "-o", str(program), str(JUDGES / "judge.go")],
        check=True,
        env=os.environ | places,
        timeout=300,
    )
    return Batch([*needs.prefix, program])
