"""Somebody who uses the page: with the keyboard alone, and looking at what is there by its Japanese name."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser import Page

_MOST = 60  # presses of Tab: a page has fewer controls
_FOCUSED = (
    "(() => { const a = document.activeElement;"
    " return (a.getAttribute('aria-label') ?? (a.labels?.[0] ?? a).textContent).slice(0, 40); })()"
)


@dataclass(frozen=True)
class Hands:
    """On the keyboard."""

    page: Page

    @property
    def screen(self) -> str:
        """Which one the phone shows."""
        return str(self.page.value("document.getElementById('screen').dataset.screen"))

    @property
    def text(self) -> str:
        """What stands on it."""
        return str(self.page.value("document.getElementById('screen').innerText"))

    def reach(self, screen: str) -> None:
        """Wait for a screen."""
        self.page.wait(f"document.getElementById('screen').dataset.screen === {screen!r}")

    def leave(self, screen: str) -> None:
        """Wait for another one, or for the same one anew."""
        self.page.wait(
            f"document.getElementById('screen').dataset.screen !== {screen!r} || !document.querySelector('#screen input').value"
        )

    def open_push(self) -> None:
        """Wait for word, and take it."""
        self.page.wait("document.getElementById('push').childElementCount")
        self.press("🔔")

    def go_to(self, name: str) -> None:
        """With Tab, to the control whose name begins so."""
        seen = []
        for _ in range(_MOST):
            self.page.press("Tab")
            seen.append(str(self.page.value(_FOCUSED)).strip())
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
