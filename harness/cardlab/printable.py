r"""Text that others wrote (a certificate's name, a server's words), made safe for terminals: one place for all of it.

A control character could move the cursor and rewrite what stands there; a direction mark could turn a line around. Such
characters are shown as Python writes them (``\x1b``, ``\u202e``), so that nothing is lost.
"""

from __future__ import annotations

import re

# Unicode's categories Cc (but tab and line feed), Cf, Cs, Zl and Zp.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\ud800-\udfff]"
)
_BREAKS = re.compile("[\t\n]")


def printable(text: str) -> str:
    """The text with every character escaped that does more than take its place; line feeds and tabs stay."""
    return _UNSAFE.sub(_escaped, text)


def printable_line(text: str) -> str:
    """The same, and on one line: nobody can make a line of a report that the report did not write."""
    return _BREAKS.sub(_escaped, printable(text))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
