"""Cuts the power at every persistent write of every command of the applet, and at every write of the recovery.

    .venv/bin/python scripts/tears.py [WORD ...]         scenes whose names hold all of the words; all without one
    .venv/bin/python scripts/tears.py --share --seed N   what one run of the suite does: some scenes, some of the states
    .venv/bin/python scripts/tears.py --write            puts what was found on record; docs/generated/tears.md

The whole takes minutes. ``--json`` prints the record to standard output; progress goes to standard error. Exit code 1
when an invariant was violated.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cardlab.campaign.progress import now_and_then
from cardlab.errors import HarnessError
from cardlab.runtime.vm.tears import Figures
from jpki.evidence.tears import RECORD, TearRecord, TornScene, cap_digest
from jpki.evidence.tears_page import markdown

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs", "generated", "tears.md")


def main() -> int:
    """Run the scenes, one line each as it is done; then the record."""
    options = _parser().parse_args()
    sys.path.insert(0, str(ROOT))  # the scenes are the tests' own
    try:
        return _run(options)
    except HarnessError as error:
        print(f"{error}\n{error.hint}", file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="every persistent write of every command torn")
    parser.add_argument("--seed", type=int, default=1, help="decides random values, and what --share takes (default 1)")
    parser.add_argument("--share", action="store_true", help="some scenes and states, as one run of the suite does")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--write", action="store_true", help=f"put it on record, and write {PAGE.as_posix()}")
    parser.add_argument("words", nargs="*", help="only scenes whose names hold all of these words")
    return parser


def _run(options: argparse.Namespace) -> int:
    from tests.jpki.applet.tearing import campaign
    from tests.jpki.applet.tearing.worlds import opened

    found: list[TornScene] = []
    every = campaign.scenes()
    chosen = [one for one in every if all(word in one.name for word in options.words)]
    with opened() as worlds:
        if options.share:
            runs = campaign.share(worlds, TearRecord.read(ROOT / RECORD), options.seed)
        else:
            runs = campaign.whole(worlds, chosen, options.seed)
        for number, (scene, run) in enumerate(runs, 1):
            _say(f"{number}: {scene.name}")
            outcome = run(now_and_then(_tell))
            _say(f"   {outcome}")
            for violation in outcome.violations:
                _say(f"   {violation}")
            found.append(outcome.as_record())
            if options.write:
                _write(found, [one.name for one in every], options.seed)
    if options.json:
        print(json.dumps(TearRecord(cap_digest(), options.seed, tuple(found)).as_json(), indent=1))
    return 1 if any(one.violations for one in found) else 0


def _write(found: list[TornScene], order: list[str], seed: int) -> None:
    """At once after each scene: a full run takes long and may be interrupted."""
    digest, path = cap_digest(), ROOT / RECORD
    before = TearRecord.read(path) if path.is_file() else TearRecord(digest, seed, ())
    kept = before if before.cap == digest else TearRecord(digest, seed, ())
    record = kept.with_scenes(found, order)
    record.write(path)
    (ROOT / PAGE).write_text(markdown(record), encoding="utf-8", newline="\n")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _tell(figures: Figures) -> None:
    _say(f"   {figures.recoveries:,} of {figures.states:,} states that are known so far")


if __name__ == "__main__":
    sys.exit(main())
