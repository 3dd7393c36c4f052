"""A GlobalPlatform client: everything a card content manager says to a security domain (D2; GPCS chapter 11).

    client = GlobalPlatformClient(transport)
    client.select()
    client.authenticate(keys, key_version=0x30)
    client.install(Installation(package, module, instance, parameters=b"\\x01"))

Refused commands raise UnexpectedStatusError with the command's name and a hint; wrong arguments raise ValueError before
anything is sent; an answer that cannot be read raises CardError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from cardlab.errors import CardError, SecureChannelError
from cardlab.globalplatform.constants import (
    CLA_GP,
    CLA_ISO,
    INS_DELETE,
    INS_GET_DATA,
    INS_GET_STATUS,
    INS_INSTALL,
    INS_LOAD,
    INS_PUT_KEY,
    INS_SELECT,
    INS_SET_STATUS,
    INS_STORE_DATA,
    ISD_AID,
    KEY_ID_ENC,
    P1_LAST_BLOCK,
    P1_SELECT_BY_NAME,
    P2_DELETE_OBJECT,
    P2_DELETE_RELATED,
    P2_MULTIPLE_KEYS,
    P2_STATUS_NEXT,
    P2_STATUS_TLV,
    TAG_AID,
    TAG_CARD_CAPABILITIES,
    TAG_CARD_DATA,
    TAG_CIN,
    TAG_CPLC,
    TAG_DIVERSIFICATION,
    TAG_IIN,
    TAG_KEY_IDENTIFIER,
    TAG_KEY_INFORMATION,
    TAG_KEY_VERSION,
    TAG_SEQUENCE_COUNTER,
    ApplicationState,
    CardState,
    InstallFor,
    Privilege,
    Scope,
    StatusType,
)
from cardlab.globalplatform.host import card_data, commands
from cardlab.globalplatform.host.card_data import CardData, Selected
from cardlab.globalplatform.host.hints import LOAD_HINTS, STATUS_HINTS
from cardlab.globalplatform.host.registry import Registry, RegistryEntry, parse_entries
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.installation import Installation, require_security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys, max_data
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError, check
from cardlab.iso7816.tlv import MalformedTlvError
from cardlab.transport import Explaining, Transport, exchange

_T = TypeVar("_T")

_ABSENT = (SW.REFERENCED_DATA_NOT_FOUND, SW.INCORRECT_P1P2, SW.FILE_NOT_FOUND, SW.FUNCTION_NOT_SUPPORTED)
_MAX_STATUS_ANSWERS = 1000  # a card that never comes to an end must not hold up the host


class GlobalPlatformClient:
    """Talks to one security domain at a time: the one selected last."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._channel: SecureChannelLayer | None = None
        self._keys: StaticKeys | None = None
        self._selected: bytes = ISD_AID

    # -- session ------------------------------------------------------------------------------------------------------

    def select(self, aid: bytes = b"") -> Selected:
        """Select a security domain, by default the issuer's; ends a secure channel."""
        self._channel = self._keys = None
        command = CommandApdu(CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, 0, aid, le=SHORT_MAX_LE)
        name = f"SELECT {aid.hex().upper() or 'of the issuer security domain'}"
        response = check(
            exchange(self._transport, command), name, SW.SELECTED_LOCKED, hint="is the security domain installed?"
        )
        locked = response.sw == SW.SELECTED_LOCKED
        selected = _read(lambda: Selected.parse(response.data, card_locked=locked), name)
        self._selected = selected.aid or aid or ISD_AID
        return selected

    def authenticate(
        self,
        keys: StaticKeys,
        *,
        key_version: int = 0,
        level: SecurityLevel | None = None,
        host_challenge: bytes | None = None,
    ) -> SecureChannelLayer:
        """Open a secure channel to the selected domain; every command from now on goes through it."""
        self._channel = self._keys = None
        self._channel = SecureChannelLayer.open(
            self._transport, keys, key_version=key_version, level=level, host_challenge=host_challenge
        )
        self._keys = keys
        return self._channel

    @property
    def channel(self) -> SecureChannelLayer | None:
        """The open secure channel, or None."""
        return self._channel if self._channel is not None and self._channel.is_open else None

    @property
    def selected(self) -> bytes:
        """The AID of the selected domain."""
        return self._selected

    # -- reading ------------------------------------------------------------------------------------------------------

    def get_data(self, tag: int) -> bytes | None:
        """The answer to GET DATA for a tag, or None when the domain has no such data object."""
        name = f"GET DATA {tag:04X}"
        response = self._send(name, INS_GET_DATA, tag >> 8, tag & 0xFF, b"", *_ABSENT)
        return response.data if response.ok else None

    def card_data(self) -> CardData:
        """All eight data objects that describe a domain, parsed."""
        sequence = self._data(TAG_SEQUENCE_COUNTER, lambda raw: _value(raw, TAG_SEQUENCE_COUNTER))
        return CardData(
            issuer_number=self._data(TAG_IIN, lambda raw: _value(raw, TAG_IIN)),
            image_number=self._data(TAG_CIN, lambda raw: _value(raw, TAG_CIN)),
            recognition=self._data(TAG_CARD_DATA, card_data.parse_recognition),
            capabilities=self._data(TAG_CARD_CAPABILITIES, card_data.parse_capabilities),
            keys=self._data(TAG_KEY_INFORMATION, card_data.parse_keys),
            diversification=self._data(TAG_DIVERSIFICATION, lambda raw: _value(raw, TAG_DIVERSIFICATION)),
            cplc=self._data(TAG_CPLC, card_data.parse_cplc),
            sequence_counter=None if sequence is None else int.from_bytes(sequence, "big"),
        )

    def status(self, scope: Scope, aid: bytes = b"") -> tuple[RegistryEntry, ...]:
        """The registry entries of one scope, all of them or those whose AID begins with ``aid``; none is no error."""
        name = f"GET STATUS {scope.name}"
        data, p2 = tlv.encode(TAG_AID, aid), P2_STATUS_TLV
        answers: list[bytes] = []
        for _ in range(_MAX_STATUS_ANSWERS):
            response = self._send(
                name, INS_GET_STATUS, scope, p2, data, SW.MORE_DATA_AVAILABLE, SW.REFERENCED_DATA_NOT_FOUND
            )
            answers.append(response.data)
            if response.sw != SW.MORE_DATA_AVAILABLE:
                return _read(lambda: parse_entries(scope, b"".join(answers)), name)
            p2 = P2_STATUS_TLV | P2_STATUS_NEXT
        raise CardError(f"{name}: still more data (6310) after {_MAX_STATUS_ANSWERS} answers")

    def registry(self) -> Registry:
        """Everything on the card that the selected domain may see."""
        issuer = self.status(Scope.ISSUER_DOMAIN)
        return Registry(
            issuer_domain=issuer[0] if issuer else None,
            applications=self.status(Scope.APPLICATIONS),
            load_files=self.status(Scope.LOAD_FILES_AND_MODULES),
        )

    # -- loading and installing ---------------------------------------------------------------------------------------

    def load(
        self,
        package: bytes,
        data_block: bytes,
        *,
        domain: bytes = b"",
        digest: bytes = b"",
        parameters: bytes = b"",
        dap_blocks: bytes = b"",
    ) -> None:
        """Load a package: INSTALL [for load], then its components in as many LOAD commands as they take.

        ``data_block`` is the CAP file's components in loading order; ``digest`` its hash, for cards that ask for one.
        """
        load_file = commands.load_file(data_block, dap_blocks)
        blocks = commands.split(load_file, self._max_data(), "the load file")
        self._install(InstallFor.LOAD, commands.install_for_load(package, domain, digest, parameters))
        for number, block in enumerate(blocks):
            last = P1_LAST_BLOCK if number == len(blocks) - 1 else 0
            self._command(f"LOAD block {number + 1} of {len(blocks)}", INS_LOAD, last, number, block)

    def install(self, applet: Installation, *, make_selectable: bool = True) -> None:
        """Create an application and, unless told otherwise, make it selectable."""
        purpose = InstallFor.INSTALL_AND_MAKE_SELECTABLE if make_selectable else InstallFor.INSTALL
        self._install(purpose, commands.install_for_install(applet))

    def make_selectable(self, instance: bytes, *, privileges: Privilege = Privilege.NONE) -> None:
        """Make an installed application selectable."""
        self._install(InstallFor.MAKE_SELECTABLE, commands.install_for_make_selectable(instance, privileges))

    def create_security_domain(self, domain: Installation) -> None:
        """Create what ``security_domain`` describes. It has no keys yet: personalise it, or select it and put keys."""
        self.install(require_security_domain(domain))

    def extradite(self, aid: bytes, domain: bytes) -> None:
        """Give an application or load file of the selected domain to another one."""
        self._install(InstallFor.EXTRADITION, commands.install_for_extradition(domain, aid))

    def update_registry(
        self, aid: bytes, *, domain: bytes = b"", privileges: Privilege | None = None, parameters: bytes = b""
    ) -> None:
        """Change an application's privileges, parameters or domain; what is not given stays."""
        field = commands.install_for_registry_update(domain, aid, privileges, parameters)
        self._install(InstallFor.REGISTRY_UPDATE, field)

    # -- personalising ------------------------------------------------------------------------------------------------

    def personalise(self, aid: bytes, blocks: Sequence[bytes], *, form: int = 0) -> tuple[bytes, ...]:
        """Send data to an application of the selected domain through it; returns what each block answered."""
        self._check_blocks(blocks)
        self._install(InstallFor.PERSONALIZATION, commands.install_for_personalization(aid))
        return self.store_data(blocks, form=form)

    def store_data(self, blocks: Sequence[bytes], *, form: int = 0) -> tuple[bytes, ...]:
        """STORE DATA to the selected domain, or to the application being personalised.

        Each block is one command and must be whole by itself; ``form`` is P1 without its last-block bit (GPCS Table
        11-89).
        """
        self._check_blocks(blocks)
        answers = []
        for number, block in enumerate(blocks):
            last = P1_LAST_BLOCK if number == len(blocks) - 1 else 0
            name = f"STORE DATA block {number + 1} of {len(blocks)}"
            answers.append(self._command(name, INS_STORE_DATA, form & 0x7F | last, number, block).data)
        return tuple(answers)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def put_keys(self, keys: StaticKeys, version: int, *, replaces: int = 0) -> None:
        """Add a key set, or put it in the place of version ``replaces``; needs an authenticated session.

        Raises CardError when the check values that the card answers are not those of the keys.
        """
        if self._keys is None:
            raise SecureChannelError("keys travel under the domain's DEK", hint="authenticate to the domain first")
        field = commands.put_key_set(version, self._keys.dek, keys)
        response = self._command(
            f"PUT KEY version {version:02X}", INS_PUT_KEY, replaces & 0x7F, P2_MULTIPLE_KEYS | KEY_ID_ENC, field
        )
        if response.data != commands.put_key_answer(version, keys):
            raise CardError(
                f"PUT KEY: the card answers {response.data.hex().upper()}, not the version and check values sent",
                hint="authenticate with the new keys before anything else; the old ones may be gone",
            )

    def delete_key(self, version: int, identifier: int | None = None) -> None:
        """Delete a key set, or one key of it (GPCS Table 11-24)."""
        field = tlv.encode(TAG_KEY_VERSION, bytes((version,)))
        if identifier is not None:
            field = tlv.encode(TAG_KEY_IDENTIFIER, bytes((identifier,))) + field
        self._command(f"DELETE key version {version:02X}", INS_DELETE, 0, P2_DELETE_OBJECT, field)

    # -- life cycle ---------------------------------------------------------------------------------------------------

    def delete(self, aid: bytes, *, related: bool = False) -> None:
        """Delete an application or a load file, with ``related`` a load file and all its applications."""
        field = tlv.encode(TAG_AID, commands.check_aid(aid, "application"))
        p2 = P2_DELETE_RELATED if related else P2_DELETE_OBJECT
        self._command(f"DELETE {aid.hex().upper()}", INS_DELETE, 0, p2, field)

    def set_card_state(self, state: CardState) -> None:
        """Move the card to another state of its life cycle. TERMINATED cannot be undone."""
        self._set_status(f"card {state.name}", StatusType.ISSUER_DOMAIN, state, self._selected)

    def set_application_state(self, aid: bytes, state: int, *, with_applications: bool = False) -> None:
        """Set an application's or a domain's state (GPCS 11.10.2.2); for another's only locking and unlocking count.

        ``with_applications`` takes a domain together with everything under it.
        """
        kind = StatusType.DOMAIN_AND_APPLICATIONS if with_applications else StatusType.APPLICATION
        self._set_status(f"{aid.hex().upper()} {state:02X}", kind, state, commands.check_aid(aid, "application"))

    def lock(self, aid: bytes, *, with_applications: bool = False) -> None:
        """Lock an application or a domain: it cannot be selected until it is unlocked."""
        self.set_application_state(aid, ApplicationState.LOCKED, with_applications=with_applications)

    def unlock(self, aid: bytes, *, with_applications: bool = False) -> None:
        """Give an application or a domain the state back that it had before it was locked."""
        self.set_application_state(aid, 0, with_applications=with_applications)

    # -- how commands go out ------------------------------------------------------------------------------------------

    def _install(self, purpose: InstallFor, field: bytes) -> None:
        name = (purpose.name or "").lower().replace("_", " ")
        self._command(f"INSTALL [for {name}]", INS_INSTALL, purpose, 0, field)

    def _set_status(self, name: str, kind: StatusType, state: int, aid: bytes) -> None:
        command = CommandApdu(CLA_GP, INS_SET_STATUS, kind, state, aid)  # case 3: no Le (GPCS Table 11-85)
        response = exchange(self._channel or self._transport, command)
        check(response, f"SET STATUS {name}", hint=STATUS_HINTS.get(response.sw, ""))

    def _command(self, name: str, ins: int, p1: int, p2: int, data: bytes) -> ResponseApdu:
        return self._send(name, ins, p1, p2, data)

    def _send(self, name: str, ins: int, p1: int, p2: int, data: bytes, *allowed: int) -> ResponseApdu:
        command = CommandApdu(CLA_GP, ins, p1, p2, data, le=SHORT_MAX_LE)
        response = exchange(self._channel or self._transport, command)
        if response.sw == SW.OK or response.sw in allowed:
            return response
        raise UnexpectedStatusError(name, response.sw, expected=(SW.OK, *allowed), hint=self._hint(ins, response.sw))

    def _hint(self, ins: int, sw: int) -> str:
        """What the card itself says, if it says anything, and what the status word usually means."""
        reason = self._transport.explain() if isinstance(self._transport, Explaining) else ""
        usual = (LOAD_HINTS if ins == INS_LOAD else STATUS_HINTS).get(sw, "")
        return "; ".join(filter(None, (reason.removeprefix(f"{sw:04X}: "), usual)))

    def _max_data(self) -> int:
        return max_data(SecurityLevel.NONE if self._channel is None else self._channel.level)

    def _check_blocks(self, blocks: Sequence[bytes]) -> None:
        if not 1 <= len(blocks) <= commands.MAX_BLOCKS:
            raise ValueError(f"{len(blocks)} blocks of data, there must be 1 to {commands.MAX_BLOCKS}")
        for number, block in enumerate(blocks, 1):
            if len(block) > self._max_data():
                raise ValueError(f"block {number} has {len(block)} bytes, {self._max_data()} fit a command here")

    def _data(self, tag: int, parse: Callable[[bytes], _T]) -> _T | None:
        raw = self.get_data(tag)
        return None if raw is None else _read(lambda: parse(raw), f"GET DATA {tag:04X}")


def _value(raw: bytes, tag: int) -> bytes:
    """The value under ``tag``; cards that leave tag and length out of a primitive answer are taken at their word."""
    try:
        value = tlv.find(raw, tag)
    except MalformedTlvError:
        value = None
    return raw if value is None else value


def _read(parse: Callable[[], _T], name: str) -> _T:
    try:
        return parse()
    except MalformedTlvError as error:
        raise CardError(f"{name}: the answer cannot be read: {error}") from error
