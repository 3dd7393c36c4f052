"""What is in a cell of persistent memory whose writing the end of the power interrupted."""

from __future__ import annotations

from enum import Enum, unique

from cardlab.errors import UsageError


@unique
class TornCell(Enum):
    """The value says it as tests write it."""

    OLD = "old"  # the power ended before anything changed
    NEW = "new"  # the cell was written, and nothing after it
    RANDOM = "random"  # either of both; any value where the API does not promise one of them (JCRE 3.0.5, 7.7)

    @classmethod
    def parse(cls, value: TornCell | str) -> TornCell:
        """Itself, or the one that a test writes; raises UsageError."""
        try:
            return cls(value)
        except ValueError:
            able = ", ".join(one.value for one in cls)
            raise UsageError(f"torn={value!r}: no such content of a cell", hint=f"it is one of {able}") from None
