"""Options of a run: each reaches the kind of card that takes it, and is refused by the others with who does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest

from cardlab import kinds
from cardlab.errors import UsageError
from cardlab.kinds import CardChoice
from cardlab.lab.kind import CardKind, CardOption, ForTests, OptionRefusal, Sharing, SupplyOptions
from cardlab.pytest_plugin.options import PytestRunner, open_supply

USUAL: dict[str, object] = {
    "--card": "tape",
    "--card-keys": "",
    "--destructive": "",
    "--dry-run": False,
    "--card-runtime": "",
    "--card-profile": "",
    "--card-set": [],
    "--installer": None,
    "--record": None,
    "numprocesses": None,
}
GIVEN: dict[CardOption, dict[str, object]] = {
    CardOption.KEYS: {"--card-keys": "env:KEYS"},
    CardOption.DESTRUCTIVE: {"--destructive": "3B00-01"},
    CardOption.DRY_RUN: {"--dry-run": True},
    CardOption.RUNTIME: {"--card-runtime": "jcardsim"},
    CardOption.PROFILE: {"--card-set": ["medium=type-a"]},
    CardOption.INSTALLER: {"--installer": "gp"},
}


class Tape:
    """A kind of card that takes what it is told to, and keeps what it was given."""

    def __init__(self, *options: CardOption, sharing: Sharing = Sharing.EACH_ITS_OWN) -> None:
        self.given: list[SupplyOptions] = []
        self.argument = ""
        self.tests = ForTests(
            usage="tape:NAME",
            capabilities=frozenset(),
            supply=self._supply,
            options=frozenset(options),
            refusals={CardOption.DRY_RUN: OptionRefusal("tapes are always dry", "leave it out")},
            sharing=sharing,
        )

    def _supply(self, argument: str, options: SupplyOptions) -> Any:
        self.argument = argument
        self.given.append(options)
        return self

    def run(
        self, monkeypatch: pytest.MonkeyPatch, written: Mapping[str, object] | None = None, budget: str = ""
    ) -> PytestRunner:
        """A run of pytest opens its supply."""
        choice = CardChoice(CardKind(name="tape", about="of yesterday", tests=self.tests), "first")
        values, runner = USUAL | dict(written or {}), PytestRunner()
        config: Any = SimpleNamespace(getoption=lambda name, default=None: values.get(name, default))
        settings: dict[str, object] = {"javacard_budget": budget, "javacard_card": []}
        config.getini = lambda name: settings.get(name, "")
        with monkeypatch.context() as there:
            there.setattr(kinds, "choose", lambda text: choice)
            opened: object = open_supply(config, runner)
        assert opened is self
        return runner


def test_all_that_is_written_reaches_the_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(*CardOption)
    written = {name: value for one in GIVEN.values() for name, value in one.items()}
    runner = tape.run(monkeypatch, written | {"--card-profile": "smartcafe-7"}, "1_000")
    (given,) = tape.given
    usual = SupplyOptions(PytestRunner())
    assert [one.name for one in fields(given) if getattr(given, one.name) == getattr(usual, one.name)] == []
    assert (tape.argument, given.keys, given.destructive, given.runtime) == ("first", "env:KEYS", "3B00-01", "jcardsim")
    assert given.config is not None and given.config.profile == "smartcafe-7"
    given.runner.tell("one")
    given.runner.tell("other")
    assert runner.told == ["one", "other"]


def test_what_is_not_written_is_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(*CardOption)
    runner = tape.run(monkeypatch)
    assert tape.given == [SupplyOptions(runner)]


@pytest.mark.parametrize("option", CardOption, ids=lambda one: one.name)
def test_an_option_that_a_kind_does_not_take_is_refused(option: CardOption, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(*{*CardOption} - {option})
    with pytest.raises(UsageError) as refused:
        tape.run(monkeypatch, GIVEN[option])
    said, takers = f"--card tape:first takes no {option.value}", {
        CardOption.KEYS: "dry:READER pcsc:READER replay:FILE",
        CardOption.DESTRUCTIVE: "pcsc:READER",
        CardOption.RUNTIME: "dry:READER sim vpcd",
        CardOption.PROFILE: "sim vpcd",
    }  # fmt: skip
    if option in takers:
        assert (str(refused.value), refused.value.hint) == (
            said,
            "it is for " + " and ".join(f"--card {one}" for one in takers[option].split()),
        )
    elif option is CardOption.DRY_RUN:
        told = (str(refused.value), refused.value.hint)
        assert told == ("--dry-run and --card tape:first: tapes are always dry", "leave it out")
    else:
        assert str(refused.value).endswith("GlobalPlatformPro reaches cards in readers only")
        assert refused.value.hint == "add --card vpcd"
    assert tape.given == []


@pytest.mark.parametrize("sharing", Sharing, ids=lambda one: one.name)
def test_one_card_is_not_shared_by_processes(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape(sharing=sharing)
    tape.run(monkeypatch)
    if sharing is Sharing.ONE_PROCESS:
        with pytest.raises(UsageError, match=r"^--card tape and -n: there is one card") as refused:
            tape.run(monkeypatch, {"numprocesses": 2})
        assert refused.value.hint == "leave -n out, or write -n 0"
    else:
        tape.run(monkeypatch, {"numprocesses": 2})
    with pytest.raises(UsageError, match=r"^--record and -n: a recording is made in one process"):
        Tape().run(monkeypatch, {"numprocesses": 2, "--record": "run.txt"})
