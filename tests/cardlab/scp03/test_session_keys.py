"""Session keys are values: the same challenges give equal ones, and nothing of them is shown."""

from __future__ import annotations

from cardlab.globalplatform.scp03 import StaticKeys

KEYS = StaticKeys(b"e" * 16, b"m" * 16, b"d" * 16)
HOST, CARD = bytes(8), bytes(range(8))


def test_equal_when_made_alike() -> None:
    made = KEYS.session(HOST, CARD)
    assert made == KEYS.session(HOST, CARD)
    assert made.command_mac(b"message") == KEYS.session(HOST, CARD).command_mac(b"message")
    assert made.command_mac(b"message") != made.response_mac(b"message")
    for other in (KEYS.session(CARD, HOST), StaticKeys(b"E" * 16, b"m" * 16, b"d" * 16).session(HOST, CARD)):
        assert made != other


def test_not_shown() -> None:
    made = KEYS.session(HOST, CARD)
    shown = repr(made)
    assert "context" in shown
    assert not any(repr(key) in shown for key in (made.enc, made.mac, made.rmac))
    assert "CMAC" not in shown
