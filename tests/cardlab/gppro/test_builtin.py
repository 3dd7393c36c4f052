"""The built-in client as an installer does and refuses the same."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import CardError
from cardlab.globalplatform.host import secure_channel
from cardlab.globalplatform.host.installer import BuiltinInstaller, Installer
from cardlab.iso7816.status import UnexpectedStatusError
from jpki.package import jpki_executable, jpki_library
from tests.cardlab.gppro.scenes import DEEDS, ISSUER, LISTS, REFUSALS, Scene


@pytest.mark.parametrize("scene", (*LISTS, *DEEDS, *REFUSALS), ids=lambda scene: scene.name)
def test_scene(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # One of 256 sessions with a wrong key finds padding in what it decrypts: the same challenges, the same session.
    monkeypatch.setattr(secure_channel, "os", SimpleNamespace(urandom=Random(scene.name).randbytes))
    cap = jpki_executable().cap
    with SimulatedCard(CardConfig(), seed=scene.name, classes=jpki_library()) as card:
        installer: Installer = BuiltinInstaller(card, ISSUER)
        for step in scene.before:
            step(installer, cap)
        if scene.error is None:
            scene.do(installer.with_access(scene.access), cap)
            return
        with pytest.raises(scene.error) as caught:
            scene.do(installer.with_access(scene.access), cap)
        if scene.sw and issubclass(scene.error, CardError):
            assert isinstance(caught.value, UnexpectedStatusError)
            assert caught.value.sw == scene.sw
