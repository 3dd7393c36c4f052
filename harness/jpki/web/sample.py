"""A world to look at: where a folder holds none yet, a resident with a card and two phones are put into it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.parties.applicant import Applicant
from jpki.parties.world import World
from jpki.parties.world_folder import WorldFolder
from jpki.parties.world_ledger import NAME

SAMPLE_RESIDENT = "hanako"
SAMPLE_PASSWORD = "HANAKO123"  # noqa: S105 - everything here is for tests
_PHONES = {"phone1": "M1", "phone2": "M2"}


def make_sample(world: World) -> Mapping[str, str]:
    """Who is put into an empty world; returns the password of each resident's My Number Card."""
    world.add_resident(Applicant(SAMPLE_RESIDENT, SAMPLE_HOLDER), SAMPLE_PASSWORD.encode())
    for name, model in _PHONES.items():
        world.add_phone(name, model=model)
    return {SAMPLE_RESIDENT: SAMPLE_PASSWORD}


def is_new(folder: Path) -> bool:
    """Whether a folder holds no world; raises UsageError when it holds something that belongs to one."""
    if not folder.exists() or not any(folder.iterdir()):
        return True
    WorldFolder(folder).require()
    return not (folder / NAME).exists()
