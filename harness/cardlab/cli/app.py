"""What every command line of ours shares: finds commands, sets up the log, turns errors into exit codes."""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cardlab.cli.ending import ToldToEndError, ending_as_interrupted
from cardlab.cli.terminal import printed
from cardlab.errors import HarnessError
from cardlab.printable import printable_line
from cardlab.system_errors import explained

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports
LOG_LEVELS = ("ERROR", "WARNING", "INFO", "DEBUG", "TRAFFIC")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module whose ``command`` it is, and its line in the list."""

    module: str
    summary: str


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, not before."""

    def __init__(self, *, entries: Mapping[str, Entry], **options: Any) -> None:
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


DISTRIBUTION = "cardlab"


def command_line(name: str, entries: Mapping[str, Entry], about: str) -> LazyGroup:
    """The group of commands that a program consists of, with the options that all have."""

    def begin(log_level: str) -> None:
        from cardlab.transport.traffic import install_traffic_level

        install_traffic_level()
        logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    def show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted:
            from importlib.metadata import version

            click.echo(f"{name} {version(DISTRIBUTION)}")
            ctx.exit()

    level = click.Option(
        ["--log-level"],
        type=click.Choice(LOG_LEVELS, case_sensitive=False),
        default="WARNING",
        show_default=True,
        help="What goes to the log on standard error; TRAFFIC shows every APDU, secrets left out.",
    )
    version_option = click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show_version, help="Show the version."
    )
    return LazyGroup(
        entries=entries,
        name=name,
        callback=begin,
        params=[level, version_option],
        help=f"{about}\n\nExit codes differ by kind of error; docs/reference/exit-codes.md lists them.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def run_group(group: click.Command, arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors meant for people are printed, not raised."""
    program = group.name or ""
    try:
        with printed(), ending_as_interrupted():
            return _run(group, program, arguments)
    except HarnessError as error:  # standard output itself cannot be written
        with printed():
            _report(program, error, as_json=False)
        return error.exit_code


def _run(group: click.Command, program: str, arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    try:
        outcome = group.main(list(arguments), prog_name=program, standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except HarnessError as error:
        _report(program, error, as_json=as_json)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ToldToEndError as told:
        click.echo(f"{program}: ended by {told}", err=True)
        return told.code
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"{program}: interrupted", err=True)
        return INTERRUPTED
    except OSError as error:  # what nobody had a better word for
        _log.debug("the operating system refused", exc_info=True)
        refusal = explained(error)
        _report(program, refusal, as_json=as_json)
        return refusal.exit_code


def _report(program: str, error: HarnessError, *, as_json: bool) -> None:
    """An error for people on standard error; with ``--json`` the same for machines on standard output."""
    if as_json:
        facts = {"kind": type(error).__name__, "message": str(error), "hint": error.hint, "exit_code": error.exit_code}
        click.echo(json.dumps({"error": facts}))
    indent = " " * len(program)
    first, *more = str(error).split("\n")
    click.echo(f"{program}: {printable_line(first)}", err=True)
    for line in (*more, *filter(None, error.hint.split("\n"))):
        click.echo(f"{indent}  {printable_line(line)}", err=True)
