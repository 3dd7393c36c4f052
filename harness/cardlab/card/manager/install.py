"""INSTALL and LOAD (GPCS 11.5, 11.6): bringing content onto the card and moving it between security domains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.card.config import SCP03_OPTIONS
from cardlab.card.manager import linking
from cardlab.card.manager.fields import FieldReader, objects
from cardlab.card.manager.keys import KeyStore
from cardlab.card.manager.load import DIGESTS, check_digest, parse_load_file
from cardlab.card.manager.progress import Loading, Storing
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, LoadFileEntry, SecurityDomain
from cardlab.card.manager.settling import unsettled
from cardlab.card.manager.state import DOMAIN_SIZE, ManagedCard, require_hold, require_management, require_personalised
from cardlab.globalplatform.constants import (
    P1_LAST_BLOCK,
    SCP03,
    SSD_MODULE_AID,
    SSD_PACKAGE_AID,
    TAG_APPLICATION_PARAMETERS,
    TAG_IMPLICIT_SELECTION,
    TAG_PERSISTENT_QUOTA,
    TAG_SYSTEM_PARAMETERS,
    ApplicationState,
    InstallFor,
    Privilege,
)
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import LoadFile

NO_RECEIPT = b"\x00"  # GPCS Table 11-54: length of the confirmation

# What this card can honour. Token verification, delegated management, DAP and receipts need keys and algorithms that it
# does not have; Final Application stays with the issuer security domain, else a locked card could not be unlocked.
DOMAIN_PRIVILEGES = (
    Privilege.SECURITY_DOMAIN
    | Privilege.CARD_LOCK
    | Privilege.CARD_TERMINATE
    | Privilege.CARD_RESET
    | Privilege.TRUSTED_PATH
    | Privilege.AUTHORIZED_MANAGEMENT
    | Privilege.GLOBAL_DELETE
    | Privilege.GLOBAL_LOCK
    | Privilege.GLOBAL_REGISTRY
)
APPLICATION_PRIVILEGES = (
    Privilege.CARD_LOCK | Privilege.CARD_TERMINATE | Privilege.CARD_RESET | Privilege.GLOBAL_REGISTRY
)
ISSUER_PRIVILEGES = DOMAIN_PRIVILEGES | Privilege.FINAL_APPLICATION

# Inside C9 of a security domain, as issuers' configurations have it: the protocol (SCP and i), and who may extradite to
# it, delete it, and extradite away from it. Those three may be there; require_hold() says what this card does.
_TAG_DOMAIN_PROTOCOL = 0x81
_TAG_EXTRADITION_HERE, _TAG_DELETION, _TAG_EXTRADITION_AWAY = 0x82, 0x83, 0x87


# GPCS Tables 11-48 to 11-52: what may be there; most of it may be ignored (11.5.2.3.7).
_TAG_TOKEN_TEMPLATE, _TAG_ETSI_TEMPLATE, _TAG_CODE_MEMORY = 0xB6, 0xEA, 0xC6
_LOAD_TAGS = frozenset((TAG_SYSTEM_PARAMETERS, _TAG_TOKEN_TEMPLATE))
_LOAD_SYSTEM_TAGS = frozenset((_TAG_CODE_MEMORY, 0xC7, TAG_PERSISTENT_QUOTA, 0xCD, 0xDD))
_INSTALL_TAGS = _LOAD_TAGS | {TAG_APPLICATION_PARAMETERS, _TAG_ETSI_TEMPLATE}
_INSTALL_SYSTEM_TAGS = frozenset((0xC7, TAG_PERSISTENT_QUOTA, 0xCA, 0xCB, TAG_IMPLICIT_SELECTION, 0xD7, 0xD8))
_UPDATE_SYSTEM_TAGS = frozenset((0xCB, TAG_IMPLICIT_SELECTION))


@dataclass(frozen=True, slots=True)
class InstallParameters:
    """The parameters of INSTALL [for install] (GPCS Table 11-49). ``quota`` is the most the instance may take."""

    application: bytes
    quota: int | None

    @classmethod
    def parse(cls, raw: bytes) -> InstallParameters:
        """From the parameters field. C9 is mandatory; of the system's parameters only the quota (tag C8) is heeded."""
        found = objects(raw, allowed=_INSTALL_TAGS)
        if TAG_APPLICATION_PARAMETERS not in found:
            raise Refusal(SW.WRONG_DATA, "install parameters without C9")
        system = objects(found.get(TAG_SYSTEM_PARAMETERS, b""), allowed=_INSTALL_SYSTEM_TAGS)
        return cls(found[TAG_APPLICATION_PARAMETERS], _amount(system, TAG_PERSISTENT_QUOTA))


def _amount(system: dict[int, bytes], tag: int) -> int | None:
    value = system.get(tag)
    if value is None:
        return None
    if len(value) not in (2, 4):
        raise Refusal(SW.WRONG_DATA, "an amount of memory has 2 or 4 bytes")
    return int.from_bytes(value, "big")


def install(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """INSTALL in its forms; P1 says which (GPCS Table 11-41)."""
    if command.p2:
        raise Refusal(SW.INCORRECT_P1P2, "P2 of INSTALL is 00: no combined processes")
    form = _FORMS.get(command.p1)
    if form is None:
        raise Refusal(SW.INCORRECT_P1P2, f"INSTALL has no form {command.p1:02X} here")
    form(card, domain, FieldReader(command.data))
    return NO_RECEIPT


def _for_load(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    """GPCS Table 11-42."""
    aid, target = fields.aid(), fields.optional_aid() or domain.aid
    digest, parameters = fields.field(), fields.long_field()
    fields.token()
    require_management(card, domain)
    if digest and len(digest) not in DIGESTS:
        raise Refusal(SW.WRONG_DATA, f"a load file data block hash of {len(digest)} bytes")
    if card.registry.has(aid):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the load file's AID is taken")
    owner = card.registry.domain(target)
    require_personalised(card, owner)
    if owner is not domain:
        require_hold(card, domain, owner)
    system = objects(objects(parameters, allowed=_LOAD_TAGS).get(TAG_SYSTEM_PARAMETERS, b""), allowed=_LOAD_SYSTEM_TAGS)
    needed = (_amount(system, _TAG_CODE_MEMORY) or 0) + (_amount(system, TAG_PERSISTENT_QUOTA) or 0)
    card.require_memory(needed)  # GPCS 11.5.2.3.7: the sum, where code and data share one memory
    card.progress = Loading(aid, owner.aid, digest)


def load(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """LOAD (GPCS 11.6). Whatever goes wrong ends the loading and leaves nothing behind."""
    require_management(card, domain)
    loading = card.previous
    if not isinstance(loading, Loading):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "LOAD follows INSTALL [for load]")
    if command.p2 != loading.block & 0xFF:
        raise Refusal(SW.INCORRECT_P1P2, f"block {command.p2:02X}, expected {loading.block & 0xFF:02X}")
    if not command.data:
        raise Refusal(SW.WRONG_LENGTH, "an empty block")
    loading.block += 1
    loading.received += command.data
    card.require_memory(len(loading.received))
    if command.p1 & P1_LAST_BLOCK:
        _finish_load(card, loading)
    else:
        card.progress = loading
    return NO_RECEIPT  # GPCS 11.6.3.1: after every block


def _finish_load(card: ManagedCard, loading: Loading) -> None:
    blocks = parse_load_file(bytes(loading.received))
    if blocks.signatures:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "a DAP block, but no security domain may verify one")
    check_digest(blocks.data_block, loading.digest)
    loaded = tuple(found.data_block for found in card.registry.load_files.values() if found.data_block)
    config = card.persistent.config
    cap = linking.linked(blocks.data_block, loading.aid, config.java_card, loaded, config.platform.integers)
    data_block = cap.load_file()
    size = linking.code_size(cap)
    card.require_memory(size)
    version, modules = cap.header.package.version, tuple(applet.aid for applet in cap.applets)
    entry = LoadFileEntry(loading.aid, version, modules, loading.domain, 0, data_block)
    with unsettled(card, entry):
        entry.size = card.runtime.load(LoadFile(data_block, cap, size))
        if entry.size > card.free_memory:  # static fields, too
            card.runtime.unload(loading.aid)
            card.require_memory(entry.size)
    card.registry.load_files[loading.aid] = entry


def _for_install(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    _install_instance(card, domain, fields, ApplicationState.INSTALLED)


def _for_install_and_make_selectable(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    _install_instance(card, domain, fields, ApplicationState.SELECTABLE)


def _install_instance(card: ManagedCard, domain: SecurityDomain, fields: FieldReader, state: ApplicationState) -> None:
    """GPCS Table 11-43 and 9.3.6. The instance is associated with the security domain of its load file."""
    load_aid, module, instance = fields.aid(), fields.aid(), fields.aid()
    raw_privileges, parameters = fields.field(), InstallParameters.parse(fields.long_field())
    fields.token()
    require_management(card, domain)
    privileges = _privileges(raw_privileges)
    load_file = card.registry.load_files.get(load_aid)
    if load_file is None or module not in load_file.modules:
        raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, "no such load file or module")
    if card.registry.has(instance):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the instance's AID is taken")
    require_hold(card, domain, load_file)
    require_personalised(card, card.registry.domain_of(load_file))
    if privileges & Privilege.CARD_RESET and state == ApplicationState.INSTALLED:  # GPCS 11.5.2.3.2
        raise Refusal(SW.WRONG_DATA, "Card Reset is for an application that is made selectable too")
    _require_free_card_reset(card, privileges)
    entry: Application
    if (load_aid, module) == (SSD_PACKAGE_AID, SSD_MODULE_AID):
        if len(raw_privileges) == 1:
            privileges |= Privilege.TRUSTED_PATH  # GPCS Table 6-2
        _require_subset(privileges, DOMAIN_PRIVILEGES)
        entry = _new_domain(card, load_file, instance, privileges, state, parameters)
    else:
        _require_subset(privileges, APPLICATION_PRIVILEGES)
        entry = Application(instance, load_aid, module, load_file.domain, privileges, state)
        _create(card, entry, raw_privileges, parameters)
    card.registry.applications[instance] = entry
    if privileges & Privilege.CARD_RESET:
        card.registry.hold_card_reset(entry)


def _new_domain(
    card: ManagedCard,
    load_file: LoadFileEntry,
    aid: bytes,
    privileges: Privilege,
    state: ApplicationState,
    parameters: InstallParameters,
) -> SecurityDomain:
    if not privileges & Privilege.SECURITY_DOMAIN:
        raise Refusal(SW.WRONG_DATA, "a security domain needs the privilege of that name")
    allowed = frozenset((_TAG_DOMAIN_PROTOCOL, _TAG_EXTRADITION_HERE, _TAG_DELETION, _TAG_EXTRADITION_AWAY))
    protocol = objects(parameters.application, allowed=allowed).get(_TAG_DOMAIN_PROTOCOL)
    options = card.registry.domain_of(load_file).options
    if protocol is not None:
        if len(protocol) != 2 or protocol[0] != SCP03 or protocol[1] not in SCP03_OPTIONS:
            raise Refusal(SW.WRONG_DATA, "the secure channel protocol is 0360 or 0370")
        options = protocol[1]
    card.require_memory(DOMAIN_SIZE)
    if parameters.quota is not None and parameters.quota < DOMAIN_SIZE:
        raise Refusal(SW.NOT_ENOUGH_MEMORY, f"a security domain takes {DOMAIN_SIZE} bytes, the quota is less")
    keys = KeyStore(limit=card.persistent.config.key_limit)
    return SecurityDomain(aid, load_file.aid, SSD_MODULE_AID, load_file.domain, privileges, state, options, keys)


def _create(card: ManagedCard, entry: Application, raw_privileges: bytes, parameters: InstallParameters) -> None:
    """Have the runtime make the instance, and undo it when it takes more memory than there is (D4)."""
    if len(parameters.application) > 0xFF:
        raise Refusal(SW.WRONG_DATA, "application parameters have at most 255 bytes")
    data = b"".join(bytes((len(part),)) + part for part in (entry.aid, raw_privileges, parameters.application))
    free = card.free_memory
    with unsettled(card, entry):
        size = card.runtime.install(entry.load_file, entry.module, entry.aid, data)
        allowed = free if parameters.quota is None else min(free, parameters.quota)
        if size > allowed:
            card.runtime.delete(entry.aid)
            raise Refusal(SW.NOT_ENOUGH_MEMORY, f"the instance takes {size} bytes, {allowed} are allowed")


def _for_make_selectable(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    """GPCS Table 11-44 and 9.3.7. Card Reset is handed over if it is asked for, other privileges are ignored."""
    fields.nothing()
    fields.nothing()
    aid, privileges = fields.aid(), _privileges(fields.field()) & Privilege.CARD_RESET
    _check_parameters(fields.long_field())
    fields.token()
    require_management(card, domain)
    entry = card.registry.application(aid)
    require_hold(card, domain, entry)
    if entry.locked or (entry.state != ApplicationState.INSTALLED and not privileges):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the application is selectable already, or locked")
    if privileges:
        _require_free_card_reset(card, privileges, entry)
        card.registry.hold_card_reset(entry)
    if entry.state == ApplicationState.INSTALLED:
        entry.state = ApplicationState.SELECTABLE


def _for_extradition(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    """GPCS Table 11-45 and 9.4.1: an application or a load file goes to another security domain."""
    target = fields.aid()
    fields.nothing()
    aid = fields.aid()
    fields.nothing()
    objects(fields.long_field(), allowed=frozenset((_TAG_TOKEN_TEMPLATE,)))
    fields.token()
    require_management(card, domain)
    _extradite(card, domain, aid, target)


def _extradite(card: ManagedCard, domain: SecurityDomain, aid: bytes, target: bytes) -> None:
    registry = card.registry
    entry: Application | LoadFileEntry
    entry = registry.load_files[aid] if aid in registry.load_files else registry.application(aid)
    owner = registry.domain(target)
    require_hold(card, domain, entry)
    require_personalised(card, owner)
    if entry is owner or (isinstance(entry, SecurityDomain) and registry.is_under(owner, entry)):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "a security domain cannot be associated with itself")
    entry.domain = owner.aid


def _for_registry_update(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    """GPCS Table 11-46 and 9.4.2: other privileges, another security domain, or both; an empty field changes nothing.

    Restricting functions for good (tag D9) is not offered.
    """
    target = fields.optional_aid()
    fields.nothing()
    aid, raw_privileges = fields.aid(), fields.field()
    _check_parameters(fields.long_field())
    fields.token()
    require_management(card, domain)
    entry = card.registry.application(aid)
    require_hold(card, domain, entry)
    privileges = _privileges(raw_privileges) if raw_privileges else entry.privileges
    is_domain = isinstance(entry, SecurityDomain)
    _require_subset(privileges, DOMAIN_PRIVILEGES if is_domain else APPLICATION_PRIVILEGES)
    if is_domain and not privileges & Privilege.SECURITY_DOMAIN:
        raise Refusal(SW.WRONG_DATA, "a security domain stays one")
    _require_free_card_reset(card, privileges, entry)
    if target:
        _extradite(card, domain, aid, target)
    held = entry.privileges & Privilege.CARD_RESET
    entry.privileges = privileges
    if privileges & Privilege.CARD_RESET:
        card.registry.hold_card_reset(entry)
    elif held:
        card.registry.hold_card_reset(card.registry.issuer)


def _for_personalization(card: ManagedCard, domain: SecurityDomain, fields: FieldReader) -> None:
    """GPCS Table 11-47 and 7.3.2: the STORE DATA commands that follow are for an application of this domain."""
    fields.nothing()
    fields.nothing()
    aid = fields.aid()
    for _ in range(3):
        fields.nothing()
    fields.end()
    if not domain.privileges & Privilege.TRUSTED_PATH:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the security domain has no Trusted Path privilege")
    entry = card.registry.application(aid)
    if entry.domain != domain.aid or entry is domain or not entry.selectable:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "not a selectable application of this security domain")
    card.storing = Storing(card.channel.serial, aid)


_FORMS: dict[int, Callable[[ManagedCard, SecurityDomain, FieldReader], None]] = {
    InstallFor.LOAD: _for_load,
    InstallFor.INSTALL: _for_install,
    InstallFor.MAKE_SELECTABLE: _for_make_selectable,
    InstallFor.INSTALL_AND_MAKE_SELECTABLE: _for_install_and_make_selectable,
    InstallFor.EXTRADITION: _for_extradition,
    InstallFor.PERSONALIZATION: _for_personalization,
    InstallFor.REGISTRY_UPDATE: _for_registry_update,
}


def _privileges(raw: bytes) -> Privilege:
    """Privileges from one byte or three (GPCS 11.1.2)."""
    try:
        return Privilege.parse(raw)
    except ValueError as error:
        raise Refusal(SW.WRONG_DATA, str(error)) from None


def _check_parameters(raw: bytes) -> None:
    """Parameters of INSTALL [for make selectable] and [for registry update] (GPCS Tables 11-50, 11-52): form only."""
    found = objects(raw, allowed=_LOAD_TAGS)
    objects(found.get(TAG_SYSTEM_PARAMETERS, b""), allowed=_UPDATE_SYSTEM_TAGS)


def _require_subset(privileges: Privilege, allowed: Privilege) -> None:
    if privileges & ~int(allowed):
        raise Refusal(SW.WRONG_DATA, f"privileges {int(privileges):06X}, possible are {int(allowed):06X}")


def _require_free_card_reset(card: ManagedCard, privileges: Privilege, entry: Application | None = None) -> None:
    """Card Reset is for one application; another one must give it back first (GPCS 6.6.2)."""
    holder = card.registry.default_selected
    if privileges & Privilege.CARD_RESET and holder is not card.registry.issuer and holder is not entry:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "another application is the default one")
