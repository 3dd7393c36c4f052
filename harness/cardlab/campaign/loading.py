"""Finds the campaign that a user names."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

from cardlab.errors import UsageError

_FUNCTION = "campaign"


def opened(name: str) -> AbstractContextManager[Any]:
    """What ``campaign()`` of a module, seen from here, or of a file makes: a cardlab.campaign.scene.Campaign.

    UsageError when there is none.
    """
    module = _of_file(Path(name)) if name.endswith(".py") else _of_name(name)
    function = getattr(module, _FUNCTION, None)
    if function is None:
        raise UsageError(f"{name} has no function {_FUNCTION}()", hint="see docs/reference/campaigns.md")
    made: AbstractContextManager[Any] = function()
    return made


def _of_name(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"there is no module {name}: {error}", hint="name a module seen from here, or a file"
        ) from error


def _of_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UsageError(f"there is no file {path}", hint="name a module seen from here, or a file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
