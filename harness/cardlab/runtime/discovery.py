"""The runtimes that are there, and the one that is meant."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

import cardlab.runtime as home
from cardlab.errors import UsageError
from cardlab.runtime.backend import Backend

DEFAULT = "vm"
ENTRY_POINTS = "cardlab.runtimes"


@cache
def known() -> Mapping[str, Backend]:
    """Every runtime by name: the packages below ``cardlab.runtime``, then what other distributions bring."""
    found = [*_of_packages(), *(point.load() for point in entry_points(group=ENTRY_POINTS))]
    return {backend.name: backend for backend in found}


def choose(name: str | None = None) -> Backend:
    """The runtime of this name, or the usual one; raises UsageError listing the known ones."""
    backend = known().get(name or DEFAULT)
    if backend is None:
        raise UsageError(f"there is no runtime {name}", hint=f"known: {', '.join(sorted(known()))}")
    return backend


def _of_packages() -> list[Backend]:
    """A package that registers no runtime has no ``BACKEND``."""
    packages = (one.name for one in pkgutil.iter_modules(home.__path__, f"{home.__name__}.") if one.ispkg)
    modules = map(import_module, sorted(packages))
    return [module.BACKEND for module in modules if hasattr(module, "BACKEND")]
