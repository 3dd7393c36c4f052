"""A card that answers from a list."""

from __future__ import annotations

from collections.abc import Iterable

from cardlab.errors import TransportError

ATR = bytes.fromhex("3BE000FF8131FE4514")
ATR_AFTER_RESET = bytes.fromhex("3B8080")


class ScriptedCard:
    """Answers with the given responses in turn; when they run out, the link is lost."""

    def __init__(self, responses: Iterable[bytes] = ()) -> None:
        self.responses = list(responses)
        self.commands: list[bytes] = []
        self.closed = 0
        self.atr = ATR

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        if not self.responses:
            raise TransportError("the link was lost")
        return self.responses.pop(0)

    def reset(self) -> bytes:
        self.atr = ATR_AFTER_RESET
        return self.atr

    def close(self) -> None:
        self.closed += 1


class Clock:
    """Goes on by the given nanoseconds each time it is read."""

    def __init__(self, *steps: int) -> None:
        self._steps = list(steps)
        self._now = 0

    def __call__(self) -> int:
        self._now += self._steps.pop(0)
        return self._now
