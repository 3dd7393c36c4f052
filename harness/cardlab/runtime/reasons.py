"""Reason codes of the Java Card API's exceptions, in words (Java Card API 3.0.5, the constants of each class)."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, Mapping[int, str]] = {
    "javacard.framework.APDUException": {
        1: "ILLEGAL_USE",
        2: "BUFFER_BOUNDS",
        3: "BAD_LENGTH",
        4: "IO_ERROR",
        0xAA: "NO_T0_GETRESPONSE",
        0xAB: "T1_IFD_ABORT",
        0xAC: "NO_T0_REISSUE",
    },
    "javacard.framework.PINException": {1: "ILLEGAL_VALUE", 2: "ILLEGAL_STATE"},
    "javacard.framework.SystemException": {
        1: "ILLEGAL_VALUE",
        2: "NO_TRANSIENT_SPACE",
        3: "ILLEGAL_TRANSIENT",
        4: "ILLEGAL_AID",
        5: "NO_RESOURCE",
        6: "ILLEGAL_USE",
    },
    "javacard.framework.TransactionException": {
        1: "IN_PROGRESS",
        2: "NOT_IN_PROGRESS",
        3: "BUFFER_FULL",
        4: "INTERNAL_FAILURE",
        5: "ILLEGAL_USE",
    },
    "javacard.framework.service.ServiceException": {
        1: "ILLEGAL_PARAM",
        2: "DISPATCH_TABLE_FULL",
        3: "COMMAND_DATA_TOO_LONG",
        4: "CANNOT_ACCESS_IN_COMMAND",
        5: "CANNOT_ACCESS_OUT_COMMAND",
        6: "COMMAND_IS_FINISHED",
        7: "REMOTE_OBJECT_NOT_EXPORTED",
    },
    "javacard.security.CryptoException": {
        1: "ILLEGAL_VALUE",
        2: "UNINITIALIZED_KEY",
        3: "NO_SUCH_ALGORITHM",
        4: "INVALID_INIT",
        5: "ILLEGAL_USE",
    },
    "javacardx.biometry.BioException": {
        1: "ILLEGAL_VALUE",
        2: "INVALID_DATA",
        3: "NO_SUCH_BIO_TEMPLATE",
        4: "NO_TEMPLATES_ENROLLED",
        5: "ILLEGAL_USE",
    },
    "javacardx.biometry1toN.Bio1toNException": {
        1: "ILLEGAL_VALUE",
        2: "INVALID_DATA",
        3: "UNSUPPORTED_BIO_TYPE",
        4: "NO_BIO_TEMPLATE_ENROLLED",
        5: "ILLEGAL_USE",
        6: "BIO_TEMPLATE_DATA_CAPACITY_EXCEEDED",
        7: "MISMATCHED_BIO_TYPE",
    },
    "javacardx.external.ExternalException": {1: "NO_SUCH_SUBSYSTEM", 2: "INVALID_PARAM", 3: "INTERNAL_ERROR"},
    "javacardx.framework.string.StringException": {
        1: "UNSUPPORTED_ENCODING",
        2: "ILLEGAL_NUMBER_FORMAT",
        3: "INVALID_BYTE_SEQUENCE",
    },
    "javacardx.framework.util.UtilException": {1: "ILLEGAL_VALUE", 2: "TYPE_MISMATCHED"},
    "javacardx.framework.tlv.TLVException": {
        1: "INVALID_PARAM",
        2: "ILLEGAL_SIZE",
        3: "EMPTY_TAG",
        4: "EMPTY_TLV",
        5: "MALFORMED_TAG",
        6: "MALFORMED_TLV",
        7: "INSUFFICIENT_STORAGE",
        8: "TAG_SIZE_GREATER_THAN_127",
        9: "TAG_NUMBER_GREATER_THAN_32767",
        10: "TLV_SIZE_GREATER_THAN_32767",
        11: "TLV_LENGTH_GREATER_THAN_32767",
    },
}
_ISO = "javacard.framework.ISOException"


def in_words(exception: str, reason: int) -> str:
    """``UNINITIALIZED_KEY (2)``; of an ISOException a status word; what only an applet can explain as a number."""
    code = reason & 0xFFFF
    if exception == _ISO:
        return f"{code:04X}"
    name = REASONS.get(exception, {}).get(code)
    return str(reason) if name is None else f"{name} ({code})"
