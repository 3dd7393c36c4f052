"""Mutated load files on cards with another applet's secrets, loaded without a verifier; counts what becomes of them.

    .venv/bin/python scripts/hostile.py [--count N] [--minutes N] [--seed N] [--from N] [--json FILE]
    .venv/bin/python scripts/hostile.py --seed N --tell NUMBER       one mutant again, step by step

Each mutant runs on copies of two cards that differ in the secrets alone, some on translated code, some without checks
(Java: cardlab.vm.hostile.Campaign). Exit code 1 when a mutant read or changed what it should not, made the host fail,
or took a minute. Interrupted, it writes what it has.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

from cardlab.campaign.hostile.campaign import Campaign, Result, heap_in_use
from cardlab.campaign.hostile.record import figures

ROOT = Path(__file__).resolve().parent.parent
_BATCH = 2000


def main() -> int:
    """Run, with a line for each batch on the standard error."""
    options = _parser().parse_args()
    sys.path.insert(0, str(ROOT))  # the load files are the tests' own
    from tests.cardlab.campaign.hostile_targets import targets
    from tests.jpki.applet.hostile_target import target

    campaign = Campaign([*targets(), target()], options.seed)
    if options.tell is not None:
        print("\n".join(campaign.tell(options.tell)))
        return 0
    result = campaign.originals()
    result.counts.clear()
    begun, early = time.monotonic(), 0
    try:
        for first in range(options.first, options.first + options.count, _BATCH):
            known = len(result.violations)
            campaign.run(first, min(_BATCH, options.first + options.count - first), result)
            print("".join(f"{one}\n" for one in result.violations[known:]), end="", file=sys.stderr)
            early = early or heap_in_use()
            _progress(result, time.monotonic() - begun)
            if time.monotonic() - begun > 60 * options.minutes:
                break
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    found = figures(result, options.seed, time.monotonic() - begun, (early, heap_in_use()))
    _write(found, options.json)
    return 1 if result.violations else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="what mutated load files do to a card and to the host")
    parser.add_argument("--count", type=int, default=1_000_000, help="how many mutants (default a million)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so many minutes")
    parser.add_argument("--seed", type=int, default=1, help="decides the mutants (default 1)")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="NUMBER", help="the first mutant's number")
    parser.add_argument("--json", type=Path, help="write the figures here instead of to the standard output")
    parser.add_argument("--tell", type=int, metavar="NUMBER", help="run this mutant alone and say what it does")
    return parser


def _progress(result: Result, seconds: float) -> None:
    done, bad = result.counts["mutants"], len(result.violations)
    print(f"{done} mutants, {done / seconds:.0f} a second, {bad} violations", file=sys.stderr, flush=True)


def _write(found: dict[str, object], path: Path | None) -> None:
    text = json.dumps(found, indent=1) + "\n"
    if path is None:
        print(text, end="")
    else:
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
