"""How a command handler says no."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer of the card, not an error of the program
    """The command is refused with a status word; nothing has changed. The reason is for whoever reads the log."""

    def __init__(self, sw: int, reason: str) -> None:
        super().__init__(f"{sw:04X}: {reason}")
        self.sw = sw
