"""Lists of mutants, and their edits of sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.campaign.mutants import Edit, Mutant, apply, read_mutants
from cardlab.errors import IntegrityError

ENTRY = """
[[mutant]]
name = "{name}"
requirement = "B1"
{rest}
[[mutant.edits]]
file = "Pin.java"
find = "{find}"
replace = "b"
"""


def test_edits_are_made() -> None:
    mutant = Mutant("two", "F4", (Edit("A.java", "one", "1"), Edit("A.java", "two", "2")))
    assert apply(mutant, {"A.java": "one two", "B.java": "one"}) == {"A.java": "1 2", "B.java": "one"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"rest": 'test = "t"'}, {"rest": 'test = "t"'}], "one name: mutant"),
        ([{"rest": ""}], "names no test"),
        ([{"rest": 'test = "t"\nmachine = true\nundetectable = "why"'}], "cannot be undetectable"),
        ([{"rest": 'test = "t"\ntset = "t"'}], "unknown fields tset"),
        ([{"rest": 'test = "t"', "find": "b"}], "changes nothing"),
        ([{"rest": 'test = "t"', "find": ""}], "changes nothing"),
    ],
)
def test_entries_that_prove_nothing_are_refused(tmp_path: Path, entries: list[dict[str, str]], message: str) -> None:
    text = "".join(ENTRY.format(**{"name": "mutant", "find": "a", **entry}) for entry in entries)
    (tmp_path / "some.toml").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match=message):
        read_mutants(tmp_path)
