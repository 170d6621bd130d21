"""Cases of wildcards in names (RFC 6125 6.4.3)."""

from __future__ import annotations

from appliance.catalogue.recipes import Case, leaf, of_topic

_case = of_topic("wildcards")


def _wild(name: str, pattern: str, title: str, wrong: str = "", host: str = "{dns}") -> Case:
    return _case(name, title, wrong, leaf=leaf(names=(f"DNS:{pattern}",)), host=host)


_NOT_ALONE = "The wildcard is only part of a label."

CASES: tuple[Case, ...] = (
    _case(
        "wildcard",
        "*.example.test for osbiz.example.test",
        leaf=leaf(names=("DNS:*.{domain}",), common_names=("*.{domain}",)),
        host="{dns}",
    ),
    _case(
        "wildcard-cn-only",
        "*.example.test in the CN only, no SAN",
        "There is no SAN.",
        leaf=leaf(names=None, common_names=("*.{domain}",)),
        host="{dns}",
    ),
    _wild(
        "wildcard-apex",
        "*.{dns}",
        "*.osbiz.example.test for osbiz.example.test",
        "A wildcard stands for exactly one label.",
    ),
    _wild(
        "wildcard-two-labels",
        "*.{domain}",
        "*.example.test for box.osbiz.example.test",
        "A wildcard stands for exactly one label.",
        host="box.{dns}",
    ),
    _wild(
        "wildcard-top-level",
        "*.test",
        "*.test for example.test",
        "A wildcard for a whole top-level domain.",
        host="{domain}",
    ),
    _wild("wildcard-alone", "*", "* for osbiz", "A wildcard for everything.", host="osbiz"),
    _wild("wildcard-prefix", "os*.{domain}", "os*.example.test", _NOT_ALONE),
    _wild("wildcard-suffix", "*biz.{domain}", "*biz.example.test", _NOT_ALONE),
    _wild("wildcard-inside", "o*z.{domain}", "o*z.example.test", _NOT_ALONE),
    _wild(
        "wildcard-second-label",
        "osbiz.*.test",
        "osbiz.*.test for osbiz.example.test",
        "The wildcard is not in the leftmost label.",
    ),
    _wild("wildcard-double", "*.*.test", "*.*.test for osbiz.example.test", "Two wildcards."),
    _wild(
        "wildcard-idn",
        "*.{domain}",
        "*.example.test for an internationalized label",
        host="xn--bcher-kva.{domain}",
    ),
    _wild(
        "wildcard-idn-prefix",
        "xn--*.{domain}",
        "xn--*.example.test for an internationalized label",
        "RFC 6125 6.4.3 forbids wildcards inside such labels.",
        host="xn--bcher-kva.{domain}",
    ),
    _wild(
        "wildcard-address",
        "*.{ip_end}",
        "*.0.0.1 for an address",
        "A wildcard does not stand for addresses.",
        host="{ip}",
    ),
    _wild(
        "wildcard-registry",
        "*.co.uk",
        "*.co.uk, below which everybody may have a name",
        "Nobody has a right to all names of a registry.",
        host="osbiz.co.uk",
    ),
    _wild(
        "wildcard-hyphen",
        "*.{domain}",
        "*.example.test for a label that begins with a hyphen",
        "No host may be called so (RFC 1123 2.1).",
        host="-osbiz.{domain}",
    ),
)
