"""The built-in client as an installer does and refuses the same."""

from __future__ import annotations

import pytest

from harness.errors import CardError
from harness.globalplatform.installer import BuiltinInstaller, Installer
from harness.jpki.package import jpki_executable, jpki_library
from harness.simulator.card import SimulatedCard
from harness.simulator.config import CardConfig
from harness.status import UnexpectedStatusError
from tests.gppro.scenes import DEEDS, ISSUER, LISTS, REFUSALS, Scene


@pytest.mark.parametrize("scene", (*LISTS, *DEEDS, *REFUSALS), ids=lambda scene: scene.name)
def test_scene(scene: Scene) -> None:
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
