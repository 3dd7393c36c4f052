"""Chromium without a window, spoken to through two pipes (Chrome DevTools Protocol): pages as browsers show them.

Where there is no Chromium, tests that want one are skipped; CHROMIUM names it where it has another name.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import PATIENCE

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run")
_END = b"\0"
# The browser reads file descriptor 3 and writes 4.
_START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_AGAIN = 0.05  # seconds
_KEYS = {  # code, number, text
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Space": ("Space", 32, " "),
    "Up": ("ArrowUp", 38, ""),
    "Down": ("ArrowDown", 40, ""),
}
_FREE = 10  # file descriptors from here on are none that the browser gets


def chromium() -> str:
    """The program; skips the test where there is none, and fails it where CI should have installed it."""
    found = (shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), *_NAMES) if name)
    if program := next(filter(None, found), None):
        return program
    refuse = pytest.fail if os.environ.get("CI") else pytest.skip
    return refuse("needs Chromium: apt-get install chromium, or name it in CHROMIUM")


@dataclass
class Browser:
    """A running browser; ``events`` are those of its pages so far."""

    reader: Any
    writer: Any
    events: list[dict[str, Any]] = field(default_factory=list)
    _number: int = 0

    def ask(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """The answer to a request; AssertionError when it is an error."""
        self._number += 1
        request: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        request |= {"sessionId": session} if session else {}
        self.writer.write(json.dumps(request).encode() + _END)
        self.writer.flush()
        while (answer := self._message()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def wait_for(self, method: str) -> None:
        """Until an event is there."""
        while not any(one.get("method") == method for one in self.events):
            self.events.append(self._message())

    def _message(self) -> dict[str, Any]:
        found = bytearray()
        while (octet := self.reader.read(1)) != _END:
            assert octet, "the browser ended"
            found += octet
        return dict(json.loads(found))

    def page(self, file: Path, *, width: int = 1200, dark: bool = False, fragment: str = "") -> Page:
        """A file opened in a new tab of this width in CSS pixels."""
        return self.open(file.as_uri() + (f"#{fragment}" if fragment else ""), width=width, dark=dark)

    def open(self, url: str, *, width: int = 1200, dark: bool = False) -> Page:
        """An address opened in a new tab."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable", session)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.ask("Emulation.setDeviceMetricsOverride", session, **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", session, features=[scheme])
        self.events.clear()
        self.ask("Page.navigate", session, url=url)
        self.wait_for("Page.loadEventFired")
        return Page(self, session)


@dataclass(frozen=True)
class Page:
    """A page in a tab."""

    browser: Browser
    session: str

    def value(self, script: str) -> Any:
        """What an expression is in the page."""
        answer = self.browser.ask(
            "Runtime.evaluate", self.session, expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, script: str) -> Any:
        """Until an expression is something that counts as true; returns it."""
        end = time.monotonic() + PATIENCE
        while not (found := self.value(script)):
            assert time.monotonic() < end, (
                f"waited too long for {script}; the page: {self.value('document.body.innerText')}"
            )
            time.sleep(_AGAIN)
        return found

    def press(self, key: str, *, shift: bool = False) -> None:
        """A key with a name: Tab, Enter, Space; the rest of ``_KEYS``."""
        code, number, text = _KEYS[key]
        press = {"key": text or code, "code": code, "windowsVirtualKeyCode": number, "modifiers": 8 * shift}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.browser.ask("Input.dispatchKeyEvent", self.session, **press, **down)
        self.browser.ask("Input.dispatchKeyEvent", self.session, **press, type="keyUp")

    def type(self, text: str) -> None:
        """Where the focus is."""
        self.browser.ask("Input.insertText", self.session, text=text)

    def tree(self) -> list[tuple[str, str]]:
        """What a screen reader is given: the role and name of everything that it does not pass over."""
        self.browser.ask("Accessibility.enable", self.session)
        nodes = self.browser.ask("Accessibility.getFullAXTree", self.session)["nodes"]
        told = (one for one in nodes if not one["ignored"])
        return [(str(one["role"]["value"]), str(one.get("name", {}).get("value", ""))) for one in told]

    def picture(self, selector: str) -> bytes:
        """Of an element as it is shown now, WebP."""
        box = self.value(
            f"(() => {{ const r = document.querySelector({selector!r}).getBoundingClientRect();"
            " return {x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height, scale: 1}; })()"
        )
        ask = {"format": "webp", "quality": 80, "clip": box, "captureBeyondViewport": True}
        return base64.b64decode(self.browser.ask("Page.captureScreenshot", self.session, **ask)["data"])

    @property
    def requests(self) -> list[str]:
        """The addresses that it has asked for."""
        sent = (one for one in self.browser.events if one.get("method") == "Network.requestWillBeSent")
        return [one["params"]["request"]["url"] for one in sent]

    @property
    def complaints(self) -> list[str]:
        """What the browser has to say: errors of scripts, and what the page's policy forbade."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [json.dumps(one["params"]) for one in self.browser.events if one.get("method") in kinds]


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with its files in a folder."""
    program = chromium()
    to_browser, from_us = _pipe()
    from_browser, to_us = _pipe()
    options = [program, *_OPTIONS, f"--user-data-dir={folder}"]
    command = [sys.executable, "-c", _START, str(to_browser), str(to_us), *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, pass_fds=(to_browser, to_us), stdout=log, stderr=log)
    os.close(to_browser)
    os.close(to_us)
    with os.fdopen(from_browser, "rb") as reader, os.fdopen(from_us, "wb") as writer:
        try:
            yield Browser(reader, writer)
        finally:
            process.terminate()
            process.wait()


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FREE) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]
