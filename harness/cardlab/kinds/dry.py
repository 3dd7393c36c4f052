"""``--card dry:READER``: shows what tests would send to a real card, and reaches no reader.

``--card pcsc:READER --dry-run`` is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.globalplatform.key_source import TEST_KEYS, read_keys
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.lab.capability import OF_REAL_CARDS, Capability
from cardlab.lab.guard import Guard
from cardlab.lab.kind import CardKind, CardOption, CardOrder, ForTests, Sharing, SupplyOptions
from cardlab.lab.rig import PlainRig, Rig, lacking
from cardlab.transport import Layer, Transport
from cardlab.transport.names import command_name


class DryRun:
    """A simulated card stands in for the real one, and what would go there is told. The reader is left alone."""

    capabilities = OF_REAL_CARDS

    def __init__(self, reader: str, options: SupplyOptions) -> None:
        self._reader = reader
        self._keys = read_keys(options.keys) if options.keys else TEST_KEYS
        self._tell = options.runner.tell
        self._runtime = options.runtime

    @property
    def keys(self) -> StaticKeys:
        """Those of ``--card-keys``, or the public test keys: nothing is sent anywhere."""
        return self._keys

    def open(self, order: CardOrder) -> Rig:
        """A stand-in, behind the same guard."""
        config = CardConfig(keys=self._keys)
        card = SimulatedCard(config, seed=order.seed, runtime=self._runtime, classes=order.classes)
        self._tell(f"{order.test}, to {self._reader}:")
        return PlainRig(Guard(Told(card, self._tell), self._keys, frozenset((config.isd_aid,))))

    def restore(self, image: Path, order: CardOrder) -> Rig:
        """Raises UsageError, as with a real card."""
        raise lacking(Capability.INSIDE)

    def close(self) -> None:
        """Nothing is open."""


class Told(Layer):
    """Tells of every command that passes: its name and header, and how much data goes with it."""

    def __init__(self, lower: Transport, tell: Callable[[str], object]) -> None:
        super().__init__(lower)
        self._tell = tell

    def transmit(self, command: bytes) -> bytes:
        name = command_name(command[1]) if len(command) > 1 else "?"
        self._tell(f"  {command[:4].hex().upper()} +{max(0, len(command) - 4)} bytes  {name}")
        return self._lower.transmit(command)

    def reset(self) -> bytes:
        self._tell("  reset")
        return self._lower.reset()


KIND = CardKind(
    name="dry",
    about="a real card that nothing is sent to: shows what would be",
    tests=ForTests(
        usage="dry:READER",
        capabilities=DryRun.capabilities,
        supply=DryRun,
        options=frozenset({CardOption.KEYS, CardOption.RUNTIME}),
        sharing=Sharing.ONE_PROCESS,
    ),
)
