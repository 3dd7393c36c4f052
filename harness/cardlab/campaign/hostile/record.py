"""The figures of a campaign, as they are kept."""

from __future__ import annotations

from cardlab.campaign.hostile.campaign import BUDGET, Result
from cardlab.cap.container import Component

STAGES = ("REFUSED_AT_LOAD", "REFUSED_AT_INSTALL", "NOT_SELECTED", "RAN", "MUTE")
EXECUTED = ("RAN", "MUTE", "NOT_SELECTED")
_SEVERAL = "several"

Figures = dict[str, object]


def figures(result: Result, seed: int, seconds: float, heap: tuple[int, int]) -> Figures:
    """As JSON; ``heap`` are bytes that Java held after a collection, early in the campaign and at its end."""
    counts = result.counts
    return {
        "seed": seed,
        "seconds": round(seconds),
        "budget": BUDGET,
        "mutants": counts["mutants"],
        "executed": sum(result.sum("component/", f"/{stage}") for stage in EXECUTED),
        "instructions": counts["instructions"],
        "ways": _below(result, "way/"),
        "components": _components(result),
        "targets": _staged(result, "target/"),
        "exceptions": _below(result, "exception/"),
        "attacks_without_checks": _below(result, "unchecked/"),
        "heap": {"early": heap[0], "end": heap[1]},
        "violations": result.violations,
    }


def _below(result: Result, prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): count for name, count in sorted(result.counts.items()) if name.startswith(prefix)
    }


def _staged(result: Result, prefix: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, count in _below(result, prefix).items():
        one, _, stage = name.rpartition("/")
        found.setdefault(one, dict.fromkeys(STAGES, 0))[stage] += count
    return found


def _components(result: Result) -> dict[str, dict[str, int]]:
    """By the component that was changed; a changed tag counts with those in several places."""
    found: dict[str, dict[str, int]] = {}
    for tag, stages in _staged(result, "component/").items():
        row = found.setdefault(_name(int(tag)), dict.fromkeys(STAGES, 0))
        for stage, count in stages.items():
            row[stage] += count
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _name(tag: int) -> str:
    return Component(tag).name if tag in list(Component) else _SEVERAL


def _order(name: str) -> int:
    return 99 if name == _SEVERAL else Component[name]
