"""Records what two kits' verifiers make of mutants: JC_HOMES=<kit>:<kit> python -m tests.cardlab.cap.kit_verdicts

A kit that refuses a mutant only for want of an export file, or because it is not what its export file says, has no
opinion on it; such mutants are left out.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cardlab.cap.container import FILE_NAMES, Component, pack
from cardlab.cap.convert import Conversion
from cardlab.cap.exportfile import write_exp
from cardlab.cap.reader import read_cap
from cardlab.toolchain.compile import HOST_TARGET, compile_java
from cardlab.toolchain.java import find_java
from tests.cardlab.cap.corpus import PLATFORM, compiled, converted
from tests.cardlab.cap.mutants import Verdicts, choose, digest

_SEED = 2026
_A_PACKAGE = 700
"""Mutants of each package that are tried."""
_RECORDED = 10_500
"""Mutants in the record: all that are sound, and others by chance."""


def _cap(package: str, components: Mapping[Component, bytes]) -> bytes:
    return pack({f"{package}/javacard/{FILE_NAMES[tag]}": data for tag, data in components.items()})


def _opinions(kit: Path, caps: Sequence[bytes], exports: Sequence[Path], classes: Path) -> list[str]:
    """What a kit says of each CAP file, nothing when it is sound."""
    api = kit / "api_export_files"
    files = [*exports, *(sorted(api.rglob("*.exp")) if api.is_dir() else ())]
    jars = [f for f in sorted((kit / "lib").glob("*.jar")) if not f.name.startswith("api_")]
    path = os.pathsep.join(str(p) for p in (classes, *jars))
    platform = "" if api.is_dir() else PLATFORM
    command = [str(find_java().executable), f"-Djc.home={kit}", "-cp", path, "KitVerdicts", platform]
    fed = b"".join(len(cap).to_bytes(4, "big") + cap for cap in caps)
    done = subprocess.run([*command, *(str(f) for f in files)], input=fed, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace").splitlines()


def _sound(opinions: tuple[str, ...]) -> bool | None:
    """Whether all kits find it sound; None when one has no opinion and none refuses it."""
    if any(o and "xport file" not in o for o in opinions):
        return False
    return None if any(opinions) else True


def _write_exports(done: Mapping[str, Conversion], folder: Path) -> list[Path]:
    out = []
    for name, one in done.items():
        if read_cap(one.cap).exports is not None:
            out.append(folder / f"{name}.exp")
            out[-1].write_bytes(write_exp(one.export))
    return out


def _record(kits: Sequence[Path]) -> None:
    rng = random.Random(_SEED)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        done = converted(compiled(out))
        driver = compile_java([Path(__file__).with_name("KitVerdicts.java")], out / "driver", target=HOST_TARGET)
        tried = [m for name, one in done.items() for m in choose(name, one.components, _A_PACKAGE, rng)]
        caps = [_cap(m.package, m.of(done[m.package].components)) for m in tried]
        exports = _write_exports(done, out)
        opinions = zip(*(_opinions(kit, caps, exports, driver) for kit in kits), strict=True)
        verdicts = {m: _sound(o) for m, o in zip(tried, opinions, strict=True)}
    sound = [m for m, v in verdicts.items() if v]
    refused = [m for m, v in verdicts.items() if v is False]
    chosen = rng.sample(refused, min(_RECORDED - len(sound), len(refused)))
    digests = {name: digest(one.components) for name, one in done.items()}
    Verdicts(digests, frozenset(sound), frozenset(chosen)).write()


if __name__ == "__main__":
    homes = [Path(p) for p in os.environ.get("JC_HOMES", "").split(os.pathsep) if p]
    if len(homes) < 2:
        raise SystemExit("set JC_HOMES to the folders of two kits")
    _record(homes)
