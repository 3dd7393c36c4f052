"""Hunts every deliberate fault of tests/applet/mutants.toml with the state machine and prints what noticed it.

    .venv/bin/python scripts/mutants.py [--examples N] [WORD ...]

Each fault is hunted twice: with the model, and without it, where only the properties count (they judge commands and
answers alone). WORDs choose the faults whose names hold one of them. Exit code 1 when the model misses one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print one row for each fault as it is caught."""
    sys.path.insert(0, str(ROOT))
    from tests.applet.machine_mutants import all_mutants, hunt

    parser = argparse.ArgumentParser(description="which deliberate faults the state machine notices, and by what")
    parser.add_argument("--examples", type=int, default=500, help="at most so many runs for each (default 500)")
    parser.add_argument("words", nargs="*", help="only faults whose names hold one of these words")
    options = parser.parse_args()
    chosen = [one for one in all_mutants() if not options.words or any(word in one.name for word in options.words)]
    missed = 0
    print(
        "| fault | requirement | caught by the model | caught without the model by | seconds |\n|---|---|---|---|---|"
    )
    for mutant in chosen:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            model, alone = (
                hunt(mutant, Path(folder), examples=options.examples, with_model=on) for on in (True, False)
            )
        missed += not model.by
        row = (mutant.name, mutant.requirement, model.by or "NOT CAUGHT", alone.by or "-")
        print("| " + " | ".join(row) + f" | {time.perf_counter() - start:.0f} |", flush=True)
    print(f"\n{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
