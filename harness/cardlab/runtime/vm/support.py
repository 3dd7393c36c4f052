"""What the virtual machine lacks of an API: it says so itself, as LOAD and getInstance() would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cardlab.cap.exportfile import ExportFile
from cardlab.cap.platform import tables
from cardlab.runtime import jvm
from cardlab.runtime.support import Absence, Absences
from cardlab.runtime.vm.classes import NATIVES, table_lines

_SECURITY, _CRYPTO = "javacard/security/", "javacardx/crypto/"
_ENGINE = "cardlab.engine."
_XEC = "TYPE_XEC"  # what Key.getType() says; buildXECKey() takes a curve


def absences(java_card: str, globalplatform: str) -> Absences:
    """Methods and static fields that LOAD refuses, and constants that name no algorithm of this card."""
    found = dict.fromkeys(missing(java_card, globalplatform), Absence.LOAD)
    for table in tables(java_card, globalplatform):
        found |= dict.fromkeys(_static_fields(table), Absence.LOAD)
        found |= dict.fromkeys(_refused(table), Absence.ALGORITHM)
    return Absences(found)


def missing(java_card: str, globalplatform: str) -> set[str]:
    """Methods of classes that no native stands behind."""
    return {str(one) for one in api_packages(java_card, globalplatform).missing()}


def api_packages(java_card: str, globalplatform: str) -> Any:
    """The packages as a card has them (Java: cardlab.vm.link.Api)."""
    import jpype

    jvm.start()
    names = jpype.JArray(jpype.JString)(list(NATIVES))
    return jvm.java_class("cardlab.vm.Machine").api(table_lines(java_card, globalplatform), names)


def _static_fields(table: ExportFile) -> Iterator[str]:
    """Those with a place on the card: this machine's API packages have none."""
    for one in table.classes:
        for held in one.fields:
            if held.is_static and not held.is_inlined:
                yield f"{one.name}.{held.name}"


def _refused(table: ExportFile) -> Iterator[str]:
    factories = _factories()
    for one in table.classes:
        for prefix, make in factories.get(one.name, {}).items():
            named = (held for held in one.fields if held.name.startswith(prefix) and held.constant is not None)
            yield from (
                f"{one.name}.{held.name}" for held in named if held.name != _XEC and not _makes(make, held.constant)
            )


def _makes(make: Callable[[int], Any], number: int | None) -> bool:
    """Whether the engine knows it."""
    import jpype

    try:
        make(number or 0)
    except jpype.JException:
        return False
    return True


def _factories() -> dict[str, dict[str, Callable[[int], Any]]]:
    """By class and the beginning of a constant's name: what getInstance() asks of the engine."""
    engine = jvm.java_class(f"{_ENGINE}Engine")()

    def of(name: str) -> Callable[[int], Any]:
        return lambda number: jvm.java_class(_ENGINE + name).of(number)

    return {
        f"{_SECURITY}MessageDigest": {"ALG_": lambda number: engine.digest(number)},
        f"{_SECURITY}Signature": {
            "ALG_": lambda number: engine.signature(number), "SIG_CIPHER_": of("SignatureCipher"),
        },
        f"{_SECURITY}KeyAgreement": {"ALG_": lambda number: engine.agreement(number)},
        f"{_SECURITY}Checksum": {"ALG_": lambda number: engine.checksum(number)},
        f"{_SECURITY}RandomData": {"ALG_": lambda number: engine.random(number)},
        f"{_SECURITY}KeyPair": {"ALG_": of("KeyPairAlgorithm")},
        f"{_SECURITY}KeyBuilder": {
            "TYPE_": of("KeyType"),
            "ALG_TYPE_": lambda number: jvm.java_class(f"{_ENGINE}KeyFamily").ofAlgType(number),
        },
        f"{_SECURITY}NamedParameterSpec": {"": lambda number: engine.curve(number)},
        f"{_CRYPTO}Cipher": {
            "ALG_": lambda number: engine.cipher(number), "CIPHER_": of("CipherPrimitive"), "PAD_": of("Padding"),
        },
        f"{_CRYPTO}AEADCipher": {"ALG_": lambda number: engine.cipher(number), "CIPHER_": of("CipherPrimitive")},
    }  # fmt: skip
