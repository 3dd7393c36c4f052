"""``jpki card serve``: simulated cards with the JPKI applet in virtual readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cardlab.cli.card.serving import NewCard, Serving, serve_options

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard

_CONTENTS = ("empty", "phone", "card")


@click.command()
@click.option(
    "--profile",
    "content",
    type=click.Choice(_CONTENTS),
    help="What is on a new card: `empty`: its issuer security domain alone; `phone`: the JPKI applet without PINs and"
    " keys; `card` (default): the applet with test PINs, keys and certificates.",
)
@serve_options
def command(service: Serving, content: str | None) -> None:  # the explanation is that of the options
    from jpki.cards import class_library
    from jpki.client.constants import Instruction

    names: dict[int, str] = {Instruction.SIGN_WITH_INDICATOR: "SIGN WITH INDICATOR"}
    library = class_library(service.cap_files)
    service.run(_Maker(content or "card"), library, names=names, chosen=content is not None)


class _Maker:
    """Makes cards with a content, and tells once which PINs they have."""

    def __init__(self, content: str) -> None:
        self._content = content

    def __call__(self, number: int, new: NewCard) -> SimulatedCard:
        from jpki.cards import Content, new_card

        content = Content(self._content)
        config, runtime = new.config, new.runtime
        card = new_card(content, new.library, seed=new.seed, media=new.media, runtime=runtime, config=config)
        if content is Content.CARD and number == 0:
            _tell_pins()
        return card


def _tell_pins() -> None:
    from jpki.client.sample import SAMPLE_PINS

    pins = ", ".join(f"{slot.pin_name} {pin.decode()}" for slot, pin in SAMPLE_PINS.items())
    click.echo(f"new cards have these PINs: {pins}", err=True)
