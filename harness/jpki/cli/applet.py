"""``jpki applet``: compile the applet and make its CAP file; how large it is (D3)."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.kit import build_with_kit, kit_options
from cardlab.cli.output import Output, json_option, table
from cardlab.errors import BuildError

_LIMIT = 64 * 1024  # what one component, and with many cards a whole package, can have
_NOT_SOUND = "the converter and the verifier disagree: one of them has a defect"


@click.command()
@kit_options
@json_option
def command(as_json: bool, kit: Path | None, ant_javacard: Path | None) -> None:
    """Compile the applet, convert it to build/jpki.cap, verify that, and say how large its components are."""
    from hashlib import sha256

    from cardlab.cap.platform import api
    from cardlab.cap.reader import read_cap
    from cardlab.cap.verifier import verify
    from cardlab.toolchain.compile import APPLET_TARGET, class_files
    from cardlab.toolchain.kit.build import KitInput
    from jpki.package import jpki_executable, write_cap
    from jpki.sources import APPLET_GLOBALPLATFORM, applet_folder, compile_applet

    folder = compile_applet()
    sizes = class_files(folder)
    executable = jpki_executable(folder)
    verdict = verify(read_cap(executable.cap), api())
    if not verdict.sound:
        raise BuildError("the verifier refuses the CAP file:\n" + "\n".join(verdict.findings), hint=_NOT_SOUND)
    cap = write_cap(executable)
    components = {
        tag.name.replace("_", " ").title(): len(data) for tag, data in executable.converted.components.items()
    }
    block = executable.data_block
    facts: dict[str, object] = {
        "folder": str(folder),
        "target": APPLET_TARGET,
        "classes": sizes,
        "count": len(sizes),
        "bytes": sum(sizes.values()),
        "cap": str(cap),
        "components": components,
        "load_size": len(block),
        "load_share": round(len(block) / _LIMIT, 4),
        "load_file_data_block_sha256": sha256(block).hexdigest().upper(),
    }
    rows = [("component", "bytes"), *((name, f"{size:,}") for name, size in components.items())]
    lines = [
        *table(rows),
        "",
        f"SHA-256 of what is loaded, as the applet tells it: {facts['load_file_data_block_sha256']}",
        f"{len(block):,} bytes to load (all but Descriptor), {100 * len(block) / _LIMIT:.1f} % of 64 KB",
        f"{len(sizes)} classes, {facts['bytes']:,} bytes with debug information, Java {APPLET_TARGET}, in {folder}",
        f"CAP file with class files, verified: {cap}",
    ]
    if kit is not None:
        given = KitInput(folder, applet_folder() / "build.xml", APPLET_GLOBALPLATFORM, "jpki-kit.cap")
        facts["kit"], told = build_with_kit(given, kit, ant_javacard, cap, Output(as_json))
        lines += told
    Output(as_json).facts(facts, lines)
