"""Secure Channel Protocol 03 as pure functions, for both ends of the channel (D1).

From Secure Channel Protocol '03', GlobalPlatform Card Specification v2.2 Amendment D v1.1.1 ("Amendment D"), with
eight-byte challenges, cryptograms and MACs (S8). Nothing here talks to a card: ``cardlab.globalplatform`` is the host's
end of the conversation and ``cardlab.card`` the card's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, IntFlag, unique
from hmac import compare_digest as equal
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC

from cardlab.iso7816.apdu import SHORT_MAX_DATA, SHORT_MAX_LE, CommandApdu, ResponseApdu

BLOCK = 16
CHALLENGE_LENGTH = 8
CRYPTOGRAM_LENGTH = 8
MAC_LENGTH = 8
DIVERSIFICATION_LENGTH = 10
SEQUENCE_LENGTH = 3
SEQUENCE_MAX = 0xFFFFFF
PROTOCOL = 0x03
KEY_LENGTHS = (16, 24, 32)

_ZERO_BLOCK = bytes(BLOCK)
_CLA_SECURE = 0x04


class ProtectionError(ValueError):
    """A message that is not what its MAC, padding or form promise. The session must end."""


class SecurityLevel(IntFlag):
    """What protects the messages of a session: P1 of EXTERNAL AUTHENTICATE (Amendment D Table 7-3)."""

    NONE = 0x00
    C_MAC = 0x01
    C_DECRYPTION = 0x02
    R_MAC = 0x10
    R_ENCRYPTION = 0x20
    AUTHENTICATED = 0x80  # GPCS Table 10-1: only in the *current* security level of a card, never in P1
    C_ENC = C_MAC | C_DECRYPTION
    C_ENC_R_MAC = C_MAC | C_DECRYPTION | R_MAC
    FULL = C_MAC | C_DECRYPTION | R_MAC | R_ENCRYPTION

    @property
    def is_allowed(self) -> bool:
        """Whether Amendment D Table 7-3 lists this value."""
        return int(self) in (0x00, 0x01, 0x03, 0x11, 0x13, 0x33)


class Option(IntFlag):
    """The parameter i (Amendment D Table 5-1; bit 1 from its version 1.2)."""

    NONE = 0x00
    S16 = 0x01
    PSEUDO_RANDOM_CHALLENGE = 0x10
    R_MAC = 0x20
    R_ENCRYPTION = 0x40

    @property
    def best_level(self) -> SecurityLevel:
        """The strongest security level that a card with these options offers."""
        level = SecurityLevel.C_ENC
        if self & Option.R_MAC:
            level |= SecurityLevel.R_MAC
            if self & Option.R_ENCRYPTION:
                level |= SecurityLevel.R_ENCRYPTION
        return level


@unique
class Derivation(IntEnum):
    """Data derivation constants (Amendment D Table 4-1)."""

    CARD_CRYPTOGRAM = 0x00
    HOST_CRYPTOGRAM = 0x01
    CARD_CHALLENGE = 0x02
    S_ENC = 0x04
    S_MAC = 0x06
    S_RMAC = 0x07


def cmac(key: bytes, *parts: bytes) -> bytes:
    """AES-CMAC, 16 bytes (NIST SP 800-38B), over the parts one after the other."""
    context = CMAC(AES(key))
    for part in parts:
        context.update(part)
    return context.finalize()


def _finished(begun: CMAC, message: bytes) -> bytes:
    context = begun.copy()
    context.update(message)
    return context.finalize()


def kdf_counter(key: bytes, before: bytes, after: bytes, bits: int) -> bytes:
    """NIST SP 800-108 KDF in counter mode over CMAC; the one-byte counter stands between the two parts of the input."""
    blocks = range(1, (bits + 127) // 128 + 1)
    return b"".join(cmac(key, before, bytes((i,)), after) for i in blocks)[: bits // 8]


def derive(key: bytes, constant: Derivation, bits: int, context: bytes) -> bytes:
    """Data derivation (Amendment D 4.1.5); ``bits`` of output, a multiple of 8."""
    label = bytes(11) + bytes((constant,))
    return kdf_counter(key, label + b"\0" + bits.to_bytes(2, "big"), context, bits)


def pad(data: bytes) -> bytes:
    """80 and as many zeros as fill the last block (ISO/IEC 9797-1 method 2; Amendment D 4.1.4)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def unpad(data: bytes) -> bytes:
    """Take the padding off again; raises ProtectionError when it is not there.

    More zeros than needed are taken too: some cards pad to more than the next block, and the MAC covers them anyway.
    """
    stripped = data.rstrip(b"\0")
    if not stripped.endswith(b"\x80"):
        raise ProtectionError("the decrypted data does not end in padding")
    return stripped[:-1]


def encrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-CBC over whole blocks."""
    context = Cipher(AES(key), CBC(iv)).encryptor()
    return context.update(data) + context.finalize()


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """The inverse of ``encrypt_cbc``; raises ProtectionError when the data is not whole blocks."""
    if len(data) % BLOCK:
        raise ProtectionError(f"{len(data)} encrypted bytes are not whole blocks of {BLOCK}")
    context = Cipher(AES(key), CBC(iv)).decryptor()
    return context.update(data) + context.finalize()


def _encrypt_block(key: bytes, block: bytes) -> bytes:
    context = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - a single block, as the specification says
    return context.update(block) + context.finalize()


def command_icv(s_enc: bytes, counter: int) -> bytes:
    """Initial chaining vector for command encryption (Amendment D 6.2.6)."""
    return _encrypt_block(s_enc, counter.to_bytes(BLOCK, "big"))


def response_icv(s_enc: bytes, counter: int) -> bytes:
    """Initial chaining vector for response encryption (Amendment D 6.2.7)."""
    return _encrypt_block(s_enc, b"\x80" + counter.to_bytes(BLOCK - 1, "big"))


def key_check_value(key: bytes) -> bytes:
    """The first three bytes of a block of 01 bytes under the key (Amendment D 7.2.2)."""
    return _encrypt_block(key, b"\x01" * BLOCK)[:3]


def encrypt_sensitive(dek: bytes, data: bytes) -> bytes:
    """Sensitive data under the static data encryption key (Amendment D 6.2.8): CBC, IV zero, whole blocks."""
    if len(data) % BLOCK:
        raise ValueError(f"{len(data)} bytes of sensitive data are not whole blocks of {BLOCK}")
    return encrypt_cbc(dek, _ZERO_BLOCK, data)


def decrypt_sensitive(dek: bytes, data: bytes) -> bytes:
    """The inverse of ``encrypt_sensitive``; raises ProtectionError."""
    return decrypt_cbc(dek, _ZERO_BLOCK, data)


def encode_aes_key(dek: bytes, key: bytes) -> bytes:
    """The key data field of PUT KEY for an AES key (Amendment D Table 7-10)."""
    encrypted = encrypt_sensitive(dek, key + bytes(-len(key) % BLOCK))
    return bytes((0x88, len(encrypted) + 1, len(key))) + encrypted + b"\x03" + key_check_value(key)


def decode_aes_key(dek: bytes, raw: bytes) -> tuple[bytes, bytes]:
    """An AES key and what follows its key data field; raises ProtectionError when form or check value is wrong."""
    if len(raw) < 3 or raw[0] != 0x88:
        raise ProtectionError("the key data field is not that of an AES key")
    length, size = raw[1], raw[2]
    if size not in KEY_LENGTHS or length != 1 + size + -size % BLOCK or len(raw) < length + 6 or raw[length + 2] != 3:
        raise ProtectionError("the lengths in the key data field do not add up")
    key = decrypt_sensitive(dek, raw[3 : length + 2])[:size]
    if not equal(key_check_value(key), raw[length + 3 : length + 6]):
        raise ProtectionError("the key check value is wrong")
    return key, raw[length + 6 :]


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """A key set of a security domain, AES, all three of 16, 24 or 32 bytes (Amendment D Table 6-1)."""

    enc: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    dek: bytes = field(repr=False)

    def __post_init__(self) -> None:
        lengths = {len(self.enc), len(self.mac), len(self.dek)}
        if len(lengths) != 1 or not lengths <= set(KEY_LENGTHS):
            found = ", ".join(str(len(key)) for key in (self.enc, self.mac, self.dek))
            raise ValueError(f"keys of {found} bytes: ENC, MAC and DEK must all have 16, all 24 or all 32")

    def session(self, host_challenge: bytes, card_challenge: bytes) -> SessionKeys:
        """The session keys (Amendment D 6.2.1)."""
        bits, context = len(self.enc) * 8, host_challenge + card_challenge
        return SessionKeys(
            enc=derive(self.enc, Derivation.S_ENC, bits, context),
            mac=derive(self.mac, Derivation.S_MAC, bits, context),
            rmac=derive(self.mac, Derivation.S_RMAC, bits, context),
            context=context,
        )

    def card_challenge(self, sequence: int, aid: bytes) -> bytes:
        """The pseudo-random card challenge (Amendment D 6.2.2.1).

        ``sequence`` is the counter after it was raised, ``aid`` the application that INITIALIZE UPDATE was sent to.
        """
        context = sequence.to_bytes(SEQUENCE_LENGTH, "big") + aid
        return derive(self.enc, Derivation.CARD_CHALLENGE, CHALLENGE_LENGTH * 8, context)


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """S-ENC, S-MAC and S-RMAC, and the two challenges (host, card) they were derived from."""

    enc: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    rmac: bytes = field(repr=False)
    context: bytes
    # Begun with the keys: copying one takes a seventh of the time that beginning another does.
    _command_mac: CMAC = field(init=False, repr=False, compare=False)
    _response_mac: CMAC = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_command_mac", CMAC(AES(self.mac)))
        object.__setattr__(self, "_response_mac", CMAC(AES(self.rmac)))

    def command_mac(self, message: bytes) -> bytes:
        """AES-CMAC with S-MAC, 16 bytes."""
        return _finished(self._command_mac, message)

    def response_mac(self, message: bytes) -> bytes:
        """AES-CMAC with S-RMAC, 16 bytes."""
        return _finished(self._response_mac, message)

    @property
    def card_cryptogram(self) -> bytes:
        """Amendment D 6.2.2.2."""
        return derive(self.mac, Derivation.CARD_CRYPTOGRAM, CRYPTOGRAM_LENGTH * 8, self.context)

    @property
    def host_cryptogram(self) -> bytes:
        """Amendment D 6.2.2.3."""
        return derive(self.mac, Derivation.HOST_CRYPTOGRAM, CRYPTOGRAM_LENGTH * 8, self.context)


@dataclass(frozen=True, slots=True)
class InitializeUpdateResponse:
    """What a card answers to INITIALIZE UPDATE (Amendment D Table 7-2)."""

    diversification: bytes
    key_version: int
    options: Option
    card_challenge: bytes
    card_cryptogram: bytes
    sequence: int | None = None

    def to_bytes(self) -> bytes:
        """The response data: 29 bytes, 32 with a sequence counter."""
        information = bytes((self.key_version, PROTOCOL, self.options))
        sequence = b"" if self.sequence is None else self.sequence.to_bytes(SEQUENCE_LENGTH, "big")
        return self.diversification + information + self.card_challenge + self.card_cryptogram + sequence

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse the response data; raises ProtectionError when it is not SCP03 in S8 mode."""
        if len(raw) < 13:
            raise ProtectionError(f"{len(raw)} bytes answer INITIALIZE UPDATE, SCP03 has 29 or 32")
        if raw[11] != PROTOCOL:
            raise ProtectionError(f"the card answers with SCP{raw[11]:02X}, this is SCP03")
        options = Option(raw[12])
        if options & Option.S16:
            raise ProtectionError(f"the card answers in S16 mode (i={raw[12]:02X}), only S8 is supported")
        expected = 32 if options & Option.PSEUDO_RANDOM_CHALLENGE else 29
        if len(raw) != expected:
            raise ProtectionError(f"{len(raw)} bytes answer INITIALIZE UPDATE, i={raw[12]:02X} has {expected}")
        sequence = int.from_bytes(raw[29:], "big") if len(raw) == 32 else None
        return cls(raw[:10], raw[10], options, raw[13:21], raw[21:29], sequence)


def is_error(sw: int) -> bool:
    """Whether a response with this status word is left unprotected (Amendment D 6.2.5)."""
    return sw != 0x9000 and sw >> 8 not in (0x62, 0x63)


def is_secured(cla: int) -> bool:
    """Whether a class byte indicates GlobalPlatform secure messaging (GPCS Tables 11-11 and 11-12)."""
    return bool(cla & 0x20) if cla & 0x40 else cla & 0x0C == _CLA_SECURE


def secured_class(cla: int) -> int:
    """The class byte with secure messaging indicated, the logical channel kept."""
    return cla | 0x20 if cla & 0x40 else cla & ~0x08 | _CLA_SECURE


def plain_class(cla: int) -> int:
    """The class byte without secure messaging, the logical channel kept."""
    return cla & ~0x20 if cla & 0x40 else cla & ~0x0C


def _mac_class(cla: int) -> int:
    """The class byte that goes into the C-MAC: channel zero, secure messaging set (Amendment D 6.2.4)."""
    return cla & (0x90 if cla & 0x40 else 0xF0) | _CLA_SECURE


_C_MAC, _C_DECRYPTION = int(SecurityLevel.C_MAC), int(SecurityLevel.C_DECRYPTION)  # testing a bit of a plain number
_R_MAC, _R_ENCRYPTION = int(SecurityLevel.R_MAC), int(SecurityLevel.R_ENCRYPTION)  # is ten times faster than of a flag


def max_data(level: SecurityLevel) -> int:
    """How many plain data bytes a short command holds at a level: 255, 247 (MAC) or 239 (MAC and encryption)."""
    if not int(level) & _C_MAC:
        return SHORT_MAX_DATA
    room = SHORT_MAX_DATA - MAC_LENGTH
    return room // BLOCK * BLOCK - 1 if int(level) & _C_DECRYPTION else room


def max_response(level: SecurityLevel) -> int:
    """How many plain response bytes fit 256 at a level: 256, 248 (MAC) or 239 (MAC and encryption)."""
    if not int(level) & _R_MAC:
        return SHORT_MAX_LE
    room = SHORT_MAX_LE - MAC_LENGTH
    return room // BLOCK * BLOCK - 1 if int(level) & _R_ENCRYPTION else room


@dataclass(frozen=True, slots=True)
class Channel:
    """The state of one session at either end: keys, level, MAC chaining value and encryption counter.

    Every method returns the next state beside its result and changes nothing, so a message that was refused leaves the
    caller with the state from before; the rules of the protocol (GPCS 10.2.3) then have it end the session.
    """

    keys: SessionKeys
    level: SecurityLevel = SecurityLevel.C_MAC  # what EXTERNAL AUTHENTICATE itself is protected with
    chaining: bytes = _ZERO_BLOCK
    counter: int = 0

    def opened(self, level: SecurityLevel) -> Self:
        """The state after a successful EXTERNAL AUTHENTICATE; raises ValueError for a level that does not exist."""
        if not level.is_allowed:
            raise ValueError(f"security level {int(level):02X} is not in Amendment D Table 7-3")
        return replace(self, level=level, counter=0)

    def wrap_command(self, command: CommandApdu) -> tuple[Self, CommandApdu]:
        """Host: protect a plain command (Amendment D 6.2.4, 6.2.6); raises ValueError when it is too long."""
        level = int(self.level)
        if not level & _C_MAC:
            return self, command
        if len(command.data) > max_data(self.level):
            raise ValueError(
                f"{len(command.data)} data bytes, at security level {level:02X} a command holds at most "
                f"{max_data(self.level)}: send the data in several commands"
            )
        counter, data = self.counter + 1, command.data
        if data and level & _C_DECRYPTION:
            data = encrypt_cbc(self.keys.enc, command_icv(self.keys.enc, counter), pad(data))
        le = SHORT_MAX_LE if level & _R_MAC else command.le and min(command.le, SHORT_MAX_LE)
        chaining = self._command_mac(command, data, extended=False)
        wrapped = CommandApdu(
            secured_class(command.cla), command.ins, command.p1, command.p2, data + chaining[:MAC_LENGTH], le
        )
        return self._after(chaining, counter), wrapped

    def unwrap_command(self, command: CommandApdu) -> tuple[Self, CommandApdu]:
        """Card: verify and decrypt a command; the result has the plain class byte and no Le. Raises ProtectionError."""
        if not is_secured(command.cla):
            if int(self.level) & _C_MAC:
                raise ProtectionError("the session asks for a C-MAC, the command has none")
            return self, replace(command, le=None)
        if len(command.data) < MAC_LENGTH:
            raise ProtectionError("the command is too short for a C-MAC")
        data, mac = command.data[:-MAC_LENGTH], command.data[-MAC_LENGTH:]
        chaining = self._command_mac(command, data, extended=command.is_extended)
        if not equal(chaining[:MAC_LENGTH], mac):
            raise ProtectionError("the C-MAC is wrong")
        counter = self.counter + 1
        if data and int(self.level) & _C_DECRYPTION:
            data = unpad(decrypt_cbc(self.keys.enc, command_icv(self.keys.enc, counter), data))
        extended = command.extended
        plain = CommandApdu(plain_class(command.cla), command.ins, command.p1, command.p2, data, extended=extended)
        return self._after(chaining, counter), plain

    def wrap_response(self, response: ResponseApdu) -> ResponseApdu:
        """Card: protect a response (Amendment D 6.2.5, 6.2.7); an error keeps its status word alone."""
        if not int(self.level) & _R_MAC:
            return response
        if is_error(response.sw):
            return replace(response, data=b"")
        data = response.data
        if data and int(self.level) & _R_ENCRYPTION:
            data = encrypt_cbc(self.keys.enc, response_icv(self.keys.enc, self.counter), pad(data))
        return ResponseApdu(data + self._response_mac(data, response.sw), response.sw)

    def unwrap_response(self, response: ResponseApdu) -> ResponseApdu:
        """Host: verify and decrypt a response; raises ProtectionError. An error without data has nothing to verify."""
        if not int(self.level) & _R_MAC:
            return response
        if is_error(response.sw):
            if response.data:
                raise ProtectionError(f"the error {response.sw:04X} comes with data, which nothing protects")
            return response
        if len(response.data) < MAC_LENGTH:
            raise ProtectionError(f"the response {response.sw:04X} is too short for an R-MAC")
        data, mac = response.data[:-MAC_LENGTH], response.data[-MAC_LENGTH:]
        if not equal(self._response_mac(data, response.sw), mac):
            raise ProtectionError("the R-MAC is wrong")
        if data and int(self.level) & _R_ENCRYPTION:
            data = unpad(decrypt_cbc(self.keys.enc, response_icv(self.keys.enc, self.counter), data))
        return ResponseApdu(data, response.sw)

    def _after(self, chaining: bytes, counter: int) -> Self:
        return type(self)(self.keys, self.level, chaining, counter)

    def _command_mac(self, command: CommandApdu, data: bytes, *, extended: bool) -> bytes:
        """All 16 bytes of the C-MAC: chaining value, header with the new Lc, data (Amendment D Figure 6-1).

        Lc goes in as it is transmitted, in one byte or, for an extended command, in three.
        """
        length = len(data) + MAC_LENGTH
        lc = b"\0" + length.to_bytes(2, "big") if extended else bytes((length,))
        header = bytes((_mac_class(command.cla), command.ins, command.p1, command.p2)) + lc
        return self.keys.command_mac(self.chaining + header + data)

    def _response_mac(self, data: bytes, sw: int) -> bytes:
        return self.keys.response_mac(self.chaining + data + sw.to_bytes(2, "big"))[:MAC_LENGTH]
