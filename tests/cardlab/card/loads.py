"""Load files for tests, whole and broken, and short ways to send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from cardlab.cap.container import LOAD_ORDER, Component
from cardlab.card.config import CardConfig
from cardlab.globalplatform.constants import INS_INSTALL, INS_LOAD, InstallFor
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.iso7816 import tlv
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport import Transport
from tests.cardlab.card.bench import open_card
from tests.cardlab.card.cards import PACKAGE, Session, classes, client, executable, lv

LIBRARY = bytes.fromhex("F04A504B4940")
USER = bytes.fromhex("F04A504B4950")
USER_APPLET = USER + b"\x01"
LAST = 0x80

Components = dict[Component, bytes]


@cache
def library() -> Executable:
    """A package without applets, for others to use."""
    return Executable(Package(LIBRARY, (1, 3), (), classes("cardlib")))


@cache
def user() -> Executable:
    """A package that uses it."""
    package = Package(USER, (2, 0), (Module(USER_APPLET, "carduser.User"),), classes("carduser"))
    return Executable(package, libraries=(library(),))


def empty_card(**config: object) -> LabCard:
    """A card without load files that can execute all the packages of the tests."""
    known = ClassLibrary([executable(), library(), user()])
    return open_card(known, config=CardConfig(**config))  # type: ignore[arg-type]


def components(block: bytes) -> Components:
    """A load file data block taken apart, tag and size included."""
    found: Components = {}
    while block:
        size = 3 + int.from_bytes(block[1:3], "big")
        found[Component(block[0])] = block[:size]
        block = block[size:]
    return found


def joined(parts: Mapping[Component, bytes]) -> bytes:
    """And put together."""
    return b"".join(parts[tag] for tag in LOAD_ORDER if tag in parts)


def edited(block: bytes, tag: Component, edit: Callable[[bytes], bytes]) -> bytes:
    """The block with the info of one component changed, its own size and the one in the Directory made right."""
    parts = components(block)
    info = edit(parts[tag][3:])
    parts[tag] = bytes((tag,)) + len(info).to_bytes(2, "big") + info
    if tag is not Component.DIRECTORY:
        directory = bytearray(parts[Component.DIRECTORY])
        place = 3 + 2 * (tag - 1)
        directory[place : place + 2] = len(info).to_bytes(2, "big")
        parts[Component.DIRECTORY] = bytes(directory)
    return joined(parts)


def replaced(block: bytes, tag: Component, old: bytes, new: bytes) -> bytes:
    """The same, with some bytes that stand there once replaced."""

    def edit(info: bytes) -> bytes:
        assert info.count(old) == 1, f"{tag.name}: {info.hex()} has {old.hex()} {info.count(old)} times"
        return info.replace(old, new)

    return edited(block, tag, edit)


def load_file(block: bytes) -> bytes:
    """The block in C4 (GPCS Table 11-58)."""
    return tlv.encode(0xC4, block)


def announce(
    session: Session, aid: bytes = PACKAGE, domain: bytes = b"", digest: bytes = b"", parameters: bytes = b""
) -> int:
    """INSTALL [for load]; returns the status word."""
    return session.send(INS_INSTALL, InstallFor.LOAD, 0, lv(aid, domain, digest, parameters, b"")).sw


def pieces(raw: bytes, size: int = 200) -> list[bytes]:
    """Blocks of a load file."""
    return [raw[start : start + size] for start in range(0, len(raw), size)]


def send(session: Session, raw: bytes, size: int = 200) -> list[int]:
    """LOAD a load file; the status words, ending with the first that is not 9000."""
    answers = []
    blocks = pieces(raw, size)
    for number, block in enumerate(blocks):
        answer = session.send(INS_LOAD, LAST if number == len(blocks) - 1 else 0, number & 0xFF, block)
        answers.append(answer.sw)
        if not answer.ok:
            break
        assert answer.data == b"\x00"
    return answers


def load(session: Session, block: bytes, aid: bytes = PACKAGE, digest: bytes = b"") -> int:
    """Announce and send a load file data block; the last status word."""
    assert announce(session, aid, digest=digest) == 0x9000
    return send(session, load_file(block))[-1]


def registry(
    card: Transport, session: Session | None = None
) -> dict[bytes, tuple[tuple[int, ...] | None, tuple[bytes, ...]]]:
    """Load files as GET STATUS tells them, but the card's own: AID to version and modules."""
    asked = GlobalPlatformClient(session.channel) if session else client(card)
    found = asked.registry().load_files
    return {one.aid: (one.version, one.modules) for one in found if one.aid[:5] != bytes.fromhex("A000000151")}
