"""Every error this package raises on purpose, and the exit code each kind ends a command with."""

from __future__ import annotations

from typing import ClassVar


class HarnessError(Exception):
    """An error meant for people: what was wrong, and (``hint``) what to do about it.

    The subclass decides the exit code of a command that ends with it; ``docs/reference/exit-codes.md`` lists them. The
    hint is a note of the exception as well (PEP 678), so a failed test and a traceback show it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def hint(self) -> str:
        """What to do; empty when there is nothing to say."""
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        others = [note for note in getattr(self, "__notes__", []) if note is not getattr(self, "_note", None)]
        self._hint, self._note = text, f"-> {text}"
        self.__notes__ = [self._note, *others] if text else others


class UsageError(HarnessError):
    """The command line or an argument asks for something that does not exist."""

    exit_code = 2


class MissingDependencyError(HarnessError):
    """A package, jar, program or the network needed to fetch it is not there."""

    exit_code = 3


class IntegrityError(HarnessError):
    """A downloaded or stored file is not the one that was locked (SHA-256 differs), or is damaged."""

    exit_code = 4


class BuildError(HarnessError):
    """Sources did not compile or could not be converted."""

    exit_code = 5


class TransportError(HarnessError):
    """No card, no reader, or the link to the card was lost."""

    exit_code = 6


class CardError(HarnessError):
    """The card answered with a status word that the command does not allow."""

    exit_code = 7


class SecureChannelError(HarnessError):
    """Mutual authentication failed, or a secured response does not verify."""

    exit_code = 8


class VerificationError(HarnessError):
    """A signature, certificate or indicator does not verify."""

    exit_code = 9


class RefusedError(HarnessError):
    """A party (CA, TSM, phone) refuses what it is asked for; nothing has changed."""

    exit_code = 10


class BusyError(HarnessError):
    """Another process is using a file or folder; nothing has changed, and the same may work later."""

    exit_code = 11


class StorageError(HarnessError):
    """The operating system refuses to read or write: the disk is full, read-only or broken, or the rights are missing.

    Nothing is left half written.
    """

    exit_code = 12
