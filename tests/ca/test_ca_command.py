"""`osbiz ca run` with what can't be: one line that says so, and nothing left running."""

from __future__ import annotations

import socket

import pytest

from webserver.cli import main

FREE = ["--port", "0", "--page-port", "0", "--dns-port", "0"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--http-01-port", "0"], "0 is no port"),
        (["--port", "70000"], "70000 is no port"),
        (["--zone", "a b"], "'a b' is no name in the DNS"),
        (["--eab-file", "/nowhere/keys"], "/nowhere/keys can't be read"),
        (["--clock", "tomorrow"], "'tomorrow' is no time"),
        (["--ready-file", "/nowhere/ready"], "/nowhere/ready can't be written"),
        (["--trust-file", "/nowhere/root.pem"], "/nowhere/root.pem can't be written"),
    ],
)
def test_what_can_not_be_is_told_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ca", "run", *FREE, *arguments]) == 2
    said = capsys.readouterr().err
    assert (words in said, said.count("\n")) == (True, 1), said


def test_a_port_that_is_taken_is_told_with_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["ca", "run", *FREE, "--dns-port", str(port)]) == 2
    assert f"127.0.0.1:{port} (Address already in use)" in capsys.readouterr().err
