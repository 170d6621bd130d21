"""JA4: the examples of its specification, and fingerprints that its makers published."""

from __future__ import annotations

import pytest

from tests.test_hello import HELLO
from webserver.hello import ClientHello, parse_client_hello
from webserver.ja4 import ja4

CHROME_CIPHERS = "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
CHROME_EXTENSIONS = (
    "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"
)
CHROME_ALGORITHMS = "0403,0804,0401,0503,0805,0501,0806,0601"


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part, 16) for part in text.split(",")) if text else ()


def hello(
    ciphers: str = CHROME_CIPHERS,
    extensions: str = CHROME_EXTENSIONS,
    algorithms: str = CHROME_ALGORITHMS,
    *,
    alpn: tuple[str, ...] = ("h2", "http/1.1"),
    versions: str = "0304,0303",
    legacy_version: int = 0x0303,
) -> ClientHello:
    return ClientHello(
        legacy_version=legacy_version,
        versions=numbers(versions),
        ciphers=numbers(ciphers),
        extensions=numbers(extensions),
        signature_algorithms=numbers(algorithms),
        alpn=alpn,
    )


def test_the_example_of_the_specification() -> None:
    assert ja4(hello()) == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_without_signature_algorithms_the_hash_is_of_the_extensions_alone() -> None:
    assert ja4(hello(algorithms="")).endswith("_6d807ffa2a79")


def test_what_is_not_there_is_zeros() -> None:
    assert ja4(hello("", "", "", alpn=(), versions="")) == "t12i000000_000000000000_000000000000"


# As published with captures of real clients (FoxIO's test data), in the order offered.
@pytest.mark.parametrize(
    ("fingerprint", "offered", "more"),
    [
        (
            "t13d1715h2_5b57614c22b0_3d5424432f57",
            (
                "1301,1303,1302,c02b,c02f,cca9,cca8,c02c,c030,c00a,c009,c013,c014,009c,009d,002f,"
                "0035",
                "0000,0017,ff01,000a,000b,0023,0010,0005,0022,0033,002b,000d,002d,001c,0015",
                "0403,0503,0603,0804,0805,0806,0401,0501,0601,0203,0201",
            ),
            {},
        ),
        (
            "t13d1516h2_8daaf6152771_9b887d9acb53",
            (
                CHROME_CIPHERS,
                "000d,0010,0000,000b,0023,4469,ff01,0033,000a,002d,002b,0005,0017,0012,001b,0029",
                CHROME_ALGORITHMS,
            ),
            {},
        ),
        (
            "t13d151400_8daaf6152771_de4a06bb82e3",
            (
                CHROME_CIPHERS,
                "0033,002b,001b,0000,0012,002d,000d,000a,0005,0023,0017,ff01,000b,0015",
                CHROME_ALGORITHMS,
            ),
            {"alpn": ()},
        ),
        (
            "t12d190800_d83cc789557e_7af1ed941c26",
            (
                "c02c,c02b,c030,c02f,c024,c023,c028,c027,c00a,c009,c014,c013,009d,009c,003d,003c,"
                "0035,002f,000a",
                "0000,0005,000a,000b,000d,0023,0017,ff01",
                "0804,0805,0806,0401,0501,0201,0403,0503,0203,0202,0601,0603",
            ),
            {"alpn": (), "versions": ""},
        ),
        (
            "t10d230100_6a57a6f57151_000000000000",
            (
                "0039,0038,0035,0016,0013,000a,0033,0032,002f,009a,0099,0096,0005,0004,0015,0012,"
                "0009,0014,0011,0008,0006,0003,00ff",
                "0000",
                "",
            ),
            {"alpn": (), "versions": "", "legacy_version": 0x0301},
        ),
    ],
    ids=["firefox", "chrome-resuming", "chrome-no-alpn", "windows-tls12", "tls10"],
)
def test_published_fingerprints(
    fingerprint: str, offered: tuple[str, str, str], more: dict[str, object]
) -> None:
    assert ja4(hello(*offered, **more)) == fingerprint  # type: ignore[arg-type]


def test_meaningless_values_change_nothing_wherever_they_stand() -> None:
    greased = hello(
        "0a0a," + CHROME_CIPHERS,
        "dada," + CHROME_EXTENSIONS + ",fafa",
        "8a8a," + CHROME_ALGORITHMS,
        versions="baba,0304,0303",
    )
    assert ja4(greased) == ja4(hello())


def test_the_order_of_ciphers_and_extensions_changes_nothing_but_that_of_algorithms_does() -> None:
    def turned(text: str) -> str:
        return ",".join(reversed(text.split(",")))

    assert ja4(hello(turned(CHROME_CIPHERS), turned(CHROME_EXTENSIONS))) == ja4(hello())
    assert ja4(hello(algorithms=turned(CHROME_ALGORITHMS))) != ja4(hello())


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        ("h2", "h2"),
        ("http/1.1", "h1"),
        ("x", "xx"),
        ("\xab", "ab"),
        ("\xab\xcd", "ad"),
        ("0\xab", "3b"),
        ("01\xab\xcd", "3d"),
        ("0\xab\xcd1", "01"),
        ("", "00"),
    ],
)
def test_the_first_protocol_by_its_ends_or_those_of_its_hex_digits(first: str, shown: str) -> None:
    assert ja4(hello(alpn=(first, "h2")))[8:10] == shown


def test_more_than_99_are_99() -> None:
    many = ",".join(f"{number:04x}" for number in range(0x2000, 0x2080))
    assert ja4(hello(ciphers=many))[4:6] == "99"


def test_a_real_hello_has_one() -> None:
    read = parse_client_hello(HELLO)
    assert read is not None
    assert ja4(read).startswith("t13d")
