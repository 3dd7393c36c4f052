"""What a card tells about itself, to anybody or, with keys, to its issuer. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from cardlab.errors import CardError
from cardlab.globalplatform.constants import Privilege
from cardlab.globalplatform.host.card_data import CardData, Cplc
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.registry import Registry, RegistryEntry
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.iso7816.atr import Atr, MalformedAtrError
from cardlab.transport import Transport


@dataclass(frozen=True, slots=True)
class CardReport:
    """ATR, issuer security domain (None: it cannot be selected, ``problem`` says why), its data, and the registry."""

    atr: bytes
    domain: bytes | None
    problem: str
    data: CardData | None
    registry: Registry | None

    @property
    def facts(self) -> dict[str, object]:
        """For machines."""
        data = self.data
        return {
            "atr": self.atr.hex().upper(),
            "atr_words": list(_atr_words(self.atr)),
            "issuer_domain": _hex(self.domain),
            "problem": self.problem,
            "iin": _hex(data.issuer_number) if data else None,
            "cin": _hex(data.image_number) if data else None,
            "cplc": {name: value for name, value, _ in _cplc(data.cplc)} if data and data.cplc else None,
            "protocols": _protocols(data),
            "keys": [
                {"version": f"{key.version:02X}", "id": f"{key.identifier:02X}"} for key in (data.keys or ())
            ]
            if data
            else None,
            "registry": None
            if self.registry is None
            else [
                {"kind": _kind(entry), "aid": entry.aid.hex().upper(), "state": entry.state,
                 "privileges": _privileges(entry)}
                for entry in self.registry
            ],
        }  # fmt: skip


def inspect(transport: Transport, keys: StaticKeys | None = None) -> CardReport:
    """Ask the card; authenticates only when keys are given, and then raises what that raises."""
    atr, client = transport.reset(), GlobalPlatformClient(transport)
    try:
        domain = client.select().aid or client.selected
        data = client.card_data()
    except CardError as error:
        return CardReport(atr, None, str(error), None, None)
    registry = None
    if keys is not None:
        client.authenticate(keys)
        registry = client.registry()
    return CardReport(atr, domain, "", data, registry)


def lines(report: CardReport) -> Iterator[str]:
    """For people."""
    yield f"ATR  {report.atr.hex().upper()}"
    yield from (f"  {line}" for line in _atr_words(report.atr))
    if report.domain is None:
        yield f"issuer security domain  not reached: {report.problem}"
        return
    yield f"issuer security domain  {report.domain.hex().upper()}"
    data = report.data
    if data is not None:
        for name, value in (("IIN", data.issuer_number), ("CIN", data.image_number)):
            if value:
                yield f"  {name}  {value.hex().upper()}"
        if protocols := _protocols(data):
            yield f"  secure channel  {', '.join(protocols)}"
        versions = sorted({key.version for key in data.keys or ()})
        if versions:
            yield f"  key versions  {', '.join(f'{version:02X}' for version in versions)}"
        yield "CPLC" if data.cplc else "CPLC  none"
        if data.cplc:
            for field, text, remark in _cplc(data.cplc):
                if text.strip("0"):  # the rest was never set
                    yield f"  {field.replace('_', ' '):30}{text}{remark}"
    if report.registry is None:
        yield "registry  not asked for: that takes the issuer's keys (--keys)"
        return
    yield "registry"
    for entry in report.registry:
        yield f"  {_kind(entry):16}{entry.aid.hex().upper():34}{entry.state}  {', '.join(_privileges(entry))}".rstrip()


def _atr_words(raw: bytes) -> Iterator[str]:
    try:
        yield from Atr.parse(raw).words()
    except MalformedAtrError as error:
        yield f"not a valid ATR: {error}"


def _cplc(cplc: Cplc) -> Iterator[tuple[str, str, str]]:
    """Name, value, and for dates (year digit and day of the year, in BCD) what they mean."""
    for field in fields(cplc):
        value: bytes = getattr(cplc, field.name)
        text = value.hex().upper()
        dated = field.name.endswith("date") and text.isdigit() and 1 <= int(text[1:]) <= 366
        yield field.name, text, f"  day {int(text[1:])} of a year that ends in {text[0]}" if dated else ""


def _protocols(data: CardData | None) -> list[str]:
    recognition = data.recognition if data else None
    return [f"SCP{one.scp:02X} i={one.option:02X}" for one in recognition.protocols] if recognition else []


def _kind(entry: RegistryEntry) -> str:
    if entry.scope.name == "ISSUER_DOMAIN":
        return "issuer"
    if entry.scope.name == "APPLICATIONS":
        return "security domain" if entry.is_domain else "application"
    return "load file"


def _privileges(entry: RegistryEntry) -> list[str]:
    return [(one.name or "").lower().replace("_", " ") for one in Privilege if one in entry.privileges and one]


def _hex(raw: bytes | None) -> str | None:
    return None if raw is None else raw.hex().upper()
