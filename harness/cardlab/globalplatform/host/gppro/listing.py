"""GlobalPlatformPro's list of a card, parsed to the registry that the built-in client reads.

The list tells less than the card does. A life cycle state is a name: LOCKED hides the state to go back to (83 here, the
bits that are sure), an application's own states are all SELECTABLE (07). Implicit selection over both interfaces is
listed as contactless. What is listed for a privilege is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from cardlab.errors import CardError
from cardlab.globalplatform.constants import (
    ApplicationState,
    CardState,
    DomainState,
    LoadFileState,
    Scope,
)
from cardlab.globalplatform.host.gppro.tasks import sum_of
from cardlab.globalplatform.host.registry import Registry, RegistryEntry

_HEAD = re.compile(r"(ISD|APP|SSD|PKG): ([0-9A-F]{10,32}) \((\w+)\)")
_DETAIL = re.compile(r"     (Parent|Version|Applet|From|Selected|Privs): +(.+)")
_SELECTED = re.compile(r"(Contactless|Contact)\((\d+(?:,\d+)*)\)")
_KINDS: dict[str, tuple[Scope, type[IntEnum]]] = {
    "ISD": (Scope.ISSUER_DOMAIN, CardState),
    "APP": (Scope.APPLICATIONS, ApplicationState),
    "SSD": (Scope.APPLICATIONS, DomainState),
    "PKG": (Scope.LOAD_FILES_AND_MODULES, LoadFileState),
}
_LOCKED = 0x83  # GPCS Tables 11-4, 11-5: the bits that every locked object has set
_NOT_OURS = frozenset(("PrivacyTrusted", "RFU"))  # bits that GPCS 2.3.1 reserves


@dataclass
class _Block:
    """An entry being read."""

    kind: str
    aid: bytes
    state: str
    details: list[tuple[str, str]] = field(default_factory=list)


def parse_registry(text: str) -> Registry:
    """From what ``--list`` printed on standard output; raises CardError for a line that is not of a list."""
    try:
        entries = [(block.kind, _entry(block)) for block in _blocks(text)]
    except (ValueError, KeyError) as error:
        raise CardError(
            f"GlobalPlatformPro's list cannot be read: {error}", hint="use another version of it"
        ) from error
    return Registry(
        issuer_domain=next((entry for kind, entry in entries if kind == "ISD"), None),
        applications=tuple(entry for kind, entry in entries if kind in ("APP", "SSD")),
        load_files=tuple(entry for kind, entry in entries if kind == "PKG"),
    )


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if head := _HEAD.fullmatch(line):
            if block:
                yield block
            block = _Block(head[1], bytes.fromhex(head[2]), head[3])
        elif block and (detail := _DETAIL.fullmatch(line)):
            block.details.append((detail[1], detail[2].strip()))
        else:
            raise ValueError(f"unknown line {line!r}")
    if block:
        yield block


def _entry(block: _Block) -> RegistryEntry:
    scope, _ = _KINDS[block.kind]
    details = dict(block.details)
    names = [name.strip() for name in details.get("Privs", "").split(",") if name.strip()]
    return RegistryEntry(
        scope=scope,
        aid=block.aid,
        life_cycle=_life_cycle(block.kind, block.state),
        privileges=sum_of([name for name in names if name not in _NOT_OURS]),
        load_file=bytes.fromhex(details["From"]) if "From" in details else None,
        domain=bytes.fromhex(details["Parent"]) if "Parent" in details else None,
        version=_version(details.get("Version")),
        modules=tuple(bytes.fromhex(value) for name, value in block.details if name == "Applet"),
        implicit_selection=tuple(_implicit(details.get("Selected", ""))),
    )


def _life_cycle(kind: str, state: str) -> int:
    if kind in ("APP", "SSD") and state == "LOCKED":
        return _LOCKED
    if kind == "PKG" and state == "LOGICALLY_DELETED":
        return 0x00  # GPCS 2.2.1 Table 11-3; gone from later editions
    return int(_KINDS[kind][1][state])


def _version(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if unusual := re.fullmatch(r"<unknown format ([0-9A-F]*)>", text):
        return tuple(bytes.fromhex(unusual[1]))
    return tuple(int(part) for part in text.split("."))


def _implicit(text: str) -> Iterator[int]:
    for interface, channels in _SELECTED.findall(text):
        for channel in channels.split(","):
            yield (0x80 if interface == "Contactless" else 0x40) | int(channel)  # GPCS Table 11-6
