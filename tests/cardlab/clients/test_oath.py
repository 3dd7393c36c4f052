"""yubikit's OATH client, which is ykman's, against an applet that speaks its protocol in part: codes are RFC 6238's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from yubikit.core.smartcard import ApduError
from yubikit.oath import HASH_ALGORITHM, OATH_TYPE, CredentialData, OathSession

from tests.cardlab.clients.cards import OATH, card_with
from tests.cardlab.scp03.test_card import YubikitConnection

SECRET = b"12345678901234567890"  # RFC 6238, appendix B
CODES = {59: "94287082", 1111111109: "07081804", 20000000000: "65353130"}
NO_SUCH = 0x6984


@pytest.fixture
def session() -> Iterator[OathSession]:
    with card_with(OATH) as card:
        yield OathSession(YubikitConnection(card))


def credential(name: str, digits: int = 8) -> CredentialData:
    return CredentialData(
        name=name,
        oath_type=OATH_TYPE.TOTP,
        hash_algorithm=HASH_ALGORITHM.SHA1,
        secret=SECRET,
        digits=digits,
        issuer="lab",
    )


def test_codes_are_those_of_the_standard(session: OathSession) -> None:
    assert session.version == (5, 4, 3)
    put = session.put_credential(credential("one"))
    for moment, code in CODES.items():
        assert session.calculate_code(put, moment).value == code


def test_credentials_are_listed_calculated_and_deleted(session: OathSession) -> None:
    names = ["first", "second", "third"]
    put = [session.put_credential(credential(name, digits=6)) for name in names]
    assert [one.name for one in session.list_credentials()] == names
    codes = session.calculate_all(59)
    assert {one.name: code.value for one, code in codes.items() if code} == dict.fromkeys(names, CODES[59][2:])
    session.delete_credential(put[1].id)
    assert [one.name for one in session.list_credentials()] == ["first", "third"]
    with pytest.raises(ApduError) as refused:
        session.calculate(put[1].id, bytes(8))
    assert refused.value.sw == NO_SUCH


def test_a_card_that_is_full_says_so(session: OathSession) -> None:
    for number in range(4):
        session.put_credential(credential(f"number {number}"))
    with pytest.raises(ApduError) as refused:
        session.put_credential(credential("one more"))
    assert refused.value.sw == 0x6A84
    assert len(session.list_credentials()) == 4
