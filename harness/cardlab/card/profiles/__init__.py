"""Card profiles: cards by name, as sets of what a card's maker chose. One TOML file each, beside this file.

A file has ``about``, a line for people; ``source``, where its figures are from; ``unknown``, what nobody measured, and
``habits`` of the card, for people; ``[card]`` with any of ``java_card``, ``persistent_memory`` (bytes) and
``extended_length``; and ``[platform]`` with any of the platform choices, ``missing_algorithms`` as a list if that reads
better. What it leaves out is as in ``default``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any, cast

from cardlab.errors import UsageError
from cardlab.java_card import JAVA_CARD
from cardlab.runtime.choices import PlatformChoices

DEFAULT_PROFILE = "default"
_SUFFIX = ".toml"


@dataclass(frozen=True, slots=True)
class CardProfile:
    """A card by name. ``persistent_memory`` is in bytes; ``java_card`` the version of the API."""

    name: str = DEFAULT_PROFILE
    about: str = ""
    java_card: str = JAVA_CARD
    persistent_memory: int = 512 * 1024
    extended_length: bool = True
    platform: PlatformChoices = field(default_factory=PlatformChoices)
    source: str = ""
    unknown: tuple[str, ...] = ()
    habits: tuple[str, ...] = ()

    def having(self, settings: Iterable[str]) -> CardProfile:
        """The same card with single values set, each written ``commit_capacity=512``; raises UsageError."""
        changed = self
        for text in settings:
            changed = changed._having(text)
        return changed

    def _having(self, text: str) -> CardProfile:
        name, given, word = text.partition("=")
        words = self.platform.as_words()
        before = getattr(self, name) if name in _OF_CARD else words.get(name)
        if not given or before is None:
            known = ", ".join((*_OF_CARD, *words))
            raise UsageError(f"{text!r} sets nothing of a card", hint=f"write NAME=VALUE with one of {known}")
        value = _like(before, word, text)
        if name in _OF_CARD:
            return replace(self, **cast("dict[str, Any]", {name: value}))
        return replace(self, platform=PlatformChoices.from_words({**words, name: value}))

    @classmethod
    def parse(cls, name: str, text: str) -> CardProfile:
        """From the text of a file; raises UsageError naming what no card profile has."""
        try:
            document: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"card profile {name}: {error}", hint="write it as TOML") from error
        card = _table(name, document, "card")
        choices = _table(name, document, "platform")
        if isinstance(choices.get("missing_algorithms"), list):
            choices["missing_algorithms"] = ",".join(map(str, choices["missing_algorithms"]))
        platform = PlatformChoices.from_words(choices)
        about, source = document.pop("about", ""), document.pop("source", "")
        unknown_values, habits = document.pop("unknown", []), document.pop("habits", [])
        if unknown := ", ".join((*document, *(card.keys() - _OF_CARD.keys()))):
            raise UsageError(f"card profile {name}: no {unknown} is known", hint=f"[card] has {', '.join(_OF_CARD)}")
        if wrong := ", ".join(key for key, value in card.items() if type(value) is not _OF_CARD[key]):
            raise UsageError(f"card profile {name}: the value of {wrong} is of the wrong kind", hint="see default.toml")
        told = tuple(map(str, unknown_values)), tuple(map(str, habits))
        return cls(name, str(about), **card, platform=platform, source=str(source), unknown=told[0], habits=told[1])


_TRUTH = {"true": True, "false": False}
_OF_CARD = {"java_card": str, "persistent_memory": int, "extended_length": bool}


def _like(before: object, word: str, text: str) -> object:
    """A word as a value of the kind that stood there before; raises UsageError."""
    if isinstance(before, bool):
        if word not in _TRUTH:
            raise UsageError(f"{text!r}: {word!r} is neither true nor false", hint="write true or false")
        return _TRUTH[word]
    if isinstance(before, int):
        digits = word.replace("_", "")
        if not digits.isdecimal():
            raise UsageError(f"{text!r}: {word!r} is no number", hint="write a number, of bytes mostly")
        return int(digits)
    return word


def known_profiles() -> tuple[str, ...]:
    """The names of the card profiles that come along."""
    names = (one.name for one in files(__name__).iterdir() if one.name.endswith(_SUFFIX))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names))


def card_profile(name: str) -> CardProfile:
    """The card profile of this name; raises UsageError listing the known ones."""
    if name not in known_profiles():
        raise UsageError(f"there is no card profile {name}", hint=f"known: {', '.join(known_profiles())}")
    return CardProfile.parse(name, files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8"))


def _table(name: str, document: dict[str, Any], title: str) -> dict[str, Any]:
    """Take a table out of a document."""
    found = document.pop(title, {})
    if not isinstance(found, dict):
        raise UsageError(f"card profile {name}: {title} is no table", hint=f"write [{title}] and its lines below it")
    return found
