"""Whose time is whose, what is added up, what is predicted (F1, F3), and how it is shown."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpki.cli import run
from jpki.parties.recorder import Party, Section
from jpki.timing.charts import seconds, ticks
from jpki.timing.histogram import distribution
from jpki.timing.model import LINKS, Chip, Link, PhoneModel
from jpki.timing.page import html, issuance_chart
from jpki.timing.reference import REFERENCE, WAITING, reference_total
from jpki.timing.report import Spread, evaluate
from jpki.timing.text import Measured, facts, lines
from jpki.timing.trace import Share, Trace
from tests.docs.pages import DOCS
from tests.jpki.timing.traces import GENERATE, OK, SELECT, SIGN, VERIFY, Stage, issuance

NOTHING = Link(0.0, 1e12)
NO_LINKS = PhoneModel(NOTHING, NOTHING, NOTHING, NOTHING, Chip(0.0, 0.0))


def by_share(trace: Trace, section: Section) -> dict[Share, float]:
    sums: dict[Share, float] = {}
    for moment in trace.moments():
        if moment.section is section:
            sums[moment.share] = sums.get(moment.share, 0.0) + moment.seconds
    return {share: round(value, 6) for share, value in sums.items() if value}


def test_each_party_gets_its_own_time() -> None:
    """F3: what key generations and signatures took is found in what was recorded."""
    trace = issuance()
    assert by_share(trace, Section.SIGNING_KEY) == {Share.APP: 0.010, Share.TSM: 0.020, Share.REMOTE: 0.506}
    store = {Share.TSM: 0.005, Share.CA: 0.040, Share.LOCAL: 0.005, Share.APP: 0.002}
    assert by_share(trace, Section.STORE_SIGNING_CERTIFICATE) == store
    assert trace.tsm_round_trips == 2
    assert [round(one, 6) for one in trace.key_generations()] == [0.5]
    assert [round(one, 6) for one in trace.signatures()] == [0.004]


def test_a_select_belongs_to_whoever_goes_on() -> None:
    stage = Stage()
    stage.apdu(SELECT, 1.0)
    stage.apdu(VERIFY, 1.0)
    stage.apdu(SELECT, 1.0)
    stage.apdu(bytes.fromhex("8050000000"), 1.0)
    assert by_share(stage.trace(), Section.OTHER) == {Share.LOCAL: 2.0, Share.REMOTE: 2.0}


def test_the_plastic_card_is_apart() -> None:
    stage = Stage()
    stage.apdu(SIGN, 1.0, card=Party.CARD)
    trace = stage.trace()
    assert by_share(trace, Section.OTHER) == {Share.CARD: 1.0}
    assert trace.signatures() == ()


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Any nesting of messages and commands."""
    stage = Stage()
    duration = st.integers(0, 1000).map(lambda ms: ms / 1000)

    def some(depth: int) -> None:
        for _ in range(draw(st.integers(0, 3))):
            with stage.recorder.within(draw(st.sampled_from(Section))):
                stage.wait(draw(duration))
                if depth and draw(st.booleans()):
                    receiver = draw(st.sampled_from([Party.SP_TSM, Party.JLIS, Party.PHONE, Party.PUSH]))
                    stage.message(Party.PHONE, receiver, draw(duration), lambda: some(depth - 1))
                else:
                    card = draw(st.sampled_from([Party.APPLET, Party.CARD]))
                    stage.apdu(draw(st.sampled_from([SELECT, GENERATE, VERIFY, SIGN])), draw(duration), card=card)

    some(3)
    return stage.trace()


@given(trace=traces())
def test_moments_add_up_to_the_whole(trace: Trace) -> None:
    """No time is lost or counted twice, however exchanges are nested."""
    assert sum(moment.seconds for moment in trace.moments()) == pytest.approx(trace.seconds, abs=1e-9)
    timing = evaluate("any", [trace], NO_LINKS)
    assert sum(one.total.average for one in timing.sections) == pytest.approx(trace.seconds, abs=1e-9)
    assert timing.traffic.apdus == len(trace.apdus)
    assert timing.traffic.sent == sum(len(event.request) for event in trace.apdus)


def test_average_maximum_minimum() -> None:
    """F1, for the flow and for each section."""
    timing = evaluate("issue", [issuance(1.0), issuance(2.0), issuance(6.0)], NO_LINKS)
    assert timing.runs == 3
    assert timing.total.average == pytest.approx(0.588 * 3)
    assert timing.total.maximum == pytest.approx(0.588 * 6)
    assert timing.total.minimum == pytest.approx(0.588)
    key = timing.sections[0]
    assert key.section is Section.SIGNING_KEY
    assert key.shares[Share.REMOTE].maximum == pytest.approx(0.506 * 6)
    assert key.traffic.apdus == 4
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_without_links_the_prediction_is_what_was_measured_and_what_people_and_ca_take() -> None:
    timing = evaluate("issue", [issuance()], NO_LINKS)
    key, store = timing.sections
    assert key.predicted_total == pytest.approx(key.total.average)
    assert store.predicted_total == pytest.approx(store.total.average + 5.0)
    assert timing.user == 0.0  # the trial's user does nothing in these sections


def test_the_prediction_counts_round_trips_bytes_and_a_slower_chip() -> None:
    stage = Stage()
    stage.apdu(GENERATE, 0.1, bytes(135) + OK)
    stage.message(Party.PHONE, Party.SP_TSM, 0.01, size=1000)
    model = PhoneModel(Link(0.5, 100), NOTHING, Link(3.0, 500), NOTHING, Chip(2.0, 0.0))
    predicted = evaluate("any", [stage.trace()], model).sections[0].predicted
    assert predicted[Share.REMOTE] == pytest.approx(2.0 + 0.5 + (len(GENERATE) + 137) / 100)
    assert predicted[Share.TSM] == pytest.approx(0.01 + 3.0 + 2000 / 500)


def test_the_user_is_modelled_by_what_is_asked() -> None:
    stage = Stage()
    with stage.recorder.within(Section.TEST_SIGNING):
        stage.action("signing password")
        stage.apdu(VERIFY, 0.1)
        stage.action("biometrics")
    timing = evaluate("any", [stage.trace()], NO_LINKS)
    assert timing.total.average == pytest.approx(0.1)
    assert timing.user == pytest.approx(10.9 + 5.0)
    assert timing.predicted_total == pytest.approx(0.1 + 10.9 + 5.0)


PRINTED = """
    1  18.1  14.6  2.1  0.3   0.1  0.0   1.0
    2  16.0  13.1    –  0.7   1.6  0.7     –
    3  13.2  10.3    –  0.6   1.6  0.7     –
    4   4.6     –    –    –   3.9  0.7     –
    5   7.4     –    –    –   1.9  0.5   5.0
    6   3.3     –    –    –   2.8  0.5     –
    7   8.2     –    –    –   2.3  0.9   5.0
    8  12.2  10.9  0.0  1.2     –    –     –
    9   8.0   6.8  0.0  1.2     –    –     –
  sum  91.0  55.7  2.1  4.0  14.2  3.9  11.0
"""
"""The trial's table: section, total, user, app, app ↔ applet, TSM ↔ applet, TSM, CA; seconds."""
COLUMNS = (Share.USER, Share.APP, Share.LOCAL, Share.REMOTE, Share.TSM, Share.CA)


def test_the_reference_is_the_trials_table() -> None:
    *rows, sums = (line.split() for line in PRINTED.strip().splitlines())
    assert len(rows) == len(REFERENCE)
    for section, (_, total, *parts) in zip(REFERENCE, rows, strict=True):
        assert reference_total(section) == float(total), section
        printed = zip(COLUMNS, parts, strict=True)
        assert REFERENCE[section] == {share: float(value) for share, value in printed if value != "–"}, section
    assert sum(map(reference_total, REFERENCE)) == pytest.approx(float(sums[1]))
    for share, total in zip(COLUMNS, sums[2:], strict=True):
        assert sum(row.get(share, 0.0) for row in REFERENCE.values()) == pytest.approx(float(total), abs=0.11), share


def test_the_reference_adds_up_as_the_trial_says() -> None:
    """Of parts that were rounded: a total is theirs to a tenth, the wait, printed in whole seconds, 24 s."""
    for section, row in REFERENCE.items():
        assert reference_total(section) == pytest.approx(sum(row.values()), abs=0.11), section
    assert sum(map(reference_total, WAITING)) == pytest.approx(24.0, abs=0.51)


def measured() -> Measured:
    traces = [issuance(speed) for speed in (1.0, 1.5, 0.7)]
    return Measured(("a card <of> sorts",), PhoneModel(), (evaluate("issue", traces, PhoneModel()),))


def test_a_used_card_takes_more_round_trips_and_the_text_says_so() -> None:
    """The aim is that of a new one."""
    flow = evaluate("issue", [issuance(), issuance(used=True)], PhoneModel())
    assert (flow.tsm_round_trips, flow.most_tsm_round_trips) == (2, 3)
    text = "\n".join(lines(Measured((), PhoneModel(), (flow,))))
    assert "TSM round trips to issue both: 2 (aim 6: met); 3 on a card that was used before" in text


def test_the_text_says_what_the_facts_say() -> None:
    text, values = "\n".join(lines(measured())), json.loads(json.dumps(facts(measured())))
    assert "TSM round trips to issue both: 2 (aim 6: met)" in text
    flow = values["flows"][0]
    assert flow["tsm_round_trips"] == flow["most_tsm_round_trips"] == 2
    assert flow["measured"]["n"] == 3
    assert values["key_generation"]["maximum"] == pytest.approx(0.75)
    average = flow["sections"][0]["measured"]["average"] * 1000
    assert re.search(rf"signing key pair +{average:.1f} ", text)


class Page(HTMLParser):
    """What matters of a page: balanced tags, and nothing from outside."""

    VOID = ("meta", "link", "br", "img", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.charts = 0
        self.titles = 0
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("link", "img", "script", "iframe"):
            raise AssertionError(f"<{tag}> refers to something outside")
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}
        named = dict(attrs)
        if tag == "svg":
            self.charts += 1
            assert named["role"] == "img"
            assert named["aria-label"]
        self.titles += tag == "title" and "svg" in self.open
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of its own: nothing to close."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_alone() -> None:
    text = html(measured())
    page = Page(text)
    assert page.charts == 4
    assert page.titles > 20
    assert "a card &lt;of&gt; sorts" in text
    assert "url(" not in text


def test_the_chart_is_a_file_of_its_own() -> None:
    chart = ElementTree.fromstring(issuance_chart(measured()))  # noqa: S314 - our own
    assert chart.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {element.text for element in chart.iter("{http://www.w3.org/2000/svg}text")}
    assert {"4  signing key pair", "predicted", "trial", "TSM", "CA"} <= texts
    with pytest.raises(ValueError, match="issuing was not measured"):
        issuance_chart(Measured((), PhoneModel(), ()))


def test_the_chart_of_the_page_has_the_trials_totals() -> None:
    texts = re.findall(r">([^<]*)</text>", (DOCS / "generated" / "timing.svg").read_text(encoding="utf-8"))
    trial = [texts[place + 1] for place, text in enumerate(texts) if text == "trial"]
    assert trial == [f"{reference_total(section):.1f} s" for section in REFERENCE]


def test_the_page_of_assumptions_has_the_model() -> None:
    page = (DOCS / "reference" / "timing.md").read_text(encoding="utf-8")
    rows = {
        row[1]: (row[2], row[3])
        for row in re.finditer(r"^\| `([\w-]+)`.*?\| (\d+) ms.*?\| ([\d,]+)", page, re.MULTILINE)
    }
    for name in ("in-phone", "nfc", "mobile-lte", "data-centre"):
        assert rows[name] == (f"{LINKS[name].round_trip * 1000:.0f}", f"{LINKS[name].bandwidth:,.0f}")
    assert f"at least {Chip().key_generation:.0f} s, a signature {Chip().signature} s" in page


@given(values=st.lists(st.floats(0.0001, 100), min_size=1, max_size=60))
def test_every_value_is_in_the_histogram(values: list[float]) -> None:
    """F3: the spread, nothing left out."""
    chart = distribution("Key generation", "n", values)
    counts = [int(count) for count in re.findall(r"<title>(\d+) from", chart)]
    assert sum(counts) == len(values)
    assert chart.count('class="mark"') == len(values)


@given(values=st.lists(st.floats(0.0001, 100), min_size=1, max_size=60))
def test_the_axes_of_a_histogram_say_what_they_count(values: list[float]) -> None:
    """Whole numbers of runs, and round times in order inside the picture, each written once."""
    chart = ElementTree.fromstring(distribution("Key generation", "n", values))  # noqa: S314 - our own
    texts = {one.text for one in chart.iter("text")}
    (unit,) = texts & {"seconds", "milliseconds"}
    assert "how often" in texts
    up = [int(text) for text, _ in of_axis(chart, "count")]
    assert (up[0], up) == (0, sorted(set(up)))
    assert 1 <= up[-1] <= len(values)
    across = [float(text) for text, _ in of_axis(chart, "time")]
    assert across == sorted(set(across))
    assert 2 <= len(across) <= 9
    shown = [value / (1 if unit == "seconds" else 1000) for value in across]
    assert min(values) * 0.89 <= shown[0] < shown[-1] <= max(values) * 1.11
    places = [x for _, x in of_axis(chart, "time")]
    assert all(40 <= x <= 350 for x in places)
    assert all(later - one > 20 for one, later in pairwise(places))


def of_axis(chart: ElementTree.Element, kind: str) -> list[tuple[str, float]]:
    """What an axis has written at its marks, and where."""
    texts = (one for one in chart.iter("text") if one.get("class") == f"small {kind}")
    return [(one.text or "", float(one.attrib["x"])) for one in texts]


@given(top=st.floats(0.001, 1e5))
def test_scales_are_round_and_end_below_the_top(top: float) -> None:
    found = ticks(top)
    assert found[0] == 0
    assert 2 <= len(found) <= 8
    assert found[-1] <= top * (1 + 1e-6)


def test_links_have_sensible_names_and_times_read_well() -> None:
    assert {"in-phone", "nfc", "mobile-lte"} <= set(LINKS)
    assert [seconds(value) for value in (91.04, 1.0, 0.5, 0.0996, 0.0123)] == [
        "91.0 s",
        "1.0 s",
        "500 ms",
        "100 ms",
        "12.3 ms",
    ]


@pytest.mark.parametrize("option", ["--html", "--svg"])
def test_nothing_is_measured_for_a_file_that_cannot_be(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["timing", option, str(tmp_path / "nowhere" / "file")]) == 2
    assert "no folder" in capsys.readouterr().err
