"""The same examples of property tests in every run, so that a recorded run can be played."""

from __future__ import annotations

from hypothesis import settings


def repeat_examples() -> None:
    """Load a profile like the present one that is derandomised and remembers nothing."""
    settings.register_profile("javacard-repeatable", settings(), derandomize=True, database=None)
    settings.load_profile("javacard-repeatable")
