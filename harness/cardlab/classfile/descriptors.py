"""Field and method descriptors (JVMS 4.3)."""

from __future__ import annotations

from functools import lru_cache

from cardlab.classfile.errors import ClassFileError


def _type_end(text: str, pos: int) -> int:
    """The index after the field descriptor that starts at `pos`."""
    start = pos
    while pos < len(text) and text[pos] == "[":
        pos += 1
    if pos < len(text) and text[pos] in "BCDFIJSZ":
        return pos + 1
    end = text.find(";", pos) if pos < len(text) and text[pos] == "L" else -1
    if end <= pos + 1:
        raise ClassFileError(f"malformed descriptor {text!r} at {start}")
    return end + 1


def check_descriptor(text: str, method: bool) -> None:
    """Refuse a malformed descriptor (JVMS 4.3)."""
    if method:
        split_descriptor(text)
    elif _type_end(text, 0) != len(text):
        raise ClassFileError(f"malformed descriptor {text!r}")


@lru_cache(maxsize=4096)
def split_descriptor(text: str) -> tuple[tuple[str, ...], str]:
    """The parameter descriptors and the return descriptor of a method descriptor."""
    if not text.startswith("("):
        raise ClassFileError(f"malformed method descriptor {text!r}")
    pos, parameters = 1, []
    while pos < len(text) and text[pos] != ")":
        end = _type_end(text, pos)
        parameters.append(text[pos:end])
        pos = end
    result = text[pos + 1 :]
    if pos >= len(text) or (result != "V" and (not result or _type_end(result, 0) != len(result))):
        raise ClassFileError(f"malformed method descriptor {text!r}")
    return tuple(parameters), result
