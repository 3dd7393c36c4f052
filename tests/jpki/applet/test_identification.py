"""GET IDENTIFICATION: what an evaluator holds against the target of evaluation."""

from __future__ import annotations

import pytest

from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Media
from jpki.client.constants import PACKAGE_AID, PACKAGE_VERSION, ContactMedium, Profile
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.conftest import MakeImage

MEDIA = [None, *ContactMedium]


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("medium", MEDIA)
def test_it_tells_version_and_install_parameters(
    make_image: MakeImage, profile: Profile, medium: ContactMedium | None
) -> None:
    with make_image(profile, False, medium).open() as jpki:
        found = jpki.client.identification()
    assert (found.version, found.profile, found.contact_medium) == (PACKAGE_VERSION, profile, medium)


def test_the_version_is_that_of_the_load_file(blank: JpkiCard) -> None:
    """GPCS Table 11-36: what GET STATUS of the card manager says of the load file (tag CE)."""
    entry = blank.issuer().registry().find(PACKAGE_AID)
    assert entry is not None
    blank.client.select()
    assert entry.version == blank.client.identification().version


@pytest.mark.needs("interfaces")
def test_it_is_free_over_contactless(jpki: JpkiCard) -> None:
    inside = jpki.client.identification()
    jpki.reset(Media.CONTACTLESS_TYPE_A)
    assert jpki.client.identification() == inside


def test_refusals(jpki: JpkiCard) -> None:
    assert jpki.sw(0x80, 0xCA, 0x01, 0xA1, b"\0", 256) == SW.WRONG_LENGTH
    for p1, p2 in ((0x01, 0xA2), (0x00, 0xA1), (0x02, 0xA1), (0x01, 0x9F)):
        assert jpki.sw(0x80, 0xCA, p1, p2, le=256) == SW.INCORRECT_P1P2
    assert jpki.sw(0x00, 0xCA, 0x01, 0xA1, le=256) == SW.INS_NOT_SUPPORTED
