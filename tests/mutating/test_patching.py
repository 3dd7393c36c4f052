"""Functions that exist get changed code, whoever holds them; what a function does not decide is left alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutating.patching import patch

TEXT = """\
from functools import cache, wraps

LIMIT = 3

def wrapped(function):
    @wraps(function)
    def inner(*given):
        return function(*given)
    return inner

class Gate:
    tries = 1

    @property
    def is_open(self):
        return self.tries > 0

    @staticmethod
    @wrapped
    def limit(more, step=1):
        return LIMIT + more + step

def made(value):
    def inner():
        return value + 1
    return inner

def numbers():
    return [one + 1 for one in (1, 2)]
"""


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    file = tmp_path / "gate_that_is_patched.py"
    file.write_text(TEXT, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("gate_that_is_patched", file)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def changed(module: ModuleType, old: str, new: str) -> bool:
    assert TEXT.count(old) == 1
    return patch(Path(str(module.__file__)), TEXT.replace(old, new))


def test_methods_behind_decorators(module: ModuleType) -> None:
    held, gate = module.Gate.limit, module.Gate()
    assert changed(module, "LIMIT + more + step", "LIMIT - more + step")
    assert held(1) == 3 == module.Gate.limit(1)
    assert gate.is_open
    assert changed(module, "self.tries > 0", "self.tries > 1")
    assert not gate.is_open


def test_functions_within_functions_and_comprehensions(module: ModuleType) -> None:
    assert changed(module, "value + 1", "value + 2")
    assert module.made(1)() == 3
    assert changed(module, "one + 1 for", "one - 1 for")
    assert module.numbers() == [0, 1]


@pytest.mark.parametrize("change", [("LIMIT = 3", "LIMIT = 4"), ("tries = 1", "tries = 0"), ("step=1", "step=2")])
def test_what_the_import_has_executed_is_left_alone(module: ModuleType, change: tuple[str, str]) -> None:
    before = (module.Gate.limit(1), module.Gate().is_open)
    assert not changed(module, *change)
    assert (module.Gate.limit(1), module.Gate().is_open) == before


def test_true_is_not_one(module: ModuleType) -> None:
    """Constants that are equal for Python are not the same change."""
    assert changed(module, "self.tries > 0", "self.tries > False")
    assert module.Gate.is_open.fget.__code__.co_consts[-1] is False


def test_a_function_that_lacks_what_it_had_around_it(module: ModuleType) -> None:
    assert changed(module, "return value + 1", "return 7")
    assert module.made(1)() == 7
