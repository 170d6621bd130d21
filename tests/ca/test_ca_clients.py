"""certbot, lego and dehydrated get, renew and revoke at the practice CA, run as a program."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.acme.authorities import program
from tests.ca.programs import Program, ca_program

NAME = "phone.example.test"


@pytest.fixture
def running_ca(tmp_path: Path) -> Iterator[Program]:
    """The CA as a program."""
    with ca_program(tmp_path / "ca") as found:
        yield found


def serial(path: Path) -> int:
    """The serial number of a certificate file's first one."""
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


def test_certbot_gets_renews_and_revokes(running_ca: Program) -> None:
    if importlib.util.find_spec("certbot") is None:
        pytest.skip("certbot is not installed (PyPI has it)")
    folder = running_ca.folder
    port = str(running_ca.ready["http_01_port"])
    start = "import sys; from certbot.main import main; sys.exit(main())"
    certbot = [sys.executable, "-c", start, "--non-interactive"]
    certbot += ["--config-dir", str(folder / "c"), "--work-dir", str(folder / "w")]
    certbot += ["--logs-dir", str(folder / "l"), "--server", running_ca.ready["directory"]]
    trust = {"REQUESTS_CA_BUNDLE": str(running_ca.root)}
    alone = ["--standalone", "--http-01-port", port, "--http-01-address", "127.0.0.1"]
    said = running_ca.run(
        *(*certbot, "certonly", *alone, "-d", NAME, "-d", f"www.{NAME}"),
        *("-m", "anna@example.com", "--agree-tos", "--no-eff-email"),
        **trust,
    )
    assert "Successfully received certificate" in said
    live = folder / "c" / "live" / NAME / "fullchain.pem"
    first = serial(live)
    assert not running_ca.revoked(live)
    running_ca.run(*certbot, "renew", "--force-renewal", "--no-random-sleep-on-renew", **trust)
    assert serial(live) != first
    said = running_ca.run(
        *(*certbot, "revoke", "--cert-path", live, "--reason", "superseded"),
        "--no-delete-after-revoke",
        **trust,
    )
    assert running_ca.revoked(live)
    assert "Congratulations" in said


def test_lego_gets_renews_and_revokes(running_ca: Program) -> None:
    lego = program("lego")
    folder = running_ca.folder
    line = [lego, "--server", running_ca.ready["directory"], "--path", str(folder / "lego")]
    line += ["--email", "anna@example.com", "--accept-tos", "--domains", NAME]
    line += ["--http", "--http.port", f"127.0.0.1:{running_ca.ready['http_01_port']}"]
    trust = {"LEGO_CA_CERTIFICATES": str(running_ca.root)}
    running_ca.run(*line, "run", **trust)
    made = folder / "lego" / "certificates" / f"{NAME}.crt"
    first = serial(made)
    running_ca.run(*line, "renew", "--days", "400", "--no-random-sleep", **trust)
    assert serial(made) != first
    assert not running_ca.revoked(made)
    running_ca.run(*line, "revoke", "--keep", **trust)
    assert running_ca.revoked(made)


def test_dehydrated_proves_a_wildcard_by_dns_through_a_hook_and_revokes(
    running_ca: Program,
) -> None:
    dehydrated = program("dehydrated")
    folder = running_ca.folder
    hook = folder / "hook.sh"
    hook.write_text(
        "#!/bin/sh\n"
        'case "$1" in deploy_challenge) path=set-txt;; clean_challenge) path=clear-txt;;\n'
        "*) exit 0;; esac\n"
        'exec curl -sf -d "{\\"host\\": \\"_acme-challenge.$2\\", \\"value\\": \\"$4\\"}" '
        f"{running_ca.ready['pages']}/$path\n"
    )
    hook.chmod(0o700)
    config = folder / "config"
    config.write_text(
        f'CA="{running_ca.ready["directory"]}"\nBASEDIR="{folder}/dehydrated"\n'
        f'HOOK="{hook}"\nCHALLENGETYPE="dns-01"\nCONTACT_EMAIL="anna@example.com"\n'
        f'CURL_OPTS="--cacert {running_ca.root}"\nOCSP_FETCH="no"\n'
    )
    (folder / "dehydrated").mkdir()
    line = [dehydrated, "--config", str(config)]
    running_ca.run(*line, "--register", "--accept-terms")
    running_ca.run(*line, "--cron", "--domain", f"*.{NAME}", "--alias", "any")
    made = folder / "dehydrated" / "certs" / "any" / "cert.pem"
    leaf = x509.load_pem_x509_certificate(made.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [f"*.{NAME}"]
    kept = folder / "kept.pem"  # dehydrated moves away what it revokes
    kept.write_bytes(made.read_bytes())
    assert not running_ca.revoked(kept)
    running_ca.run(*line, "--revoke", made)
    assert running_ca.revoked(kept)
