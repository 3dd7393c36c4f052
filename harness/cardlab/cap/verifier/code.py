"""Type safety of every method, by data flow over its code (the rules of JVMS 4.10 for the card's instructions).

States only ever move towards 'unusable', so the fixed point is reached after finitely many steps.
"""

from __future__ import annotations

from cardlab.cap.errors import CapError
from cardlab.cap.model import HandlerInfo
from cardlab.cap.verifier.effects import ENDS
from cardlab.cap.verifier.machine import THIS, FaultError, State, words_of
from cardlab.cap.verifier.references import FullMachine
from cardlab.cap.verifier.world import OBJECT, THROWABLE, Type, World


class _Method(FullMachine):
    """The flow of control through one method."""

    def start(self) -> State:
        words: list[Type] = []
        if not self.method.is_static:
            root = self.this == f"L{OBJECT}"
            words.append(THIS if self.method.is_constructor and not root else self.this)
        for p in self.signature.parameters:
            words += words_of(p)
        return State((), tuple(words) + ("t",) * self.header.max_locals)

    def handlers(self) -> list[tuple[int, int, int, Type]]:
        """start, end, target (addresses) and type of each handler."""
        base = self.method.offset + self.header.size
        rows = self.cap.methods.handlers[
            self.method.first_handler : self.method.first_handler + self.method.handler_count
        ]
        return [self._handler(h, base) for h in rows]

    def _handler(self, h: HandlerInfo, base: int) -> tuple[int, int, int, Type]:
        t = f"L{THROWABLE}"
        if h.catch_type:
            if h.catch_type >= len(self.cap.pool) or self.cap.pool[h.catch_type].tag != 1:
                raise CapError("a handler catches what is no class")
            t = f"L{self.world.class_name(self.cap.pool[h.catch_type].class_ref)}"
            if not self.world.assignable(t, f"L{THROWABLE}"):
                raise CapError(f"a handler catches {t}")
        start, end, target = h.start - base, h.start + h.length - base, h.target - base
        ends = {*self.at, self.code[-1].end}
        if start not in self.at or end not in ends or target not in self.at:
            raise CapError("a handler starts or ends inside an instruction")
        return start, end, target, t

    def join(self, a: State, b: State) -> State:
        if (THIS in a.locals[:1]) != (THIS in b.locals[:1]):
            raise FaultError("the superclass's constructor was called, depending on the way here")
        if len(a.stack) != len(b.stack):
            raise FaultError(f"the stack has {len(a.stack)} or {len(b.stack)} words, depending on the way here")
        stack = tuple(self.world.join(x, y) for x, y in zip(a.stack, b.stack, strict=True))
        return State(stack, tuple(self.world.join(x, y) for x, y in zip(a.locals, b.locals, strict=True)))

    def run(self) -> None:
        """Verify; the first fault is raised as CapError with its place."""
        handlers = self.handlers()
        states: dict[int, State] = {0: self.start()}
        work = [0]
        returns = [i.end for i in self.code if i.name == "jsr"]
        i = self.code[0]

        def flow(address: int, state: State) -> None:
            old = states.get(address)
            new = state if old is None else self.join(old, state)
            if new != old:
                states[address] = new
                work.append(address)

        try:
            while work:
                i = self.code[self.at[work.pop()]]
                state = states[i.address]
                self.stack, self.locals = list(state.stack), list(state.locals)
                covering = [(target, t) for start, end, target, t in handlers if start <= i.address < end]
                for target, t in covering:
                    flow(target, State((t,), state.locals))
                self.step(i)
                after = State(tuple(self.stack), tuple(self.locals))
                for target, t in covering:
                    flow(target, State((t,), after.locals))
                nexts = list(i.targets)
                if i.name == "ret":
                    nexts += returns
                elif i.name != "jsr" and i.name not in ENDS:
                    nexts.append(i.end)
                for target in nexts:
                    if target not in self.at:
                        raise FaultError("execution runs off the end of the method")
                    flow(target, after)
        except (FaultError, CapError) as e:
            raise CapError(f"method@{self.method.offset}, {i.address} {i.name}: {e}") from None


def check_code(world: World, findings: list[str]) -> None:
    """Verify every method that has code."""
    for offset in sorted(world.methods):
        owner, method = world.methods[offset]
        if method.is_abstract:
            continue
        try:
            _Method(world, owner, method).run()
        except CapError as e:
            findings.append(str(e))
