"""What key objects hold (Java: cardlab.vm.api.security.CardKey)."""

from __future__ import annotations

from typing import Any

from cardlab.runtime import jvm

KEY_PREFIX = "cardlab/key/"
_VALUE, _DOMAIN, _FAMILY, _BITS = 0, 1, 3, 4
_LENGTH = 2  # bytes before each part


def key_parts(java: Any, reference: int) -> dict[str, bytes | None]:
    """The components of a key by the names of its getters; None while one is not set.

    Domain parameters that another key object holds are looked up there.
    """
    family, bits = _number(java, reference, _FAMILY), _number(java, reference, _BITS)
    kind = jvm.java_class("cardlab.engine.KeyFamily").ofAlgType(family)
    layout = jvm.java_class("cardlab.engine.KeyLayout")(kind, bits)
    domain = int(java.target(reference, _DOMAIN))
    shared = set(kind.parameters().parts()) if domain and kind.parameters() is not None else set()
    value = int(java.target(reference, _VALUE))
    content = bytes(java.content(value)) if value else b""
    found: dict[str, bytes | None] = {}
    at = 0
    for part in kind.parts():
        if part in shared:
            continue
        length = int.from_bytes(content[at : at + _LENGTH], "big")
        found[_name(part)] = content[at + _LENGTH : at + _LENGTH + length] if length else None
        at += _LENGTH + int(layout.capacity(part))
    return {**key_parts(java, domain), **found} if shared else found


def _number(java: Any, reference: int, cell: int) -> int:
    return int.from_bytes(bytes(java.content(reference))[2 * cell : 2 * cell + 2], "big", signed=True)


def _name(part: Any) -> str:
    """``Modulus``, ``P``, ``DP1``: as in ``getModulus``."""
    name = str(part.name())
    return name.capitalize() if len(name) > 3 or name == "KEY" else name
