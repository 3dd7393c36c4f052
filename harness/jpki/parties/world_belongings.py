"""What belongs to a world that is open: its stores, its key, who is in it; nothing of it is silently made anew.

Whoever has one holds the world (``World``). The ledger is written before something is made and after it, so that what
a killed process leaves is found.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from cardlab.card.statefile import times_saved
from cardlab.closing import Closing
from cardlab.errors import BusyError, IntegrityError, StorageError, UsageError
from cardlab.files import remove_leftovers
from cardlab.system_errors import explained, write_file
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.store import Store
from jpki.parties.world_folder import RESIDENTS
from jpki.parties.world_ledger import NAME, Ledger, Member

_S = TypeVar("_S", bound=Store)
_LONGEST = 64  # bytes of a name: file systems take 255, and more files are named after it
_JOURNAL = "-journal"  # what SQLite keeps beside a store while it writes
_log = logging.getLogger(__name__)


class Belongings(Closing):
    """Names are paths relative to the world's folder, as the ledger has them."""

    def __init__(self, folder: Path) -> None:
        """Read the ledger, and remove what was never finished; that of residents is up to ``settle``."""
        self._folder = folder
        self._ledger = Ledger.read(folder)
        self._open: list[tuple[str, Store | CertificateAuthority]] = []
        self._guests: dict[str, None] = {}
        remove_leftovers(folder / NAME)
        self._discard([name for name in self._ledger.unfinished if not name.startswith(f"{RESIDENTS}/")])

    # -- stores and keys ----------------------------------------------------------------------------------------------

    def store(self, kind: type[_S], name: str) -> _S:
        """A store, open until this is closed; made when the world never had it.

        Raises IntegrityError when the one that it had is missing, damaged, another, or older.
        """
        with self._made_if_new(name):
            opened = kind.open(self._folder / name, expected=self._ledger.stores.get(name))
            self._keep(name, opened)
        return opened

    def authority(self, name: str, open_ca: Callable[..., CertificateAuthority]) -> CertificateAuthority:
        """The same with a CA, which ``open_ca`` opens."""
        with self._made_if_new(name):
            opened = open_ca(self._folder / name, expected=self._ledger.stores.get(name))
            self._keep(name, opened)
        return opened

    @contextmanager
    def glance(self, kind: type[_S], name: str) -> Iterator[_S | None]:
        """A store for a moment; None when the world has no such one."""
        if name not in self._ledger.stores:
            yield None
            return
        self._require(name)
        with closing(kind.open(self._folder / name, create=False, expected=self._ledger.stores[name])) as store:
            yield store

    def secret(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A file that never changes; made when the world never had it."""
        path = self._folder / name
        if name not in self._ledger.files:
            made = make()
            with self._ledger.making(name):
                write_file(path, made, private=True)
                self._ledger.files[name] = sha256(made).hexdigest()
        self._require(name)
        content = path.read_bytes()
        if sha256(content).hexdigest() != self._ledger.files[name]:
            raise IntegrityError(f"{path} is not what was written there", hint="put it back from a copy")
        return content

    def forget(self, *names: str) -> None:
        """Stores that are removed on purpose."""
        known = [name for name in names if name in self._ledger.stores]
        with self._ledger.changing():
            for name in known:
                del self._ledger.stores[name]
            self._ledger.unfinished += known
        self._discard(known)

    @contextmanager
    def _made_if_new(self, name: str) -> Iterator[None]:
        if name in self._ledger.stores:
            self._require(name)
            yield
        elif (self._folder / name).exists():
            raise IntegrityError(
                f"{self._folder / name} is there, and this world never had it",
                hint="move it away, or put back world.json",
            )
        else:
            with self._ledger.making(name):
                yield

    def _require(self, name: str) -> None:
        path = self._folder / name
        if not path.is_file():
            raise IntegrityError(f"{path} is missing, which belongs to this world", hint="put it back from a copy")
        remove_leftovers(path)

    def _keep(self, name: str, opened: Store | CertificateAuthority) -> None:
        self._open.append((name, opened))
        if name in self._ledger.stores:
            self._ledger.note({name: opened.identity})
        else:  # in one writing with the word that it is finished: between two, it would belong to nobody
            self._ledger.stores[name] = opened.identity

    # -- who is in it -------------------------------------------------------------------------------------------------

    def names(self, kind: str) -> tuple[str, ...]:
        """All of a kind, guests too."""
        guests = [name.removeprefix(f"{kind}/") for name in self._guests if name.startswith(f"{kind}/")]
        return tuple(sorted([*self._ledger.names(kind), *guests]))

    def folder(self, kind: str, name: str) -> Path:
        """The folder of one; raises UsageError when there is no such one, IntegrityError when the card is gone."""
        names = self.names(kind)
        if name not in names:
            known = ", ".join(names) or "none"
            raise UsageError(f"there is no {name} among the {kind} of this world ({known})", hint="add it first")
        self._require(f"{kind}/{name}/card")
        self._require_latest(f"{kind}/{name}")
        return self._folder / kind / name

    def _require_latest(self, member: str) -> None:
        known, path = self._ledger.members.get(member), self._folder / member / "card"
        if known is not None and (found := times_saved(path)) < known.saved:
            raise IntegrityError(
                f"{path} is older than when it was used last (saved {found} times, that was {known.saved})",
                hint="put back the newest one: an older one has forgotten what happened since",
            )

    def require_card(self, kind: str, name: str, se_id: bytes) -> None:
        """The card in somebody's folder is theirs; raises IntegrityError for another one."""
        member = f"{kind}/{name}"
        known = self._ledger.members.get(member)
        if known is not None and known.se_id != se_id.hex():
            path = self._folder / member / "card"
            raise IntegrityError(f"{path} is another card than {name} has", hint="put back the one that belongs here")

    @contextmanager
    def joining(self, kind: str, name: str, undo: Callable[[], object] = lambda: None) -> Iterator[Joining]:
        """Somebody new, in a folder of their own. What fails leaves nothing: ``undo`` is called, the folder removed."""
        member = self._new(kind, name)
        joining = Joining(self._folder / member)
        self._ledger.unfinished.append(member)
        self._ledger.write()
        try:
            joining.folder.mkdir()
            yield joining
            self._admit(member, joining)
        except BaseException:
            undo()
            self._discard([member])
            raise

    def _admit(self, member: str, joining: Joining) -> None:
        if joining.se_id is None:  # a guest, who goes when this is closed
            self._guests[member] = None
            return
        with self._ledger.changing():
            self._ledger.members[member] = Member(joining.se_id.hex(), times_saved(joining.folder / "card"))
            self._ledger.unfinished.remove(member)

    def _new(self, kind: str, name: str) -> str:
        if not name.isidentifier():
            raise UsageError(f"{name!r} is no name: use letters, digits and underscores")
        if len(os.fsencode(name)) > _LONGEST:
            raise UsageError(f"{name[:20]}... is too long for a name", hint=f"take {_LONGEST} bytes at most")
        if name in self.names(kind):
            raise UsageError(f"{name} is among the {kind} of this world already", hint="choose another name")
        if (self._folder / kind / name).exists():
            raise UsageError(
                f"{self._folder / kind / name} is there, and belongs to nobody",
                hint="move it away, or take another name",
            )
        return f"{kind}/{name}"

    # -- the end, and the beginning after a bad one -------------------------------------------------------------------

    def settle(self, undo: Callable[[str], object]) -> None:
        """Remove residents whom a killed process did not finish; ``undo`` is told of each by name first."""
        for member in [*self._ledger.unfinished]:
            undo(Path(member).name)
        self._discard([*self._ledger.unfinished])

    def _discard(self, names: list[str]) -> None:
        """Remove what is unfinished, and then the word about it."""
        if not names:
            return
        for name in names:
            path = self._folder / name
            _log.info("%s was never finished, and is removed", path)
            _remove(path)
        self._ledger.unfinished = [name for name in self._ledger.unfinished if name not in names]
        self._ledger.write()

    def close(self) -> None:
        """Note how far the stores are, and let go of them."""
        opened, self._open = self._open, []
        try:
            known = self._ledger.stores  # one that was removed on purpose may still be open
            self._ledger.note({name: one.identity for name, one in opened if name in known}, self._saved())
            self._discard([*self._guests])
        except (StorageError, BusyError) as error:  # the work is done; the ledger only knows less of it
            _log.warning("%s", error)
        finally:
            self._guests.clear()
            for _, one in opened:
                one.close()

    def _saved(self) -> dict[str, int]:
        """How often each member's card was saved by now; one that is missing is missed later."""
        found = {name: times_saved(self._folder / name / "card") for name in self._ledger.members}
        return {name: max(count, self._ledger.members[name].saved) for name, count in found.items()}


class Joining:
    """Somebody who is being added; ``se_id`` is that of their card, None for a guest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.se_id: bytes | None = None


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            remove_leftovers(path)
            for one in (path, path.with_name(f"{path.name}{_JOURNAL}")):
                one.unlink(missing_ok=True)
    except OSError as error:
        raise explained(error, f"{path} cannot be removed") from error
