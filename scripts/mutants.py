"""Hunts the mutants of tests/jpki/applet/mutants and says what noticed each: a test, or the state machine.

    .venv/bin/python scripts/mutants.py [--lives N] [--by test,model] [WORD ...]
    .venv/bin/python scripts/mutants.py --write          docs/generated/mutants.md, from what is on record

Each mutant is hunted by the test that its entry names, and by the state machine, in which card and model must agree and
properties must hold; on the virtual machine, which runs the bytes that go onto a card. What was found is put on record
beside the mutants, and not hunted again until the applet, the mutant or the hunter changes; ``--again`` hunts anyway.
WORDs choose mutants by their names.
Exit code 1 when something was not as the mutants' files say, 5 when a mutant does not fit the applet any more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from cardlab.campaign.mutants import require_fitting
from cardlab.errors import HarnessError
from jpki import sources
from jpki.evidence import mutants_page
from jpki.evidence.mutant_hunt import Hunt
from jpki.evidence.mutants import Mutants, Way

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Hunt, and print one line for each mutant as it is done; or write the page."""
    options = _parser().parse_args()
    try:
        mutants = Mutants(ROOT)
        require_fitting(mutants.all, sources.applet_sources())
        return _write(mutants) if options.write else _hunt(mutants, options)
    except HarnessError as error:
        print(f"{error}\n{error.hint}", file=sys.stderr)
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="which mutants are noticed, and by what")
    parser.add_argument("--lives", type=int, default=300, help="at most so many random lives for each (default 300)")
    parser.add_argument("--by", type=_ways, default=tuple(Way), help="hunt in these ways only (test,model)")
    parser.add_argument("--again", action="store_true", help="hunt those too whose outcome is known")
    parser.add_argument("--write", action="store_true", help=f"hunt nothing, write {mutants_page.PAGE.as_posix()}")
    parser.add_argument("words", nargs="*", help="only mutants whose names hold one of these words")
    return parser


def _ways(text: str) -> tuple[Way, ...]:
    return tuple(Way(one) for one in text.split(","))


def _write(mutants: Mutants) -> int:
    mutants.forget_others()
    (ROOT / mutants_page.PAGE).parent.mkdir(exist_ok=True)
    (ROOT / mutants_page.PAGE).write_text(mutants_page.markdown(mutants), encoding="utf-8", newline="\n")
    return 0


def _hunt(mutants: Mutants, options: argparse.Namespace) -> int:
    sys.path.insert(0, str(ROOT))  # the hunters are the tests' own
    from tests.jpki.applet.mutants.hunters import PACKS, hunters

    chosen = mutants.chosen(options.words)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        say = partial(print, flush=True)
        hunt = Hunt(mutants, hunters(Path(folder)), options.lives, options.again, say, PACKS)
        problems = hunt.all(chosen, options.by)
    print("\n".join(["", mutants_page.summary(mutants, chosen), *problems]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
