"""Simulated cards as people want them in a reader: empty, or with the JPKI applet as a phone or a card has it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum, unique
from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.card.terminal import in_terminal
from cardlab.runtime.interface import Media
from cardlab.runtime.jcardsim.library import ClassLibrary
from jpki.client.constants import Profile
from jpki.client.sample import install_applet, personalise_sample
from jpki.package import jpki_executable


@unique
class Content(StrEnum):
    """What is on a new card."""

    EMPTY = "empty"  # the issuer security domain alone
    PHONE = "phone"  # the JPKI applet, before any PIN or key
    CARD = "card"  # the JPKI applet with test PINs, keys and certificates


def class_library(cap_files: Sequence[Path]) -> ClassLibrary:
    """The JPKI applet, and class files that CAP files carry: for names and lines, and where they are executed."""
    return ClassLibrary.as_far_as_known(*cap_files).including(jpki_executable())


def new_card(
    content: Content,
    library: ClassLibrary,
    *,
    seed: int | None = None,
    media: Media = Media.CONTACT,
    runtime: str | None = None,
    atr: bytes | None = None,
    config: CardConfig | None = None,
    now: datetime.datetime | None = None,
) -> SimulatedCard:
    """A card with this on it; its keys are GlobalPlatform's public test keys. ``now`` dates the certificates."""
    card = SimulatedCard(replace(config or CardConfig(), atr=atr), seed=seed, runtime=runtime, classes=library)
    if content is not Content.EMPTY:
        install_applet(in_terminal(card), DEFAULT_KEYS, Profile.PHONE if content is Content.PHONE else Profile.CARD)
    if content is Content.CARD:
        personalise_sample(in_terminal(card), DEFAULT_KEYS, now=now or datetime.datetime.now(datetime.UTC))
    card.reset(media)
    return card
