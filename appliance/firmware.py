"""Releases, and the default certificate each of them makes: a table.

The whitepaper (1.4) says that the self-signed certificate of systems set up before
V3R2.1 ends on 1 January 2024, that later ones are valid for several years, and that
they identify nothing but the LAN IP address. What it leaves open is marked assumed
here and explained in docs/assumptions.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from store.issuing import Profile, Wanted, add_years, random_serial
from store.names import Subject
from store.refusals import Refused

EXPIRY_OF_A_GENERATION = datetime(2024, 1, 1, tzinfo=UTC)  # whitepaper 1.4


@dataclass(frozen=True, slots=True)
class Release:
    """A firmware release.

    fixed_end: when its default certificate ends, whenever it was made; None when the
        end is counted from the making.
    years: validity when counted.
    source: where the row comes from.
    """

    name: str
    fixed_end: datetime | None
    years: int
    source: str


RELEASES: dict[str, Release] = {
    release.name: release
    for release in (
        Release("V3R1", EXPIRY_OF_A_GENERATION, 10, "whitepaper 1.4; years assumed"),
        Release("V3R2", EXPIRY_OF_A_GENERATION, 10, "whitepaper 1.4; years assumed"),
        Release("V3R2.1", None, 10, "whitepaper 1.4 says multi-year; 10 assumed"),
        Release("V3R3", None, 10, "whitepaper 1.4 says multi-year; 10 assumed"),
    )
}
NEWEST = "V3R3"


def release(name: str) -> Release:
    """The release called `name`; refused when there is none."""
    try:
        return RELEASES[name]
    except KeyError:
        raise Refused.because(
            "firmware",
            f"There is no release {name!r}.",
            field="firmware",
            instead=f"Choose {', '.join(RELEASES)}.",
        ) from None


def default_certificate(release: Release, *, lan_ip: str, made_at: datetime) -> Wanted:
    """What the release's self-signed certificate for `lan_ip` says, made at `made_at`.

    CN = LAN IP and no extension at all (whitepaper 1.1: nothing but the LAN IP). A
    release with a fixed end that makes one after that end counts its years instead:
    changing the LAN IP is a known way out of the 2024 expiry, and would be none otherwise.
    """
    made_at = made_at.replace(microsecond=0)
    end = release.fixed_end
    if end is None or made_at >= end:
        end = add_years(made_at, release.years)
    return Wanted(
        subject=Subject(common_name=lan_ip),
        not_before=made_at,
        not_after=end,
        serial=random_serial(),
        profile=Profile.BARE,
    )


BOOSTER_ORGANIZATION = "Unify Software and Solutions GmbH & Co. KG"  # whitepaper 5
BOOSTER_UNIT = "Unify"
BOOSTER_YEARS = 10


def booster_certificate(*, ip: str, made_at: datetime) -> Wanted:
    """What the Booster Server's default certificate says: whitepaper 5."""
    made_at = made_at.replace(microsecond=0)
    return Wanted(
        subject=Subject(common_name=ip, organization=BOOSTER_ORGANIZATION, unit=BOOSTER_UNIT),
        not_before=made_at,
        not_after=add_years(made_at, BOOSTER_YEARS),
        serial=random_serial(),
        profile=Profile.BARE,
    )
