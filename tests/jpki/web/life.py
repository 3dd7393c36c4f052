"""A phone as its user sees it: application, registration, test, biometrics, use, device change, revocation."""

from __future__ import annotations

from collections.abc import Callable

from jpki.client.constants import Slot
from jpki.web.sample import SAMPLE_PASSWORD
from tests.jpki.flows.worlds import OTHER_PINS, PINS
from tests.jpki.web.hands import Hands

PASSWORD, PIN = (PINS[slot].decode() for slot in (Slot.SIGNING, Slot.AUTHENTICATION))
OTHER_PASSWORD, OTHER_PIN = (OTHER_PINS[slot].decode() for slot in (Slot.SIGNING, Slot.AUTHENTICATION))
Album = Callable[[str], None]
"""Keeps a picture of what is shown, under a name."""


def apply(hands: Hands, album: Album) -> None:
    """From the home screen to the first password."""
    hands.press("登録")
    hands.reach("apply")
    album("apply")
    hands.card(SAMPLE_PASSWORD)


def register(hands: Hands, album: Album) -> None:
    """From the passwords to the end of the application; then, after the word by push, the registration (E11)."""
    hands.reach("set-pin")
    album("password")
    hands.new_password(PASSWORD)
    hands.new_password(PIN)
    hands.reach("applied")
    hands.settled()
    hands.page.wait("document.getElementById('push').childElementCount")
    album("push")
    hands.open_push()
    hands.reach("register")
    hands.press("登録")
    hands.reach("registered")
    hands.settled()


def try_out(hands: Hands) -> None:
    """Both certificates, from the screen after registration."""
    hands.press("動作確認へ")
    hands.press("動作確認をはじめる")
    hands.pin(PASSWORD)
    hands.pin(PIN)
    hands.reach("tried")
    assert hands.text.count("正常") == 2
    home(hands)


def activate(hands: Hands) -> None:
    """Biometrics."""
    hands.press("認証方式の設定")
    hands.press("生体認証")
    hands.pin(PIN)
    hands.reach("activated")
    home(hands)


def log_in(hands: Hands, album: Album) -> None:
    """With biometrics; and once more, when they fail, with the PIN (E10)."""
    log_in_begins(hands)
    hands.reach("recognise")
    hands.press("本人が認証する")
    hands.reach("logged-in")
    assert "認証の方法: 生体認証" in hands.text
    album("login")
    home(hands)
    log_in_begins(hands)
    hands.reach("recognise")
    hands.press("認証に失敗する")
    hands.reach("choose")
    hands.press("暗証番号で続ける")
    hands.pin(PIN)
    hands.reach("logged-in")
    assert "認証の方法: 暗証番号" in hands.text
    home(hands)


def log_in_begins(hands: Hands) -> None:
    """From the home screen."""
    hands.press("ログイン")
    hands.reach("login")
    hands.press("ログイン")


def sign(hands: Hands) -> None:
    """A document."""
    hands.press("申請書に署名")
    hands.press("署名する")
    hands.pin(PASSWORD)
    hands.reach("signed")
    home(hands)


def change_device(hands: Hands, album: Album) -> None:
    """The other phone takes over; the old one is told by push to delete its keys (E4, E5, E9)."""
    hands.move_in("スマートフォン", "Down")
    apply(hands, lambda _: None)
    hands.reach("agree")
    assert "失効します" in hands.text
    hands.press("同意する")
    register(hands, lambda _: None)
    home(hands)
    hands.move_in("スマートフォン", "Up")
    hands.page.wait("document.getElementById('push').childElementCount")
    album("old-phone")
    hands.open_push()
    hands.reach("collected")
    home(hands)
    hands.page.wait("document.getElementById('screen').innerText.split('登録されていません').length === 3")


def revoke(hands: Hands) -> None:
    """With the phone's own key."""
    hands.move_in("スマートフォン", "Down")
    hands.press("証明書管理")
    hands.press("失効（このスマートフォンで）")
    hands.press("失効する")
    hands.pin(PASSWORD)
    hands.reach("done")
    home(hands)


def manage(hands: Hands, name: str) -> None:
    """A function of the menu, from the home screen."""
    hands.press("証明書管理")
    hands.reach("manage")
    hands.press(name)


def done(hands: Hands) -> None:
    """A function has ended well, and back home."""
    hands.reach("done")
    home(hands)


def show(hands: Hands, serial: str) -> None:
    """A certificate, after its PIN."""
    manage(hands, "内容の表示（署名用")
    hands.pin(PASSWORD)
    hands.reach("shown")
    assert serial in hands.text
    home(hands)


def reset(hands: Hands) -> None:
    """New passwords with the My Number Card."""
    manage(hands, "パスワードの初期化")
    hands.card(SAMPLE_PASSWORD)
    hands.new_password(OTHER_PASSWORD)
    hands.new_password(OTHER_PIN)
    done(hands)


def renew(hands: Hands) -> None:
    """New keys and certificates."""
    manage(hands, "更新")
    hands.card(SAMPLE_PASSWORD)
    done(hands)


def release(hands: Hands) -> None:
    """The authentication certificate was suspended: no login until it is released."""
    hands.press("最新の状態を見る")
    hands.page.wait("document.getElementById('screen').innerText.includes('一時保留')")
    assert "ログイン" not in hands.text
    manage(hands, "一時保留の解除")
    hands.card(SAMPLE_PASSWORD)
    done(hands)
    assert "ログイン" in hands.text


def lock_screen(hands: Hands) -> None:
    """Registered, and used for the next login (C1)."""
    hands.press("認証方式の設定")
    hands.press("画面ロック")
    hands.pin(OTHER_PIN)
    hands.reach("activated")
    home(hands)
    log_in_begins(hands)
    hands.reach("recognise")
    assert "画面ロック" in hands.text
    hands.press("本人が認証する")
    hands.reach("logged-in")
    assert "認証の方法: 画面ロック" in hands.text
    home(hands)


def delete_remotely(hands: Hands) -> None:
    """Refused, and why, while a function runs; then taken, told by push, and carried out (E5)."""
    refusal = "document.getElementById('refusal').innerText"
    manage(hands, "内容の表示（署名用")
    hands.reach("enter-pin")
    hands.press("遠隔削除")
    hands.page.wait(f"{refusal}.includes('a function runs')")
    hands.press("中止する")
    hands.reach("failed")
    home(hands)
    for _ in range(2):
        hands.press("遠隔削除")
        hands.page.wait(f"{refusal} === ''")
        hands.page.wait("document.getElementById('push').innerText.includes('削除の通知')")
        hands.open_push()
        hands.reach("collected")
        home(hands)
    hands.page.wait("document.getElementById('screen').innerText.split('登録されていません').length === 3")


def home(hands: Hands) -> None:
    """Back to it."""
    hands.settled()
    hands.press("マイページへ")
    hands.reach("home")
