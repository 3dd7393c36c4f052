"""Layers: what passes through them, and what they leave behind."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest

from cardlab.errors import TransportError
from cardlab.transport import Layer, Transport
from cardlab.transport.timing import Timing
from cardlab.transport.traffic import TRAFFIC, TrafficLog, install_traffic_level
from cardlab.transport.transcript import Recorder
from tests.cardlab.transport.fakes import ATR, ATR_AFTER_RESET, Clock, ScriptedCard

SELECT = bytes.fromhex("00A4040005D392F0002600")
VERIFY = bytes.fromhex("0020009804") + b"1234"


@pytest.mark.parametrize("layer", [Layer, TrafficLog, Timing, lambda lower: Recorder(lower, io.StringIO())])
def test_a_layer_changes_nothing(layer: Callable[[Transport], Layer]) -> None:
    card = ScriptedCard([b"data\x90\x00"])
    with layer(card) as top:
        assert top.atr == ATR
        assert top.transmit(SELECT) == b"data\x90\x00"
        assert card.commands == [SELECT]
        assert top.reset() == top.atr == ATR_AFTER_RESET
        with pytest.raises(TransportError, match="lost"):
            top.transmit(SELECT)
    assert card.closed == 1


def test_traffic_is_one_line_a_command(caplog: pytest.LogCaptureFixture) -> None:
    card = ScriptedCard([bytes.fromhex("6F009000"), bytes.fromhex("63C2")])
    log = TrafficLog(card, clock=Clock(0, 1_500_000, 0, 40_000, 0), names={0x30: "SOMETHING"})
    with caplog.at_level(TRAFFIC, logger="cardlab.traffic"):
        log.transmit(SELECT)
        log.transmit(VERIFY)
        log.reset()
        with pytest.raises(TransportError):
            log.transmit(bytes.fromhex("80300000"))
    assert caplog.messages == [
        f"SELECT {SELECT.hex().upper()} -> 9000 (success) 6F00, 1.5 ms",
        "VERIFY 0020009804[4 bytes] -> 63C2 (2 tries left), 0.0 ms",
        f"reset -> {ATR_AFTER_RESET.hex().upper()}",
        "SOMETHING 80300000 -> TransportError: the link was lost",
    ]


def test_secrets_are_logged_only_on_request(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRAFFIC, logger="cardlab.traffic"):
        TrafficLog(ScriptedCard([b"\x90\x00"]), show_secrets=True).transmit(VERIFY)
    assert VERIFY.hex().upper() in caplog.text


def test_traffic_is_below_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="cardlab.traffic"):
        TrafficLog(ScriptedCard([b"\x90\x00"])).transmit(VERIFY)
    assert not caplog.messages
    install_traffic_level()
    assert logging.getLevelName(TRAFFIC) == "TRAFFIC"
    assert TRAFFIC < logging.DEBUG


def test_timing() -> None:
    card = ScriptedCard([b"\x90\x00"] * 4)
    timing = Timing(card, clock=Clock(0, 10, 0, 30, 0, 20, 0, 100, 0))
    for command in (SELECT, SELECT, SELECT, VERIFY):
        timing.transmit(command)
    with pytest.raises(TransportError):
        timing.transmit(VERIFY)
    assert timing.taken == {0xA4: (10, 30, 20), 0x20: (100,)}
    rows = [(row.name, row.n, row.minimum, row.mean, row.maximum) for row in timing.summary()]
    assert rows == [("VERIFY", 1, 100, 100, 100), ("SELECT", 3, 10, 20, 30)]
    timing.clear()
    assert timing.summary() == ()
