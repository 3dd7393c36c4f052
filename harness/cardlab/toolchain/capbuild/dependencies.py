"""Which Java packages need which, by their class files, and an order in which each comes behind what it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from cardlab.classfile.classfile import ClassFile
from cardlab.classfile.pool import ConstantTag
from cardlab.errors import BuildError

_CLASS_IN_DESCRIPTOR = re.compile(r"L([^;]+);")


def by_package(files: Iterable[ClassFile]) -> dict[str, list[ClassFile]]:
    """The class files of each package (slashes)."""
    found: dict[str, list[ClassFile]] = {}
    for one in files:
        found.setdefault(one.package, []).append(one)
    return found


def in_order(packages: Mapping[str, Iterable[ClassFile]]) -> tuple[str, ...]:
    """The names so that each stands behind those that it needs; BuildError for packages that need each other."""
    needs = {name: _needed(files) & packages.keys() - {name} for name, files in sorted(packages.items())}
    try:
        return tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(name.replace("/", ".") for name in error.args[1])
        raise BuildError(
            f"packages need each other in a circle: {circle}",
            hint="a CAP file imports only what is on the card before it; move what both need to a package of its own",
        ) from error


def _needed(files: Iterable[ClassFile]) -> set[str]:
    return {name.rpartition("/")[0] for one in files for name in _named(one)}


def _named(one: ClassFile) -> Iterator[str]:
    """Every class that a class file names: by itself, or in the type of a member."""
    for index in range(1, len(one.pool)):
        entry = one.pool.find(index)
        if entry is not None and entry.tag is ConstantTag.CLASS:
            yield one.pool.class_name(index).lstrip("[").removeprefix("L").removesuffix(";")
        elif entry is not None and entry.tag is ConstantTag.NAME_AND_TYPE:
            yield from _CLASS_IN_DESCRIPTOR.findall(one.pool.utf8(entry.indices[1]))
    for descriptor in (*(field.descriptor for field in one.fields), *(method.descriptor for method in one.methods)):
        yield from _CLASS_IN_DESCRIPTOR.findall(descriptor)
