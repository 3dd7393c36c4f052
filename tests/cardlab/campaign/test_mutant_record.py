"""The record of hunts: what it keeps, and when it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.campaign.mutant_record import Found, Record
from cardlab.errors import IntegrityError

NOTICED = Found("test_pins.py::test_blocking", "0d5e")


def test_what_was_found_is_there_for_the_next_one(tmp_path: Path) -> None:
    Record(tmp_path / "record.json").put("some mutant", "test", NOTICED)
    assert Record(tmp_path / "record.json").get("some mutant", "test", "0d5e") == NOTICED


def test_it_counts_while_the_fingerprint_is_the_same(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.json")
    record.put("some mutant", "test", NOTICED)
    assert record.get("some mutant", "test", "another") is None
    assert record.get("some mutant", "model", "0d5e") is None
    assert record.get("another", "test", "0d5e") is None


def test_hunts_at_the_same_time_keep_each_others_results(tmp_path: Path) -> None:
    one, other = Record(tmp_path / "record.json"), Record(tmp_path / "record.json")
    one.put("some mutant", "test", NOTICED)
    other.put("some mutant", "model", Found("", "1a2b", 40))
    both = Record(tmp_path / "record.json")
    assert both.get("some mutant", "test", "0d5e") == NOTICED
    assert both.get("some mutant", "model", "1a2b") == Found("", "1a2b", 40)


def test_the_file_is_the_same_in_whatever_order_things_were_found(tmp_path: Path) -> None:
    for path, names in ((tmp_path / "one", "ab"), (tmp_path / "other", "ba")):
        for name in names:
            Record(path).put(name, "test", NOTICED)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_mutants_that_are_no_more_are_forgotten(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.json")
    for name in ("kept", "gone"):
        record.put(name, "test", NOTICED)
    record.put("kept", "crystal ball", NOTICED)
    record.keep_only(["kept", "never hunted"], ["test", "model"])
    assert Record(tmp_path / "record.json").get("kept", "crystal ball", "0d5e") is None
    assert Record(tmp_path / "record.json").get("gone", "test", "0d5e") is None
    assert Record(tmp_path / "record.json").get("kept", "test", "0d5e") == NOTICED


@pytest.mark.parametrize("content", ["", "[]", '{"a": {"test": {"who": "x"}}}', '{"a": 1}'])
def test_a_file_that_is_no_record_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IntegrityError, match="no record of hunts"):
        Record(path)
