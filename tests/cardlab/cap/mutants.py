"""One-byte mutants of the corpus's CAP files, and what two vendors' kits make of them: the facts in `verdicts.txt`.

Each line has a package, `sha256` and the digest of its components; or a package, a component, `sound` or `refused`, and
mutants: offset in the component with its tag and size, and the value there, all in hexadecimal.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cardlab.cap.container import FILE_NAMES, Component

RECORD = Path(__file__).with_name("verdicts.txt")
_TAGS = {name.removesuffix(".cap"): tag for tag, name in FILE_NAMES.items()}
_DIGEST = "sha256"
_A_LINE = 12  # mutants
_HEADER = 3  # bytes of a component's tag and size


@dataclass(frozen=True, order=True)
class Mutant:
    """A component's byte with another value."""

    package: str
    component: Component
    offset: int
    value: int

    def of(self, components: Mapping[Component, bytes]) -> dict[Component, bytes]:
        """The package's components with that byte."""
        data = bytearray(components[self.component])
        data[self.offset] = self.value
        return {**components, self.component: bytes(data)}

    @staticmethod
    def read(package: str, component: str, text: str) -> Mutant:
        """One of a line's mutants."""
        offset, value = text.split("=")
        return Mutant(package, _TAGS[component], int(offset, 16), int(value, 16))

    def __str__(self) -> str:
        return f"{self.offset:x}={self.value:02x}"


@dataclass(frozen=True)
class Verdicts:
    """Which CAP files were changed, and what both kits found sound or at least one refused."""

    digests: Mapping[str, str]
    sound: frozenset[Mutant]
    refused: frozenset[Mutant]

    @staticmethod
    def read() -> Verdicts:
        """What is recorded."""
        digests: dict[str, str] = {}
        found: dict[str, set[Mutant]] = {"sound": set(), "refused": set()}
        for line in RECORD.read_text("utf-8").splitlines():
            package, what, *rest = line.split()
            if what == _DIGEST:
                digests[package] = rest[0]
            else:
                found[rest[0]].update(Mutant.read(package, what, text) for text in rest[1:])
        return Verdicts(digests, frozenset(found["sound"]), frozenset(found["refused"]))

    def write(self) -> None:
        """Record them."""
        lines = [f"{package} {_DIGEST} {digest}" for package, digest in sorted(self.digests.items())]
        lines += [*_lines("sound", self.sound), *_lines("refused", self.refused)]
        RECORD.write_text("\n".join(lines) + "\n", "utf-8")


def _lines(verdict: str, mutants: Iterable[Mutant]) -> Iterator[str]:
    for (package, tag), group in groupby(sorted(mutants), key=lambda m: (m.package, m.component)):
        texts = [str(m) for m in group]
        for at in range(0, len(texts), _A_LINE):
            name = FILE_NAMES[tag].removesuffix(".cap")
            yield f"{package} {name} {verdict} {' '.join(texts[at : at + _A_LINE])}"


def digest(components: Mapping[Component, bytes]) -> str:
    """A hash over the components, to tell whether a record was made of the same ones."""
    return hashlib.sha256(b"".join(components[tag] for tag in sorted(components))).hexdigest()


def choose(package: str, components: Mapping[Component, bytes], count: int, rng: random.Random) -> list[Mutant]:
    """As many mutants as that, of different bytes, with values that are likely to mean something."""
    places = [(tag, at) for tag, data in components.items() for at in range(_HEADER, len(data))]
    chosen = rng.sample(places, min(count, len(places)))
    return [Mutant(package, tag, at, _other(components[tag], at, rng)) for tag, at in chosen]


def _other(data: bytes, at: int, rng: random.Random) -> int:
    """A value that is likely to mean something: a neighbour, another flag, a byte from elsewhere."""
    old = data[at]
    near = (old ^ 1, old + 1 & 0xFF, old - 1 & 0xFF, old ^ 1 << rng.randrange(8), old ^ 0x80, 0, 0xFF)
    return next(v for v in iter(lambda: rng.choice((*near, rng.randrange(256), rng.choice(data))), -1) if v != old)
