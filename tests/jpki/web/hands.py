"""Somebody who uses the page: with the keyboard alone, and knowing controls by their Japanese names."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser import Page

_MOST = 80  # presses of Tab: a screen is reached in fewer
_FOCUSED = (
    "(() => { const a = document.activeElement;"
    " return (a.getAttribute('aria-label') ?? (a.labels?.[0] ?? a).textContent).trim().slice(0, 40); })()"
)


@dataclass(frozen=True)
class Hands:
    """On the keyboard."""

    page: Page

    @property
    def text(self) -> str:
        """What stands on the phone's screen."""
        return str(self.page.value("document.getElementById('screen').innerText"))

    def reach(self, screen: str) -> None:
        """Wait for a screen."""
        self.page.wait(f"document.getElementById('screen').dataset.screen === {screen!r}")

    def settled(self) -> None:
        """Wait until a function has ended and its outcome is shown everywhere."""
        self.page.wait("!document.getElementById('phones').disabled")

    def new_password(self, text: str) -> None:
        """Typed twice and sent off; the next one may be asked for on the same screen."""
        self.reach("set-pin")
        self.page.value("window.sent = document.querySelector('#screen form'), 0")
        self.fill("スマートフォン用", text)
        self.fill("確認のため", text)
        self.page.press("Enter")
        self.page.wait("!window.sent.isConnected")

    def pin(self, text: str) -> None:
        """The present one."""
        self.reach("enter-pin")
        self.page.value("window.sent = document.querySelector('#screen form'), 0")
        self.page.press("Tab")
        self.page.type(text)
        self.page.press("Enter")
        self.page.wait("!window.sent.isConnected")

    def card(self, password: str) -> None:
        """The password of the My Number Card is in a field of this screen, then the card is held to the phone."""
        self.fill("マイナンバーカードのパスワード", password)
        if self.page.value("document.querySelectorAll('#screen input[type=checkbox]').length"):
            self.check("利用規約に同意する")
        self.press("申請する")
        self.reach("hold-card")
        self.press("カードをかざす")

    def open_push(self) -> None:
        """Wait for word, and take it."""
        self.page.wait("document.getElementById('push').childElementCount")
        self.press("通知")

    def move_in(self, name: str, key: str) -> None:
        """Up or Down in a list."""
        self.go_to(name)
        self.page.press(key)

    def go_to(self, name: str) -> None:
        """With Tab, to the control whose name begins so."""
        seen = []
        for _ in range(_MOST):
            self.page.press("Tab")
            seen.append(str(self.page.value(_FOCUSED)))
            if seen[-1].startswith(name):
                return
        raise AssertionError(f"no control {name!r} is reached by Tab, only {seen}")

    def press(self, name: str) -> None:
        """A button."""
        self.go_to(name)
        self.page.press("Enter")

    def check(self, name: str) -> None:
        """A box."""
        self.go_to(name)
        self.page.press("Space")

    def fill(self, name: str, text: str) -> None:
        """A field, in place of what is in it."""
        self.go_to(name)
        self.page.value("document.activeElement.select()")
        self.page.type(text)
