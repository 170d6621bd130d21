"""What goes wrong for a client, and how the platform it is built on says so.

A table: each platform with its words for each trouble, and the TLS alerts that it sends when
it does not trust a certificate. What it says of the certificate itself is for
`appliance.trust` to know. Pure text; `{host}`, `{port}` and `{detail}` are filled in.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


class Trouble(enum.StrEnum):
    """Why a client is not, or no longer, logged on.

    REFUSED: nobody listens there. UNREACHABLE: no way there. TIMEOUT: no answer in time.
    CUT: the connection broke, or ended in the middle. TLS: the handshake failed, and not
    because of the certificate. ALERT: the box sent an alert. UNTRUSTED: the client does not
    trust the certificate. NOT_HTTP: an answer that is none, or
    not one of WSI. STATUS: another HTTP status than 200. SESSION_OVER: `NOT_LOGGED_IN`.
    TURNED_AWAY: a login that was refused.
    """

    REFUSED = "connection-refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CUT = "connection-lost"
    TLS = "tls-failed"
    ALERT = "tls-alert"
    UNTRUSTED = "untrusted"
    NOT_HTTP = "not-understood"
    STATUS = "http-status"
    SESSION_OVER = "not-logged-in"
    TURNED_AWAY = "login-refused"


# The rules of `appliance.trust` for whose faults some platforms have an alert of their own.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "path": "untrusted",
        "name": "name",
        "anchor-origin": "untrusted",
        "revoked": "revoked",
        "expired": "expired",
        "not-yet-valid": "expired",
        "extended-key-usage": "usage",
        "key-usage": "usage",
    }
)


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alert (RFC 8446, 6.2) for each kind of fault in a certificate.

    other: for every kind that is not in `by_kind`. None: none is sent; the client finishes the
    handshake, looks at the certificate afterwards, and closes.
    """

    other: int | None
    by_kind: Mapping[str, int | None] = field(default_factory=dict)

    def of(self, kind: str) -> int | None:
        """The alert for a fault of this kind (`untrusted`, `expired`, `usage`, …)."""
        return self.by_kind.get(kind, self.other)


@dataclass(frozen=True, slots=True)
class Platform:
    """What a client is built on, as far as it shapes what the client says.

    agent: its User-Agent. words: its words for each trouble but those that WSI words.
    """

    name: str
    agent: str
    alerts: Alerts
    words: Mapping[Trouble, str]

    def says(self, trouble: Trouble, *, host: str, port: int, detail: str = "") -> str:
        """`trouble` in this platform's words; what the box itself said is left as it is."""
        return self.words.get(trouble, "{detail}").format(host=host, port=port, detail=detail)


_BAD_CERTIFICATE, _UNSUPPORTED, _REVOKED, _EXPIRED, _UNKNOWN, _UNKNOWN_CA = 42, 43, 44, 45, 46, 48

CHROMIUM = Platform(
    "Chromium",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36",
    Alerts(_UNKNOWN),  # measured: 46 for every reason
    MappingProxyType(
        {
            Trouble.REFUSED: "net::ERR_CONNECTION_REFUSED",
            Trouble.UNREACHABLE: "net::ERR_ADDRESS_UNREACHABLE",
            Trouble.TIMEOUT: "net::ERR_TIMED_OUT",
            Trouble.CUT: "net::ERR_CONNECTION_RESET",
            Trouble.TLS: "net::ERR_SSL_PROTOCOL_ERROR",
            Trouble.ALERT: "net::ERR_SSL_PROTOCOL_ERROR",
            Trouble.NOT_HTTP: "net::ERR_INVALID_HTTP_RESPONSE",
            Trouble.STATUS: "Failed to load resource: the server responded with a status of "
            "{detail}",
        }
    ),
)

APPLE = Platform(
    "URLSession",
    "myPortaltogo/1 CFNetwork/1568.100.1 Darwin/24.0.0",
    Alerts(_UNKNOWN),
    MappingProxyType(
        {
            Trouble.REFUSED: "NSURLErrorCannotConnectToHost (-1004): Could not connect to the "
            "server.",
            Trouble.UNREACHABLE: "NSURLErrorCannotConnectToHost (-1004): Could not connect to the "
            "server.",
            Trouble.TIMEOUT: "NSURLErrorTimedOut (-1001): The request timed out.",
            Trouble.CUT: "NSURLErrorNetworkConnectionLost (-1005): The network connection was "
            "lost.",
            Trouble.TLS: "NSURLErrorSecureConnectionFailed (-1200): An SSL error has occurred and "
            "a secure connection to the server cannot be made.",
            Trouble.ALERT: "NSURLErrorSecureConnectionFailed (-1200): An SSL error has occurred "
            "and a secure connection to the server cannot be made.",
            Trouble.NOT_HTTP: "NSURLErrorCannotParseResponse (-1017): cannot parse response",
            Trouble.STATUS: "NSURLErrorBadServerResponse (-1011): There was a bad response from "
            "the server.",
        }
    ),
)

ANDROID = Platform(
    "OkHttp on Android",
    "okhttp/4.12.0",
    Alerts(_UNKNOWN, {"name": None}),  # OkHttp looks at the name when the handshake is over
    MappingProxyType(
        {
            Trouble.REFUSED: "java.net.ConnectException: Failed to connect to /{host}:{port}",
            Trouble.UNREACHABLE: "java.net.ConnectException: Failed to connect to /{host}:{port}",
            Trouble.TIMEOUT: "java.net.SocketTimeoutException: timeout",
            Trouble.CUT: "java.io.IOException: unexpected end of stream on "
            "https://{host}:{port}/...",
            Trouble.TLS: "javax.net.ssl.SSLHandshakeException: Handshake failed",
            Trouble.ALERT: "javax.net.ssl.SSLHandshakeException: Read error: alert {detail}",
            Trouble.NOT_HTTP: "java.net.ProtocolException: Unexpected status line: {detail}",
            Trouble.STATUS: "retrofit2.HttpException: HTTP {detail:.3}",
        }
    ),
)

JAVA = Platform(
    "Java",
    "Java/17.0.12",
    Alerts(_UNKNOWN),  # measured with Java 17
    MappingProxyType(
        {
            Trouble.REFUSED: "java.net.ConnectException: Connection refused",
            Trouble.UNREACHABLE: "java.net.NoRouteToHostException: No route to host",
            Trouble.TIMEOUT: "java.net.SocketTimeoutException: Read timed out",
            Trouble.CUT: "java.net.SocketException: Unexpected end of file from server",
            Trouble.TLS: "javax.net.ssl.SSLHandshakeException: Remote host terminated the "
            "handshake",
            Trouble.ALERT: "javax.net.ssl.SSLHandshakeException: Received fatal alert: {detail}",
            Trouble.NOT_HTTP: "java.io.IOException: Invalid Http response",
            Trouble.STATUS: "java.io.IOException: Server returned HTTP response code: {detail:.3} "
            "for URL: https://{host}:{port}/cgi-bin/gadgetapi",
        }
    ),
)

DOTNET = Platform(
    ".NET on Windows",
    "myContacts",
    # From the source of SslStream (CreateFatalHandshakeAlertToken and what it looks at).
    Alerts(
        _BAD_CERTIFICATE,
        MappingProxyType(
            {
                "untrusted": _UNKNOWN_CA,
                "revoked": _REVOKED,
                "expired": _EXPIRED,
                "usage": _UNSUPPORTED,
            }
        ),
    ),
    MappingProxyType(
        {
            Trouble.REFUSED: "No connection could be made because the target machine actively "
            "refused it. ({host}:{port})",
            Trouble.UNREACHABLE: "A socket operation was attempted to an unreachable host. "
            "({host}:{port})",
            Trouble.TIMEOUT: "The request was canceled due to the configured HttpClient.Timeout "
            "of 100 seconds elapsing.",
            Trouble.CUT: "The response ended prematurely. (ResponseEnded)",
            Trouble.TLS: "The SSL connection could not be established, see inner exception.",
            Trouble.ALERT: "The SSL connection could not be established, see inner exception.",
            Trouble.NOT_HTTP: "Received an invalid status line: '{detail}'.",
            Trouble.STATUS: "Response status code does not indicate success: {detail}.",
        }
    ),
)

PLATFORMS = (CHROMIUM, APPLE, ANDROID, JAVA, DOTNET)
