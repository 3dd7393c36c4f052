"""Several runs of each flow, added up by section and by party."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Self

from jpki.parties.recorder import FlowEvent, FlowEventKind, Section
from jpki.timing.model import PhoneModel, ca_seconds
from jpki.timing.trace import Share, Trace


@dataclass(frozen=True, slots=True)
class Spread:
    """Average, maximum and minimum of n figures (F1), and the figures themselves."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """At least one."""
        found = cls(tuple(values))
        if not found.values:
            raise ValueError("nothing was measured")
        return found

    @property
    def average(self) -> float:
        """Arithmetic mean."""
        return fmean(self.values)

    @property
    def maximum(self) -> float:
        """The largest."""
        return max(self.values)

    @property
    def minimum(self) -> float:
        """The smallest."""
        return min(self.values)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went to cards in one run of a section: commands, bytes there and back."""

    apdus: int
    sent: int
    received: int

    @classmethod
    def of(cls, events: Iterable[FlowEvent]) -> Self:
        """Counts the APDUs among events."""
        commands = [event for event in events if event.kind is FlowEventKind.APDU]
        sent = sum(len(event.request) for event in commands)
        return cls(len(commands), sent, sum(len(event.response or b"") for event in commands))


@dataclass(frozen=True, slots=True)
class SectionTiming:
    """One section: measured machine time, what each party took of it, and the prediction.

    ``total`` and ``shares`` are measured; ``predicted`` holds average seconds by party on a
    phone. ``traffic`` is that of the first run; runs differ by a few bytes of certificates.
    """

    section: Section
    total: Spread
    shares: Mapping[Share, Spread]
    predicted: Mapping[Share, float]
    traffic: Traffic

    @property
    def user(self) -> float:
        """The user's time, which is always modelled."""
        return self.predicted.get(Share.USER, 0.0)

    @property
    def predicted_total(self) -> float:
        """All parties, the user included."""
        return sum(self.predicted.values())


@dataclass(frozen=True, slots=True)
class FlowTiming:
    """One flow, run several times.

    ``tsm_round_trips`` is the smallest number of any run, on a card that nobody used; ``most_tsm_round_trips`` the
    largest: what an earlier holder may have left is looked for and deleted first.
    """

    flow: str
    runs: int
    total: Spread
    sections: tuple[SectionTiming, ...]
    tsm_round_trips: int
    most_tsm_round_trips: int
    key_generation: tuple[float, ...]
    signature: tuple[float, ...]

    @property
    def user(self) -> float:
        """Modelled."""
        return sum(one.user for one in self.sections)

    @property
    def traffic(self) -> Traffic:
        """Of all sections."""
        parts = [one.traffic for one in self.sections]
        return Traffic(sum(p.apdus for p in parts), sum(p.sent for p in parts), sum(p.received for p in parts))

    @property
    def predicted_total(self) -> float:
        """On a phone, the user included."""
        return sum(one.predicted_total for one in self.sections)

    def predicted(self, sections: Iterable[Section]) -> float:
        """On a phone, in some of the sections."""
        wanted = set(sections)
        return sum(one.predicted_total for one in self.sections if one.section in wanted)


def evaluate(flow: str, traces: Sequence[Trace], model: PhoneModel) -> FlowTiming:
    """Add up the runs of one flow; at least one."""
    runs = [_sums(trace, model) for trace in traces]
    used = {section for sums in runs for section in sums.measured}
    sections = [section for section in Section if section in used]
    return FlowTiming(
        flow,
        len(traces),
        Spread.of(trace.seconds for trace in traces),
        tuple(_section(section, traces, runs) for section in sections),
        min(trace.tsm_round_trips for trace in traces),
        max(trace.tsm_round_trips for trace in traces),
        tuple(seconds for trace in traces for seconds in trace.key_generations()),
        tuple(seconds for trace in traces for seconds in trace.signatures()),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """One run: seconds by section and party, measured and predicted."""

    measured: Mapping[Section, Mapping[Share, float]]
    predicted: Mapping[Section, Mapping[Share, float]]


def _sums(trace: Trace, model: PhoneModel) -> _Sums:
    measured: dict[Section, dict[Share, float]] = {}
    predicted: dict[Section, dict[Share, float]] = {}
    for moment in trace.moments():
        for sums, seconds in ((measured, moment.seconds), (predicted, model.predict(moment))):
            row = sums.setdefault(moment.section, {})
            row[moment.share] = row.get(moment.share, 0.0) + seconds
    for section, row in predicted.items():
        if assumed := ca_seconds(section):
            row[Share.CA] = row.get(Share.CA, 0.0) + assumed
    return _Sums(measured, predicted)


def _section(section: Section, traces: Sequence[Trace], runs: Sequence[_Sums]) -> SectionTiming:
    measured = [sums.measured.get(section, {}) for sums in runs]
    shares = [share for share in Share if share is not Share.USER and any(share in row for row in measured)]
    predicted = [sums.predicted.get(section, {}) for sums in runs]
    there = [share for share in Share if any(share in row for row in predicted)]
    return SectionTiming(
        section,
        Spread.of(sum(row.values()) for row in measured),
        {share: Spread.of(row.get(share, 0.0) for row in measured) for share in shares},
        {share: fmean(row.get(share, 0.0) for row in predicted) for share in there},
        Traffic.of(event for event in traces[0].events if event.section is section),
    )
