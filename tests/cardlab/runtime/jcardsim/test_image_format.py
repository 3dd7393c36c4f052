"""What ImageReader refuses (docs/reference/runtime.md): a card's image that was tampered with."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.errors import IntegrityError
from tests.conformance.conftest import MakeCard


@pytest.fixture(scope="module")
def small(make_card_always: MakeCard) -> bytes:
    """A small saved card."""
    card = make_card_always("Statics", "TransientKeys")
    card.start("Statics")
    card.ask(0)
    card.install("TransientKeys")
    return card.runtime.save()


@settings(max_examples=150)
@given(data=st.data())
def test_nonsense_with_a_right_checksum_is_refused_or_harmless(
    make_card_always: MakeCard, small: bytes, data: st.DataObject
) -> None:
    """Someone who can compute a checksum gets an IntegrityError or a card, never another exception."""
    content = bytearray(small[:-32])
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(8, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(8, len(content)))
    image = bytes(content[:cut])
    card = make_card_always()
    try:
        card.runtime.restore(image + sha256(image).digest())
    except IntegrityError:
        card.runtime.restore(small)
    card.runtime.close()


def test_the_format_has_a_version(make_card: MakeCard, small: bytes) -> None:
    other = small[:8] + b"\x00\x63" + small[10:-32]
    with pytest.raises(IntegrityError, match="version 99"):
        make_card().runtime.restore(other + sha256(other).digest())


@pytest.mark.parametrize("image", [b"", b"something else entirely" * 10])
def test_what_is_no_card_is_named(make_card: MakeCard, image: bytes) -> None:
    with pytest.raises(IntegrityError, match="not the heap of a card"):
        make_card().runtime.restore(image)
