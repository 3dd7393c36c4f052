"""The card's side of SCP03 (Amendment D): one session, for whoever is selected on the basic channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hmac import compare_digest

from cardlab.card.entropy import Entropy
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import SecurityDomain
from cardlab.globalplatform.scp03 import (
    CHALLENGE_LENGTH,
    CRYPTOGRAM_LENGTH,
    MAC_LENGTH,
    Channel,
    InitializeUpdateResponse,
    Option,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
    decrypt_sensitive,
    encrypt_sensitive,
    is_secured,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW

_C_MAC = int(SecurityLevel.C_MAC)  # testing a bit of a plain number is ten times faster than of a flag


@dataclass(frozen=True, slots=True)
class _Session:
    """A session between INITIALIZE UPDATE and EXTERNAL AUTHENTICATE (``open`` is false), and after.

    ``level`` is the current security level (GPCS Table 10-1).
    """

    channel: Channel
    keys: StaticKeys
    open: bool = False
    level: SecurityLevel = SecurityLevel.NONE


class SecureChannel:
    """The session and its rules (GPCS 10.2, Amendment D 6 and 7). A message that fails ends it."""

    def __init__(self, entropy: Entropy, diversification: bytes) -> None:
        self._entropy = entropy
        self._diversification = diversification
        self._session: _Session | None = None
        self._opened = 0

    def fork(self, entropy: Entropy) -> SecureChannel:
        """A copy with the same session, which draws challenges from ``entropy``."""
        copied = SecureChannel(entropy, self._diversification)
        copied._session, copied._opened = self._session, self._opened
        return copied

    @property
    def level(self) -> SecurityLevel:
        """The current security level (GPCS Table 10-1); NONE without a session."""
        return SecurityLevel.NONE if self._session is None else self._session.level

    @property
    def serial(self) -> int:
        """A number for the session, another one for each that was opened."""
        return self._opened

    def end(self) -> None:
        """End the session; its keys are forgotten."""
        self._session = None

    def initialize_update(self, command: CommandApdu, owner: SecurityDomain, application: bytes) -> bytes:
        """INITIALIZE UPDATE (Amendment D 7.1.1) to ``application``, with ``owner``'s keys; ends a session."""
        if command.p2:
            raise Refusal(SW.INCORRECT_P1P2, "P2 of INITIALIZE UPDATE is 00")  # Amendment D Table 7-1
        if len(command.data) != CHALLENGE_LENGTH:
            raise Refusal(SW.WRONG_LENGTH, "the host challenge has 8 bytes")
        self.end()
        version = owner.keys.for_channel(command.p1)
        if version is None:
            raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, f"no key set of version {command.p1:02X}")
        options, sequence = Option(owner.options), None
        if options & Option.PSEUDO_RANDOM_CHALLENGE:
            owner.keys, version = owner.keys.counted(version)
            sequence = version.sequence
            challenge = version.static_keys.card_challenge(sequence, application)
        else:
            challenge = self._entropy.draw(CHALLENGE_LENGTH)
        keys = version.static_keys.session(command.data, challenge)
        self._session = _Session(Channel(keys), version.static_keys)
        return InitializeUpdateResponse(
            self._diversification, version.version, options, challenge, keys.card_cryptogram, sequence
        ).to_bytes()

    def external_authenticate(self, command: CommandApdu) -> bytes:
        """EXTERNAL AUTHENTICATE (Amendment D 7.1.2); anything wrong after its form ends the session."""
        level = SecurityLevel(command.p1)
        if not level.is_allowed or command.p2:
            raise Refusal(SW.INCORRECT_P1P2, "no such security level")  # Amendment D Table 7-3
        if len(command.data) != CRYPTOGRAM_LENGTH + MAC_LENGTH:
            raise Refusal(SW.WRONG_LENGTH, "host cryptogram and MAC have 16 bytes")
        session = self._session
        if session is None or session.open:
            raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "EXTERNAL AUTHENTICATE follows INITIALIZE UPDATE")
        self.end()
        if not compare_digest(session.channel.keys.host_cryptogram, command.data[:CRYPTOGRAM_LENGTH]):
            raise Refusal(SW.AUTHENTICATION_FAILED, "the host cryptogram is wrong")  # Amendment D Table 7-6
        channel, _ = self._unwrapped(session.channel, command)
        self._session = _Session(channel.opened(level), session.keys, True, SecurityLevel.AUTHENTICATED | level)
        self._opened += 1
        return b""

    def forget_challenge(self) -> None:
        """A command came between INITIALIZE UPDATE and EXTERNAL AUTHENTICATE: the latter is not possible any more."""
        if self._session is not None and not self._session.open:
            self.end()

    def unwrap(self, command: CommandApdu) -> CommandApdu:
        """Verify and decrypt a command at the current level; the result has a plain class byte and no Le."""
        session, secured = self._session, is_secured(command.cla)
        if session is None or not session.open:
            if secured:
                raise Refusal(SW.SECURITY_STATUS_NOT_SATISFIED, "secure messaging without a session")
            return replace(command, le=None)
        if not int(session.level) & _C_MAC:
            if secured:
                raise Refusal(SW.SECURE_MESSAGING_NOT_SUPPORTED, "the session has no secure messaging")
            return replace(command, le=None)
        self.end()
        if not secured:  # GPCS 10.2.3: a level that the command does not reach ends the session
            raise Refusal(SW.SECURITY_STATUS_NOT_SATISFIED, "the session asks for a C-MAC, the command has none")
        channel, plain = self._unwrapped(session.channel, command)
        self._session = _Session(channel, session.keys, session.open, session.level)
        return plain

    def wrap(self, response: ResponseApdu) -> ResponseApdu:
        """Protect a response at the current level (Amendment D 6.2.5, 6.2.7)."""
        if self._session is None or not self._session.open:
            return response
        return self._session.channel.wrap_response(response)

    def decrypt(self, data: bytes) -> bytes:
        """Sensitive data in the clear, with the static data encryption key (Amendment D 6.2.8)."""
        try:
            return decrypt_sensitive(self._data_key(), data)
        except ProtectionError as error:
            raise Refusal(SW.WRONG_DATA, str(error)) from None

    def encrypt(self, data: bytes) -> bytes:
        """The inverse of ``decrypt``."""
        key = self._data_key()
        if len(data) % 16:
            raise Refusal(SW.WRONG_DATA, "sensitive data comes in whole blocks")
        return encrypt_sensitive(key, data)

    def _data_key(self) -> bytes:
        if self._session is None or not self._session.open:
            raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "no session")
        return self._session.keys.dek

    @staticmethod
    def _unwrapped(channel: Channel, command: CommandApdu) -> tuple[Channel, CommandApdu]:
        try:
            return channel.unwrap_command(command)
        except ProtectionError as error:  # ISO/IEC 7816-4:2020, Table 6: incorrect secure messaging data objects
            raise Refusal(SW.SECURE_MESSAGING_INCORRECT, str(error)) from None
