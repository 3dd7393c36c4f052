"""The applet under test: the project's ``javacard_...`` settings, and the test's marker over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet, listed_paths, listed_texts, wrong_kind
from cardlab.pytest_plugin.source_names import SourceNames, java_files
from cardlab.transport.secrets import Secrets

MARKER = "javacard_applet"
_REQUIRED = ("sources", "class_name", "aid")
_OF_CAP = ("cap", "aid", "parameters", "secrets", "packages")
_KNOWN = (*_REQUIRED, "package_aid", "parameters", "secrets", "packages", "cap", "api", "exports")
_HOW = (
    "in pyproject.toml, under [tool.pytest.ini_options], set javacard_sources, javacard_class and javacard_aid; or mark"
    f' the test: @pytest.mark.{MARKER}(sources="src", class_name="com.example.Purse", aid="F00000000101")'
)


def applet_under_test(config: pytest.Config, item: pytest.Item | None) -> Applet:
    """The applet for a test; raises UsageError when it is not, or wrongly, described."""
    return applet_of(_values(config, item))


def applet_of(values: dict[str, Any]) -> Applet:
    """Of what settings and markers say, under the names of Applet.create; raises UsageError."""
    if values.get("cap"):
        return _of_cap({name: value for name, value in values.items() if name not in ("api", "exports")})
    missing = [name for name in _REQUIRED if not values.get(name)]
    if len(missing) == len(_REQUIRED):
        raise UsageError("no applet is named to install on the card", hint=_HOW)
    if missing:
        raise UsageError(f"the applet under test lacks {' and '.join(missing)}", hint=_HOW)
    return Applet.create(**values)


def _of_cap(values: dict[str, Any]) -> Applet:
    """The applet of a CAP file; what describes sources is refused beside it."""
    if wrong := [name for name in values if name not in _OF_CAP]:
        raise UsageError(
            f"the applet under test is a CAP file, and {' and '.join(wrong)} of sources",
            hint="give the one or the other: javacard_cap, or javacard_sources with javacard_class and javacard_aid",
        )
    return Applet.of_cap(**values)


def secrets_under_test(config: pytest.Config, item: pytest.Item | None) -> Secrets:
    """What settings and marker say about secrets, for cards without the applet under test; raises UsageError."""
    values = _values(config, item)
    return Secrets.parse(values.get("secrets", ()), _instructions(values.get("sources", ())))


def _instructions(sources: Iterable[str | Path]) -> Mapping[str, int]:
    there = [path for path in map(Path, sources) if path.exists()]
    return SourceNames.read(java_files(there)).instructions


def _values(config: pytest.Config, item: pytest.Item | None) -> dict[str, Any]:
    values = _from_settings(config)
    markers = [] if item is None else list(item.iter_markers(MARKER))
    for marker in reversed(markers):  # the closest comes last and wins
        values = _over(values, _from_marker(marker, item))
    return values


def _over(values: dict[str, Any], closer: dict[str, Any]) -> dict[str, Any]:
    """What is said closer to the test wins; a CAP file takes the place of sources and all about them, and they its."""
    if "cap" in closer:
        values = {name: value for name, value in values.items() if name == "packages"}
    elif "sources" in closer:
        values = {name: value for name, value in values.items() if name != "cap"}
    return values | closer


def _from_settings(config: pytest.Config) -> dict[str, Any]:
    return values_of(config.getini, config.inipath.parent if config.inipath else config.rootpath)


def values_of(written: Callable[[str], Any], base: Path) -> dict[str, Any]:
    """What settings say of the applet; ``written`` gives each by its name, paths are relative to ``base``."""
    values: dict[str, Any] = {
        "sources": tuple(base / path for path in written("javacard_sources")),
        "class_name": written("javacard_class"),
        "aid": written("javacard_aid"),
        "package_aid": written("javacard_package_aid"),
        "parameters": written("javacard_parameters"),
        "secrets": tuple(written("javacard_secrets")),
        "cap": (base / written("javacard_cap")) if written("javacard_cap") else None,
        "api": written("javacard_api"),
        "packages": tuple(_at(base, one) for one in written("javacard_packages")),
        "exports": tuple(base / place for place in written("javacard_exports")),
    }
    return {name: value for name, value in values.items() if value}


def _from_marker(marker: pytest.Mark, item: pytest.Item | None) -> dict[str, Any]:
    if marker.args or not set(marker.kwargs) <= set(_KNOWN):
        wrong = [str(one) for one in marker.args] + sorted(set(marker.kwargs) - set(_KNOWN))
        raise UsageError(f"{MARKER} does not know {', '.join(wrong)}", hint=f"its arguments: {', '.join(_KNOWN)}")
    values = dict(marker.kwargs)
    if "secrets" in values:
        values["secrets"] = listed_texts("secrets", values["secrets"])
    if item is None:
        return values
    folder = item.path.parent
    for name in ("sources", "packages", "exports"):
        if name in values:
            values[name] = tuple(_at(folder, one) for one in listed_paths(name, values[name]))
    if "cap" in values:
        if not isinstance(values["cap"], str | Path):
            raise wrong_kind("cap", values["cap"], "the path of a CAP file")
        values["cap"] = folder / values["cap"]
    return values


def _at(folder: Path, path: str | Path) -> str | Path:
    """A path of a setting; what is behind ``=`` in that of a package stays."""
    return folder / path if isinstance(path, Path) else str(folder / path)
