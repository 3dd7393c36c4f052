"""What the SP-TSM writes down, statement by statement: nothing of another phone, request, slot or model is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.globalplatform.scp03 import StaticKeys
from jpki.client.constants import Slot
from jpki.parties.consent import Consent, Subject
from jpki.parties.messages import Begin, Device, Feature, Function
from jpki.parties.sp_tsm.records import (
    Case,
    CaseState,
    KnownCertificate,
    KnownDevice,
    ProviderRecords,
    Removal,
)

BOTH = (Slot.SIGNING, Slot.AUTHENTICATION)
ONE, OTHER = (Device(bytes((number,)) * 18, f"app {number}", "M1", f"token {number}", bytes(16)) for number in (1, 2))
OWN, DELIVERED = (
    StaticKeys(*(letter * 16 for letter in letters)) for letters in ((b"a", b"b", b"c"), (b"d", b"e", b"f"))
)


def case(request_id: str, device: Device = ONE, slots: tuple[Slot, ...] = BOTH, user: str = "hanako") -> Case:
    return Case(request_id, Function.ISSUE, slots, device.se_id, device.app_id, user, b"signed", CaseState.OPEN)


def certificate(serial: int, slot: Slot = Slot.SIGNING, device: Device = ONE, user: str = "hanako") -> KnownCertificate:
    return KnownCertificate(serial, slot, device.se_id, user, f"key {serial}".encode())


@pytest.fixture
def records(tmp_path: Path) -> Iterator[ProviderRecords]:
    """Two phones are known."""
    with closing(ProviderRecords.open(tmp_path / "provider.sqlite")) as found:
        for device in (ONE, OTHER):
            found.meet(device, OWN)
        yield found


def known(records: ProviderRecords, device: Device) -> KnownDevice:
    found = records.device(device.se_id)
    assert found is not None
    return found


# -- phones ------------------------------------------------------------------------------------------------------------


def test_a_phone_that_was_met(records: ProviderRecords) -> None:
    assert known(records, ONE) == KnownDevice.met(ONE, OWN)
    assert KnownDevice.met(ONE, OWN) == KnownDevice(
        ONE.se_id, "app 1", "M1", "token 1", bytes(16), False, None, OWN, False
    )
    assert records.device(b"nobody") is None


def test_meeting_again_brings_another_token_to_the_same_installation_alone(records: ProviderRecords) -> None:
    """The keys that it will get are those of the first time: they may be on the card already."""
    records.meet(replace(ONE, model="M2", push_token="new", push_key=b"k" * 16), DELIVERED)
    found = known(records, ONE)
    assert (found.model, found.push_token, found.push_key, found.own_keys) == ("M2", "new", b"k" * 16, OWN)
    records.meet(replace(ONE, app_id="another", push_token="stolen"), OWN)
    assert known(records, ONE) == found
    assert known(records, OTHER) == KnownDevice.met(OTHER, OWN)


def test_the_way_of_an_applet(records: ProviderRecords) -> None:
    records.applet_ready(ONE.se_id, 0x31, DELIVERED)
    ready = known(records, ONE)
    assert (ready.ready, ready.delivery, ready.rotated) == (True, (0x31, DELIVERED), False)
    records.keys_rotated(ONE.se_id)
    assert known(records, ONE) == replace(ready, rotated=True)
    records.applet_gone(ONE.se_id)
    assert known(records, ONE) == replace(ready, rotated=True, ready=False)
    assert known(records, OTHER) == KnownDevice.met(OTHER, OWN)


def test_another_installation_takes_over(records: ProviderRecords) -> None:
    """The domain and its keys stay; the applet and all that the first one said of itself go."""
    records.applet_ready(ONE.se_id, 0x31, DELIVERED)
    records.keys_rotated(ONE.se_id)
    records.hand_over(Device(ONE.se_id, "new app", "M2", "new token", b"n" * 16))
    assert known(records, ONE) == KnownDevice(
        ONE.se_id, "new app", "M2", "new token", b"n" * 16, False, (0x31, DELIVERED), OWN, True
    )
    assert known(records, OTHER) == KnownDevice.met(OTHER, OWN)


# -- requests ----------------------------------------------------------------------------------------------------------


def test_a_case_is_for_what_was_applied_for_through_one_installation() -> None:
    begin = Begin("r", Function.ISSUE, BOTH, ONE)
    assert case("r").is_for(begin)
    for other in (
        replace(begin, function=Function.RENEW),
        replace(begin, slots=(Slot.SIGNING,)),
        replace(begin, device=replace(ONE, se_id=OTHER.se_id)),
        replace(begin, device=replace(ONE, app_id="another")),
    ):
        assert not case("r").is_for(other)


def test_cases_from_beginning_to_end(records: ProviderRecords) -> None:
    first, second = case("r1"), case("r2", OTHER, (Slot.AUTHENTICATION,))
    for one in (first, second):
        records.add_case(one, {})
    assert records.open_cases() == records.cases() == [first, second]
    assert (records.case("r2"), records.case("r3")) == (second, None)
    for state in (CaseState.DONE, CaseState.CLOSED):
        records.end_case("r1", state)
        assert records.case("r1") == replace(first, state=state)
        assert records.open_cases() == [second]
    assert records.cases() == [replace(first, state=CaseState.CLOSED), second]


def test_what_is_known_of_a_slot_in_a_case(records: ProviderRecords) -> None:
    records.add_case(case("r1"), {Slot.SIGNING: b"old key"})
    records.add_case(case("r2", OTHER, (Slot.SIGNING,)), {})
    assert (records.unclean("r1"), records.unclean("r2")) == (BOTH, (Slot.SIGNING,))
    records.mark_clean("r1", Slot.SIGNING)
    assert (records.unclean("r1"), records.unclean("r2")) == ((Slot.AUTHENTICATION,), (Slot.SIGNING,))
    assert records.key_before("r1", Slot.SIGNING) == b"old key"
    assert records.key_before("r1", Slot.AUTHENTICATION) is None
    assert records.key_before("r2", Slot.AUTHENTICATION) is None


def test_an_announcement_is_made_once_and_of_open_cases(records: ProviderRecords) -> None:
    for one in ("r1", "r2"):
        records.add_case(case(one), {})
        records.announce(one)
    records.announce("r1")
    assert [one.request_id for one in records.unannounced()] == ["r1", "r2"]
    records.announced("r1")
    records.announce("r1")
    assert [one.request_id for one in records.unannounced()] == ["r2"]
    records.end_case("r2", CaseState.CLOSED)
    assert records.unannounced() == []


def test_consents_are_of_their_request(records: ProviderRecords) -> None:
    given = [Consent(subject, f"text of {subject.name}", number) for number, subject in enumerate(Subject)]
    for request in ("r1", "r2"):
        records.add_case(case(request), {})
    for one in given:
        records.add_consent("r1", one)
    assert (records.consents("r1"), records.consents("r2")) == (given, [])


# -- keys and certificates ---------------------------------------------------------------------------------------------


def certified(records: ProviderRecords, one: KnownCertificate, request: str) -> None:
    records.add_key(one.key_hash, case(request, ONE if one.se_id == ONE.se_id else OTHER), one.slot)
    records.add_certificate(one, request)


@pytest.fixture
def issued(records: ProviderRecords) -> dict[str, KnownCertificate]:
    """Of one user on two phones, of another on the first."""
    found = {
        "signing": certificate(0xA1),
        "authentication": certificate(0xA2, Slot.AUTHENTICATION),
        "elsewhere": certificate(0xA3, device=OTHER),
        "another's": certificate(0xA4, device=OTHER, user="taro", slot=Slot.AUTHENTICATION),
    }
    for number, one in enumerate(found.values()):
        records.add_case(case(f"r{number}", ONE if one.se_id == ONE.se_id else OTHER), {})
        certified(records, one, f"r{number}")
    return found


def test_certificates_by_phone_user_request_and_number(
    records: ProviderRecords, issued: dict[str, KnownCertificate]
) -> None:
    signing, authentication, elsewhere, anothers = issued.values()
    assert records.certificates_on(ONE.se_id) == [signing, authentication]
    assert records.certificates_on(OTHER.se_id) == [elsewhere, anothers]
    assert records.certificates_of("hanako") == [signing, authentication, elsewhere]
    assert records.certificates_of("taro") == [anothers]
    assert records.certificates_from("r1") == [authentication]
    assert (records.certificate(0xA3), records.certificate(0xFF)) == (elsewhere, None)
    assert records.has_key(b"key 161") and not records.has_key(b"key 1")


def test_a_key_that_is_gone_is_on_no_phone_and_in_the_map_still(
    records: ProviderRecords, issued: dict[str, KnownCertificate]
) -> None:
    signing, authentication, elsewhere, _ = issued.values()
    records.key_gone(0xA1)
    assert records.certificates_on(ONE.se_id) == [authentication]
    assert records.certificates_of("hanako") == [authentication, elsewhere]
    assert (records.certificate(0xA1), records.certificates_from("r0")) == (signing, [signing])


def test_a_certificate_takes_the_place_of_the_one_in_its_slot(
    records: ProviderRecords, issued: dict[str, KnownCertificate]
) -> None:
    """Of no other slot and on no other phone; written down twice, it is there once."""
    _, authentication, elsewhere, _ = issued.values()
    new = certificate(0xB1)
    for _ in range(2):
        certified(records, new, "r0")
        assert records.certificates_on(ONE.se_id) == [authentication, new]
    assert records.certificates_of("hanako") == [authentication, elsewhere, new]


# -- orders and features -----------------------------------------------------------------------------------------------


def test_an_order_from_beginning_to_end(records: ProviderRecords) -> None:
    first, second = Removal("o1", ONE.se_id, BOTH, False, False), Removal("o2", OTHER.se_id, BOTH, False, False)
    for one in (first, second):
        records.add_removal(one)
    assert (records.removals(ONE.se_id), records.removals(OTHER.se_id)) == ([first], [second])
    assert (records.removal("o1"), records.removal("o3")) == (first, None)
    assert records.unnotified() == [first, second]
    records.notified("o1")
    assert records.unnotified() == [second]
    assert records.removals(ONE.se_id) == [replace(first, notified=True)]
    records.change_removal("o1", (Slot.SIGNING,))
    assert records.removals(ONE.se_id) == [replace(first, notified=True, slots=(Slot.SIGNING,))]
    records.change_removal("o1", ())
    assert records.removals(ONE.se_id) == []
    assert records.removal("o1") == Removal("o1", ONE.se_id, (), True, True)
    records.removed("o2")
    assert (records.removals(OTHER.se_id), records.unnotified()) == ([], [])
    assert records.removal("o2") == replace(second, done=True)


def test_features_are_switched_for_one_model(records: ProviderRecords) -> None:
    first, *others = Feature
    for _ in range(2):
        records.set_feature("M1", first, enabled=False)
    assert (records.disabled("M1"), records.disabled("M2")) == ((first,), ())
    for one in others:
        records.set_feature("M1", one, enabled=False)
    assert records.disabled("M1") == tuple(Feature)
    records.set_feature("M2", first, enabled=True)
    records.set_feature("M1", first, enabled=True)
    assert records.disabled("M1") == tuple(others)


def test_there_is_one_key_for_statements(records: ProviderRecords) -> None:
    assert [records.policy_key(new) for new in (b"first", b"second")] == [b"first", b"first"]
