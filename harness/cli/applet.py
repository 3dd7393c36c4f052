"""``jpki applet``: compile the applet and make its CAP file; how large it is (D3)."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.kit import build_with_kit, kit_options
from harness.cli.output import Output, json_option, table
from harness.errors import BuildError

_LIMIT = 64 * 1024  # what one component, and with many cards a whole package, can have
_NOT_SOUND = "the converter and the verifier disagree: one of them has a defect"


@click.command()
@kit_options
@json_option
def command(as_json: bool, kit: Path | None, ant_javacard: Path | None) -> None:
    """Compile the applet, convert it to build/jpki.cap, verify that, and say how large its components are."""
    from hashlib import sha256

    from harness.capfile.reader import read_cap
    from harness.capfile.verifier import verify
    from harness.jpki.package import jpki_executable, write_cap
    from harness.simulator.platform import api
    from harness.toolchain.applet import compile_applet
    from harness.toolchain.compile import APPLET_TARGET, class_files

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
        f"{len(block):,} bytes to load (all but Descriptor), {100 * len(block) / _LIMIT:.1f} % of 64 KB",
        f"{len(sizes)} classes, {facts['bytes']:,} bytes with debug information, Java {APPLET_TARGET}, in {folder}",
        f"CAP file with class files, verified: {cap}",
    ]
    if kit is not None:
        facts["kit"], told = build_with_kit(kit, ant_javacard, cap, Output(as_json))
        lines += told
    Output(as_json).facts(facts, lines)
