"""Programs that disturb each other, die, or lose reader or service: the card stays sound, the next one works (D4)."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from cardlab.card.config import DEFAULT_KEYS
from cardlab.errors import TransportError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport import Transport
from cardlab.transport.pcsc import CardWasResetError, NoDaemonError, PcscTransport
from jpki.client.commands import rsa_key
from jpki.client.constants import Instruction, Slot
from jpki.client.errors import WrongPinError
from jpki.client.personalisation import JpkiPersonalisation, SlotStatus
from jpki.client.sample import SAMPLE_PINS
from jpki.client.user import JpkiClient
from tests.jpki.pcsc.conftest import has_card
from tests.jpki.pcsc.gate import Gate
from tests.jpki.pcsc.samples import SampleCard
from tests.waiting import PATIENCE, wait_for

Connect = Callable[..., PcscTransport]
Insert = Callable[..., VirtualReader]

SLOT = Slot.AUTHENTICATION
PIN = SAMPLE_PINS[SLOT]
TEXT = b"text"

SIGN_AND_DIE = """\
import sys
from jpki.client.user import JpkiClient
from jpki.client.constants import Slot
from cardlab.transport.pcsc import PcscTransport
user = JpkiClient(PcscTransport.open(sys.argv[1], exclusive=True))
user.select()
user.verify(Slot.AUTHENTICATION, b"1234")
user.sign_message(Slot.AUTHENTICATION, b"text")
"""


def verify(sample: SampleCard, signature: bytes) -> None:
    """Against the certificate."""
    key = load_der_x509_certificate(sample.certificates[SLOT]).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, TEXT, padding.PKCS1v15(), SHA256())


def signed(card: Transport, pin: bytes = PIN) -> bytes:
    """A signature by a new user of the card."""
    user = JpkiClient(card)
    user.select()
    user.verify(SLOT, pin)
    return user.sign_message(SLOT, TEXT)


def tsm(card: Transport) -> JpkiPersonalisation:
    """The TSM's session with the applet."""
    JpkiClient(card).select()
    return JpkiPersonalisation(SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.FULL))


def slot_status(card: Transport) -> SlotStatus:
    """What the applet says of the slot."""
    return tsm(card).status().slots[SLOT]


def test_two_programs_take_turns_in_transactions(sample: SampleCard, insert: Insert, pcscd: PrivateDaemon) -> None:
    """Each reset ends what the other had verified, and no signature is lost or mixed up (D4)."""
    insert(sample.card)

    def work(number: int) -> int:
        done = 0
        with PcscTransport.open(pcscd.readers[0]) as card:
            for _ in range(20):
                with card.transaction(anew=True):
                    verify(sample, signed(card))
                    done += 1
        return done

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(work, range(2))) == [20, 20]
    with PcscTransport.open(pcscd.readers[0]) as card:
        assert slot_status(card).signature_counter == 40


def test_a_transaction_makes_others_wait(sample: SampleCard, insert: Insert, connect: Connect) -> None:
    insert(sample.card)
    first, second = connect(), connect()
    ended = threading.Event()
    with ThreadPoolExecutor(1) as other:
        with first.transaction():
            waiting = other.submit(lambda: (JpkiClient(second).select(), ended.is_set()))
            verify(sample, signed(first))
            ended.set()
        assert waiting.result(60)[1]


def test_what_one_program_verified_the_next_one_cannot_use(
    sample: SampleCard, insert: Insert, connect: Connect
) -> None:
    insert(sample.card)
    first = connect()
    signed(first)
    first.close()
    user = JpkiClient(connect())
    user.select()
    with pytest.raises(UnexpectedStatusError, match="6982"):
        user.sign_message(SLOT, TEXT)


def test_a_program_killed_within_a_command(
    sample: SampleCard, insert: Insert, pcscd: PrivateDaemon, connect: Connect
) -> None:
    """Its signature is finished and counted; the exclusive connection is gone with it, and so is its verification."""
    gate = Gate(sample.card, Instruction.SIGN)
    insert(gate)
    with subprocess.Popen([sys.executable, "-c", SIGN_AND_DIE, pcscd.readers[0]]) as program:
        assert gate.held.wait(PATIENCE)
        program.kill()
    gate.let_go.set()
    wait_for(lambda: not busy(pcscd))
    card = connect()
    user = JpkiClient(card)
    user.select()
    with pytest.raises(UnexpectedStatusError, match="6982"):
        user.sign_message(SLOT, TEXT)
    verify(sample, signed(card))
    assert slot_status(card).signature_counter == 2


def busy(pcscd: PrivateDaemon) -> bool:
    """Is somebody still connected?"""
    try:
        PcscTransport.open(pcscd.readers[0], exclusive=True).close()
    except TransportError:
        return True
    return False


def test_a_reader_unplugged_within_a_command(sample: SampleCard, insert: Insert, connect: Connect) -> None:
    """The card has power until its command is done; the program is told that the reader is gone."""
    gate = Gate(sample.card, Instruction.VERIFY)
    reader = insert(gate)
    user = JpkiClient(connect())
    user.select()
    with ThreadPoolExecutor(2) as others:
        answer = others.submit(user.verify, SLOT, b"9999")
        assert gate.held.wait(PATIENCE)
        unplugging = others.submit(reader.stop)
        wait_for(lambda: reader.is_stopping)
        gate.let_go.set()
        unplugging.result(60)
        with pytest.raises(TransportError):
            answer.result(60)
    insert(sample.card)
    again = JpkiClient(connect())
    again.select()
    assert again.tries_left(SLOT) == SLOT.tries - 1


def test_a_reset_during_key_generation_waits_for_it(sample: SampleCard, insert: Insert, connect: Connect) -> None:
    gate = Gate(sample.card, Instruction.GENERATE_KEY_PAIR)
    insert(gate)
    first, second = connect(), connect()
    session = tsm(first)
    with ThreadPoolExecutor(2) as others:
        generating = others.submit(session.generate_key_pair, SLOT, renew=True)
        assert gate.held.wait(PATIENCE)
        resetting = others.submit(second.reset)
        gate.let_go.set()
        resetting.result(60)
        with pytest.raises(CardWasResetError):  # between the two halves of the public key
            generating.result(60)
    first.reset()
    status = slot_status(first)
    assert (status.has_key, status.certificate_length, status.tries_left) == (True, 0, SLOT.tries)
    key = rsa_key(tsm(first).public_key(SLOT))
    key.verify(signed(first), TEXT, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("opportunity", range(1, 7))
def test_power_lost_during_key_generation(
    sample: SampleCard, insert: Insert, connect: Connect, pcscd: PrivateDaemon, opportunity: int
) -> None:
    """The card is taken for removed and comes back; its key is there whole or not at all, and can be made (E6)."""
    insert(sample.card)
    card = connect()
    session = tsm(card)
    sample.card.cut_power_at(opportunity)
    try:
        session.generate_key_pair(SLOT, renew=True)
    except TransportError:
        wait_for(lambda: not has_card(pcscd, 0))
        wait_for(lambda: has_card(pcscd, 0))
        card = connect()
    sample.card.cut_power_at(0)
    status = slot_status(card)
    if status.has_key:
        rsa_key(tsm(card).public_key(SLOT)).verify(signed(card), TEXT, padding.PKCS1v15(), SHA256())
    key = rsa_key(tsm(card).generate_key_pair(SLOT, renew=True))
    key.verify(signed(card), TEXT, padding.PKCS1v15(), SHA256())


def test_the_service_restarted(
    sample: SampleCard, insert: Insert, connect: Connect, pcscd: PrivateDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card goes back into its reader by itself; what was verified is gone, what was counted is not."""
    insert(sample.card)
    before = connect()
    user = JpkiClient(before)
    user.select()
    with pytest.raises(WrongPinError):
        user.verify(SLOT, b"9999")
    pcscd.stop()
    with pytest.raises(TransportError):
        user.tries_left(SLOT)
    with pytest.raises(NoDaemonError):
        PcscTransport.open(pcscd.readers[0])
    pcscd.start()
    wait_for(lambda: has_card(pcscd, 0))
    user = JpkiClient(connect())
    user.select()
    assert user.tries_left(SLOT) == SLOT.tries - 1
    with pytest.raises(UnexpectedStatusError, match="6982"):
        user.sign_hash(SLOT, sha256(TEXT).digest())
    verify(sample, signed(connect()))
