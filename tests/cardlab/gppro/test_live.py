"""Both installers do the same things to twin cards, and leave the same behind (D2).

GlobalPlatformPro is no package that can be installed, so these run where it is: set GP_JAR (docs/reference/gppro.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import HarnessError, MissingDependencyError, SecureChannelError, UsageError
from cardlab.globalplatform.host.card_data import CardData
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.gppro.installer import GpInstaller
from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro, find_gp
from cardlab.globalplatform.host.installer import BuiltinInstaller
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport import exchange
from jpki.client.constants import INSTANCE_AID
from jpki.client.personalisation import JpkiPersonalisation
from jpki.package import jpki_executable, jpki_library
from tests.cardlab.gppro.live import inserted
from tests.cardlab.gppro.scenes import DEEDS, DOMAIN, DOMAIN_KEYS, ISSUER, LISTS, NEW_KEYS, REFUSALS, Scene
from tests.cardlab.gppro.test_recordings import as_listed

pytestmark = pytest.mark.slow
_APPLET_READS = ("00A40400{}", "00A4020C020006", "00B00000A0", "00A4020C020018", "00200098", "0020009B")
_KEY_SETS = ((DEFAULT_KEYS, 0), (DEFAULT_KEYS, 0x30), (DOMAIN_KEYS, 0x31), (NEW_KEYS, 0x31), (NEW_KEYS, 0x32))


@pytest.fixture(scope="module")
def program() -> GlobalPlatformPro:
    try:
        return find_gp()
    except MissingDependencyError as error:
        pytest.skip(f"{error}; {error.hint}")


@pytest.fixture(scope="module")
def daemon(program: GlobalPlatformPro) -> Iterator[PrivateDaemon]:
    with PrivateDaemon(1) as daemon:
        yield daemon


@dataclass(frozen=True)
class Picture:
    """What a card shows: its registry, its domains' data, which keys open them, the applet's answers."""

    registry: Registry
    domains: tuple[tuple[CardData, tuple[bool, ...]], ...]
    applet: tuple[bytes, ...]
    applet_status: object
    free_memory: object


def picture(card: SimulatedCard) -> Picture:
    """Look at everything."""
    card.reset()
    registry = BuiltinInstaller(card, ISSUER).registry()
    present = [aid for aid in (b"", DOMAIN) if not aid or registry.find(aid)]
    return Picture(
        registry=registry,
        domains=tuple(_domain(card, aid) for aid in present if aid == b"" or not _locked(registry, aid)),
        applet=tuple(_ask(card, text.format(f"{len(INSTANCE_AID):02X}{INSTANCE_AID.hex()}")) for text in _APPLET_READS),
        applet_status=_applet_status(card),
        free_memory=card.free_memory,
    )


def _locked(registry: Registry, aid: bytes) -> bool:
    entry = registry.find(aid)
    return entry is not None and entry.is_locked


def _domain(card: SimulatedCard, aid: bytes) -> tuple[CardData, tuple[bool, ...]]:
    opened = tuple(_opens(card, aid, keys, version) for keys, version in _KEY_SETS)
    client = GlobalPlatformClient(card)
    client.select(aid)
    return replace(client.card_data(), sequence_counter=None), opened  # it counts sessions, and we open more of them


def _opens(card: SimulatedCard, aid: bytes, keys: StaticKeys, version: int) -> bool:
    client = GlobalPlatformClient(card)
    client.select(aid)
    try:
        client.authenticate(keys, key_version=version)
    except SecureChannelError:
        return False
    return True


def _ask(card: SimulatedCard, text: str) -> bytes:
    return exchange(card, CommandApdu.from_bytes(bytes.fromhex(text))).to_bytes()


def _applet_status(card: SimulatedCard) -> object:
    select = CommandApdu(0x00, 0xA4, 0x04, 0x00, INSTANCE_AID, le=256)
    if exchange(card, select).sw != SW.OK:
        return None
    for keys, _ in _KEY_SETS:
        try:
            return JpkiPersonalisation(SecureChannelLayer.open(card, keys)).status()
        except SecureChannelError:
            exchange(card, select)
    return "no key opens its domain"


@pytest.mark.parametrize("scene", (*LISTS, *DEEDS, *REFUSALS), ids=lambda scene: scene.name)
def test_twins(scene: Scene, program: GlobalPlatformPro, daemon: PrivateDaemon) -> None:
    cap, library = jpki_executable().cap, jpki_library()
    with (
        SimulatedCard(CardConfig(), seed=scene.name, classes=library) as ours,
        SimulatedCard(CardConfig(), seed=scene.name, classes=library) as theirs,
    ):
        for card in (ours, theirs):
            for step in scene.before:
                step(BuiltinInstaller(card, ISSUER), cap)
        with inserted(theirs, daemon, program, ISSUER) as gp:
            outcomes = [_outcome(scene, one, cap) for one in (BuiltinInstaller(ours, ISSUER), gp)]
        if scene.confidential and program.jar is None:
            assert isinstance(outcomes[1], UsageError)
            return
        _compare(scene, outcomes)
        assert picture(theirs) == picture(ours)


def _outcome(scene: Scene, installer: BuiltinInstaller | GpInstaller, cap: bytes) -> object:
    try:
        return scene.do(installer.with_access(scene.access), cap)
    except HarnessError as error:
        return error


def _compare(scene: Scene, outcomes: list[object]) -> None:
    ours, theirs = outcomes
    if scene.error is not None:
        assert isinstance(ours, scene.error)
        assert isinstance(theirs, scene.error)
        assert ours.exit_code == theirs.exit_code
        if scene.sw:
            assert isinstance(theirs, UnexpectedStatusError)
            assert theirs.sw == scene.sw
    elif scene.lists:
        assert isinstance(ours, Registry)
        assert theirs == as_listed(ours)
    else:
        assert ours is None
        assert theirs is None
