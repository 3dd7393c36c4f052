"""The options of a test run about its cards, checked against what the kind of card takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from cardlab import kinds
from cardlab.errors import UsageError
from cardlab.lab.kind import CardOption, CardSupply, OptionRefusal, Sharing, SupplyOptions
from cardlab.pytest_plugin.made import Made
from cardlab.pytest_plugin.repeatable import repeat_examples
from cardlab.runtime import choose as choose_runtime

if TYPE_CHECKING:
    from cardlab.lab.kind import ForTests

_NO_XDIST = "leave -n out, or write -n 0"
_BY_DEFAULT = {
    CardOption.INSTALLER: OptionRefusal("GlobalPlatformPro reaches cards in readers only", "add --card vpcd"),
}


class PytestRunner:
    """pytest, as a kind of card sees it; a ``Runner``. ``told`` is what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, line: str) -> None:
        """A line for people, once the run is over."""
        self.told.append(line)

    def skip(self, reason: str) -> NoReturn:
        """Leave the present test out."""
        pytest.skip(reason)

    def end(self, reason: str, exit_code: int) -> NoReturn:
        """Run no test any more."""
        pytest.exit(reason, exit_code)


def open_supply(config: pytest.Config, runner: PytestRunner) -> CardSupply:
    """The supply of the kind that ``--card`` names; raises UsageError when an option does not go with it."""
    choice = kinds.choose(config.getoption("--card"))
    tests = choice.for_tests()
    _check_processes(config, choice.kind.name, tests)
    for option in _given(config):
        if option not in tests.options:
            raise _refused(option, choice, tests)
    if tests.repeats:
        repeat_examples()
    made = Made.of_run(config) if CardOption.PROFILE in tests.options else Made()
    options = SupplyOptions(
        runner,
        keys=config.getoption("--card-keys"),
        destructive=config.getoption("--destructive"),
        dry_run=config.getoption("--dry-run"),
        runtime=_runtime(config, tests),
        budget=_budget(config),
        config=made.config,
        medium=made.medium,
    )
    return tests.supply(choice.argument, options)


def _runtime(config: pytest.Config, tests: ForTests) -> str | None:
    """What ``--card-runtime`` names, or the setting where a kind takes it; raises UsageError when there is none."""
    option, setting = config.getoption("--card-runtime"), config.getini("javacard_runtime")
    if CardOption.RUNTIME not in tests.options or not (option or setting):
        return None
    try:
        return choose_runtime(option or setting).name
    except UsageError as error:
        where = "--card-runtime" if option else "javacard_runtime"
        raise UsageError(f"{where} {option or setting}: {error}", hint=error.hint) from error


def _budget(config: pytest.Config) -> int:
    """The setting ``javacard_budget``, 0 without it; raises UsageError."""
    text = str(config.getini("javacard_budget"))
    if not text:
        return 0
    digits = text.replace("_", "")
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits) < 1 << 63):
        raise UsageError(f"javacard_budget = {text!r}", hint="write a number of bytecode instructions, like 1_000_000")
    return int(digits)


def _given(config: pytest.Config) -> list[CardOption]:
    values = {
        CardOption.KEYS: config.getoption("--card-keys"),
        CardOption.DESTRUCTIVE: config.getoption("--destructive"),
        CardOption.DRY_RUN: config.getoption("--dry-run"),
        CardOption.RUNTIME: config.getoption("--card-runtime"),
        CardOption.PROFILE: config.getoption("--card-profile") or config.getoption("--card-set"),
        CardOption.INSTALLER: config.getoption("--installer") == "gp",
    }
    return [option for option, value in values.items() if value]


def _refused(option: CardOption, choice: kinds.CardChoice, tests: ForTests) -> UsageError:
    reason = tests.refusals.get(option) or _BY_DEFAULT.get(option)
    if reason is not None:
        return UsageError(f"{option.value} and --card {choice}: {reason.why}", hint=reason.hint)
    takers = [kind.tests.usage for kind in kinds.known().values() if kind.tests and option in kind.tests.options]
    return UsageError(
        f"--card {choice} takes no {option.value}", hint=f"it is for --card {' and --card '.join(takers)}"
    )


def _check_processes(config: pytest.Config, name: str, tests: ForTests) -> None:
    """Raises UsageError when pytest-xdist would share what cannot be shared."""
    if not (hasattr(config, "workerinput") or config.getoption("numprocesses", None)):
        return
    if config.getoption("--record"):
        raise UsageError("--record and -n: a recording is made in one process", hint=_NO_XDIST)
    if tests.sharing is Sharing.ONE_PROCESS:
        raise UsageError(f"--card {name} and -n: {tests.sharing.value}", hint=_NO_XDIST)
