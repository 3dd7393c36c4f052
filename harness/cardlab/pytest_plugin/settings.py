"""The plugin's settings in a project's configuration file: their names, what they are for, how each is written.

Imports nothing of the harness, for every pytest run reads it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Literal

import pytest


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


@unique
class Form(Enum):
    """How a setting is written: pytest's name for it, what may stand there, and words for people."""

    TEXT = ("string", _is_text, 'a text: "..."')
    NUMBER = ("string", _is_number, "a number")
    WORDS = ("args", _is_list, 'a list of texts: ["..."]')
    LINES = ("linelist", _is_list, 'a list of texts: ["..."]')
    TRUTH = ("bool", lambda value: isinstance(value, bool), "true or false")

    def __init__(
        self, of_pytest: Literal["string", "args", "linelist", "bool"], fits: Callable[[object], bool], words: str
    ) -> None:
        self.of_pytest = of_pytest
        self.fits = fits
        self.words = words


@dataclass(frozen=True, slots=True)
class Setting:
    """One of them. ``of_run``: what it says has to be looked at before any test runs."""

    name: str
    about: str
    form: Form = Form.TEXT
    of_run: bool = False

    def add(self, parser: pytest.Parser) -> None:
        """Make it known to pytest."""
        empty: dict[Form, Any] = {Form.WORDS: [], Form.LINES: [], Form.TRUTH: False}
        parser.addini(self.name, self.about, self.form.of_pytest, empty.get(self.form, ""))

    def read(self, config: pytest.Config) -> Any:
        """Its value; raises pytest.UsageError when that is of another kind."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pytest warns of what is an error here
            try:
                value = config.getini(self.name)
            except (TypeError, ValueError, AttributeError, pytest.UsageError) as error:
                raise self._wrong(str(error)) from None
        if not self.form.fits(value):
            raise self._wrong(repr(value))
        return value

    def _wrong(self, what: str) -> pytest.UsageError:
        return pytest.UsageError(f"{self.name}: {what} (write {self.form.words})")


SETTINGS = (
    Setting("javacard_sources", "sources of the applet under test, relative to this file", Form.WORDS),
    Setting("javacard_cap", "a CAP file with the applet under test, in the place of sources"),
    Setting(
        "javacard_packages",
        "what is loaded before: CAP files, jars that hold one, and folders with the sources of libraries, with their "
        "AIDs if these matter (`lib/src=F00000000102`)",
        Form.WORDS,
    ),
    Setting(
        "javacard_exports",
        "export files of packages that come without class files: folders, .exp files, jars of them",
        Form.WORDS,
    ),
    Setting(
        "javacard_api",
        "the Java Card version that it is compiled for and that simulated cards have: 3.0.4 to 3.2",
        of_run=True,
    ),
    Setting("javacard_class", "its class, like com.example.Purse"),
    Setting("javacard_aid", "its AID in hexadecimal"),
    Setting("javacard_package_aid", "its package's AID; by default javacard_aid less its last byte"),
    Setting("javacard_parameters", "application data for install(), in hexadecimal"),
    Setting("javacard_runtime", "what executes the applets of simulated cards", of_run=True),
    Setting(
        "javacard_budget",
        "bytecode instructions that a command may execute, where they are counted",
        Form.NUMBER,
        of_run=True,
    ),
    Setting("javacard_profile", "which card a simulated one is like", of_run=True),
    Setting(
        "javacard_card",
        "values of simulated cards over their profile: `commit_capacity=512`",
        Form.LINES,
        of_run=True,
    ),
    Setting("javacard_strict", "let warnings about what applets do fail the test", Form.TRUTH),
    Setting(
        "javacard_secrets",
        "which commands carry secrets, beside the usual ones: 30, 8030, INS_PUT_SEED; `show 8020` for harmless data",
        Form.LINES,
    ),
)


def add_settings(parser: pytest.Parser) -> None:
    """Make all of them known to pytest."""
    for setting in SETTINGS:
        setting.add(parser)


def check_settings(config: pytest.Config) -> bool:
    """Raises pytest.UsageError for one of the wrong kind; says whether one of the run was written."""
    written = [setting for setting in SETTINGS if setting.read(config)]
    return any(setting.of_run for setting in written)
