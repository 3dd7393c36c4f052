"""``cardlab cap build``: sources to finished CAP files in one command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli import cap_options as shared
from cardlab.cli.output import Output, json_option
from cardlab.errors import UsageError

if TYPE_CHECKING:
    from cardlab.toolchain.capbuild.build import Built
    from cardlab.toolchain.capbuild.plan import PackagePlan

_PLACE = click.Path(path_type=Path)
_PROJECT = Path("pyproject.toml")


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--aid", "aids", multiple=True, help="AID of the package, hex; of several NAME=AID each.")
@click.option("--version", "version_text", default="1.0", show_default=True, help="Version of the packages.")
@click.option(
    "--applet", "applets", multiple=True, help="AID=class of an applet; may be repeated.  [default: those found]"
)
@click.option("--no-applets", is_flag=True, help="Make a library, whatever is found.")
@click.option("-o", "--output", type=_PLACE, help="CAP file to write; of several packages a folder.")
@click.option("--exp", type=_PLACE, help="Export file to write; of several packages a folder.")
@click.option("-i", "--int", "ints", is_flag=True, help="Allow int, for cards that have it.")
@click.option("--project", type=shared.FILE, help="Build what this file describes.  [default: pyproject.toml]")
@shared.carried_options[0]
@shared.carried_options[1]
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
@json_option
def build(
    sources: tuple[Path, ...],
    aids: tuple[str, ...],
    version_text: str,
    applets: tuple[str, ...],
    no_applets: bool,
    output: Path | None,
    exp: Path | None,
    ints: bool,
    project: Path | None,
    no_classes: bool,
    no_source_map: bool,
    platform: str,
    globalplatform: str,
    folders: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Compile SOURCES, and convert each package in them to a CAP file, those first that others need.

    Without SOURCES, the table [tool.cardlab.cap] of a pyproject.toml says what is built, and other options are not
    looked at, except -o and --exp.
    """
    from cardlab.toolchain.capbuild.archive import Carried
    from cardlab.toolchain.capbuild.build import build as run
    from cardlab.toolchain.capbuild.plan import Plan
    from cardlab.toolchain.capbuild.settings import api_version, read_settings

    if not sources:
        if aids or applets:
            raise UsageError("--aid and --applet go with SOURCES", hint="name the folder of the sources")
        settings = read_settings(project or _PROJECT)
        made = run(settings.plan)
        _write(made, output or settings.output, exp or settings.export_files, Output(as_json), in_folder=True)
        return
    if output is None or not aids:
        raise UsageError("-o and --aid are missing", hint="cardlab cap build src --aid F00000000101 -o x.cap")
    named = () if no_applets else None if not applets else tuple(shared.applet(one) for one in applets)
    plans = _plans(aids, shared.version(version_text), named, ints)
    carried = Carried(not no_classes, not no_source_map)
    made = run(Plan(sources, plans, api_version(platform), globalplatform, folders, carried))
    _write(made, output, exp, Output(as_json), in_folder=len(plans) > 1 or output.is_dir())


def _plans(
    aids: Sequence[str], version: tuple[int, int], applets: tuple[tuple[bytes, str], ...] | None, ints: bool
) -> tuple[PackagePlan, ...]:
    """One for each ``--aid``; an applet goes to the package that its class is in."""
    from cardlab.toolchain.capbuild.plan import PackagePlan
    from cardlab.toolchain.capbuild.settings import aid_of

    found = []
    for text in aids:
        name, _, aid = text.rpartition("=")
        own = applets
        if applets and name:
            own = tuple(one for one in applets if one[1].rpartition(".")[0] == name)
        found.append(PackagePlan(aid_of(aid), name, version, own, ints))
    known = {one.name for one in found}
    if astray := [name for _, name in applets or () if "" not in known and name.rpartition(".")[0] not in known]:
        raise UsageError(f"{astray[0]} is in none of the packages", hint=f"there are {', '.join(sorted(known))}")
    return tuple(found)


def _write(made: Sequence[Built], output: Path, exp: Path | None, out: Output, *, in_folder: bool) -> None:
    """All of it, once everything is converted; says what was made."""
    from cardlab.cap.container import load_file
    from cardlab.cap.exportfile import write_exp

    facts, lines = [], []
    for one in made:
        name, export = one.plan.name, one.conversion.export
        file = output / f"{name}.cap" if in_folder else output
        size = len(load_file(one.conversion.components))
        if exp is not None:
            simple = export.name.rpartition("/")[2]
            place = exp / export.name / "javacard" / f"{simple}.exp" if in_folder else exp
            _put(place, write_exp(export, _format(one)), in_folder)
        _put(file, one.cap, in_folder)
        applets = {aid.hex().upper(): class_name for aid, class_name in one.plan.applets or ()}
        aid = one.plan.aid.hex().upper()
        facts.append({"package": name, "aid": aid, "applets": applets, "cap": str(file), "load_size": size})
        lines.append(f"{name} {aid}: {file}, {size:,} bytes to load")
        lines += [f"  applet {applet} {class_name}" for applet, class_name in applets.items()]
    out.facts(facts, lines)


def _format(one: Built) -> tuple[int, int]:
    from cardlab.cap.container import Component

    header = one.conversion.components[Component.HEADER]
    return header[8], header[7]  # behind tag, size and magic: minor, then major (JCVM 3.0.5, 6.4)


def _put(file: Path, content: bytes, make_folder: bool) -> None:
    from cardlab.toolchain import places

    if make_folder:
        places.make_folder(file.parent)
    shared.write(file, content)
