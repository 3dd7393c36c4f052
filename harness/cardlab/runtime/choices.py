"""Platform choices: what the specifications leave to the card, each with a name and a default.

A runtime says which of them it can do otherwise than by default (``Backend.settable``); a card that asks for more is
not made. A named set of choices is a card profile (``cardlab.card.profiles``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum, unique
from typing import Any, cast

from cardlab.errors import UsageError
from cardlab.runtime.media import TransmissionProtocol


@unique
class AbsentLe(Enum):
    """What becomes of response data when the command has no Le field (case 1 and 3 of ISO/IEC 7816-3:2006, 12.1)."""

    SEND = "send"  # as if Le were 256, or 65,536 in an extended command: what cards that are sold do
    DROP = "drop"  # the status word alone, by the letter


@unique
class ShortLe(Enum):
    """What is answered when there are more response data than Le (ISO/IEC 7816-4:2020, 5.6).

    Over T=0 also when there are fewer: the card sends as many as were announced (ISO/IEC 7816-3:2006, 12.2.3).
    """

    CUT = "cut"  # as many as Le says
    WRONG_LENGTH = "6cxx"  # 6Cxx; the terminal repeats the command with that Le, and the applet is not asked again


@unique
class LongResponse(Enum):
    """How response data beyond Le reach the terminal, and over T=0 those of a command that brought data."""

    WHOLE = "whole"  # not beyond Le; with a command that brought data in one answer, as T=1 does
    GET_RESPONSE = "61xx"  # 61xx, fetched with GET RESPONSE (ISO/IEC 7816-4:2020, 5.3.4; 7816-3:2006, 12.2.4)


@unique
class RegisterWithoutAid(Enum):
    """Which AID an instance has after Applet.register() without one (Java Card API 3.0.5)."""

    INSTANCE_AID = "instance"  # that of INSTALL, as cards do
    MODULE_AID = "module"  # the AID in the CAP file, by the letter: an INSTALL with another one is refused


@unique
class EcdsaFailure(Enum):
    """What Signature.verify() does with a signature that is no DER encoding of two numbers."""

    FALSE = "returns false"
    THROW = "throws"


@unique
class RsaKeyMemory(Enum):
    """When an RSA key takes its memory."""

    BUILD = "build"  # in KeyBuilder.buildKey()
    GENERATION = "generation"  # when it is generated, or its first part set


@unique
class PinValue(Enum):
    """What an OwnerPIN's check() compares with before update() gave it a value; the API does not say."""

    ZEROS = "zeros"  # as many zeros as the longest PIN has bytes: whoever knows that is let in
    EMPTY = "empty"  # nothing, so a check of no bytes is right
    NONE = "none"  # there is none: no check is right


@unique
class SessionInDeselect(Enum):
    """What an applet that is left finds of its secure channel session while deselect() runs (GPCS 10.2.3)."""

    OPEN = "open"  # the session: it ends when deselect() has returned
    ENDED = "ended"  # the object, without a session
    NULL = "null"  # GPSystem.getSecureChannel() returns null


@dataclass(frozen=True, slots=True)
class PlatformChoices:
    """Lengths and sizes are in bytes. Raises UsageError when a value cannot be a card's.

    ``protocol`` is that of the contact interface. ``apdu_buffer`` is the length of APDU.getBuffer(), ``incoming_block``
    what arrives in it at a time: below 254 in short commands too, and not before the applet asks. ``install_array`` is
    the least length of the array that Applet.install() is given, which on cards is longer than what is in it.
    ``transient_deselect`` is for each package. ``select_in_deselect``: the SELECT is in the APDU buffer while
    deselect() runs. ``count_empty_pin``: OwnerPIN.check() of no bytes uses a try. ``integers``: the type int is
    supported (JCVM 3.0.5, 2.2.3.1). ``checks``: bytecode is checked while it runs, whatever a verifier said.
    ``channels``: logical channels with the basic one; a runtime without any has that one (Feature.CHANNELS).
    ``missing_algorithms``: what the card lacks, separated by commas, by the names of the API's constants with their
    class: ``Signature.ALG_HMAC_SHA1``, ``KeyBuilder.ALG_TYPE_RSA_PUBLIC/4096``.
    """

    protocol: TransmissionProtocol = TransmissionProtocol.T1
    absent_le: AbsentLe = AbsentLe.SEND
    short_le: ShortLe = ShortLe.CUT
    long_response: LongResponse = LongResponse.WHOLE
    apdu_buffer: int = 261
    incoming_block: int = 254
    install_array: int = 261
    register_without_aid: RegisterWithoutAid = RegisterWithoutAid.INSTANCE_AID
    select_in_deselect: bool = True
    session_in_deselect: SessionInDeselect = SessionInDeselect.OPEN
    pin_value: PinValue = PinValue.ZEROS
    count_empty_pin: bool = True
    commit_capacity: int = 16 * 1024
    transient_reset: int = 8 * 1024
    transient_deselect: int = 8 * 1024
    object_deletion: bool = True
    integers: bool = False
    checks: bool = True
    channels: int = 4
    ecdsa_failure: EcdsaFailure = EcdsaFailure.FALSE
    rsa_key_memory: RsaKeyMemory = RsaKeyMemory.BUILD
    missing_algorithms: str = ""

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"platform choice {name}={value}", hint=f"it is a number from {least} to {most}")

    @property
    def delivers_in_parts(self) -> bool:
        """Whether an answer may take more than one command to fetch."""
        return self.short_le is ShortLe.WRONG_LENGTH or self.long_response is LongResponse.GET_RESPONSE

    def as_words(self) -> dict[str, str | int | bool]:
        """For a file: numbers and truth values as they are, everything else by its name there."""
        return {one.name: _to_word(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_words(cls, words: Mapping[str, object]) -> PlatformChoices:
        """What ``as_words`` wrote; what is missing is the default. UsageError for what no choice has or is."""
        defaults = {one.name: one.default for one in fields(cls)}
        if unknown := ", ".join(sorted(words.keys() - defaults.keys())):
            raise UsageError(f"there is no platform choice {unknown}", hint=f"they are {', '.join(defaults)}")
        given: dict[str, Any] = {name: _from_word(name, word, defaults[name]) for name, word in words.items()}
        return cls(**given)

    def changed(self) -> dict[str, object]:
        """The choices that are not the default."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default}


def _to_word(value: object) -> str | int | bool:
    if isinstance(value, TransmissionProtocol):
        return value.name
    return value.value if isinstance(value, Enum) else cast("int | bool", value)


def _from_word(name: str, word: object, default: object) -> object:
    """The value of the default's type that a word stands for; raises UsageError."""
    if isinstance(default, Enum):
        for one in type(default):
            if _to_word(one) == word:
                return one
        able = ", ".join(str(_to_word(one)) for one in type(default))
        raise UsageError(f"platform choice {name}={word!r}", hint=f"it is one of {able}")
    if type(word) is not type(default):
        raise UsageError(f"platform choice {name}={word!r}", hint=f"write it like {default!r}")
    return word


_RANGES = {
    "channels": (1, 20),  # ISO/IEC 7816-4:2020, 5.4.1
    "apdu_buffer": (133, 32_767),  # JCRE 3.0.5, 4.4: 133 at least, and what a short can index
    "incoming_block": (1, 32_767),
    "install_array": (0, 32_767),
    "commit_capacity": (1, 1 << 24),
    "transient_reset": (1, 1 << 24),
    "transient_deselect": (1, 1 << 24),
}
