"""The table ``[tool.cardlab.cap]`` of a pyproject.toml: what a project's CAP files are built from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardlab.cap.platform import TARGET_GLOBALPLATFORM, version
from cardlab.errors import UsageError
from cardlab.iso7816 import aid as aids
from cardlab.java_card import JAVA_CARD
from cardlab.toolchain.capbuild.archive import Carried
from cardlab.toolchain.capbuild.plan import PackagePlan, Plan

_TABLE = "tool.cardlab.cap"
_KEYS = frozenset(
    ("sources", "package", "api", "globalplatform", "exports", "output", "export-files", "classes", "source-map")
)
_PACKAGE_KEYS = frozenset(("name", "aid", "version", "applets", "int"))
_HINT = "docs/reference/cap-build.md describes the table"


@dataclass(frozen=True, slots=True)
class Settings:
    """A plan, and the folders of CAP files and export files; None where none are written."""

    plan: Plan
    output: Path
    export_files: Path | None


def read_settings(file: Path) -> Settings:
    """The table; paths count from the file's folder. Raises UsageError that names what is wrong."""
    table = _Table(_TABLE, _table(file), _KEYS)
    base = file.parent
    exports = table.text("export-files", "")
    plan = Plan(
        tuple(base / one for one in table.texts("sources", ("src",))),
        tuple(_package(n, one) for n, one in enumerate(table.tables("package"), 1)),
        api_version(table.text("api", JAVA_CARD)),
        table.text("globalplatform", TARGET_GLOBALPLATFORM),
        tuple(base / one for one in table.texts("exports", ())),
        Carried(table.flag("classes", True), table.flag("source-map", True)),
    )
    return Settings(plan, base / table.text("output", "build"), base / exports if exports else None)


def api_version(text: str) -> str:
    """A Java Card version as it is called here; UsageError."""
    try:
        return version(text)
    except ValueError as error:
        raise UsageError(str(error), hint="choose one of them") from error


def aid_of(text: str) -> bytes:
    """An AID; UsageError."""
    try:
        found = aids.parse(text)
    except ValueError as error:
        raise UsageError(str(error), hint="write it like F00000000101") from error
    if fault := aids.length_fault(found):
        raise UsageError(f"AID {text} {fault}", hint="write it like F00000000101")
    return found


def version_of(text: str) -> tuple[int, int]:
    """Major and minor version of a package, each a byte; UsageError."""
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and minor.isdecimal() and int(major) < 256 and int(minor) < 256):
        raise UsageError(f"{text!r} is no version", hint="write it like 1.0")
    return int(major), int(minor)


def _package(number: int, values: Mapping[str, Any]) -> PackagePlan:
    table = _Table(f"{_TABLE}.package, number {number}", values, _PACKAGE_KEYS)
    applets = values.get("applets")
    named = None if applets is None else tuple((aid_of(str(aid)), name) for name, aid in table.pairs("applets"))
    aid, numbers = aid_of(table.text("aid", "")), version_of(table.text("version", "1.0"))
    return PackagePlan(aid, table.text("name", ""), numbers, named, table.flag("int", False))


def _table(file: Path) -> Mapping[str, Any]:
    try:
        found: Any = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{file} cannot be read: {error}", hint="name a pyproject.toml, or sources and --aid"
        ) from error
    for key in _TABLE.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise UsageError(f"{file} has no table [{_TABLE}]", hint=_HINT)
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose values are checked when they are asked for; UsageError."""

    name: str
    values: Mapping[str, Any]
    known: frozenset[str]

    def __post_init__(self) -> None:
        if wrong := sorted(self.values.keys() - self.known):
            raise UsageError(
                f"[{self.name}] does not know {', '.join(wrong)}; it knows {', '.join(sorted(self.known))}"
            )

    def text(self, key: str, default: str) -> str:
        value = self.values.get(key, default)
        return value if isinstance(value, str) else self._wrong(key, "a text")

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        return value if isinstance(value, bool) else bool(self._wrong(key, "true or false"))

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """One text stands for a list of it."""
        value = self.values.get(key, default)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
            self._wrong(key, "a list of texts")
        return tuple(listed)

    def tables(self, key: str) -> tuple[Mapping[str, Any], ...]:
        value = self.values.get(key, ())
        if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
            self._wrong(key, f"a list of tables: write [[{self.name}.{key}]]")
        return tuple(value)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        value = self.values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self._wrong(key, "a table of class = AID")
        return tuple(value.items())

    def _wrong(self, key: str, wanted: str) -> str:
        raise UsageError(f"[{self.name}] {key} is not {wanted}", hint=_HINT)
