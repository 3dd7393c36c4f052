"""The phone in a browser (E11): a life of it, by keyboard, on the screen of a phone."""

from __future__ import annotations

import pytest

from jpki.client.constants import Slot
from jpki.web.sample import SAMPLE_PASSWORD, SAMPLE_RESIDENT
from tests.browser import Browser
from tests.jpki.flows.truth import check_slot_in_use
from tests.jpki.flows.worlds import PINS
from tests.jpki.web.conftest import Serve, Served
from tests.jpki.web.hands import Hands


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    """One page for all of them."""
    return serve()


@pytest.fixture(scope="module")
def hands(served: Served, chromium: Browser) -> Hands:
    """On a small screen."""
    found = Hands(chromium.open(served.server.url, width=390))
    found.reach("home")
    return found


def issue(hands: Hands) -> None:
    """From the application to the passwords."""
    hands.press("登録")
    hands.fill("マイナンバーカードのパスワード", SAMPLE_PASSWORD)
    hands.check("利用規約に同意する")
    hands.press("申請する")
    hands.reach("hold-card")
    hands.press("カードをかざす")


def register(hands: Hands) -> None:
    """From the passwords to the registration."""
    for slot in (Slot.SIGNING, Slot.AUTHENTICATION):
        hands.reach("set-pin")
        hands.fill("スマートフォン用", PINS[slot].decode())
        hands.fill("確認のため", PINS[slot].decode())
        hands.page.press("Enter")
        hands.leave("set-pin")
    hands.open_push()
    hands.reach("register")
    hands.press("登録")
    hands.reach("registered")


def test_a_life(hands: Hands, served: Served) -> None:
    issue(hands)
    register(hands)
    for slot in Slot:
        check_slot_in_use(served.world, "phone1", SAMPLE_RESIDENT, slot, PINS[slot])
    hands.press("マイページへ")
    hands.press("ログイン")
    hands.press("ログイン")
    hands.reach("enter-pin")
    hands.fill("利用者証明用", PINS[Slot.AUTHENTICATION].decode())
    hands.page.press("Enter")
    hands.reach("logged-in")
    assert "認証の方法: 暗証番号" in hands.text
