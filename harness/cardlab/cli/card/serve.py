"""``cardlab card serve``: simulated cards in virtual readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardlab.cli.card.serving import NewCard, Serving, serve_options

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard


@click.command()
@serve_options
def command(service: Serving) -> None:  # the explanation is that of the options
    from cardlab.runtime.jcardsim.library import ClassLibrary

    service.run(_empty, ClassLibrary.as_far_as_known(*service.cap_files))


def _empty(_number: int, new: NewCard) -> SimulatedCard:
    """A card with its issuer security domain alone."""
    from cardlab.card.card import SimulatedCard

    return SimulatedCard(new.config, seed=new.seed, media=new.media, runtime=new.runtime, classes=new.library)
