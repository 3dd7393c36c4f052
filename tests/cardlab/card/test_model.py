"""The card's registry always is what the model says: any sequence of commands, resets, saved and restored cards.

The registry is read through a secure channel each time, and every application that can be selected is selected.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cardlab.globalplatform.constants import (
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
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys, encode_aes_key
from cardlab.iso7816 import tlv
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.interface import Media
from tests.cardlab.card.bench import restore_card
from tests.cardlab.card.cards import (
    EMPTY_PARAMETERS,
    OTHER_KEYS,
    OTHER_SSD,
    PACKAGE,
    PROBE,
    QUIET,
    SSD,
    SSD_KEYS,
    Session,
    lv,
    make_card,
    select,
)
from tests.cardlab.card.model import APPLET_MODULES, Model

AIDS = [PROBE, QUIET, SSD, OTHER_SSD, bytes.fromhex("F04A504B4930"), bytes.fromhex("F04A504B493001")]
UNKNOWN = bytes.fromhex("F04A504B49FF")
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
aids = st.sampled_from(AIDS)


class CardManagerMachine(RuleBasedStateMachine):
    """Commands from one security domain or another, to the card and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.card: LabCard = make_card()
        self.total = self.card.simulated.config.persistent_memory
        self.loaded = self.total - self.card.simulated.free_memory
        self.session: tuple[bytes, Session] | None = None

    def teardown(self) -> None:
        self.card.close()

    @initialize(
        one=st.sampled_from(DOMAIN_PRIVILEGES), other=st.sampled_from([None, *DOMAIN_PRIVILEGES]), nested=st.booleans()
    )
    def begin(self, one: Privilege, other: Privilege | None, nested: bool) -> None:
        """With domains, often one in the other, and an applet: else most sequences would be about their absence."""
        self._install_as(ISD_AID, PROBE, PROBE, Privilege.NONE, selectable=True)
        for aid, privileges in ((SSD, one), (OTHER_SSD, other)):
            if privileges is not None:
                wanted = privileges & ~Privilege.CARD_RESET | Privilege.SECURITY_DOMAIN
                self._install_as(ISD_AID, SSD_MODULE_AID, aid, wanted, selectable=True)
                self._put_keys_as(aid, 0x31, SSD_KEYS, 0)
        if nested and other is not None:
            self._extradite_as(ISD_AID, OTHER_SSD, SSD)
            self._extradite_as(ISD_AID, PROBE, OTHER_SSD)

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _actor(self, data: st.DataObject) -> bytes:
        """A domain that can be selected, with a session; every second time the issuer's."""
        domains = [aid for aid, app in self.model.apps.items() if app.is_domain and self.model.can_select(aid)]
        actor = data.draw(st.sampled_from([ISD_AID, *domains, *[ISD_AID] * len(domains)]), label="actor")
        self._as(actor)
        return actor

    def _entry(self, data: st.DataObject, *also: bytes) -> bytes:
        """Something on the card, with others if they are given, or now and then something that is not there."""
        there = [*self.model.apps, *self.model.apps, *also]
        return data.draw(st.sampled_from([*there, *there, UNKNOWN]), label="entry")

    def _as(self, actor: bytes) -> Session:
        """A session of a domain, new when another one was selected."""
        if self.session is None or self.session[0] != actor or not self.session[1].channel.is_open:
            version, keys = self.model.keys_of(actor)[0]
            self.session = (actor, Session.open(self.card, actor, keys, key_version=version))
        return self.session[1]

    def _expect(self, actor: bytes, ins: int, p1: int, p2: int, data: bytes, expected: int) -> None:
        answer = self._as(actor).send(ins, p1, p2, data)
        # The model knows the words alone; the reasons are compared where a rule has its own test.
        assert int(answer.sw) == expected, f"{actor.hex()}: {ins:02X}{p1:02X}{p2:02X} {data.hex()}: {answer.sw:04X}"

    def _install(self, actor: bytes, purpose: InstallFor, fields: tuple[bytes, ...], expected: int) -> None:
        self._expect(actor, INS_INSTALL, purpose, 0, lv(*fields), expected)

    # -- rules --------------------------------------------------------------------------------------------------------

    @rule(
        data=st.data(),
        module=st.sampled_from([*APPLET_MODULES, SSD_MODULE_AID]),
        aid=aids,
        privileges=st.sampled_from(PRIVILEGES),
        domain_privileges=st.sampled_from(DOMAIN_PRIVILEGES),
        selectable=st.booleans(),
    )
    def install(
        self,
        data: st.DataObject,
        module: bytes,
        aid: bytes,
        privileges: Privilege,
        domain_privileges: Privilege,
        selectable: bool,
    ) -> None:
        is_domain = module == SSD_MODULE_AID
        wanted = domain_privileges | Privilege.SECURITY_DOMAIN if is_domain else privileges
        self._install_as(self._actor(data), module, aid, wanted, selectable=selectable)

    def _install_as(self, actor: bytes, module: bytes, aid: bytes, privileges: Privilege, *, selectable: bool) -> None:
        self._as(actor)
        load_file = SSD_PACKAGE_AID if module == SSD_MODULE_AID else PACKAGE
        purpose = InstallFor.INSTALL_AND_MAKE_SELECTABLE if selectable else InstallFor.INSTALL
        fields = (load_file, module, aid, privileges.to_bytes3(), EMPTY_PARAMETERS, b"")
        self._install(actor, purpose, fields, self.model.install(actor, module, aid, privileges, selectable=selectable))

    @rule(data=st.data())
    def make_selectable(self, data: st.DataObject) -> None:
        actor, aid = self._actor(data), self._entry(data)
        fields = (b"", b"", aid, b"\x00", b"", b"")
        self._install(actor, InstallFor.MAKE_SELECTABLE, fields, self.model.make_selectable(actor, aid))

    @rule(data=st.data(), related=st.booleans())
    def delete(self, data: st.DataObject, related: bool) -> None:
        actor, aid = self._actor(data), self._entry(data, SSD_PACKAGE_AID, ISD_AID, *([PACKAGE] if related else []))
        expected = self.model.delete(actor, aid, related=related)
        self._expect(actor, INS_DELETE, 0, 0x80 if related else 0, tlv.encode(0x4F, aid), expected)

    @rule(data=st.data(), again=st.booleans())
    def extradite(self, data: st.DataObject, again: bool) -> None:
        for _ in range(1 + again):
            actor, aid = self._actor(data), self._entry(data, PACKAGE, PACKAGE, ISD_AID)
            domains = [one for one, app in self.model.apps.items() if app.is_domain]
            target = data.draw(st.sampled_from([ISD_AID, *domains, *domains, PROBE]), label="to")
            self._extradite_as(actor, aid, target)

    def _extradite_as(self, actor: bytes, aid: bytes, target: bytes) -> None:
        fields = (target, b"", aid, b"", b"", b"")
        self._install(actor, InstallFor.EXTRADITION, fields, self.model.extradite(actor, aid, target))

    @rule(data=st.data(), lock=st.booleans(), family=st.booleans())
    def lock(self, data: st.DataObject, lock: bool, family: bool) -> None:
        actor, aid = self._actor(data), self._entry(data, ISD_AID)
        domains = [one for one, app in self.model.apps.items() if app.is_domain]
        if family and domains:
            aid = data.draw(st.sampled_from([*domains, *domains, aid]), label="domain")
        expected = self.model.lock(actor, aid, lock=lock, family=family)
        self._expect(actor, INS_SET_STATUS, 0x60 if family else 0x40, 0x80 if lock else 0, aid, expected)
        self.session = None  # the actor may have locked itself, or a family it belongs to

    @rule(
        data=st.data(),
        version=st.sampled_from(VERSIONS),
        keys=st.sampled_from(KEYS),
        replaces=st.sampled_from([0, *VERSIONS]),
    )
    def put_keys(self, data: st.DataObject, version: int, keys: StaticKeys, replaces: int) -> None:
        self._put_keys_as(self._actor(data), version, keys, replaces)

    def _put_keys_as(self, actor: bytes, version: int, keys: StaticKeys, replaces: int) -> None:
        session = self._as(actor)
        dek = dict(self.model.keys_of(actor))[session.channel.response.key_version].dek
        field = bytes((version,)) + b"".join(encode_aes_key(dek, key) for key in (keys.enc, keys.mac, keys.dek))
        expected = self.model.put_keys(actor, version, keys, replaces=replaces)
        self._expect(actor, INS_PUT_KEY, replaces, 0x81, field, expected)
        self.session = None

    @rule(data=st.data(), version=st.sampled_from(VERSIONS))
    def delete_keys(self, data: st.DataObject, version: int) -> None:
        actor = self._actor(data)
        expected = self.model.delete_keys(actor, version)
        self._expect(actor, INS_DELETE, 0, 0, bytes((0xD2, 1, version)), expected)
        self.session = None

    @rule(data=st.data(), state=st.sampled_from([state for state in CardState if state is not CardState.TERMINATED]))
    def set_card_state(self, data: st.DataObject, state: CardState) -> None:
        actor = self._actor(data)
        self._expect(actor, INS_SET_STATUS, 0x80, state, b"", self.model.set_card_state(actor, state))

    @precondition(lambda self: self.model.state is CardState.CARD_LOCKED)
    @rule()
    def unlock_card(self) -> None:
        self._as(ISD_AID)
        expected = self.model.set_card_state(ISD_AID, CardState.SECURED)
        self._expect(ISD_AID, INS_SET_STATUS, 0x80, CardState.SECURED, b"", expected)

    @rule(media=st.sampled_from(list(Media)))
    def reset(self, media: Media) -> None:
        self.card.reset(media)
        self.session = None

    @rule()
    def save_and_restore(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "card.json"
            self.card.simulated.save(file)
            self.card.close()
            self.card = restore_card(file)
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
        if app.domain != ISD_AID and self.model.apps[app.domain].state & 0x80:
            return
        self.session = None
        version, keys = self.model.keys_of(aid)[0]
        assert Session.open(self.card, aid, keys).channel.response.key_version == version

    # -- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def registry_is_what_the_model_says(self) -> None:
        self.session = None
        _, keys = self.model.issuer_keys[0]
        reader = GlobalPlatformClient(self.card)
        reader.select(ISD_AID)
        reader.authenticate(keys, level=SecurityLevel.C_MAC)
        registry = reader.registry()
        assert registry.issuer_domain is not None
        assert registry.issuer_domain.life_cycle == self.card.simulated.state == self.model.state
        assert registry.issuer_domain.privileges == self.model.issuer_privileges
        assert _applications(registry) == {
            aid: (app.load_file, app.domain, app.privileges, app.state) for aid, app in self.model.apps.items()
        }
        assert {entry.aid: entry.domain for entry in registry.load_files} == self.model.load_files

    @invariant()
    def memory_is_what_is_on_the_card(self) -> None:
        if not self.model.apps:
            loaded = self.loaded if PACKAGE in self.model.load_files else 0
            assert self.card.simulated.free_memory == self.total - loaded


def _applications(registry: Registry) -> dict[bytes, tuple[bytes | None, bytes | None, Privilege, int]]:
    return {
        entry.aid: (entry.load_file, entry.domain, entry.privileges, entry.life_cycle)
        for entry in registry.applications
    }


TestCardManager = CardManagerMachine.TestCase
TestCardManager.settings = settings(stateful_step_count=30)
