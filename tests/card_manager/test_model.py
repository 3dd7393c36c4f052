"""The card's registry always is what the model says: any sequence of commands, resets, saved and restored cards.

The registry is read through a secure channel each time, and every application that can be selected is selected.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from harness import tlv
from harness.globalplatform.constants import (
    INS_DELETE,
    INS_INSTALL,
    INS_PUT_KEY,
    INS_SET_STATUS,
    ISD_AID,
    SSD_MODULE_AID,
    SSD_PACKAGE_AID,
    CardState,
    InstallFor,
    Privilege,
)
from harness.globalplatform.registry import Registry
from harness.scp03 import StaticKeys, encode_aes_key
from harness.simulator.card import SimulatedCard
from harness.simulator.runtime import Media
from tests.card_manager.cards import (
    EMPTY_PARAMETERS,
    OTHER_KEYS,
    OTHER_SSD,
    PACKAGE,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    client,
    lv,
    make_card,
    select,
)
from tests.card_manager.model import APPLET_MODULES, Model

AIDS = [PROBE, QUIET, SSD, OTHER_SSD, bytes.fromhex("F04A504B4930"), bytes.fromhex("F04A504B493001")]
EVERYTHING = [*AIDS, PACKAGE, SSD_PACKAGE_AID, ISD_AID, bytes.fromhex("F04A504B49FF")]
KEYS = [SSD_KEYS, OTHER_KEYS, StaticKeys(b"7" * 16, b"8" * 16, b"9" * 16)]
VERSIONS = [0x30, 0x31, 0x32]
PRIVILEGES = [
    Privilege.NONE,
    Privilege.CARD_RESET,
    Privilege.CARD_LOCK,
    Privilege.GLOBAL_REGISTRY,
    Privilege.CARD_LOCK | Privilege.CARD_RESET,
]
DOMAIN_PRIVILEGES = [
    Privilege.TRUSTED_PATH,
    Privilege.AUTHORIZED_MANAGEMENT,
    Privilege.AUTHORIZED_MANAGEMENT | Privilege.GLOBAL_DELETE | Privilege.GLOBAL_LOCK,
    Privilege.CARD_LOCK | Privilege.CARD_RESET,
]
aids, everything = st.sampled_from(AIDS), st.sampled_from(EVERYTHING)
actors = st.sampled_from([ISD_AID, ISD_AID, SSD, OTHER_SSD])
domains = st.sampled_from([ISD_AID, SSD, OTHER_SSD, PROBE])


class CardManagerMachine(RuleBasedStateMachine):
    """Commands from one security domain or another, to the card and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.card: SimulatedCard = make_card()
        self.free = self.card.free_memory
        self.session: tuple[bytes, Session] | None = None

    def teardown(self) -> None:
        self.card.close()

    @initialize(personalised=st.sets(st.sampled_from([SSD, OTHER_SSD])))
    def begin(self, personalised: set[bytes]) -> None:
        """Often with domains, or most sequences would be about their absence."""
        for aid in sorted(personalised):
            self.install(ISD_AID, SSD_MODULE_AID, aid, Privilege.NONE, DOMAIN_PRIVILEGES[2], True)
            self.put_keys(aid, 0x31, SSD_KEYS, 0)

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _as(self, actor: bytes) -> Session | None:
        """A session of a domain, new when another one was selected; None when it cannot be selected."""
        if actor != ISD_AID and not (actor in self.model.apps and self.model.apps[actor].is_domain):
            return None
        if not self.model.can_select(actor):
            return None
        if self.session is None or self.session[0] != actor or not self.session[1].channel.is_open:
            version, keys = self.model.keys_of(actor)[0]
            self.session = (actor, Session.open(self.card, actor, keys, key_version=version))
        return self.session[1]

    def _expect(self, actor: bytes, ins: int, p1: int, p2: int, data: bytes, expected: int) -> None:
        assert self.session is not None
        answer = self.session[1].send(ins, p1, p2, data)
        assert answer.sw == expected, f"{actor.hex()}: {ins:02X}{p1:02X}{p2:02X} {data.hex()}: {answer.sw:04X}"

    def _install(self, actor: bytes, purpose: InstallFor, fields: tuple[bytes, ...], expected: int) -> None:
        self._expect(actor, INS_INSTALL, purpose, 0, lv(*fields), expected)

    # -- rules --------------------------------------------------------------------------------------------------------

    @rule(
        actor=actors,
        module=st.sampled_from([*APPLET_MODULES, SSD_MODULE_AID]),
        aid=aids,
        privileges=st.sampled_from(PRIVILEGES),
        domain_privileges=st.sampled_from(DOMAIN_PRIVILEGES),
        selectable=st.booleans(),
    )
    def install(
        self,
        actor: bytes,
        module: bytes,
        aid: bytes,
        privileges: Privilege,
        domain_privileges: Privilege,
        selectable: bool,
    ) -> None:
        if self._as(actor) is None:
            return
        is_domain = module == SSD_MODULE_AID
        wanted = domain_privileges | Privilege.SECURITY_DOMAIN if is_domain else privileges
        load_file = SSD_PACKAGE_AID if is_domain else PACKAGE
        purpose = InstallFor.INSTALL_AND_MAKE_SELECTABLE if selectable else InstallFor.INSTALL
        fields = (load_file, module, aid, wanted.to_bytes3(), EMPTY_PARAMETERS, b"")
        self._install(actor, purpose, fields, self.model.install(actor, module, aid, wanted, selectable=selectable))

    @rule(actor=actors, aid=everything)
    def make_selectable(self, actor: bytes, aid: bytes) -> None:
        if self._as(actor) is None or aid == ISD_AID or aid in self.model.load_files:
            return
        fields = (b"", b"", aid, b"\x00", b"", b"")
        self._install(actor, InstallFor.MAKE_SELECTABLE, fields, self.model.make_selectable(actor, aid))

    @rule(actor=actors, aid=everything, related=st.booleans())
    def delete(self, actor: bytes, aid: bytes, related: bool) -> None:
        if self._as(actor) is None:
            return
        expected = self.model.delete(actor, aid, related=related)
        self._expect(actor, INS_DELETE, 0, 0x80 if related else 0, tlv.encode(0x4F, aid), expected)

    @rule(actor=actors, aid=everything, where=domains)
    def extradite(self, actor: bytes, aid: bytes, where: bytes) -> None:
        if self._as(actor) is None:
            return
        fields = (where, b"", aid, b"", b"", b"")
        self._install(actor, InstallFor.EXTRADITION, fields, self.model.extradite(actor, aid, where))

    @rule(actor=actors, aid=everything, lock=st.booleans(), family=st.booleans())
    def lock(self, actor: bytes, aid: bytes, lock: bool, family: bool) -> None:
        if self._as(actor) is None or aid in self.model.load_files or aid == actor:
            return
        expected = self.model.lock(actor, aid, lock=lock, family=family)
        self._expect(actor, INS_SET_STATUS, 0x60 if family else 0x40, 0x80 if lock else 0, aid, expected)
        if actor != ISD_AID and self.model.apps[actor].state & 0x80:
            self.session = None  # a family that the actor belongs to

    @rule(
        actor=actors,
        version=st.sampled_from(VERSIONS),
        keys=st.sampled_from(KEYS),
        replaces=st.sampled_from([0, *VERSIONS]),
    )
    def put_keys(self, actor: bytes, version: int, keys: StaticKeys, replaces: int) -> None:
        session = self._as(actor)
        if session is None:
            return
        dek = dict(self.model.keys_of(actor)).get(session.channel.response.key_version)
        if dek is None:  # the keys of this very session were replaced or deleted: take a new one
            self.session = None
            return
        data = bytes((version,)) + b"".join(encode_aes_key(dek.dek, key) for key in (keys.enc, keys.mac, keys.dek))
        expected = self.model.put_keys(actor, version, keys, replaces=replaces)
        self._expect(actor, INS_PUT_KEY, replaces, 0x81, data, expected)
        self.session = None

    @rule(actor=actors, version=st.sampled_from(VERSIONS))
    def delete_keys(self, actor: bytes, version: int) -> None:
        if self._as(actor) is None:
            return
        expected = self.model.delete_keys(actor, version)
        self._expect(actor, INS_DELETE, 0, 0, bytes((0xD2, 1, version)), expected)
        self.session = None

    @rule(actor=actors, state=st.sampled_from([state for state in CardState if state is not CardState.TERMINATED]))
    def set_card_state(self, actor: bytes, state: CardState) -> None:
        if self._as(actor) is None:
            return
        self._expect(actor, INS_SET_STATUS, 0x80, state, b"", self.model.set_card_state(actor, state))

    @precondition(lambda self: self.model.state is CardState.CARD_LOCKED)
    @rule()
    def unlock_card(self) -> None:
        self.set_card_state(ISD_AID, CardState.SECURED)

    @rule(media=st.sampled_from(list(Media)))
    def reset(self, media: Media) -> None:
        self.card.reset(media)
        self.session = None

    @rule()
    def save_and_restore(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "card.json"
            self.card.save(file)
            self.card.close()
            self.card = SimulatedCard.restore(file)
        self.session = None

    @rule(aid=aids)
    def select(self, aid: bytes) -> None:
        self.session = None
        answer = select(self.card, aid)
        longer = any(other.startswith(aid) and self.model.can_select(other) for other in self.model.apps)
        assert answer.ok == (self.model.can_select(aid) or longer)
        if self.model.can_select(aid) and not self.model.apps[aid].is_domain:
            self._is_alive(aid)

    def _is_alive(self, aid: bytes) -> None:
        answer = self.card.transmit(bytes.fromhex("800100000155 00"))
        assert answer == (b"\x55\x90\x00" if self.model.module_of(aid) == PROBE else b"\x6d\x00")

    @rule(aid=aids)
    def authenticate_to_applet(self, aid: bytes) -> None:
        """An applet's secure channel opens with the keys of the domain that the model says it has."""
        app = self.model.apps.get(aid)
        if app is None or app.module != PROBE or not self.model.can_select(aid):
            return
        self.session = None
        if app.domain != ISD_AID and self.model.apps[app.domain].state & 0x80:
            return
        version, keys = self.model.keys_of(aid)[0]
        assert Session.open(self.card, aid, keys).channel.response.key_version == version

    # -- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def registry_is_what_the_model_says(self) -> None:
        self.session = None
        version, keys = self.model.issuer_keys[0]
        registry = client(self.card, ISD_AID, keys).registry()
        assert registry.issuer_domain is not None
        assert registry.issuer_domain.life_cycle == self.card.state == self.model.state
        assert registry.issuer_domain.privileges == self.model.issuer_privileges
        assert _applications(registry) == {
            aid: (app.load_file, app.domain, app.privileges, app.state) for aid, app in self.model.apps.items()
        }
        assert {entry.aid: entry.domain for entry in registry.load_files} == self.model.load_files

    @invariant()
    def memory_is_what_is_on_the_card(self) -> None:
        if not self.model.apps:
            assert self.card.free_memory == self.free


def _applications(registry: Registry) -> dict[bytes, tuple[bytes | None, bytes | None, Privilege, int]]:
    return {
        entry.aid: (entry.load_file, entry.domain, entry.privileges, entry.life_cycle)
        for entry in registry.applications
    }


TestCardManager = CardManagerMachine.TestCase
TestCardManager.settings = settings(stateful_step_count=30)
