"""Scenes of the card manager's commands that bring the applet onto the card and take it away (GPCS 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from cardlab.errors import CardError
from cardlab.globalplatform.constants import Scope
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.transport import Transport
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID, Profile, Slot
from jpki.client.installation import jpki_installation
from jpki.package import jpki_executable
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.tearing.holding import held
from tests.jpki.applet.tearing.scenes import Prepare, Prepared, Scene, Work, World, old_or_new
from tests.jpki.applet.tearing.views import EMPTY, Known, View, copied, look

_INSTALL, _LOAD, _DELETE, _LAST_BLOCK = 0xE6, 0xE8, 0xE4, 0x80
_FOR_LOAD, _FOR_INSTALL, _FOR_PERSONALISATION = 0x02, 0x0C, 0x20
Manager = Callable[[GlobalPlatformClient], object]


def content_scenes() -> Iterator[Scene]:
    """All of them."""

    def load(manager: GlobalPlatformClient) -> None:
        executable = jpki_executable()
        manager.load(PACKAGE_AID, executable.data_block)

    def install(manager: GlobalPlatformClient) -> None:
        manager.install(jpki_installation(Profile.PHONE.parameters))

    def install_wrongly(manager: GlobalPlatformClient) -> None:
        manager.install(jpki_installation(b"\x07"))

    def personalise(manager: GlobalPlatformClient) -> None:
        manager.personalise(INSTANCE_AID, [b"\0"])

    for command, state, world, prepare in (
        ("INSTALL [for load]", "a new package", World.BARE, _held(load, _INSTALL, _FOR_LOAD)),
        ("LOAD", "the first block", World.BARE, _held(load, _LOAD, 0)),
        ("LOAD", "the last block", World.BARE, _held(load, _LOAD, _LAST_BLOCK)),
        ("INSTALL [for install]", "a new instance", World.LOADED, _held(install, _INSTALL, _FOR_INSTALL)),
        (
            "INSTALL [for install]",
            "that the applet refuses",
            World.LOADED,
            _held(install_wrongly, _INSTALL, _FOR_INSTALL),
        ),
        ("INSTALL [for personalization]", "in use", World.USED, _held(personalise, _INSTALL, _FOR_PERSONALISATION)),
        ("DELETE", "the package", World.LOADED, _held(lambda manager: manager.delete(PACKAGE_AID), _DELETE, 0)),
    ):
        yield Scene(command, state, world, prepare, old_or_new, content=True)
    delete = _held(lambda manager: manager.delete(INSTANCE_AID), _DELETE, 0)
    yield Scene("DELETE", "an instance in use", World.USED, delete, uninstalled, content=True)


def uninstalled(seen: View, before: View, after: View) -> bool:
    """Or the instance is there still, and uninstall() has erased slots: both, or one."""
    is_there = (seen.content, seen.profile) == (before.content, before.profile)
    return seen == after or (is_there and all(seen[slot] in (before[slot], EMPTY[slot]) for slot in Slot))


def _held(work: Manager, ins: int, p1: int) -> Prepare:
    """All that comes before a command of the card manager, and then the command."""

    def prepare(jpki: JpkiCard) -> Work:
        def manage(transport: Transport) -> None:
            manager = GlobalPlatformClient(transport)
            manager.select()
            manager.authenticate(jpki.card.keys, host_challenge=jpki.card.challenge())
            work(manager)

        command = held(jpki.card, ins, p1, manage)
        return lambda: jpki.card.transmit(command)

    return prepare


def look_at_content(ready: Prepared, known: Known) -> tuple[View, list[str]]:
    """What is on the card, as registry and selection say; the applet too, where it can be selected.

    From every state the card can be brought to having neither package nor instance, and to having both.
    """
    jpki, violations = ready.jpki, []
    try:
        content = _registered(jpki)
        is_selected = jpki.sw(0x00, 0xA4, 0x04, 0x00, INSTANCE_AID, 256) == SW.OK
        if is_selected is not ("instance" in content):
            violations.append(
                f"GPCS 9.5.1: the registry says {sorted(content)}, SELECT {'does' if is_selected else 'fails'}"
            )
        view = replace(EMPTY, profile=None, slots={}, content=content)
        if is_selected:
            seen, more = look(jpki, known)
            view, violations = replace(seen, content=content), [*violations, *more]
        with copied(jpki) as other:
            _begin_anew(other, content)
    except (CardError, UnexpectedStatusError) as error:
        return replace(EMPTY, profile=None, slots={}), [*violations, f"the card does not go on: {error}"]
    return view, violations


def _registered(jpki: JpkiCard) -> frozenset[str]:
    manager = jpki.issuer()
    names = {PACKAGE_AID: "package", INSTANCE_AID: "instance"}
    scopes = (Scope.APPLICATIONS, Scope.LOAD_FILES)
    return frozenset(names[one.aid] for scope in scopes for one in manager.status(scope) if one.aid in names)


def _begin_anew(jpki: JpkiCard, content: frozenset[str]) -> None:
    """Take away what is there; then load, install, select."""
    manager = jpki.issuer()
    for name, aid in (("instance", INSTANCE_AID), ("package", PACKAGE_AID)):
        if name in content:
            manager.delete(aid)
    jpki.load()
    jpki.install()
