"""Options and values that the commands of ``cardlab cap`` share."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.iso7816 import aid as aids

if TYPE_CHECKING:
    from cardlab.cap.exports import Exports

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _CapFile(click.Path):
    """A file that is there, or one of several CAP files in an archive: ``x.jar!name.cap``."""

    def convert(self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from cardlab.toolchain.cap_package import split_archive

        FILE.convert(split_archive(Path(value))[0], param, ctx)
        return Path(value)


CAP_FILE = _CapFile()
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)

platform_option = click.option(
    "--api", "--platform", "platform", default="3.0.4", show_default=True,
    help="Java Card version of the API: 3.0.4, 3.0.5, 3.1 or 3.2.",
)  # fmt: skip
globalplatform_option = click.option(
    "--gp", "globalplatform", default="1.5", show_default=True, help="GlobalPlatform API."
)
exports_option = click.option(
    "--exports",
    "folders",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Export files to use as well: a folder, an .exp file or a jar of them; may be repeated.",
)
carried_options = (
    click.option("--no-classes", is_flag=True, help="Leave the class files out of the CAP file."),
    click.option("--no-source-map", is_flag=True, help="Leave names and source lines out of the CAP file."),
)
"""What a finished CAP file carries; the command gets ``no_classes`` and ``no_source_map``."""


def exports_of(platform: str, globalplatform: str, folders: tuple[Path, ...]) -> Exports:
    """What can be imported, by these options."""
    from cardlab.cap.exports import builtin

    return builtin(platform.removesuffix(".0"), globalplatform, folders)


def aid(text: str) -> bytes:
    """An AID in hex; BadParameter."""
    try:
        return aids.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def version(text: str) -> tuple[int, int]:
    """Major and minor version; BadParameter."""
    major, dot, minor = text.partition(".")
    if not (dot and major.isdigit() and minor.isdigit() and int(major) < 256 and int(minor) < 256):
        raise click.BadParameter(f"{text!r} is no version such as 1.0")
    return int(major), int(minor)


def applet(text: str) -> tuple[bytes, str]:
    """``AID=class``; BadParameter."""
    written, equals, name = text.rpartition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not of the form AID=class")
    return aid(written), name


def write(path: Path, data: bytes) -> None:
    """Write a result; UsageError."""
    from cardlab.errors import UsageError

    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="name a file in a folder that is there"
        ) from error
