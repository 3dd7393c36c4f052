"""``--world``: the folder that phones, residents and the other parties live in; and who answers for the user."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cardlab.cli.output import Output
from cardlab.errors import UsageError

if TYPE_CHECKING:
    from jpki.client.constants import DeviceMethod, Slot, Suite
    from jpki.parties.consent import Wording
    from jpki.parties.phone.user import Means
    from jpki.parties.recorder import Section
    from jpki.parties.world import World

_Function = TypeVar("_Function", bound=Callable[..., object])
_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def world_option(function: _Function) -> _Function:
    """The option ``--world``; the command gets it as ``world`` and opens it with ``open_world``."""
    return click.option("--world", type=_FOLDER, required=True, help="The folder of the world.")(function)


def answers_option(function: _Function) -> _Function:
    """The option ``--answers``; the command gets it as ``answers``."""
    return click.option(
        "--answers",
        type=_FILE,
        help="A JSON file with what the user would type; docs/reference/parties.md lists the names.",
    )(function)


@contextmanager
def open_world(
    folder: Path,
    output: Output,
    *,
    new: bool = False,
    address: str | None = None,
    suite: Suite | None = None,
    lose_at: tuple[int, ...] = (),
) -> Iterator[World]:
    """The world in a folder, open; says what it is doing when another section of a flow begins.

    ``address`` is what the certificates of a new one say of their CA, ``suite`` what its keys are. ``lose_at`` are the
    crossings of links, counted from 1, at which what is on its way is lost.
    """
    from cardlab.transport.traffic import TrafficLog
    from jpki.client.constants import Instruction
    from jpki.parties.network import Cutter, Network
    from jpki.parties.recorder import FlowRecorder, Section
    from jpki.parties.world import World
    from jpki.parties.world_folder import WorldFolder

    if not new:
        WorldFolder(folder).require()

    told = [Section.OTHER, Section.TEST_SIGNING, Section.TEST_AUTHENTICATION]  # not worth a line: one quick command

    def tell(section: Section) -> None:
        if section not in told:
            told.append(section)
            output.progress(f"  {section.value}")

    names = {one.value: one.name.replace("_", " ") for one in Instruction}
    network = Network(FlowRecorder(observer=tell), Cutter(*lose_at))
    with World.open(
        folder, network=network, layer=lambda lower: TrafficLog(lower, names=names), address=address, suite=suite
    ) as world:
        yield world
    if lose_at:
        output.progress(f"  it ended after {network.cutter.count} crossings of links")


@dataclass(frozen=True, slots=True)
class UserAnswers:
    """The user at the terminal, or a file that answers for them. PINs are never shown or put on the command line."""

    given: dict[str, object]

    @classmethod
    def read(cls, path: Path | None) -> UserAnswers:
        """Raises UsageError when the file is no JSON object."""
        if path is None:
            return cls({})
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise UsageError(f"{path} cannot be read as JSON: {error}") from error
        if not isinstance(given, dict):
            raise UsageError(f"{path} holds no JSON object")
        return cls(given)

    @property
    def knows_pins(self) -> bool:
        """Whether nobody has to type new PINs: at a terminal that is not asked for while lines of progress appear."""
        from jpki.client.constants import Slot

        return all(f"new {slot.pin_name}" in self.given for slot in Slot)

    def pin(self, slot: Slot) -> bytes:
        """The present PIN of a slot on this phone."""
        return self.secret(slot.pin_name)

    def new_pin(self, slot: Slot) -> bytes:
        """A PIN to set."""
        return self.secret(f"new {slot.pin_name}")

    def card_password(self) -> bytes:
        """The signing password of their My Number Card."""
        return self.secret("card password")

    def recognise(self, method: DeviceMethod) -> bool:
        """A finger, a face, or the screen lock."""
        name = method.name.lower().replace("_", " ")
        if name in self.given:
            return bool(self.given[name])
        return sys.stdin.isatty() and click.confirm(f"{name}: does the phone recognise you?", err=True)

    def agrees(self, wording: Wording) -> bool:
        """The text is shown; "agree" answers it, or one answer for each subject by its name."""
        given = self.given.get("agree", self.given.get(f"agree to the {wording.subject.value}"))
        if given is not None:
            return given is True
        if not sys.stdin.isatty():
            raise UsageError(
                f"the {wording.subject.value} must be agreed to, and standard input is no terminal to ask at",
                hint='put "agree": true into the file of --answers',
            )
        click.echo(f"{wording.text}\n\n{wording.english}\n", err=True)
        return click.confirm("Do you agree?", err=True)

    def instead(self, failed: DeviceMethod, offered: tuple[Means, ...]) -> Means | None:
        """What to do when the phone did not recognise its user; "instead" answers it."""
        names = {one.value: one for one in offered}
        if "instead" in self.given:
            return names.get(str(self.given["instead"]))
        if not sys.stdin.isatty():
            return None
        choice = click.Choice((*names, "give up"), case_sensitive=False)
        return names.get(click.prompt("The phone does not know you. Go on with", type=choice, err=True))

    def secret(self, name: str) -> bytes:
        """What the user types under a name; asked for at the terminal when the file does not say."""
        if name in self.given:
            answer = str(self.given[name])
        elif sys.stdin.isatty():
            twice = name.startswith("new ")  # nobody sees what they type
            answer = click.prompt(name.capitalize(), hide_input=True, confirmation_prompt=twice, err=True)
        else:
            raise UsageError(
                f"the {name} is needed, and standard input is no terminal to ask at",
                hint=f'put "{name}" into the file of --answers',
            )
        try:
            return answer.encode("ascii")
        except UnicodeEncodeError as error:
            raise UsageError(f"the {name} has characters that no PIN has") from error
