"""Figures as people read them, with bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cardlab.bench.machine import Machine
from cardlab.bench.measure import Rate
from cardlab.bench.report import rate_line, runtime_lines, sample_line
from cardlab.bench.runtimes import JCARDSIM, Figures
from jpki.bench.apdus import ApduRates, SecuredRates
from jpki.bench.conversion import ConversionTimes
from jpki.bench.examples import Examples
from jpki.bench.keys import Keys
from jpki.bench.reader import ReaderRates
from jpki.bench.responder import Responder
from jpki.bench.startup import Startup

CARD_TO_RAW = 0.5  # aim: the simulated card at half of plain jCardSim's rate or better
FIRST_ANSWER = 1.0  # aim: seconds from process start to the applet's first answer
CONVERTED = 0.2  # aim: seconds to convert the applet
LARGE_CONVERTED = 1.0  # aim: seconds to convert a package of 70,000 bytes to load
MACHINE = "vm"
TO_JCARDSIM = 0.7  # aims of the virtual machine: share of the card's rate on jCardSim
FORK = 0.2  # milliseconds
NEW_CARD = 2.0  # milliseconds, through SCP03
EXAMPLES = 4.0  # times as many as on jCardSim
SIGNATURE = 1.1  # of the library's time
SAVED = 20.0  # milliseconds
MANY = 2048  # MiB
ANSWERS = 200  # aim: OCSP requests a second on one core
IN_READER = 5000  # aim: short commands a second through pcscd


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that was measured."""

    machine: Machine
    apdus: ApduRates
    secured: SecuredRates
    startup: Startup
    conversion: ConversionTimes
    keys: Keys
    examples: Mapping[str, Examples]  # by the runtime's name
    runtimes: Mapping[str, Figures | None]  # by name; None: it does not execute the small applet
    responder: Responder
    reader: ReaderRates | None  # None: pcscd, its virtual reader or pyscard is not there

    @property
    def aims(self) -> dict[str, bool]:
        """Each aim, and whether it was met."""
        through = (
            {}
            if self.reader is None
            else {f"{IN_READER:,} commands a second through pcscd": self.reader.through_reader.per_second >= IN_READER}
        )
        kit = self.conversion.kit_runs
        beside = {} if kit is None else {f"a run as fast as one of the kit {kit.kit} or faster": kit.ratio >= 1}
        return (
            through
            | beside
            | _of_machine(self)
            | {
                f"card at {CARD_TO_RAW:.0%} of plain jCardSim or better": self.apdus.card_to_raw >= CARD_TO_RAW,
                f"{ANSWERS} OCSP requests a second on one core": self.responder.rate.per_second >= ANSWERS,
                f"first answer within {FIRST_ANSWER:.0f} s": self.startup.total.mean < FIRST_ANSWER,
                f"applet converted within {CONVERTED} s": self.conversion.conversion.median < CONVERTED,
                f"{self.conversion.large_size:,} bytes converted within {LARGE_CONVERTED:.0f} s": (
                    self.conversion.large.median < LARGE_CONVERTED
                ),
            }
        )


def lines(bench: Bench) -> Iterator[str]:
    """The whole report."""
    yield str(bench.machine)
    yield ""
    yield from _apdus(bench.apdus)
    yield ""
    yield from _secured(bench.secured)
    yield ""
    yield from _startup(bench.startup)
    yield ""
    yield from _conversion(bench.conversion)
    yield ""
    yield from _keys(bench.keys)
    yield ""
    yield from _responder(bench.responder)
    yield ""
    yield from _in_reader(bench.reader)
    yield ""
    yield from runtime_lines(bench.runtimes)
    yield ""
    yield from _examples(bench.examples)
    yield ""
    for aim, met in bench.aims.items():
        yield f"{'met    ' if met else 'MISSED '} {aim}"


def _of_machine(bench: Bench) -> dict[str, bool]:
    """What the virtual machine is to reach."""
    found, examples = bench.runtimes.get(MACHINE), bench.examples
    if found is None or found.to_jcardsim is None or MACHINE not in examples:
        return {}
    whole, mine, theirs = found.whole_cards, examples[MACHINE], examples[JCARDSIM]
    return {
        f"reading from Python at {TO_JCARDSIM} of jCardSim or better": found.to_jcardsim >= TO_JCARDSIM,
        f"fork of a personalised card below {FORK} ms": (mine.fork_ms or 0) < FORK,
        f"new card with the applet below {NEW_CARD:.0f} ms": mine.new_card_ms < NEW_CARD,
        f"{EXAMPLES:.0f} times jCardSim's examples": mine.per_second >= EXAMPLES * theirs.per_second,
        f"signature within {SIGNATURE} of the library alone": (found.signature_to_library or 0) <= SIGNATURE,
        f"512,000 bytes saved and restored below {SAVED:.0f} ms": (whole.save_restore or 0) < SAVED,
        f"{whole.cards:,} cards within {MANY:,} MiB": (whole.resident or 0) <= MANY,
    }


def _examples(examples: Mapping[str, Examples]) -> Iterator[str]:
    yield "property tests: examples per second (each has a personalised card of its own and enters ten PINs)"
    top = max(one.per_second for one in examples.values())
    for name, one in examples.items():
        times = f"new card {one.new_card_ms:.2f} ms" + (f", copy {one.fork_ms:.3f} ms" if one.fork_ms else "")
        rate = Rate(one.per_second, one.per_second, one.per_second, 1)
        yield rate_line(f"{name}, {'copied' if one.copied else 'made anew'}, n = {one.examples}", rate, top, times)


def _apdus(apdus: ApduRates) -> Iterator[str]:
    yield "short APDUs per second (READ BINARY of 16 bytes, median of rounds in turns)"
    top = apdus.raw.per_second
    for name, rate, ratio in (
        ("plain jCardSim through JPype", apdus.raw, ""),
        ("simulated card", apdus.card, f"{apdus.card_to_raw:.0%} of plain (aim {CARD_TO_RAW:.0%})"),
        (
            "client, layers, card",
            apdus.client,
            f"{apdus.client_to_card:.0%} of card, {apdus.client_to_raw:.0%} of plain",
        ),
    ):
        yield rate_line(name, rate, top, ratio)


def _secured(secured: SecuredRates) -> Iterator[str]:
    yield "SCP03 commands per second (C-MAC, C-DECRYPTION, R-MAC, R-ENCRYPTION; both ends and all layers)"
    rows = (
        ("to the security domain, C-MAC only", secured.domain_mac_only),
        ("to the security domain", secured.domain),
        ("to the applet", secured.applet),
    )
    top = max(rate.per_second for _, rate in rows)
    for name, rate in rows:
        yield rate_line(name, rate, top, "")


def _startup(found: Startup) -> Iterator[str]:
    yield f"process start to the applet's first answer, n = {found.total.n}" + " " * 14 + "min    mean     max   ms"
    for name, sample in found.stages.items():
        yield sample_line(name, sample, found.total.mean)
    yield sample_line("all of it", found.total, found.total.mean) + f" (aim below {FIRST_ANSWER * 1000:,.0f})"


def _conversion(found: ConversionTimes) -> Iterator[str]:
    yield (
        f"the applet: {found.classes} classes, {found.bytecodes:,} bytecodes, {found.load_size:,} bytes to load;"
        f" {found.classes_per_second:,.0f} classes or {found.bytecodes_per_second:,.0f} bytecodes a second converted"
    )
    yield f"n = {found.conversion.n}" + " " * 54 + "min    mean     max   ms"
    rows = [("conversion", found.conversion), ("verification", found.verification), ("loading", found.load)]
    rows.append((f"conversion of {found.large_size:,} bytes to load", found.large))
    if found.kit_runs is not None:
        rows.append(("a run of cap convert", found.kit_runs.ours))
        rows.append((f"a run of the kit {found.kit_runs.kit}", found.kit_runs.theirs))
    top = max(sample.mean for _, sample in rows)
    for name, sample in rows:
        yield sample_line(name, sample, top)


def _keys(keys: Keys) -> Iterator[str]:
    yield "RSA-2048 on the card" + " " * 40 + "min    mean     max   ms"
    rows = (
        ("key generation", keys.generation),
        ("signature", keys.signature),
        ("signature with indicator", keys.signature_with_indicator),
    )
    top = max(sample.mean for _, sample in rows)
    for name, sample in rows:
        yield sample_line(f"{name}, n = {sample.n}", sample, top)


def _responder(found: Responder) -> Iterator[str]:
    yield "the CA's server: OCSP requests over HTTP for a second of its processor time, one core"
    share = f"aim {ANSWERS}; {found.signature_share:.0%} of it are the signatures"
    yield rate_line("answers", found.rate, found.rate.highest, share)


def _in_reader(found: ReaderRates | None) -> Iterator[str]:
    if found is None:
        yield "the card in a reader: not measured, docs/guide/lab-engineer.md tells what that needs"
        return
    yield "short APDUs per second to a card in a virtual reader, and signatures there"
    top = found.in_process.per_second
    yield rate_line("simulated card in this process", found.in_process, top, "")
    parts = f"{found.ratio:.1%} of that; {found.client_share:.1%} of a round trip is our transport"
    yield rate_line("through pcscd to another process", found.through_reader, top, parts)
    rows = [(f"signature by our client, n = {found.signature.n}", found.signature)]
    if found.opensc is not None:
        rows.append((f"a run of OpenSC's pkcs15-crypt, n = {found.opensc.n}", found.opensc))
    yield f"{'':60}min    mean     max   ms"
    for name, sample in rows:
        yield sample_line(name, sample, max(one.mean for _, one in rows))
