"""Rules that say which commands carry secrets."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import IntegrityError, UsageError
from cardlab.transport.names import Redactor
from cardlab.transport.secrets import Secrets
from cardlab.transport.transcript import Recorder, ReplayTransport, Transcript
from tests.cardlab.transport.fakes import ScriptedCard

SEED = bytes.fromhex("8030000003AABBCC")
HEADER = st.binary(min_size=4, max_size=4)


@pytest.mark.parametrize(
    ("rules", "hidden", "shown"),
    [
        ([], ["00200098", "80240000", "8CD80000", "80E28000", "A02C0000"], ["80300000", "00A40400"]),
        (["30"], ["80300000", "00300000", "00200000"], ["80310000"]),
        (["8030"], ["80300000"], ["00300000"]),
        (["80 30 01"], ["80300100"], ["80300000"]),
        (["803001xx"], ["803001FF"], ["80300200"]),
        (["3x"], ["00300000", "003F0000"], ["00400000"]),
        (["show 20"], ["00240000"], ["00200000", "80200000"]),
        (["show 8020"], ["00200000"], ["80200000"]),
        (["show 8020", "80200001"], ["80200001"], ["80200000"]),
        (["80200001", "show 8020"], [], ["80200001"]),  # the last one counts
        (["INS_PUT_SEED", "show INS_VERIFY"], ["80300000"], ["80200000"]),
    ],
)
def test_what_is_hidden(rules: list[str], hidden: list[str], shown: list[str]) -> None:
    secrets = Secrets.parse(rules, {"INS_PUT_SEED": 0x30, "INS_VERIFY": 0x20})
    assert [one for one in hidden + shown if secrets.hide(bytes.fromhex(one))] == hidden


@given(HEADER, st.lists(st.sampled_from(["30", "show 8020", "80E2", "show 24xx00xx", "xx"]), max_size=4))
def test_rules_say_the_same_after_they_were_written_down(header: bytes, rules: list[str]) -> None:
    secrets = Secrets.parse(rules)
    again = Secrets.parse(filter(None, str(secrets).split(", ")))
    assert again == secrets
    assert again.hide(header) == secrets.hide(header)


@pytest.mark.parametrize("rule", ["", "3", "303", "hide 30", "PUT_SEED", "80300001 00", "g0", "show"])
def test_what_is_no_rule_is_told_how_they_are_written(rule: str) -> None:
    with pytest.raises(UsageError, match="does not say which commands carry secrets") as caught:
        Secrets.parse([rule])
    assert '"show 8020"' in caught.value.hint


def test_a_name_that_the_sources_do_not_have() -> None:
    with pytest.raises(UsageError, match="the sources have no instruction INS_SEED") as caught:
        Secrets.parse(["INS_SEED"], {"INS_PUT_SEED": 0x30})
    assert caught.value.hint == "they have INS_PUT_SEED"


def test_a_recording_says_what_it_left_out_and_replays_without_it() -> None:
    out = StringIO()
    recorder = Recorder(ScriptedCard([b"\x90\x00"]), out, secrets=Secrets.parse(["30"]))
    recorder.transmit(SEED)
    text = out.getvalue()
    assert "hidden: xx30xxxx\n" in text
    assert "> 8030000003[3 bytes]  # INS 30\n" in text
    replay = ReplayTransport(Transcript.parse(text))
    assert replay.transmit(SEED) == b"\x90\x00"
    assert replay.finished


def test_a_header_that_hides_nonsense_is_refused() -> None:
    with pytest.raises(IntegrityError, match="the header's hidden: 'everything' does not say"):
        ReplayTransport(Transcript.parse("# card transcript 1\natr: 3B00\nhidden: everything\n"))


def test_harmless_data_are_shown() -> None:
    assert Redactor(secrets=Secrets.parse(["show 80"])).command(b"\x00\x20\x00\x00\x01\x07") == "0020000001[1 bytes]"
    assert Redactor(secrets=Secrets.parse(["show 20"])).command(b"\x00\x20\x00\x00\x01\x07") == "002000000107"
