"""How long the applet takes on its way from class files onto a card: converted, verified, sent with LOAD."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from cardlab.bench.copies import copies
from cardlab.bench.kit_runs import KitRuns, kit_runs
from cardlab.bench.measure import Sample, times
from cardlab.cap.container import load_file
from cardlab.cap.convert import Conversion, convert
from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.card.config import DEFAULT_KEYS
from cardlab.card.manager import linking
from cardlab.classfile.bytecode import decode
from cardlab.classfile.classfile import read_class
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.toolchain.executable import Executable
from cardlab.toolchain.kit.development_kit import Kit
from jpki.bench.subject import blank_card
from jpki.package import jpki_executable

_COPIES = 5  # of the applet's classes: above 70,000 bytes to load


@dataclass(frozen=True, slots=True)
class ConversionTimes:
    """What was converted, and times in seconds; the rates are those of the mean time of a conversion.

    ``large`` is the conversion of a package of ``large_size`` bytes to load: the applet's classes several times.
    ``kit_runs`` are whole runs beside those of a kit, where one was named.
    """

    classes: int
    bytecodes: int
    load_size: int
    classes_per_second: float
    bytecodes_per_second: float
    conversion: Sample
    verification: Sample
    load: Sample
    large_size: int
    large: Sample
    kit_runs: KitRuns | None = None


def conversion_times(*, runs: int, kit: Kit | None = None) -> ConversionTimes:
    """Convert the applet's class files, verify the CAP file and load it, ``runs`` times each.

    Every conversion and verification reads the token tables anew, as it is when a command is started. ``load`` is
    INSTALL [for load] and LOAD under C-MAC, each time on a card whose linker has never seen the load file.
    """
    applet = jpki_executable()
    package, made = applet.package, applet.cap
    codes = list(package.classes.values())
    applets = [(module.aid, module.class_name) for module in package.modules]

    def convert_it() -> None:
        done = convert(codes, package.aid, package.version, applets, builtin(applet.java_card, applet.globalplatform))
        if done.components != applet.converted.components:
            raise RuntimeError("the same class files gave another CAP file")

    def verify_it() -> None:
        verdict = verify(read_cap(made), builtin(applet.java_card, applet.globalplatform))
        if not verdict.sound:
            raise RuntimeError("the CAP file is not sound")

    convert_it()
    verify_it()
    _load(applet)
    conversion = times(convert_it, runs)
    large = list(copies(package.classes, _COPIES).values())

    def convert_large() -> Conversion:
        exports = builtin(applet.java_card, applet.globalplatform)
        return convert(large, package.aid, package.version, applets, exports)

    files = [read_class(code) for code in codes]
    bytecodes = sum(len(decode(one.code.code)) for file in files for one in file.methods if one.code is not None)
    return ConversionTimes(
        classes=len(codes),
        bytecodes=bytecodes,
        load_size=len(applet.data_block),
        classes_per_second=len(codes) / conversion.mean,
        bytecodes_per_second=bytecodes / conversion.mean,
        conversion=conversion,
        verification=times(verify_it, runs),
        load=Sample.of([_load(applet) for _ in range(runs)]),
        large_size=len(load_file(convert_large().components)),
        large=times(convert_large, runs),
        kit_runs=None if kit is None else kit_runs(applet, kit, runs=runs),
    )


def _load(applet: Executable) -> float:
    """Seconds that INSTALL [for load] and LOAD take on a fresh card."""
    linking.linked.cache_clear()
    linking.read.cache_clear()
    with blank_card(applet) as card:
        manager = GlobalPlatformClient(card)
        manager.select()
        manager.authenticate(DEFAULT_KEYS, level=SecurityLevel.C_MAC)
        started = perf_counter()
        manager.load(applet.package.aid, applet.data_block)
        return perf_counter() - started
