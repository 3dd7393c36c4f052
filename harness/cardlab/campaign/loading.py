"""Finds the campaign that a user names."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from cardlab.campaign.fingerprints import combined, of_files
from cardlab.campaign.own_code import own_code, own_files
from cardlab.campaign.scene import Campaign
from cardlab.errors import CardError, HarnessError, UsageError
from cardlab.pytest_plugin.of_project import own_settings

_FUNCTION = "campaign"
_SEE = "docs/reference/campaigns.md has a whole campaign file"


@contextmanager
def opened(name: str, kind: type[Campaign[Any]] = Campaign) -> Iterator[Any]:
    """What ``campaign()`` of a module, seen from here, or of a file makes: a campaign of this kind, until the end.

    UsageError when there is none, with the place of what is wrong in it.
    """
    function = getattr(_module(name), _FUNCTION, None)
    if function is None:
        raise UsageError(f"{name} has no function {_FUNCTION}()", hint=_SEE)
    with own_code(f"{name}: {_FUNCTION}()"):
        made = function()
    if not hasattr(made, "__enter__"):
        raise UsageError(f"{_FUNCTION}() of {name} is no context manager", hint=f"mark it @contextmanager: {_SEE}")
    with _entered(name, made) as campaign:
        _require(name, campaign, kind)
        yield campaign


@contextmanager
def _entered(name: str, made: Any) -> Iterator[Any]:
    """What goes wrong on the way in is the campaign's; errors for people, of a build or a setting, stay as they are."""
    try:
        with own_code(f"{name}: {_FUNCTION}()"):
            campaign = made.__enter__()
    except UsageError as error:
        cause = error.__cause__
        if isinstance(cause, HarnessError) and not isinstance(cause, CardError):
            raise cause from None
        raise
    try:
        yield campaign
    finally:
        made.__exit__(None, None, None)


def _require(name: str, campaign: object, kind: type[Campaign[Any]]) -> None:
    if not isinstance(campaign, kind):
        raise UsageError(
            f"{_FUNCTION}() of {name} yields a {type(campaign).__name__}, not a {kind.__name__}", hint=_SEE
        )
    names = campaign.names
    if not names:
        raise UsageError(f"the campaign of {name} has no scenes", hint=_SEE)
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise UsageError(f"scenes with one name: {'; '.join(twice)}", hint="give each a state of its own")


def own_sources() -> str:
    """A fingerprint of what a campaign that is open consists of: the project's modules, and what its settings say."""
    return combined([of_files(own_files()), own_settings(Path.cwd())])


def _module(name: str) -> ModuleType:
    if name.endswith(".py"):
        return _of_file(Path(name).absolute())
    _look_in(Path.cwd())
    try:
        with own_code(name):
            return importlib.import_module(name)
    except UsageError as error:
        if isinstance(error.__cause__, ModuleNotFoundError) and name.startswith(error.__cause__.name or " "):
            hint = "name a module seen from here, or a file"
            raise UsageError(f"there is no module {name}: {error.__cause__}", hint=hint) from None
        raise


def _of_file(path: Path) -> ModuleType:
    """As Python runs a script: what lies beside it can be imported, and what is seen from here."""
    spec = importlib.util.spec_from_file_location(f"campaign_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UsageError(f"there is no file {path}", hint="name a module seen from here, or a file")
    _look_in(Path.cwd())
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    with own_code(path.name):
        spec.loader.exec_module(module)
    return module


def _look_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
