"""Which tests may notice a mutant: those that execute its lines, the likeliest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cardlab.campaign.mutate.messages import Tried
from cardlab.campaign.mutate.mutation import Identity, Mutation

_NEAR = 12  # lines: code that belongs to a line without any is not farther


@dataclass(slots=True)
class Covering:
    """What each test executes, and how long it takes; and which tests have noticed what."""

    seconds: dict[str, float] = field(default_factory=dict)
    _lines: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    _kills: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, tried: Tried) -> None:
        """A test that passes."""
        self.seconds[tried.test] = tried.seconds
        for file, line in tried.lines:
            self._lines[file, line].add(tried.test)

    def killed(self, mutation: Mutation, by: str) -> None:
        """A test has noticed it: neighbours are tried with it first."""
        kills = self._kills[_member(mutation)]
        if by in kills:
            kills.remove(by)
        kills.insert(0, by)

    def tests(self, mutation: Mutation, first: str = "") -> tuple[str, ...]:
        """In the order in which they are run; ``first`` is likely to notice it."""
        known = self._kills[_member(mutation)]
        found = self._executing(mutation) or set(self.seconds)
        rank = {test: number for number, test in enumerate(known)}
        ordered = sorted(found, key=lambda one: (one != first, rank.get(one, len(rank)), self.seconds[one], one))
        return tuple(ordered)

    def unreached(self, mutations: Iterable[Mutation]) -> frozenset[Identity]:
        """Those whose lines no test executes; they are hunted by all tests all the same."""
        return frozenset(one.identity for one in mutations if not self._executing(one))

    def limit(self, test: str) -> float:
        """Seconds after which it hangs."""
        return 30.0 + 20 * self.seconds.get(test, 1.0)

    def _executing(self, mutation: Mutation) -> set[str]:
        first, last = mutation.lines
        found = self._at(mutation.path, range(first, last + 1))
        if not found or mutation.in_field:
            found = found | self._near(mutation.path, first)
        for path, line in mutation.places:
            found = found | self._near(path, line)
        return found

    def _near(self, path: str, line: int) -> set[str]:
        """At the line, or at the next ones with code on both sides: a case has none, nor has a constant."""
        if found := self._at(path, [line]):
            return found
        sides = (range(line - 1, line - _NEAR, -1), range(line + 1, line + _NEAR))
        return set().union(*(self._first(path, side) for side in sides))

    def _first(self, path: str, lines: Iterable[int]) -> set[str]:
        return next((found for line in lines if (found := self._at(path, [line]))), set())

    def _at(self, path: str, lines: Sequence[int]) -> set[str]:
        """``path`` is a whole one; lines are known by the end of it."""
        parts = path.replace("\\", "/").split("/")
        names = ["/".join(parts[-depth:]) for depth in range(1, len(parts) + 1)]
        return set().union(
            *(self._lines[name, line] for name in names for line in lines if (name, line) in self._lines)
        )


def _member(mutation: Mutation) -> str:
    return f"{mutation.path} {mutation.identity.member}"
