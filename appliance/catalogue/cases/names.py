"""Cases of names: whether the certificate is for the name or address that the client uses."""

from __future__ import annotations

from typing import Any

from appliance.catalogue.recipes import Case, Recipe, leaf, of_topic

_case = of_topic("names")
_OTHER = "other.example.test"


def _named(*names: str, **changes: Any) -> Recipe:
    return leaf(names=names, **changes)


CASES: tuple[Case, ...] = (
    _case(
        "wrong-name",
        "The SAN has another address and another name",
        "It is for another address.",
        leaf=_named("IP:127.0.40.99", f"DNS:{_OTHER}", common_names=(_OTHER,)),
    ),
    _case(
        "wrong-name-dns",
        "The SAN has another address and another name, reached by name",
        "It is for another name.",
        leaf=_named("IP:127.0.40.99", f"DNS:{_OTHER}", common_names=(_OTHER,)),
        host="{dns}",
    ),
    _case(
        "cn-only-dns",
        "The name is in the CN only, no SAN",
        "There is no SAN.",
        leaf=leaf(names=None),
        host="{dns}",
    ),
    _case(
        "cn-only-ip",
        "The address is in the CN only, no SAN",
        "There is no SAN.",
        leaf=leaf(names=None, common_names=("{ip}",)),
    ),
    _case(
        "cn-only-second",
        "The name is in the first of two CNs, no SAN",
        "There is no SAN.",
        leaf=leaf(names=None, common_names=("{dns}", _OTHER)),
        host="{dns}",
    ),
    _case(
        "cn-only-first-wrong",
        "The name is in the second of two CNs, no SAN",
        "There is no SAN.",
        leaf=leaf(names=None, common_names=(_OTHER, "{dns}")),
        host="{dns}",
    ),
    _case(
        "cn-right-san-wrong",
        "The CN has the right name, the SAN another one",
        "The SAN counts, and it is for another name.",
        leaf=_named(f"DNS:{_OTHER}"),
        host="{dns}",
    ),
    _case(
        "cn-wrong-san-right",
        "The CN has another name, the SAN the right one",
        leaf=_named("DNS:{dns}", common_names=(_OTHER,)),
        host="{dns}",
    ),
    _case(
        "cn-ip-san-dns",
        "The CN has the address, the SAN only a name; reached by address",
        "The address is not in the SAN.",
        leaf=_named("DNS:{dns}", common_names=("{ip}",)),
    ),
    _case(
        "cn-dns-san-ip",
        "The CN has the name, the SAN only the address; reached by name",
        "The name is not in the SAN.",
        leaf=_named("IP:{ip}"),
        host="{dns}",
    ),
    _case(
        "cn-dns-san-email",
        "The CN has the name, the SAN only an e-mail address",
        "The name is not in the SAN.",
        leaf=_named("email:box@example.test"),
        host="{dns}",
    ),
    _case(
        "cn-ip-san-email",
        "The CN has the address, the SAN only an e-mail address",
        "The address is not in the SAN.",
        leaf=_named("email:box@example.test", common_names=("{ip}",)),
    ),
    _case(
        "cn-dns-san-empty",
        "The CN has the name, the SAN is empty",
        "RFC 5280 4.2.1.6 wants at least one name in the SAN.",
        leaf=_named(),
        host="{dns}",
    ),
    _case(
        "ip-as-dns-name",
        "The address is in the SAN as a DNS name",
        "The address is not there as an IP address.",
        leaf=_named("DNS:{ip}", common_names=("{ip}",)),
    ),
    _case(
        "ip-as-uri",
        "The address is in the SAN as a URI",
        "The address is not there as an IP address.",
        leaf=_named("URI:https://{ip}/"),
    ),
    _case(
        "ip-as-text-octets",
        "The address is in the SAN as an IP address, but written as text",
        "An IPv4 address has four octets.",
        leaf=_named("IP-text:{ip}"),
    ),
    _case(
        "ip-mapped-to-v6",
        "The SAN has the IPv4 address mapped into IPv6",
        "It is for another address.",
        leaf=_named("IP:::ffff:{ip}"),
    ),
    _case(
        "upper-case-san",
        "The SAN is written in capitals",
        leaf=_named("DNS:OSBIZ.EXAMPLE.TEST"),
        host="osbiz.example.test",
    ),
    _case(
        "upper-case-host",
        "The client uses capitals",
        leaf=_named("DNS:osbiz.example.test"),
        host="OSBIZ.EXAMPLE.TEST",
    ),
    _case(
        "dot-in-san",
        "The SAN ends with a dot, the client's name does not",
        "A name in a certificate has no final dot.",
        leaf=_named("DNS:{dns}."),
        host="{dns}",
    ),
    _case(
        "dot-in-host",
        "The client's name ends with a dot, the SAN does not",
        leaf=_named("DNS:{dns}"),
        host="{dns}.",
    ),
    _case(
        "idn-a-label",
        "An internationalized name, in the SAN as DNS has it",
        leaf=_named("DNS:xn--bcher-kva.{domain}"),
        host="xn--bcher-kva.{domain}",
    ),
    _case(
        "idn-u-label",
        "An internationalized name, in the SAN as people write it",
        "RFC 5280 7.2 wants the form that DNS has (xn--…).",
        leaf=_named("DNS:bücher.{domain}"),
        host="xn--bcher-kva.{domain}",
    ),
    _case(
        "idn-u-label-cn",
        "An internationalized name, in the CN as people write it, no SAN",
        "There is no SAN.",
        leaf=leaf(names=None, common_names=("bücher.{domain}",)),
        host="xn--bcher-kva.{domain}",
    ),
    _case(
        "underscore",
        "A name with an underscore",
        "RFC 5280 4.2.1.6 wants host names, which have no underscores.",
        leaf=_named("DNS:os_biz.{domain}"),
        host="os_biz.{domain}",
    ),
    _case(
        "single-label",
        "A name without any dot",
        leaf=_named("DNS:osbiz"),
        host="osbiz",
    ),
    _case(
        "nul-in-san",
        "The SAN goes on behind the name with a zero byte",
        "The name is only the beginning of what the SAN has.",
        leaf=_named("DNS:{dns}\0.evil.test"),
        host="{dns}",
    ),
    _case(
        "space-in-san",
        "The SAN has a space behind the name",
        "A name has no spaces.",
        leaf=_named("DNS:{dns} "),
        host="{dns}",
    ),
    _case(
        "malformed-name-beside",
        "The SAN has the right name, and one that is no name",
        "One of the names is no host name.",
        leaf=_named("DNS:{dns}", "DNS:not a name!"),
        host="{dns}",
    ),
    _case(
        "malformed-address-beside",
        "The SAN has the right address, and one with five octets",
        "One of the addresses is no IP address.",
        leaf=_named("IP:{ip}", "OCTETS:7f00000105"),
    ),
    _case(
        "many-names",
        "The SAN has 500 names, the right one last",
        leaf=_named(*(f"DNS:host-{number}.example.test" for number in range(499)), "DNS:{dns}"),
        host="{dns}",
    ),
    _case(
        "subject-empty-san-critical",
        "The subject is empty, the SAN critical",
        leaf=leaf(common_names=(), names_critical=True),
    ),
    _case(
        "subject-empty-san-not-critical",
        "The subject is empty, the SAN not critical",
        "RFC 5280 4.1.2.6 wants the SAN to be critical then.",
        leaf=leaf(common_names=()),
    ),
    _case(
        "san-critical",
        "The SAN is critical beside a subject",
        leaf=leaf(names_critical=True),
    ),
)
