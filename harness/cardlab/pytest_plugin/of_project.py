"""The applet that a project's tests are for, and its card, without pytest: for campaigns.

Read are the ``javacard_...`` settings of ``[tool.pytest.ini_options]`` in the nearest pyproject.toml.
"""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardlab.card.config import CardConfig
from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.configured import applet_of, values_of
from cardlab.pytest_plugin.made import Made
from cardlab.pytest_plugin.settings import SETTINGS, Form

_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """What is written, by name; ``folder``: that of the file."""

    folder: Path
    values: dict[str, Any]

    @classmethod
    def near(cls, folder: Path) -> ProjectSettings:
        """Of the nearest file here or above that has such settings; none where there is no such file. UsageError."""
        for place in (folder.absolute(), *folder.absolute().parents):
            if values := _read(place / _FILE):
                return cls(place, values)
        return cls(folder, {})

    def written(self, name: str) -> Any:
        """One of them, empty when it is not there; UsageError when it is of the wrong kind."""
        (setting,) = (one for one in SETTINGS if one.name == name)
        is_listed = setting.form in (Form.WORDS, Form.LINES)
        value = self.values.get(name, [] if is_listed else "")
        if is_listed and isinstance(value, str):
            value = shlex.split(value) if setting.form is Form.WORDS else value.splitlines()
        if not setting.form.fits(value):
            raise UsageError(f"{self.folder / _FILE}: {name}: {value!r}", hint=f"write {setting.form.words}")
        return value

    def applet(self) -> Applet:
        """The applet under test; UsageError when there is none, or it is wrongly described."""
        return applet_of(values_of(self.written, self.folder))

    def config(self) -> CardConfig | None:
        """What its cards are made like; None: as usual."""
        card = self.written("javacard_card")
        return Made.of_settings(self.written("javacard_profile"), self.written("javacard_api"), card).config


def own_settings(folder: Path) -> str:
    """What the settings say, as one text."""
    return repr(sorted(ProjectSettings.near(folder).values.items()))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        pytest = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("pytest", {})
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="mend it") from error
    values = {**pytest, **pytest.get("ini_options", {})}
    return {name: value for name, value in values.items() if name.startswith("javacard_")}
