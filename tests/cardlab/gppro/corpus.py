"""Recordings of GlobalPlatformPro: what it was given, what it printed, and what the card said of itself at the time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cardlab.globalplatform.constants import CLA_GP, INS_GET_STATUS, P2_STATUS_TLV, Scope
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.gppro.program import Outcome
from cardlab.globalplatform.host.registry import Registry, parse_entries
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW, check
from cardlab.transport import Transport, exchange
from tests.cardlab.gppro.scenes import Scene

FOLDER = Path(__file__).with_name("recordings")
_TEMPORARY = re.compile(r"/\S*/(?=package\.cap)|(?<=# Running on Linux )\S+ ")  # what differs from run to run
_SCOPES = (Scope.ISSUER_DOMAIN, Scope.APPLICATIONS, Scope.LOAD_FILES_AND_MODULES)


@dataclass(frozen=True)
class Recording:
    """One run. ``status`` is what GET STATUS answered to the built-in client just before, by scope."""

    program: str
    arguments: tuple[str, ...]
    status: dict[Scope, bytes]
    outcome: Outcome

    @property
    def registry(self) -> Registry:
        """The card as the built-in client reads it."""
        entries = {scope: parse_entries(scope, raw) for scope, raw in self.status.items()}
        issuer = entries[Scope.ISSUER_DOMAIN]
        return Registry(
            issuer_domain=issuer[0] if issuer else None,
            applications=entries[Scope.APPLICATIONS],
            load_files=entries[Scope.LOAD_FILES_AND_MODULES],
        )

    def write(self, name: str) -> None:
        """Write it to the corpus."""
        lines = [
            f"program: {self.program}",
            *(f"argument: {_TEMPORARY.sub('', argument)}" for argument in self.arguments),
            *(f"status {scope:02X}: {raw.hex().upper()}" for scope, raw in self.status.items()),
            f"code: {self.outcome.code}",
            *(f"out| {_TEMPORARY.sub('', line)}" for line in self.outcome.stdout.splitlines()),
            *(f"err| {_TEMPORARY.sub('', line)}" for line in self.outcome.stderr.splitlines()),
        ]
        _path(name).write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, name: str) -> Self:
        """The recording of a scene, or of another condition."""
        lines = _path(name).read_text(encoding="utf-8").splitlines()

        def all_of(start: str) -> list[str]:
            return [line.removeprefix(start).removeprefix(" ") for line in lines if line.startswith(start)]

        pairs = [line.removeprefix("status ").split(":") for line in lines if line.startswith("status ")]
        return cls(
            program=all_of("program:")[0],
            arguments=tuple(all_of("argument:")),
            status={Scope(int(scope, 16)): bytes.fromhex(raw) for scope, raw in pairs},
            outcome=Outcome("\n".join(all_of("out|")), "\n".join(all_of("err|")), int(all_of("code:")[0])),
        )


def ask_status(transport: Transport, scene: Scene) -> dict[Scope, bytes]:
    """What the card says of itself in the scene's domain, or nothing when nobody may open it."""
    client = GlobalPlatformClient(transport)
    client.select(scene.access.domain)
    answers = {}
    channel = client.authenticate(scene.access.keys, key_version=scene.access.key_version)
    for scope in _SCOPES:
        answer = exchange(channel, CommandApdu(CLA_GP, INS_GET_STATUS, scope, P2_STATUS_TLV, b"\x4f\0", le=256))
        answers[scope] = check(answer, f"GET STATUS {scope:02X}", SW.REFERENCED_DATA_NOT_FOUND).data
    return answers


def _path(name: str) -> Path:
    return FOLDER / f"{re.sub('[^a-z]+', '-', name.lower())}.txt"
