"""The registry once more, as plain data and rules written from GPCS alone, to compare the card with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.constants import ISD_AID, SSD_MODULE_AID, SSD_PACKAGE_AID, CardState, Privilege
from cardlab.globalplatform.scp03 import StaticKeys
from tests.cardlab.card.cards import MODULES, PACKAGE

OK, CONDITIONS, WRONG_DATA, NOT_FOUND, NO_REFERENCE = 0x9000, 0x6985, 0x6A80, 0x6A82, 0x6A88
INSTALLED, SELECTABLE, PERSONALIZED, LOCKED = 0x03, 0x07, 0x0F, 0x80
ISSUER_PRIVILEGES = (
    Privilege.SECURITY_DOMAIN
    | Privilege.AUTHORIZED_MANAGEMENT
    | Privilege.CARD_LOCK
    | Privilege.CARD_TERMINATE
    | Privilege.CARD_RESET
    | Privilege.TRUSTED_PATH
    | Privilege.GLOBAL_DELETE
    | Privilege.GLOBAL_LOCK
    | Privilege.GLOBAL_REGISTRY
    | Privilege.FINAL_APPLICATION
)


@dataclass(frozen=True)
class App:
    """An application or security domain; ``keys`` are a domain's own, by version."""

    module: bytes
    load_file: bytes
    domain: bytes
    privileges: Privilege
    state: int
    keys: tuple[tuple[int, StaticKeys], ...] = ()

    @property
    def is_domain(self) -> bool:
        return bool(self.privileges & Privilege.SECURITY_DOMAIN)


def _load_files() -> dict[bytes, bytes]:
    return {SSD_PACKAGE_AID: ISD_AID, PACKAGE: ISD_AID}


@dataclass
class Model:
    """What should be on the card. Each operation answers the status word that the card must answer."""

    state: CardState = CardState.OP_READY
    apps: dict[bytes, App] = field(default_factory=dict)
    load_files: dict[bytes, bytes] = field(default_factory=_load_files)
    issuer_keys: tuple[tuple[int, StaticKeys], ...] = ((0x30, DEFAULT_KEYS),)

    # -- views --------------------------------------------------------------------------------------------------------

    @property
    def issuer_privileges(self) -> Privilege:
        taken = any(app.privileges & Privilege.CARD_RESET for app in self.apps.values())
        return ISSUER_PRIVILEGES & ~Privilege.CARD_RESET if taken else ISSUER_PRIVILEGES

    def above(self, domain: bytes) -> list[bytes]:
        """The domain with this AID and those it is associated with, up to the issuer's."""
        chain = [domain]
        while chain[-1] != ISD_AID:
            chain.append(self.apps[chain[-1]].domain)
        return chain

    def keys_of(self, aid: bytes) -> tuple[tuple[int, StaticKeys], ...]:
        """Key sets that open a channel to an application or domain, the default first."""
        start = aid if aid == ISD_AID or self.apps[aid].is_domain else self.apps[aid].domain
        chain = (self.issuer_keys if one == ISD_AID else self.apps[one].keys for one in self.above(start))
        return next(keys for keys in chain if keys)

    def can_select(self, aid: bytes) -> bool:
        if aid == ISD_AID:
            return True
        app = self.apps.get(aid)
        ready = app is not None and not app.state & LOCKED and app.state != INSTALLED
        return ready and self.state is not CardState.CARD_LOCKED

    def _may_manage(self, actor: bytes) -> bool:
        if self.state is CardState.CARD_LOCKED:
            return False
        if actor == ISD_AID:
            return True
        app = self.apps[actor]
        return bool(app.privileges & Privilege.AUTHORIZED_MANAGEMENT) and app.state == PERSONALIZED

    def _personalized(self, domain: bytes) -> bool:
        return domain == ISD_AID or self.apps[domain].state == PERSONALIZED

    def _privileges(self, actor: bytes) -> Privilege:
        return self.issuer_privileges if actor == ISD_AID else self.apps[actor].privileges

    # -- operations ---------------------------------------------------------------------------------------------------

    def install(self, actor: bytes, module: bytes, aid: bytes, privileges: Privilege, *, selectable: bool) -> int:
        if not self._may_manage(actor):
            return CONDITIONS
        is_domain = module == SSD_MODULE_AID
        load_file = SSD_PACKAGE_AID if is_domain else PACKAGE
        if load_file not in self.load_files:
            return NO_REFERENCE
        if aid in self.apps or aid in self.load_files or aid == ISD_AID:
            return CONDITIONS
        owner = self.load_files[load_file]
        if actor not in self.above(owner) or not self._personalized(owner):
            return CONDITIONS
        if privileges & Privilege.CARD_RESET:
            if not selectable:
                return WRONG_DATA
            if not self.issuer_privileges & Privilege.CARD_RESET:
                return CONDITIONS
        if is_domain:
            privileges |= Privilege.SECURITY_DOMAIN
        self.apps[aid] = App(module, load_file, owner, privileges, SELECTABLE if selectable else INSTALLED)
        return OK

    def make_selectable(self, actor: bytes, aid: bytes) -> int:
        if not self._may_manage(actor):
            return CONDITIONS
        if aid not in self.apps:
            return NO_REFERENCE
        app = self.apps[aid]
        if actor not in self.above(app.domain) or app.state != INSTALLED:
            return CONDITIONS
        self.apps[aid] = replace(app, state=SELECTABLE)
        return OK

    def delete(self, actor: bytes, aid: bytes, *, related: bool) -> int:
        if not self._may_manage(actor):
            return CONDITIONS
        if aid in self.load_files:
            users = [one for one, app in self.apps.items() if app.load_file == aid]
            refused = aid == SSD_PACKAGE_AID or (users and not related)
            if refused or not all(self._may_delete(actor, one) for one in (aid, *users)):
                return CONDITIONS
            for one in users:
                del self.apps[one]
            del self.load_files[aid]
            return OK
        if aid not in self.apps:
            return CONDITIONS if aid == ISD_AID else NOT_FOUND
        in_use = any(app.domain == aid for app in self.apps.values()) or aid in self.load_files.values()
        if in_use or not self._may_delete(actor, aid):
            return CONDITIONS
        del self.apps[aid]
        return OK

    def _may_delete(self, actor: bytes, aid: bytes) -> bool:
        owner = self.load_files[aid] if aid in self.load_files else self.apps[aid].domain
        return aid != actor and (actor in self.above(owner) or bool(self._privileges(actor) & Privilege.GLOBAL_DELETE))

    def extradite(self, actor: bytes, aid: bytes, target: bytes) -> int:
        if not self._may_manage(actor):
            return CONDITIONS
        known = aid in self.load_files or aid in self.apps or aid == ISD_AID
        if not known or not (target == ISD_AID or (target in self.apps and self.apps[target].is_domain)):
            return NO_REFERENCE
        if aid == ISD_AID:
            return CONDITIONS
        owner = self.load_files[aid] if aid in self.load_files else self.apps[aid].domain
        if actor not in self.above(owner) or not self._personalized(target) or aid in self.above(target):
            return CONDITIONS
        if aid in self.load_files:
            self.load_files[aid] = target
        else:
            self.apps[aid] = replace(self.apps[aid], domain=target)
        return OK

    def lock(self, actor: bytes, aid: bytes, *, lock: bool, family: bool) -> int:
        if aid != ISD_AID and (aid not in self.apps or (family and not self.apps[aid].is_domain)):
            return NO_REFERENCE
        if aid == ISD_AID:
            return CONDITIONS
        app = self.apps[aid]
        allowed = aid == actor or actor in self.above(app.domain) or self._privileges(actor) & Privilege.GLOBAL_LOCK
        if not allowed or (aid == actor and not lock):
            return CONDITIONS
        if not family and bool(app.state & LOCKED) == lock:
            return CONDITIONS
        for one, other in list(self.apps.items()):
            if one == aid or (family and aid in self.above(other.domain)):
                self.apps[one] = replace(other, state=other.state | LOCKED if lock else other.state & ~LOCKED)
        return OK

    def put_keys(self, actor: bytes, version: int, keys: StaticKeys, *, replaces: int) -> int:
        if self.state is CardState.CARD_LOCKED:
            return CONDITIONS
        own = self.issuer_keys if actor == ISD_AID else self.apps[actor].keys
        versions = [one for one, _ in own]
        if replaces:
            if replaces not in versions:
                return NO_REFERENCE
            if version != replaces and version in versions:
                return WRONG_DATA
            own = tuple((version, keys) if one == replaces else (one, held) for one, held in own)
        elif version in versions:
            return WRONG_DATA
        else:
            own = (*own, (version, keys))
        self._set_keys(actor, own)
        return OK

    def delete_keys(self, actor: bytes, version: int) -> int:
        if self.state is CardState.CARD_LOCKED:
            return CONDITIONS
        own = self.issuer_keys if actor == ISD_AID else self.apps[actor].keys
        left = tuple(one for one in own if one[0] != version)
        if left == own:
            return NO_REFERENCE
        if actor == ISD_AID and not left:
            return CONDITIONS
        self._set_keys(actor, left)
        return OK

    def _set_keys(self, actor: bytes, keys: tuple[tuple[int, StaticKeys], ...]) -> None:
        if actor == ISD_AID:
            self.issuer_keys = keys
            return
        app = self.apps[actor]
        state = PERSONALIZED if keys and app.state == SELECTABLE else app.state
        self.apps[actor] = replace(app, keys=keys, state=state)

    def set_card_state(self, actor: bytes, state: CardState) -> int:
        ways = {
            (CardState.OP_READY, CardState.INITIALIZED): Privilege.FINAL_APPLICATION,  # the issuer's alone
            (CardState.INITIALIZED, CardState.SECURED): Privilege.FINAL_APPLICATION,
            (CardState.SECURED, CardState.CARD_LOCKED): Privilege.CARD_LOCK,
            (CardState.CARD_LOCKED, CardState.SECURED): Privilege.CARD_LOCK,
        }
        needed = ways.get((self.state, state))
        if needed is None or not self._privileges(actor) & needed:
            return CONDITIONS
        self.state = state
        return OK

    def module_of(self, aid: bytes) -> bytes:
        return self.apps[aid].module


APPLET_MODULES = tuple(module.aid for module in MODULES)
