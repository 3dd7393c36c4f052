"""Cards whose answers take more than one command to fetch: 61xx, 6Cxx, envelopes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.card.terminal import in_terminal
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.runtime.choices import AbsentLe, LongResponse, PlatformChoices, ShortLe
from cardlab.runtime.media import Media, TransmissionProtocol
from tests.conformance.cards import PACKAGE_AID, executable, module_aid, select_command
from tests.conformance.test_lengths import ANSWER, ECHO, SUM, answer, pattern

T0 = TransmissionProtocol.T0
FETCHED = PlatformChoices(long_response=LongResponse.GET_RESPONSE)
CORRECTED = PlatformChoices(short_le=ShortLe.WRONG_LENGTH)
OVER_T0 = PlatformChoices(protocol=T0, short_le=ShortLe.WRONG_LENGTH, long_response=LongResponse.GET_RESPONSE)
WHOLE = PlatformChoices()


@contextmanager
def lengths_on(choices: PlatformChoices, media: Media = Media.CONTACT) -> Iterator[SimulatedCard]:
    """The applet ExtendedLengths, selected, on a card with these choices."""
    loaded = executable("ExtendedLengths")
    with SimulatedCard(CardConfig(platform=choices), seed=1, runtime="vm") as card:
        manager = GlobalPlatformClient(in_terminal(card))
        manager.select()
        manager.authenticate(DEFAULT_KEYS)
        manager.load(loaded.aid, loaded.data_block)
        aid = module_aid("ExtendedLengths")
        manager.install(Installation(PACKAGE_AID, aid, aid))
        card.reset(media)
        assert in_terminal(card).transmit(select_command(aid))[-2:] == b"\x90\x00"
        yield card


def ask(card: SimulatedCard, command: str) -> str:
    return card.transmit(bytes.fromhex(command)).hex().upper()


def get_response(le: int) -> bytes:
    return CommandApdu(0, 0xC0, 0, 0, le=le).to_bytes()


def test_what_is_beyond_le_is_fetched() -> None:
    """ISO/IEC 7816-4:2020, 5.3.4: as many bytes as SW2 says, 00 for 256 and more."""
    with lengths_on(FETCHED) as card:
        assert card.transmit(answer(1000, 256)) == pattern(256) + b"\x61\x00"
        assert card.transmit(get_response(256)) == pattern(512)[256:] + b"\x61\x00"
        assert card.transmit(get_response(256)) == pattern(768)[512:] + b"\x61\xe8"
        assert card.transmit(get_response(200)) == pattern(968)[768:] + b"\x61\x20"
        assert card.transmit(get_response(256)) == pattern(1000)[968:] + b"\x90\x00"
        assert ask(card, "00C0000000") == "6D00"  # nothing is left: the applet is asked


def test_what_is_not_fetched_is_gone_with_the_next_command_and_with_a_reset() -> None:
    with lengths_on(FETCHED) as card:
        assert card.transmit(answer(300, 256))[-2:] == b"\x61\x2c"
        assert card.transmit(answer(4, 256)) == pattern(4) + b"\x90\x00"
        assert ask(card, "00C000002C") == "6D00"
        assert card.transmit(answer(300, 256))[-2:] == b"\x61\x2c"
        card.reset()
        assert ask(card, "00C000002C")[-4:] != "9000"


def test_a_wrong_le_is_corrected_and_the_applet_not_asked_again() -> None:
    """ISO/IEC 7816-4:2020, 5.6; JCRE 3.0.5, 9.4: the answer waits for the same command with the right Le."""
    with lengths_on(CORRECTED) as card:
        assert card.transmit(answer(8, 4)) == b"\x6c\x08"
        assert card.runtime.instructions() > 0
        card.limit_instructions(1)  # whoever runs the applet now finds the card mute
        assert card.transmit(answer(8, 8)) == pattern(8) + b"\x90\x00"
        card.limit_instructions(0)
        assert card.transmit(answer(8, 8)) == pattern(8) + b"\x90\x00"
        assert card.transmit(answer(256, 1)) == b"\x6c\x00"
        assert card.transmit(answer(256, 256)) == pattern(256) + b"\x90\x00"
        assert card.transmit(answer(8, 256)) == pattern(8) + b"\x90\x00"  # T=1: fewer than Le is no error
        assert card.transmit(answer(8, 4)) == b"\x6c\x08"
        assert card.transmit(answer(9, 8)) == b"\x6c\x09"  # another command


def test_over_t0_a_command_that_brings_data_gets_none() -> None:
    """ISO/IEC 7816-3:2006, 12.2.4, and 12.2.3 for the length of the others."""
    with lengths_on(OVER_T0) as card:
        assert ask(card, "0002000003 AABBCC") == "6103"
        assert ask(card, "00C0000003") == "AABBCC9000"
        assert ask(card, "0002000003 AABBCC") == "6103"
        assert ask(card, "00C0000004") == "6C03"
        assert ask(card, "00C0000003") == "AABBCC9000"
        assert ask(card, f"00{ANSWER:02X}000800") == "6C08"
        assert ask(card, f"00{ANSWER:02X}000808") == f"{pattern(8).hex().upper()}9000"
        card.reset(Media.CONTACTLESS_TYPE_A)  # no T=0 there
        card.transmit(select_command(module_aid("ExtendedLengths")))
        assert ask(card, "0002000003 AABBCC 00") == "AABBCC9000"


def test_over_t0_a_long_command_comes_in_envelopes() -> None:
    """ISO/IEC 7816-3:2006, 12.2.6; an envelope that begins no such command is the applet's."""
    data = bytes(1000)
    command = CommandApdu(0, SUM, 0, 0, data, 4, extended=True).to_bytes()
    parts = [command[at : at + 255] for at in range(0, len(command), 255)]
    with lengths_on(OVER_T0) as card:
        answers = [card.transmit(CommandApdu(0, 0xC2, 0, 0, part).to_bytes()) for part in parts]
        assert answers == [b"\x90\x00"] * 3 + [b"\x61\x04"]
        assert ask(card, "00C0000004") == "00040000" + "9000"
        assert ask(card, "00C2000002 0102") == "6D00"
        assert card.transmit(CommandApdu(0, 0xC2, 0, 0, parts[0]).to_bytes()) == b"\x90\x00"
        assert ask(card, "00C2000002 0102") == "6700"


def test_dropping_without_le_means_nothing_over_t0() -> None:
    """There is no Le beside data (12.2.4)."""
    choices = PlatformChoices(protocol=T0, absent_le=AbsentLe.DROP, long_response=LongResponse.GET_RESPONSE)
    with lengths_on(choices) as card:
        assert ask(card, "0002000003 AABBCC") == "6103"


def test_a_copy_has_what_is_left_to_fetch() -> None:
    with lengths_on(FETCHED) as card:
        assert card.transmit(answer(300, 256))[-2:] == b"\x61\x2c"
        with card.fork() as copied:
            for one in (card, copied):
                assert one.transmit(get_response(0x2C)) == pattern(300)[256:] + b"\x90\x00"


FETCHED_OVER_T0 = PlatformChoices(protocol=T0, long_response=LongResponse.GET_RESPONSE)


@cache
def used() -> dict[PlatformChoices, SimulatedCard]:
    """Cards that property tests go on with."""
    cards = {}
    for choices in (WHOLE, OVER_T0, FETCHED_OVER_T0):
        with lengths_on(choices) as card:
            cards[choices] = card.fork()
    return cards


def command(ins: int, data: bytes, count: int, le: int) -> CommandApdu:
    return CommandApdu(0, ins, count >> 8, count & 0xFF, data, le)


commands = st.builds(command, st.just(ANSWER), st.just(b""), st.integers(0, 700), st.integers(1, 256)) | st.builds(
    command, st.just(ECHO), st.binary(min_size=1, max_size=400), st.just(0), st.integers(1, 256)
)


@given(commands=st.lists(commands, max_size=4))
def test_through_a_terminal_the_data_are_those_of_a_card_that_sends_them_whole(commands: list[CommandApdu]) -> None:
    """Where Le was too short for all, 61xx may stay for the client."""
    cards = used()
    for one in commands:
        raw = one.to_bytes()
        expected = ResponseApdu.from_bytes(cards[WHOLE].transmit(raw))
        for choices in (OVER_T0, FETCHED_OVER_T0):
            found = ResponseApdu.from_bytes(in_terminal(cards[choices]).transmit(raw))
            assert found.data == expected.data
            assert found.sw == expected.sw or (found.sw >> 8 == 0x61 and len(found.data) == one.le)
