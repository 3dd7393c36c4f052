"""Recording a session and playing it again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import IntegrityError, TransportError
from cardlab.transport.transcript import (
    RecordedExchange,
    Recorder,
    ReplayMismatchError,
    ReplayTransport,
    Transcript,
)
from tests.cardlab.transport.fakes import ATR, ATR_AFTER_RESET, ScriptedCard

SELECT = bytes.fromhex("00A4040005D392F0002600")
VERIFY = bytes.fromhex("0020009804") + b"1234"
HEADER = {"protocol": "T=1", "harness": "0.1.0"}


def recorded(*, show_secrets: bool = False) -> str:
    """SELECT, VERIFY, a reset, and a VERIFY during which the link is lost."""
    out = io.StringIO()
    card = Recorder(ScriptedCard([b"\x6f\x00\x90\x00", b"\x63\xc2"]), out, header=HEADER, show_secrets=show_secrets)
    card.transmit(SELECT)
    card.transmit(VERIFY)
    card.reset()
    with pytest.raises(TransportError):
        card.transmit(VERIFY)
    return out.getvalue()


def test_a_transcript_is_plain_text() -> None:
    assert recorded().splitlines() == [
        "# card transcript 1",
        "atr: 3BE000FF8131FE4514",
        "protocol: T=1",
        "harness: 0.1.0",
        "secrets: left out",
        f"> {SELECT.hex().upper()}  # SELECT",
        "< 6F009000",
        "> 0020009804[4 bytes]  # VERIFY",
        "< 63C2",
        "! reset 3B8080",
        "> 0020009804[4 bytes]  # VERIFY",
        "! lost  # the link was lost",
    ]


@pytest.mark.parametrize("show_secrets", [False, True])
def test_the_same_session_replays(show_secrets: bool) -> None:
    transcript = Transcript.parse(recorded(show_secrets=show_secrets))
    assert transcript.header["protocol"] == "T=1"
    replay = ReplayTransport(transcript)
    assert replay.atr == ATR
    assert replay.transmit(SELECT) == b"\x6f\x00\x90\x00"
    assert replay.transmit(VERIFY) == b"\x63\xc2"
    assert replay.reset() == replay.atr == ATR_AFTER_RESET
    before = replay.finished
    with pytest.raises(TransportError, match="line 11: the link was lost here"):
        replay.transmit(VERIFY)
    assert (before, replay.finished) == (False, True)
    with pytest.raises(ReplayMismatchError, match="ends after 4 steps, got SELECT"):
        replay.transmit(SELECT)


def test_a_transcript_recorded_from_a_replay_is_the_same() -> None:
    text, out = recorded(), io.StringIO()
    again = Recorder(ReplayTransport(Transcript.parse(text)), out, header=HEADER)
    again.transmit(SELECT)
    again.transmit(VERIFY)
    again.reset()
    with pytest.raises(TransportError):
        again.transmit(VERIFY)
    assert out.getvalue().splitlines()[:-1] == text.splitlines()[:-1]


def test_the_first_difference_is_named_and_nothing_is_used_up() -> None:
    replay = ReplayTransport(Transcript.parse(recorded()))
    other = bytes.fromhex("00A4040005D392F0002700")
    with pytest.raises(ReplayMismatchError, match=r"line 6: .*got SELECT 00A4.*differ from byte 10"):
        replay.transmit(other)
    with pytest.raises(ReplayMismatchError, match="got a reset"):
        replay.reset()
    assert replay.transmit(SELECT).endswith(b"\x90\x00")
    with pytest.raises(ReplayMismatchError, match="line 8"):
        replay.transmit(VERIFY + b"5")
    replay.transmit(VERIFY)
    with pytest.raises(ReplayMismatchError, match="has a reset here"):
        replay.transmit(VERIFY)


def test_secrets_in_a_transcript_are_compared() -> None:
    replay = ReplayTransport(Transcript.parse(recorded(show_secrets=True)))
    replay.transmit(SELECT)
    with pytest.raises(ReplayMismatchError):
        replay.transmit(VERIFY[:-1] + b"5")


def test_a_closed_replay_is_silent() -> None:
    replay = ReplayTransport(Transcript.parse(recorded()))
    replay.close()
    replay.close()
    with pytest.raises(TransportError, match="closed"):
        replay.transmit(SELECT)


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "something else", "not a transcript"),
        (2, "atr 3B", "line 2"),
        (6, "> ", "line 6"),
        (7, "< 6G", "line 7: '6G'"),
        (7, "> 00", "the command on line 6 has no response"),
        (8, "< 9000", "line 8"),
        (10, "! reset XY", "line 10"),
        (11, "! explosion", "line 11"),
        (12, "", "line 11: the last command has no response"),
    ],
)
def test_damage_is_named_by_line(line: int, text: str, message: str) -> None:
    lines = recorded().splitlines()
    lines[line - 1] = text
    with pytest.raises(IntegrityError, match=message):
        Transcript.parse("\n".join(lines))


def test_an_atr_that_is_none() -> None:
    with pytest.raises(IntegrityError, match="atr"):
        ReplayTransport(Transcript.parse(recorded().replace("atr: 3BE0", "atr: 3BEX")))


@given(st.text(max_size=200))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        transcript = Transcript.parse("# card transcript 1\n" + text)
    except IntegrityError:
        return
    assert all(isinstance(step, RecordedExchange) or step.atr is not None for step in transcript.steps)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "session.txt"
    path.write_text(recorded(), encoding="utf-8")
    assert Transcript.read(path) == Transcript.parse(recorded())
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(IntegrityError, match="not text"):
        Transcript.read(path)


@pytest.mark.parametrize("header", [{"two words": "x"}, {"a:b": "x"}, {"a": "x\ny"}, {"a": "# x"}])
def test_headers_that_would_not_come_back(header: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        Recorder(ScriptedCard(), io.StringIO(), header=header)


@pytest.mark.parametrize("read", [Transcript.read, Transcript.read_all])
def test_what_is_no_text_is_no_transcript(tmp_path: Path, read: Callable[[Path], object]) -> None:
    (tmp_path / "t.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(IntegrityError, match="not a transcript, it is not text"):
        read(tmp_path / "t.txt")
