"""The group ``jpki``: finds commands, sets up the log, turns errors into exit codes."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from harness.errors import HarnessError

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports
LOG_LEVELS = ("ERROR", "WARNING", "INFO", "DEBUG", "TRAFFIC")


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module whose ``command`` it is, and its line in the list."""

    module: str
    summary: str


# A new command is a file with a click command named ``command``, and a line here.
COMMANDS: Mapping[str, Entry] = {
    "applet": Entry("harness.cli.applet", "Compile the applet, make its CAP file, say what it measures."),
    "card": Entry("harness.cli.card", "The simulated card in a PC/SC reader, and any card in any reader."),
    "cap": Entry("harness.cli.cap", "Convert, inspect, compare and verify CAP files."),
    "bench": Entry("harness.cli.bench", "Measure speed."),
    "ca": Entry("harness.cli.ca", "The test CA: list, revoke, suspend, release, CRL; serve OCSP and CRL."),
    "sign": Entry("harness.cli.sign", "Sign a file with a card, as CMS that anybody can verify."),
    "verify": Entry("harness.cli.verify", "Verify a signature: by whom, with what certificate, authenticated how."),
    "demo": Entry("harness.cli.demo", "Take the applet through its life on a simulated secure element."),
    "phone": Entry("harness.cli.phone", "Use the phone app: issue, renew, revoke, sign, authenticate, and more."),
    "world": Entry("harness.cli.world", "Make a world for the phone app: CA, TSMs, residents, phones."),
    "flows": Entry("harness.cli.flows", "Run every flow between the parties once, and draw it."),
    "plans": Entry("harness.cli.plans", "Explore and compare the six ways of setting a PIN."),
    "trace": Entry("harness.cli.trace", "Say which code and which tests cite a requirement."),
    "timing": Entry("harness.cli.timing", "Measure every flow by section and party, and predict it on a phone."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, not before."""

    def __init__(self, *, entries: Mapping[str, Entry] = COMMANDS, **options: Any) -> None:
        super().__init__(**options)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._entries:
            return None
        module = self._entries[cmd_name].module
        command = importlib.import_module(module).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.command is no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, from the summaries: to import every command for it would take long."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._entries[name].summary) for name in self.list_commands(ctx)])


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"jpki {version('jpki-harness')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS, case_sensitive=False),
    default="WARNING",
    show_default=True,
    help="What goes to the log on standard error; TRAFFIC shows every APDU, secrets left out.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def group(log_level: str) -> None:
    """Build, install, simulate and test the JPKI applet.

    Exit codes differ by kind of error; docs/exit-codes.md lists them.
    """
    from harness.transport.traffic import install_traffic_level

    install_traffic_level()
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors meant for people are printed, not raised."""
    try:
        outcome = group.main(list(arguments), prog_name="jpki", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except HarnessError as error:
        _report(error, as_json="--json" in arguments)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("jpki: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # `jpki demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _report(error: HarnessError, *, as_json: bool) -> None:
    """An error for people on standard error; with ``--json`` the same for machines on standard output."""
    if as_json:
        facts = {"kind": type(error).__name__, "message": str(error), "hint": error.hint, "exit_code": error.exit_code}
        click.echo(json.dumps({"error": facts}))
    click.echo(f"jpki: {error}", err=True)
    if error.hint:
        click.echo(f"      {error.hint}", err=True)
