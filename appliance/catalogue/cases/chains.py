"""Cases of chains: who issued what, and what of it the server sends."""

from __future__ import annotations

from appliance.catalogue.recipes import (
    DAY,
    Case,
    authority,
    intermediate,
    leaf,
    of_topic,
)

_case = of_topic("chains")
_UNDER = leaf(issuer="intermediate")
_INTERMEDIATE = {"intermediate": intermediate()}
_SENT = ("leaf", "intermediate")

CASES: tuple[Case, ...] = (
    _case("good-ip", "A sound certificate under a trusted authority, reached by address"),
    _case("good-dns", "The same, reached by name", host="{dns}"),
    _case(
        "unknown-authority",
        "A sound certificate under an authority that the client does not trust",
        "The client trusts another authority.",
        between={"unknown": authority("Unknown Root")},
        leaf=leaf(issuer="unknown"),
    ),
    _case(
        "intermediate-sent",
        "An intermediate authority issued it, and is sent",
        between=_INTERMEDIATE,
        leaf=_UNDER,
        chain=_SENT,
    ),
    _case(
        "intermediate-missing",
        "An intermediate authority issued it, and is not sent",
        "The server sends its own certificate only.",
        between=_INTERMEDIATE,
        leaf=_UNDER,
    ),
    _case(
        "intermediate-wrong",
        "Another intermediate than the issuer is sent",
        "The intermediate that is sent did not issue the certificate.",
        between=_INTERMEDIATE | {"other": intermediate("Other Intermediate")},
        leaf=_UNDER,
        chain=("leaf", "other"),
    ),
    _case(
        "intermediates-two",
        "Two intermediate authorities, both sent",
        between={
            "upper": intermediate("Upper Intermediate", path_length=1),
            "intermediate": intermediate(issuer="upper"),
        },
        leaf=_UNDER,
        chain=("leaf", "intermediate", "upper"),
    ),
    _case(
        "intermediates-six",
        "Six intermediate authorities, all sent",
        between={"step-0": intermediate("Step 0", path_length=None)}
        | {
            f"step-{number}": intermediate(
                f"Step {number}", issuer=f"step-{number - 1}", path_length=None
            )
            for number in range(1, 6)
        },
        leaf=leaf(issuer="step-5"),
        chain=("leaf", *(f"step-{number}" for number in range(5, -1, -1))),
    ),
    _case(
        "intermediates-out-of-order",
        "Two intermediate authorities, sent in the wrong order",
        "TLS 1.2 wants each certificate to certify the one before it.",
        between={
            "upper": intermediate("Upper Intermediate", path_length=1),
            "intermediate": intermediate(issuer="upper"),
        },
        leaf=_UNDER,
        chain=("leaf", "upper", "intermediate"),
    ),
    _case(
        "root-sent",
        "The root is sent too",
        "The root need not be sent: the client has it, or will not trust it.",
        chain=("leaf", "root"),
    ),
    _case(
        "root-sent-before-intermediate",
        "Root and intermediate are sent in the wrong order",
        "The root stands before the intermediate.",
        between=_INTERMEDIATE,
        leaf=_UNDER,
        chain=("leaf", "root", "intermediate"),
    ),
    _case(
        "leaf-sent-twice",
        "The server certificate is sent twice",
        "The server certificate stands in the chain again.",
        chain=("leaf", "leaf"),
    ),
    _case(
        "superfluous-sent",
        "A certificate is sent that has nothing to do with it",
        "A foreign authority stands in the chain.",
        between=_INTERMEDIATE | {"stranger": authority("Stranger")},
        leaf=_UNDER,
        chain=("leaf", "stranger", "intermediate"),
    ),
    _case(
        "superfluous-expired-sent",
        "An expired certificate is sent that nobody needs",
        "An expired authority stands in the chain.",
        between={"old": authority("Old Root", starts=-400 * DAY, ends=-30 * DAY)},
        chain=("leaf", "old"),
    ),
    _case(
        "cross-signed-first-expired",
        "Two intermediates of one key; the first one sent has expired",
        "The first of the two ways to a root has expired.",
        between={
            "expired": intermediate(starts=-400 * DAY, ends=-30 * DAY),
            "intermediate": intermediate(key_of="expired"),
        },
        leaf=_UNDER,
        chain=("leaf", "expired", "intermediate"),
    ),
    _case(
        "cross-signed-last-expired",
        "Two intermediates of one key; the second one sent has expired",
        "The second of the two ways to a root has expired.",
        between={
            "expired": intermediate(starts=-400 * DAY, ends=-30 * DAY),
            "intermediate": intermediate(key_of="expired"),
        },
        leaf=_UNDER,
        chain=("leaf", "intermediate", "expired"),
    ),
    _case(
        "cross-signed-by-unknown",
        "The trusted root is also sent as cross-signed by an unknown authority",
        "One of the two ways ends at an authority that the client does not trust.",
        between={
            "unknown": authority("Unknown Root"),
            "crossed": authority("Root", issuer="unknown", key_of="root"),
        },
        chain=("leaf", "crossed"),
    ),
    _case(
        "cross-signed-by-expired-root",
        "The trusted root is also sent as cross-signed by a trusted root that has expired",
        "One of the two ways ends at an expired root (30 September 2021, Let's Encrypt).",
        between={
            "old": authority("Old Root", starts=-4000 * DAY, ends=-30 * DAY),
            "crossed": authority("Root", issuer="old", key_of="root"),
        },
        chain=("leaf", "crossed"),
        anchors=("root", "old"),
    ),
    _case(
        "cross-signed-root-not-trusted",
        "The old, expired root is trusted, the new one is sent as signed by it",
        "The only root that the client trusts has expired.",
        between={
            "old": authority("Old Root", starts=-4000 * DAY, ends=-30 * DAY),
            "crossed": authority("Root", issuer="old", key_of="root"),
        },
        chain=("leaf", "crossed"),
        anchors=("old",),
    ),
    _case(
        "anchor-intermediate",
        "The client trusts the intermediate, not the root above it",
        "The anchor is no root: it is issued by one that the client does not trust.",
        between=_INTERMEDIATE,
        leaf=_UNDER,
        anchors=("intermediate",),
    ),
    _case(
        "anchor-intermediate-sent",
        "The client trusts the intermediate, which is sent as well",
        "The anchor is no root: it is issued by one that the client does not trust.",
        between=_INTERMEDIATE,
        leaf=_UNDER,
        chain=_SENT,
        anchors=("intermediate",),
    ),
    _case(
        "anchor-leaf",
        "The client trusts the server certificate itself, not the authority that issued it",
        "The anchor is no root: it is issued by one that the client does not trust.",
        anchors=("leaf",),
    ),
    _case(
        "anchor-leaf-issuer-sent",
        "The same, and its issuer is sent as well",
        "The anchor is no root: it is issued by one that the client does not trust.",
        between=_INTERMEDIATE,
        leaf=_UNDER,
        chain=_SENT,
        anchors=("leaf",),
    ),
    _case(
        "authority-renewed-same-key",
        "The authority was renewed with the same key; the client has the old one",
        leaf=leaf(issuer="renewed"),
        between={"renewed": authority(key_of="root")},
    ),
    _case(
        "authority-remade-new-key",
        "The authority was made anew under the same name; the client has the old one",
        "The issuer has the name of the trusted authority, but another key.",
        leaf=leaf(issuer="remade"),
        between={"remade": authority()},
    ),
    _case(
        "authority-remade-no-identifiers",
        "The same, without key identifiers to tell the two apart",
        "The issuer has the name of the trusted authority, but another key.",
        root=authority(key_identifier=False),
        between={"remade": authority(key_identifier=False)},
        leaf=leaf(issuer="remade", authority_identifier="none", key_identifier=False),
    ),
    _case(
        "two-roots-of-one-name",
        "The client trusts two authorities of the same name, the right one among them",
        between={"twin": authority()},
        anchors=("twin", "root"),
    ),
    _case(
        "two-roots-of-one-name-no-identifiers",
        "The same, without key identifiers to tell the two apart",
        root=authority(key_identifier=False),
        between={"twin": authority(key_identifier=False)},
        leaf=leaf(authority_identifier="none"),
        anchors=("twin", "root"),
    ),
    _case(
        "signature-damaged",
        "The signature does not fit",
        "A bit of the signature is wrong.",
        leaf=leaf(damaged=True),
    ),
    _case(
        "signature-of-root-damaged",
        "The signature of the trusted root on itself does not fit",
        "A bit of the root's own signature is wrong, which proves nothing anyway.",
        root=authority(damaged=True),
    ),
)
