"""What a command leaves when it is refused, or fails in the middle: a status word that is documented, and no data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.choices import PlatformChoices, RsaKeyMemory
from cardlab.runtime.inspector import ELEMENTS
from cardlab.runtime.vm.inspector import MachineObject
from cardlab.transport import exchange
from jpki.client.constants import Profile, Slot
from jpki.package import jpki_library
from tests.jpki.applet.cards import CERTIFICATES, PINS, JpkiCard
from tests.jpki.applet.heap import apdu_buffer, applet_object

pytestmark = pytest.mark.needs("inside")

SLOTS = list(Slot)
HASH = hashlib.sha256(b"text").digest()
SECRET = b"QX7KJVZ0W3YH8PBN"
SEED = 40
KEY_CONTENT = "0"  # the cell of a key object that refers to its parts
WITH_DATA = (0x20, 0x24, 0x2A, 0x2C, 0x2E, 0xDA, 0xE2, 0x00)
CLASSES = {0x00: WITH_DATA, 0x0C: (0x20, 0x2C), 0x80: WITH_DATA, 0x84: WITH_DATA, 0xA0: (0x20,), 0xFF: (0x20,)}


@contextmanager
def card_with(choices: PlatformChoices, memory: int | None = None) -> Iterator[JpkiCard]:
    """A phone's applet, just installed, on a card with these choices."""
    config = CardConfig(platform=choices) if memory is None else CardConfig(platform=choices, persistent_memory=memory)
    card = SimulatedCard(config, seed=SEED, classes=jpki_library())
    with closing(LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, SEED)) as lab:
        jpki = JpkiCard(lab)
        jpki.load()
        jpki.install(Profile.PHONE.parameters)
        yield jpki


@contextmanager
def card_that_just_takes(slot: Slot, temporary: bytes) -> Iterator[JpkiCard]:
    """With the smallest commit buffer, in steps of four bytes, that a temporary PIN can be set with; it is set."""
    for capacity in range(24, 128, 4):
        with card_with(PlatformChoices(commit_capacity=capacity)) as jpki:
            answer = exchange(jpki.channel(), CommandApdu(0x80, 0x2C, 0x02, slot.pin_reference, temporary))
            if answer.ok:
                yield jpki
                return
            assert answer.sw == SW.MEMORY_FAILURE
    pytest.fail("no commit buffer is large enough")


def is_clean(jpki: JpkiCard) -> bool:
    """Whether nothing stands in the APDU buffer, and nothing in the applet's own working memory."""
    applet = applet_object(jpki.card.simulated)
    work = (applet.field("scratch"), applet.field("suite").field("work"))
    return not any(any(array) for array in (apdu_buffer(jpki.card.simulated), *work))


def spoil(key: MachineObject) -> None:
    """Take a key object's content away, as though it had been cleared."""
    content = key.target(KEY_CONTENT)
    content.put(ELEMENTS, bytes(len(content.value())))


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cla", CLASSES, ids=hex)
def test_a_refused_command_leaves_none_of_its_data(jpki: JpkiCard, cla: int) -> None:
    """B2: VERIFY under a wrong class too, and past the card manager, which would not pass all of them on."""
    runtime = jpki.card.simulated.runtime
    for ins in CLASSES[cla]:
        answer = runtime.process(bytes((cla, ins, 0x00, Slot.SIGNING.pin_reference, len(SECRET))) + SECRET)
        assert answer[-2:] != b"\x90\x00"
        assert is_clean(jpki), f"{ins:02X}"


@pytest.mark.parametrize("ins", [0x20, 0x24, 0x2A, 0x2E, 0xDA])
def test_an_extended_command_that_is_refused_leaves_none_either(jpki: JpkiCard, ins: int) -> None:
    for length in (16, 254, 300):
        cla = 0x00 if ins < 0x2A else 0x80
        assert jpki.send(cla, ins, 0x00, 0x7F, bytes([0xA5]) * length, extended=True).sw != SW.OK
        assert is_clean(jpki)


@pytest.mark.parametrize("slot", SLOTS)
def test_what_was_signed_does_not_stay_in_memory(jpki: JpkiCard, slot: Slot) -> None:
    jpki.verify(slot)
    working = applet_object(jpki.card.simulated).field("suite")
    for p1 in range(4):
        assert jpki.sw(0x80, 0x2A, p1, slot.key_reference, HASH, 256) == SW.OK
        assert not any(working.field("work"))


# -- failing ----------------------------------------------------------------------------------------------------------


def test_a_full_commit_buffer_is_6581_and_changes_nothing() -> None:
    """JCRE 3.0.5, 7.7: TransactionException; the command can be sent again on a card that has more."""
    for capacity in (40, 16):
        with card_with(PlatformChoices(commit_capacity=capacity)) as jpki:
            before = jpki.status()
            channel = jpki.channel()
            for command in (
                CommandApdu(0x80, 0x46, 0x80, 0x00, b"\xb6\x00", 256),
                CommandApdu(0x80, 0xE4, 0x00, 0x00, b"\xa4\x00"),
            ):
                assert exchange(channel, command).sw == SW.MEMORY_FAILURE
                assert is_clean(jpki)
            assert jpki.status() == before


def test_a_key_is_made_outside_of_its_transaction() -> None:
    """It would fill the commit buffer of cards that are sold (feitian-h19cr), and what is asked of a card is less."""
    with card_with(PlatformChoices(commit_capacity=384)) as jpki:
        for renew in (False, True):
            jpki.tsm().generate_key_pair(Slot.SIGNING, renew=renew)
        assert jpki.status().slots[Slot.SIGNING].has_key


def test_a_temporary_pin_that_cannot_be_used_up_gives_no_permission() -> None:
    """B5: it is as it was, with all its tries. The random value that replaces it takes more room than it does."""
    slot, temporary = Slot.SIGNING, b"TEMP01"
    with card_that_just_takes(slot, temporary) as jpki:
        before = jpki.status()
        assert jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, temporary) == SW.MEMORY_FAILURE
        assert is_clean(jpki)
        assert jpki.sw(0x00, 0x24, 0x01, slot.pin_reference, PINS[slot]) == SW.SECURITY_STATUS_NOT_SATISFIED
        assert jpki.sw(0x80, 0x2A, 0x02, slot.key_reference, HASH, 256) == SW.SECURITY_STATUS_NOT_SATISFIED
        assert jpki.status() == before


def test_a_card_that_is_full_when_a_key_is_made_loses_nothing() -> None:
    """Some give an RSA key its memory at generation: the third is the first that may fail with an old key in place."""
    late = PlatformChoices(rsa_key_memory=RsaKeyMemory.GENERATION)
    total = CardConfig().persistent_memory
    with card_with(late) as jpki:
        free = [jpki.card.simulated.free_memory]
        for slot in SLOTS:
            jpki.tsm().generate_key_pair(slot)
            free.append(jpki.card.simulated.free_memory)
    assert free[0] > free[1] > free[2]
    with card_with(late, total - free[2] + (free[1] - free[2]) // 2) as jpki:
        for slot in SLOTS:
            jpki.activate_pin(slot, PINS[slot])
            jpki.tsm().generate_key_pair(slot)
            jpki.tsm().store_certificate(slot.certificate, CERTIFICATES[slot])
        before = jpki.status()
        key = jpki.tsm().public_key(Slot.SIGNING)
        for renew in (0, 1):
            command = CommandApdu(0x80, 0x46, 0x80, renew, b"\xb6\x00", 256)
            assert exchange(jpki.channel(), command).sw == SW.MEMORY_FAILURE
        assert is_clean(jpki)
        assert jpki.status() == before
        assert jpki.tsm().public_key(Slot.SIGNING) == key
        jpki.verify(Slot.SIGNING)
        assert jpki.client.certificate(Slot.SIGNING) == CERTIFICATES[Slot.SIGNING]
        assert jpki.client.sign_hash(Slot.SIGNING, HASH)


@pytest.mark.parametrize(("ins", "p1"), [(0x2A, 0x02), (0x2E, 0x00)], ids=["plain", "with indicator"])
def test_a_failing_cipher_is_6581_and_tells_nothing(ins: int, p1: int) -> None:
    """CryptoException, here of a key that lost its parts; the attributes of a signature never made are not told."""
    slot = Slot.SIGNING
    with card_with(PlatformChoices()) as jpki:
        jpki.activate_pin(slot, PINS[slot])
        jpki.tsm().generate_key_pair(slot)
        jpki.verify(slot)
        assert jpki.sw(0x80, 0x2E, 0x00, slot.key_reference, HASH, 256) == SW.OK
        spoil(applet_object(jpki.card.simulated).field("signing").field("keyPair").field("privateKey"))
        assert jpki.sw(0x80, ins, p1, slot.key_reference, HASH, 256) == SW.MEMORY_FAILURE
        assert is_clean(jpki)
        assert jpki.sw(0x80, 0xCA, 0x01, 0xA0, le=256) == SW.CONDITIONS_NOT_SATISFIED
        assert jpki.status().slots[slot].signature_counter == 2, "counted before it failed (C5)"
