"""Runs the scenes of a campaign that are not on record yet, and writes the record after each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from cardlab.campaign.record import CampaignRecord
from cardlab.campaign.scene import Campaign
from cardlab.campaign.workers import Say, Work, here, in_processes
from cardlab.locking import hold_file

R = TypeVar("R", bound=CampaignRecord[Any])


def today() -> str:
    """For records: ``2026-11-27``."""
    return datetime.now(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Way:
    """How scenes are run: ``path`` of the record, None: there is none. ``jobs`` processes; 1: this one.

    ``module``: the name by which other processes find the campaign; ``sources``: a fingerprint of its own code.
    """

    path: Path | None = None
    say: Say = str
    jobs: int = 1
    module: str = ""
    sources: str = ""


def run(campaign: Campaign[Any], chosen: Sequence[Any], fresh: R, work: Work, way: Way) -> R:
    """All chosen scenes but those that the record has, if it is of the same CAP file and choices: what was found.

    ``fresh``: a record without scenes, with today's CAP file and choices. BusyError when another run has the record.
    """
    fresh = replace(fresh, campaign=way.sources)
    with _held(way.path):
        earlier = fresh.read(way.path) if way.path is not None and way.path.is_file() else None
        record = _begun(fresh, earlier, way)
        known = {one.name for one in record.scenes}
        for one in chosen:
            if one.name in known:
                way.say(f"{one.name}: on record")
        names = [one.name for one in chosen if one.name not in known]
        for found in _found(campaign, _long_ones_first(names, earlier, way.jobs), work, way):
            record = record.with_scenes([found], campaign.names)
            if way.path is not None:
                record.write(way.path)
    wanted = {one.name for one in chosen}
    return record.with_scenes((), [name for name in campaign.names if name in wanted])


def _held(path: Path | None) -> AbstractContextManager[object]:
    """Two runs would write over each other's scenes."""
    return nullcontext() if path is None else hold_file(path, wait=0.0)


def _begun(fresh: R, earlier: R | None, way: Way) -> R:
    record = fresh.after(earlier)
    if earlier is not None and record is fresh:
        way.say(f"{way.path} is begun anew: it is of another state of {fresh.differences(earlier)}")
    return record


def _found(campaign: Campaign[Any], names: Sequence[str], work: Work, way: Way) -> Iterator[Any]:
    jobs = min(way.jobs, len(names))
    if jobs <= 1 or not way.module:
        return here(campaign, work, names, way.say)
    return in_processes(way.module, work, names, jobs, way.say)


def _long_ones_first(names: list[str], earlier: CampaignRecord[Any] | None, jobs: int) -> list[str]:
    """So that no process is alone with a long one at the end. An earlier record says how long they take."""
    if jobs <= 1 or earlier is None:
        return names
    seconds = {one.name: one.seconds for one in earlier.scenes}
    return sorted(names, key=lambda name: -seconds.get(name, 0.0))
