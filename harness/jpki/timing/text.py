"""The figures as a table and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from jpki.timing import waiting
from jpki.timing.model import PhoneModel
from jpki.timing.reference import CONTACTLESS, ONLINE, REFERENCE, WAITING, reference_total
from jpki.timing.report import FlowTiming, SectionTiming, Spread, Traffic
from jpki.timing.trace import Share
from jpki.timing.waiting import ChipWaits

TSM_ROUND_TRIPS_AIM = 6
ISSUE = "issue"
BIOMETRICS = "authenticate-with-biometrics"


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured, and on what: lines about card and machine.

    ``contactless`` is the predicted time (s) of a signature through an outside reader, without the user's (D6).
    ``waits`` are the two schedules of an issuance (F5).
    """

    conditions: tuple[str, ...]
    model: PhoneModel
    flows: tuple[FlowTiming, ...]
    contactless: float | None = None
    waits: tuple[ChipWaits, ...] = ()

    @property
    def issue(self) -> FlowTiming | None:
        """The flow of the reference table, if it was among them."""
        return next((flow for flow in self.flows if flow.flow == ISSUE), None)

    @property
    def online(self) -> float | None:
        """The predicted time (s) of an authentication by biometrics, if that was measured."""
        return next((flow.predicted_total for flow in self.flows if flow.flow == BIOMETRICS), None)

    @property
    def key_generation(self) -> tuple[float, ...]:
        """Of all flows, seconds."""
        return tuple(value for flow in self.flows for value in flow.key_generation)

    @property
    def signature(self) -> tuple[float, ...]:
        """Of all flows, seconds."""
        return tuple(value for flow in self.flows for value in flow.signature)


def lines(measured: Measured) -> Iterator[str]:
    """The whole report for people; milliseconds, but seconds where a phone is meant."""
    yield from measured.conditions
    for flow in measured.flows:
        yield ""
        yield from _flow(flow)
    yield ""
    yield _NOTE
    yield ""
    yield f"{'on the card, ms':49}{'n':>7}{'average':>8}{'max':>8}{'min':>8}"
    for name, values in (("key generation", measured.key_generation), ("signature", measured.signature)):
        if values:
            yield f"  {name:47}{len(values):7}{_three(Spread(values))}"
    yield ""
    yield from _beside_the_trial(measured)
    if measured.waits:
        yield ""
        yield from waiting.lines(measured.waits)


def _beside_the_trial(measured: Measured) -> Iterator[str]:
    issue = measured.issue
    if issue is not None:
        met = "met" if issue.tsm_round_trips <= TSM_ROUND_TRIPS_AIM else "MISSED"
        total = sum(reference_total(section) for section in REFERENCE)
        waiting = sum(reference_total(section) for section in WAITING)
        trips, most = issue.tsm_round_trips, issue.most_tsm_round_trips
        used = f"; {most} on a card that was used before" if most > trips else ""
        yield f"TSM round trips to issue both: {trips} (aim {TSM_ROUND_TRIPS_AIM}: {met}){used}"
        yield f"on a phone, predicted: {issue.predicted_total:.1f} s in all (trial: {total:.1f} s),"
        yield f"  of which the user waits {issue.predicted(WAITING):.1f} s in sections 4 to 7 (trial: {waiting:.1f} s)"
    if measured.contactless is not None:
        yield f"a contactless signature, predicted: {measured.contactless:.1f} s (trial: about {CONTACTLESS:.0f} s)"
    online = measured.online
    if online is not None:
        yield f"online with biometrics, predicted: {online:.1f} s (trial: about {ONLINE:.0f} s)"


_SHORT = {Share.LOCAL: "local", Share.REMOTE: "remote", Share.CARD: "card", Share.OTHER: "others"}
_NOTE = "local: app and applet; remote: TSM and applet; card: My Number Card; * modelled, in s: user, whole on a phone"


def _flow(flow: FlowTiming) -> Iterator[str]:
    shares = [share for share in Share if any(share in one.shares for one in flow.sections)]
    heading = "".join(f"{_SHORT.get(share, share.value):>8}" for share in shares)
    runs = f"{flow.flow}, ms ({flow.runs} run{'s' * (flow.runs != 1)}, {flow.tsm_round_trips} TSM round trips)"
    yield f"{runs:56}{'average':>8}{'max':>8}{'min':>8} |{heading} |{'APDUs':>6}{'bytes':>7} |{'user*':>6}{'phone*':>7}"
    for one in flow.sections:
        yield _row(one.section.value, one.total, [one.shares.get(share) for share in shares]) + _counts(
            one.traffic, one.user, one.predicted_total
        )
    if len(flow.sections) > 1:
        sums = [_sum(flow.sections, share) for share in shares]
        yield _row("all", flow.total, sums) + _counts(flow.traffic, flow.user, flow.predicted_total)


def _counts(traffic: Traffic, user: float, predicted: float) -> str:
    return f" |{traffic.apdus:6}{traffic.sent + traffic.received:7} |{user:6.1f}{predicted:7.1f}"


def _row(name: str, total: Spread, parts: Sequence[Spread | None]) -> str:
    cells = "".join(f"{part.average * 1000:8.1f}" if part else f"{'-':>8}" for part in parts)
    return f"  {name:54}{_three(total)} |{cells}"


def _three(spread: Spread) -> str:
    return "".join(f"{1000 * value:8.1f}" for value in (spread.average, spread.maximum, spread.minimum))


def _sum(sections: Sequence[SectionTiming], share: Share) -> Spread:
    return Spread((sum(one.shares[share].average for one in sections if share in one.shares),))


def facts(measured: Measured) -> dict[str, object]:
    """The same for machines; all times in seconds."""
    return {
        "conditions": list(measured.conditions),
        "model": asdict(measured.model),
        "flows": [_flow_facts(flow) for flow in measured.flows],
        "key_generation": _spread(measured.key_generation),
        "signature": _spread(measured.signature),
        "tsm_round_trips_aim": TSM_ROUND_TRIPS_AIM,
        "contactless_signature_predicted": measured.contactless,
        "waiting": waiting.facts(measured.waits),
        "reference": {
            section.value: {"total": reference_total(section), **{share.value: value for share, value in row.items()}}
            for section, row in REFERENCE.items()
        },
    }


def _flow_facts(flow: FlowTiming) -> dict[str, object]:
    return {
        "flow": flow.flow,
        "runs": flow.runs,
        "measured": _spread(flow.total.values),
        "user_modelled": flow.user,
        "predicted_on_a_phone": flow.predicted_total,
        "tsm_round_trips": flow.tsm_round_trips,
        "most_tsm_round_trips": flow.most_tsm_round_trips,
        "traffic": asdict(flow.traffic),
        "sections": [_section_facts(one) for one in flow.sections],
    }


def _section_facts(one: SectionTiming) -> dict[str, object]:
    return {
        "section": one.section.value,
        "measured": _spread(one.total.values),
        "by_party": {share.value: _spread(spread.values) for share, spread in one.shares.items()},
        "user_modelled": one.user,
        "predicted_on_a_phone": {share.value: value for share, value in one.predicted.items()},
        "traffic": asdict(one.traffic),
    }


def _spread(values: Sequence[float]) -> dict[str, object] | None:
    if not values:
        return None
    spread = Spread.of(values)
    return {
        "n": len(values),
        "average": spread.average,
        "maximum": spread.maximum,
        "minimum": spread.minimum,
        "values": list(values),
    }
