"""What GlobalPlatformPro is asked to do, as command lines; pure functions.

Facts about the program come from the source of version 26.02.11. Wrong arguments raise ValueError, and nothing runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cardlab.globalplatform.constants import (
    CLA_GP,
    INS_STORE_DATA,
    P1_LAST_BLOCK,
    CardState,
    Privilege,
)
from cardlab.globalplatform.host.commands import MAX_BLOCKS, check_aid, install_parameters
from cardlab.globalplatform.installation import Installation, require_security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys, max_data

DEFAULT_LEVEL = SecurityLevel.C_ENC  # the strongest that every SCP03 card offers; the program cannot ask the card first

PRIVILEGE_NAMES: dict[str, Privilege] = {
    "SecurityDomain": Privilege.SECURITY_DOMAIN,
    "DAPVerification": Privilege.DAP_VERIFICATION,
    "DelegatedManagement": Privilege.DELEGATED_MANAGEMENT,
    "CardLock": Privilege.CARD_LOCK,
    "CardTerminate": Privilege.CARD_TERMINATE,
    "CardReset": Privilege.CARD_RESET,
    "CVMManagement": Privilege.CVM_MANAGEMENT,
    "MandatedDAPVerification": Privilege.MANDATED_DAP_VERIFICATION,
    "TrustedPath": Privilege.TRUSTED_PATH,
    "AuthorizedManagement": Privilege.AUTHORIZED_MANAGEMENT,
    "TokenVerification": Privilege.TOKEN_VERIFICATION,
    "GlobalDelete": Privilege.GLOBAL_DELETE,
    "GlobalLock": Privilege.GLOBAL_LOCK,
    "GlobalRegistry": Privilege.GLOBAL_REGISTRY,
    "FinalApplication": Privilege.FINAL_APPLICATION,
    "GlobalService": Privilege.GLOBAL_SERVICE,
    "ReceiptGeneration": Privilege.RECEIPT_GENERATION,
    "CipheredLoadFileDataBlock": Privilege.CIPHERED_LOAD_FILE,
    "ContactlessActivation": Privilege.CONTACTLESS_ACTIVATION,
    "ContactlessSelfActivation": Privilege.CONTACTLESS_SELF_ACTIVATION,
}
_MODES: dict[SecurityLevel, tuple[str, ...]] = {
    SecurityLevel.C_MAC: ("MAC",),
    SecurityLevel.C_ENC: ("ENC",),
    SecurityLevel.C_MAC | SecurityLevel.R_MAC: ("RMAC",),
    SecurityLevel.C_ENC_R_MAC: ("ENC", "RMAC"),
    SecurityLevel.FULL: ("RENC",),
}
_CARD_STATES: dict[CardState, str] = {
    CardState.INITIALIZED: "--initialize-card",
    CardState.SECURED: "--secure-card",  # also what unlocks a locked card
    CardState.CARD_LOCKED: "--lock-card",
}
# Which family a key version belongs to; for the first two the program would write AES-128 keys as Triple DES.
_TRIPLE_DES_VERSIONS = range(0x10, 0x30)


@dataclass(frozen=True, slots=True)
class Task:
    """One run of the program: what it is for (for people), its arguments, and whether nobody else may see those."""

    name: str
    arguments: tuple[str, ...] = field(repr=False)
    confidential: bool = False
    secrets: tuple[bytes, ...] = field(default=(), repr=False)  # never shown, whatever the program prints


def session(domain: bytes, level: SecurityLevel | None) -> tuple[str, ...]:
    """The arguments of every task: no guessing, this domain (empty: the issuer's), this protection."""
    level = DEFAULT_LEVEL if level is None else level
    if level not in _MODES:
        raise ValueError(f"GlobalPlatformPro has no mode for security level {int(level):02X}")
    # --no-felix: without keys it fails instead of trying the test keys, and it adds nothing to what it is told.
    modes = tuple(argument for mode in _MODES[level] for argument in ("--mode", mode))
    connect = ("--connect", _aid(domain, "security domain")) if domain else ()
    return ("--no-felix", *connect, *modes)


def key_environment(keys: StaticKeys, version: int) -> dict[str, str]:
    """The domain's keys as environment variables, which no other user can read. Version 0 lets the card choose."""
    if not 0 <= version <= 0x7F:
        raise ValueError(f"key version {version:02X} is not between 00 and 7F")
    values = {"GP_KEY_ENC": keys.enc, "GP_KEY_MAC": keys.mac, "GP_KEY_DEK": keys.dek}
    environment = {name: value.hex().upper() for name, value in values.items()}
    return environment | ({"GP_KEY_VER": f"0x{version:02X}"} if version else {})


def list_registry() -> Task:
    """GET STATUS in every scope."""
    return Task("list the registry", ("--list",))


def load(cap: str, domain: bytes) -> Task:
    """INSTALL [for load] and LOAD of a CAP file; ``domain`` empty for the one that is connected to."""
    target = ("--to", _aid(domain, "security domain")) if domain else ()
    return Task("load the CAP file", ("--load", cap, *target))


def install(applet: Installation) -> Task:
    """INSTALL [for install and make selectable]."""
    return Task(
        f"install {applet.instance.hex().upper()}",
        ("--install-only", _aid(applet.instance, "instance"), *_source(applet)),
    )


def create_security_domain(domain: Installation) -> Task:
    """INSTALL of a supplementary security domain."""
    return Task(
        f"create security domain {domain.instance.hex().upper()}",
        ("--domain", _aid(domain.instance, "security domain"), *_source(require_security_domain(domain))),
    )


def _source(applet: Installation) -> tuple[str, ...]:
    """What is installed, and how. Parameters are always a TLV: anything else the program would rewrite."""
    return (
        *("--applet", _aid(applet.module, "module"), "--package", _aid(applet.package, "load file")),
        *("--params", install_parameters(applet).hex().upper(), *_privileges(applet.privileges)),
    )


def personalise(aid: bytes, blocks: Sequence[bytes], form: int, level: SecurityLevel | None) -> Task:
    """INSTALL [for personalization] and one STORE DATA a block; ``form`` is P1 without its last-block bit."""
    longest = max_data(DEFAULT_LEVEL if level is None else level)
    if not 1 <= len(blocks) <= MAX_BLOCKS:
        raise ValueError(f"{len(blocks)} blocks of data, there must be 1 to {MAX_BLOCKS}")
    arguments = ["--personalize", _aid(aid, "application")]
    for number, block in enumerate(blocks, 1):
        if not 1 <= len(block) <= longest:  # a longer one it would cut into pieces of its own
            raise ValueError(f"block {number} has {len(block)} bytes, 1 to {longest} fit a command here")
        last = P1_LAST_BLOCK if number == len(blocks) else 0
        command = bytes((CLA_GP, INS_STORE_DATA, form & 0x7F | last, 0, len(block))) + block
        arguments += ["--store-data-raw", command.hex().upper()]
    name = f"personalise {aid.hex().upper()}"
    return Task(name, tuple(arguments), confidential=True, secrets=tuple(blocks))


def extradite(aid: bytes, domain: bytes) -> Task:
    """INSTALL [for extradition]."""
    what, to = _aid(aid, "application"), _aid(domain, "security domain")
    return Task(f"give {what} to {to}", ("--move", what, "--to", to))


def put_keys(keys: StaticKeys, version: int) -> Task:
    """PUT KEY: a whole set; one with the same version is replaced."""
    if not 1 <= version <= 0x7F:
        raise ValueError(f"key version {version:02X} is not between 01 and 7F")
    if version in _TRIPLE_DES_VERSIONS:
        raise ValueError(
            f"GlobalPlatformPro takes key version {version:02X} for Triple DES keys of SCP01 or SCP02; "
            "choose another version for AES keys, such as 30 to 3F"
        )
    values = (("--lock-enc", keys.enc), ("--lock-mac", keys.mac), ("--lock-dek", keys.dek))
    arguments = tuple(argument for option, key in values for argument in (option, key.hex().upper()))
    return Task(
        f"put keys of version {version:02X}",
        (*arguments, "--new-keyver", f"0x{version:02X}"),
        confidential=True,
        secrets=(keys.enc, keys.mac, keys.dek),
    )


def delete_key(version: int) -> Task:
    """DELETE of a key set."""
    if not 1 <= version <= 0x7F:
        raise ValueError(f"key version {version:02X} is not between 01 and 7F")
    return Task(f"delete the keys of version {version:02X}", ("--delete-key", f"0x{version:02X}"))


def delete(aid: bytes, related: bool) -> Task:
    """DELETE of an application or a load file, with ``related`` a load file and all its applications."""
    what = _aid(aid, "application")
    return Task(f"delete {what}", ("--delete", what, *(("--force",) if related else ())))


def set_locked(aid: bytes, locked: bool) -> Task:
    """SET STATUS: lock or unlock an application or a domain."""
    what = _aid(aid, "application")
    return Task(f"{'lock' if locked else 'unlock'} {what}", ("--lock-applet" if locked else "--unlock-applet", what))


def set_card_state(state: CardState) -> Task:
    """SET STATUS of the card."""
    if state not in _CARD_STATES:
        raise ValueError(f"GlobalPlatformPro has no option to bring a card to {state.name}; the built-in client has")
    return Task(f"bring the card to {state.name}", (_CARD_STATES[state],))


def _aid(aid: bytes, what: str) -> str:
    return check_aid(aid, what).hex().upper()


def _privileges(privileges: Privilege) -> tuple[str, ...]:
    """By name; those that others imply are left out."""
    if not privileges:
        return ()
    names = [name for name, value in PRIVILEGE_NAMES.items() if value in privileges]
    if int(privileges) != sum_of(names):
        raise ValueError(f"GlobalPlatformPro has no names for the privileges {privileges.to_bytes3().hex().upper()}")
    return ("--privs", ",".join(names))


def sum_of(names: Sequence[str]) -> Privilege:
    """The privileges with these names; raises KeyError for one that does not exist."""
    total = Privilege.NONE
    for name in names:
        total |= PRIVILEGE_NAMES[name]
    return total
