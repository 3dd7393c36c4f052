"""`python3 build.py mutate [PACKAGE …]`: hunts mutants of the harness."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cardlab.campaign.mutate.explained import read_explanations
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Mutation
from cardlab.campaign.mutate.record import Fate
from cardlab.campaign.mutate.report import Figures
from tests.mutating.covering import Covering
from tests.mutating.hunt import LEAST, Hunt, share, work
from tests.mutating.nest import Nest, hunt, warm_up
from tests.mutating.packages import EXPLAINED, ROOT, Package, packages
from tests.mutating.session import Session

CACHE = ROOT / "build" / "mutating" / "cache"
COLD = ROOT / "build" / "mutating" / "cold"


def main(arguments: list[str]) -> int:
    """The exit code is 1 when a mutant survives that nobody explains."""
    given = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # processes of the hunt end with it
    warm_up()
    if given.share:
        return _share(given)
    return max(_hunt(packages()[name], given) for name in given.packages)


def _parse(arguments: list[str]) -> argparse.Namespace:
    known = packages()
    parser = argparse.ArgumentParser(prog="build.py mutate", description="Hunt mutants of the harness.")
    parser.add_argument("packages", nargs="*", type=_package, metavar="PACKAGE", help=", ".join(known))
    parser.add_argument("--sample", type=int, default=50, help="so many of each package (0: all); 50 without it")
    parser.add_argument("--seed", type=int, default=1, help="draws them; a larger sample holds a smaller one")
    parser.add_argument("--file", default="", help="only mutants of files whose path ends so")
    parser.add_argument("--again", action="store_true", help="hunt those too that are on record")
    parser.add_argument("--survivors", action="store_true", help="hunt those on record that survived, once more")
    parser.add_argument("--share", type=int, default=0, help="hunt so many of those on record as killed once more")
    parser.add_argument("--list", action="store_true", help="say what would be hunted, and which tests would hunt")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at a time")
    given = parser.parse_args(arguments)
    given.packages = given.packages or [*known]
    return given


def _package(name: str) -> str:
    if name not in packages():
        raise argparse.ArgumentTypeError(f"there is no package {name!r}, only {', '.join(packages())}")
    return name


def _hunt(package: Package, given: argparse.Namespace) -> int:
    covering = Covering(package)
    for line in covering.measure(Nest(ROOT, CACHE, given.workers)):
        _say(f"measured {line}")
    for test in covering.failing:
        _say(f"does not hunt, as it fails without a mutant: {test}")
    results: list[int] = []
    Session(lambda session: results.append(_hunt_in(session, covering, given)), package).run()
    return max(results)


def _hunt_in(session: Session, covering: Covering, given: argparse.Namespace) -> int:
    package = covering.package
    nest = Nest(ROOT, COLD if package.cold else CACHE, given.workers)
    hunting = Hunt(package, covering, nest, session, _told)
    wanted = _wanted(hunting, given)
    if given.list:
        for one in wanted:
            _say(f"{one.where} {one.identity.operator}: {one.identity.original} -> {one.identity.mutated}")
            _say(f"    {len(hunting.tests(one))} tests: {', '.join(hunting.tests(one)[:3])}")
        return 0
    began = time.monotonic()
    hunting.all(wanted, again=lambda fate: given.again or (given.survivors and fate.outcome is Outcome.SURVIVED))
    hunting.control()
    return _report(hunting, time.monotonic() - began)


def _wanted(hunt: Hunt, given: argparse.Namespace) -> list[Mutation]:
    """A sample, or what is on record."""
    chosen = hunt.drawn(given.sample, given.seed)
    if given.survivors:
        chosen = [one for one in hunt.found if one.identity in hunt.record.fates]
    return [one for one in chosen if one.path.endswith(given.file)]


def _share(given: argparse.Namespace) -> int:
    """A few on record as noticed, of any package, each by the test that noticed it, which passes without the mutant."""
    chosen = share([packages()[name] for name in given.packages], given.share, given.seed)
    jobs: list[tuple[Any, Callable[[Path], Any], float]] = [(one, work(one, (test,)), LEAST) for one, test in chosen]
    tests = sorted({test for _, test in chosen})
    jobs.append((None, lambda folder: hunt(folder, None, tests, "--maxfail=0"), LEAST * len(tests)))
    lost = false = 0
    for ended in Nest(ROOT, CACHE, given.workers).all(jobs if chosen else []):
        noticed = ended.result is None or ended.result["by"]
        if ended.kept is None and noticed:
            false += 1
            _say(f"without a mutant: {ended.said}")
        elif ended.kept is not None and not noticed:
            lost += 1
            _say(f"not noticed any more: {ended.kept.path}:{ended.kept.lines[0]} {ended.kept.identity}\n{ended.said}")
    _say(f"{len(chosen) - lost} of {len(chosen)} are noticed again")
    return int(lost + false > 0)


def _report(hunt: Hunt, seconds: float) -> int:
    why = read_explanations(EXPLAINED)
    fates = hunt.record.fates
    lost = [one for one in hunt.found if (f := fates.get(one.identity)) and f.outcome is Outcome.SURVIVED]
    for one in lost:
        if one.identity not in why:
            _say(f"{one.path}:{one.lines[0]}: {one.identity.operator} in {one.identity.member}")
            _say(f"    - {one.identity.original}\n    + {one.identity.mutated}")
    _say(f"{hunt.package.name}, {len(hunt.found):,} mutants: {Figures.of(fates.items(), why)}; {seconds:.0f} s")
    return int(any(one.identity not in why for one in lost))


def _told(one: Mutation, fate: Fate, cpu: float) -> None:
    _say(f"{one.path}:{one.lines[0]} {one.identity.operator}: {fate.outcome.value} {fate.by} ({cpu:.1f} s)")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
