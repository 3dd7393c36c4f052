"""What the property tests of SCP03 draw from."""

from __future__ import annotations

from hypothesis import strategies as st

from cardlab.globalplatform.scp03 import Channel, SecurityLevel, StaticKeys, max_data, max_response
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu

LEVELS = [SecurityLevel(value) for value in (0x01, 0x03, 0x11, 0x13, 0x33)]
RESPONSE_LEVELS = [level for level in LEVELS if level & SecurityLevel.R_MAC]

levels = st.sampled_from(LEVELS)
challenges = st.binary(min_size=8, max_size=8)


@st.composite
def key_sets(draw: st.DrawFn) -> StaticKeys:
    """Three keys of one AES length."""
    key = st.binary(min_size=(size := draw(st.sampled_from((16, 24, 32)))), max_size=size)
    return StaticKeys(draw(key), draw(key), draw(key))


@st.composite
def channels(draw: st.DrawFn, level: SecurityLevel) -> Channel:
    """One end of a fresh session."""
    return Channel(draw(key_sets()).session(draw(challenges), draw(challenges))).opened(level)


@st.composite
def commands(draw: st.DrawFn, level: SecurityLevel) -> CommandApdu:
    """A plain short command on the basic channel that fits the level."""
    return CommandApdu(
        cla=draw(st.sampled_from((0x00, 0x80, 0x10, 0x90))),
        ins=draw(st.integers(0, 255)),
        p1=draw(st.integers(0, 255)),
        p2=draw(st.integers(0, 255)),
        data=draw(st.binary(max_size=max_data(level))),
        le=draw(st.none() | st.integers(1, 256)),
    )


@st.composite
def responses(draw: st.DrawFn, level: SecurityLevel) -> ResponseApdu:
    """A plain response that a card may protect."""
    sw = draw(st.sampled_from((0x9000, 0x6310, 0x6200)) | st.integers(0x6300, 0x63FF))
    return ResponseApdu(draw(st.binary(max_size=max_response(level))), sw)
