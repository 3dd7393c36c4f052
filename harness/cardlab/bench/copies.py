"""A larger package than there is: the classes of a real one several times, each time under other names."""

from __future__ import annotations

import re
from collections.abc import Mapping

_UTF8, _LONG, _DOUBLE = 1, 5, 6
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 18: 4}
"""Bytes behind the tag of a constant pool entry (JVMS 4.4)."""
_POOL = 10  # behind magic, version and the pool's count


def copies(classes: Mapping[str, bytes], count: int) -> dict[str, bytes]:
    """Class files by binary name, and so many copies of each in the same package (``Purse``, ``PurseCopy1``, ...)."""
    found = dict(classes)
    for number in range(1, count):
        found |= {f"{name}Copy{number}": _renamed(code, classes, f"Copy{number}") for name, code in classes.items()}
    return found


def _renamed(code: bytes, classes: Mapping[str, bytes], suffix: str) -> bytes:
    """With the suffix behind each of the classes' names, wherever the constant pool has it."""
    names = sorted((name.replace(".", "/") for name in classes), key=len, reverse=True)
    pattern = re.compile(rb"(?:" + b"|".join(re.escape(name.encode()) for name in names) + rb")(?![\w/$])")
    count, at, out = int.from_bytes(code[8:_POOL], "big"), _POOL, bytearray(code[:_POOL])
    index = 1
    while index < count:
        tag = code[at]
        if tag == _UTF8:
            size = 2 + int.from_bytes(code[at + 1 : at + 3], "big")
            text = pattern.sub(lambda found: found[0] + suffix.encode(), code[at + 3 : at + 1 + size])
            out += bytes((tag,)) + len(text).to_bytes(2, "big") + text
        else:
            size = _SIZES[tag]
            out += code[at : at + 1 + size]
        at += 1 + size
        index += 2 if tag in (_LONG, _DOUBLE) else 1
    return bytes(out + code[at:])
