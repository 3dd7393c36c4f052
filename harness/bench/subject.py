"""The card that is measured: the JPKI applet in card profile, installed through SCP03, on a simulated card."""

from __future__ import annotations

from harness.globalplatform.client import GlobalPlatformClient
from harness.globalplatform.secure_channel import SecureChannelLayer
from harness.jpki.client import JpkiClient
from harness.jpki.constants import INSTANCE_AID, MODULE_AID, PACKAGE_AID, Profile, Slot
from harness.jpki.package import jpki_executable
from harness.jpki.personalisation import JpkiPersonalisation
from harness.scp03 import SecurityLevel
from harness.simulator.card import SimulatedCard
from harness.simulator.config import DEFAULT_KEYS, CardConfig
from harness.simulator.library import ClassLibrary, Executable
from harness.transport import Transport

PINS = {Slot.SIGNING: b"PASSWORD1", Slot.AUTHENTICATION: b"1234"}


def blank_card(applet: Executable, seed: int = 0) -> SimulatedCard:
    """A card that can execute the applet once it is loaded."""
    return SimulatedCard(CardConfig(), seed=seed, classes=ClassLibrary([applet]))


def install(card: Transport, applet: Executable) -> None:
    """Load and install the applet through SCP03 and select it."""
    manager = GlobalPlatformClient(card)
    manager.select()
    manager.authenticate(DEFAULT_KEYS, level=SecurityLevel.C_MAC)
    manager.load(applet.package.aid, applet.data_block)
    manager.install(PACKAGE_AID, MODULE_AID, INSTANCE_AID, parameters=Profile.CARD.parameters)
    JpkiClient(card).select()


def card_with_applet(seed: int = 0) -> SimulatedCard:
    """A card with the applet installed and selected."""
    applet = jpki_executable()
    card = blank_card(applet, seed)
    install(card, applet)
    return card


def personalise(card: Transport) -> JpkiPersonalisation:
    """Open the TSM's channel to the applet, which is selected, and set both PINs."""
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.FULL))
    for slot, pin in PINS.items():
        tsm.set_pin(slot, pin)
    return tsm
