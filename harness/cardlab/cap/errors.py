"""Errors of the CAP tools. Each says what was wrong and where; none is meant to be a traceback for the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cardlab.classfile.errors import FileFormatError


class ExportFileError(FileFormatError):
    """An export file, or a token table, is malformed or missing."""


class CapError(FileFormatError):
    """A CAP file is malformed or breaks a rule of the Java Card Virtual Machine Specification, chapter 6."""

    exit_code: ClassVar[int] = 4


@dataclass(frozen=True)
class Problem:
    """One finding of the converter.

    `class_name` uses dots; `line` is the source line, or 0 where the class file names none.
    """

    class_name: str
    method: str
    line: int
    message: str

    def __str__(self) -> str:
        where = (
            self.class_name + (f".{self.method}" if self.method else "") + (f" line {self.line}" if self.line else "")
        )
        return f"{where}: {self.message}"


class ConversionError(FileFormatError):
    """The classes cannot be converted; `problems` holds every reason found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems), hint="mend the lines named above")
        self.problems = problems
