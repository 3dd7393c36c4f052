"""Figures as people read them, with bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cardlab.bench.measure import Rate, Sample
from cardlab.bench.runtimes import Figures

_BAR = 24


def bar(value: float, whole: float) -> str:
    """A bar as long as the value's share of the whole."""
    share = min(1.0, max(0.0, value / whole)) if whole > 0 else 0.0
    eighths = round(share * _BAR * 8)
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def rate_line(name: str, rate: Rate, top: float, remark: str) -> str:
    """How often in a second, beside ``top``, the highest of those that are compared."""
    return f"  {name:36}{rate.per_second:10,.0f}  {bar(rate.per_second, top):{_BAR}}  {remark}".rstrip()


def sample_line(name: str, sample: Sample, top: float) -> str:
    """Milliseconds: minimum, mean and maximum, beside ``top`` seconds, the longest of those that are compared."""
    figures = "".join(f"{1000 * value:8.1f}" for value in (sample.min, sample.mean, sample.max))
    return f"  {name:53}{figures}  {bar(sample.mean, top)}".rstrip()


def runtime_lines(runtimes: Mapping[str, Figures | None]) -> Iterator[str]:
    """Every runtime's commands a second and times, beside the fastest's."""
    measured = {name: found for name, found in runtimes.items() if found is not None}
    top = max((found.apdus.read.per_second for found in measured.values()), default=0.0)
    for name, found in runtimes.items():
        if found is None:
            yield f"{name}: does not execute the applet that is measured"
        else:
            yield from _runtime(name, found, top)


def _handling(found: Figures) -> Iterator[str]:
    """Each figure that the runtime has, and what bounds it."""
    whole = found.whole_cards
    rows = (
        ("reading", found.to_jcardsim, "{:.2f} of jCardSim", "way from Python to Java and back"),
        (
            "instructions",
            found.bytecodes_per_second,
            "{:,.0f} a second",
            "calls: arguments pass the card's stack",
        ),
        ("new card", whole.new_card, "{:.3f} ms", "SCP03 in Python, both ends of it"),
        ("  without a card manager", whole.bare_card, "{:.3f} ms", "objects that are made for the card"),
        ("fork", whole.fork, "{:.3f} ms", "registry and proxies in Python; a third is Java's"),
        ("  with 512,000 bytes in use", whole.fork_full, "{:.3f} ms", "memory that is copied"),
        ("save and restore of these", whole.save_restore, "{:.1f} ms", "text of the state file"),
        ("signature", found.signature_to_library, "{:.2f} of the library's time", "two powers modulo 1,024 bits"),
        ("last of eight packages", whole.last_package, "{:.2f} of the first's time", ""),
        (f"{whole.cards:,} cards", whole.resident, "{:,.0f} MiB in all", "memory that Java has not given back"),
    )
    for what, value, form, bound in rows:
        if value is not None:
            yield f"  {what:30}{form.format(value):>32}{f'  bound by: {bound}' if bound else ''}"


def _runtime(name: str, found: Figures, top: float) -> Iterator[str]:
    yield f"{name} {found.version}: commands to a small applet per second"
    for what, rate in (
        ("read 16 bytes", found.apdus.read),
        ("write 16 bytes in a transaction", found.apdus.write),
        ("1,000 rounds of arithmetic", found.apdus.count),
        ("SHA-256 of 64 bytes", found.apdus.hash),
    ):
        yield rate_line(what, rate, top, "")
    yield (
        f"  {found.fresh_cards_per_second:,.0f} fresh cards with the applet a second;"
        f" {found.examples_per_second:,.0f} {'copies' if found.fork_ms else 'of them'} with ten commands each"
    )
    yield from _handling(found)
    samples = [("key generation", found.key_generation), ("signature", found.signature)]
    rows = [(f"{what}, RSA-2048, n = {one.n}", one) for what, one in samples if one is not None]
    if rows:
        yield f"{'':60}min    mean     max   ms"
    for what, one in rows:
        yield sample_line(what, one, max(sample.mean for _, sample in rows))
