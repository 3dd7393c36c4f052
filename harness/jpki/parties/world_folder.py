"""What is where in the folder of a world: ``phones/NAME`` and ``residents/NAME``, each with its ``card``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import UsageError
from cardlab.system_errors import explained
from jpki.parties.world_ledger import NAME, Ledger

PHONES, RESIDENTS = "phones", "residents"


@dataclass(frozen=True, slots=True)
class WorldFolder:
    """Who is in a world: everybody whom its ledger names. For those who only look, too."""

    path: Path

    @property
    def ca_records(self) -> Path:
        """The CA's file."""
        return self.path / "ca.sqlite"

    def require(self) -> None:
        """Raises UsageError when no world is there, IntegrityError when it has lost its ledger."""
        if not self._is_used():
            raise UsageError(f"{self.path} holds no world", hint="make one with: jpki world new --world FOLDER")
        Ledger.read(self.path)

    def make(self) -> None:
        """Make the folder and an empty ledger where nothing is yet; raises UsageError when that cannot be."""
        try:
            for kind in (PHONES, RESIDENTS):
                (self.path / kind).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explained(error, f"{self.path} cannot hold a world") from error
        if not self._is_used():
            Ledger(self.path).write()

    def names(self, kind: str) -> tuple[str, ...]:
        """All of a kind."""
        return Ledger.read(self.path).names(kind)

    def _is_used(self) -> bool:
        """Whether there is a world, or something that a world has."""
        try:
            inside = [one for kind in (PHONES, RESIDENTS) for one in (self.path / kind).glob("*")]
            return (self.path / NAME).exists() or bool([*self.path.glob("*.sqlite"), *inside])
        except OSError as error:
            raise explained(error, f"{self.path} cannot hold a world") from error
