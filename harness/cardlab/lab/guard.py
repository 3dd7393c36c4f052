"""What tests may send to a real card: a layer that lets nothing through that the card's owner would regret.

It stands below every client and reads secured commands too. What it cannot read it does not let through. Tests may read
everything; they may load, install and delete, and what they installed is theirs to change and to ruin. Never sent are

- SET STATUS for the card or its issuer security domain, and for applications that were there before;
- PUT KEY, STORE DATA, key deletion and registry updates for the issuer security domain or what was there before;
- DELETE of what was there before; privileges that reach beyond an application;
- VERIFY and every other writing command to an application that was there before;
- EXTERNAL AUTHENTICATE that the card would count as a failed attempt.
"""

from __future__ import annotations

from typing import NoReturn

from cardlab.errors import HarnessError, SecureChannelError, TransportError
from cardlab.globalplatform.constants import (
    INS_DELETE,
    INS_EXTERNAL_AUTHENTICATE,
    INS_GET_DATA,
    INS_GET_STATUS,
    INS_INITIALIZE_UPDATE,
    INS_INSTALL,
    INS_LOAD,
    INS_SELECT,
    INS_SET_STATUS,
    INS_STORE_DATA,
    P1_SELECT_BY_NAME,
    TAG_AID,
    InstallFor,
    Privilege,
    Scope,
)
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW, describe
from cardlab.iso7816.tlv import MalformedTlvError
from cardlab.lab.watcher import ChannelWatcher, Proof
from cardlab.transport import Layer, Transport
from cardlab.transport.names import command_name

_INS_MANAGE_CHANNEL, _INS_VERIFY = 0x70, 0x20
_READING = frozenset((INS_SELECT, INS_GET_DATA, 0xCB, INS_GET_STATUS, 0xB0, 0xB1, 0xB2, 0xB3, 0xC0, 0x84))
_FIRST_OCCURRENCE = 0x03  # P2 of SELECT: zero in these bits
_LAST_BLOCK = 0x80
_PURPOSES = frozenset(InstallFor.__members__.values())
_HARMLESS = Privilege.SECURITY_DOMAIN | Privilege.TRUSTED_PATH | Privilege.AUTHORIZED_MANAGEMENT


class HeldBackError(HarnessError):
    """A command was not sent, because a test must not do this to a real card."""


class FailedAuthenticationError(SecureChannelError):
    """The card's keys are not those that were named. Nothing more may be sent to it."""


class Guard(Layer):
    """Watches over one card. ``before`` are the AIDs that were on it, the issuer security domain's among them."""

    def __init__(self, lower: Transport, keys: StaticKeys, before: frozenset[bytes]) -> None:
        super().__init__(lower)
        self.before = before
        self.added: set[bytes] = set()  # AIDs that went to the card in an INSTALL; it may have refused them
        self._domains: set[bytes] = set()  # those of them that are security domains
        self._watcher = ChannelWatcher(keys)
        self._selected = b""  # AID; empty: nobody knows
        self._personalising = False
        self._stopped = ""

    def transmit(self, command: bytes) -> bytes:
        """Send a command; raises HeldBackError for one that tests must not send to a real card."""
        if self._stopped:
            raise FailedAuthenticationError(self._stopped, hint="look at the keys before you try again")
        try:
            parsed = CommandApdu.from_bytes(command)
        except MalformedApduError:
            if not self._own(self._selected):
                raise HeldBackError("not sent: no command, and not to an application of the test") from None
            return self._lower.transmit(command)
        self._check(parsed)
        try:
            response = ResponseApdu.from_bytes(self._lower.transmit(command))
        except TransportError:
            self._forget()
            raise
        self._note(parsed, response)
        return response.to_bytes()

    @property
    def has_stopped(self) -> bool:
        """Whether an authentication failed, after which nothing is sent."""
        return bool(self._stopped)

    def reset(self) -> bytes:
        self._forget()
        return self._lower.reset()

    def _forget(self) -> None:
        self._selected, self._personalising = b"", False
        self._watcher.ended()

    def _own(self, aid: bytes) -> bool:
        return aid in self.added

    # -- before a command ---------------------------------------------------------------------------------------------

    def _check(self, command: CommandApdu) -> None:
        ins = command.ins
        if ins == _INS_MANAGE_CHANNEL:
            self._refuse(command, "a further channel would be out of sight")
        elif ins == INS_EXTERNAL_AUTHENTICATE and command.cla & 0x80:
            if not self._watcher.would_authenticate(command) and not self._has_own_keys:
                self._refuse(command, "the card would count a failed authentication, and a few of them block its keys")
        elif ins in _READING or ins == INS_INITIALIZE_UPDATE:
            return
        elif ins == INS_SET_STATUS and command.p1 & Scope.ISSUER_DOMAIN and not self._is_applet():
            self._refuse(command, "it changes the life cycle of the card")
        elif self._own(self._selected):
            if self._is_domain and ins in (INS_INSTALL, INS_DELETE, INS_SET_STATUS):
                self._check_management(command)
        elif ins == _INS_VERIFY and not command.data:
            return  # asks how many tries are left
        elif ins in (INS_INSTALL, INS_LOAD, INS_DELETE, INS_SET_STATUS, INS_STORE_DATA):
            self._check_management(command)
        else:
            self._refuse(command, "the selected application was on the card before")

    @property
    def _has_own_keys(self) -> bool:
        """Whether a domain of the test is selected, with keys that the test has given it."""
        return self._is_domain and self._watcher.proof is Proof.WRONG

    def _is_applet(self) -> bool:
        return self._own(self._selected) and not self._is_domain

    @property
    def _is_domain(self) -> bool:
        return self._selected in self._domains

    def _check_management(self, command: CommandApdu) -> None:
        plain = self._watcher.plain(command)
        if plain is None:
            self._refuse(command, "it manages the card, and nobody but the card can read it")
        if not self._watcher.is_open and not self._own(self._selected):
            self._refuse(command, "it manages the card, and no secure channel is open")
        try:
            problem = self._problem(plain)
        except (MalformedTlvError, ValueError, IndexError):
            problem = "it manages the card, and makes no sense"
        if problem:
            self._refuse(command, problem)

    def _problem(self, plain: CommandApdu) -> str:
        """Why a management command must not be sent; empty when it may be."""
        if plain.ins == INS_INSTALL:
            return self._install(plain)
        if plain.ins == INS_DELETE:
            items = tlv.parse(plain.data)
            if [item.tag for item in items if item.tag != TAG_AID] or not items:
                return "it deletes keys"
            others = [item.value for item in items if not self._own(item.value)]
            return f"{others[0].hex().upper()} is not the test's" if others else ""
        if plain.ins == INS_SET_STATUS:
            return "" if self._own(plain.data) else f"{plain.data.hex().upper()} is not the test's"
        if plain.ins == INS_STORE_DATA and not self._personalising:
            return "it changes data or keys of the issuer security domain"
        return ""

    def _install(self, plain: CommandApdu) -> str:
        fields, purpose = _fields(plain.data), plain.p1
        if purpose not in _PURPOSES:
            return f"P1 {purpose:02X} says no single purpose, and nobody could tell whose application it changes"
        if purpose == InstallFor.LOAD:
            return self._new(fields[0])
        privileges = Privilege.parse(fields[3]) if fields[3] else Privilege.NONE
        if purpose in (InstallFor.INSTALL, InstallFor.INSTALL_AND_MAKE_SELECTABLE):
            problem = self._selecting_others(fields[2]) or self._new(fields[2])
        elif purpose == InstallFor.REGISTRY_UPDATE:
            problem = "" if self._own(fields[2]) else "it changes the registry of the card"
        else:
            problem = "" if self._own(fields[2]) else f"{fields[2].hex().upper()} is not the test's"
        return problem or self._privileged(fields[2], privileges)

    def _privileged(self, aid: bytes, privileges: Privilege) -> str:
        """Whatever the purpose: a registry update gives privileges as an installation does (GPCS Table 11-46)."""
        if privileges & ~_HARMLESS:
            return f"the privileges {privileges.to_bytes3().hex().upper()} reach beyond the application"
        if privileges & Privilege.SECURITY_DOMAIN:
            self._domains.add(aid)
        return ""

    def _new(self, aid: bytes) -> str:
        """An AID that is there already is not the test's, even if the card should not mind."""
        if aid in self.before:
            return f"{aid.hex().upper()} was on the card before"
        self.added.add(aid)
        return ""

    def _selecting_others(self, aid: bytes) -> str:
        """The beginning of an AID: if the card refuses it, SELECT selects the other application by it (GPCS 6.4.2.1).

        Load files are not selected; theirs often begins the AIDs of their applications.
        """
        longer = [one for one in self.before if one != aid and one.startswith(aid)]
        return f"{longer[0].hex().upper()}, which was on the card before, begins with it" if longer else ""

    def _refuse(self, command: CommandApdu, why: str) -> NoReturn:
        name = command_name(command.ins)
        raise HeldBackError(
            f"{name} {command.header.hex().upper()} was not sent: {why}",
            hint='a test that needs this is for cards that may be ruined: @pytest.mark.needs("expendable")',
        )

    # -- after a command ----------------------------------------------------------------------------------------------

    def _note(self, command: CommandApdu, response: ResponseApdu) -> None:
        ins = command.ins
        if ins == INS_SELECT and command.p1 == P1_SELECT_BY_NAME:
            if response.ok or response.sw == SW.SELECTED_LOCKED:
                first = not command.p2 & _FIRST_OCCURRENCE
                self._selected = command.data if first else b""
            self._personalising = False
            self._watcher.ended()
            return
        plain = self._watcher.plain(command)
        if ins == INS_INITIALIZE_UPDATE:
            self._watcher.initialized(command, response)
            if self._watcher.proof is Proof.WRONG and not self._own(self._selected):
                self._stop("the card's keys are not those that were named: it could not prove that it knows them")
        elif ins == INS_EXTERNAL_AUTHENTICATE and command.cla & 0x80:
            own_keys = self._has_own_keys
            self._watcher.authenticated(command, response)
            if not response.ok and not own_keys:
                self._stop(f"EXTERNAL AUTHENTICATE: the card answered {describe(response.sw)}")
        else:
            self._watcher.passed(command, response)
        if plain is not None and plain.ins == INS_INSTALL:
            self._personalising = plain.p1 == InstallFor.PERSONALIZATION and response.ok
        elif ins == INS_STORE_DATA and command.p1 & _LAST_BLOCK:
            self._personalising = False

    def _stop(self, why: str) -> NoReturn:
        self._stopped = why
        raise FailedAuthenticationError(why, hint="look at the keys before you try again")


def _fields(data: bytes) -> list[bytes]:
    """The values of INSTALL, each behind one byte of length; raises ValueError."""
    found, at = [], 0
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data):
            raise ValueError("a length goes beyond the data")
        found.append(data[at + 1 : end])
        at = end
    return found
