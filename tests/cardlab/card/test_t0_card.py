"""Cards of T=0 say so in their answer to reset (ISO/IEC 7816-3:2006, 8.2.3)."""

from __future__ import annotations

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_ATR, T0_ATR, CardConfig
from cardlab.card.manager.atr import with_historical_bytes
from cardlab.card.profiles import known_profiles
from cardlab.cli import run
from cardlab.cli.card.serving import parse_atr
from cardlab.iso7816.atr import Atr
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.media import TransmissionProtocol


@pytest.mark.parametrize("name", known_profiles())
def test_the_answer_to_reset_has_the_profile_s_protocol_alone(name: str) -> None:
    runtime = "jcardsim" if name == "literal" else "vm"
    with SimulatedCard(CardConfig.of_profile(name), seed=1, runtime=runtime) as card:
        assert Atr.parse(card.atr).protocols == (card.config.platform.protocol.value,)


def test_historical_bytes_in_it() -> None:
    for atr, protocol in ((T0_ATR, 0), (DEFAULT_ATR, 1)):
        parsed = Atr.parse(with_historical_bytes(atr, b"card"))
        assert (parsed.protocols, parsed.historical) == ((protocol,), b"card")


def test_another_one_can_be_given() -> None:
    given = bytes.fromhex("3B00")
    config = CardConfig(atr=given, platform=PlatformChoices(protocol=TransmissionProtocol.T0))
    with SimulatedCard(config, seed=1) as card:
        assert card.atr == given


@pytest.mark.parametrize(
    ("given", "shown"),
    [("3B009000", "3B00"), ("3B029000", "3B029000"), ("3BE000FF8131FE45149000", "3BE000FF8131FE4514")],
)
def test_an_atr_with_a_status_word_behind_it_is_taken_without(given: str, shown: str) -> None:
    """As some programs print it; one that is whole keeps bytes that look like one."""
    assert parse_atr(given) == bytes.fromhex(shown)


def test_a_reader_is_not_shown_a_protocol_that_the_card_has_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "serve", "--card-profile", "feitian-s01c", "--atr", DEFAULT_ATR.hex()]) == 2
    assert "it has no T=0, which the simulated card speaks" in capsys.readouterr().err
