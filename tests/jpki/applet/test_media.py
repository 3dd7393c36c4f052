"""D5: all sixteen media that an applet can read, under every install parameter: contactless, or inside and contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Media
from jpki.certificates.indicator import AccessSource, parse_signed_attributes
from jpki.client.constants import ContactMedium, DeviceMethod, PinState, Profile, Slot
from tests.jpki.applet.cards import PINS, Device, JpkiCard
from tests.jpki.applet.conftest import Image, MakeImage

pytestmark = pytest.mark.needs("interfaces")

AUTH = Slot.AUTHENTICATION
OPTIONS = (None, ContactMedium.USB, ContactMedium.HCI)
# Written out, not computed: what is not contactless, by install parameter.
NOT_CONTACTLESS: Mapping[ContactMedium | None, frozenset[int]] = {
    None: frozenset({0x00}),
    ContactMedium.USB: frozenset({0x00, 0xA0}),
    ContactMedium.HCI: frozenset({0x00, 0xB0}),
}
# TSM commands without a secure channel: 6982 says that nothing but the channel is missing.
TSM_COMMANDS = (
    (0x46, 0x81, 0x00, b"\xb6\x00"),
    (0xE2, 0x80, 0x00, b"\x00\x01\x00\x02\x30\x00"),
    (0x2C, 0x02, 0x98, b"1234"),
    (0x2C, 0x03, 0x98, b""),
    (0xE4, 0x00, 0x00, b"\xa4\x00"),
    (0xF2, 0x00, 0x00, b""),
)


@pytest.fixture(scope="module")
def images(make_image: MakeImage) -> Mapping[tuple[Profile, ContactMedium | None], Image]:
    """A personalised card for every install parameter."""
    return {(profile, option): make_image(profile, True, option) for profile in Profile for option in OPTIONS}


@pytest.fixture(params=list(Profile), ids=lambda profile: profile.name.lower())
def profile(request: pytest.FixtureRequest) -> Profile:
    chosen: Profile = request.param
    return chosen


@pytest.fixture(params=OPTIONS, ids=lambda option: "none" if option is None else option.name.lower())
def option(request: pytest.FixtureRequest) -> ContactMedium | None:
    chosen: ContactMedium | None = request.param
    return chosen


@pytest.fixture
def card(
    images: Mapping[tuple[Profile, ContactMedium | None], Image], profile: Profile, option: ContactMedium | None
) -> Iterator[JpkiCard]:
    """A personalised card, reset on a contact, its applet selected."""
    with images[profile, option].open() as opened:
        yield opened


def source(card: JpkiCard, slot: Slot) -> AccessSource:
    """What the indicator says after the slot's PIN."""
    card.verify(slot)
    return parse_signed_attributes(card.client.sign_with_indicator(slot, bytes(32)).signed_attributes).indicator.source


def test_there_are_sixteen() -> None:
    assert sorted(Media) == list(range(0x00, 0x100, 0x10))


@pytest.mark.parametrize("media", Media, ids=lambda media: media.name)
def test_the_medium_decides(card: JpkiCard, profile: Profile, option: ContactMedium | None, media: Media) -> None:
    """The indicator, the TSM's commands and the device keys are of one mind."""
    before = card.status()
    card.reset(media)
    near = media in NOT_CONTACTLESS[option]
    refused = SW.CONDITIONS_NOT_SATISFIED

    for ins, p1, p2, data in TSM_COMMANDS:
        assert card.sw(0x84, ins, p1, p2, data, 256) == (SW.SECURITY_STATUS_NOT_SATISFIED if near else refused)
    if near:
        assert card.status() == before
    else:
        assert card.sw(0x80, 0x50, 0x00, 0x00, bytes(8), 256) == refused
        assert card.sw(0x84, 0x82, 0x33, 0x00, bytes(16)) == refused

    contact = AccessSource.INTERNAL if profile is Profile.PHONE else AccessSource.CONTACT
    for slot in Slot:
        assert source(card, slot) is (contact if near else AccessSource.CONTACTLESS)

    changed = refused if profile is Profile.PHONE and not near else SW.OK
    assert card.sw(0x00, 0x24, 0x01, AUTH.pin_reference, PINS[AUTH]) == changed
    managed = SW.OK if near and profile is Profile.PHONE else refused
    assert card.sw(0x80, 0xDA, 0x00, DeviceMethod.BIOMETRIC, Device.create().point) == managed
    assert card.sw(0x80, 0xE4, 0x00, DeviceMethod.BIOMETRIC) == managed


@pytest.mark.parametrize("media", [Media.USB, Media.HCI_OR_TYPE_F], ids=["usb", "hci"])
def test_a_whole_issuance_over_the_named_medium(make_image: MakeImage, media: Media) -> None:
    """What such a phone lacked: the TSM sets a PIN and makes a key, the user registers the phone, all from inside."""
    with make_image(Profile.PHONE, False, ContactMedium(media)).open() as card:
        card.reset(media)
        tsm = card.tsm()
        tsm.generate_key_pair(AUTH)
        tsm.set_pin(AUTH, b"0000")
        card.client.verify(AUTH, b"0000")
        card.client.change_pin(AUTH, b"1234")
        assert source(card, AUTH) is AccessSource.INTERNAL
        card.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create().point)
        assert card.status().slots[AUTH].device_keys == {DeviceMethod.BIOMETRIC}
        card.reset(Media.CONTACTLESS_TYPE_A)
        assert source(card, AUTH) is AccessSource.CONTACTLESS


def test_a_temporary_pin_is_not_made_ones_own_from_outside(make_image: MakeImage) -> None:
    """D5: neither is a format told from another there, and the permission stays unused."""
    with make_image(Profile.PHONE, False).open() as card:
        card.tsm().set_pin(AUTH, b"0000")
        card.reset(Media.CONTACTLESS_TYPE_B)
        card.client.verify(AUTH, b"0000")
        for pin in (b"1234", b"12a4"):
            assert card.sw(0x00, 0x24, 0x01, AUTH.pin_reference, pin) == SW.CONDITIONS_NOT_SATISFIED
        assert card.sw(0x00, 0x24, 0x01, AUTH.pin_reference, b"123") == SW.WRONG_LENGTH
        card.reset(Media.CONTACT)
        assert card.status().slots[AUTH].pin_state is PinState.INITIAL


def test_the_choice_outlives_reset_and_selection(make_image: MakeImage) -> None:
    with make_image(Profile.PHONE, True, ContactMedium.HCI).open() as card:
        for media in (Media.HCI_OR_TYPE_F, Media.USB, Media.CONTACT, Media.HCI_OR_TYPE_F):
            card.reset(media)
            card.select_other()
            expected = AccessSource.CONTACTLESS if media is Media.USB else AccessSource.INTERNAL
            assert source(card, AUTH) is expected
