"""StaticResource component (JCVM 3.1, 6.16): data of a package that its code reads and never writes."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.classfile.octets import Octets, u2, u4


@dataclass(frozen=True)
class StaticResource:
    """One of them, by its number."""

    id: int
    data: bytes


def read_resources(d: Octets) -> tuple[StaticResource, ...]:
    """StaticResource component of the compact format: numbers and lengths, then the data of all."""
    heads = [(d.u2(), d.u4()) for _ in range(d.u2())]
    return tuple(StaticResource(number, d.take(length)) for number, length in heads)


def encode_resources(resources: tuple[StaticResource, ...]) -> bytes:
    """StaticResource component."""
    heads = b"".join(u2(one.id) + u4(len(one.data)) for one in resources)
    return u2(len(resources)) + heads + b"".join(one.data for one in resources)
