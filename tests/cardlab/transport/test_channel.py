"""Opening a logical channel where there is none to open (ISO/IEC 7816-4, MANAGE CHANNEL)."""

from __future__ import annotations

import pytest

from cardlab.errors import CardError, UsageError
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.transport.channel import LogicalChannel
from tests.cardlab.transport.fakes import ScriptedCard

OK = b"\x90\x00"


@pytest.mark.parametrize("number", [0, -1, 20])
def test_a_number_that_no_further_channel_has_is_not_asked_for(number: int) -> None:
    card = ScriptedCard([OK])
    with pytest.raises(UsageError, match=f"channel {number} is no further logical channel"):
        LogicalChannel.open(card, number)
    assert card.commands == []


@pytest.mark.parametrize("answer", [b"", b"\x01\x02"])
def test_an_answer_that_is_no_channels_number(answer: bytes) -> None:
    with pytest.raises(CardError, match=f"answered {len(answer)} bytes, a channel's number is one"):
        LogicalChannel.open(ScriptedCard([answer + OK]))
    assert LogicalChannel.open(ScriptedCard([b"\x03" + OK])).number == 3


def test_a_card_without_channels() -> None:
    with pytest.raises(UnexpectedStatusError):
        LogicalChannel.open(ScriptedCard([b"\x68\x81"]))
