"""DELETE (GPCS 11.2, 9.5): applications, security domains, load files and keys."""

from __future__ import annotations

from cardlab.card.manager.fields import check_aid, objects
from cardlab.card.manager.linking import imports
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, LoadFileEntry, SecurityDomain
from cardlab.card.manager.settling import unsettled
from cardlab.card.manager.state import ManagedCard, require_hold, require_management
from cardlab.globalplatform.constants import (
    P2_DELETE_RELATED,
    SSD_PACKAGE_AID,
    TAG_AID,
    TAG_KEY_IDENTIFIER,
    TAG_KEY_VERSION,
    Privilege,
)
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW

NO_RECEIPT = b"\x00"  # GPCS Table 11-25
_KEY_TAGS = frozenset((TAG_KEY_IDENTIFIER, TAG_KEY_VERSION))


def delete(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """DELETE; the data says what (GPCS Tables 11-23 and 11-24). Only bit 8 of P2 counts (Table 11-22)."""
    found = objects(command.data, allowed=_KEY_TAGS | {TAG_AID})
    if set(found) == {TAG_AID}:
        _delete_content(card, domain, check_aid(found[TAG_AID]), related=bool(command.p2 & P2_DELETE_RELATED))
    elif found and set(found) <= _KEY_TAGS:
        _delete_keys(card, domain, found)
    else:
        raise Refusal(SW.WRONG_DATA, "DELETE takes an AID (4F), or a key's identifier (D0) and version (D2)")
    return NO_RECEIPT


def _delete_keys(card: ManagedCard, domain: SecurityDomain, found: dict[int, bytes]) -> None:
    """The domain's own keys only. The issuer's last key set stays, or nobody could open a channel again."""
    if any(len(value) != 1 for value in found.values()):
        raise Refusal(SW.WRONG_DATA, "key identifier and version are one byte each")
    version, identifier = found.get(TAG_KEY_VERSION), found.get(TAG_KEY_IDENTIFIER)
    keys = domain.keys.without(version[0] if version else None, identifier[0] if identifier else None)
    if domain is card.registry.issuer and keys.for_channel(0) is None:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the issuer security domain's last key set cannot be deleted")
    domain.keys = keys


def _delete_content(card: ManagedCard, domain: SecurityDomain, aid: bytes, *, related: bool) -> None:
    """Everything is checked before anything goes (GPCS 9.5.1 to 9.5.3)."""
    registry = card.registry
    require_management(card, domain)
    load_file = registry.load_files.get(aid)
    if load_file is None:
        entry = registry.application(aid, SW.FILE_NOT_FOUND)  # GPCS Table 11-26
        _require_deletable(card, domain, entry)
        _remove(card, entry)
        return
    instances = registry.instances(load_file)
    if aid == SSD_PACKAGE_AID:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the security domains' load file belongs to the card")
    if any(found.data_block and aid in imports(found.data_block) for found in registry.load_files.values()):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "another load file uses it (GPCS 9.5.2): delete that one first")
    if instances and not related:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "it has applications: delete them too (P2 = 80) or first")
    _require_deletable(card, domain, load_file)
    for instance in instances:
        _require_deletable(card, domain, instance)
    for instance in instances:  # one after the other, so that the registry tells the truth if the runtime refuses one
        _remove(card, instance)
    with unsettled(card, load_file):
        card.runtime.unload(aid)
    del registry.load_files[aid]


def _require_deletable(card: ManagedCard, domain: SecurityDomain, entry: Application | LoadFileEntry) -> None:
    if entry is card.registry.issuer or entry is domain:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "a selected security domain, and the issuer's, cannot be deleted")
    if isinstance(entry, Application) and card.is_selected(entry):  # GPCS 9.5.1; JCRE 3.0.5, 11.3.4.1
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "it is selected on a logical channel")
    if not domain.privileges & Privilege.GLOBAL_DELETE:
        require_hold(card, domain, entry)
    if isinstance(entry, SecurityDomain) and card.registry.associated(entry):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "something is associated with the security domain")


def _remove(card: ManagedCard, entry: Application) -> None:
    if not isinstance(entry, SecurityDomain):
        card.runtime.delete(entry.aid)
    card.registry.remove_application(entry)
