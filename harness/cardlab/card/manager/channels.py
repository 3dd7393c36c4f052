"""Logical channels: each with a selected application, a secure channel and what commands left for the next ones."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from cardlab.card.entropy import Entropy
from cardlab.card.manager.progress import Progress, Storing
from cardlab.card.manager.registry import Application, CardRegistry, SecurityDomain
from cardlab.card.manager.session import SecureChannel

BASIC = 0


@dataclass(slots=True)
class LogicalChannel:
    """One that is open. ``selected`` is None when no application is; ``secure`` is the session of whoever is.

    ``arriving`` is selected when the deselect() of the one before has returned. ``progress`` is for the next command,
    which finds it in ``previous``.
    """

    number: int
    secure: SecureChannel
    selected: Application | None = None
    arriving: Application | None = None
    progress: Progress | None = None
    previous: Progress | None = None
    storing: Storing | None = None

    @property
    def has_applet(self) -> bool:
        """Whether an applet is selected, not a security domain."""
        return self.selected is not None and not isinstance(self.selected, SecurityDomain)

    def arrive(self) -> None:
        """Who was left has done its last: the next application's session begins."""
        if self.arriving is not None:
            self.end_session()
            self.selected, self.arriving = self.arriving, None

    def end_session(self) -> None:
        """The application session ends: what was under way with the one that was selected is forgotten."""
        self.secure.end()
        self.progress = self.storing = None

    def fork(self, registry: CardRegistry, entropy: Entropy) -> LogicalChannel:
        """A copy for a copy of the card. No command may be in progress."""
        selected = None if self.selected is None else registry.applications[self.selected.aid]
        progress, storing = deepcopy(self.progress), deepcopy(self.storing)
        return LogicalChannel(self.number, self.secure.fork(entropy), selected, progress=progress, storing=storing)
