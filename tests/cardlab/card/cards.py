"""Cards with the test applets loaded, and short ways to talk to their security domains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.globalplatform.constants import (
    CLA_GP,
    INS_DELETE,
    INS_GET_DATA,
    INS_INSTALL,
    INS_STORE_DATA,
    ISD_AID,
    SSD_MODULE_AID,
    SSD_PACKAGE_AID,
    InstallFor,
    Privilege,
)
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain import places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport import Explaining, Transport
from cardlab.transport import exchange as plain_exchange
from tests.cardlab.card.bench import open_card, prepared_card
from tests.cardlab.card.refusals import Status

PACKAGE = bytes.fromhex("F04A504B4910")
PROBE = bytes.fromhex("F04A504B491001")
QUIET = bytes.fromhex("F04A504B491002")
SSD = bytes.fromhex("A00000015153504101")
OTHER_SSD = bytes.fromhex("A00000015153504102")
SSD_KEYS = StaticKeys(b"1" * 16, b"2" * 16, b"3" * 16)
OTHER_KEYS = StaticKeys(b"4" * 16, b"5" * 16, b"6" * 16)
SSD_KEY_VERSION = 0x31
EMPTY_PARAMETERS = bytes.fromhex("C900")
MODULES = (Module(PROBE, "cardtest.Probe"), Module(QUIET, "cardtest.Quiet"))


@cache
def classes(package: str) -> Mapping[str, bytes]:
    """The class files of a Java package of the test applets, compiled once."""
    folder = places.build_folder() / "classes" / "card_manager_tests"
    compile_java(Path(__file__).with_name("applets"), folder, classpath=api_classpath())
    files = sorted((folder / package).glob("*.class"))
    return {f"{package}.{file.stem}": file.read_bytes() for file in files}


@cache
def package(aid: bytes = PACKAGE) -> Package:
    """The test applets."""
    return Package(aid, (1, 2), MODULES, classes("cardtest"))


@cache
def executable(aid: bytes = PACKAGE) -> Executable:
    """The test applets converted."""
    return Executable(package(aid))


def make_card(*, seed: int = 1, loaded: bool = True, **config: object) -> LabCard:
    """A card in OP_READY with the test applets loaded or ready to be; ``config`` are fields of CardConfig."""
    wanted = CardConfig(**config)  # type: ignore[arg-type]
    return prepared_card((seed, wanted), lambda: _loaded(seed, wanted)) if loaded else _blank(seed, wanted)


def _blank(seed: int, config: CardConfig) -> LabCard:
    return open_card(ClassLibrary([executable()]), seed=seed, config=config)


def _loaded(seed: int, config: CardConfig) -> LabCard:
    card = _blank(seed, config)
    client(card).load(PACKAGE, executable().data_block)
    card.reset()
    return card


def simulated_card(*, seed: int = 1, **config: object) -> SimulatedCard:
    """The same in this process, whatever ``--card`` says: for tests of the object itself and of its file."""
    card = SimulatedCard(
        CardConfig(**config),  # type: ignore[arg-type]
        seed=seed,
        classes=ClassLibrary([executable()]),
    )
    client(card).load(PACKAGE, executable().data_block)
    card.reset()
    return card


def explained(card: Transport, answer: ResponseApdu) -> ResponseApdu:
    """The answer, its status word with the card's reason."""
    return replace(answer, sw=Status(answer.sw, card.explain() if isinstance(card, Explaining) else ""))


def exchange(card: Transport, command: CommandApdu) -> ResponseApdu:
    """Send a command; the status word has its reason."""
    return explained(card, plain_exchange(card, command))


def send(transport: Transport, text: str) -> ResponseApdu:
    """Send a command written in hexadecimal, blanks allowed."""
    return explained(transport, ResponseApdu.from_bytes(transport.transmit(bytes.fromhex(text))))


def select(card: Transport, aid: bytes = b"", p2: int = 0) -> ResponseApdu:
    """SELECT by name."""
    return exchange(card, CommandApdu(0x00, 0xA4, 0x04, p2, aid, le=SHORT_MAX_LE))


def lv(*values: bytes) -> bytes:
    """Values, each behind one byte of length."""
    return b"".join(bytes((len(value),)) + value for value in values)


@dataclass
class Session:
    """A secure channel to a security domain or an applet. ``send`` takes any command and returns what came back."""

    card: Transport
    channel: SecureChannelLayer

    @classmethod
    def open(
        cls,
        card: Transport,
        aid: bytes = ISD_AID,
        keys: StaticKeys = DEFAULT_KEYS,
        *,
        level: SecurityLevel = SecurityLevel.FULL,
        key_version: int = 0,
    ) -> Session:
        """Select and open."""
        answer = select(card, aid)
        assert answer.ok or answer.sw == 0x6283, f"{answer.sw:04X}"
        return cls(card, SecureChannelLayer.open(card, keys, key_version=key_version, level=level))

    def send(self, ins: int, p1: int = 0, p2: int = 0, data: bytes = b"", *, cla: int = CLA_GP) -> ResponseApdu:
        """Send one command through the channel."""
        answer = plain_exchange(self.channel, CommandApdu(cla, ins, p1, p2, data, le=SHORT_MAX_LE))
        return explained(self.card, answer)

    def install(
        self,
        instance: bytes = PROBE,
        *,
        module: bytes = PROBE,
        load_file: bytes = PACKAGE,
        privileges: bytes = b"\x00",
        parameters: bytes = EMPTY_PARAMETERS,
        p1: int = InstallFor.INSTALL_AND_MAKE_SELECTABLE,
    ) -> int:
        """INSTALL [for install and make selectable]; returns the status word."""
        field = lv(load_file, module, instance, privileges, parameters, b"")
        return self.send(INS_INSTALL, p1, 0, field).sw

    def make_domain(self, aid: bytes = SSD, privileges: Privilege = Privilege.TRUSTED_PATH) -> int:
        """Make a supplementary security domain; returns the status word."""
        raw = (privileges | Privilege.SECURITY_DOMAIN).to_bytes3()
        return self.install(aid, module=SSD_MODULE_AID, load_file=SSD_PACKAGE_AID, privileges=raw)

    def extradite(self, aid: bytes, domain: bytes) -> int:
        """INSTALL [for extradition]; returns the status word."""
        return self.send(INS_INSTALL, InstallFor.EXTRADITION, 0, lv(domain, b"", aid, b"", b"", b"")).sw

    def personalise(self, aid: bytes) -> int:
        """INSTALL [for personalization]; returns the status word."""
        return self.send(INS_INSTALL, InstallFor.PERSONALIZATION, 0, lv(b"", b"", aid, b"", b"", b"")).sw

    def store(self, data: bytes, p1: int = 0x90, p2: int = 0) -> ResponseApdu:
        """STORE DATA, by default one last block of BER-TLV."""
        return self.send(INS_STORE_DATA, p1, p2, data)

    def delete(self, aid: bytes, *, related: bool = False) -> int:
        """DELETE; returns the status word."""
        return self.send(INS_DELETE, 0, 0x80 if related else 0, tlv.encode(0x4F, aid)).sw

    def get_data(self, tag: int) -> ResponseApdu:
        """GET DATA."""
        return self.send(INS_GET_DATA, tag >> 8, tag & 0xFF)


def client(card: Transport, aid: bytes = b"", keys: StaticKeys = DEFAULT_KEYS) -> GlobalPlatformClient:
    """A client with an open secure channel."""
    made = GlobalPlatformClient(card)
    made.select(aid)
    made.authenticate(keys)
    return made


def make_personalised_domain(
    card: Transport,
    aid: bytes = SSD,
    keys: StaticKeys = SSD_KEYS,
    privileges: Privilege = Privilege.TRUSTED_PATH,
    *,
    parent: tuple[bytes, StaticKeys] = (ISD_AID, DEFAULT_KEYS),
) -> None:
    """A supplementary security domain with keys of its own."""
    assert Session.open(card, *parent).make_domain(aid, privileges) == 0x9000
    client(card, aid, parent[1]).put_keys(keys, SSD_KEY_VERSION)
