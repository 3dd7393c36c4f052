"""GlobalPlatformPro ends with 0 or 1 and says the rest in words: those words as this package's errors."""

from __future__ import annotations

import re

from cardlab.errors import CardError, HarnessError, SecureChannelError, TransportError
from cardlab.globalplatform.host.gppro.program import Outcome
from cardlab.globalplatform.host.gppro.tasks import Task
from cardlab.globalplatform.host.hints import INITIALIZE_UPDATE_HINTS, KEY_ADVICE, STATUS_HINTS
from cardlab.iso7816.status import SW, UnexpectedStatusError

_LIST_FAILED = re.compile(r"GET STATUS failed for .* with 0x([0-9A-F]{4})\b")
_NO_SUCH_SCOPE = (SW.INCORRECT_P1P2, SW.FUNCTION_NOT_SUPPORTED)  # a domain asked for the issuer's, or no module list
_STATUS = re.compile(r"\b0x([0-9A-F]{4})\b")
_NO_SESSION = "INITIALIZE UPDATE failed"
_SECURE_CHANNEL = (
    "Failed to open secure channel",
    _NO_SESSION,
    "EXTERNAL AUTHENTICATE failed",
    "Key version mismatch",
    "Card cryptogram invalid",
    "Secure channel failure",
)
_LINK: tuple[tuple[str, str], ...] = (
    ("SCARD_E_NO_SERVICE", "the daemon of PC/SC does not run: start pcscd"),
    ("SCARD_E_NO_READERS_AVAILABLE", "no reader is plugged in"),
    ("SCARD_E_NO_SMARTCARD", "put a card into the reader"),
    ("SCARD_W_REMOVED_CARD", "the card was taken out; what was done before is done: list it"),
    ("SCARD_W_UNPOWERED_CARD", "the card does not answer: is it the right way round?"),
    ("SCARD_W_UNRESPONSIVE_CARD", "the card does not answer: is it the right way round?"),
    ("SCARD_E_SHARING_VIOLATION", "another program holds the card: end it"),
    ("SCARD_W_RESET_CARD", "another program reset the card; what was done before is done: list it"),
    ("Specify reader with", "put a card into the reader"),
    ("SCARD_", "look at the reader and at pcscd"),
    ("Tag lost", "the card was taken away"),
)
_NOT_PRESENT = "Could not delete AID (not present on card)"
_COULD_NOT_DELETE = "Could not delete"
_LAST_LINES = 8  # what was wrong comes last; before it may come a page of all its options
_NOISE = ("Picked up ", "[WARN] GPSession - Card Manager is LOCKED")


def failure(task: Task, outcome: Outcome) -> HarnessError | None:
    """The error that this outcome is, or None when all went well."""
    said = _said(outcome)
    name = f"GlobalPlatformPro could not {task.name}"
    for word in _LIST_FAILED.findall(said):  # a list that it could not read is a warning to it, and an empty list
        if (sw := int(word, 16)) not in _NO_SUCH_SCOPE:
            return UnexpectedStatusError(name, sw, hint=_hint(STATUS_HINTS.get(sw, ""), said))
    if outcome.code == 0 and _COULD_NOT_DELETE not in said:  # with --force it ends with 0 nevertheless
        return None
    status = _STATUS.findall(said)
    sw = int(status[-1], 16) if status else 0  # warnings come before the error
    if any(words in said for words in _SECURE_CHANNEL):
        advice = INITIALIZE_UPDATE_HINTS.get(sw, KEY_ADVICE) if _NO_SESSION in said else KEY_ADVICE
        return SecureChannelError(f"{name}: the secure channel did not open, or broke", hint=_hint(advice, said))
    for words, remedy in _LINK:
        if words in said:
            return TransportError(f"{name}: the card was not reached", hint=_hint(remedy, said))
    if _NOT_PRESENT in said:
        return CardError(f"{name}: the card has no such object", hint=_hint("look at the registry", said))
    if sw:
        return UnexpectedStatusError(name, sw, hint=_hint(STATUS_HINTS.get(sw, ""), said))
    return HarnessError(f"{name}; it ended with {outcome.code}", hint=_hint("", said))


def _said(outcome: Outcome) -> str:
    lines = [line.rstrip() for line in outcome.stderr.splitlines()]
    kept = [line for line in lines if line and not line.startswith(_NOISE)][-_LAST_LINES:]
    return "\n".join(kept) or outcome.stdout.strip()


def _hint(advice: str, said: str) -> str:
    quoted = "\n".join(f"  | {line}" for line in said.splitlines()) or "  | (nothing)"
    return f"{advice}{'; ' if advice else ''}GlobalPlatformPro said:\n{quoted}"
