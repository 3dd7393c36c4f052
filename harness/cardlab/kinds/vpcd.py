"""``--card vpcd``: simulated cards in virtual readers, reached through PC/SC as a real card is."""

from __future__ import annotations

from cardlab.lab.capability import ALL_CAPABILITIES, Capability
from cardlab.lab.kind import CardKind, CardOption, CardSupply, ForTests, SupplyOptions


def _supply(_argument: str, options: SupplyOptions) -> CardSupply:
    from cardlab.kinds.sim import SimulatedCards
    from cardlab.lab.virtual import CardsInReaders

    return CardsInReaders(SimulatedCards.of(options))


KIND = CardKind(
    name="vpcd",
    about="simulated cards in virtual readers: everything passes through PC/SC",
    tests=ForTests(
        usage="vpcd",
        capabilities=ALL_CAPABILITIES - {Capability.FORK},
        supply=_supply,
        options=frozenset({CardOption.INSTALLER, CardOption.RUNTIME, CardOption.PROFILE}),
    ),
)
