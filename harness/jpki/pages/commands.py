"""docs/generated/commands.md: both command lines, from what their commands declare."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# Commands

Every command of `cardlab` (any Java Card applet) and `jpki` (this applet and the service around it), as `--help` shows
it. `jpki pages` writes this page, and a test fails when it is stale. Exit codes:
[exit-codes.md](../reference/exit-codes.md).
"""


def markdown() -> str:
    """The page."""
    import cardlab.cli
    import jpki.cli

    groups: tuple[click.Group, ...] = (cardlab.cli.GROUP, jpki.cli.GROUP)
    lines = [_INTRODUCTION]
    for group in groups:
        for path, command in walk(group, group.name or ""):
            lines += _section(path, command)
    return wrapped("\n".join(lines))


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            if (below := command.get_command(context, name)) is not None:
                yield from walk(below, f"{path} {name}")


def _section(path: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    yield f"## {path}"
    yield ""
    yield f"`{' '.join((path, *command.collect_usage_pieces(context)))}`"
    yield ""
    yield _escaped(_help(command))
    yield ""
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        yield "| option | |"
        yield "|---|---|"
        yield from (f"| {_names(one, context)} | {_escaped(_about(one))} |" for one in options)
        yield ""


def _help(command: click.Command) -> str:
    """Its paragraphs; what click is told not to wrap becomes a block of its own."""
    text = inspect.cleandoc(command.help or "").partition("\f")[0]
    paragraphs = []
    for part in text.split("\n\n"):
        if part.startswith("\b\n"):
            paragraphs.append(f"```text\n{part[2:].strip()}\n```")
        elif part.startswith("    "):
            paragraphs.append(f"```text\n{inspect.cleandoc(part)}\n```")
        else:
            paragraphs.append(part)
    return "\n\n".join(paragraphs)


def _names(option: click.Option, context: click.Context) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    if option.is_flag or option.count:
        return f"`{names}`"
    return f"`{names} {option.make_metavar(context)}`".replace("|", r"\|")


def _about(option: click.Option) -> str:
    """Its help with what click adds to it: environment variable, default, whether it must be given."""
    text = " ".join((option.help or "").split())
    more = []
    if option.envvar:
        more.append(f"environment variable `{option.envvar}`")
    if option.show_default and option.default is not None and not callable(option.default):
        more.append(f"default: {option.default}")
    if option.required:
        more.append("required")
    return f"{text} ({'; '.join(more)})" if more else text


def _escaped(text: str) -> str:
    """What Markdown would take for HTML or for the border of a cell; code stays code."""
    return text.replace("|", r"\|") if "```" not in text else text
