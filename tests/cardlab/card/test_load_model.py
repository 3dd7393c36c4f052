"""Load files, instances and free memory are what a model says, after any sequence of loads, breaks and deletions."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cardlab.globalplatform.constants import INS_LOAD
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.runtime.interface import Media
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable
from tests.cardlab.card.bench import restore_card
from tests.cardlab.card.cards import PACKAGE, PROBE, QUIET, Session, executable, select
from tests.cardlab.card.loads import (
    LAST,
    LIBRARY,
    USER,
    USER_APPLET,
    announce,
    empty_card,
    library,
    load,
    load_file,
    pieces,
    registry,
    send,
    user,
)
from tests.cardlab.card.refusals import Refused, refused
from tests.cardlab.card.runtime_rules import code_memory, runs_loaded_code

MEMORY = 3600  # not enough for everything
IMPORTS = {USER: {LIBRARY}}
STATICS = {LIBRARY: 2}
GAP = 3  # bytes that no block fits into; a block of the virtual machine takes them with it when they are behind it
BLOCKS = 8  # at most, of a package or an instance
MODULES = {PROBE: PACKAGE, QUIET: PACKAGE, USER_APPLET: USER}
INSTANCES = [PROBE, QUIET, USER_APPLET, bytes.fromhex("F04A504B49FF01"), bytes.fromhex("F04A504B49FF02")]
packages, modules = st.sampled_from([PACKAGE, LIBRARY, USER]), st.sampled_from(list(MODULES))


def made(aid: bytes) -> Executable:
    return {PACKAGE: executable, LIBRARY: library, USER: user}[aid]()


@cache
def instance_memory(module: bytes) -> int:
    """Measured on a card of its own."""
    card = empty_card()
    session = Session.open(card)
    for aid in (PACKAGE, LIBRARY, USER):
        assert load(session, made(aid).data_block, aid) == 0x9000
    free = card.simulated.free_memory
    assert session.install(module, module=module, load_file=MODULES[module]) == 0x9000
    return free - card.simulated.free_memory


DONE = Refused(0x9000, "")


class LoadMachine(RuleBasedStateMachine):
    """A card with little memory, three packages of which one needs another, and a model of what is there."""

    def __init__(self) -> None:
        super().__init__()
        self.card = empty_card(persistent_memory=MEMORY)
        self.session: Session | None = None
        self.loaded: list[bytes] = []
        self.instances: dict[bytes, bytes] = {}
        self.lost = 0  # bytes in gaps

    def teardown(self) -> None:
        self.card.close()

    def open(self) -> Session:
        if self.session is None:
            self.session = Session.open(self.card, level=SecurityLevel.C_MAC)
        return self.session

    @property
    def free(self) -> int:
        packages = sum(code_memory(self.card, made(aid).data_block, STATICS.get(aid, 0)) for aid in self.loaded)
        return MEMORY - packages - sum(map(instance_memory, self.instances.values())) - self.lost

    @rule(aid=packages, size=st.integers(20, 239))
    def load(self, aid: bytes, size: int) -> None:
        session, raw = self.open(), load_file(made(aid).data_block)
        if aid in self.loaded:
            assert announce(session, aid) == refused(0x6985, "the load file's AID is taken")
            return
        assert announce(session, aid) == 0x9000
        linked = DONE if IMPORTS.get(aid, set()) <= set(self.loaded) else refused(0x6A80, "is not on this card")
        expected = refused(0x6A84, "bytes are needed") if len(raw) > self.free else linked
        assert send(session, raw, size)[-1] == expected, self.card.explain()
        if expected is DONE:
            self.loaded.append(aid)

    @rule(aid=packages, other=packages)
    def load_under_another_name(self, aid: bytes, other: bytes) -> None:
        raw = load_file(made(aid).data_block)
        if aid != other and other not in self.loaded and len(raw) <= self.free:
            assert announce(self.open(), other) == 0x9000
            assert send(self.open(), raw)[-1] == refused(0x6A80, "announced another")

    @rule(aid=packages, data=st.data(), how=st.sampled_from(["reset", "other", "select", "order", "damage"]))
    def load_and_break_off(self, aid: bytes, data: st.DataObject, how: str) -> None:
        raw = load_file(made(aid).data_block)
        if aid in self.loaded or len(raw) > self.free:
            return
        session, blocks = self.open(), pieces(raw, 60)
        reached = data.draw(st.integers(0, len(blocks) - 1))
        assert announce(session, aid) == 0x9000
        if how == "damage":
            place = data.draw(st.integers(0, len(raw) - 1))
            broken = raw[:place] + bytes((raw[place] ^ 0x5A,)) + raw[place + 1 :]
            answer = int(send(session, broken)[-1])
            if answer == 0x9000 and runs_loaded_code(self.card):  # it links, so it is deleted instead
                answer = 0x6A80 if session.delete(aid) == 0x9000 else answer
            assert answer == 0x6A80
            return
        for number, block in enumerate(blocks[:reached]):
            assert session.send(INS_LOAD, 0, number, block).ok
        if how == "reset":
            self.card.reset(data.draw(st.sampled_from(list(Media))))
        elif how == "other":
            assert session.get_data(0x66).ok
        elif how == "order":
            assert session.send(INS_LOAD, 0, reached + 1, blocks[reached]).sw == refused(0x6A86, "expected")
        if how in ("reset", "select"):
            self.session = None
        assert self.open().send(INS_LOAD, LAST, reached, blocks[reached]).sw == refused(
            0x6985, "LOAD follows INSTALL [for load]"
        )

    @rule(module=modules, aid=st.sampled_from(INSTANCES))
    def install(self, module: bytes, aid: bytes) -> None:
        load_file_aid = MODULES[module]
        if load_file_aid not in self.loaded:
            expected = refused(0x6A88, "no such load file or module")
        elif aid in self.instances:
            expected = refused(0x6985, "the instance's AID is taken")
        else:
            expected = DONE if instance_memory(module) <= self.free else refused(0x6A84, "bytes")
        if expected is DONE and module == USER_APPLET and aid != USER_APPLET:
            return  # its install() registers under its own AID only
        assert self.open().install(aid, module=module, load_file=load_file_aid) == expected
        if expected is DONE:
            self.instances[aid] = module

    @rule(aid=st.sampled_from([PACKAGE, LIBRARY, USER, *INSTANCES]), related=st.booleans())
    def delete(self, aid: bytes, related: bool) -> None:
        own = [one for one, module in self.instances.items() if MODULES[module] == aid]
        if aid in self.instances:
            expected = DONE
        elif aid not in self.loaded:
            expected = refused(0x6A82, "no application")
        elif any(aid in IMPORTS.get(one, set()) for one in self.loaded):
            expected = refused(0x6985, "another load file uses it")
        else:
            expected = DONE if related or not own else refused(0x6985, "it has applications")
        assert self.open().delete(aid, related=related) == expected
        if expected is DONE and aid in self.instances:
            del self.instances[aid]
        elif expected is DONE:
            self.loaded.remove(aid)
            self.instances = {one: module for one, module in self.instances.items() if one not in own}

    @rule()
    def save_and_restore(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.card.simulated.save(Path(folder) / "card.json")
            self.card.close()
            known = ClassLibrary([executable(), library(), user()])
            self.card = restore_card(Path(folder) / "card.json", known)
        self.session = None

    @invariant()
    def the_card_is_as_the_model(self) -> None:
        self.lost += self.free - self.card.simulated.free_memory
        blocks = BLOCKS * (len(self.loaded) + len(self.instances))
        assert 0 <= self.lost <= (GAP * blocks if runs_loaded_code(self.card) else 0)
        told = registry(self.card, self.open())
        assert list(told) == self.loaded
        for aid, (version, listed) in told.items():
            package = made(aid).package
            assert (version, listed) == (package.version, tuple(module.aid for module in package.modules))
        self.session = None  # SELECT ends it
        for aid in self.instances:
            assert select(self.card, aid).ok
        for aid in [one for one in INSTANCES if one not in self.instances]:
            select(
                self.card
            )  # an applet that is selected would be given the SELECT of an application that is not there
            longer = any(other.startswith(aid) for other in self.instances)
            assert select(self.card, aid).ok == longer


TestLoadMachine = LoadMachine.TestCase
TestLoadMachine.settings = settings(stateful_step_count=20)
