"""The phone in a browser (E11): a life of it, by keyboard, on the screen of a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jpki.client.constants import Slot
from jpki.parties.ca.status import CertStatus
from jpki.web.sample import SAMPLE_PASSWORD, SAMPLE_RESIDENT
from tests.browser import Browser
from tests.jpki.flows.truth import check_slot_in_use
from tests.jpki.flows.worlds import OTHER_PINS, PINS, Person
from tests.jpki.web import life
from tests.jpki.web.conftest import Serve, Served
from tests.jpki.web.hands import Hands
from tests.jpki.web.pictures import NAMES, beside, into

PICTURES = Path(__file__).parents[3] / "docs/guide/pictures"
LARGEST = 60_000  # bytes of a picture in the repository
WIDTH = 390
HOSTILE = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">"
CONTROLS = {"button", "textbox", "checkbox", "combobox", "link", "region"}


def opened(served: Served, chromium: Browser, *, width: int = WIDTH, dark: bool = False) -> Hands:
    """The page in a new tab."""
    hands = Hands(chromium.open(served.server.url, width=width, dark=dark))
    hands.reach("home")
    return hands


def readable(hands: Hands) -> None:
    """Nothing is wider than the screen, and a screen reader has a name for every control."""
    assert hands.page.value("document.documentElement.scrollWidth") <= WIDTH
    told = hands.page.tree()
    assert [role for role, name in told if role in CONTROLS and not name.strip()] == []
    assert "heading" in {role for role, _ in told}


def commands_by_keyboard(hands: Hands) -> None:
    """The list is one stop for Tab; arrows go through it, and Enter shows what was said."""
    hands.go_to("通信の一覧")
    for key in ("Down", "Down", "Enter"):
        hands.page.press(key)
    rows = "[...document.querySelectorAll('#exchanges details')]"
    assert hands.page.value(f"{rows}.map(one => one.open).indexOf(true)") == 1
    names = set(hands.page.value(f"{rows}.map(one => one.parentElement.dataset.id)"))
    assert {"IssueCertificate", "GENERATE KEY PAIR", "STORE CERTIFICATE", "SET TEMPORARY PIN"} <= names
    hands.page.value("document.activeElement.blur()")


def test_a_life(serve: Serve, chromium: Browser, tmp_path: Path) -> None:
    """What the user does and sees (E9, E10, E11), and that it is so in the world."""
    served = serve()
    hands = opened(served, chromium)
    keep = into(tmp_path, hands)

    def album(name: str) -> None:
        readable(hands)
        keep(name)

    life.apply(hands, album)
    life.register(hands, album)
    for slot in Slot:
        check_slot_in_use(served.world, "phone1", SAMPLE_RESIDENT, slot, PINS[slot])
    commands_by_keyboard(hands)
    life.try_out(hands)
    life.activate(hands)
    life.log_in(hands, album)
    life.sign(hands)
    life.change_device(hands, album)
    life.revoke(hands)
    assert served.world.ca.certificates_of(SAMPLE_RESIDENT)
    assert all(one.startswith((served.server.url, "data:")) for one in hands.page.requests)
    assert hands.page.complaints == []
    beside(tmp_path, chromium, served.server.url)
    assert {one.stem for one in tmp_path.glob("*.webp")} == set(NAMES)
    assert max(one.stat().st_size for one in tmp_path.glob("*.webp")) < LARGEST


def test_managing_certificates(serve: Serve, chromium: Browser) -> None:
    """What the menu has, and an order from outside, one after the other on one page (E3, E5)."""
    served = serve()
    world = served.world
    world.app("phone1", Person(password=SAMPLE_PASSWORD.encode())).issue(world.my_number_card(SAMPLE_RESIDENT))
    served.desk.look()
    hands = opened(served, chromium)
    on_phone = {one.slot: one.serial for one in world.provider_records.certificates_of(SAMPLE_RESIDENT)}
    life.show(hands, f"{on_phone[Slot.SIGNING]:X}")
    life.reset(hands)
    life.renew(hands)
    renewed = {one.slot: one.serial for one in world.provider_records.certificates_of(SAMPLE_RESIDENT)}
    assert set(renewed.values()).isdisjoint(on_phone.values())
    for slot in Slot:
        check_slot_in_use(world, "phone1", SAMPLE_RESIDENT, slot, OTHER_PINS[slot])
    world.ca.suspend(renewed[Slot.AUTHENTICATION])
    life.release(hands)
    life.lock_screen(hands)
    readable(hands)
    life.delete_remotely(hands)
    assert {world.ca.status(one).state for one in renewed.values()} == {CertStatus.REVOKED}
    assert not world.provider_records.certificates_of(SAMPLE_RESIDENT)
    assert ["/order-away" in one for one in hands.page.complaints] == [True], "the refusal is an error of HTTP"


def test_the_guide_has_its_pictures() -> None:
    assert {one.stem for one in PICTURES.glob("*.webp")} == set(NAMES)
    assert max(one.stat().st_size for one in PICTURES.glob("*.webp")) < LARGEST


def test_what_is_wrong_is_told_beside_the_field(serve: Serve, chromium: Browser) -> None:
    """The rules of passwords, before anything is sent; a wrong one costs a try of the card, and says so."""
    served = serve()
    hands = opened(served, chromium)
    fault = "document.querySelector('#screen [role=alert]').textContent"
    hands.press("登録")
    hands.fill("マイナンバーカードのパスワード", "short")
    hands.press("申請する")
    assert "6~16ケタ" in hands.page.value(fault)
    hands.fill("マイナンバーカードのパスワード", "WRONG123")
    hands.press("申請する")
    assert "同意してください" in hands.page.value(fault)
    hands.check("利用規約に同意する")
    hands.press("申請する")
    hands.reach("hold-card")
    hands.press("カードをかざす")
    hands.reach("failed")
    assert "残り4回" in hands.text
    life.home(hands)
    life.apply(hands, lambda _: None)
    hands.reach("set-pin")
    hands.fill("スマートフォン用", "PASSWORD1")
    hands.fill("確認のため", "PASSWORD2")
    hands.press("次へ")
    assert "一致しません" in hands.page.value(fault)
    hands.press("中止する")
    hands.reach("failed")
    life.home(hands)
    assert "中断した手続きがあります" in hands.text


@pytest.mark.parametrize("dark", [False, True])
def test_dark_and_light_are_readable(serve: Serve, chromium: Browser, dark: bool) -> None:
    """Contrast of text against its background at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    page = opened(serve(), chromium, dark=dark).page

    def luminance(colour: str) -> float:
        parts = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def shown(selector: str, what: str) -> float:
        return luminance(page.value(f"getComputedStyle(document.querySelector('{selector}')).{what}"))

    body = shown("body", "backgroundColor")
    assert (body < 0.05) is dark
    pairs = {"body": body, ".dim": body, "nav a": body, "#screen .card p": shown("#screen .card", "backgroundColor")}
    pairs["#screen button.main"] = shown("#screen button.main", "backgroundColor")
    pairs["#screen button.main .en"] = pairs["#screen button.main"]
    for selector, back in pairs.items():
        low, high = sorted((shown(selector, "color"), back))
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector


def test_texts_of_others_stay_texts(serve: Serve, chromium: Browser) -> None:
    """Whatever a party or a certificate says, and wherever it is shown."""
    served = serve()
    hands = opened(served, chromium)
    both = {"ja": HOSTILE, "en": HOSTILE}
    message = {"kind": "message", "depth": 0, "from": both, "to": both, "id": HOSTILE, "name": both, "detail": HOSTILE}
    served.desk.log.add({"type": "begin", "function": "show", "phone": "phone1"})
    served.desk.log.add({"type": "sent", "place": 1, **message})
    served.desk.log.add({"type": "answered", "place": 1, "good": True, "name": both, "ms": 1, "detail": HOSTILE})
    shown = dict.fromkeys(("subject", "issuer", "serial", "until"), HOSTILE)
    served.desk.log.add({"type": "end", "good": True, "result": {"slot": "signing", **shown}})
    hands.reach("shown")
    assert HOSTILE in hands.text
    served.desk.log.add({"type": "end", "good": False, "kind": "other", "text": HOSTILE, "hint": HOSTILE})
    hands.reach("failed")
    assert HOSTILE in hands.text
    assert hands.page.value("document.querySelectorAll('main img, main script').length") == 0
    assert "pwned" not in hands.page.value("document.title")
    assert hands.page.complaints == []


def test_a_page_that_comes_later_goes_on_where_the_first_was(serve: Serve, chromium: Browser) -> None:
    """A reload in the midst of a function: the app still waits for its user, who types the card's password again."""
    served = serve()
    hands = opened(served, chromium)
    hands.press("登録")
    hands.fill("マイナンバーカードのパスワード", SAMPLE_PASSWORD)
    hands.check("利用規約に同意する")
    hands.press("申請する")
    hands.reach("hold-card")
    later = Hands(chromium.open(served.server.url, width=WIDTH))
    later.reach("hold-card")
    later.fill("マイナンバーカードのパスワード", SAMPLE_PASSWORD)
    later.press("カードをかざす")
    later.reach("set-pin")
    hands.reach("set-pin")
    later.press("中止する")
    later.reach("failed")
