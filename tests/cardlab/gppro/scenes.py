"""Things to do to a card, each with what comes before it: recorded from GlobalPlatformPro, done by both installers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.card.config import DEFAULT_KEYS
from cardlab.errors import CardError, HarnessError, SecureChannelError
from cardlab.globalplatform.constants import CardState, Privilege
from cardlab.globalplatform.host.installer import Access, Installer
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.iso7816.status import UnexpectedStatusError
from jpki.client.constants import INSTANCE_AID, MODULE_AID, PACKAGE_AID, Profile
from jpki.client.installation import jpki_installation

ISSUER = Access(DEFAULT_KEYS, 0x30)
DOMAIN = bytes.fromhex("A00000015152004A01")
OTHER_DOMAIN = bytes.fromhex("A00000015152004A02")
DOMAIN_KEYS = StaticKeys(enc=b"\xd1" * 16, mac=b"\xd2" * 16, dek=b"\xd3" * 16)
NEW_KEYS = StaticKeys(enc=b"\xe1" * 16, mac=b"\xe2" * 16, dek=b"\xe3" * 16)
WRONG_ENC = StaticKeys(enc=b"\xe1" * 16, mac=DEFAULT_KEYS.mac, dek=DEFAULT_KEYS.dek)
IN_DOMAIN = Access(DOMAIN_KEYS, 0x31, DOMAIN)
ABSENT = bytes.fromhex("F00000000001")
SECOND = bytes.fromhex("D392F000260100000002")

Step = Callable[[Installer, bytes], object]  # the second argument is the applet's CAP file


@dataclass(frozen=True)
class Scene:
    """``do`` on a card on which ``before`` was done; ``error`` when it must be refused, ``sw`` with which status."""

    name: str
    do: Step
    before: tuple[Step, ...] = ()
    access: Access = ISSUER
    error: type[HarnessError] | None = None
    sw: int | None = None
    lists: bool = False
    confidential: bool = False  # refused by a GlobalPlatformPro that is no jar


def registry(installer: Installer, cap: bytes) -> object:
    return installer.registry()


def load(installer: Installer, cap: bytes) -> None:
    installer.load(cap)


def install(installer: Installer, cap: bytes) -> None:
    installer.install(jpki_installation(Profile.PHONE.parameters))


def create_domain(installer: Installer, cap: bytes) -> None:
    privileges = Privilege.SECURITY_DOMAIN | Privilege.TRUSTED_PATH | Privilege.AUTHORIZED_MANAGEMENT
    installer.create_security_domain(security_domain(DOMAIN, privileges=privileges))


def put_first_keys(installer: Installer, cap: bytes) -> None:
    installer.with_access(Access(DEFAULT_KEYS, 0, DOMAIN)).put_keys(DOMAIN_KEYS, 0x31)


def lock_application(installer: Installer, cap: bytes) -> None:
    installer.lock(INSTANCE_AID)


def lock_domain(installer: Installer, cap: bytes) -> None:
    installer.lock(DOMAIN)


def to_state(*states: CardState) -> Step:
    def go(installer: Installer, cap: bytes) -> None:
        for state in states:
            installer.set_card_state(state)

    return go


INSTALLED: tuple[Step, ...] = (load, install)
PERSONALISED: tuple[Step, ...] = (create_domain, put_first_keys)

LISTS = (
    Scene("list a fresh card", registry, lists=True),
    Scene("list an application and domains", registry, (*INSTALLED, *PERSONALISED), lists=True),
    Scene("list two instances", registry, (
        *INSTALLED,
        lambda one, cap: one.install(Installation(PACKAGE_AID, MODULE_AID, SECOND, privileges=Privilege.CARD_LOCK
                                     | Privilege.CARD_RESET | Privilege.GLOBAL_REGISTRY)),
    ), lists=True),
    Scene("list what is locked", registry, (*INSTALLED, *PERSONALISED, lock_application, lock_domain), lists=True),
    Scene("list a locked card", registry, (
        to_state(CardState.INITIALIZED, CardState.SECURED, CardState.CARD_LOCKED),
    ), lists=True),
    Scene("list from a domain", registry, (*INSTALLED, *PERSONALISED, lambda one, cap: one.extradite(
        INSTANCE_AID, DOMAIN)), IN_DOMAIN, lists=True),
)  # fmt: skip

DEEDS = (
    Scene("load", load),
    Scene("load into a domain", lambda one, cap: one.load(cap, domain=DOMAIN), PERSONALISED),
    Scene("install", install, (load,)),
    Scene("install with privileges and a quota", lambda one, cap: one.install(Installation(
        PACKAGE_AID, MODULE_AID, SECOND, parameters=b"\2", privileges=Privilege.CARD_LOCK | Privilege.GLOBAL_REGISTRY,
        system=bytes.fromhex("C80400008000"))), (load,)),
    Scene("create a domain", create_domain),
    Scene("create a plain domain", lambda one, cap: one.create_security_domain(security_domain(OTHER_DOMAIN))),
    Scene("first keys of a domain", put_first_keys, (create_domain,), confidential=True),
    Scene("further keys", lambda one, cap: one.put_keys(NEW_KEYS, 0x32), PERSONALISED, IN_DOMAIN, confidential=True),
    Scene("replace keys", lambda one, cap: one.put_keys(NEW_KEYS, 0x31), PERSONALISED, IN_DOMAIN, confidential=True),
    Scene("delete keys", lambda one, cap: one.delete_key(0x32), (
        *PERSONALISED, lambda one, cap: one.with_access(IN_DOMAIN).put_keys(NEW_KEYS, 0x32)), IN_DOMAIN),
    Scene("personalise a domain", lambda one, cap: one.personalise(
        DOMAIN, [bytes.fromhex("420499990002"), bytes.fromhex("45054A504B4901")]), PERSONALISED, confidential=True),
    Scene("extradite", lambda one, cap: one.extradite(INSTANCE_AID, DOMAIN), (*INSTALLED, *PERSONALISED)),
    Scene("lock", lock_application, INSTALLED),
    Scene("unlock", lambda one, cap: one.unlock(INSTANCE_AID), (*INSTALLED, lock_application)),
    Scene("lock a domain", lock_domain, PERSONALISED),
    Scene("delete an instance", lambda one, cap: one.delete(INSTANCE_AID), INSTALLED),
    Scene("delete a package with its instances", lambda one, cap: one.delete(PACKAGE_AID, related=True), INSTALLED),
    Scene("initialise the card", to_state(CardState.INITIALIZED)),
    Scene("secure the card", to_state(CardState.SECURED), (to_state(CardState.INITIALIZED),)),
    Scene("lock the card", to_state(CardState.CARD_LOCKED), (to_state(CardState.INITIALIZED, CardState.SECURED),)),
    Scene("unlock the card", to_state(CardState.SECURED), (
        to_state(CardState.INITIALIZED, CardState.SECURED, CardState.CARD_LOCKED),)),
    Scene("under full protection", install, (load,), Access(DEFAULT_KEYS, 0x30, level=SecurityLevel.FULL)),
    Scene("with C-MAC only", install, (load,), Access(DEFAULT_KEYS, 0x30, level=SecurityLevel.C_MAC)),
)  # fmt: skip

_REFUSED = UnexpectedStatusError
REFUSALS = (
    Scene("load twice", load, (load,), error=_REFUSED, sw=0x6985),
    Scene("install twice", install, INSTALLED, error=_REFUSED, sw=0x6985),
    Scene("install with wrong parameters", lambda one, cap: one.install(jpki_installation(b"\7")), (load,),
          error=_REFUSED, sw=0x6A80),
    Scene("install from nothing", install, error=_REFUSED),
    Scene("delete what is not there", lambda one, cap: one.delete(ABSENT), error=CardError),
    Scene("delete what is not there, with related", lambda one, cap: one.delete(ABSENT, related=True),
          error=CardError),
    Scene("delete a package in use", lambda one, cap: one.delete(PACKAGE_AID), INSTALLED, error=_REFUSED, sw=0x6985),
    Scene("lock what is not there", lambda one, cap: one.lock(ABSENT), error=_REFUSED, sw=0x6A88),
    Scene("delete keys that are not there", lambda one, cap: one.delete_key(0x44), error=_REFUSED, sw=0x6A88),
    Scene("lock a card too early", to_state(CardState.CARD_LOCKED), error=_REFUSED, sw=0x6985),
    Scene("a domain that is not there", registry, access=Access(DEFAULT_KEYS, 0, ABSENT), error=_REFUSED, sw=0x6A82),
    Scene("wrong keys", registry, access=Access(NEW_KEYS, 0x30), error=SecureChannelError),
    Scene("a wrong encryption key", registry, access=Access(WRONG_ENC, 0x30), error=_REFUSED, sw=0x6988),
    Scene("no such key version", registry, access=Access(DEFAULT_KEYS, 0x44), error=SecureChannelError),
    Scene("personalise what is not there", lambda one, cap: one.personalise(ABSENT, [b"\x42\0"]), error=_REFUSED,
          confidential=True),
)  # fmt: skip
