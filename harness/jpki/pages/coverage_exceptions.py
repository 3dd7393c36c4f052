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

Every `raise` of the harness's own errors in these packages is reached by some test, but for those listed in
`tests/unreached_refusals.toml`: counted in each full run, where errors are made. *Sometimes*: chance or the machine
decides. What is reached in a program that a test starts does not count.
"""

_LINES = """\
## Lines of the harness

`python3 build.py test --cov` measures them, fails below a floor (`tests/coverage_floors.toml`), and keeps what it found
(`tests/harness_coverage.json`). *Stale*: the package has changed since. *Part*: measured with few examples and without
the tests that take longest, so that all tests together reach more.
"""


def markdown(root: Path) -> str:
    """The page, from the checkout at ``root``."""
    return wrapped("\n".join((*_applet(root), "", *_refusals(root), "", *_lines(root))))


def _applet(root: Path) -> Iterator[str]:
    yield from (_APPLET, "| file | line | branches missed | reason |", "|---|---|---|---|")
    for one in read_exceptions(root / "tests" / "coverage_exceptions.toml"):
        yield f"| {one.file} | `{one.code}` | {one.branches or 'the line'} | {one.reason} |"


def _refusals(root: Path) -> Iterator[str]:
    listed = read_unreached(root / "tests" / "unreached_refusals.toml")
    yield from (_REFUSALS, f"Packages: {', '.join(listed.packages)}.", "")
    yield from ("| file | function | line | reason |", "|---|---|---|---|")
    for one in listed.entries:
        reason = f"*Sometimes.* {one.reason}" if one.sometimes else one.reason
        yield f"| {one.file} | {one.function} | `{one.code.replace('|', chr(92) + '|')}` | {reason} |"


def _lines(root: Path) -> Iterator[str]:
    yield from (_LINES, "| package | lines reached | of all | floor | measured on |", "|---|--:|--:|--:|---|")
    floors = read_floors(root)
    for name, one in read_record(root).items():
        floor = f"{floors[name]:g} %" if name in floors else ""
        yield f"| {name} | {one.reached:,} of {one.of:,} | {one.percent:.1f} % | {floor} | {_when(root, name, one)} |"


def _when(root: Path, name: str, one: Measured) -> str:
    what = one.date if one.tests == "all" else f"{one.date}, part"
    return what if digest(root, name) == one.sources else f"{what}, stale"
