"""Cards that a run can start from. Key generation takes longest, so cards are made once, then copied or restored."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cardlab.card.config import CardConfig
from cardlab.globalplatform.installation import Installation
from cardlab.iso7816.tlv import encode
from cardlab.pytest_plugin import CardSource, LabCard, Prepared
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.executable import Executable, Module, Package
from jpki.client.installation import jpki_installation
from jpki.model.jpki import JpkiModel, Platform
from jpki.model.state import ModelState, Profile, Slot, Suite
from jpki.package import jpki_executable
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.machine_driver import Driver

PLATFORM_KEY_VERSION = 0x30
OTHER_AID = bytes.fromhex("F000000001010F")
OTHER_PACKAGE_AID = bytes.fromhex("F00000000101")
_OTHER_SOURCE = """package other;
public class Other extends javacard.framework.Applet {
    public static void install(byte[] parameters, short offset, byte length) {
        new Other().register(parameters, (short) (offset + 1), parameters[offset]);
    }
    public void process(javacard.framework.APDU apdu) {
        if (!selectingApplet()) javacard.framework.ISOException.throwIt((short) 0x6D00);
    }
}
"""
SIGNING_PIN, AUTHENTICATION_PIN = b"PASSWORD1", b"1234"
FULL_LEVEL = 0x33


@dataclass(frozen=True, slots=True)
class Start:
    """What a run starts from: install parameters, whether the slots are filled already, which of several such cards."""

    profile: Profile
    filled: bool
    seed: int
    contact_medium: int | None = None
    suite: Suite = Suite.RSA_2048

    @property
    def parameters(self) -> bytes:
        """What the applet is installed with (docs/reference/applet.md)."""
        first = self.profile | self.suite
        return bytes((first,) if self.contact_medium is None else (first, self.contact_medium))


@dataclass(slots=True)
class Cards:
    """Makes cards with the applet of one folder of class files (None: the applet itself)."""

    folder: Path
    source: CardSource
    classes: Path | None = None
    _prepared: dict[Start, Prepared[ModelState]] = field(default_factory=dict)
    _packages: tuple[Executable, ...] = ()

    def driver(self, start: Start) -> Driver:
        """A card in the state that ``start`` names, the model's state beside it, the issuer's domain selected."""
        if start not in self._prepared:
            self._prepared[start] = self._prepare(start)
        card, state = self._prepared[start].card()
        driver = self._driver(card, start, state)
        for name in Slot:
            if key := state.slot(name).key:
                driver.properties.indicator.know(name, key.halves)
        return driver

    def _prepare(self, start: Start) -> Prepared[ModelState]:
        if not self._packages:
            self._packages = (jpki_executable(self.classes), Executable(other_package(self.folder)))
        return Prepared(
            self.source,
            ClassLibrary(self._packages),
            lambda card: self._made(card, start),
            seed=start.seed,
            image=self.folder / f"{start.parameters.hex()}-{start.filled}-{start.seed}.card",
            config=CardConfig(key_version=PLATFORM_KEY_VERSION),
        )

    def _made(self, card: LabCard, start: Start) -> ModelState:
        """Load and install both applets, and fill this one's slots if that is wanted."""
        client = JpkiCard(card).issuer()
        for one in self._packages:
            client.load(one.package.aid, one.data_block)
        client.install(jpki_installation(start.parameters))
        client.install(Installation(OTHER_PACKAGE_AID, OTHER_AID, OTHER_AID))
        card.reset()
        driver = self._driver(card, start, self._model(start).initial())
        if start.filled:
            fill(driver)
            driver.reset()
        return driver.state

    def _driver(self, card: LabCard, start: Start, state: ModelState) -> Driver:
        return Driver(card, self._model(start), state, card.keys)

    def _model(self, start: Start) -> JpkiModel:
        issuer = CardConfig().isd_aid
        platform = Platform((issuer, OTHER_AID), (0, PLATFORM_KEY_VERSION))
        return JpkiModel(platform, start.profile, start.contact_medium, start.suite)


def fill(driver: Driver) -> None:
    """Both keys, certificates and PINs (ACTIVE), as an issuance leaves them."""
    driver.select()
    driver.open_channel(FULL_LEVEL)
    for place, template in enumerate((b"\xb6\x00", b"\xa4\x00")):
        driver.tsm(0x46, 0x80, 0, template)
        if driver.model.suite is Suite.RSA_2048:
            driver.tsm(0x46, 0x81, 1, template)
        for file in ((0x0001, 0x0002), (0x000A, 0x000B))[place]:
            content = encode(0x30, bytes((file,)) * 100)
            driver.tsm(0xE2, 0x80, 0, file.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content)
    pins = {0x9B: SIGNING_PIN, 0x98: AUTHENTICATION_PIN}
    for reference, pin in pins.items():
        driver.tsm(0x2C, 0x02, reference, pin)
        if driver.model.profile is Profile.PHONE:
            driver.plain(0x00, 0x20, 0, reference, pin)
            driver.plain(0x00, 0x24, 1, reference, pin)


def other_package(folder: Path) -> Package:
    """A second applet, so that there is something else to select."""
    source = folder / "src" / "other" / "Other.java"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(_OTHER_SOURCE, encoding="utf-8")
    classes = compile_java(source, folder / "other", classpath=api_classpath())
    content = (classes / "other" / "Other.class").read_bytes()
    module = Module(OTHER_AID, "other.Other")
    return Package(OTHER_PACKAGE_AID, (1, 0), (module,), {"other.Other": content})
