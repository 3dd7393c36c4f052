"""docs/generated/activation.md: the three options, compared by what the exploration finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jpki.pages.wrap import wrapped
from jpki.plans.activation.attempts import ActivationFindings, Done, Power, Powers, Setting, Whose, examine
from jpki.plans.activation.document import COMPARISON, REMARKS, holds
from jpki.plans.activation.steps import OPTIONS, ActivationStep

_INTRODUCTION = """\
# Three ways to activate biometrics

From when on may a finger stand for the authentication PIN? When the public key of a Keystore key is registered in the
element (C2). The field trial considered three ways to that: Option 1 and 2, and 2b, which it chose and which the JPKI
applet has. Here each is a small model (`harness/jpki/plans/activation/`): steps, who takes part, and what each party
insists on before it does its part (C8). An app takes the steps in order; a program of somebody else's takes any step
that is not refused, so a check that only the app's order ensures is seen to protect nothing.

`jpki activation --page` writes this page, and a test fails when it is stale.
"""

_ASSUMPTIONS = """\
## What the models assume

- The applet is 2b: a test sends every command of the model in every state to a simulated card and compares, and finds
  that it is not Option 1.
- The originals are drawings. We read Option 1 so that the TSM checks H[R2] = S before it registers the key over SCP03,
  and Option 2 so that the element takes the key under a verified PIN, which is what 2b made of it.
- Whoever has the TSM's keys can also have a PIN reset, under every option (B6). The table counts what activation adds.
- A finger that is enrolled later does not open a Keystore key that was made before; a key made then is opened by it.
- Round trips are those between phone and TSM, where one carries a batch of commands; APDUs are without SELECT. The
  question whether the model may use biometrics at all (E7) is left out: it is the same for all, and asked every 12
  hours.
"""


def findings() -> dict[str, ActivationFindings]:
    """All options, explored, by name."""
    return {option.name: examine(option) for option in OPTIONS}


def markdown(found: Mapping[str, ActivationFindings]) -> str:
    """The page."""
    parts = (_INTRODUCTION, *_steps(found), *_costs(found), *_attacks(found), *_comparison(found), _ASSUMPTIONS)
    return wrapped("\n".join(parts))


def _steps(found: Mapping[str, ActivationFindings]) -> Iterator[str]:
    yield "## What is done\n"
    for name, one in found.items():
        words = "; ".join(said(done.step) for done in one.planned)
        yield f"**Option {name}, {one.option.title}**: {words}.\n"


def _costs(found: Mapping[str, ActivationFindings]) -> Iterator[str]:
    yield "## What it takes\n"
    yield "| option | steps | parties | APDUs | TSM round trips | SCP03 | key leaves the phone | leaves the element |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, one in found.items():
        figures = f"{len(one.planned)} | {len(one.roles)} | {one.apdus} | {one.round_trips}"
        yield f"| **{name}** | {figures} | {_yes(one.needs_channel)} | {_yes(one.exports_key)} | {_list(one.leaves)} |"
    yield ""


def _attacks(found: Mapping[str, ActivationFindings]) -> Iterator[str]:
    yield "## Whom it stops\n"
    yield (
        "Somebody who is not the user wants a key of their own registered. The rows are the smallest sets of powers"
        " with which that works under one of the options; with less it works under none.\n"
    )
    yield f"| somebody who | {' | '.join(f'option {name}' for name in found)} |"
    yield f"|---|{'---|' * len(found)}"
    for powers in broken(found):
        cells = " | ".join("stopped" if one.stops(powers) else "**succeeds**" for one in found.values())
        yield f"| {named(powers)} | {cells} |"
    cells = " | ".join("stopped" if one.revoked_is_stopped else "activated" for one in found.values())
    yield f"| is the user, with a revoked certificate | {cells} |"
    cells = " | ".join("stopped" if one.checks_are_enforced else "activated" for one in found.values())
    yield f"| the same, with a program that leaves the application out | {cells} |"
    yield ""
    yield (
        "A revoked certificate gains nothing by being activated: whoever verifies a signature asks J-LIS. And what the"
        " application checks under Option 2, nobody enforces: the element takes the key whether or not the TSM was"
        " asked. So leaving the application out, as 2b does, gives nothing away.\n"
    )
    yield "The shortest ways:\n"
    for name, one in found.items():
        for powers in one.broken_by:
            yield f"- Option {name}, {named(powers)}: {way(Setting(one.option, powers).way_to(Whose.OTHER))}."
    yield ""


def _comparison(found: Mapping[str, ActivationFindings]) -> Iterator[str]:
    yield "## Beside the original comparison\n"
    yield "| | criterion | Option 1 | Option 2b | by the models |"
    yield "|---|---|---|---|---|"
    for one in COMPARISON:
        word = "holds" if holds(one, found) else "**contradicted**"
        mark = " (below)" if one.number in REMARKS else ""
        yield f"| {one.number} | {one.name} | {one.option_1} | {one.option_2b} | {word}{mark} |"
    yield ""
    for number, text in REMARKS.items():
        yield f"**{number}.** {text}\n"


def broken(found: Mapping[str, ActivationFindings]) -> tuple[Powers, ...]:
    """The sets of powers that break any option, smallest first."""
    sets = {powers for one in found.values() for powers in one.broken_by}
    places = list(Power)
    return tuple(sorted(sets, key=lambda powers: (len(powers), sorted(places.index(one) for one in powers))))


def said(step: ActivationStep) -> str:
    """A step by its name, and what it is."""
    return f"*{step.name}*: {step.roles[0].value} {step.text}"


def way(steps: tuple[Done, ...]) -> str:
    """Steps by their names, and who takes them."""
    return f"{steps[0].before.hand.value}: {' → '.join(done.instead or done.step.name for done in steps)}"


def named(powers: Powers) -> str:
    """In words."""
    return " and ".join(power.value for power in Power if power in powers)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _list(items: tuple[str, ...]) -> str:
    return ", ".join(items) or "nothing"
