"""The applet's CAP file by a kit: compiled here, converted by ant-javacard, verified by the kit."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.cap.container import LOAD_ORDER, Component
from cardlab.cap.diff import differences
from cardlab.cap.reader import read_cap
from cardlab.errors import BuildError
from cardlab.toolchain import places
from cardlab.toolchain.java import find_java
from cardlab.toolchain.kit import ant_javacard
from cardlab.toolchain.kit.development_kit import PLATFORM, Kit, read_kit
from cardlab.toolchain.kit.imports import Imports, globalplatform
from cardlab.toolchain.kit.verifier import Verdict, verify


@dataclass(frozen=True, slots=True)
class KitInput:
    """What a kit is given: class files, Ant's build file, the imported org.globalplatform; ``name`` is the result's."""

    classes: Path
    build_file: Path
    globalplatform: str
    name: str


@dataclass(frozen=True, slots=True)
class KitBuild:
    """A CAP file that a kit made for ``platform`` and found sound; ``ant_javacard`` is the jar that drove it."""

    kit: Kit
    platform: str
    ant_javacard: Path
    cap: Path
    verdict: Verdict
    components: Mapping[Component, int]
    """Sizes in bytes, tag and length included."""
    imports: Imports

    @property
    def load_size(self) -> int:
        """Bytes that a card is sent: every component but Descriptor, which no card needs, and Debug."""
        return sum(size for tag, size in self.components.items() if tag not in (Component.DESCRIPTOR, Component.DEBUG))


def build_with_kit(given: KitInput, folder: Path, jar: Path | None = None, platform: str | None = None) -> KitBuild:
    """Build with the kit in ``folder`` as ``build/NAME``, which is replaced only when it verifies.

    The class files are those that our own converter gets, for Java 1.6, which every kit takes on every Java. ``jar`` is
    ant-javacard.jar (`ant_javacard.find_jar`).
    """
    kit = read_kit(folder)
    platform = kit.platform(platform)
    jar = ant_javacard.find_jar(jar)
    java = find_java()
    kit.check_class_files(given.classes.rglob("*.class"))
    imports = globalplatform(given.globalplatform)
    places.build_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.build_folder()) as temporary:
        made = Path(temporary) / given.name
        properties = {
            "jc.home": kit.folder, "target": platform if kit.asks_for_target else kit.folder, "classes": given.classes,
            "output": made, "ant.javacard.jar": jar, "globalplatform.exports": imports.exports,
            "globalplatform.jar": imports.jar,
        }  # fmt: skip
        ant_javacard.run(given.build_file, properties, java)
        if not made.is_file():
            raise BuildError(
                "Ant ended well but made no CAP file", hint="another ant-javacard may do; see docs/reference/kit.md"
            )
        verdict = require_sound(kit, made, imports, platform)
        cap = made.replace(places.build_folder() / given.name)
    return KitBuild(kit, platform, jar, cap, verdict, component_sizes(cap), imports)


def require_sound(kit: Kit, cap: Path, imports: Imports, platform: str | None = None) -> Verdict:
    """What the kit's verifier says about a CAP file that may import org.globalplatform; BuildError unless sound."""
    verdict = verify(kit, cap, [imports.export_file], platform=platform)
    if not verdict.passed:
        words = "\n".join(verdict.complaints)
        raise BuildError(
            f"the verifier of the kit {kit.name} refuses {cap.name} ({verdict}):\n{words}",
            hint="the file is not to be loaded; a kit older than what it was converted for refuses it too",
        )
    return verdict


def component_sizes(cap: Path) -> dict[Component, int]:
    """The size of every component in a CAP file, in the order of loading. Raises CapError."""
    raw = read_cap(cap.read_bytes()).raw
    return {one: len(raw[one]) for one in (*LOAD_ORDER, Component.DEBUG) if one in raw}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A CAP file of our own converter beside the kit's: what the kit's verifier says about ours, how the two differ.

    No ``differences`` means that every component is the same to the byte; ``reasons`` are those that this kit gives.
    """

    verdict: Verdict
    differences: tuple[str, ...]
    reasons: tuple[str, ...]


def compare(ours: Path, made: KitBuild) -> Comparison:
    """Verify and compare ``ours``, made for Java Card 3.0.4. Raises BuildError when the kit's verifier refuses it."""
    verdict = require_sound(made.kit, ours, made.imports, made.platform)
    first, second = (read_cap(one.read_bytes()) for one in (ours, made.cap))
    different = tuple(str(one) for one in differences(first, second))
    return Comparison(verdict, different, _reasons(made) if different else ())


def _reasons(made: KitBuild) -> tuple[str, ...]:
    """What is known to make a kit's CAP file another one; counted in the applet's."""
    reasons = []
    if made.platform != PLATFORM:
        reasons.append(
            f"this kit imports the API of {made.platform}; a card for {PLATFORM} refuses that, no card the other"
        )
    if made.kit.release == "3.0.4":
        reasons.append("this kit never stores with putfield_*_this, so its methods are longer and all lie elsewhere")
    return tuple(reasons)
