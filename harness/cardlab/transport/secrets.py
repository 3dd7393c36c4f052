"""Which commands carry what must not be seen: rules about headers, to which an applet adds its own.

A rule is ``INS``, ``CLA INS``, ``CLA INS P1`` or ``CLA INS P1 P2`` in hexadecimal, in which x stands for any digit: the
data of such commands is hidden. With ``show`` before it, it is not. The last rule that fits counts. Unless one says
otherwise, what carries PINs, keys and personalisation data in ISO/IEC 7816-4 and GPCS is hidden, whatever the class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from cardlab.errors import UsageError

# VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (ISO/IEC 7816-4:2020, 11.6); PUT KEY, STORE DATA (GPCS 11.8, 11.11)
_BY_DEFAULT = ("20", "24", "2C", "D8", "E2")
_RULE = re.compile(r"(?P<show>show\s+)?(?P<what>INS_\w+|[0-9A-Fa-fxX\s]+)")
_PLACES = {2: "xx{}xxxx", 4: "{}xxxx", 6: "{}xx", 8: "{}"}  # digits given: where they stand among the header's eight
_HOW = 'write "30", "8030" or "803001xx" (INS, CLA INS, the whole header), "show 8020" for data that is harmless'


@dataclass(frozen=True, slots=True)
class SecretRule:
    """Eight digits of a header in capitals, x for any, and whether the data of such commands is hidden."""

    header: str
    hides: bool

    @classmethod
    def parse(cls, text: str, instructions: Mapping[str, int] | None = None) -> Self:
        """From what people write; ``instructions`` are names (``INS_PUT_SEED``) that may stand for a byte.

        Raises UsageError that says what to write.
        """
        found = _RULE.fullmatch(text.strip())
        if found is None:
            raise UsageError(f"{text!r} does not say which commands carry secrets", hint=_HOW)
        digits = _digits(found["what"], instructions or {})
        if len(digits) not in _PLACES:
            raise UsageError(f"{text!r} does not say which commands carry secrets", hint=_HOW)
        return cls(_PLACES[len(digits)].format(digits), not found["show"])

    def fits(self, header: str) -> bool:
        """Whether it is about the command with this header, eight digits in capitals."""
        return all(mask in ("x", digit) for mask, digit in zip(self.header, header, strict=True))

    def __str__(self) -> str:
        return self.header if self.hides else f"show {self.header}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The usual rules and, after them, an applet's own."""

    own: tuple[SecretRule, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str], instructions: Mapping[str, int] | None = None) -> Self:
        """See SecretRule.parse."""
        return cls(tuple(SecretRule.parse(text, instructions) for text in texts))

    def hide(self, header: bytes) -> bool:
        """Whether the data of a command with these four bytes at its beginning must not be seen."""
        digits = header.hex().upper()
        return next((rule.hides for rule in reversed((*_USUAL, *self.own)) if rule.fits(digits)), False)

    def __add__(self, other: Secrets) -> Secrets:
        return Secrets(self.own + other.own)

    def __str__(self) -> str:
        """The own rules, as ``parse`` takes them one by one, with commas."""
        return ", ".join(map(str, self.own))


def _digits(what: str, instructions: Mapping[str, int]) -> str:
    if not what.startswith("INS_"):
        return "".join(what.split()).upper().replace("X", "x")
    if what not in instructions:
        known = ", ".join(sorted(instructions)) or "none"
        raise UsageError(f"the sources have no instruction {what}", hint=f"they have {known}")
    return f"{instructions[what]:02X}"


_USUAL = tuple(map(SecretRule.parse, _BY_DEFAULT))
