"""The marker ``needs``: tests are skipped on kinds of card that lack what they need."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cardlab import kinds
from cardlab.errors import UsageError
from cardlab.lab.capability import Capability, describe

MARKER = "needs"


def skip_unable(has: frozenset[Capability], card: str, items: Sequence[pytest.Item]) -> None:
    """Skip tests that need what these cards lack; ``card`` is what ``--card`` says.

    Raises pytest.UsageError when a test would be skipped on every kind, or names a capability that there is not.
    """
    try:
        needs = {item: _needed(item) for item in items}
    except UsageError as error:
        raise pytest.UsageError(f"{error} ({error.hint})") from error
    everywhere = [kind.tests.capabilities for kind in kinds.known().values() if kind.tests]
    nowhere = [item for item, wanted in needs.items() if not any(wanted <= there for there in everywhere)]
    if nowhere:
        lines = [f"{one.nodeid} needs {describe(needs[one])}: no kind of card has all of that" for one in nowhere]
        raise pytest.UsageError("\n".join(lines))
    for item, wanted in needs.items():
        if missing := wanted - has:
            item.add_marker(pytest.mark.skip(reason=f"--card {card.partition(':')[0]} lacks {describe(missing)}"))


def _needed(item: pytest.Item) -> frozenset[Capability]:
    """What a test's ``needs`` markers name, by member or by its name in small letters; raises UsageError."""
    return frozenset(_capability(one, item) for marker in item.iter_markers(MARKER) for one in marker.args)


def _capability(value: object, item: pytest.Item) -> Capability:
    if isinstance(value, Capability):
        return value
    if isinstance(value, str) and value.upper() in Capability.__members__:
        return Capability[value.upper()]
    raise UsageError(
        f"{item.nodeid}: {MARKER}({value!r}) is no capability of a card",
        hint=f"there are {', '.join(name.lower() for name in Capability.__members__)}",
    )
