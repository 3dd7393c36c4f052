"""Where everything random on a simulated card comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256


@dataclass(slots=True)
class Entropy:
    """Random bytes: those of the operating system, or with a seed a sequence that the seed alone decides.

    The sequence is SHA-256 over the seed and a counter; it serves repeatable tests, not secrecy.
    """

    seed: bytes | None = None
    counter: int = 0

    @classmethod
    def from_seed(cls, seed: int | bytes | str | None) -> Entropy:
        """A generator for a seed of any usual type, or for none."""
        if seed is None:
            return cls()
        raw = seed if isinstance(seed, bytes) else f"{type(seed).__name__}:{seed}".encode()
        return cls(sha256(raw).digest())

    def draw(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if self.seed is None:
            return os.urandom(count)
        made = b""
        while len(made) < count:
            made += sha256(self.seed + self.counter.to_bytes(8, "big")).digest()
            self.counter += 1
        return made[:count]
