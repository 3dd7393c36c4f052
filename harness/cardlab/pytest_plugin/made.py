"""What simulated cards are made like: ``--card-profile``, ``--card-set``, settings, and a test's marker over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from cardlab.card.config import CardConfig
from cardlab.card.profiles import DEFAULT_PROFILE, card_profile
from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import api_version
from cardlab.runtime.media import Media, medium_named

MARKER = "javacard_profile"
_MEDIUM = "medium"
_JAVA_CARD = "java_card"
_HOW = f'write it like @pytest.mark.{MARKER}("feitian-a22cr", commit_capacity=256)'


@dataclass(frozen=True, slots=True)
class Made:
    """A card profile by its name, and single values over it by theirs; ``medium`` is how the card is reached.

    ``of_api`` is the Java Card version that the applet is compiled for, which a card has that is like none in
    particular; ``settings`` are the run's, and ``values`` what a test says beside its profile.
    """

    profile: str = ""
    of_api: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_run(cls, config: pytest.Config) -> Made:
        """What options say, and settings where they say nothing; raises UsageError."""
        profile = config.getoption("--card-profile") or config.getini("javacard_profile")
        values = (*config.getini("javacard_card"), *config.getoption("--card-set"))
        return cls.of_settings(profile, config.getini("javacard_api"), values)

    @classmethod
    def of_settings(cls, profile: str, api: str, values: Iterable[str]) -> Made:
        """Of a profile's name, a Java Card version (both may be empty) and ``name=value``; raises UsageError."""
        return cls(profile, api_version(api) if api else "", _parsed(values))

    def of_test(self, item: pytest.Item | None) -> Made:
        """With what the test's markers say over it, the closest over the others.

        A marker that names another profile forgets the values that stood beside the one before, not those of the run.
        """
        made = self
        for marker in reversed([] if item is None else list(item.iter_markers(MARKER))):
            name = _profile_of(marker, made.profile)
            kept = made.values if name == made.profile else {}
            values = {**kept, **{key: _word(value) for key, value in marker.kwargs.items()}}
            made = replace(made, profile=name, values=values)
        return made

    @property
    def config(self) -> CardConfig | None:
        """None for a card as usual; raises UsageError when there is no such profile or value."""
        settings = [f"{name}={value}" for name, value in self._all.items() if name != _MEDIUM]
        if not self.profile and not settings:
            return None
        return CardConfig.of_profile(card_profile(self.profile or DEFAULT_PROFILE).having(settings))

    @property
    def medium(self) -> Media | None:
        """None when nothing was said."""
        return medium_named(self._all[_MEDIUM]) if _MEDIUM in self._all else None

    @property
    def _all(self) -> dict[str, str]:
        of_api = {_JAVA_CARD: self.of_api} if self.of_api and not self.profile else {}
        return {**of_api, **self.settings, **self.values}


def _profile_of(marker: pytest.Mark, before: str) -> str:
    """The profile that a marker names; raises UsageError."""
    if len(marker.args) > 1:
        raise UsageError(f"{MARKER} names one profile, not {marker.args}", hint=_HOW)
    name = marker.args[0] if marker.args else before
    if not isinstance(name, str):
        raise UsageError(f"{MARKER}({name!r}): a profile has a name", hint=_HOW)
    return name


def _parsed(texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, given, value = text.partition("=")
        if not given:
            raise UsageError(f"{text!r} sets nothing of a card", hint="write NAME=VALUE, like commit_capacity=512")
        found[name.strip()] = value.strip()
    return found


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
