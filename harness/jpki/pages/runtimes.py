"""docs/generated/runtimes.md: what each runtime can do, which platform choices it can make, and the card profiles."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.card.profiles import card_profile, known_profiles
from cardlab.runtime import known
from cardlab.runtime.backend import Backend
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.feature import Feature
from cardlab.runtime.observer import EventKind
from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# Runtimes, platform choices, card profiles

What executes applets, by what each runtime says of itself. `jpki pages` writes this page, and a test fails when it is
stale. What the words mean: [runtime.md](../reference/runtime.md).
"""


def markdown() -> str:
    """The page."""
    runtimes = list(known().values())
    return wrapped(
        "\n".join((_INTRODUCTION, *_abilities(runtimes), *_choices(runtimes), *_profiles(), *_deviations(runtimes)))
    )


def _abilities(runtimes: list[Backend]) -> Iterator[str]:
    yield "## What they can do"
    yield ""
    yield from _head("capability", "", runtimes)
    for one in Feature:
        yield from _row(f"`{one.name}`", one.value, ["yes" if one in each.capabilities else "" for each in runtimes])
    for kind in EventKind:
        told = ["yes" if kind in each.tells else "" for each in runtimes]
        yield from _row(f"event `{kind.name}`", "an observer is told", told)
    yield ""


def _choices(runtimes: list[Backend]) -> Iterator[str]:
    yield "## Platform choices"
    yield ""
    yield "What the specifications leave to the card. A card that asks for what its runtime cannot do is not made."
    yield ""
    yield from _head("choice", "default", runtimes)
    for name, default in PlatformChoices().as_words().items():
        yield from _row(f"`{name}`", str(default), [_settable(each, name) for each in runtimes])
    yield ""


def _settable(runtime: Backend, name: str) -> str:
    if name not in runtime.settable:
        return "the default only"
    values = runtime.settable[name]
    if isinstance(values, range):
        return f"{values.start:,} to {values.stop - 1:,}"
    return "any" if values is None else ", ".join(sorted(str(getattr(one, "value", one)) for one in values))


def _profiles() -> Iterator[str]:
    yield "## Card profiles"
    yield ""
    yield "A card profile is a file in `harness/cardlab/card/profiles`; what it leaves out is as in `default`. Sources,"
    yield "and which can carry the JPKI applet: [profiles.md](profiles.md)."
    yield ""
    yield "| profile | | other than by default |"
    yield "|---|---|---|"
    for name in known_profiles():
        profile = card_profile(name)
        changed = PlatformChoices().as_words().items() ^ profile.platform.as_words().items()
        words = profile.platform.as_words()
        other = ", ".join(f"`{key}` {_short(words[key])}" for key in words if key in dict(changed))
        yield f"| `{name}` | {profile.about} | {other or '–'} |"
    yield ""


def _short(word: str | int | bool) -> str:
    """A list of algorithms as how many there are."""
    return str(word.count(",") + 1) if isinstance(word, str) and "," in word else str(word)


def _deviations(runtimes: list[Backend]) -> Iterator[str]:
    yield "## Where they differ from the specifications"
    yield ""
    for each in runtimes:
        yield f"**{each.name}** ({each.version}):"
        yield ""
        yield from (f"- {one}" for one in each.deviations)
        yield ""


def _head(first: str, second: str, runtimes: list[Backend]) -> Iterator[str]:
    yield from _row(first, second, [f"`{each.name}`" for each in runtimes])
    yield "|---|---|" + "---|" * len(runtimes)


def _row(first: str, second: str, cells: list[str]) -> Iterator[str]:
    yield f"| {' | '.join((first, second, *cells))} |"
