"""One line in the log for every command (``--log-level TRAFFIC``)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import perf_counter_ns

from cardlab.iso7816.status import describe
from cardlab.transport import Layer, Transport
from cardlab.transport.names import COMMAND_NAMES, Redactor, command_name

TRAFFIC = 5  # below DEBUG
_FIRST_ERROR = 0x64  # SW1 from here on means that the command was not carried out (ISO/IEC 7816-4:2020, Table 6)
LOGGER_NAME = "cardlab.traffic"


def install_traffic_level() -> None:
    """Let ``logging`` know the level by its name; the command line calls this once."""
    logging.addLevelName(TRAFFIC, "TRAFFIC")


class TrafficLog(Layer):
    """Writes ``SELECT 00A4… -> 9000 (success) 6F10…, 0.4 ms`` for each command; secrets are left out.

    ``names`` are added to the names of ISO and GlobalPlatform commands. Above a secure channel it sees plain messages,
    below it what goes to the card. Of each message ``shown`` bytes are written at most, 0: all.
    """

    def __init__(
        self,
        lower: Transport,
        *,
        logger: logging.Logger | None = None,
        names: Mapping[int, str] | None = None,
        show_secrets: bool = False,
        shown: int = 0,
        clock: Callable[[], int] = perf_counter_ns,
    ) -> None:
        super().__init__(lower)
        self._logger = logger or logging.getLogger(LOGGER_NAME)
        self._names = {**COMMAND_NAMES, **(names or {})}
        self._redactor = Redactor(show_secrets=show_secrets)
        self._digits = 2 * shown
        self._clock = clock

    def transmit(self, command: bytes) -> bytes:
        name = command_name(command[1], self._names) if len(command) > 1 else "?"
        text = self._short(self._redactor.command(command))
        started = self._clock()
        try:
            response = self._lower.transmit(command)
        except Exception as error:
            self._logger.log(TRAFFIC, "%s %s -> %s: %s", name, text, type(error).__name__, error)
            raise
        took = (self._clock() - started) / 1e6
        self._redactor.seen(command, response)
        data, sw = self._short(response[:-2].hex().upper()), describe(int.from_bytes(response[-2:], "big"))
        reason = self._reason(response)
        self._logger.log(TRAFFIC, "%s %s -> %s%s, %.1f ms%s", name, text, sw, data and f" {data}", took, reason)
        return response

    def _reason(self, response: bytes) -> str:
        """What the card below says of a refusal beside the status word."""
        if len(response) < 2 or response[-2] < _FIRST_ERROR:
            return ""
        reason = self.explain().removeprefix(f"{response[-2:].hex().upper()}: ")
        return f"; {reason}" if reason else ""

    def _short(self, text: str) -> str:
        if not self._digits or len(text) <= self._digits:
            return text
        return f"{text[: self._digits]}… ({len(text) // 2} bytes)"

    def reset(self) -> bytes:
        atr = self._lower.reset()
        self._redactor.reset()
        self._logger.log(TRAFFIC, "reset -> %s", atr.hex().upper())
        return atr
