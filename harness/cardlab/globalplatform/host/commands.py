"""Data fields of card content management commands, as pure functions (GPCS chapter 11)."""

from __future__ import annotations

from cardlab.globalplatform.constants import (
    TAG_APPLICATION_PARAMETERS,
    TAG_LOAD_FILE_DATA_BLOCK,
    TAG_SYSTEM_PARAMETERS,
    Privilege,
)
from cardlab.globalplatform.installation import Installation
from cardlab.globalplatform.scp03 import StaticKeys, encode_aes_key, key_check_value
from cardlab.iso7816 import aid as aids
from cardlab.iso7816 import tlv

MAX_BLOCKS = 256  # block numbers are one byte (GPCS 11.6.2.2, 11.11.2.2)


def check_aid(aid: bytes, what: str) -> bytes:
    """The AID itself; raises ValueError when it is not 5 to 16 bytes long (ISO/IEC 7816-4)."""
    fault = aids.length_fault(aid)
    if fault:
        raise ValueError(f"the {what} AID {fault}")
    return aid


def _check_optional(domain: bytes) -> None:
    if domain:
        check_aid(domain, "security domain")


def lv(value: bytes) -> bytes:
    """Length and value; the length as in BER."""
    return tlv.encode_length(len(value)) + value


def install_for_load(package: bytes, domain: bytes, digest: bytes, parameters: bytes) -> bytes:
    """GPCS Table 11-42; ``domain`` empty for the selected one, ``parameters`` as in Table 11-48."""
    _check_optional(domain)
    return lv(check_aid(package, "load file")) + lv(domain) + lv(digest) + lv(parameters) + lv(b"")


def install_for_install(applet: Installation) -> bytes:
    """GPCS Table 11-43."""
    return (
        lv(check_aid(applet.package, "load file"))
        + lv(check_aid(applet.module, "module"))
        + lv(check_aid(applet.instance, "instance"))
        + lv(encode_privileges(applet.privileges))
        + lv(install_parameters(applet))
        + lv(b"")
    )


def install_parameters(applet: Installation) -> bytes:
    """GPCS Table 11-49: C9 always, though it be empty; EF when there is anything in it."""
    field = tlv.encode(TAG_APPLICATION_PARAMETERS, applet.parameters)
    return field + tlv.encode(TAG_SYSTEM_PARAMETERS, applet.system) if applet.system else field


def install_for_make_selectable(instance: bytes, privileges: Privilege) -> bytes:
    """GPCS Table 11-44."""
    return b"\0\0" + lv(check_aid(instance, "instance")) + lv(encode_privileges(privileges)) + lv(b"") + lv(b"")


def install_for_extradition(domain: bytes, aid: bytes) -> bytes:
    """GPCS Table 11-45."""
    return (
        lv(check_aid(domain, "security domain")) + b"\0" + lv(check_aid(aid, "application")) + b"\0" + lv(b"") + lv(b"")
    )


def install_for_registry_update(domain: bytes, aid: bytes, privileges: Privilege | None, parameters: bytes) -> bytes:
    """GPCS Table 11-46; ``domain`` empty to leave it, ``privileges`` None to leave them."""
    _check_optional(domain)
    field = b"" if privileges is None else privileges.to_bytes3()
    return lv(domain) + b"\0" + lv(check_aid(aid, "application")) + lv(field) + lv(parameters) + lv(b"")


def install_for_personalization(aid: bytes) -> bytes:
    """GPCS Table 11-47."""
    return b"\0\0" + lv(check_aid(aid, "application")) + b"\0\0\0"


def encode_privileges(privileges: Privilege) -> bytes:
    """One byte, as cards of every edition take it, when that says it all; else three.

    For a security domain a card adds Trusted Path to a single byte (GPCS Table 6-2), so there it is always three.
    """
    whole = privileges.to_bytes3()
    return whole if any(whole[1:]) or privileges & Privilege.SECURITY_DOMAIN else whole[:1]


def load_file(data_block: bytes, dap_blocks: bytes = b"") -> bytes:
    """GPCS Table 11-58: DAP blocks, then the load file data block (the components of a CAP file) in C4."""
    return dap_blocks + tlv.encode(TAG_LOAD_FILE_DATA_BLOCK, data_block)


def split(data: bytes, size: int, what: str) -> list[bytes]:
    """``data`` in blocks of ``size`` bytes, at least one; raises ValueError when there are more than 256."""
    blocks = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
    if len(blocks) > MAX_BLOCKS:
        raise ValueError(f"{what} of {len(data)} bytes takes {len(blocks)} commands, at most {MAX_BLOCKS} have numbers")
    return blocks


def put_key_set(version: int, dek: bytes, keys: StaticKeys) -> bytes:
    """GPCS Table 11-67 with Amendment D Table 7-10: a whole SCP03 key set under the domain's current DEK."""
    if not 1 <= version <= 0x7F:
        raise ValueError(f"key version {version:02X} is not between 01 and 7F")
    return bytes((version,)) + b"".join(encode_aes_key(dek, key) for key in (keys.enc, keys.mac, keys.dek))


def put_key_answer(version: int, keys: StaticKeys) -> bytes:
    """What a card answers to ``put_key_set``: version and check values (GPCS 11.8.3.1)."""
    return bytes((version,)) + b"".join(key_check_value(key) for key in (keys.enc, keys.mac, keys.dek))
