"""What the CA issues, refuses and remembers (A2, A6, E6)."""

from __future__ import annotations

import datetime
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ReasonFlags

from cardlab.errors import IntegrityError, RefusedError, UsageError
from jpki.client.constants import Profile, Slot
from jpki.parties.applicant import Applicant
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus, Change
from tests.jpki.parties.people import HANAKO, START, TARO, Clock, ca_keys, key
from tests.waiting import PATIENCE


def issue(ca: CertificateAuthority, number: int, slot: Slot = Slot.SIGNING, **options: object) -> int:
    """Issue for the key of that number; returns the serial."""
    medium = options.get("medium", Profile.PHONE)
    assert isinstance(medium, Profile)
    der = ca.issue(slot, key(number).public_key(), HANAKO, f"request {number}", medium=medium)
    return x509.load_der_x509_certificate(der).serial_number


@pytest.mark.parametrize("slot", list(Slot))
def test_certificate_is_for_the_key_and_the_holder(ca: CertificateAuthority, slot: Slot) -> None:
    der = ca.issue(slot, key(0).public_key(), HANAKO, "request")
    certificate = x509.load_der_x509_certificate(der)
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(ca.ca_certificate(slot)))
    assert certificate.public_key() == key(0).public_key()
    assert certificate.not_valid_before_utc == START
    assert ca.holder(certificate.serial_number) == HANAKO
    names = [extension.value for extension in certificate.extensions]
    has_attributes = any(isinstance(value, x509.SubjectAlternativeName) for value in names)
    assert has_attributes is (slot is Slot.SIGNING)  # A6


def test_asked_again_gives_the_same_certificate(ca: CertificateAuthority, clock: Clock) -> None:
    first = ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request")
    clock.advance(1000)
    assert ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request") == first
    assert ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "another request") == first
    assert len(ca.certificates_of(HANAKO.user)) == 1


def test_issuing_again_supersedes(ca: CertificateAuthority, clock: Clock) -> None:
    former = issue(ca, 0)
    clock.advance(60)
    latter = issue(ca, 1)
    assert ca.status(former).state is CertStatus.REVOKED
    assert ca.status(former).reason is ReasonFlags.superseded
    assert ca.status(latter).good


def test_other_kind_medium_and_user_are_left_alone(ca: CertificateAuthority) -> None:
    mine = [issue(ca, 0), issue(ca, 1, Slot.AUTHENTICATION), issue(ca, 2, medium=Profile.CARD)]
    ca.issue(Slot.SIGNING, key(3).public_key(), TARO, "request of another")
    assert all(ca.status(serial).good for serial in mine)


def test_key_with_a_revoked_certificate_gets_no_second_one(ca: CertificateAuthority) -> None:
    serial = issue(ca, 0)
    ca.revoke(serial, ReasonFlags.key_compromise)
    with pytest.raises(RefusedError, match="revoked"):
        issue(ca, 0)
    assert len(ca.certificates_of(HANAKO.user)) == 1


def test_what_belongs_to_something_else_is_refused(ca: CertificateAuthority) -> None:
    serial = issue(ca, 0)
    public = key(0).public_key()
    moved = replace(HANAKO, holder=replace(HANAKO.holder, address="elsewhere"))
    for slot, applicant, medium in (
        (Slot.AUTHENTICATION, HANAKO, Profile.PHONE),
        (Slot.SIGNING, TARO, Profile.PHONE),
        (Slot.SIGNING, moved, Profile.PHONE),
        (Slot.SIGNING, HANAKO, Profile.CARD),
    ):
        with pytest.raises(RefusedError, match="another kind or for somebody else"):
            ca.issue(slot, public, applicant, "request 9", medium=medium)
    with pytest.raises(RefusedError, match="for another key"):
        ca.issue(Slot.SIGNING, key(1).public_key(), HANAKO, "request 0")
    assert ca.status(serial).good
    assert [one.serial for one in ca.certificates_of(HANAKO.user)] == [serial]


@pytest.mark.parametrize(("exponent", "size"), [(3, 2048), (65537, 1024), (65537, 3072)])
def test_other_keys_than_those_of_the_card_are_refused(ca: CertificateAuthority, exponent: int, size: int) -> None:
    public = rsa.RSAPublicNumbers(exponent, (1 << size) - 159).public_key()
    with pytest.raises(RefusedError, match="not RSA-2048"):
        ca.issue(Slot.SIGNING, public, HANAKO, "request")


def test_states_and_their_history(ca: CertificateAuthority, clock: Clock) -> None:
    serial = issue(ca, 0, Slot.AUTHENTICATION)
    for act in (ca.suspend, ca.release, ca.suspend):
        clock.advance(100)
        act(serial)
    clock.advance(100)
    ca.revoke(serial, ReasonFlags.privilege_withdrawn)
    states = [ca.status(serial, at=START + datetime.timedelta(seconds=second)).state for second in range(-50, 500, 100)]
    assert [state.name for state in states] == ["UNKNOWN", "GOOD", "SUSPENDED", "GOOD", "SUSPENDED", "REVOKED"]
    assert ca.status(serial).since == START + datetime.timedelta(seconds=300), "not good since the suspension"
    changes = [event.change for event in ca.history(serial)]
    assert changes == [Change.ISSUED, Change.SUSPENDED, Change.RELEASED, Change.SUSPENDED, Change.REVOKED]


def test_repeating_a_change_changes_nothing(ca: CertificateAuthority, clock: Clock) -> None:
    serial = issue(ca, 0, Slot.AUTHENTICATION)
    for act in (ca.suspend, ca.release, ca.revoke):
        first = act(serial)
        clock.advance(10)
        assert act(serial) == first
    assert len(ca.history(serial)) == 4
    assert ca.revoke(serial, ReasonFlags.key_compromise).reason is ReasonFlags.unspecified, "the first reason stands"


def test_revocation_is_final(ca: CertificateAuthority) -> None:
    serial = issue(ca, 0, Slot.AUTHENTICATION)
    ca.revoke(serial)
    for act in (ca.suspend, ca.release):
        with pytest.raises(RefusedError, match="final"):
            act(serial)
    assert ca.status(serial).state is CertStatus.REVOKED


@pytest.mark.parametrize("medium", list(Profile))
def test_only_authentication_certificates_are_suspended(ca: CertificateAuthority, medium: Profile) -> None:
    """E3: a signing certificate is good or revoked, whoever asks the CA for something else."""
    serial = issue(ca, 0, medium=medium)
    for act in (ca.suspend, ca.release):
        with pytest.raises(RefusedError, match="only authentication certificates"):
            act(serial)
    assert [event.change for event in ca.history(serial)] == [Change.ISSUED]


@pytest.mark.parametrize("reason", [ReasonFlags.certificate_hold, ReasonFlags.remove_from_crl])
def test_a_hold_is_no_revocation(ca: CertificateAuthority, reason: ReasonFlags) -> None:
    serial = issue(ca, 0)
    with pytest.raises(ValueError, match="suspend"):
        ca.revoke(serial, reason)
    assert ca.status(serial).good


def test_unknown_serials(ca: CertificateAuthority) -> None:
    assert ca.status(4711).state is CertStatus.UNKNOWN
    for act in (ca.revoke, ca.suspend, ca.release, ca.holder, ca.certificate):
        with pytest.raises(RefusedError, match="1267"):
            act(4711)


def test_time_never_runs_backwards(ca: CertificateAuthority, clock: Clock) -> None:
    clock.advance(1000)
    serial = issue(ca, 0, Slot.AUTHENTICATION)
    clock.advance(-1000)
    ca.suspend(serial)
    at = [event.at for event in ca.history(serial)]
    assert at == sorted(at)
    assert not ca.status(serial).good


def test_everything_is_in_the_file(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "ca.sqlite"
    with CertificateAuthority.open(path, clock=clock) as ca:
        serial, slot = issue(ca, 0, Slot.AUTHENTICATION), Slot.AUTHENTICATION
        ca.suspend(serial)
        before = (ca.ca_certificate(slot), ca.certificate(serial), ca.history(serial), ca.crl(slot))
    with CertificateAuthority.open(path, clock=clock) as ca:
        after = (ca.ca_certificate(slot), ca.certificate(serial), ca.history(serial), ca.crl(slot))
        assert ca.certificate_of_key(key(0).public_key()) == after[1]
    assert before == after
    assert path.stat().st_mode & 0o077 == 0, "it holds the keys of the CA"


def test_two_at_a_time_see_each_other(tmp_path: Path, clock: Clock, ca: CertificateAuthority) -> None:
    with CertificateAuthority.open(tmp_path / "ca.sqlite", clock=clock) as other:
        former = issue(ca, 0)
        latter = issue(other, 1)
        assert (ca.status(former).state, ca.status(latter).state) == (CertStatus.REVOKED, CertStatus.GOOD)


def test_files_of_another_kind_are_refused_and_kept(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no database, but long enough to look like one " * 30)
    database = tmp_path / "database"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE something (else_ TEXT)")
    connection.close()
    for path in (text, database):
        before = path.read_bytes()
        with pytest.raises(IntegrityError, match=path.name):
            CertificateAuthority.open(path)
        assert path.read_bytes() == before


def test_applicants_survive_json() -> None:
    for applicant in (HANAKO, TARO):
        assert Applicant.from_json(applicant.to_json()) == applicant
    for wrong in ({}, {**HANAKO.to_json(), "sex": "no"}, {**HANAKO.to_json(), "birth_date": "x"}):
        with pytest.raises(ValueError):
            Applicant.from_json(wrong)


def test_serials_and_names_come_from_the_entropy_given(tmp_path: Path, clock: Clock) -> None:
    made = []
    for name in "ab":
        with CertificateAuthority.open(
            tmp_path / name, clock=clock, entropy=lambda n: bytes(range(n)), keys=ca_keys()
        ) as ca:
            made.append(ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request"))
    assert made[0] == made[1]


def test_many_at_once_leave_one_valid_certificate(tmp_path: Path, clock: Clock, ca: CertificateAuthority) -> None:
    numbers = range(6)
    for number in numbers:  # made before, for the cache is not for threads
        key(number)
    with CertificateAuthority.open(tmp_path / "ca.sqlite", clock=clock) as other, ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: issue((ca, other)[number % 2], number), numbers, timeout=PATIENCE))
    states = Counter(ca.status(serial).state for serial in made)
    assert states == {CertStatus.GOOD: 1, CertStatus.REVOKED: 5}


def test_ca_that_has_expired_issues_nothing(ca: CertificateAuthority, clock: Clock) -> None:
    clock.advance(11 * 366 * 86400)
    with pytest.raises(RefusedError, match="expired"):
        issue(ca, 0)


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        CertificateAuthority.open(tmp_path / "no such folder" / "ca")
