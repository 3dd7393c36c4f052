"""docs/generated/coverage-exceptions.md: what no test reaches of applet and harness, with the reason of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cardlab.campaign.applet_coverage import read_exceptions
from jpki.evidence.floors import Measured, digest, read_floors, read_record
from jpki.evidence.refusals import read_unreached
from jpki.pages.wrap import wrapped

_APPLET = """\
# What no test reaches

## The applet

Lines and branches of the applet that no test reaches on the simulated card, each with its reason. The list is
`tests/coverage_exceptions.toml`; a full run of `python3 build.py test` fails when something else is not
reached, and when something listed here is. `jpki pages` writes this page, and a test fails when it is stale.
"""

_REFUSALS = """\
## Refusals of the harness

Every `raise` of the harness's own errors is reached by some test, but for those in `tests/unreached_refusals.toml`:
counted in each full run, where errors are made. *Sometimes*: chance or the machine decides.
"""

_LINES = """\
## Lines of the harness

`python3 build.py test --cov` measures them, fails below a floor (`tests/coverage_floors.toml`), and keeps what it found
(`tests/harness_coverage.json`). *Stale*: the package has changed since.
"""


def markdown(root: Path) -> str:
    """The page, from the checkout at ``root``."""
    return wrapped("\n".join((*_applet(root), "", *_refusals(root), "", *_lines(root))))


def _applet(root: Path) -> Iterator[str]:
    yield from (_APPLET, "| file | line | branches missed | reason |", "|---|---|---|---|")
    for one in read_exceptions(root / "tests" / "coverage_exceptions.toml"):
        yield f"| {one.file} | `{one.code}` | {one.branches or 'the line'} | {one.reason} |"


def _refusals(root: Path) -> Iterator[str]:
    yield from (_REFUSALS, "| file | function | line | reason |", "|---|---|---|---|")
    for one in read_unreached(root / "tests" / "unreached_refusals.toml"):
        reason = f"*Sometimes.* {one.reason}" if one.sometimes else one.reason
        yield f"| {one.file} | {one.function} | `{one.code.replace('|', chr(92) + '|')}` | {reason} |"


def _lines(root: Path) -> Iterator[str]:
    yield from (_LINES, "| package | lines reached | of all | floor | measured on |", "|---|--:|--:|--:|---|")
    floors = read_floors(root)
    for name, one in read_record(root).items():
        floor = f"{floors[name]:g} %" if name in floors else ""
        yield f"| {name} | {one.reached:,} of {one.of:,} | {one.percent:.1f} % | {floor} | {_when(root, name, one)} |"


def _when(root: Path, name: str, one: Measured) -> str:
    return one.date if digest(root, name) == one.sources else f"{one.date}, stale"
