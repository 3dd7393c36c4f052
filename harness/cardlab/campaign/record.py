"""What a campaign found, as a file: written after each scene, read to go on, kept with the tests that made it.

{"title": …, "cap": SHA-256 of the CAP file, "date": "2026-11-27", "seed": 1, …, "campaign": fingerprint of its code,
 "scenes": [{"name": …, …}, …]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from cardlab.campaign.kept import read_kept, write_kept


class FoundScene(Protocol):
    """What was found of one scene: a dataclass."""

    @property
    def name(self) -> str:
        """The scene's."""

    @property
    def seconds(self) -> float:
        """That it took."""


F = TypeVar("F", bound=FoundScene)
_FREE = ("title", "date", "scenes")
_WORDS = {"cap": "the CAP file", "campaign": "the campaign's own code", "one_in": "--one-in"} | {
    name: f"--{name}" for name in ("seed", "pairs")
}


@dataclass(frozen=True, slots=True)
class CampaignRecord(Generic[F]):
    """A campaign: of which CAP file, with which choices. Each kind of campaign adds its own choices as fields.

    ``campaign``: a fingerprint of the campaign's own code (cardlab.campaign.loading.own_sources); empty: not known.
    """

    what: ClassVar[str] = "campaign"

    title: str
    cap: str
    date: str
    seed: int
    campaign: str = field(default="", kw_only=True)
    scenes: tuple[F, ...] = field(default=(), kw_only=True)

    @staticmethod
    def scene_of(values: dict[str, Any]) -> Any:
        """A scene from JSON; KeyError or TypeError when it is none."""
        raise NotImplementedError

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """From JSON; KeyError or TypeError when it is no record."""
        scenes = tuple(cls.scene_of(one) for one in values["scenes"])
        return cls(**{**values, "scenes": scenes})

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its file; IntegrityError when it is none (cardlab.campaign.kept)."""
        return read_kept(path, cls.what, cls.of)

    def write(self, path: Path) -> None:
        """Into its file, as a whole or not at all, whenever the process ends; one line for each scene."""
        values = self.as_json()
        scenes = ",\n".join(json.dumps(one, ensure_ascii=False) for one in values.pop("scenes"))
        head = json.dumps(values, ensure_ascii=False).removesuffix("}")
        write_kept(path, f'{head}, "scenes": [\n{scenes}\n]}}\n')

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the file."""
        return asdict(self)

    def differences(self, earlier: Self) -> str:
        """What an earlier record is of that this one is not, empty when it has the scenes that this one would have."""
        names = [one.name for one in fields(self) if one.name not in _FREE]
        other = [name for name in names if getattr(self, name) != getattr(earlier, name)]
        return " and ".join(_WORDS.get(name, name) for name in other)

    def after(self, earlier: Self | None) -> Self:
        """The earlier record, where this one goes on with it; otherwise this one."""
        return self if earlier is None or self.differences(earlier) else earlier

    def with_scenes(self, found: Iterable[F], order: Iterable[str]) -> Self:
        """With these in the place of those of their names, in an order of names; others are left out."""
        known = {one.name: one for one in (*self.scenes, *found)}
        return replace(self, scenes=tuple(known[name] for name in order if name in known))

    def why_stale(self, cap: str, names: Sequence[str]) -> str:
        """Why it is not the record of these scenes with this CAP file; empty when it is."""
        if self.cap != cap:
            return f"the CAP file is {cap[:16]}…, not {self.cap[:16]}…"
        if [one.name for one in self.scenes] != list(names):
            other = {one.name for one in self.scenes} ^ set(names)
            return f"the scenes are others: {'; '.join(sorted(other)) or 'their order'}"
        return ""

    @property
    def seconds(self) -> float:
        """Of all scenes; some are run at the same time."""
        return sum(one.seconds for one in self.scenes)
