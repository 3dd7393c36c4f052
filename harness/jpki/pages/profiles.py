"""docs/generated/profiles.md: the card profiles, and which of them can carry the applet, found by trying."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cardlab.card.profiles import CardProfile, card_profile, known_profiles
from cardlab.runtime.choices import PlatformChoices
from jpki.client.constants import Suite
from jpki.evidence.carrying import RUNTIME, Step, Trial, try_profile
from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# Card profiles, and which can carry the applet

A profile is a file in `harness/cardlab/card/profiles`: memory, commit buffer, protocol and algorithms of a card as it
was measured. Choose one with `--card-profile`, `javacard_profile` or the marker of that name; `--card-set
commit_capacity=512` sets one value. `jpki pages` writes this page after trying each profile on the virtual machine, and
a test fails when it is stale. Tests run a share of the applet's suite on each that carries it, and the files of its
commands whole with `--profile thorough`; what differs is listed with its reason in
`tests/jpki/applet/test_profiles.py`. The last column tries the second suite, ECDSA on P-384, an assumption about later
cards. A simulated card stays one: what nobody measured is as on the default card.
"""
LITERAL = "literal"
"""The profile that the virtual machine cannot be: it asks for more than the machine offers."""


def carried() -> tuple[str, ...]:
    """The profiles that are tried."""
    return tuple(name for name in known_profiles() if name != LITERAL)


def markdown() -> str:
    """The page."""
    trials = [(try_profile(name), try_profile(name, Suite.P_384)) for name in carried()]
    return wrapped("\n".join((_INTRODUCTION, *_results(trials), *_figures(), *_notes())))


def _results(trials: list[tuple[Trial, Trial]]) -> Iterator[str]:
    yield "## The JPKI applet on each"
    yield ""
    yield f"| profile | {' | '.join(step.value for step in Step)} | bytes left | where not, and why | with P-384 |"
    yield f"|---|{'---|' * len(Step)}---|---|---|"
    for one, other in trials:
        done = list(Step) if one.refused is None else list(Step)[: list(Step).index(one.refused)]
        marks = ["yes" if step in done else "no" if step is one.refused else "" for step in Step]
        yield f"| `{one.profile}` | {' | '.join(marks)} | {one.free:,} | {_why(one)} | {_why(other) or 'yes'} |"
    yield ""


def _why(trial: Trial) -> str:
    """The reason and the applet's innermost line, without the calls above it."""
    reason = re.sub(r"^[0-9A-F]{4}: ", "", trial.reason)
    head, *places = reason.split(" at ")
    return " at ".join((head, *(one for one in places[:2] if "(" in one)))


def _figures() -> Iterator[str]:
    yield "## Figures"
    yield ""
    yield "Bytes; `–`: nobody measured it, and it is as on the default card."
    yield ""
    yield "| profile | persistent | transient, reset | deselect | commit buffer | protocol | algorithms missing |"
    yield "|---|---|---|---|---|---|---|"
    for name in carried():
        yield _row(card_profile(name))
    yield ""


def _row(one: CardProfile) -> str:
    choices = one.platform
    missing = len(choices.missing_algorithms.split(",")) if choices.missing_algorithms else 0
    sizes = {
        "persistent_memory": one.persistent_memory,
        "transient_reset": choices.transient_reset,
        "transient_deselect": choices.transient_deselect,
        "commit_capacity": choices.commit_capacity,
    }
    shown = ("–" if key in one.unknown else f"{value:,}" for key, value in sizes.items())
    return f"| `{one.name}` | {' | '.join(shown)} | {choices.protocol.name} | {missing} |"


def _notes() -> Iterator[str]:
    yield "## Sources and habits"
    yield ""
    for name in carried():
        one = card_profile(name)
        if one.source:
            habits = "".join(f" Habit: {habit}." for habit in one.habits)
            yield f"- `{name}`: {one.about}. {one.source}.{habits}"
    yield ""
    yield f"All of them need the runtime `{RUNTIME}`; the defaults are {len(PlatformChoices().as_words())} choices in"
    yield "[runtimes.md](runtimes.md)."
