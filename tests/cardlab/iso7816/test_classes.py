"""Class bytes and the logical channels that they name (ISO/IEC 7816-4:2020, 5.4.1)."""

from __future__ import annotations

import pytest

from cardlab.iso7816.classes import basic_class, channel_of, class_on, is_valid

BASIC = (0x00, 0x04, 0x10, 0x14, 0x80, 0x84, 0x90, 0x94)
"""Interindustry and proprietary, secure messaging of GlobalPlatform, command chaining."""


def test_what_is_no_class() -> None:
    assert [cla for cla in range(256) if not is_valid(cla)] == [*range(0x20, 0x40), 0xFF]


@pytest.mark.parametrize("cla", BASIC)
def test_a_class_on_each_channel_names_it_and_says_the_same(cla: int) -> None:
    there = [class_on(cla, channel) for channel in range(20)]
    assert [channel_of(one) for one in there] == [*range(20)]
    assert {basic_class(one) for one in there} == {cla}
    assert there[0] == cla


def test_the_forms_of_the_standard() -> None:
    """Table 2: 000x xxnn; Table 3: 01xx nnnn, where bit 6 is secure messaging."""
    assert [class_on(0x04, channel) for channel in (0, 3, 4, 19)] == [0x04, 0x07, 0x60, 0x6F]
    assert [class_on(0x90, channel) for channel in (0, 3, 4, 19)] == [0x90, 0x93, 0xD0, 0xDF]


@pytest.mark.parametrize("channel", [-1, 20])
def test_channels_that_no_class_names(channel: int) -> None:
    with pytest.raises(ValueError, match="only 0 to 19"):
        class_on(0, channel)


@pytest.mark.parametrize("cla", [0x01, 0x40, 0x20, 0xFF])
def test_classes_of_other_channels_and_of_none(cla: int) -> None:
    with pytest.raises(ValueError, match="none of the basic logical channel"):
        class_on(cla, 1)
