"""The table of capabilities in docs/generated/pytest.md is the one that decides skips."""

from __future__ import annotations

import re

from cardlab import kinds
from cardlab.lab.capability import Capability
from tests.docs.pages import DOCS

OF_KINDS = {name: kind.tests.capabilities for name, kind in kinds.known().items() if kind.tests}
ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<words>[^|]+) (?P<kinds>(?:\|(?: yes)? +){5})\|$", re.MULTILINE)


def test_the_table_is_true() -> None:
    page = (DOCS / "generated" / "pytest.md").read_text(encoding="utf-8")
    assert f"| a test can need | that is | {' | '.join(f'`{kind}`' for kind in OF_KINDS)} |" in page
    rows = {row["name"]: row for row in ROW.finditer(page)}
    assert list(rows) == [one.name.lower() for one in Capability]
    for one in Capability:
        row = rows[one.name.lower()]
        assert row["words"] == one.value
        told = dict(zip(OF_KINDS, ["yes" in cell for cell in row["kinds"].split("|")[1:]], strict=True))
        assert told == {kind: one in capabilities for kind, capabilities in OF_KINDS.items()}, one


def test_every_capability_is_one_that_some_kind_has() -> None:
    assert set().union(*OF_KINDS.values()) == set(Capability)
