"""Where a file can be changed: every mutant of it, with the text that takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from cardlab.campaign.mutate.mutation import Edit, Identity, Mutation, numbered, shown
from tests.mutating.operators import Operator, operators

# What is only read by people or tools: notes about types, what an error says, what imports and decorators name.
_UNTOUCHED = (cst.Annotation, cst.Raise, cst.FormattedString, cst.Import, cst.ImportFrom, cst.Decorator)
_CHANGED_AS_A_WHOLE = (cst.If, cst.IfExp, cst.CompIf)


class Span(NamedTuple):
    """Bytes of the file."""

    start: int
    end: int


@dataclass(slots=True)
class _Found:
    operator: str
    member: str
    statement: Span
    edit: Edit


@dataclass
class _Places(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (ByteSpanPositionProvider,)

    module: cst.Module
    text: bytes
    found: list[_Found] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    _statements: list[Span] = field(default_factory=list)
    _operators: tuple[Operator, ...] = field(default_factory=operators)

    def __post_init__(self) -> None:
        super().__init__()

    def on_visit(self, node: cst.CSTNode) -> bool:
        self._enter(node)
        if _is_for_types(node):
            return False
        for operator in self._operators:
            if isinstance(node, operator.node):
                self._change(node, operator)
        return not isinstance(node, _UNTOUCHED)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
        if isinstance(original_node, cst.BaseStatement | cst.MatchCase | cst.ExceptHandler):
            self._statements.pop()

    def _enter(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._names.append(node.name.value)
        if isinstance(node, cst.BaseStatement | cst.MatchCase | cst.ExceptHandler):
            self._statements.append(self._head(node))

    def _head(self, node: cst.CSTNode) -> Span:
        """A statement, up to the block that it opens."""
        whole = self._span(node)
        body = getattr(node, "body", None)
        return Span(whole.start, self._span(body).start) if isinstance(body, cst.BaseSuite) else whole

    def _span(self, node: cst.CSTNode) -> Span:
        at = self.get_metadata(ByteSpanPositionProvider, node)
        return Span(at.start, at.start + at.length)

    def _change(self, node: cst.CSTNode, operator: Operator) -> None:
        place = node.test if isinstance(node, _CHANGED_AS_A_WHOLE) else node
        for changed in operator.changes(node):
            span, text = self._span(place), self.module.code_for_node(changed).strip()
            if isinstance(node, cst.BooleanOperation) and not isinstance(changed, cst.BooleanOperation):
                text = f"({text})"  # it was an operand, and may bind less
            if self.text[span.start : span.start + 1].isspace():
                text = f" {text}"
            statement = self._statements[-1] if self._statements else span
            edit = Edit(span.start, span.end, text)
            self.found.append(_Found(operator.name, ".".join(self._names) or "(module)", statement, edit))


def mutations(file: Path, root: Path) -> list[Mutation]:
    """All of a file that Python compiles and that are no other's equals; edits count characters."""
    text = file.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    places = _Places(wrapper.module, text.encode())
    wrapper.visit(places)
    path = str(file.relative_to(root))
    made = list(_made(places.found, text, path))
    names = numbered(one.identity for one in made)
    return [Mutation(name, one.path, one.edits, one.lines) for name, one in zip(names, made, strict=True)]


def _made(found: list[_Found], text: str, path: str) -> Iterator[Mutation]:
    raw, seen = text.encode(), {text}
    for one in found:
        before, at = len(raw[: one.edit.start].decode()), len(raw[: one.statement.start].decode())
        edit = Edit(before, before + len(raw[one.edit.start : one.edit.end].decode()), one.edit.text)
        changed = text[: edit.start] + edit.text + text[edit.end :]
        if changed in seen:
            continue
        seen.add(changed)
        last = at + len(raw[one.statement.start : one.statement.end].decode().rstrip())
        identity = Identity(path, one.member, one.operator, *shown(text, at, max(last, edit.end), (edit,)))
        lines = (text.count("\n", 0, edit.start) + 1, text.count("\n", 0, edit.end) + 1)
        yield Mutation(identity, path, (edit,), lines)


def _is_for_types(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.If) and isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING"
