"""In which order tests hunt."""

from __future__ import annotations

from typing import Any

from tests.mutating.covering import Covering
from tests.mutating.packages import Package

LINES = {"harness/one.py": {"": [1], "tests/b/test_b.py::cheap|call": [5], "tests/b/test_b.py::dear|call": [5]}}


def measured(*tests: tuple[str, float], lines: dict[str, Any] | None = None) -> dict[str, Any]:
    """A file of tests that pass, with their seconds."""
    return {"tests": {name: {"passed": True, "seconds": cost} for name, cost in tests}, "lines": lines or {}}


def test_files_as_they_are_named_and_in_each_the_cheapest_first() -> None:
    """What is cheap itself may have a file that prepares much."""
    package = Package("one", "One", ("harness/one.py",), ("tests/b", "tests/a/test_a.py"))
    covering = Covering(
        package,
        {
            "tests/a/test_a.py": measured(
                ("tests/a/test_a.py::first", 0.0), lines={"harness/one.py": {"tests/a/test_a.py::first|call": [5]}}
            ),
            "tests/b/test_b.py": measured(
                ("tests/b/test_b.py::dear", 2.0), ("tests/b/test_b.py::cheap", 1.0), lines=LINES
            ),
        },
    )
    expected = ["tests/b/test_b.py::cheap", "tests/b/test_b.py::dear", "tests/a/test_a.py::first"]
    assert covering.all_tests == expected
    assert covering.tests("harness/one.py", (5, 5)) == expected
    assert covering.is_imported("harness/one.py", (1, 1)) and not covering.is_imported("harness/one.py", (5, 5))
