"""The card that is measured: the JPKI applet in card profile, installed through SCP03, on a simulated card."""

from __future__ import annotations

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.runtime.backend import Backend
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable
from cardlab.transport import Transport
from jpki.client.constants import Profile
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.sample import SAMPLE_PINS as PINS
from jpki.client.sample import install_applet
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable

__all__ = ["PINS", "blank_card", "card_with_applet", "install", "personalise"]


def blank_card(applet: Executable, seed: int = 0, runtime: Backend | None = None) -> SimulatedCard:
    """A card that can execute the applet once it is loaded."""
    return SimulatedCard(CardConfig(), seed=seed, runtime=runtime, classes=ClassLibrary([applet]))


def install(card: Transport, applet: Executable) -> None:
    """Load and install the applet through SCP03 and select it."""
    install_applet(card, DEFAULT_KEYS, Profile.CARD, applet)
    JpkiClient(card).select()


def card_with_applet(seed: int = 0) -> SimulatedCard:
    """A card with the applet installed and selected."""
    applet = jpki_executable()
    card = blank_card(applet, seed)
    install(card, applet)
    return card


def personalise(card: Transport, *, pins: bool = True) -> JpkiPersonalisation:
    """Open the TSM's channel to the applet, which is selected, and set both PINs unless they are."""
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.FULL))
    for slot, pin in PINS.items() if pins else ():
        tsm.set_pin(slot, pin)
    return tsm
