"""STORE DATA (GPCS 11.11): for a security domain, or passed on to an application that is being personalised."""

from __future__ import annotations

from cardlab.card.manager.data_groups import KEY_GROUP, OBJECTS_GROUP, groups, keys_in
from cardlab.card.manager.fields import check_aid
from cardlab.card.manager.get_data import TAG_MANAGER_URL
from cardlab.card.manager.progress import Storing
from cardlab.card.manager.put_key import keep
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import (
    P1_LAST_BLOCK,
    P1_STORE_CASE_4,
    P1_STORE_DGI,
    P1_STORE_ENCRYPTED,
    TAG_AID,
    TAG_CARD_CAPABILITIES,
    TAG_CARD_DATA,
    TAG_CIN,
    TAG_IIN,
    TAG_RECOGNITION,
)
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW

_STRUCTURE = 0x18  # GPCS Table 11-89: bits 5 and 4; both set is RFU
_ENCRYPTION = P1_STORE_ENCRYPTED  # ... bits 7 and 6; 10 is RFU
_ENCRYPTION_RFU = 0x40
_FORM = _STRUCTURE | _ENCRYPTION  # bits 3 and 2 are RFU: ignored
_LIMIT = 4096  # bytes of all blocks together
_VALUE_LIMIT = 127

# GPCS 11.11.2.3: what is stored in a domain of each kind
_ISSUER_OBJECTS = frozenset((TAG_IIN, TAG_CIN, TAG_AID, TAG_CARD_DATA, TAG_CARD_CAPABILITIES, TAG_MANAGER_URL))
_DOMAIN_OBJECTS = frozenset((TAG_IIN, TAG_CIN, TAG_CARD_DATA, TAG_MANAGER_URL))


def store_data(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """Blocks are numbered from 00 (P2). The domain's own data changes with the last block, all at once.

    A refused block starts the count again; the personalisation of an application goes on (GPCS 11.11.2.2).
    """
    storing, card.storing = card.storing, None
    if storing is None or storing.session != card.channel.serial:
        storing = Storing(card.channel.serial)
    if storing.target:
        card.storing = Storing(storing.session, storing.target)
    form = command.p1 & _FORM
    if form & _STRUCTURE == _STRUCTURE or form & _ENCRYPTION == _ENCRYPTION_RFU:
        raise Refusal(SW.INCORRECT_P1P2, f"P1 {command.p1:02X} of STORE DATA is reserved")
    if command.p2 != storing.block & 0xFF:
        raise Refusal(SW.INCORRECT_P1P2, f"block {command.p2:02X}, expected {storing.block & 0xFF:02X}")
    target = card.registry.application(storing.target) if storing.target else domain
    if isinstance(target, SecurityDomain):
        _collect(card, target, storing, command, form)
        answer = b""
    else:
        answer = _pass_on(card, target, command)
    storing.block += 1
    card.storing = None if command.p1 & P1_LAST_BLOCK else storing
    return answer


def _pass_on(card: ManagedCard, target: Application, command: CommandApdu) -> bytes:
    """The whole command goes to the application (GPCS 6.7, 7.3.2), which may use its domain's session meanwhile."""
    card.personalised = target
    plain = command.header + bytes((len(command.data),)) + command.data
    try:
        answer = ResponseApdu.from_bytes(card.runtime.process_data(target.aid, plain))
    finally:
        card.personalised = None
    if not answer.ok:
        raise Refusal(answer.sw, card.runtime.unknown_cause() or "the application refuses the data")
    if answer.data and not command.p1 & P1_STORE_CASE_4:  # GPCS 11.11.3.1
        raise Refusal(SW.INCORRECT_P1P2, "the application has response data, P1 says that none is expected")
    return answer.data


def _collect(card: ManagedCard, domain: SecurityDomain, storing: Storing, command: CommandApdu, form: int) -> None:
    structure = form & _STRUCTURE
    if storing.form not in (None, structure):
        raise Refusal(SW.WRONG_DATA, "the blocks of one transfer are structured alike")
    if form & _ENCRYPTION and structure != P1_STORE_DGI:
        raise Refusal(SW.WRONG_DATA, "only data groupings with keys are encrypted for a security domain")
    storing.form = structure
    storing.received += command.data
    if len(storing.received) > _LIMIT:
        raise Refusal(SW.NOT_ENOUGH_MEMORY, f"more than {_LIMIT} bytes of data")
    if command.p1 & P1_LAST_BLOCK:
        _store(card, domain, bytes(storing.received), structure)


def _store(card: ManagedCard, domain: SecurityDomain, raw: bytes, structure: int) -> None:
    keys = domain.keys
    if structure == P1_STORE_DGI:
        parsed = groups(raw)
        if any(group not in (OBJECTS_GROUP, *KEY_GROUP) for group, _ in parsed):
            raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, "data groupings are 0070 (data objects), 00B9 and 8113 (keys)")
        raw = b"".join(value for group, value in parsed if group == OBJECTS_GROUP)
        keys = keys_in(card, keys, [item for item in parsed if item[0] in KEY_GROUP])
    data = _data_objects(card, domain, raw)
    if not data and keys is domain.keys:
        raise Refusal(SW.WRONG_DATA, "nothing to store")
    name = data.pop(TAG_AID, None)
    if name is not None:
        card.registry.rename_issuer(name)
    domain.data |= data
    if keys is not domain.keys:
        keep(card, domain, keys)


def _data_objects(card: ManagedCard, domain: SecurityDomain, raw: bytes) -> dict[int, bytes]:
    allowed = _ISSUER_OBJECTS if domain is card.registry.issuer else _DOMAIN_OBJECTS
    data: dict[int, bytes] = {}
    for item in tlv.parse(raw):
        if item.tag not in allowed:
            raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, f"data object {item.tag:X} cannot be stored")
        if not 1 <= len(item.value) <= _VALUE_LIMIT:
            raise Refusal(SW.WRONG_DATA, f"data object {item.tag:X} has 1 to {_VALUE_LIMIT} bytes")
        if item.tag == TAG_CARD_DATA and tlv.find(item.value, TAG_RECOGNITION) is None:
            raise Refusal(SW.WRONG_DATA, "card data holds card recognition data (73)")  # GPCS Table H-1
        if item.tag == TAG_CARD_CAPABILITIES:
            tlv.parse(item.value)
        data[item.tag] = item.value
    name = data.get(TAG_AID)
    if name is not None and card.registry.has(check_aid(name)) and name != domain.aid:
        raise Refusal(SW.WRONG_DATA, "the AID is taken")
    return data
