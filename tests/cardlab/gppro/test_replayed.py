"""The installer still asks GlobalPlatformPro for what was recorded, and makes the same of the answer (D2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cardlab.globalplatform.host.gppro.installer import GpInstaller
from cardlab.globalplatform.host.gppro.program import OLDEST, GlobalPlatformPro, Outcome
from jpki.package import jpki_executable
from tests.cardlab.gppro.corpus import Recording
from tests.cardlab.gppro.scenes import DEEDS, DOMAIN_KEYS, LISTS, NEW_KEYS, REFUSALS, Scene
from tests.cardlab.gppro.test_recordings import as_listed

READER, OTHER = "Virtual PCD 0 00 00", "Virtual PCD 0 00 01"
NEW = [key.hex().upper() for keys in (DOMAIN_KEYS, NEW_KEYS) for key in (keys.enc, keys.mac, keys.dek)]


@dataclass(frozen=True)
class Replayed(GlobalPlatformPro):
    """Answers the recorded command line, and no other one; what follows it lists an empty card."""

    recording: Recording
    confidential: bool
    sessions: list[Mapping[str, str]] = field(default_factory=list)  # the keys of each run

    def run(self, arguments: Sequence[str], *, keys: Mapping[str, str] | None = None, **options: Any) -> Outcome:
        assert keys is not None
        assert options["ignored_readers"] == (OTHER,)
        self.sessions.append(keys)
        if len(self.sessions) > 1:
            return Outcome("", "", 0)
        plain = tuple(Path(one).name if one.endswith(".cap") else one for one in arguments)
        assert plain == self.recording.arguments
        assert options["confidential"] == self.confidential
        assert self.confidential or not any(key in arguments for key in NEW)
        return self.recording.outcome


@pytest.mark.parametrize("scene", (*LISTS, *DEEDS, *REFUSALS), ids=lambda scene: scene.name)
def test_scene(scene: Scene) -> None:
    recording = Recording.read(scene.name)
    program = Replayed(Path("java"), Path("gp.jar"), OLDEST, "a recording", recording, scene.confidential)
    installer = GpInstaller(program, READER, scene.access, list_readers=lambda: (READER, OTHER))
    if scene.error is not None:
        with pytest.raises(scene.error):
            scene.do(installer, jpki_executable().cap)
    else:
        result = scene.do(installer, jpki_executable().cap)
        assert result == (as_listed(recording.registry) if scene.lists else None)
    first, *later = program.sessions
    assert first["GP_KEY_MAC"] == scene.access.keys.mac.hex().upper()
    assert len(later) == ("--lock-enc" in recording.arguments)  # new keys open a session, to see that they are right
    assert all(keys["GP_KEY_ENC"] in NEW for keys in later)
