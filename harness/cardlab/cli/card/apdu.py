"""``cardlab card apdu``: send commands and check what the card answers."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.card.choice import card_option, open_card
from cardlab.cli.output import Output, json_option
from cardlab.cli.runtime_argument import runtime_option
from cardlab.errors import CardError, UsageError
from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.expected import ExpectedStatus
from cardlab.iso7816.status import describe
from cardlab.transport import Transport
from cardlab.transport.names import command_name

if TYPE_CHECKING:
    from cardlab.runtime.cost import Metered

_STEP = re.compile(r"(?P<command>[0-9A-Fa-f]{8,})(?:=(?P<expected>[0-9A-Fa-fxX]{4}(?:,[0-9A-Fa-fxX]{4})*))?")
_RESET = "reset"


@dataclass(frozen=True, slots=True)
class Step:
    """A command and the status words it may be answered with (x: any digit); no command: a reset."""

    command: bytes | None
    expected: ExpectedStatus | None = None

    def allows(self, sw: int) -> bool:
        """Whether the status word is as expected; without expectation every one is."""
        return self.expected is None or self.expected.allows(sw)


def parse_step(text: str) -> Step:
    """``80CA9F7F00``, ``80CA9F7F00=9000``, ``00200080=63Cx,6984`` or ``reset``; raises UsageError."""
    compact = re.sub(r"[\s:]", "", text)
    if compact.lower() == _RESET:
        return Step(None)
    found = _STEP.fullmatch(compact)
    if found is None or len(found["command"]) % 2:
        raise UsageError(
            f"{text!r} is no command in hexadecimal",
            hint="write it like 80CA9F7F00, 80CA9F7F00=9000, 00200080=63Cx,6984, or say reset",
        )
    expected = ExpectedStatus.parse(found["expected"]) if found["expected"] else None
    return Step(bytes.fromhex(found["command"]), expected)


@click.command()
@click.argument("commands", nargs=-1, metavar="[APDU[=SW[,SW]]]...")
@click.option(
    "--file",
    "-f",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read commands from this file, one a line; # begins a remark.",
)
@card_option
@runtime_option
@click.option(
    "--cost", is_flag=True, help="Say what each command cost: of simulated cards (docs/reference/machine.md)."
)
@json_option
def command(
    commands: tuple[str, ...], file: Path | None, card: str, runtime: str | None, cost: bool, as_json: bool
) -> int:
    """Send commands one after the other and show the answers; `reset` resets the card in between.

    With =SW the status word must be that one (x stands for any digit), else it ends there with exit code 7. All
    commands are read before the first is sent.

    \b
        cardlab card apdu 00A4040000=9000 80CA9F7F00
    """
    texts = list(commands)
    if file is not None:
        text = file.read_text(encoding="utf-8", errors="replace")
        texts += filter(None, (line.partition("#")[0].strip() for line in text.splitlines()))
    steps = [parse_step(text) for text in texts]
    if not steps:
        raise UsageError("there is no command to send", hint="give one like 80CA9F7F00, or --file")
    with closing(open_card(card, runtime=runtime)) as transport:
        meter = _meter(transport) if cost else None
        facts, wrong = _send(transport, steps, meter, aloud=not as_json)
    if as_json:
        Output(as_json).facts({"steps": facts, "as_expected": wrong is None}, ())
    if wrong is None:
        return 0
    click.echo(f"{click.get_current_context().find_root().info_name}: {wrong}", err=True)
    return CardError.exit_code


def _meter(transport: Transport) -> Metered:
    """The card, which has to count; raises UsageError when it is not a simulated one."""
    from cardlab.runtime.cost import Metered

    if not isinstance(transport, Metered):
        raise UsageError("--cost: a card in a reader does not tell what it does", hint="use --card sim or sim:FILE")
    return transport


def _send(
    transport: Transport, steps: list[Step], meter: Metered | None, *, aloud: bool
) -> tuple[list[dict[str, object]], str | None]:
    """All steps, or up to the first whose status word is not as expected, and what was wrong with that."""
    facts: list[dict[str, object]] = []

    def say(line: str) -> None:
        if aloud:
            click.echo(line)

    for step in steps:
        if step.command is None:
            atr = transport.reset().hex().upper()
            facts.append({"reset": atr})
            say(f"! reset {atr}")
            continue
        name, sent = command_name(step.command[1]), step.command.hex().upper()
        say(f"> {sent}  {name}")
        if meter is not None:
            meter.keep_cost()
        answer = ResponseApdu.from_bytes(transport.transmit(step.command))
        data = answer.data.hex().upper()
        facts.append(
            {"command": sent, "name": name, "data": data, "sw": f"{answer.sw:04X}", "expected": _patterns(step)}
        )
        say(f"< {' '.join(filter(None, (data, describe(answer.sw))))}")
        if meter is not None:
            cost = meter.cost()
            facts[-1]["cost"] = cost.facts()
            for line in cost.lines():
                say(f"  {line}")
        if not step.allows(answer.sw):
            return facts, f"{name} {sent}: the card answered {describe(answer.sw)}, expected {step.expected}"
    return facts, None


def _patterns(step: Step) -> list[str]:
    return [] if step.expected is None else list(step.expected.patterns)
