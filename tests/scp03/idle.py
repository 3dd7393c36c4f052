"""A simulated card without a virtual machine: security domains only, for tests that need no applet."""

from __future__ import annotations

from harness.simulator.card import SimulatedCard
from harness.simulator.config import CardConfig
from harness.simulator.runtime import CardServices, Media, Package, RuntimeRefusal

_REFUSED = 0x6A81


class IdleRuntime:
    """A runtime that can run nothing and says so."""

    def load(self, package: Package, *, rom: bool = False) -> int:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def unload(self, package_aid: bytes) -> None:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def install(self, package_aid: bytes, module_aid: bytes, instance_aid: bytes, parameters: bytes) -> int:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def delete(self, instance_aid: bytes) -> None:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def select(self, instance_aid: bytes, command: bytes) -> bytes:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def deselect(self, command: bytes) -> None:
        """Nothing is ever selected."""

    def process(self, command: bytes) -> bytes:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def process_data(self, instance_aid: bytes, data: bytes) -> bytes:
        raise RuntimeRefusal(_REFUSED, "this card runs no applets")

    def cut_power_at(self, opportunity: int) -> None:
        """Nothing is ever written."""

    def unknown_cause(self) -> str:
        return ""

    def reset(self, media: Media) -> None:
        """Nothing is volatile."""

    def used_memory(self, instance_aid: bytes) -> int:
        return 0

    def save(self) -> bytes:
        return b""

    def restore(self, state: bytes) -> None:
        """There is no state."""

    def close(self) -> None:
        """There is nothing to let go of."""


def _make(services: CardServices, config: CardConfig, seed: bytes) -> IdleRuntime:
    return IdleRuntime()


def idle_card(config: CardConfig | None = None, *, seed: int = 1) -> SimulatedCard:
    """A card with its issuer security domain and nothing else."""
    return SimulatedCard(config, seed=seed, runtime=_make)
