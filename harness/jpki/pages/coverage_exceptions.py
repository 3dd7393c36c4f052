"""docs/generated/coverage-exceptions.md: what no test of the applet reaches, with the reason of each."""

from __future__ import annotations

from pathlib import Path

from cardlab.campaign.applet_coverage import read_exceptions
from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# What no test reaches

Lines and branches of the applet that no test reaches on the simulated card, each with its reason. The list is
`tests/coverage_exceptions.toml`; a full run of `python3 build.py test` fails when something else is not
reached, and when something listed here is. `jpki pages` writes this page, and a test fails when it is stale.
"""


def markdown(root: Path) -> str:
    """The page, from the checkout at ``root``."""
    rows = [
        f"| {one.file} | `{one.code}` | {one.branches or 'the line'} | {one.reason} |"
        for one in read_exceptions(root / "tests" / "coverage_exceptions.toml")
    ]
    return wrapped("\n".join((_INTRODUCTION, "| file | line | branches missed | reason |", "|---|---|---|---|", *rows)))
