"""Floors of the harness's coverage: each package has one, none is above what was measured, and less fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.errors import IntegrityError
from jpki.evidence.floors import (
    FLOORS,
    Measured,
    below,
    digest,
    measured_now,
    read_floors,
    read_record,
    write_record,
)

ROOT = Path(__file__).resolve().parents[3]
MEASURED = Measured(97, 100, "2026-11-27", "digest")


def test_each_package_has_a_floor_that_was_reached() -> None:
    assert below(read_floors(ROOT), read_record(ROOT)) == ()


def test_no_package_is_left_out() -> None:
    harness = ROOT / "harness"
    there = {"/".join(path.relative_to(harness).parent.parts[:2]) for path in harness.rglob("*.py")}
    assert {name for name in there if name} - set(read_floors(ROOT)) == set()


@pytest.mark.parametrize(
    ("floors", "problem"),
    [
        ({"cardlab/card": 97.0}, None),
        ({"cardlab/card": 97.1}, "97 of 100 lines reached, 97.0 %; its floor is 97.1 %"),
        ({}, "cardlab/card has no floor"),
        ({"cardlab/card": 90.0, "cardlab/gone": 90.0}, "names cardlab/gone, of which nothing was measured"),
    ],
)
def test_what_is_below_its_floor_is_told(floors: dict[str, float], problem: str | None) -> None:
    found = below(floors, {"cardlab/card": MEASURED})
    assert [problem in one for one in found if problem] == [True] * (problem is not None)
    assert len(found) == (problem is not None)


def test_what_was_measured_comes_back_and_belongs_to_its_sources(tmp_path: Path) -> None:
    for name in ("harness/cardlab/errors.py", "harness/cardlab/card/deep/a.py", "tests/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    found = measured_now(tmp_path, [("cardlab/card", 97, 100), ("cardlab", 1, 2)])
    write_record(tmp_path, found)
    assert read_record(tmp_path) == found
    assert replace(found["cardlab/card"], date="", sources="") == replace(MEASURED, date="", sources="")
    (tmp_path / "harness/cardlab/card/deep/a.py").write_text("x = 1\n", encoding="utf-8")
    stale = [name for name, one in found.items() if digest(tmp_path, name) != one.sources]
    assert stale == ["cardlab/card"]


def test_files_that_say_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / FLOORS).write_text('[floors]\n"cardlab" = "much"\n', encoding="utf-8")
    with pytest.raises(IntegrityError, match="has no floors"):
        read_floors(tmp_path)
    with pytest.raises(IntegrityError, match="no record"):
        read_record(tmp_path)
