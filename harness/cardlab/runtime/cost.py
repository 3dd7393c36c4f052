"""What commands cost a card, for reports of timing, of wear, and of what leaks through either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol, runtime_checkable

from cardlab.cap.instruction_kind import InstructionKind, kind_of
from cardlab.cap.opcodes import Opcode


@dataclass(frozen=True, slots=True)
class CryptoOperation:
    """One call that an algorithm had to work for: each update(), sign(), doFinal(), generateData(), ….

    ``algorithm`` is named as the API names it, ``length`` are the bytes that this call gave it, or the bytes wanted of
    random data; of a key pair the bytes of its key length.
    """

    algorithm: str
    length: int


@dataclass(frozen=True, slots=True)
class WornCells:
    """Neighbouring bytes of persistent memory that were written equally often.

    ``where`` says what they are now: a field, elements of an array, the header of an object, the journal; with names as
    far as they are known. ``address`` and ``length`` are in bytes.
    """

    where: str
    address: int
    length: int
    writes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command, or of several.

    What an API method does inside are no instructions: it shows in ``writes`` and ``crypto`` only. ``writes`` are
    persistent writes, whatever their length; one at which the power was cut counts.
    """

    by_opcode: Mapping[Opcode, int]
    writes: int
    wear: tuple[WornCells, ...]
    crypto: tuple[CryptoOperation, ...]

    @property
    def instructions(self) -> int:
        """How many bytecode instructions were executed."""
        return sum(self.by_opcode.values())

    @property
    def by_mnemonic(self) -> dict[str, int]:
        """Instructions by their names, the most frequent first."""
        return {one.mnemonic: count for one, count in Counter(self.by_opcode).most_common()}

    @property
    def by_kind(self) -> dict[InstructionKind, int]:
        """Instructions by their kinds, the most frequent first."""
        found: Counter[InstructionKind] = Counter()
        for opcode, count in self.by_opcode.items():
            found[kind_of(opcode)] += count
        return dict(found.most_common())

    @property
    def most_worn(self) -> WornCells | None:
        """The cells written most often, the first of several; None when nothing was written."""
        return max(self.wear, key=lambda cells: cells.writes, default=None)

    def lines(self) -> list[str]:
        """For people: a line for each kind of cost."""
        kinds = ", ".join(f"{kind.value} {count:,}" for kind, count in self.by_kind.items())
        cells = ", ".join(f"{one.where} {one.writes}" for one in self.wear)
        operations = Counter(f"{one.algorithm} of {one.length} bytes" for one in self.crypto)
        crypto = ", ".join(f"{count} × {what}" if count > 1 else what for what, count in operations.items())
        return [
            f"instructions  {self.instructions:,}" + (f": {kinds}" if kinds else ""),
            f"writes        {self.writes:,}" + (f": {cells}" if cells else ""),
            f"cryptography  {crypto or 'none'}",
        ]

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "instructions": self.instructions,
            "by_mnemonic": self.by_mnemonic,
            "by_kind": {kind.value: count for kind, count in self.by_kind.items()},
            "writes": self.writes,
            "wear": [asdict(one) for one in self.wear],
            "crypto": [asdict(one) for one in self.crypto],
        }

    def written(self, where: str) -> int:
        """How often the cell of this name was written that was written most often; 0: not at all."""
        return max((one.writes for one in self.wear if one.where == where), default=0)


@runtime_checkable
class Metered(Protocol):
    """A card that tells what its commands cost."""

    def keep_cost(self, *, wanted: bool = True) -> None:
        """Add up from the next command on, beginning with nothing."""

    def cost(self) -> Cost:
        """Of all commands since."""
