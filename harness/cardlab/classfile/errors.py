"""Errors of reading files of the Java and Java Card formats. Each says what was wrong and where."""

from __future__ import annotations

from typing import ClassVar

from cardlab.errors import HarnessError


class FileFormatError(HarnessError):
    """Base of every error about a class file, an export file, a CAP file, or the making of one."""

    exit_code: ClassVar[int] = 5


class ClassFileError(FileFormatError):
    """A Java class file is malformed or of a version that is not read."""
