"""A worker's bench: what tests compile and convert is noted, and compiled from the texts of a mutant."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from cardlab.campaign.mutate.mutation import Texts
from cardlab.campaign.mutate.workshop import Workshop
from cardlab.cap.container import load_file
from cardlab.toolchain.compile import write_classes
from cardlab.toolchain.conversions import Converted, Request, converted
from cardlab.toolchain.workbench import CompileOrder

_NO_CLASSES: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """How tests compile the sources, and convert what they get (without the class files)."""

    orders: tuple[CompileOrder, ...] = ()
    requests: tuple[tuple[int, Request], ...] = ()  # the number of its order

    def plus(self, other: Known) -> Known:
        """What either knows."""
        orders = tuple(dict.fromkeys((*self.orders, *other.orders)))
        moved = [(orders.index(one.orders[at]), request) for one in (self, other) for at, request in one.requests]
        return Known(orders, tuple(dict.fromkeys(moved)))


@dataclass(slots=True)
class Bench:
    """``sources`` are the files that mutants change; class files go below ``folder``."""

    sources: frozenset[Path]
    folder: Path
    workshop: Workshop
    known: Known = field(default_factory=Known)
    is_learning: bool = False  # what tests ask for is added to what is known
    blocks: tuple[bytes, ...] = ()  # load files of what is made now
    _changed: Texts = field(default_factory=dict)
    _made: dict[CompileOrder, tuple[Path, dict[str, bytes]]] = field(default_factory=dict)
    _originals: dict[CompileOrder, tuple[Path, dict[str, bytes]]] = field(default_factory=dict)
    _read: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    # -- what the toolchain asks ---------------------------------------------------------------------------------------

    def classes(self, order: CompileOrder) -> Path | None:
        """See Workbench."""
        if self.sources.isdisjoint(order.files):
            return None
        if self.is_learning:
            self.known = self.known.plus(Known((order,)))
        if order not in self._made:
            self._made[order] = self._written(self._compiled(order, whole=True))
        return self._made[order][0]

    def converting(self, request: Request) -> None:
        """See Workbench."""
        bare = replace(request, classes=_NO_CLASSES)
        if not self.is_learning or any(one == bare for _, one in self.known.requests):
            return
        for order, (_, classes) in self._made.items():
            if dict(request.classes) == classes:
                self.known = self.known.plus(Known((order,), ((0, bare),)))

    # -- mutants ------------------------------------------------------------------------------------------------------

    def take(self, changed: Texts, *, whole: bool = True) -> str:
        """Compile and convert with these texts in the place of files, in every way that is known; returns a digest.

        ``whole``: all files, for other classes may depend on the change. The digest is that of the load files; without
        texts they are the original's. Raises DoesNotCompileError, and SubsetError when it is no Java Card.
        """
        self.drop()
        self._changed = changed
        for order in self.known.orders:
            self._made[order] = self._written(self._compiled(order, whole=whole))
        self.blocks = tuple(load_file(one.components) for one in self.conversions())
        return sha256(b"".join(self.blocks)).hexdigest()[:32]

    def conversions(self) -> list[Converted]:
        """Of what is made now."""
        found = []
        for number, request in self.known.requests:
            classes = self._made[self.known.orders[number]][1]
            found.append(converted(replace(request, classes=tuple(sorted(classes.items())))))
        return found

    def drop(self) -> None:
        """Forget the mutant."""
        for folder, _ in self._made.values():
            shutil.rmtree(folder, ignore_errors=True)
        self._made.clear()
        self._changed = {}

    def texts(self, order: CompileOrder) -> dict[str, str]:
        """Of all its files, the mutant's."""
        read = self._unchanged(order)
        return {**read, **{path: text for path, text in self._changed.items() if path in read}}

    def _unchanged(self, order: CompileOrder) -> dict[str, str]:
        """As they were when the hunt began: somebody may edit them meanwhile."""
        for one in order.files:
            if str(one) not in self._read:
                self._read[str(one)] = one.read_text(encoding="utf-8")
        return {str(one): self._read[str(one)] for one in order.files}

    def _compiled(self, order: CompileOrder, *, whole: bool) -> dict[str, bytes]:
        own = [one for one in self._changed if Path(one) in order.files]
        if whole or len(own) != 1:
            return self.workshop.compile(order, self.texts(order))
        folder, originals = self._original(order)
        new = self.workshop.compile(order, self.texts(order), own, [folder])
        nested = tuple(f"{name}$" for name in new)
        return {**{name: code for name, code in originals.items() if not name.startswith(nested)}, **new}

    def _original(self, order: CompileOrder) -> tuple[Path, dict[str, bytes]]:
        """The class files of the sources as they are."""
        if order not in self._originals:
            self._originals[order] = self._written(self.workshop.compile(order, self._unchanged(order)))
        return self._originals[order]

    def _written(self, classes: Mapping[str, bytes]) -> tuple[Path, dict[str, bytes]]:
        self._count += 1
        return write_classes(classes, self.folder / str(self._count)), dict(classes)


def source_files(places: Sequence[Path]) -> frozenset[Path]:
    """The Java files below folders, and files as they are, absolute."""
    return frozenset(file.absolute() for one in places for file in (one.rglob("*.java") if one.is_dir() else [one]))
