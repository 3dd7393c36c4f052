"""``cardlab card serve``: simulated cards in virtual readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardlab.cli.card.serving import Service, serve_options

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard
    from cardlab.runtime.interface import Media
    from cardlab.runtime.jcardsim.library import ClassLibrary


@click.command()
@serve_options
def command(service: Service) -> None:  # the explanation is that of the options
    from cardlab.runtime.jcardsim.library import ClassLibrary

    service.run(_empty, ClassLibrary.from_cap(*service.cap_files))


def _empty(_number: int, seed: int | None, media: Media, library: ClassLibrary, runtime: str | None) -> SimulatedCard:
    """A card with its issuer security domain alone."""
    from cardlab.card.card import SimulatedCard

    card = SimulatedCard(seed=seed, runtime=runtime, classes=library)
    card.reset(media)
    return card
