"""GlobalPlatformPro as an installer, for a card in a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cardlab.cap.reader import read_cap
from cardlab.errors import CardError
from cardlab.globalplatform.constants import CardState
from cardlab.globalplatform.host.gppro import reader as readers_
from cardlab.globalplatform.host.gppro import tasks
from cardlab.globalplatform.host.gppro.failure import failure
from cardlab.globalplatform.host.gppro.listing import parse_registry
from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro, Outcome
from cardlab.globalplatform.host.gppro.tasks import Task
from cardlab.globalplatform.host.installer import Access
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.installation import Installation
from cardlab.globalplatform.scp03 import StaticKeys


class GpInstaller:
    """Runs the program once for each task; nobody else may hold the reader exclusively meanwhile."""

    def __init__(
        self,
        program: GlobalPlatformPro,
        reader: str,
        access: Access,
        *,
        list_readers: Callable[[], Sequence[str]],
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """``reader`` is a whole name; ``environ`` replaces this process's environment, for another PC/SC daemon."""
        self._program = program
        self._reader = reader
        self._access = access
        self._list_readers = list_readers
        self._environ = environ

    @property
    def name(self) -> str:
        return f"GlobalPlatformPro {self._program.version_text}"

    def with_access(self, access: Access) -> GpInstaller:
        return GpInstaller(self._program, self._reader, access, list_readers=self._list_readers, environ=self._environ)

    def registry(self) -> Registry:
        """What the program lists; see ``listing`` for what that leaves out."""
        return parse_registry(self._run(tasks.list_registry()).stdout)

    def load(self, cap: bytes, *, domain: bytes = b"") -> None:
        read_cap(cap)  # says what is wrong with it before a card is touched
        with TemporaryDirectory(prefix="cardlab-gp-") as folder:
            file = Path(folder) / "package.cap"
            file.write_bytes(cap)
            self._run(tasks.load(str(file), domain))

    def install(self, applet: Installation) -> None:
        self._run(tasks.install(applet))

    def create_security_domain(self, domain: Installation) -> None:
        self._run(tasks.create_security_domain(domain))

    def personalise(self, aid: bytes, blocks: Sequence[bytes], *, form: int = 0) -> None:
        self._run(tasks.personalise(aid, blocks, form, self._access.level))

    def extradite(self, aid: bytes, domain: bytes) -> None:
        self._run(tasks.extradite(aid, domain))

    def put_keys(self, keys: StaticKeys, version: int) -> None:
        """The program does not compare the check values that the card answers, so the new keys open a session."""
        self._run(tasks.put_keys(keys, version))
        with suppress(CardError):  # raised when it has authenticated, and that was the question
            self.with_access(replace(self._access, keys=keys, key_version=version)).registry()

    def delete_key(self, version: int) -> None:
        self._run(tasks.delete_key(version))

    def delete(self, aid: bytes, *, related: bool = False) -> None:
        self._run(tasks.delete(aid, related))

    def lock(self, aid: bytes) -> None:
        self._run(tasks.set_locked(aid, True))

    def unlock(self, aid: bytes) -> None:
        self._run(tasks.set_locked(aid, False))

    def set_card_state(self, state: CardState) -> None:
        self._run(tasks.set_card_state(state))

    def _run(self, task: Task) -> Outcome:
        session = tasks.session(self._access.domain, self._access.level)
        keys = tasks.key_environment(self._access.keys, self._access.key_version)
        ignored = readers_.choose(self._reader, self._list_readers())
        outcome = self._program.run(
            ("--reader", self._reader, *session, *task.arguments),
            keys=keys,
            ignored_readers=ignored,
            confidential=task.confidential,
            secrets=task.secrets,
            environ=self._environ,
        )
        if error := failure(task, outcome):
            raise error
        return outcome
