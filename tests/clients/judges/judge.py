"""Python clients, asked one line at a time: case, host, address, port, anchors, proxy, greeting.

The argument says which: `ssl`, `ssl-strict` (3.13's defaults on older ones), `requests`
or `cryptography`. Runs in other interpreters, so it imports nothing of the project.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import sys


def address_of(host: str) -> ipaddress.IPv4Address | None:
    try:
        return ipaddress.IPv4Address(host)
    except ValueError:
        return None


def by_ssl(host: str, address: str, port: int, anchors: str, proxy: int) -> str:
    context = ssl.create_default_context(cafile=anchors)
    if sys.argv[1] == "ssl-strict":
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=15)
    connection._create_connection = lambda *_: socket.create_connection((address, port), 15)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def by_requests(host: str, address: str, port: int, anchors: str, proxy: int) -> str:
    import requests

    proxies = None if address_of(host) else {"https": f"http://127.0.0.1:{proxy}"}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"https://{host}:{port}/", verify=anchors, proxies=proxies, timeout=15)
    return answer.text


def by_cryptography(host: str, address: str, port: int, anchors: str, proxy: int) -> str:
    from cryptography import x509
    from cryptography.x509 import verification
    from OpenSSL import SSL

    with open(anchors, "rb") as file:
        store = verification.Store(x509.load_pem_x509_certificates(file.read()))
    with socket.create_connection((address, port), 15) as plain:
        plain.settimeout(None)
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
        connection = SSL.Connection(context, plain)
        number = address_of(host)
        if number is None:
            connection.set_tlsext_host_name(host.encode())
        connection.set_connect_state()
        connection.do_handshake()
        chain = connection.get_peer_cert_chain(as_cryptography=True)
        subject = x509.IPAddress(number) if number else x509.DNSName(host)
        builder = verification.PolicyBuilder().store(store)
        builder.build_server_verifier(subject).verify(chain[0], chain[1:])
        connection.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        read = b""
        try:
            while part := connection.recv(65536):
                read += part
        except SSL.ZeroReturnError:
            pass
    return read.decode()


def words(error: BaseException) -> str:
    """The innermost reason, in a line."""
    while True:
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    # Above, urllib3 or pyOpenSSL may have packed it into something that says no more.
    return (str(error) or repr(error)).replace("\n", " ").replace("\t", " ")


def main() -> None:
    way = {"requests": by_requests, "cryptography": by_cryptography}.get(sys.argv[1], by_ssl)
    for line in sys.stdin:
        case, host, address, port, anchors, proxy, greeting = line.rstrip("\n").split("\t")
        try:
            text = way(host, address, int(port), anchors, int(proxy))
            outcome, said = ("accepted", "") if greeting in text else ("unclear", text[:200])
        except Exception as error:  # noqa: BLE001 - whatever it says is its answer
            outcome, said = "refused", words(error)
            if isinstance(error, TimeoutError):
                outcome = "unclear"
        print(case, outcome, said.replace("\n", " "), sep="\t", flush=True)


if __name__ == "__main__":
    main()
