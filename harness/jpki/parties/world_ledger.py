"""The ledger of a world, ``world.json``: what belongs to it, which store is which, and how far each was at the end.

So what is missing is missed, what was exchanged is found out, and an older copy is not taken for the truth. It is
replaced whole, by whoever holds the world; others may read it at any time. What is being made is noted before it is
begun: a process that is killed leaves it *unfinished*, and the next one removes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from cardlab.errors import IntegrityError
from cardlab.system_errors import explained, write_file
from jpki.parties.store import Identity

NAME = "world.json"
_FORMAT, _VERSION = "jpki world", 1
_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A phone or a resident: the SE-ID of the card, and how often it had been saved at the end of the last command."""

    se_id: str
    saved: int = 0


@dataclass(slots=True)
class Ledger:
    """Paths are relative to the folder. ``stores`` tells of each what it was at the end of the last command; ``files``
    has the SHA-256 of what never changes; ``members`` are phones and residents by their folders.
    """

    folder: Path
    stores: dict[str, Identity] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises IntegrityError when it is missing or damaged."""
        path = folder / NAME
        try:
            document = json.loads(path.read_bytes())
            found = document.pop("sha256")
            if (document["format"], document["version"], found) != (_FORMAT, _VERSION, _checksum(document)):
                raise ValueError("its checksum is wrong")
            stores = {
                name: Identity(str(one["store_id"]), int(one["generation"])) for name, one in document["stores"].items()
            }
            members = {name: Member(str(one["se_id"]), int(one["saved"])) for name, one in document["members"].items()}
            return cls(folder, stores, dict(document["files"]), members, list(document["unfinished"]))
        except FileNotFoundError as error:
            raise _unsound(path, "is missing") from error
        except OSError as error:
            raise explained(error, f"{path} cannot be read") from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _unsound(path, "is damaged") from error

    def write(self) -> None:
        """Raises UsageError or StorageError, and then the old one is still there."""
        document: _Json = {
            "format": _FORMAT,
            "version": _VERSION,
            "stores": {name: asdict(one) for name, one in sorted(self.stores.items())},
            "files": self.files,
            "members": {name: asdict(one) for name, one in sorted(self.members.items())},
            "unfinished": self.unfinished,
        }
        document["sha256"] = _checksum(document)
        text = json.dumps(document, indent=1, ensure_ascii=False)
        write_file(self.folder / NAME, text.encode() + b"\n", private=True)

    @contextmanager
    def making(self, *names: str) -> Iterator[None]:
        """What is made inside, or taken apart: noted before as unfinished, and afterwards no more.

        What fails is left unfinished, for ``World`` to remove when it is opened next.
        """
        self.unfinished += names
        self.write()
        yield
        self.unfinished = [name for name in self.unfinished if name not in names]
        self.write()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """What is changed inside is written at its end; what cannot be written is as it was, in memory too."""
        before = dict(self.stores), dict(self.files), dict(self.members), [*self.unfinished]
        try:
            yield
            self.write()
        except BaseException:
            self.stores, self.files, self.members, self.unfinished = before
            raise

    def names(self, kind: str) -> tuple[str, ...]:
        """Who is in the world, of a kind."""
        return tuple(sorted(one.removeprefix(f"{kind}/") for one in self.members if one.startswith(f"{kind}/")))

    def note(self, identities: Mapping[str, Identity], saved: Mapping[str, int] | None = None) -> None:
        """How far stores are by now, and how often members' cards were saved."""
        members = {name: replace(self.members[name], saved=count) for name, count in (saved or {}).items()}
        if not (identities.items() <= self.stores.items() and members.items() <= self.members.items()):
            self.stores.update(identities)
            self.members.update(members)
            self.write()


def _checksum(document: _Json) -> str:
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _unsound(path: Path, what: str) -> IntegrityError:
    return IntegrityError(
        f"{path} {what}; it should say what belongs to this world", hint="put it back from a copy, or make a new world"
    )


def expected_at(path: Path) -> Identity | None:
    """What the world that a store is in knows of it; None for a file in no world.

    Raises IntegrityError when the world's ledger is damaged.
    """
    folder = path.absolute().parent
    return Ledger.read(folder).stores.get(path.name) if (folder / NAME).exists() else None
