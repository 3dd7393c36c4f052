"""What GlobalPlatformPro printed when it was run against the simulated card, read by the wrapper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import CardError, HarnessError, TransportError
from cardlab.globalplatform.constants import ApplicationState, DomainState, Scope
from cardlab.globalplatform.host.gppro.failure import failure
from cardlab.globalplatform.host.gppro.listing import parse_registry
from cardlab.globalplatform.host.gppro.tasks import Task
from cardlab.globalplatform.host.registry import Registry, RegistryEntry
from cardlab.iso7816.status import UnexpectedStatusError
from tests.cardlab.gppro.corpus import FOLDER, Recording
from tests.cardlab.gppro.scenes import DEEDS, LISTS, REFUSALS, Scene

TASK = Task("do it", ())
CONDITIONS = ("version", "version-without-smartcardio", "no-daemon", "no-reader", "no-card", "unknown-option")


def as_listed(registry: Registry) -> Registry:
    """A registry without what the program's list leaves out."""

    def entry(one: RegistryEntry) -> RegistryEntry:
        if one.scope is not Scope.APPLICATIONS:
            return one
        if one.is_locked:
            return replace(one, life_cycle=0x83)
        states = DomainState if one.is_domain else ApplicationState
        return one if one.life_cycle in set(states) else replace(one, life_cycle=ApplicationState.SELECTABLE)

    return Registry(
        registry.issuer_domain, tuple(map(entry, registry.applications)), tuple(map(entry, registry.load_files))
    )


@pytest.mark.parametrize("scene", LISTS, ids=lambda scene: scene.name)
def test_its_list_is_the_registry_that_the_card_told_the_built_in_client(scene: Scene) -> None:
    recording = Recording.read(scene.name)
    parsed = parse_registry(recording.outcome.stdout)
    assert parsed == as_listed(recording.registry)
    assert len(list(parsed)) >= 2


def test_the_lists_cover_what_there_is_to_tell() -> None:
    entries = [entry for scene in LISTS for entry in Recording.read(scene.name).registry]
    assert any(entry.is_locked and entry.is_domain for entry in entries)
    assert any(entry.is_locked and entry.scope is Scope.ISSUER_DOMAIN for entry in entries)
    assert any(entry.privileges and not entry.is_domain for entry in entries)
    assert any(entry.modules and entry.version for entry in entries)


@pytest.mark.parametrize("scene", (*LISTS, *DEEDS), ids=lambda scene: scene.name)
def test_what_went_well_is_no_failure(scene: Scene) -> None:
    assert failure(TASK, Recording.read(scene.name).outcome) is None


@pytest.mark.parametrize("scene", REFUSALS, ids=lambda scene: scene.name)
def test_what_was_refused_is_the_right_error_and_shows_its_words(scene: Scene) -> None:
    recording = Recording.read(scene.name)
    error = failure(Task(scene.name, ()), recording.outcome)
    assert type(error) is scene.error
    assert scene.name in str(error)
    if scene.sw:
        assert isinstance(error, UnexpectedStatusError)
        assert error.sw == scene.sw
    last = recording.outcome.stderr.splitlines()[-1].strip()
    assert last in error.hint


def test_two_failures_that_it_reports_as_success_are_failures() -> None:
    for name in ("delete what is not there, with related", "a wrong encryption key"):
        outcome = Recording.read(name).outcome
        assert outcome.code == 0
        assert isinstance(failure(TASK, outcome), CardError)


@pytest.mark.parametrize(
    ("name", "kind", "advice"),
    [
        ("no-daemon", TransportError, "start pcscd"),
        ("no-reader", TransportError, "put a card into the reader"),
        ("no-card", TransportError, "put a card into the reader"),
        ("unknown-option", HarnessError, "nonsense is not a recognized option"),
    ],
)
def test_other_conditions(name: str, kind: type[HarnessError], advice: str) -> None:
    error = failure(TASK, Recording.read(name).outcome)
    assert type(error) is kind
    assert advice in error.hint
    assert len(error.hint.splitlines()) < 12  # not the page of options that comes before


@pytest.mark.parametrize(
    "text",
    [
        "APP: D392F000260100000001",
        "APP: D392F000260100000001 (DREAMING)",
        "     Parent:   A000000151000000",
        "APP: D392F000260100000001 (SELECTABLE)\n     Privs:    WorldDomination",
        "APP: D392F000260100000001 (SELECTABLE)\n     Colour:   red",
        "PKG: A0000001515350 (LOADED)\n     Version:  one",
    ],
)
def test_a_list_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(CardError, match="cannot be read"):
        parse_registry(text)


@given(data=st.data())
def test_a_damaged_list_is_read_or_refused(data: st.DataObject) -> None:
    scene = data.draw(st.sampled_from(LISTS))
    text = Recording.read(scene.name).outcome.stdout
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 5)) :]
    try:
        parse_registry(damaged)
    except CardError as error:
        assert "cannot be read" in str(error)


def test_details_that_the_simulated_card_does_not_have() -> None:
    text = (
        "# Found DAP domain: A000000151000001\n"
        "APP: D392F000260100000001 (INSTALLED)\n     Selected: Contactless(0,2), Contact(1)\n"
        "     Privs:    CVMManagement, PrivacyTrusted\n\n"
        "PKG: D392F0002601000000 (LOGICALLY_DELETED)\n     Version:  <unknown format 010203>\n"
    )
    application, package = parse_registry(text)
    assert application.implicit_selection == (0x80, 0x82, 0x41)
    assert (application.life_cycle, application.privileges.names) == (0x03, ("CVM_MANAGEMENT",))
    assert (package.life_cycle, package.version) == (0x00, (1, 2, 3))


def test_every_recording_is_used_and_holds_no_key_of_a_session() -> None:
    scenes = {Recording.read(scene.name).program for scene in (*LISTS, *DEEDS, *REFUSALS)}
    assert scenes == {"26.02.11"}
    assert len(list(FOLDER.glob("*.txt"))) == len((*LISTS, *DEEDS, *REFUSALS)) + len(CONDITIONS)
    for file in FOLDER.glob("*.txt"):
        assert "404142434445464748494A4B4C4D4E4F" not in file.read_text(encoding="utf-8")
