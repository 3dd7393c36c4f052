"""`jpki world map`: that the page shows what the parties' records say, and is read on a phone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jpki.cli import run
from jpki.client.constants import DeviceMethod, Profile
from jpki.parties.recorder import Party
from jpki.parties.world import World
from jpki.web.holdings import holdings_json
from jpki.web.map_page import html
from jpki.web.map_picture import WIDTH
from jpki.web.map_things import HOLDERS, Group, Thing, groups
from jpki.web.sample import SAMPLE_PASSWORD, SAMPLE_RESIDENT
from tests.browser import Browser
from tests.jpki.flows.worlds import Person
from tests.jpki.web.conftest import Serve

SCREEN = 390
SMALLEST = 11.0  # pixels of a letter's height (font size) that is still read
HOSTILE = "<script>document.title='pwned'</script>\u202e\x1b[2J"
ON_PHONE = {Party.APPLET, Party.SP_TSM, Party.JLIS}


@pytest.fixture(scope="module")
def world(serve: Serve) -> World:
    """Both certificates and biometrics on phone1, one of them ordered away; phone2 has no app."""
    world = serve().world
    app = world.app("phone1", Person(password=SAMPLE_PASSWORD.encode()))
    app.issue(world.my_number_card(SAMPLE_RESIDENT))
    app.register_device_auth(DeviceMethod.BIOMETRIC)
    world.sp_tsm.order_removal(on_phone(world)[0])
    world.uninstall_app("phone2")
    return world


@pytest.fixture(scope="module")
def found(world: World) -> list[Group]:
    return groups(holdings_json(world))


def on_phone(world: World) -> list[int]:
    """Serial numbers."""
    return [one.serial for one in world.ca.certificates() if one.medium is Profile.PHONE]


def held(group: Group, kind: str) -> dict[str, set[Party]]:
    """Who holds each thing of a kind, by its name."""
    return {one.name: set(one.held) for one in group.things if one.kind.endswith(kind)}


def test_everything_is_with_those_who_have_it(world: World, found: list[Group]) -> None:
    """By the records of each party, which the page does not read itself."""
    phone, other, resident = found
    se_id = next(iter(held(phone, "SE-ID")))
    device = world.provider_records.device(bytes.fromhex(se_id))
    assert device is not None
    assert held(phone, "SE-ID") == {se_id: {Party.APPLET, Party.PHONE, Party.SEI_TSM, Party.SP_TSM}}
    assert held(phone, "token") == {device.push_token[:8]: {Party.PHONE, Party.SP_TSM, Party.PUSH}}
    assert held(phone, "certificate") == {f"{one:X}": ON_PHONE for one in on_phone(world)}
    assert held(phone, "device key") == {"biometric": {Party.PHONE, Party.APPLET}}
    (message,) = world.push_records.messages(device.push_token)
    assert held(phone, "order") == {message.message_id[:8]: {Party.SP_TSM, Party.PUSH}}
    assert [one.state for one in phone.things if one.kind.endswith("certificate")].count("good") == 1
    assert held(other, "") == {next(iter(held(other, "SE-ID"))): {Party.APPLET, Party.SEI_TSM}}
    on_card = {f"{one.serial:X}" for one in world.ca.certificates() if one.medium is Profile.CARD}
    assert held(resident, "") == {one: {Party.CARD, Party.JLIS} for one in on_card}


def test_looking_installs_nothing(world: World, found: list[Group]) -> None:
    assert found[1].title == "phone phone2: no app on it"
    assert world.installed("phone2") is None


def test_an_app_that_is_gone_leaves_a_token_of_nobody(world: World) -> None:
    """The SP-TSM and the push service keep what the new installation does not know (E2)."""
    holdings = json.loads(json.dumps(holdings_json(world)))
    holdings["elements"][0]["app"] = None
    (token,) = (one for one in groups(holdings)[0].things if one.kind == "push token")
    assert (set(token.held), token.good) == ({Party.SP_TSM, Party.PUSH}, False)


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_read_on_a_phone(found: list[Group], chromium: Browser, tmp_path: Path, dark: bool) -> None:
    hostile = Group(HOSTILE, (Thing(HOSTILE, HOSTILE, {Party.JLIS: HOSTILE}, HOSTILE),))
    shown = [*found, hostile]
    file = tmp_path / "map.html"
    file.write_text(html(f"world {HOSTILE}", shown), encoding="utf-8")
    page = chromium.page(file, width=SCREEN, dark=dark)
    assert page.value("document.documentElement.scrollWidth") <= SCREEN
    things = [one for group in shown for one in group.things]
    assert page.value("document.querySelectorAll('circle').length") == sum(len(one.held) for one in things)
    assert page.value("document.querySelectorAll('line.link').length") == sum(len(one.held) > 1 for one in things)
    assert page.value("document.querySelectorAll('section').length") == len(HOLDERS)
    sizes = "parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.clientWidth"
    assert page.value(f"Math.min(...[...document.querySelectorAll('svg text')].map(t => {sizes}))") >= SMALLEST * WIDTH
    assert overlapping(page.value(_BOXES)) == []
    pictures = [name for role, name in page.tree() if role in ("image", "img")]
    assert [name for name in pictures if name.startswith("Who holds what: phone phone1")]
    assert page.value("document.querySelectorAll('script').length") == 0
    assert page.requests == [file.as_uri()]
    assert page.complaints == []


_BOXES = """[...document.querySelectorAll('figure:not(:last-child) svg')].map(svg => ({
  width: svg.getBoundingClientRect().right,
  dots: Math.min(...[...svg.querySelectorAll('.column')].map(d => d.getBoundingClientRect().left)) - 6,
  texts: [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect().right,
    t.classList.contains('head')])}))"""


def overlapping(boxes: list[dict[str, object]]) -> list[str]:
    """Names that reach into the columns, and heads that leave the picture."""
    wrong = []
    for box in boxes:
        assert isinstance(box["texts"], list)
        wrong += [text for text, right, head in box["texts"] if right > (box["width"] if head else box["dots"])]
    return wrong


def test_command(sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world, page = tmp_path / "world", tmp_path / "map.html"
    shutil.copytree(sample, world)
    for phone in ("phone1", "phone2"):  # other tests may have looked at it
        assert run(["world", "uninstall", phone, "--world", str(world)]) == 0
    capsys.readouterr()
    assert run(["world", "map", "--world", str(world), "-o", str(page), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [one["phone"] for one in facts["elements"]] == ["phone1", "phone2"]
    assert facts["phones"] == []
    text = page.read_text(encoding="utf-8")
    assert all(one["se_id"] in text for one in facts["elements"])
    assert all(one["serial"] in text for one in facts["jlis"])
    assert run(["world", "map", "--world", str(world), "-o", str(tmp_path / "nowhere" / "map.html")]) == 2
    assert "no folder" in capsys.readouterr().err
