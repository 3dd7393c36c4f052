"""What pytest's list of warnings has about cards; imports nothing, for pytest reads filters before a card is made."""

from __future__ import annotations

import pytest


class JavaCardWarning(pytest.PytestWarning):
    """An applet did what works on this card and should not be done: a test hears of it, and goes on."""
