"""What a campaign of power cuts found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.campaign.tears.record import TearRecord, TornScene


def lines(record: TearRecord) -> Iterator[str]:
    """The scenes, then what is violated, each with a case that shows it."""
    for scene in record.scenes:
        yield f"{scene.name}: {told(scene)}"
        if record.one_in == 1 and scene.writes and scene.views == 1:
            yield f"    nothing of its {scene.writes:,} writes shows in what observe() reads: one state throughout"
    yield ""
    for scene in record.scenes:
        for one in scene.violations:
            yield f"{scene.name}: {one.invariant}, {one.count} times"
            yield from (f"    {line}" for line in (one.told,) if line)
            yield from (f'    "{scene.name}" --case {case}' for case in one.cases[:1])
    states, violated = sum(one.states for one in record.scenes), sum(one.violated for one in record.scenes)
    yield f"{len(record.scenes)} scenes, {states:,} states, {violated:,} violations"


def told(one: TornScene) -> str:
    """One line on what was found."""
    second = one.second_cuts + one.chances
    return (
        f"{one.writes:,} writes, {one.first_cuts:,} cuts, {second:,} second cuts, {one.states:,} states, {one.ends:,} "
        f"ends, {one.looked:,} looked at, {one.views} views, {one.confirmed} confirmed, {one.violated} violations; "
        f"{one.seconds:.1f} s"
    )
