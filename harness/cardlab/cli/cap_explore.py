"""``cardlab cap explore``: a CAP file as a page for a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli import cap_options as shared

if TYPE_CHECKING:
    from cardlab.cap.debug import DebugInfo
    from cardlab.cap.reader import CapFile


@click.command()
@click.argument("file", type=shared.CAP_FILE)
@click.option("-o", "--output", type=shared.OUTPUT_FILE, required=True, help="HTML file to write.")
@click.option(
    "--sources",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Folder of the Java sources, for the text of lines; may be repeated.",
)
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
def explore(
    file: Path,
    output: Path,
    sources: tuple[Path, ...],
    platform: str,
    globalplatform: str,
    folders: tuple[Path, ...],
) -> None:
    """Write FILE as one page: components, imports, classes, code beside source lines, constant pool, search.

    The page needs no network. Java names and lines come from the file's Debug component or source map, or from the
    class files that it carries.
    """
    from cardlab.cap.explore import explore as page
    from cardlab.cap.explore.sources import Sources
    from cardlab.cap.reader import read_cap
    from cardlab.toolchain.cap_package import read_file

    raw = read_file(file)
    cap = read_cap(raw)
    exports = shared.exports_of(platform, globalplatform, folders)
    shared.write(output, page(cap, raw, exports, _debug(cap, raw), Sources(sources)).encode())


def _debug(cap: CapFile, raw: bytes) -> DebugInfo:
    """Names and lines, from wherever the file has them."""
    from cardlab.cap.debug import debug_of, read_debug
    from cardlab.toolchain.cap_package import read_package
    from cardlab.toolchain.executable import Executable

    found = debug_of(cap.raw, cap.files)
    if found.classes:
        return found
    made = read_package(raw)
    return read_debug(made.converted.debug) if isinstance(made, Executable) else found
