"""Images of worlds, those of the flows, and one for commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from jpki.client.constants import Profile, Slot
from tests.jpki.flows.conftest import images
from tests.jpki.flows.worlds import Images
from tests.jpki.stores.cases import ANSWERS

__all__ = ["images"]


@pytest.fixture(scope="module")
def image(images: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hanako has certificates on p1; what commands need to know lies in the folder as well."""
    world = tmp_path_factory.mktemp("image") / "world"
    shutil.copytree(images.folder / "issued", world)
    (world / "answers").write_text(json.dumps(ANSWERS), encoding="utf-8")
    with images.open(world, seed="image") as opened:
        found = opened.ca.certificates_of("hanako")
        serial = next(one.serial for one in found if (one.slot, one.medium) == (Slot.AUTHENTICATION, Profile.PHONE))
    (world / "serial").write_text(f"{serial:X}", encoding="utf-8")
    return world
