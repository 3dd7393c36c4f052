"""GET STATUS (GPCS 11.4): the registry, as far as the security domain that is asked may see it."""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.card.manager.fields import objects
from cardlab.card.manager.progress import Listing
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, LoadFileEntry, SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import (
    P2_STATUS_NEXT,
    P2_STATUS_TLV,
    TAG_AID,
    TAG_ASSOCIATED_DOMAIN,
    TAG_LIFE_CYCLE,
    TAG_LOAD_FILE,
    TAG_LOAD_FILE_VERSION,
    TAG_MODULE,
    TAG_PRIVILEGES,
    TAG_REGISTRY_ENTRY,
    LoadFileState,
    Privilege,
    Scope,
)
from cardlab.globalplatform.scp03 import max_response
from cardlab.iso7816 import aid, tlv
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW

_TAG_LIST = 0x5C  # GPCS 11.4.2.3: which data objects of an entry are wanted
_SCOPES = frozenset(scope.value for scope in Scope)
_SCOPE_BITS = 0xF0  # the other bits of P1, and of P2 all but two, are RFU (GPCS Tables 11-33, 11-34)
_Wanted = frozenset[int] | None


def get_status(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> ResponseApdu:
    """Answers as many whole entries as fit, and 6310 while there are more (GPCS Table 11-38)."""
    scope = command.p1 & _SCOPE_BITS
    if scope not in _SCOPES or (scope == Scope.ISSUER_DOMAIN and command.p2 & P2_STATUS_NEXT):
        raise Refusal(SW.INCORRECT_P1P2, "no such scope, or there is no next one")  # GPCS Table 11-33, 11.4.2.2
    question = (scope, command.p2 & P2_STATUS_TLV, command.data)
    if command.p2 & P2_STATUS_NEXT:
        listing = card.previous
        if not isinstance(listing, Listing) or listing.question != question:
            raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "nothing to go on with: ask for the first occurrence")
        answers = listing.answers
    else:
        answers = _ask(card, domain, Scope(scope), command)
    taken, rest = _fill(answers, max_response(card.channel.level))
    if not rest:
        return ResponseApdu(taken, SW.OK)
    card.progress = Listing(question, rest)
    return ResponseApdu(taken, SW.MORE_DATA_AVAILABLE)


def _ask(card: ManagedCard, domain: SecurityDomain, scope: Scope, command: CommandApdu) -> list[bytes]:
    """Search criteria that the card does not know are ignored, and all are for the issuer's domain (GPCS 11.4.2.3)."""
    found = {} if scope == Scope.ISSUER_DOMAIN else objects(command.data)
    part = b"" if scope == Scope.ISSUER_DOMAIN else found.get(TAG_AID)
    if part is None or len(part) > aid.MAX_LENGTH:
        raise Refusal(SW.WRONG_DATA, "the search criterion is an AID or the beginning of one (4F)")
    wanted = None if _TAG_LIST not in found else _tags(found[_TAG_LIST])
    as_tlv = bool(command.p2 & P2_STATUS_TLV)
    answers = []
    for entry in _visible(card, domain, scope):
        if entry.aid.startswith(part):
            answers.append(_as_tlv(card, entry, scope, wanted) if as_tlv else _as_list(card, entry, scope))
    if not answers:
        raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, "nothing matches")  # GPCS Table 11-39
    return answers


def _visible(card: ManagedCard, domain: SecurityDomain, scope: Scope) -> Sequence[Application | LoadFileEntry]:
    """A domain sees itself and what is under it; with Global Registry everything (GPCS 9.6.5, 11.4.2.3)."""
    registry = card.registry
    everything = bool(domain.privileges & Privilege.GLOBAL_REGISTRY)

    def visible(entry: Application | LoadFileEntry) -> bool:
        return everything or entry is domain or registry.is_under(entry, domain)

    if scope == Scope.ISSUER_DOMAIN:
        return [registry.issuer] if visible(registry.issuer) else []
    if scope == Scope.APPLICATIONS:
        return [found for found in registry.applications.values() if found is not registry.issuer and visible(found)]
    return [found for found in registry.load_files.values() if visible(found)]


def _state(card: ManagedCard, entry: Application | LoadFileEntry) -> int:
    if isinstance(entry, LoadFileEntry):
        return LoadFileState.LOADED
    return card.state if entry is card.registry.issuer else entry.state


def _as_tlv(card: ManagedCard, entry: Application | LoadFileEntry, scope: int, wanted: _Wanted) -> bytes:
    """One E3 (GPCS Tables 11-36 and 11-37)."""
    items = [(TAG_AID, entry.aid), (TAG_LIFE_CYCLE, bytes((_state(card, entry),)))]
    if isinstance(entry, LoadFileEntry):
        items.append((TAG_LOAD_FILE_VERSION, bytes(entry.version)))
        if scope == Scope.LOAD_FILES_AND_MODULES:
            items += [(TAG_MODULE, module) for module in entry.modules]
    else:
        items.append((TAG_PRIVILEGES, entry.privileges.to_bytes3()))
        if entry.load_file:
            items.append((TAG_LOAD_FILE, entry.load_file))
    if entry is not card.registry.issuer:
        items.append((TAG_ASSOCIATED_DOMAIN, entry.domain))
    return tlv.encode(TAG_REGISTRY_ENTRY, *(tlv.encode(*item) for item in items if wanted is None or item[0] in wanted))


def _as_list(card: ManagedCard, entry: Application | LoadFileEntry, scope: int) -> bytes:
    """The older form without tags (Open Platform Card Specification 2.0.1, deprecated in GPCS 11.4.2.2)."""
    privileges = 0 if isinstance(entry, LoadFileEntry) else entry.privileges.to_bytes3()[0]
    answer = _lv(entry.aid) + bytes((_state(card, entry), privileges))
    if isinstance(entry, LoadFileEntry) and scope == Scope.LOAD_FILES_AND_MODULES:
        answer += bytes((len(entry.modules),)) + b"".join(_lv(module) for module in entry.modules)
    return answer


def _lv(value: bytes) -> bytes:
    return bytes((len(value),)) + value


def _tags(raw: bytes) -> frozenset[int]:
    """The tags in a tag list, each of one byte or two."""
    tags, rest = set(), raw
    while rest:
        size = 2 if rest[0] & 0x1F == 0x1F else 1
        if len(rest) < size:
            raise Refusal(SW.WRONG_DATA, "the tag list ends inside a tag")
        tags.add(int.from_bytes(rest[:size], "big"))
        rest = rest[size:]
    return frozenset(tags)


def _fill(answers: list[bytes], room: int) -> tuple[bytes, list[bytes]]:
    """What fits, at least one entry, and the rest. An entry that never fits goes out in pieces."""
    taken = b""
    for position, answer in enumerate(answers):
        if len(taken) + len(answer) > room:
            if taken:
                return taken, answers[position:]
            return answer[:room], [answer[room:], *answers[position + 1 :]]
        taken += answer
    return taken, []
