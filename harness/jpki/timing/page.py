"""One self-contained page: figures, charts, and the trial's figures beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from jpki.parties.recorder import Section
from jpki.timing.charts import Bar, Group, bars, legend, seconds, standalone
from jpki.timing.histogram import distribution
from jpki.timing.model import Link
from jpki.timing.reference import CONTACTLESS, ONLINE, REFERENCE, WAITING, reference_total
from jpki.timing.report import FlowTiming, Spread, Traffic
from jpki.timing.text import TSM_ROUND_TRIPS_AIM, Measured
from jpki.timing.trace import Share
from jpki.timing.waiting import HEADS, ChipWaits, cells

_STYLE = """
:root { color-scheme: light dark; --text: #1c1c1c; --soft: #595959; --line: #d8d8d8; --back: #fff; --box: #f5f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --soft: #b0b0b0; --line: #3c3c3c; --back: #161618; --box: #202024; } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto;
  max-width: 1080px; padding: 24px 14px 64px }
h1 { font-size: 26px; margin: 0 0 4px } h2 { font-size: 19px; margin: 40px 0 8px }
p { margin: 6px 0; max-width: 75ch } .soft { color: var(--soft); font-size: 13px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0 }
.tile { background: var(--box); border-radius: 8px; padding: 12px 16px }
.tile b { display: block; font-size: 26px; font-weight: 600; line-height: 1.3 }
.tile span { color: var(--soft); font-size: 13px }
svg { width: 100%; max-width: 640px; height: auto; display: block; margin: 8px 0 } .pair { display: grid; gap: 24px;
  grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr)) } .pair svg { max-width: 520px }
svg text { fill: var(--text); font: 13px system-ui, sans-serif } svg text.small { fill: var(--soft); font-size: 12px }
svg .grid { stroke: var(--line) }
svg .axis { stroke: var(--soft) } svg .bin { fill: #0072b2 } svg .mark { stroke: var(--soft); stroke-opacity: .6 }
svg .mean { stroke: #d55e00; stroke-width: 2 } svg rect:hover { opacity: .8 }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 6px 0; font-size: 13px }
.legend span { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 6px }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-size: 13px; width: 100%; margin: 8px 0 }
th, td { padding: 4px 8px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap;
  font-variant-numeric: tabular-nums }
th { font-weight: 600; vertical-align: bottom; white-space: normal } th:first-child, td:first-child { text-align: left }
tr.sum td { font-weight: 600; border-bottom: 0 } td i { color: var(--soft); font-style: normal }
"""


def html(measured: Measured) -> str:
    """The page; it refers to nothing outside itself."""
    body = "\n".join(_body(measured))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>JPKI timing</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _body(measured: Measured) -> Iterator[str]:
    yield "<h1>JPKI timing</h1>"
    yield "".join(f'<p class="soft">{escape(line)}</p>' for line in measured.conditions)
    yield from _tiles(measured)
    issue = measured.issue
    if issue is not None:
        yield from _issue(issue)
    if measured.waits:
        yield from _waiting(measured.waits)
    yield from _distributions(measured)
    if len(measured.flows) > 1 or issue is None:
        yield from _all_flows(measured.flows)
    yield from _assumptions(measured)


def _tiles(measured: Measured) -> Iterator[str]:
    tiles = []
    issue = measured.issue
    if issue is not None:
        total = sum(map(reference_total, REFERENCE))
        waiting = sum(map(reference_total, WAITING))
        trips = f"TSM round trips to issue both certificates (aim: at most {TSM_ROUND_TRIPS_AIM})"
        tiles += [
            (f"{issue.predicted_total:.0f} s", f"to issue both on a phone, predicted (trial: {total:.0f} s)"),
            (f"{issue.predicted(WAITING):.0f} s", f"of it the user waits (trial: {waiting:.0f} s)"),
            (str(issue.tsm_round_trips), trips),
            (seconds(issue.total.average), "measured here, machines only"),
        ]
    if measured.contactless is not None:
        text = f"a contactless signature, predicted (trial: about {CONTACTLESS:.0f} s)"
        tiles.append((seconds(measured.contactless), text))
    if measured.online is not None:
        text = f"online with biometrics, predicted (trial: about {ONLINE:.0f} s)"
        tiles.append((seconds(measured.online), text))
    for values, name in ((measured.key_generation, "key generation"), (measured.signature, "signature")):
        if values:
            tiles.append((seconds(Spread(values).average), f"{name} on this card, average of {len(values)}"))
    inner = "".join(f'<div class="tile"><b>{escape(b)}</b><span>{escape(s)}</span></div>' for b, s in tiles)
    yield f'<div class="tiles">{inner}</div>'


def issuance_chart(measured: Measured) -> str:
    """The chart of issuing on a phone as an SVG file; raises ValueError when that was not measured."""
    if measured.issue is None:
        raise ValueError("issuing was not measured")
    groups = _on_a_phone(measured.issue)
    return standalone(bars(*_PHONE_CHART, groups), _shares(groups))


_PHONE_CHART = ("Issuing on a phone by section and party", "predicted and in the field trial, seconds")


def _on_a_phone(issue: FlowTiming) -> list[Group]:
    groups = []
    for one in issue.sections:
        stacked = [Bar("predicted", _ordered(one.predicted))]
        if one.section in REFERENCE:
            stacked.append(Bar("trial", _ordered(REFERENCE[one.section]), reference_total(one.section)))
        groups.append(Group(_numbered(one.section), tuple(stacked)))
    return groups


def _shares(groups: Sequence[Group]) -> list[Share]:
    return [share for share in Share if any(share in bar.parts for group in groups for bar in group.bars)]


def _issue(issue: FlowTiming) -> Iterator[str]:
    yield "<h2>Issuing both certificates, on a phone</h2>"
    yield (
        "<p>Predicted from the recorded exchanges and the link model, beside the field trial's mean over phone models."
        " Grey is the user's time, which is modelled by the trial's. Several sections share a TSM round trip here.</p>"
    )
    groups = _on_a_phone(issue)
    yield legend(_shares(groups))
    yield bars(*_PHONE_CHART, groups)
    yield _counts_table(issue)
    yield "<h2>Issuing both certificates, as measured</h2>"
    yield f"<p>Average of {issue.runs} runs on this card, machines only: nobody typed, and no link was slow.</p>"
    here = [Group(_numbered(one.section), (Bar("", _averages(one.shares)),)) for one in issue.sections]
    yield legend(_shares(here))
    yield bars("Issuing as measured, by section and party", "averages on this card", here)
    yield _measured_table(issue)


def _numbered(section: Section) -> str:
    """A section with its number in the trial's table."""
    return f"{list(REFERENCE).index(section) + 1}  {section.value}" if section in REFERENCE else section.value


def _ordered(parts: Mapping[Share, float]) -> dict[Share, float]:
    return {share: parts[share] for share in Share if share in parts}


def _averages(shares: Mapping[Share, Spread]) -> dict[Share, float]:
    return {share: shares[share].average for share in Share if share in shares}


def _measured_table(flow: FlowTiming) -> str:
    """Average, maximum and minimum by section (F1), and the parties' averages."""
    shares = [share for share in Share if any(share in one.shares for one in flow.sections)]
    rows = []
    for one in flow.sections:
        parts = [seconds(one.shares[share].average) if share in one.shares else "–" for share in shares]
        rows.append([_numbered(one.section), *_three(one.total), *parts])
    sums = _flow_shares(flow)
    last = ["all", *_three(flow.total), *(seconds(sums[share]) for share in shares)]
    return _html_table(["section", "average", "max", "min", *(share.value for share in shares)], rows, last)


def _counts_table(flow: FlowTiming) -> str:
    """What went to cards in each section, and the prediction beside the trial."""
    rows = []
    for one in flow.sections:
        trial = f"{reference_total(one.section):.1f} s" if one.section in REFERENCE else "–"
        model = _model(one.user, one.predicted_total)
        rows.append([_numbered(one.section), *_counts(one.traffic), *model, trial])
    trial = f"{sum(map(reference_total, REFERENCE)):.1f} s"
    last = ["all", *_counts(flow.traffic), *_model(flow.user, flow.predicted_total), trial]
    heads = ["section", "APDUs", "bytes to cards", "from cards", "user (modelled)", "predicted in all", "trial"]
    return _html_table(heads, rows, last)


def _counts(traffic: Traffic) -> tuple[str, str, str]:
    return str(traffic.apdus), f"{traffic.sent:,}", f"{traffic.received:,}"


def _model(user: float, predicted: float) -> tuple[str, str]:
    return (f"{user:.1f} s" if user else "–", f"{predicted:.1f} s")


def _three(spread: Spread) -> tuple[str, str, str]:
    return seconds(spread.average), seconds(spread.maximum), seconds(spread.minimum)


def _html_table(heads: Sequence[str], rows: Iterable[Sequence[str]], last: Sequence[str] = ()) -> str:
    def cells(kind: str, row: Sequence[str]) -> str:
        return "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in row)

    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heads)
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    end = f'<tr class="sum">{cells("td", last)}</tr>' if last else ""
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}{end}</tbody></table></div>'


def _waiting(rows: Sequence[ChipWaits]) -> Iterator[str]:
    yield "<h2>Waiting for the certificates</h2>"
    yield (
        "<p>Twice five columns: first as in the trial, everything after the other, where the wait is that of sections 4"
        " to 7; then with keys and certificates made while the user types the two PINs, where it is what is left after"
        " the last of them. Seconds, at the mean of the chip's key pairs, and in 5, 50 and 95 of 100 issuances.</p>"
    )
    yield _html_table(HEADS, ((one.name, *cells(one)) for one in rows))


def _distributions(measured: Measured) -> Iterator[str]:
    charts = []
    for values, name in ((measured.key_generation, "Key generation"), (measured.signature, "Signature")):
        if values:
            text = f"{len(values)} on this card; {', '.join(_named(Spread(values)))}"
            chart = distribution(name, text, values)
            charts.append(f'<div><p><b>{name}</b> <span class="soft">{escape(text)}</span></p>{chart}</div>')
    if charts:
        yield "<h2>Key generation and signing</h2>"
        yield f'<div class="pair">{"".join(charts)}</div>'


def _named(spread: Spread) -> Iterator[str]:
    for name, value in zip(("average", "max", "min"), _three(spread), strict=True):
        yield f"{name} {value}"


def _all_flows(flows: Sequence[FlowTiming]) -> Iterator[str]:
    yield "<h2>Every flow</h2>"
    heads = ["flow", "runs", "average", "max", "min", "APDUs", "bytes to card", "from card", "TSM round trips"]
    heads += ["user (modelled)", "predicted on a phone"]
    rows = []
    for flow in flows:
        counts = _counts(flow.traffic)
        model = _model(flow.user, flow.predicted_total)
        rows.append([flow.flow, str(flow.runs), *_three(flow.total), *counts, str(flow.tsm_round_trips), *model])
    yield _html_table(heads, rows)
    groups = [Group(flow.flow, (Bar("", _flow_shares(flow)),)) for flow in flows]
    shares = [share for share in Share if any(share in group.bars[0].parts for group in groups)]
    yield legend(shares)
    yield bars("Every flow as measured, by party", "averages on this card", groups)


def _flow_shares(flow: FlowTiming) -> dict[Share, float]:
    sums: dict[Share, float] = {}
    for one in flow.sections:
        for share, spread in one.shares.items():
            sums[share] = sums.get(share, 0.0) + spread.average
    return _ordered(sums)


def _assumptions(measured: Measured) -> Iterator[str]:
    model = measured.model
    yield "<h2>What the prediction assumes</h2>"
    links = (
        ("phone app and secure element", model.secure_element),
        ("phone and My Number Card", model.plastic_card),
        ("phone and servers", model.network),
        ("between servers", model.backend),
    )
    rows = [(name, *_link(link)) for name, link in links]
    yield _html_table(("link", "round trip", "bandwidth"), rows)
    key, signature = seconds(model.chip.key_generation), seconds(model.chip.signature)
    yield (
        f"<p>A chip takes at least {key} for a key pair and {signature} for a signature, where this card was faster."
        " The user's time, and the CA's 1 s to check an application and 5 s to issue a certificate, are the trial's."
        " Everything else is what was measured here.</p>"
    )


def _link(link: Link) -> tuple[str, str]:
    return seconds(link.round_trip), f"{link.bandwidth / 1000:,.0f} kB/s"
