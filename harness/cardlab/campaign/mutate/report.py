"""What a hunt came to: for people, for machines, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cardlab.campaign.mutate.campaign import Result
from cardlab.campaign.mutate.explained import Explanations, stale
from cardlab.campaign.mutate.messages import Outcome
from cardlab.campaign.mutate.mutation import Identity, Mutation, Operator
from cardlab.campaign.mutate.record import Fate, MutationRecord

_NORMAL = 1.96  # standard deviations within which 95 % of a normal distribution are


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of some mutants came to what; ``unknown`` were not hunted."""

    killed: int = 0
    explained: int = 0
    survived: int = 0  # and nobody says why
    equal: int = 0
    invalid: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, fates: Iterable[tuple[Identity, Fate | None]], explanations: Explanations) -> Figures:
        """Of these mutants."""
        found = Counter(_word(one, fate, explanations) for one, fate in fates)
        return cls(**{name: found[name] for name in cls.__dataclass_fields__})

    @property
    def hunted(self) -> int:
        """Those that could be noticed, as far as anybody knows."""
        return self.killed + self.explained + self.survived

    @property
    def rate(self) -> float:
        """Per cent of them that are noticed."""
        return 100 * self.killed / self.hunted if self.hunted else 0.0

    @property
    def score(self) -> float:
        """Per cent of those that are noticed or could be: explanations say why the others cannot."""
        noticeable = self.killed + self.survived
        return 100 * self.killed / noticeable if noticeable else 0.0

    def interval(self, answered: int = 0) -> tuple[float, float]:
        """Where the score of all is, with a certainty of 95 %, when these are a random sample (Wilson 1927).

        ``answered``: killed ones that no test noticed before the sample was seen. Of others they tell that they live.
        """
        count = self.killed + self.survived
        if not count:
            return 0.0, 100.0
        share, square = (self.killed - answered) / count, _NORMAL**2 / count
        middle = share + square / 2
        half = (share * (1 - share) * square + square**2 / 4) ** 0.5
        return 100 * (middle - half) / (1 + square), 100 * (middle + half) / (1 + square)

    def __str__(self) -> str:
        unknown = f", {self.unknown:,} not hunted" if self.unknown else ""
        return (
            f"{self.hunted:,} hunted: {self.killed:,} killed ({self.rate:.1f} %), {self.explained:,} explained, "
            f"{self.survived:,} unexplained: {self.score:.1f} % of what can be noticed is; "
            f"left out: {self.equal:,} equal to another or to the original, "
            f"{self.invalid:,} no Java Card{unknown}"
        )


def _word(one: Identity, fate: Fate | None, explanations: Explanations) -> str:
    if fate is None:
        return "unknown"
    return "explained" if fate.outcome is Outcome.SURVIVED and one in explanations else fate.outcome.value


@dataclass(frozen=True, slots=True)
class Report:
    """A result, with what people say about survivors."""

    result: Result
    explanations: Explanations

    @property
    def problems(self) -> list[str]:
        """Survivors that nobody explains, explanations of others, and mutants that are not noticed any more."""
        result = self.result
        found = [f"survived: {one.where} {one.identity}" for one in self.result.survivors if not self._why(one)]
        found += stale(self.explanations, result.record, (one.identity for one in result.mutations))
        return found + result.contradictions

    @property
    def figures(self) -> Figures:
        """Of those chosen."""
        return Figures.of(((one.identity, self.result.fate(one)) for one in self.result.chosen), self.explanations)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        figures = self.figures
        counts = {name: getattr(figures, name) for name in Figures.__dataclass_fields__}
        survivors = [
            {
                **one.identity._asdict(), "path": one.path, "line": one.lines[0], "explained": self._why(one),
                "unreached": self._is_unreached(one),
            }
            for one in self.result.survivors
        ]  # fmt: skip
        result = self.result
        return {
            "mutants": len(result.mutations), "chosen": len(result.chosen), "counts": counts,
            "rate": round(figures.rate, 2), "survivors": survivors, "left_out": list(result.left_out),
            "hunted": result.hunted, "seconds": round(result.seconds, 1), "cpu": round(result.cpu, 1),
            "problems": self.problems,
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """For people."""
        for one in self.result.survivors:
            reached = ", where no test comes" if self._is_unreached(one) else ""
            yield f"{one.where}: {one.identity.operator} in {one.identity.member}{reached}"
            yield f"    - {one.identity.original}"
            yield f"    + {one.identity.mutated}"
            if why := self._why(one):
                yield f"    {why}"
        others = [one for one in self.problems if not one.startswith("survived")]
        yield from others
        if result := self.result.hunted:
            seconds, cpu = max(self.result.seconds, 0.001), self.result.cpu
            yield f"{result:,} in {seconds:.0f} s, {result / seconds:.2f} a second, {cpu / result:.2f} s of a core each"
        yield str(self.figures)
        if unreached := sum(map(self._is_unreached, self.result.survivors)):
            yield f"{unreached:,} of the {len(self.result.survivors):,} survivors stand where no test comes"

    def _is_unreached(self, one: Mutation) -> bool:
        return one.identity in self.result.unreached

    def _why(self, one: Mutation) -> str:
        return self.explanations.get(one.identity, "")


def page_lines(record: MutationRecord, explanations: Explanations, answered: int = 0) -> Iterator[str]:
    """The tables of a page: by operator, by file, survivors; ``answered`` as for Figures.interval()."""
    figures, made = Figures.of(record.fates.items(), explanations), len(record.fates)
    yield f"The operators find {record.found:,} mutants; {made:,} of them were made and converted so far."
    yield ""
    yield f"{figures}."
    if made < record.found:
        low, high = figures.interval(answered)
        yield ""
        yield (
            f"**This is a sample**, in the order that a seed draws. {answered} of those killed were noticed by no test "
            "before the sample was seen: tests were written for them. So of the others that can be noticed, "
            f"{low:.1f} to {high:.1f} % are, or more where the new tests are of kinds (certainty 95 %, Wilson's "
            "interval); `cardlab mutate` goes on with them."
        )
    yield ""
    yield from _table("operator", [one.value for one in Operator], lambda one: one.operator, record, explanations)
    yield ""
    files = sorted({one.file for one in record.fates})
    yield from _table("file", files, lambda one: one.file, record, explanations)
    for title, wanted in (("Not noticed, and why", True), ("Not noticed, and not explained", False)):
        found = [
            one for one, fate in record.fates.items()
            if fate.outcome is Outcome.SURVIVED and (one in explanations) is wanted
        ]  # fmt: skip
        if found:
            yield from ("", f"## {title}", "", *_survivors(found, explanations))


def _table(title: str, names: Iterable[str], key: Any, record: MutationRecord, why: Explanations) -> Iterator[str]:
    yield f"| {title} | hunted | killed | % | explained | unexplained | equal | no Java Card |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in names:
        one = Figures.of(((each, fate) for each, fate in record.fates.items() if key(each) == name), why)
        cells = (one.hunted, one.killed, f"{one.rate:.1f}", one.explained, one.survived, one.equal, one.invalid)
        yield f"| {name} | " + " | ".join(map(str, cells)) + " |"


def _survivors(found: Iterable[Identity], explanations: Explanations) -> Iterator[str]:
    yield "| where | operator | line | becomes | why |"
    yield "|---|---|---|---|---|"
    for one in found:
        code = (f"`{_cell(text)}`" if text else "" for text in (one.original, one.mutated))
        yield f"| {one.member} | {one.operator} | {' | '.join(code)} | {_cell(explanations.get(one, ''))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
