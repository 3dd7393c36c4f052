"""What an applet's sources call its instructions and status words: constants ``INS_...`` and ``SW_...``.

Read from the text, as far as people write constants: several in one declaration, in an interface or not, modifiers in
any order, in hexadecimal, decimal, octal or binary, cast, and computed from other constants of the sources.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", re.DOTALL)
_DECLARATION = re.compile(r"\b(?:byte|short|int)\s+(?P<declarators>\w+\s*=[^;{}]*);")
_CAST = re.compile(r"\(\s*(?:byte|short|int)\s*\)")
_OCTAL = re.compile(r"\b0(?=[0-7_]+\b)")
_PREFIXES = ("INS_", "SW_")
_OPERATORS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: lambda left, right: left << (right & 31),  # as Java shifts an int (JLS 15.19)
    ast.RShift: lambda left, right: left >> (right & 31),
}


@dataclass(frozen=True, slots=True)
class SourceNames:
    """Names of instructions and status words, without their prefixes, by value.

    ``instructions`` are instruction bytes by every name that one has, as it is written: ``INS_PUT_SEED``.
    """

    commands: Mapping[int, str] = field(default_factory=dict)
    status: Mapping[int, str] = field(default_factory=dict)
    instructions: Mapping[str, int] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, files: Iterable[Path]) -> SourceNames:
        """The names that these sources give; the first one counts when a value has several."""
        return cls.parse(file.read_text(encoding="utf-8", errors="replace") for file in files)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> SourceNames:
        """The same from what is in the files."""
        written = _Constants()
        for text in texts:
            for name, expression in _declared(text):
                written.expressions.setdefault(name, expression)
        named = dict(written.named())
        instructions = {name: value & 0xFF for name, value in named.items() if name.startswith("INS_")}
        status = {name: value & 0xFFFF for name, value in named.items() if name.startswith("SW_")}
        return cls(_words(instructions), _words(status), instructions)


def _words(values: Mapping[str, int]) -> dict[int, str]:
    """``INS_PUT_SEED`` is PUT SEED; of several names for a value the first."""
    found: dict[int, str] = {}
    for name, value in values.items():
        found.setdefault(value, name.partition("_")[2].replace("_", " "))
    return found


def java_files(roots: Iterable[Path]) -> list[Path]:
    """The Java sources in folders, and files as they are."""
    return [file for root in roots for file in (sorted(root.rglob("*.java")) if root.is_dir() else [root])]


@dataclass(slots=True)
class _Constants:
    """Constants as they are written, evaluated when they are asked for."""

    expressions: dict[str, str] = field(default_factory=dict)
    _pending: set[str] = field(default_factory=set)

    def named(self) -> Iterator[tuple[str, int]]:
        """What is an instruction's or a status word's name, with its value, as far as that can be told."""
        for name in self.expressions:
            if name.startswith(_PREFIXES) and (value := self._value(name)) is not None:
                yield name, value

    def _value(self, name: str) -> int | None:
        if name in self._pending or name not in self.expressions:
            return None
        self._pending.add(name)
        try:
            return self._evaluated(ast.parse(_as_python(self.expressions[name]), mode="eval").body)
        except (SyntaxError, ValueError):
            return None
        finally:
            self._pending.discard(name)

    def _evaluated(self, node: ast.expr) -> int:
        """Raises ValueError for what is no constant."""
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.Name(id=name) | ast.Attribute(attr=name) if (known := self._value(name)) is not None:
                return known
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert() as sign, operand=operand):
                value = self._evaluated(operand)
                return -value if isinstance(sign, ast.USub) else ~value if isinstance(sign, ast.Invert) else value
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
                return _OPERATORS[type(sign)](self._evaluated(left), self._evaluated(right))
        raise ValueError(f"{ast.unparse(node)} is no constant")


def _declared(text: str) -> Iterator[tuple[str, str]]:
    """Each variable of a declaration with the expression behind its ``=``."""
    code = _NOT_CODE.sub(" ", text)
    for declaration in _DECLARATION.finditer(code):
        for one in declaration["declarators"].split(","):
            name, is_set, expression = one.partition("=")
            if is_set:
                yield name.strip(), expression


def _as_python(expression: str) -> str:
    return _OCTAL.sub("0o", _CAST.sub("", expression)).strip()
