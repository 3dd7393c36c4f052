"""GET IDENTIFICATION: what an evaluator holds against the target of evaluation."""

from __future__ import annotations

import pytest

from cardlab.errors import CardError
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Media
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID, PACKAGE_VERSION, ContactMedium, Profile
from jpki.client.identification import Identification
from jpki.client.installation import jpki_installation
from jpki.client.user import JpkiClient
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


DIGEST = bytes(range(0x80, 0xA0))


@pytest.mark.parametrize("medium", MEDIA)
def test_it_tells_the_hash_that_the_installer_gave(blank: JpkiCard, medium: ContactMedium | None) -> None:
    """An applet cannot see its load file; the card manager checked this hash, and who installed it passed it on."""
    second = INSTANCE_AID[:-1] + b"\x02"
    blank.issuer().install(jpki_installation(Profile.CARD.identified(DIGEST, medium), second))
    other = JpkiClient(blank.card, aid=second)
    other.select()
    assert other.identification().load_file_hash == DIGEST
    assert other.identification().contact_medium == medium
    blank.client.select()
    assert blank.client.identification().load_file_hash is None


def test_what_is_no_identification_is_refused() -> None:
    for raw in ("", "8002010181010182", "800101810101820100", "80020101810103820100", "80020101810101820180"):
        with pytest.raises(CardError, match="no identification"):
            Identification.from_bytes(bytes.fromhex(raw))
