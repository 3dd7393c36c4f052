"""`cardlab cap explore`: what the page says, and what a browser makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cardlab.cap.container import Component
from cardlab.cap.convert import Conversion
from cardlab.cap.debug import DebugInfo, debug_of, read_debug
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.errors import CapError
from cardlab.cap.explore import explore
from cardlab.cap.explore.sources import Sources
from cardlab.cap.exports import builtin
from cardlab.cap.reader import CapFile, read_cap
from cardlab.cli import run
from tests.browser import Browser, Page, browser
from tests.cardlab.cap.corpus import FOLDER, PLATFORM

EXPORTS = builtin(PLATFORM)
HOSTILE = (
    "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">'\"&\u202e\u2028\0\x1b[2J"
)


class Ids(HTMLParser):
    """The anchors of a page, and the links to them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if "href" in values else []


def page_of(made: Conversion, sources: Path | None = None) -> str:
    """The page of a conversion, with its names and lines."""
    found = Sources([sources] if sources else [])
    return explore(read_cap(made.cap), made.cap, EXPORTS, read_debug(made.debug), found)


def instructions(cap: CapFile) -> int:
    """How many the package has."""
    assert cap.descriptor is not None
    methods = (m for c in cap.descriptor.classes for m in c.methods if m.size and not c.is_interface)
    return sum(len(disassemble(method_code(cap, m)[1])) for m in methods)


@pytest.mark.parametrize(
    "name", ["minimal", "crypto", "house", "flow", "except", "fields", "spare", "library", "shared"]
)
def test_everything_is_there_once_and_every_link_leads_somewhere(conversions: dict[str, Conversion], name: str) -> None:
    made = conversions[name]
    cap, page = read_cap(made.cap), page_of(conversions[name])
    found = Ids(page)
    assert len(found.ids) == len(set(found.ids))
    assert {one.removeprefix("#") for one in found.links} <= set(found.ids)
    assert all(one.startswith("#") for one in found.links)
    assert cap.descriptor is not None
    assert sum(bool(re.fullmatch(r"m\d+-\d+", one)) for one in found.ids) == instructions(cap)
    assert sum(bool(re.fullmatch(r"p\d+", one)) for one in found.ids) == len(cap.pool)
    assert sum(bool(re.fullmatch(r"c\d+", one)) for one in found.ids) == len(cap.descriptor.classes)
    assert sum(bool(re.fullmatch(r"i\d+", one)) for one in found.ids) == len(cap.imports)
    for tag, data in cap.raw.items():
        assert f"<td>{len(data):,}</td>" in page, tag


def test_the_constant_pool_is_linked_both_ways(conversions: dict[str, Conversion]) -> None:
    page = page_of(conversions["crypto"])
    found = set(re.findall(r'<div id="(m\d+-\d+)">(?:(?!</div>).)*?<a href="#p(\d+)">', page))
    rows = dict(re.findall(r'<tr id="p(\d+)">(.*?)</tr>', page))
    back = {(place, index) for index, row in rows.items() for place in re.findall(r'href="#(m\d+-\d+)"', row)}
    assert found == back
    assert len(found) > 10


def test_the_same_every_time(conversions: dict[str, Conversion]) -> None:
    assert page_of(conversions["house"], FOLDER) == page_of(conversions["house"], FOLDER)


def test_code_stands_beside_the_source_lines_that_it_is_of(conversions: dict[str, Conversion]) -> None:
    made = conversions["minimal"]
    source = (FOLDER / "minimal/Minimal.java").read_text().splitlines()
    number = next(n for n, line in enumerate(source, 1) if "register" in line)
    beside = re.search(
        rf"<b>{number}</b><code>([^<]*)</code></div><div class=\"ins\">(.*?)</div></div>", page_of(made, FOLDER)
    )
    assert beside is not None
    assert "register" in beside[1]
    assert "Applet.register" in beside[2]


def test_without_names_offsets_have_to_do(conversions: dict[str, Conversion]) -> None:
    made = conversions["flow"]
    page = explore(read_cap(made.cap), made.cap, EXPORTS, DebugInfo(), Sources())
    found = Ids(page)
    assert {one.removeprefix("#") for one in found.links} <= set(found.ids)
    assert "method@" in page
    assert "class@" in page


def test_a_damaged_method_does_not_hide_the_rest(conversions: dict[str, Conversion]) -> None:
    cap = read_cap(conversions["flow"].cap)
    assert cap.descriptor is not None
    first = next(m for c in cap.descriptor.classes for m in c.methods if m.size)
    code = bytearray(cap.methods.info)
    code[first.offset + 2] = 0xFF
    broken = replace(cap, methods=replace(cap.methods, info=bytes(code)))
    page = explore(broken, b"", EXPORTS, DebugInfo(), Sources())
    assert page.count('class="fault"') == 1
    assert "unknown bytecode 0xff" in page


@pytest.fixture
def hostile(conversions: dict[str, Conversion], tmp_path: Path) -> Path:
    """A page of a package whose names and sources are an attack."""
    made = conversions["house"]
    debug = read_debug(made.debug)
    classes = tuple(
        replace(
            one,
            name=f"house.{HOSTILE}{number}",
            source="House.java",
            fields=tuple(replace(f, name=HOSTILE) for f in one.fields),
            methods=tuple(replace(m, name=HOSTILE, descriptor=HOSTILE) for m in one.methods),
        )
        for number, one in enumerate(debug.classes)
    )
    (tmp_path / "House.java").write_text((HOSTILE.replace("\u2028", "") + "\n") * 500)
    cap = replace(read_cap(made.cap), folder=f"{HOSTILE}/javacard")
    file = tmp_path / "hostile.html"
    file.write_text(explore(cap, made.cap, EXPORTS, DebugInfo(classes), Sources([tmp_path])), "utf-8")
    return file


def test_names_are_escaped(hostile: Path) -> None:
    page = hostile.read_text("utf-8")
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert not re.search("[\u202e\u2028\0\x1b]", page)
    assert r"\u202e" in page


def test_a_damaged_source_map_is_refused_in_words(conversions: dict[str, Conversion]) -> None:
    """Whatever byte of it is another one, it is read or refused; a traceback would be raised here."""
    whole = conversions["minimal"].debug
    for at in range(3, len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        with suppress(CapError):
            read_debug(bytes(damaged))
    count = int.from_bytes(whole[3:5], "big")
    with pytest.raises(CapError, match=f"none of the {count - 1} strings|bytes expected"):
        read_debug(whole[:3] + (count - 1).to_bytes(2, "big") + whole[5:])


def test_command(conversions: dict[str, Conversion], corpus_classes: Path, tmp_path: Path) -> None:
    """Names come from the source map, or else from the class files."""
    made = conversions["minimal"]
    (tmp_path / "x.cap").write_bytes(made.cap)
    assert debug_of({Component.DEBUG: made.debug}, {}) == read_debug(made.debug)
    options = ["--aid", made.export.aid.hex(), "-o", str(tmp_path / "y.cap"), "--applet"]
    options += [f"{made.export.aid.hex()}01=minimal.Minimal", "--api", PLATFORM]
    assert run(["cap", "convert", str(corpus_classes / "minimal"), *options]) == 0
    assert run(["cap", "convert", str(corpus_classes / "minimal"), *options, "--no-source-map"]) == 0
    for name, named in (("x", False), ("y", True)):
        out = tmp_path / f"{name}.html"
        arguments = ["cap", "explore", str(tmp_path / f"{name}.cap"), "-o", str(out), "--sources", str(FOLDER)]
        assert run(arguments) == 0
        assert ("minimal.Minimal.process" in out.read_text("utf-8")) is named


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all of them."""
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def file(conversions: dict[str, Conversion], tmp_path: Path) -> Path:
    """The page of the corpus's largest applet, with its sources."""
    target = tmp_path / "page.html"
    target.write_text(page_of(conversions["house"], FOLDER), "utf-8")
    return target


def type_in(page: Page, words: str) -> None:
    """Into the search field."""
    field = "document.getElementById('query')"
    page.value(f"{field}.value = {words!r}; {field}.dispatchEvent(new Event('input'))")


def test_in_a_browser_it_asks_for_nothing_and_nobody_complains(chromium: Browser, file: Path) -> None:
    page = chromium.page(file)
    assert page.requests == [file.as_uri()]
    assert page.complaints == []
    assert page.value("document.querySelectorAll('section').length") == 5
    shares = "Array.from(document.querySelectorAll('.bar rect'), r => r.getBoundingClientRect().width)"
    assert abs(sum(page.value(shares)) - page.value("document.querySelector('.bar').getBoundingClientRect().width")) < 1


def test_in_a_browser_search_finds_and_a_hit_opens_what_it_is_of(chromium: Browser, file: Path) -> None:
    page = chromium.page(file)
    page.value(
        "const q = document.getElementById('query'); q.value = 'PROCESS house'; q.dispatchEvent(new Event('input'))"
    )
    hits = page.value("Array.from(document.querySelectorAll('#hits a'), a => [a.textContent, a.hash.slice(1)])")
    assert hits
    assert all("process" in name and "house" in name for name, _ in hits)
    place = next(place for name, place in hits if place.startswith("m"))
    shown = f"document.getElementById('{place}').checkVisibility()"
    assert page.value(shown) is False
    page.value(f"document.querySelector('#hits a[href=\"#{place}\"]').click()")
    page.value("new Promise(done => setTimeout(done, 0))")
    assert page.value(f"document.getElementById('{place}').open") is True
    assert page.value(shown) is True
    type_in(page, "no such thing")
    assert page.value("document.getElementById('hits').textContent") == "nothing found"


def test_in_a_browser_an_address_opens_an_instruction(chromium: Browser, file: Path) -> None:
    place = re.findall(r'<div id="(m\d+-\d+)">', file.read_text("utf-8"))[-1]
    page = chromium.page(file, fragment=place)
    assert page.value(f"document.getElementById('{place}').getBoundingClientRect().height") > 0


@pytest.mark.parametrize("dark", [False, True])
def test_in_a_browser_dark_and_light_are_readable(chromium: Browser, file: Path, dark: bool) -> None:
    """Contrast of text against its background, and of links, at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    page = chromium.page(file, dark=dark)

    def luminance(colour: str) -> float:
        parts = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    back = luminance(page.value("getComputedStyle(document.body).backgroundColor"))
    assert (back < 0.05) is dark
    for what in ("body", "nav a", ".dim", ".kind"):
        front = luminance(page.value(f"getComputedStyle(document.querySelector('{what}')).color"))
        low, high = sorted((front, back))
        assert (high + 0.05) / (low + 0.05) >= 4.5, what


def test_in_a_browser_a_phone_shows_it_without_scrolling_sideways(chromium: Browser, file: Path) -> None:
    page = chromium.page(file, width=360)
    page.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.value("document.documentElement.scrollWidth") <= 360
    assert float(page.value("parseFloat(getComputedStyle(document.body).fontSize)")) >= 16
    columns = "getComputedStyle(document.querySelector('.line')).gridTemplateColumns.split(' ').length"
    assert page.value(columns) == 1
    assert chromium.page(file).value(columns) == 2


@pytest.mark.parametrize("width", [390, 1400])
def test_in_a_browser_names_of_packages_and_titles_are_not_torn(chromium: Browser, file: Path, width: int) -> None:
    page = chromium.page(file, width=width)
    lines = "[...document.querySelectorAll('#imports td span, th')].map(one => one.getClientRects().length)"
    assert page.value(f"Math.max(...{lines})") == 1
    heights = "[...document.querySelectorAll('#imports th')].map(one => one.getBoundingClientRect().height)"
    assert page.value(f"Math.max(...{heights})") < 40


def test_in_a_browser_hostile_names_stay_names(chromium: Browser, hostile: Path) -> None:
    page = chromium.page(hostile)
    assert page.value("document.title").startswith("<script>document.title=")
    assert page.requests == [hostile.as_uri()]
    assert page.complaints == []
    type_in(page, "script")
    assert page.value("document.querySelectorAll('#hits a').length") > 0
    assert page.value("document.querySelectorAll('img, script:not(:last-of-type)').length") == 0
