"""What static resources must be (JCVM 3.1, 6.16)."""

from __future__ import annotations

from collections.abc import Sequence

from cardlab.cap.convert.components import COMPACT
from cardlab.cap.convert.problems import Problems
from cardlab.cap.model import StaticResource

_LAST_NUMBER = 0x7FFF  # Resources.getView() takes a short
_LONGEST = 0x7FFF  # and gives an array


def check_resources(resources: Sequence[StaticResource], cap_format: tuple[int, int], problems: Problems) -> None:
    """Note resources that the format has not, numbers given twice, and what no applet could reach."""
    if resources and cap_format < COMPACT:
        problems.error("", "", 0, "static resources need CAP format 2.3, that is, Java Card 3.1 or later")
    numbers = [one.id for one in resources]
    for one in resources:
        if numbers.count(one.id) > 1:
            problems.error("", "", 0, f"static resource {one.id} was given twice")
        if not 0 <= one.id <= _LAST_NUMBER:
            problems.error("", "", 0, f"static resource {one.id}: numbers are 0 to {_LAST_NUMBER}")
        if not 0 < len(one.data) <= _LONGEST:
            problems.error(
                "", "", 0, f"static resource {one.id} has {len(one.data)} bytes; 1 to {_LONGEST} are allowed"
            )
