"""The comparison as people read it: docs/generated/pin-plans.md and the tables of ``jpki plans``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jpki.pages.wrap import wrapped
from jpki.plans.card import Secret
from jpki.plans.document import (
    CLAIMS,
    DOCUMENT,
    EXPLANATIONS,
    Marks,
    contradicted,
    differing,
    holds,
    marks,
    unmentioned,
)
from jpki.plans.findings import Exposure, Findings, Way
from jpki.plans.situation import Ability

_INTRODUCTION = """\
# Six ways to set a PIN

How does a user's PIN get onto a secure element when it must not travel over the network (B2) and only the TSM may open
PIN setting (B3)? Japan's field trial of 2016 compared six plans (案1–6) by marks for safety, convenience and cost.
Here each plan is a small model (`harness/jpki/plans/`): card, user, app, TSM and a thief, who know secrets and make
moves. All six share one interface, and every situation that can come about is visited: through the moves that the plan
foresees, careless ones (typing errors, an app that goes on without the change), lost sessions at every point, and
somebody who reads what the user was sent and what the app stores, and then holds the phone.

`jpki plans --page` writes this page, and a test fails when it is stale.
"""

_ASSUMPTIONS = """\
## What the models assume

- Plan 4 is the rule book of the JPKI applet ([applet.md](../reference/applet.md#pin-life-b1b7)): a test brings a
  simulated card into every state of that model, sends every command, then random sequences, and compares each answer.
- One PIN, one key, three tries. Lucky guesses are left out. The key may be made before the PIN is set or after.
- A secret is *sent to the app* with an answer that goes there anyway, protected by TLS; it is *sent to the user* by
  letter, mail or screen, which others may read. The original does not say how plans 2, 3 and 5 get the temporary PIN to
  the app; this is the cheapest way.
- What the app needs while it waits for the user, it stores; what it needs within one session, it keeps in memory, which
  neither survives a lost session nor reaches a thief.
- APDUs are those that set one PIN, without SELECT. A TSM session is INITIALIZE UPDATE (first round trip), then EXTERNAL
  AUTHENTICATE and the command (second). That a new PIN is typed twice to be sure is not counted.
"""

_RULE = """\
The marks of the exploration follow one rule. Safety: × the user's PIN is stored off the card, or a PIN that opens the
key is sent to the user; △ the temporary PIN opens the key for whoever has it; ○ it never does, yet somebody who reads
what was sent can set another PIN; ◎ none of these. Convenience: ○ the user types a new PIN only. Cost: ○ a PIN that is
set, told, verified and changed is enough; △ TSM or applet need more.
"""

_PRICE = """\
Plan 4 takes no more commands than plan 2. Its price is the last column: its secrets live no longer than one session, so
that a lost one begins again at the TSM.
"""


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    heading, *body = rows
    yield "| " + " | ".join(heading) + " |"
    yield "|" + "---|" * len(heading)
    for row in body:
        yield "| " + " | ".join(row) + " |"


def secrets(found: Iterable[Secret]) -> str:
    """Names of secrets; the new PIN is called that when it is typed."""
    names = ("new PIN" if one is Secret.USER else one.value for one in found)
    return ", then ".join(names) or "–"


def functions(found: Iterable[Ability]) -> str:
    """Names of functions."""
    return "; ".join(one.value for one in found) or "–"


def told(found: Findings) -> str:
    """Secrets outside SCP03."""
    return ", ".join(f"{secret.value} to the {whom}" for secret, whom in found.told) or "–"


def way(steps: Way) -> str:
    """A way in one line: who does what."""
    lines = []
    for step in steps:
        text = step.move.text if step.move.actor.value == "-" else f"{step.move.actor.value} {step.move.text}"
        lines.append(text)
    return " → ".join(lines)


def shown(mark: Marks) -> str:
    """Three marks in a row."""
    return f"{mark.safety} {mark.convenience} {mark.cost}"


def markdown(all_found: Sequence[Findings]) -> str:
    """The whole page."""
    parts = (_INTRODUCTION, *_safety(all_found), *_cost(all_found), *_marks(all_found), _ASSUMPTIONS)
    return wrapped("\n".join(parts))


def _safety(all_found: Sequence[Findings]) -> Iterator[str]:
    yield "## Who can use the key, and when"
    yield ""
    heading = (
        "plan",
        "",
        "the temporary PIN opens the key",
        "somebody else can use the key",
        "situations, transitions",
    )
    rows = [heading]
    for found in all_found:
        explored = found.everything
        size = f"{len(explored.situations)}, {len(explored.transitions)}"
        thief = "yes" if found.used_by_thief else "no"
        number = f"**{found.plan.number}**"
        rows.append((number, found.plan.title, found.exposure.value, thief, size))
    yield from _table(rows)
    yield ""
    yield "The shortest ways to it:"
    yield ""
    for found in all_found:
        if found.used_under_temporary:
            yield f"- Plan {found.plan.number}, temporary PIN: {way(found.used_under_temporary)}."
        if found.used_by_thief:
            yield f"- Plan {found.plan.number}, somebody else: {way(found.used_by_thief)}."
    never = [str(found.plan.number) for found in all_found if found.exposure is Exposure.NEVER]
    yield ""
    yield f"Under plans {' and '.join(never)} no situation exists in which a temporary PIN opens a key (B5)."
    yield ""


def _cost(all_found: Sequence[Findings]) -> Iterator[str]:
    yield "## What it costs"
    yield ""
    rows = [
        (
            "plan",
            "user types",
            "TSM provides",
            "applet adds",
            "sent outside SCP03",
            "app stores",
            "APDUs",
            "TSM round trips",
            "link lost: TSM again",
        )
    ]
    for found in all_found:
        rows.append(
            (
                f"**{found.plan.number}**",
                secrets(found.typed),
                functions(found.tsm_functions),
                functions(found.applet_functions),
                told(found),
                ", ".join(one.value for one in found.kept_by_app) or "–",
                str(found.apdus),
                str(found.round_trips),
                "no" if found.survives_interruption else "yes",
            )
        )
    yield from _table(rows)
    yield ""
    yield _PRICE


def _marks(all_found: Sequence[Findings]) -> Iterator[str]:
    yield "## Beside the original marks"
    yield ""
    yield _RULE
    rows: list[Sequence[str]] = [("plan", "original: safety, convenience, cost", "exploration", "")]
    for found in all_found:
        theirs, ours = DOCUMENT[found.plan.number], marks(found)
        rows.append((f"**{found.plan.number}**", shown(theirs), shown(ours), "" if theirs == ours else "differs"))
    yield from _table(rows)
    yield ""
    yield "What the original says of each plan, and whether the exploration bears it out:"
    yield ""
    rows = [("plan", "original", "exploration")]
    for found in all_found:
        number = found.plan.number
        rows += [
            (str(number), claim.value, "holds" if holds(claim, found) else "**contradicted**")
            for claim in CLAIMS[number]
        ]
        rows += [(str(number), "(not mentioned)", claim.value) for claim in unmentioned(found)]
    yield from _table(rows)
    yield ""
    for found in all_found:
        yield from _explanations(found)


def _explanations(found: Findings) -> Iterator[str]:
    """Why the exploration gives another mark, or contradicts a claim."""
    number = found.plan.number
    for name, theirs, ours in differing(found):
        yield f"**Plan {number}, {name} {theirs}, here {ours}.** {EXPLANATIONS[number, name]}"
        yield ""
    for claim in contradicted(found):
        yield f"**Plan {number}, “{claim.value}”.** {EXPLANATIONS[number, claim.name]}"
        yield ""
