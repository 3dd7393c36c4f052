"""Card profiles and platform choices: named, with defaults, and refused when they cannot be a card's."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from importlib.resources import files

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.card.profiles import CardProfile, card_profile, known_profiles
from cardlab.errors import UsageError
from cardlab.runtime.choices import AbsentLe, PlatformChoices
from cardlab.runtime.media import TransmissionProtocol


def test_the_default_profile_says_every_choice_and_is_the_default() -> None:
    """Its file is the place to look up what there is."""
    profile = card_profile("default")
    assert profile.platform == PlatformChoices()
    assert replace(profile, about="") == CardProfile()
    assert CardConfig.of_profile("default") == CardConfig()
    text = files("cardlab.card.profiles").joinpath("default.toml").read_text(encoding="utf-8")
    written = re.findall(r"^(\w+) =", text.partition("[platform]")[2], re.MULTILINE)
    assert written == [one.name for one in fields(PlatformChoices)]


@pytest.mark.parametrize("name", known_profiles())
def test_a_card_can_be_made_by_every_profile(name: str) -> None:
    runtime = "jcardsim" if name == "literal" else "vm"
    with SimulatedCard(CardConfig.of_profile(name), seed=1, runtime=runtime) as card:
        assert card.config.profile == name
        assert card.config.platform == card_profile(name).platform
        assert card_profile(name).about


def test_the_literal_profile_drops_data_without_le() -> None:
    assert card_profile("literal").platform.absent_le is AbsentLe.DROP
    assert CardConfig.of_profile("literal").platform.changed()


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no card profile nowhere") as refused:
        CardConfig.of_profile("nowhere")
    assert refused.value.hint == f"known: {', '.join(known_profiles())}"
    assert {"default", "literal", "jcop4-j3r180", "feitian-s01c"} <= set(known_profiles())


MEASURED = [one for one in known_profiles() if one not in ("default", "literal") and not one.startswith("java-card-")]


@pytest.mark.parametrize("name", MEASURED)
def test_a_card_that_was_measured_says_where_and_what_was_not(name: str) -> None:
    profile = card_profile(name)
    assert "JCAlgTest" in profile.source
    named = {one.name for one in fields(PlatformChoices)} | {"persistent_memory"}
    assert set(profile.unknown) <= named
    changed = set(profile.platform.changed())
    assert not changed & set(profile.unknown)


def test_single_values_go_over_a_profile() -> None:
    profile = card_profile("feitian-a22cr").having(
        ["persistent_memory=65_536", "commit_capacity=256", "protocol=T0", "extended_length=false"]
    )
    assert (profile.persistent_memory, profile.extended_length) == (65_536, False)
    assert (profile.platform.commit_capacity, profile.platform.protocol) == (256, TransmissionProtocol.T0)
    assert profile.platform.transient_reset == card_profile("feitian-a22cr").platform.transient_reset


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("commit=5", "commit_capacity"),
        ("commit_capacity", "NAME=VALUE"),
        ("commit_capacity=much", "no number"),
        ("object_deletion=1", "neither true nor false"),
        ("protocol=T2", "T0, T1"),
    ],
)
def test_what_a_setting_cannot_be(setting: str, named: str) -> None:
    with pytest.raises(UsageError) as refused:
        card_profile("default").having([setting])
    assert named in f"{refused.value} {refused.value.hint}"


def test_a_profile_of_ones_own() -> None:
    text = 'about = "mine"\n[card]\njava_card = "3.0.5"\n[platform]\nprotocol = "T0"\napdu_buffer = 1000\n'
    config = CardConfig.of_profile(CardProfile.parse("mine", text))
    assert (config.java_card, config.profile) == ("3.0.5", "mine")
    assert config.platform == PlatformChoices(protocol=TransmissionProtocol.T0, apdu_buffer=1000)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("about", "TOML"),
        ("[card]\nmemory = 1\n", "memory"),
        ("[card]\njava_card = 3\n", "java_card"),
        ("[platform]\nbuffer = 1\n", "buffer"),
        ("[platform]\napdu_buffer = 10\n", "apdu_buffer=10"),
        ('[platform]\napdu_buffer = "300"\n', "apdu_buffer"),
        ("[platform]\nobject_deletion = 1\n", "object_deletion"),
        ('[platform]\nabsent_le = "never"\n', "absent_le"),
        ("platform = 1\n", "platform"),
        ("[other]\n", "other"),
    ],
)
def test_what_no_profile_has_is_named(text: str, named: str) -> None:
    with pytest.raises(UsageError) as refused:
        CardProfile.parse("mine", text)
    assert named in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("name", ["apdu_buffer", "incoming_block", "commit_capacity", "transient_reset"])
def test_sizes_that_no_card_has(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}=0"):
        PlatformChoices(**{name: 0})  # type: ignore[arg-type]


def test_choices_come_back_from_words() -> None:
    changed = PlatformChoices(protocol=TransmissionProtocol.T0, absent_le=AbsentLe.DROP, object_deletion=False)
    assert PlatformChoices.from_words(changed.as_words()) == changed
    assert changed.changed().keys() == {"protocol", "absent_le", "object_deletion"}
