"""The frame around the pages: task centres, the tree of Expert Mode, the trail to a page.

A table; what is not in it yet is not shown. Words are the whitepaper's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from appliance.accounts import Right, may
from store.people import Account
from webserver.portal.sessions import Session

PREFIX = "/management/admin/"
ADMINISTRATORS = PREFIX + "administrators"
SESSIONS = ADMINISTRATORS + "/sessions"
SETUP = PREFIX + "setup"
BACKUP = PREFIX + "backup"
SERVICE = PREFIX + "service"
CONNECTIONS = SERVICE + "/connections"
CLIENTS = SERVICE + "/clients"
FAULTS = SERVICE + "/faults"
EXPERT = PREFIX + "expert"
CERTIFICATES = EXPERT + "/certificates"
AUTHORITIES = EXPERT + "/authorities"
IMPORT = CERTIFICATES + "/import"
GENERATE_REQUEST = CERTIFICATES + "/generate-csr"
GENERATE_CA = AUTHORITIES + "/generate-ca"
GENERATE_SELF_SIGNED = AUTHORITIES + "/generate-self-signed"
ACME = EXPERT + "/lets-encrypt"
LAN = EXPERT + "/lan"


@dataclass(frozen=True, slots=True)
class Centre:
    """A task centre in the top row.

    right: what its changes need. barred: whether who looks lacks it.
    """

    title: str
    path: str
    right: Right = Right.SEE
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the tree: a page when it has a path, a heading when it has none.

    right, barred: as for a task centre.
    """

    title: str
    path: str | None = None
    below: tuple[Branch, ...] = ()
    right: Right = Right.SEE
    barred: bool = False


CENTRES = (
    Centre("Home", PREFIX + "home"),
    Centre("Administrators", ADMINISTRATORS),
    Centre("Setup", SETUP),
    Centre("Expert Mode", EXPERT),
    Centre("Data Backup", BACKUP, Right.BACKUP),
    Centre("Service Center", SERVICE),
)

TREE = Branch(
    "Expert Mode",
    EXPERT,
    (
        Branch(
            "Telephony Server",
            None,
            (
                Branch(
                    "Security",
                    None,
                    (
                        Branch(
                            "SSL",
                            None,
                            (
                                Branch("Certificate Generation", AUTHORITIES),
                                Branch(
                                    "Certificate Management",
                                    None,
                                    (
                                        Branch("Server Certificates", CERTIFICATES),
                                        Branch("Let's Encrypt", ACME, right=Right.ACTIVATE),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
                Branch("Network", None, (Branch("LAN", LAN, right=Right.NETWORK),)),
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds one page.

    account: None when nobody is logged on; then there is no frame but the title.
    here: the path of the tree's or row's entry that the page belongs to.
    trail: the way to the page in the tree, itself included; empty outside Expert Mode.
    """

    account: Account | None
    csrf: str
    centres: tuple[Centre, ...]
    tree: Branch | None
    here: str
    trail: tuple[Branch, ...]


def frame_for(path: str, *, account: Account | None, session: Session | None) -> Frame:
    """The frame of the page at `path`."""
    expert = path == EXPERT or path.startswith(EXPERT + "/")
    trail = max(_trails(TREE, path), key=len, default=()) if expert else ()
    free = account is not None and not account.must_change
    return Frame(
        account=account,
        csrf="" if session is None else session.csrf,
        centres=tuple(_for(account, centre) for centre in CENTRES) if account and free else (),
        tree=_for(account, TREE) if account and expert and free else None,
        here=(trail[-1].path or "") if trail else path,
        trail=trail,
    )


_E = TypeVar("_E", Centre, Branch)


def _for(account: Account, entry: _E) -> _E:
    """`entry`, and everything below it, marked where `account` may not do what is done there."""
    entry = replace(entry, barred=not may(account, entry.right))
    if isinstance(entry, Branch):
        return replace(entry, below=tuple(_for(account, branch) for branch in entry.below))
    return entry


def _trails(
    branch: Branch, path: str, above: tuple[Branch, ...] = ()
) -> Iterator[tuple[Branch, ...]]:
    trail = (*above, branch)
    if branch.path is not None and (path == branch.path or path.startswith(branch.path + "/")):
        yield trail
    for below in branch.below:
        yield from _trails(below, path, trail)
