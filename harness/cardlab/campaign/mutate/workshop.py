"""The Java beside ECJ: finds what can be changed, and compiles in memory."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardlab.campaign.mutate.mutation import Edit, Identity, Mutation, Texts, numbered, shown
from cardlab.errors import BuildError
from cardlab.runtime import jvm
from cardlab.toolchain import jars, places
from cardlab.toolchain.compile import HOST_TARGET, compile_java
from cardlab.toolchain.workbench import CompileOrder

_Use = tuple[str, int, str]  # file, line, the field in whose initial value it is


def _classpath() -> tuple[Path, ...]:
    """Compile the workshop; returns its class files and the compiler's jar."""
    out_dir, ecj = places.build_folder() / "classes" / "mutate", jars.jar("ecj")
    return compile_java(Path(__file__).with_name("java"), out_dir, classpath=[ecj], target=HOST_TARGET), ecj


class DoesNotCompileError(BuildError):
    """Changed sources are no Java."""


class Workshop:
    """Compiles in this process's Java virtual machine, which is started when it does not run."""

    def __init__(self) -> None:
        import jpype

        jvm.start()
        jvm.add(_classpath())
        self._java = jvm.java_class("cardlab.mutate.Workshop")()
        self._strings = jpype.JArray(jpype.JString)

    def compile(
        self, order: CompileOrder, texts: Texts, only: Sequence[str] = (), more: Sequence[Path] = ()
    ) -> dict[str, bytes]:
        """Class files by binary name, of all files or of some; ``more`` is at the end of the class path.

        Raises DoesNotCompileError.
        """
        files = list(only) or [str(one) for one in order.files]
        made = self._java.compile(*self._arguments(order, files, texts, more))
        if errors := [str(one) for one in made.errors()]:
            raise DoesNotCompileError("\n".join(errors))
        names = (str(one).replace("/", ".") for one in made.names())
        return {name: bytes(content) for name, content in zip(names, made.contents(), strict=True)}

    def find(self, order: CompileOrder, texts: Texts) -> list[Mutation]:
        """All changes, in the order of files and places; raises BuildError when the sources do not compile."""
        found, files = self._found(order, texts), [str(one) for one in order.files]
        uses = _uses(found, texts, files)
        return [one for file in files for one in _mutations(found.changes(file), file, texts[file], uses)]

    def with_one_method_more(self, order: CompileOrder, texts: Texts) -> Texts:
        """A file with a method that nobody calls: who notices that notices bytes, and not what an applet does."""
        found = self._found(order, texts)
        for file in map(str, order.files):
            if (end := int(found.end(file))) >= 0:
                text = texts[file]
                return {file: f"{text[:end]} static short cardlabUncalled() {{ return 0; }} {text[end:]}"}
        return {}

    def _found(self, order: CompileOrder, texts: Texts) -> Any:
        found = self._java.find(*self._arguments(order, [str(one) for one in order.files], texts, ()))
        if problems := [str(one) for one in found.problems()]:
            raise BuildError("\n".join(problems), hint="mend the sources first: mutants are made of what compiles")
        return found

    def _arguments(self, order: CompileOrder, files: Sequence[str], texts: Texts, more: Sequence[Path]) -> Any:
        path = os.pathsep.join(map(str, (*order.classpath, *more)))
        words = [*order.options, "-nowarn", "-d", "none", "-cp", path, *files]
        return self._strings(words), self._strings(files), self._strings([texts[one] for one in files])


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of a text by offset."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _Lines:
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return cls(tuple(starts))

    def at(self, offset: int) -> int:
        """From 1."""
        return bisect_right(self.starts, offset)


def _mutations(changes: Iterable[Any], file: str, text: str, uses: dict[str, list[_Use]]) -> list[Mutation]:
    lines = _Lines.of(text)
    found = []
    for one in changes:
        edits = tuple(Edit(int(each.start()), int(each.end()), str(each.text())) for each in one.edits())
        start, end = int(one.start()), int(one.end())
        start, end = min(start, edits[0].start), max(end, edits[-1].end)
        identity = Identity(Path(file).name, str(one.member()), str(one.operator()), *shown(text, start, end, edits))
        area, field = (lines.at(start), lines.at(end - 1)), str(one.field())
        found.append(Mutation(identity, file, edits, area, tuple(_used(field, uses)), bool(field)))
    found.sort(key=lambda one: (one.edits, one.identity))
    names = numbered(one.identity for one in found)
    return [
        Mutation(name, one.path, one.edits, one.lines, one.places, one.in_field)
        for name, one in zip(names, found, strict=True)
        if one.identity.original != one.identity.mutated
    ]


def _uses(found: Any, texts: Texts, files: Iterable[str]) -> dict[str, list[_Use]]:
    """Of each field."""
    uses: dict[str, list[_Use]] = defaultdict(list)
    for file in files:
        lines = _Lines.of(texts[file])
        for one in found.uses(file):
            uses[str(one.field())].append((file, lines.at(int(one.offset())), str(one.user())))
    return uses


def _used(field: str, uses: dict[str, list[_Use]]) -> set[tuple[str, int]]:
    """Where it is used, and where those are whose initial values it is in."""
    pending, done, found = [field] if field else [], set(), set()
    while pending:
        current = pending.pop()
        done.add(current)
        for file, line, user in uses.get(current, ()):
            found.add((file, line))
            if user and user not in done:
                pending.append(user)
    return found
