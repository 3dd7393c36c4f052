"""What a Java exception says to whoever tests an applet: its reason in words, the API's method, the applet's lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from cardlab.runtime.reasons import in_words

# Frames that are not an applet's: the runtime, the API, and what they stand on.
_API = ("javacard.", "javacardx.", "org.globalplatform.")
_OTHERS = ("cardlab.jcardsim.", "com.licel.", "org.bouncycastle.", "java.", "javax.", "jdk.", "sun.", "com.sun.")
_SHOWN = 8  # frames; a stack that overflowed has thousands


def told(exception: Any) -> str:
    """``javacard.security.CryptoException: UNINITIALIZED_KEY (2) in init() at com.example.Purse.pay(Purse.java:9)``."""
    thrown = root(exception)
    return f"{thrown.toString()}{reason(thrown)}{place(thrown)}"


def root(exception: Any) -> Any:
    """What was thrown first, when a class could not be initialized for it."""
    while str(exception.getClass().getName()).endswith("ExceptionInInitializerError") and exception.getCause():
        exception = exception.getCause()
    return exception


def reason(exception: Any) -> str:
    """The reason code of an exception of the API, in words; empty when it has none, or words of its own."""
    if not hasattr(exception, "getReason") or exception.getMessage() is not None:
        return ""
    return f": {in_words(str(exception.getClass().getName()), int(exception.getReason()))}"


def place(exception: Any) -> str:
    """The API's method that threw it, if one did, and the applet's frames, the innermost first; empty without these."""
    frames = list(exception.getStackTrace())
    inside = list(takewhile(lambda frame: not _is_applets(frame), frames))
    applets = list(takewhile(_is_applets, frames[len(inside) :]))
    return "".join(_words(inside[-1:], applets))


def _words(called: list[Any], applets: list[Any]) -> Iterator[str]:
    if not applets:
        return
    for frame in called:
        name = str(frame.getClassName())
        owner = f"{name.rpartition('.')[2]}." if name.startswith(_API) else ""
        yield f" in {owner}{frame.getMethodName()}()"
    for frame in applets[:_SHOWN]:
        yield f" at {frame.getClassName()}.{frame.getMethodName()}({frame.getFileName()}:{frame.getLineNumber()})"
    if len(applets) > _SHOWN:
        yield f" and {len(applets) - _SHOWN} more"


def _is_applets(frame: Any) -> bool:
    return not str(frame.getClassName()).startswith((*_API, *_OTHERS))
