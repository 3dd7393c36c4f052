"""``--card pcsc:READER``: the card in a real reader. Without READER, commands that read take the only card there is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from cardlab.errors import UsageError
from cardlab.lab.capability import OF_REAL_CARDS
from cardlab.lab.kind import (
    CardKind,
    CardOption,
    CardSupply,
    ForCommands,
    ForTests,
    Managing,
    Opening,
    OptionRefusal,
    Sharing,
    SupplyOptions,
    Unnamed,
)

if TYPE_CHECKING:
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.transport import Transport

_NO_GP = OptionRefusal(
    "what is sent to a real card passes a guard first, and GlobalPlatformPro would go round it",
    "use the built-in client for tests; cardlab card install --installer gp for the card itself",
)


def _supply(reader: str, options: SupplyOptions) -> CardSupply:
    if options.dry_run:
        from cardlab.kinds.dry import DryRun

        return DryRun(reader, options)
    from cardlab.lab.real import RealCards

    return RealCards(reader, options)


def _open(reader: str, opening: Opening) -> Transport:
    if opening.runtime is not None:
        raise UsageError(f"--card pcsc:{reader} takes no --runtime", hint="it is for --card sim:FILE")
    from cardlab.transport.pcsc import PcscTransport

    return PcscTransport.open(reader)


def _manage(reader: str, managing: Managing) -> AbstractContextManager[Installer]:
    from cardlab.globalplatform.host.choice import open_installer

    return open_installer(reader, managing.access, managing.installer, managing.program)


KIND = CardKind(
    name="pcsc",
    about="the card in a real reader, by the reader's name or a part of it",
    tests=ForTests(
        usage="pcsc:READER",
        capabilities=OF_REAL_CARDS,
        supply=_supply,
        options=frozenset({CardOption.KEYS, CardOption.DESTRUCTIVE, CardOption.DRY_RUN}),
        refusals={CardOption.INSTALLER: _NO_GP},
        sharing=Sharing.ONE_PROCESS,
    ),
    commands=ForCommands(usage="pcsc:READER", unnamed=Unnamed.ONLY, open=_open, manage=_manage),
)
