"""``cardlab cap``: convert class files, look into CAP files, compare and verify them, print token tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli import cap_options as shared
from cardlab.cli.cap_build import build
from cardlab.cli.cap_explore import explore
from cardlab.cli.output import Output, json_option

if TYPE_CHECKING:
    from cardlab.cap.model import StaticResource
    from cardlab.classfile.classfile import ClassFile


@click.group()
def command() -> None:
    """Convert, inspect, compare and verify CAP files, without a vendor's kit."""


command.add_command(build)
command.add_command(explore)


def _resource(text: str) -> StaticResource:
    from cardlab.cap.model import StaticResource
    from cardlab.errors import UsageError

    number, equals, file = text.partition("=")
    if not (equals and number.isdecimal()):
        raise click.BadParameter(f"{text!r} is not of the form NUMBER=FILE")
    try:
        return StaticResource(int(number), Path(file).read_bytes())
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="name a file that is there") from error


@command.command()
@click.argument("file", type=shared.CAP_FILE)
@click.option("--disassemble", is_flag=True, help="Print the code as well.")
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
@json_option
def info(
    file: Path, disassemble: bool, platform: str, globalplatform: str, folders: tuple[Path, ...], as_json: bool
) -> None:
    """AIDs, imports, component sizes, load size and hashes of FILE."""
    from cardlab.cap import extended
    from cardlab.cap import info as facts
    from cardlab.cap.listing import listing
    from cardlab.cap.reader import read_cap
    from cardlab.toolchain.cap_package import read_file

    raw = read_file(file)
    try:
        cap = read_cap(raw)
    except extended.ExtendedFormatError:
        found = extended.read_extended(raw)
        Output(as_json).facts(extended.facts(found), extended.lines(found))
        return
    exports = shared.exports_of(platform, globalplatform, folders)
    lines = list(facts.lines(cap, exports, raw))
    if disassemble:
        lines += ["", *listing(cap, exports)]
    Output(as_json).facts(facts.as_json(cap, exports, raw), lines)


@command.command()
@click.argument("first", type=shared.CAP_FILE)
@click.argument("second", type=shared.CAP_FILE)
@json_option
def diff(first: Path, second: Path, as_json: bool) -> None:
    """Compare two CAP files component by component; exit code 1 when they differ."""
    from cardlab.cap.diff import differences
    from cardlab.cap.reader import read_cap
    from cardlab.toolchain.cap_package import read_file

    found = differences(read_cap(read_file(first)), read_cap(read_file(second)))
    rows = [{"component": d.component, "text": d.text} for d in found]
    Output(as_json).facts(rows, [str(d) for d in found] or ["all components are equal"])
    if found:
        raise SystemExit(1)


@command.command()
@click.argument("package", required=False)
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
def exports(package: str | None, platform: str, globalplatform: str, folders: tuple[Path, ...]) -> None:
    """The packages that can be imported, or the token table of PACKAGE."""
    from cardlab.cap.exports import to_json
    from cardlab.errors import UsageError

    known = shared.exports_of(platform, globalplatform, folders)
    if package is None:
        for p in sorted(known.packages(), key=lambda p: p.name):
            version = ".".join(str(n) for n in p.version)
            click.echo(f"{p.name.replace('/', '.'):32} {version:5} {p.aid.hex().upper()}")
        return
    found = known.package(package.replace(".", "/"))
    if found is None:
        raise UsageError(f"there is no token table for {package}", hint="cardlab cap exports lists them")
    click.echo(to_json(found), nl=False)


@command.command()
@click.argument("file", type=shared.CAP_FILE)
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
@json_option
def verify(file: Path, platform: str, globalplatform: str, folders: tuple[Path, ...], as_json: bool) -> None:
    """Check structure, references and type safety of FILE."""
    from cardlab.cap.reader import read_cap
    from cardlab.cap.verifier import verify as check
    from cardlab.errors import VerificationError
    from cardlab.toolchain.cap_package import read_file

    verdict = check(read_cap(read_file(file)), shared.exports_of(platform, globalplatform, folders))
    faults = [f"{f} [{f.rule.name}, {f.rule.source}]" for f in verdict.faults]
    lines = [*(f"note: {n}" for n in verdict.notes), *faults]
    summary = "sound" if verdict.sound else f"{len(verdict.findings)} fault{'s' * (len(verdict.findings) != 1)}"
    found = {"findings": verdict.findings, "rules": [f.rule.name for f in verdict.faults], "notes": verdict.notes}
    Output(as_json).facts(found, [*lines, summary])
    if not verdict.sound:
        raise VerificationError(f"{file}: {summary}", hint="convert it again, or do not load it")


@command.command()
@click.argument("classes", type=shared.FOLDER)
@click.option("--aid", required=True, help="AID of the package, hex.")
@click.option("--version", "version_text", default="1.0", show_default=True, help="Version of the package.")
@click.option("--applet", "applets", multiple=True, help="AID=class of an applet; may be repeated.")
@click.option("--resource", "resources", multiple=True, help="NUMBER=FILE of a static resource (Java Card 3.1).")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CAP file to write."
)
@click.option("--exp", type=click.Path(dir_okay=False, path_type=Path), help="Export file to write.")
@click.option("-i", "--int", "ints", is_flag=True, help="Allow int, for cards that have it.")
@shared.carried_options[0]
@shared.carried_options[1]
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
def convert(
    classes: Path,
    aid: str,
    version_text: str,
    applets: tuple[str, ...],
    resources: tuple[str, ...],
    output: Path,
    exp: Path | None,
    ints: bool,
    no_classes: bool,
    no_source_map: bool,
    platform: str,
    globalplatform: str,
    folders: tuple[Path, ...],
) -> None:
    """Convert the class files of one package, anywhere below CLASSES, to a CAP file."""
    from cardlab.cap.convert import convert as run
    from cardlab.cap.exportfile import write_exp
    from cardlab.cap.platform import cap_format
    from cardlab.toolchain.capbuild.archive import Carried, finished

    exports = shared.exports_of(platform, globalplatform, folders)
    named, data = [shared.applet(a) for a in applets], [_resource(one) for one in resources]
    found, wanted = _class_files(classes), cap_format(platform)
    classes_ = [one for one, _ in found]
    done = run(classes_, shared.aid(aid), shared.version(version_text), named, exports, wanted, data, ints)
    if exp is not None:
        shared.write(exp, write_exp(done.export, cap_format(platform)))
    carried = Carried(not no_classes, not no_source_map)
    shared.write(output, finished(done, ((one.name, code) for one, code in found), carried))


@command.command("api-jar")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Jar to write.")
@shared.platform_option
@shared.globalplatform_option
@shared.exports_option
def api_jar(output: Path, platform: str, globalplatform: str, folders: tuple[Path, ...]) -> None:
    """Write a jar of stubs of the API, for compilers and IDEs: what the token tables declare, and nothing else."""
    from cardlab.toolchain.api_jar import api_jar as make

    shared.write(output, make(shared.exports_of(platform, globalplatform, folders)))


@command.command()
@shared.platform_option
@shared.globalplatform_option
@click.option("--runtime", default=None, help="Runtime to ask; the usual one by default.")
@json_option
def support(platform: str, globalplatform: str, runtime: str | None, as_json: bool) -> None:
    """What of the API a runtime has: each method that is refused, and how; with --json every one."""
    from cardlab.runtime import choose
    from cardlab.runtime.support import support as asked

    members = asked(choose(runtime), platform.removesuffix(".0"), globalplatform)
    rows = [
        {
            "package": one.package,
            "class": one.owner,
            "member": one.name,
            "absence": None if one.absence is None else one.absence.name,
        }
        for one in members
    ]
    lines = [f"{one.package}.{one.owner}: {one.name}: {one.absence.value}" for one in members if one.absence]
    summary = f"{len(members) - len(lines)} of {len(members)} are there"
    Output(as_json).facts(rows, [*lines, summary])


def _class_files(folder: Path) -> list[tuple[ClassFile, bytes]]:
    """All class files below a folder, read and as they are; an unreadable one is named."""
    from cardlab.classfile.classfile import read_class
    from cardlab.classfile.errors import ClassFileError
    from cardlab.errors import UsageError

    found = []
    for file in sorted(folder.rglob("*.class")):
        try:
            code = file.read_bytes()
            found.append((read_class(code), code))
        except ClassFileError as error:
            raise ClassFileError(f"{file}: {error}", hint="compile it again") from error
    if not found:
        raise UsageError(f"there are no class files below {folder}", hint="name the folder that the compiler wrote to")
    return found
