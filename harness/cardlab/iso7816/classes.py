"""Class bytes and the logical channel in them (ISO/IEC 7816-4:2020, 5.4.1; GPCS 2.3.1, Tables 11-11 and 11-12)."""

from __future__ import annotations

MOST_CHANNELS = 20
PROPRIETARY = 0x80  # from here on a class is the application's; the channel is in it at the same place
_FURTHER = 0x40  # a further class: channels 4 to 19
_FIRST_FURTHER = 4
_RESERVED = range(0x20, 0x40)
_INVALID = 0xFF
_CHAINING, _SECURED = 0x10, 0x0C  # bits of a first class
_FURTHER_SECURED = 0x20


def is_valid(cla: int) -> bool:
    """Whether a class byte may be sent at all: FF is none, 20 to 3F are reserved."""
    return cla != _INVALID and cla not in _RESERVED


def channel_of(cla: int) -> int:
    """The logical channel, 0 to 19, that a valid class byte names."""
    return _FIRST_FURTHER + (cla & 0x0F) if cla & _FURTHER else cla & 0x03


def basic_class(cla: int) -> int:
    """The class byte that says the same on the basic channel; secure messaging is GlobalPlatform's (04)."""
    if not cla & _FURTHER:
        return cla & ~0x03
    return cla & (PROPRIETARY | _CHAINING) | (0x04 if cla & _FURTHER_SECURED else 0)


def class_on(cla: int, channel: int) -> int:
    """A class byte of the basic channel on another one; ValueError when it names a channel itself or cannot name one.

    The channels from 4 on have one bit for secure messaging, without a word on the header.
    """
    if not is_valid(cla) or cla & _FURTHER or cla & 0x03:
        raise ValueError(f"class {cla:02X} is none of the basic logical channel")
    if not 0 <= channel < MOST_CHANNELS:
        raise ValueError(f"there is no logical channel {channel}, only 0 to {MOST_CHANNELS - 1}")
    if channel < _FIRST_FURTHER:
        return cla | channel
    secured = _FURTHER_SECURED if cla & _SECURED else 0
    return cla & (PROPRIETARY | _CHAINING) | _FURTHER | secured | channel - _FIRST_FURTHER
