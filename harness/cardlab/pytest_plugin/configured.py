"""The applet under test: the project's ``javacard_...`` settings, and the test's marker over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.source_names import SourceNames, java_files
from cardlab.transport.secrets import Secrets

MARKER = "javacard_applet"
_REQUIRED = ("sources", "class_name", "aid")
_KNOWN = (*_REQUIRED, "package_aid", "parameters", "secrets")
_HOW = (
    "in pyproject.toml, under [tool.pytest.ini_options], set javacard_sources, javacard_class and javacard_aid; or mark"
    f' the test: @pytest.mark.{MARKER}(sources="src", class_name="com.example.Purse", aid="F00000000101")'
)


def applet_under_test(config: pytest.Config, item: pytest.Item | None) -> Applet:
    """The applet for a test; raises UsageError when it is not, or wrongly, described."""
    values = _values(config, item)
    missing = [name for name in _REQUIRED if not values.get(name)]
    if len(missing) == len(_REQUIRED):
        raise UsageError("no applet is named to install on the card", hint=_HOW)
    if missing:
        raise UsageError(f"the applet under test lacks {' and '.join(missing)}", hint=_HOW)
    return Applet.create(**values)


def secrets_under_test(config: pytest.Config, item: pytest.Item | None) -> Secrets:
    """What settings and marker say about secrets, for cards without the applet under test; raises UsageError."""
    values = _values(config, item)
    return Secrets.parse(values.get("secrets", ()), _instructions(values.get("sources", ())))


def _instructions(sources: Iterable[Path]) -> Mapping[str, int]:
    there = [path for path in sources if path.exists()]
    return SourceNames.read(java_files(there)).instructions


def _values(config: pytest.Config, item: pytest.Item | None) -> dict[str, Any]:
    values = _from_settings(config)
    markers = [] if item is None else list(item.iter_markers(MARKER))
    for marker in reversed(markers):  # the closest comes last and wins
        values |= _from_marker(marker, item)
    return values


def _from_settings(config: pytest.Config) -> dict[str, Any]:
    base = config.inipath.parent if config.inipath else config.rootpath
    values: dict[str, Any] = {
        "sources": tuple(base / path for path in config.getini("javacard_sources")),
        "class_name": config.getini("javacard_class"),
        "aid": config.getini("javacard_aid"),
        "package_aid": config.getini("javacard_package_aid"),
        "parameters": config.getini("javacard_parameters"),
        "secrets": tuple(config.getini("javacard_secrets")),
    }
    return {name: value for name, value in values.items() if value}


def _from_marker(marker: pytest.Mark, item: pytest.Item | None) -> dict[str, Any]:
    if marker.args or not set(marker.kwargs) <= set(_KNOWN):
        wrong = [str(one) for one in marker.args] + sorted(set(marker.kwargs) - set(_KNOWN))
        raise UsageError(f"{MARKER} does not know {', '.join(wrong)}", hint=f"its arguments: {', '.join(_KNOWN)}")
    values = dict(marker.kwargs)
    if isinstance(values.get("secrets"), str):
        values["secrets"] = (values["secrets"],)
    if "sources" in values and item is not None:
        named = values["sources"]
        folder = item.path.parent
        values["sources"] = tuple(folder / one for one in ([named] if isinstance(named, str | Path) else named))
    return values
