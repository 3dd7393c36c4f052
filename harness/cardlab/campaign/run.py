"""Runs the scenes of a campaign that are not on record yet, and writes the record after each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from cardlab.campaign.record import CampaignRecord
from cardlab.campaign.scene import Campaign
from cardlab.campaign.workers import Say, Work, here, in_processes

R = TypeVar("R", bound=CampaignRecord[Any])


def today() -> str:
    """For records: ``2026-11-27``."""
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Way:
    """How scenes are run: ``path`` of the record, None: there is none. ``jobs`` processes; 1: this one.

    ``module``: the name by which other processes find the campaign.
    """

    path: Path | None = None
    say: Say = str
    jobs: int = 1
    module: str = ""


def run(campaign: Campaign[Any], chosen: Sequence[Any], fresh: R, work: Work, way: Way) -> R:
    """All chosen scenes but those that the record has, if it is of the same CAP file and choices: what was found.

    ``fresh``: a record without scenes, with today's CAP file and choices.
    """
    record = fresh.after(way.path)
    known = {one.name for one in record.scenes}
    for one in chosen:
        if one.name in known:
            way.say(f"{one.name}: on record")
    names = _long_ones_first([one.name for one in chosen if one.name not in known], fresh, way)
    for found in _found(campaign, names, work, way):
        record = record.with_scenes([found], campaign.names)
        if way.path is not None:
            record.write(way.path)
    wanted = {one.name for one in chosen}
    return record.with_scenes((), [name for name in campaign.names if name in wanted])


def _found(campaign: Campaign[Any], names: Sequence[str], work: Work, way: Way) -> Iterator[Any]:
    jobs = min(way.jobs, len(names))
    if jobs <= 1 or not way.module:
        return here(campaign, work, names, way.say)
    return in_processes(way.module, work, names, jobs, way.say)


def _long_ones_first(names: list[str], fresh: R, way: Way) -> list[str]:
    """So that no process is alone with a long one at the end. An earlier record says how long they take."""
    if way.jobs <= 1 or way.path is None or not way.path.is_file():
        return names
    seconds = {one.name: one.seconds for one in fresh.read(way.path).scenes}
    return sorted(names, key=lambda name: -seconds.get(name, 0.0))
