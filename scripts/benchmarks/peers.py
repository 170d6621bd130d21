"""The peers, each as it comes, with a certificate like the box's own. All on 127.0.0.1."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HERE = Path(__file__).parent
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
        ssl_protocols TLSv1.3;
        location / {{ default_type text/plain; return 200 "{body}"; }}
    }}
}}
"""


def installed(name: str) -> str | None:
    """Where the command `name` is: of the system, or of the packages unpacked for this."""
    unpacked = Path(os.environ.get("BENCH_PEERS", os.devnull))
    found = [str(unpacked / part) for part in ("usr/sbin", "usr/bin")]
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", *found]))


def write_certificate(folder: Path) -> None:
    """A self-signed RSA-2048 certificate and its key, as `cert.pem` and `key.pem`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def nginx(folder: Path, port: int, size: int) -> list[str] | None:
    """nginx with one worker, answering everything with `size` bytes; None: not installed."""
    command = installed("nginx")
    if command is None:
        return None
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, body="x" * size))
    return [command, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]


def aiohttp(folder: Path, port: int, size: int) -> list[str]:
    """aiohttp on asyncio's own TLS and event loop."""
    return [sys.executable, str(HERE / "aiohttp_peer.py"), str(folder), str(port), str(size)]


def pebble(folder: Path, port: int, management_port: int) -> list[str] | None:
    """Let's Encrypt's ACME test server; None: not installed."""
    command = installed("pebble")
    if command is None:
        return None
    configuration = folder / "pebble.json"
    settings = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{management_port}",
        "certificate": str(folder / "cert.pem"),
        "privateKey": str(folder / "key.pem"),
        "httpPort": 5002,
        "tlsPort": 5001,
    }
    configuration.write_text(json.dumps({"pebble": settings}))
    return [command, "-config", str(configuration)]


def moto_server(folder: Path, port: int) -> list[str]:
    """moto's server, over TLS."""
    command = str(Path(sys.executable).with_name("moto_server"))
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    return [command, "-H", "127.0.0.1", "-p", str(port), "-s", "-c", certificate, "-k", key]
