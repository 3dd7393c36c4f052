"""What a campaign found, as a file: written after each scene, read to go on, kept with the tests that made it.

{"title": …, "cap": SHA-256 of the CAP file, "date": "2026-11-27", "seed": 1, …, "scenes": [{"name": …, …}, …]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from cardlab.errors import IntegrityError
from cardlab.files import replace_file


class FoundScene(Protocol):
    """What was found of one scene: a dataclass."""

    @property
    def name(self) -> str:
        """The scene's."""

    @property
    def seconds(self) -> float:
        """That it took."""


F = TypeVar("F", bound=FoundScene)


@dataclass(frozen=True, slots=True)
class CampaignRecord(Generic[F]):
    """A campaign: of which CAP file, with which choices. Each kind of campaign adds its own choices as fields."""

    what: ClassVar[str] = "campaign"

    title: str
    cap: str
    date: str
    seed: int
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
        """From its file; IntegrityError when it is none."""
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IntegrityError(
                f"{path} is no record of {cls.what}: {error}", hint="delete it and begin anew"
            ) from error

    def write(self, path: Path) -> None:
        """Into its file, as a whole or not at all, whenever the process ends; one line for each scene."""
        values = self.as_json()
        scenes = ",\n".join(json.dumps(one, ensure_ascii=False) for one in values.pop("scenes"))
        head = json.dumps(values, ensure_ascii=False).removesuffix("}")
        replace_file(path, f'{head}, "scenes": [\n{scenes}\n]}}\n'.encode())

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the file."""
        return asdict(self)

    def goes_on(self, earlier: Self) -> bool:
        """Whether an earlier record has the scenes that this one would have: of the same CAP file and choices."""
        return replace(earlier, title=self.title, date=self.date, scenes=self.scenes) == self

    def after(self, path: Path | None) -> Self:
        """The record at ``path``, where this one goes on with it; otherwise this one."""
        if path is None or not path.is_file():
            return self
        earlier = self.read(path)
        return earlier if self.goes_on(earlier) else self

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
