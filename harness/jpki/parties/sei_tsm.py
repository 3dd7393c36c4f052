"""The SEI-TSM, run by the issuer of the secure elements: it alone has the keys of their issuer security domains.

For a service provider it creates a security domain, loads and installs the applet, and deletes it. It speaks to cards
through scripts that the SP-TSM passes on to the phone. What is on a card it reads from the card's registry, unless the
card is as it was delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.errors import RefusedError
from cardlab.globalplatform.constants import (
    CLA_GP,
    INS_DELETE,
    INS_GET_STATUS,
    INS_INSTALL,
    INS_LOAD,
    INS_STORE_DATA,
    P1_LAST_BLOCK,
    P1_STORE_DGI,
    P1_STORE_ENCRYPTED,
    P2_STATUS_TLV,
    TAG_AID,
    DomainState,
    InstallFor,
    Scope,
)
from cardlab.globalplatform.host import commands
from cardlab.globalplatform.host.registry import RegistryEntry, parse_entries
from cardlab.globalplatform.installation import security_domain
from cardlab.globalplatform.scp03 import StaticKeys, encrypt_sensitive, key_check_value
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.status import SW
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID, Profile, Suite
from jpki.client.installation import jpki_installation
from jpki.parties.conversation import Conversations, Talk, Turn
from jpki.parties.keyset import joined, split
from jpki.parties.messages import (
    IssuerAnswers,
    IssuerScript,
    PrepareApplet,
    Prepared,
    RemoveApplet,
    Removed,
    Request,
)
from jpki.parties.recorder import Party, Section
from jpki.parties.script import Batch, Random, Results, SecureSession
from jpki.parties.store import Store

PROVIDER_DOMAIN = bytes.fromhex("D392F00026535001")
DELIVERY_KEY_VERSION = 0x31  # of the provider's domain, until the provider puts its own
_ABSENT = (SW.REFERENCED_DATA_NOT_FOUND,)


class IssuerRecords(Store):
    """Secure elements by SE-ID: their keys, and whether anything was ever put on them."""

    HOLDS = "the records of an SEI-TSM"
    SCHEMA = """
CREATE TABLE element (
    se_id BLOB PRIMARY KEY,
    keys BLOB NOT NULL,            -- ENC, MAC and DEK of the issuer security domain
    delivery_keys BLOB NOT NULL,   -- of the provider's domain, made before it is
    touched INTEGER NOT NULL DEFAULT 0
) STRICT
"""

    def add(self, se_id: bytes, keys: StaticKeys, delivery_keys: StaticKeys) -> None:
        """A secure element that leaves the factory; the second time changes nothing."""
        self._run("INSERT OR IGNORE INTO element VALUES (?, ?, ?, 0)", se_id, joined(keys), joined(delivery_keys))

    def element(self, se_id: bytes) -> Element | None:
        """What is known of one."""
        row = self._one("SELECT keys, delivery_keys, touched FROM element WHERE se_id = ?", se_id)
        return None if row is None else Element(se_id, split(row[0]), split(row[1]), bool(row[2]))

    def touch(self, se_id: bytes) -> None:
        """From now on the card alone knows what is on it."""
        self._run("UPDATE element SET touched = 1 WHERE se_id = ?", se_id)


@dataclass(frozen=True, slots=True)
class Element:
    """One secure element."""

    se_id: bytes
    keys: StaticKeys
    delivery_keys: StaticKeys
    touched: bool


@dataclass(frozen=True, slots=True)
class _Content:
    """What of the provider's is on a card."""

    domain: RegistryEntry | None = None
    load_file: RegistryEntry | None = None
    instance: RegistryEntry | None = None


class SeiTsm:
    """Answers PrepareApplet, RemoveApplet and IssuerAnswers, from the SP-TSM only."""

    def __init__(
        self,
        records: IssuerRecords,
        data_block: Callable[[], bytes],
        random: Random,
        suite: Suite = Suite.RSA_2048,
    ) -> None:
        """``data_block`` gives the applet's load file data block, which is asked for when it is to be loaded.

        ``suite`` is what the applet is installed with.
        """
        self._suite = suite
        self._records = records
        self._data_block = data_block
        self._random = random
        self._conversations: Conversations[Prepared | Removed] = Conversations(random)

    def handle(self, sender: Party, request: Request) -> IssuerScript | Prepared | Removed:
        """One message."""
        if sender is not Party.SP_TSM:
            raise RefusedError(f"the {sender} is no service provider of ours")
        if isinstance(request, IssuerAnswers):
            return self._said(self._conversations.go_on(request.conversation, request.responses))
        if not isinstance(request, PrepareApplet | RemoveApplet):
            raise RefusedError(f"{type(request).__name__} is nothing an SEI-TSM answers")
        element = self._records.element(request.se_id)
        if element is None:
            raise RefusedError(f"secure element {request.se_id.hex().upper()} is not one of ours")
        talk = self._prepare(element) if isinstance(request, PrepareApplet) else self._remove(element)
        return self._said(self._conversations.begin(element.se_id, talk))

    def _said(self, outcome: tuple[str, Turn] | Prepared | Removed) -> IssuerScript | Prepared | Removed:
        if isinstance(outcome, tuple):
            name, turn = outcome
            return IssuerScript(name, turn.batch.steps, turn.last)
        return outcome

    def _prepare(self, element: Element) -> Talk[Prepared | Removed]:
        session, batch = yield from self._open(element)
        content = _Content()
        if element.touched:
            content = yield from _look(session, batch)
            batch = Batch(Section.PREPARE)
        self._records.touch(element.se_id)
        self._add_domain(batch, session, content, element)
        self._add_applet(batch, session, content)
        if batch.steps:
            results = (yield Turn(batch, last=True)).results
            _require(results, batch)
        keys = element.delivery_keys
        return Prepared(content.instance is None, DELIVERY_KEY_VERSION, (keys.enc, keys.mac, keys.dek))

    def _remove(self, element: Element) -> Talk[Prepared | Removed]:
        session, batch = yield from self._open(element)
        content = yield from _look(session, batch)
        if content.instance is not None:
            batch = Batch(Section.PREPARE)
            field = tlv.encode(TAG_AID, INSTANCE_AID)
            batch.add(CommandApdu(CLA_GP, INS_DELETE, 0, 0, field, SHORT_MAX_LE), session=session)
            results = (yield Turn(batch, last=True)).results
            _require(results, batch)
        return Removed(element.se_id)

    def _open(self, element: Element) -> Talk[tuple[SecureSession, Batch]]:
        session = SecureSession(b"", lambda _version: element.keys, self._random)
        opening, batch = Batch(Section.PREPARE), Batch(Section.PREPARE)
        session.open_in(opening)
        received = yield Turn(opening)
        session.authenticate_in(batch, received.results)
        return session, batch

    def _add_domain(self, batch: Batch, session: SecureSession, content: _Content, element: Element) -> None:
        if content.domain is None:
            field = commands.install_for_install(security_domain(PROVIDER_DOMAIN))
            _install(batch, session, InstallFor.INSTALL_AND_MAKE_SELECTABLE, field)
        if content.domain is None or content.domain.life_cycle != DomainState.PERSONALIZED:
            field = commands.install_for_personalization(PROVIDER_DOMAIN)
            _install(batch, session, InstallFor.PERSONALIZATION, field)
            form = P1_STORE_DGI | P1_STORE_ENCRYPTED | P1_LAST_BLOCK
            data = _key_groupings(DELIVERY_KEY_VERSION, element.delivery_keys, session.dek)
            batch.add(CommandApdu(CLA_GP, INS_STORE_DATA, form, 0, data, SHORT_MAX_LE), session=session)

    def _add_applet(self, batch: Batch, session: SecureSession, content: _Content) -> None:
        if content.load_file is None:
            _install(batch, session, InstallFor.LOAD, commands.install_for_load(PACKAGE_AID, b"", b"", b""))
            load_file = commands.load_file(self._data_block())
            blocks = commands.split(load_file, session.max_data, "the applet")
            for number, block in enumerate(blocks):
                last = P1_LAST_BLOCK if number == len(blocks) - 1 else 0
                batch.add(CommandApdu(CLA_GP, INS_LOAD, last, number, block, SHORT_MAX_LE), session=session)
        if content.instance is None:
            parameters = self._suite.chosen_in(Profile.PHONE.parameters)
            field = commands.install_for_install(jpki_installation(parameters))
            _install(batch, session, InstallFor.INSTALL_AND_MAKE_SELECTABLE, field)
        if content.instance is None or content.instance.domain != PROVIDER_DOMAIN:
            field = commands.install_for_extradition(PROVIDER_DOMAIN, INSTANCE_AID)
            _install(batch, session, InstallFor.EXTRADITION, field)


def _look(session: SecureSession, batch: Batch) -> Talk[_Content]:
    """Add GET STATUS for what is the provider's, and wait."""
    asked = [
        (scope, aid, _ask(batch, session, scope, aid))
        for scope, aid in (
            (Scope.APPLICATIONS, PROVIDER_DOMAIN),
            (Scope.LOAD_FILES, PACKAGE_AID),
            (Scope.APPLICATIONS, INSTANCE_AID),
        )
    ]
    results = (yield Turn(batch)).results
    found = []
    for scope, aid, place in asked:
        entries = parse_entries(scope, results[place].data)
        found.append(next((entry for entry in entries if entry.aid == aid), None))
    return _Content(*found)


def _ask(batch: Batch, session: SecureSession, scope: Scope, aid: bytes) -> int:
    field = tlv.encode(TAG_AID, aid)
    command = CommandApdu(CLA_GP, INS_GET_STATUS, scope, P2_STATUS_TLV, field, SHORT_MAX_LE)
    return batch.add(command, session=session, allowed=_ABSENT)


def _install(batch: Batch, session: SecureSession, purpose: InstallFor, field: bytes) -> None:
    batch.add(CommandApdu(CLA_GP, INS_INSTALL, purpose, 0, field, SHORT_MAX_LE), session=session)


def _require(results: Results, batch: Batch) -> None:
    """All of our own steps; those that the SP-TSM sent along are not in the batch."""
    if len(results.responses) < len(batch.steps):
        results.require_complete()
    if failure := results.failure():
        raise failure


def _key_groupings(version: int, keys: StaticKeys, dek: bytes) -> bytes:
    """A key set as data groupings 00B9 and 8113 (GPCS 11.11.4.1)."""
    descriptions, secrets = b"", b""
    for identifier, key in enumerate((keys.enc, keys.mac, keys.dek), start=1):
        items = (
            (0x95, b"\x10"),
            (0x80, b"\x88"),
            (0x81, bytes((len(key),))),
            (0x82, bytes((identifier,))),
            (0x83, bytes((version,))),
            (0x84, key_check_value(key)),
        )
        descriptions += tlv.encode(0xB9, *(tlv.encode(tag, value) for tag, value in items))
        encrypted = encrypt_sensitive(dek, key)
        secrets += b"\x81\x13" + bytes((len(encrypted),)) + encrypted
    return b"\x00\xb9" + bytes((len(descriptions),)) + descriptions + secrets
