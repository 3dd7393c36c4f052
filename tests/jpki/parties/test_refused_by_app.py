"""What the app cannot do with what it has, or with what its TSM says: refused, and what was begun stays begun."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.errors import CardError, HarnessError, RefusedError, TransportError
from cardlab.globalplatform.key_source import TEST_KEYS
from cardlab.iso7816.status import SW
from cardlab.transport import Layer
from jpki.certificates.profile import CertificateProfile
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.user import JpkiClient
from jpki.parties.messages import Applied, Device, Function
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import Managing
from jpki.parties.phone.records import AppRecords, Pending, Stage
from jpki.parties.phone.using import Using
from jpki.parties.recorder import FlowRecorder
from jpki.timing.realcard import RealCard, lent
from tests.jpki.parties.people import START, key

BOTH = (Slot.SIGNING, Slot.AUTHENTICATION)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[AppRecords]:
    made = AppRecords.open(tmp_path / "app.sqlite")
    yield made
    made.close()


def test_a_tsm_that_pauses_what_should_be_done_now(records: AppRecords) -> None:
    """Of another version, perhaps. What was begun has not ended, and word of its certificates may come."""
    records.begin(Pending("request", Function.RENEW, BOTH, b"application"))
    inside: Any = SimpleNamespace(
        records=records,
        network=None,
        relay=SimpleNamespace(run=lambda begin, application: Applied(begin.request_id)),
        device=lambda: Device(b"se", "app", "M1", "token", bytes(16)),
    )
    with pytest.raises(HarnessError, match=r"^the SP-TSM pauses what should be done now") as refused:
        Managing(inside).with_card(Function.RENEW, None, BOTH)  # type: ignore[arg-type]
    assert refused.value.hint == "do both ends have the same version?"
    found = records.pending()
    assert found is not None and found.stage is Stage.APPLIED


def test_an_app_that_lost_its_authentication_certificate(records: AppRecords) -> None:
    """The card has the phone's key and the app does not know whose certificate its signature is to carry."""
    records.set_registered(DeviceMethod.BIOMETRIC, True)
    inside: Any = SimpleNamespace(
        records=records, network=SimpleNamespace(recorder=FlowRecorder()), applet=lambda: None, keystore=None
    )
    every: Any = SimpleNamespace(allows=lambda method: True)
    with pytest.raises(RefusedError, match=r"^the app does not have the authentication certificate") as refused:
        Using(inside, every).authenticate(b"challenge", None, detached=False)
    assert refused.value.hint == "register again"


def test_a_signing_certificate_without_attributes() -> None:
    """Name and address come from nowhere else (A6)."""
    name = CertificateProfile.SIGNING.issuer
    end = START.replace(year=START.year + 1)
    plain = x509.CertificateBuilder(name, name, key(0).public_key(), 1, START, end).sign(key(0), SHA256())
    shown: list[Slot] = []

    def show(slot: Slot) -> SimpleNamespace:
        shown.append(slot)
        return SimpleNamespace(certificate=plain)

    app: Any = SimpleNamespace(show=show)
    with pytest.raises(CardError, match=r"^the signing certificate has no attributes of its holder$"):
        PhoneApp.attributes(app)
    assert shown == [Slot.SIGNING]


class Saying(Layer):
    """A card that gives one answer to everything, or is lost."""

    atr = b""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer

    def transmit(self, command: bytes) -> bytes:
        if self._answer is None:
            raise TransportError("the card was taken out", hint="put it back")
        return self._answer

    def reset(self) -> bytes:
        return b""


OK = SW.OK.to_bytes(2, "big")


def test_an_applet_that_does_not_say_which_it_is() -> None:
    with pytest.raises(CardError, match=r"the answer has no application name .6F, 84.$"):
        JpkiClient(Saying(bytes.fromhex("6F028200") + OK)).select()


def test_a_query_for_tries_that_is_answered_as_if_a_pin_had_been_right() -> None:
    with pytest.raises(CardError, match=r"retry query of the .*: the card answered 9000, expected 63Cx$"):
        JpkiClient(Saying(OK)).tries_left(Slot.SIGNING)
    assert JpkiClient(Saying(bytes.fromhex("63C2"))).tries_left(Slot.SIGNING) == 2


def test_a_card_that_is_lost_while_it_is_lent_is_named() -> None:
    card = RealCard(Saying(None), TEST_KEYS, "the card in a reader")
    with (
        pytest.raises(TransportError, match=r"^the card in a reader: the card was taken out") as lost,
        lent(card),
    ):
        pass
    assert lost.value.hint == "put it back"
