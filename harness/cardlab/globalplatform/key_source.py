"""Where the keys of a security domain come from: a place that the user names, and never a guess.

| source | |
|---|---|
| `test` | the public test keys of GlobalPlatform cards, 404142…4F three times |
| `env:NAME` | an environment variable |
| `file:PATH` | a file |

Variable and file hold one AES key, or three (ENC, MAC, DEK), in hexadecimal with blanks or line ends between them. Keys
are not written on the command line, where every user of the machine can read them.
"""

from __future__ import annotations

import os
from pathlib import Path

from cardlab.errors import UsageError
from cardlab.globalplatform.scp03 import StaticKeys

_TEST_KEY = bytes(range(0x40, 0x50))
TEST_KEYS = StaticKeys(enc=_TEST_KEY, mac=_TEST_KEY, dek=_TEST_KEY)
_HOW = "write test, env:NAME or file:PATH"


def read_keys(source: str) -> StaticKeys:
    """The keys from a source; raises UsageError when there is none, or what is there are no keys."""
    if source == "test":
        return TEST_KEYS
    how, _, where = source.partition(":")
    if how == "env" and where:
        text = os.environ.get(where)
        if text is None:
            raise UsageError(f"there is no environment variable {where} to take keys from", hint=_HOW)
    elif how == "file" and where:
        try:
            text = Path(where).read_text(encoding="ascii")
        except OSError as error:
            raise UsageError(f"keys from {where}: {error.strerror}", hint=_HOW) from error
        except UnicodeDecodeError:
            text = ""
    else:
        raise UsageError("that is no place to take keys from", hint=_HOW)  # the value may be a key: it is not shown
    return _parse(text, source)


def _parse(text: str, source: str) -> StaticKeys:
    words = text.split()
    try:
        values = [bytes.fromhex(word) for word in words]
        return StaticKeys(*(values * 3 if len(values) == 1 else values))
    except (ValueError, TypeError):
        raise UsageError(
            f"{source} holds no keys", hint="one AES key or three (ENC, MAC, DEK), in hexadecimal, blanks between them"
        ) from None
