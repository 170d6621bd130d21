"""The default certificate of each release, and of the Booster Server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from appliance.booster import Booster
from appliance.clock import Clock
from appliance.firmware import NEWEST, RELEASES, booster_certificate, default_certificate, release
from store.certificate import iso_time
from store.issuing import Profile
from store.opening import open_store
from tests.helpers import NOON, FewKeys, a_box, openssl, refusals

END_OF_A_GENERATION = "2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("firmware", "made_at", "not_after"),
    [
        ("V3R1", "2019-05-06T07:08:09", END_OF_A_GENERATION),
        ("V3R2", "2019-05-06T07:08:09", END_OF_A_GENERATION),
        ("V3R2.1", "2019-05-06T07:08:09", "2029-05-06T07:08:09Z"),
        ("V3R3", "2019-05-06T07:08:09", "2029-05-06T07:08:09Z"),
        ("V3R1", "2023-12-31T23:59:59", END_OF_A_GENERATION),
        ("V3R1", "2024-01-01T00:00:00", "2034-01-01T00:00:00Z"),
        ("V3R2", "2024-01-02T03:04:05", "2034-01-02T03:04:05Z"),
        ("V3R3", "2024-02-29T12:00:00", "2034-02-28T12:00:00Z"),
    ],
)
def test_each_release_ends_its_default_certificate_as_the_whitepaper_says(
    firmware: str, made_at: str, not_after: str
) -> None:
    moment = datetime.fromisoformat(made_at).replace(tzinfo=UTC)
    wanted = default_certificate(release(firmware), lan_ip="192.168.1.2", made_at=moment)
    assert iso_time(wanted.not_before) == made_at + "Z"
    assert iso_time(wanted.not_after) == not_after


def test_the_default_certificate_names_the_lan_ip_and_nothing_else() -> None:
    wanted = default_certificate(release(NEWEST), lan_ip="192.168.1.2", made_at=NOON)
    assert wanted.subject.as_x509().rfc4514_string() == "CN=192.168.1.2"
    assert wanted.profile is Profile.BARE
    assert (wanted.alternative_names, wanted.crl_distribution_point) == ((), None)
    assert wanted.algorithm == "sha256RSA"


def test_parts_of_a_second_are_dropped() -> None:
    moment = NOON.replace(microsecond=999_999)
    assert default_certificate(release(NEWEST), lan_ip="1.2.3.4", made_at=moment).not_before == NOON
    assert booster_certificate(ip="1.2.3.4", made_at=moment).not_before == NOON


def test_every_release_of_the_table_says_where_it_comes_from() -> None:
    assert list(RELEASES) == ["V3R1", "V3R2", "V3R2.1", "V3R3"]
    assert all(row.source and row.name == name for name, row in RELEASES.items())


@pytest.mark.parametrize("name", ["V4", "v3r3", "", "V3R2.2"])
def test_an_unknown_release_is_refused(name: str) -> None:
    assert refusals(release, name) == ["firmware"]


def test_a_booster_is_installed_with_ten_years_in_its_makers_name() -> None:
    booster = Booster(open_store(None, "booster"), clock=Clock(now=NOON, rate=0), keys=FewKeys())
    booster.install(ip="127.0.0.3")
    certificate = booster.active.certificate
    assert certificate is not None
    text = openssl("x509", "-noout", "-text", data=certificate.pem.encode()).decode()
    assert (
        "Subject: O = Unify Software and Solutions GmbH & Co. KG, OU = Unify, CN = 127.0.0.3"
        in text
    )
    assert "Not Before: Nov 17 12:00:00 2023 GMT" in text
    assert "Not After : Nov 17 12:00:00 2033 GMT" in text
    assert "sha256WithRSAEncryption" in text
    assert "X509v3 extensions" not in text
    booster.close()


def test_an_installed_box_shows_what_its_release_makes() -> None:
    then = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    box = a_box(release="V3R2", installed_at=then)
    certificate = box.active.certificate
    assert certificate is not None
    assert (certificate.not_before, iso_time(certificate.not_after)) == (then, END_OF_A_GENERATION)
    assert not certificate.valid_at(datetime(2024, 1, 1, 0, 0, 1, tzinfo=UTC))
    text = openssl("x509", "-noout", "-text", data=certificate.pem.encode()).decode()
    assert "X509v3 extensions" not in text
    assert "Public-Key: (2048 bit)" in text
    box.close()
