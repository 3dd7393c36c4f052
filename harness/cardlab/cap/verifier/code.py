"""Type safety of every method, by data flow over its code (the rules of JVMS 4.10 for the card's instructions).

States only ever move towards 'unusable', so the fixed point is reached after finitely many steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cardlab.cap.constants import PoolTag
from cardlab.cap.disasm import Decoded
from cardlab.cap.errors import CapError
from cardlab.cap.model import ClassDescriptor, HandlerInfo, MethodDescriptor
from cardlab.cap.opcodes import Opcode
from cardlab.cap.verifier import object_rules, simple_rules
from cardlab.cap.verifier.frame import THIS, UNUSABLE, TypeState, words_of
from cardlab.cap.verifier.operands import check_operands
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rule import MethodTyping, Typing
from cardlab.cap.verifier.rules import Finding, Rule, RuleError, finding_of
from cardlab.cap.verifier.types import Type
from cardlab.classfile.flow import Flow

_RULES: Mapping[Opcode, Typing] = {
    **dict.fromkeys(Opcode, simple_rules.by_effect),
    **simple_rules.RULES,
    **object_rules.RULES,
}


class _Handler(NamedTuple):
    """An exception handler by addresses, and the type it catches."""

    start: int
    end: int
    target: int
    caught: Type


class _MethodFlow:
    """The flow of control through one method."""

    def __init__(self, resolver: Resolver, owner: ClassDescriptor, method: MethodDescriptor) -> None:
        self.resolver = resolver
        self.method = method
        self.typing = MethodTyping(resolver, owner, method)
        self.code = self.typing.code
        self.at = {i.address: i for i in self.code}
        self.returns = [i.end for i in self.code if i.opcode.flow is Flow.SUBROUTINE]
        self.states: dict[int, TypeState] = {}
        self.work: list[int] = []

    def start(self) -> TypeState:
        """The state before the first instruction."""
        words: list[Type] = []
        this = self.typing.this
        if not self.method.is_static:
            root = this == f"L{self.resolver.classes.object}"
            words.append(THIS if self.method.is_constructor and not root else this)
        for p in self.typing.signature.parameters:
            words += words_of(p)
        return TypeState((), tuple(words) + (UNUSABLE,) * self.typing.header.max_locals)

    def handlers(self) -> list[_Handler]:
        """The method's rows of the table of handlers."""
        first, count = self.method.first_handler, self.method.handler_count
        return [self._handler(h) for h in self.resolver.cap.methods.handlers[first : first + count]]

    def _handler(self, h: HandlerInfo) -> _Handler:
        base = self.method.offset + self.typing.header.size
        caught = self._caught(h.catch_type) if h.catch_type else f"L{self.resolver.classes.throwable}"
        start, end, target = h.start - base, h.start + h.length - base, h.target - base
        ends = {*self.at, self.code[-1].end}
        if start not in self.at or end not in ends or target not in self.at:
            raise Rule.HANDLER_START.error("a handler starts or ends inside an instruction")
        return _Handler(start, end, target, caught)

    def _caught(self, index: int) -> Type:
        pool = self.resolver.cap.pool
        if index >= len(pool) or pool[index].tag is not PoolTag.CLASS:
            raise Rule.HANDLER_CLASS.error("a handler catches what is no class")
        t = f"L{self.resolver.classes.name(pool[index].class_ref)}"
        throwable = self.resolver.subtypes.assignable(t, f"L{self.resolver.classes.throwable}")
        self.typing.rules.require(Rule.HANDLER_THROWABLE, throwable, f"a handler catches {t}")
        return t

    def join(self, a: TypeState, b: TypeState) -> TypeState:
        """What is known when control comes from two places."""
        require, join = self.typing.rules.require, self.resolver.subtypes.join
        words = "the superclass's constructor was called, depending on the way here"
        require(Rule.SUPER_ONCE, (THIS in a.locals[:1]) == (THIS in b.locals[:1]), words)
        words = f"the stack has {len(a.stack)} or {len(b.stack)} words, depending on the way here"
        require(Rule.STACK_HEIGHT, len(a.stack) == len(b.stack), words)
        stack = tuple(join(x, y) for x, y in zip(a.stack, b.stack, strict=False))
        for x, y, joined in zip(a.stack, b.stack, stack, strict=False):
            mixed = joined == UNUSABLE not in (x, y)
            require(Rule.STACK_MERGE, not mixed, f"the stack has {x} or {y}, depending on the way here")
        return TypeState(stack, tuple(join(x, y) for x, y in zip(a.locals, b.locals, strict=True)))

    def flow(self, address: int, state: TypeState) -> None:
        """Control comes to an address with that state."""
        old = self.states.get(address)
        new = state if old is None else self.join(old, state)
        if new != old:
            self.states[address] = new
            self.work.append(address)

    def nexts(self, i: Decoded) -> list[int]:
        """Where control goes after an instruction."""
        if i.opcode.flow is Flow.SUBROUTINE_END:
            return [*i.targets, *self.returns]
        return [*i.targets, i.end] if i.opcode.flow.falls_through else list(i.targets)

    def step(self, i: Decoded, handlers: list[_Handler]) -> None:
        """Apply one instruction to its state, and take the result along the ways from it."""
        state, frame = self.states[i.address], self.typing.frame
        frame.restore(state)
        covering = [h for h in handlers if h.start <= i.address < h.end]
        for h in covering:
            self.flow(h.target, TypeState((h.caught,), state.locals))
        _RULES[i.opcode](self.typing, i)
        after = frame.state
        for h in covering:
            self.flow(h.target, TypeState((h.caught,), after.locals))
        for target in self.nexts(i):
            inside = target in self.at
            self.typing.rules.require(Rule.RUNS_OFF, inside, "execution runs off the end of the method")
            if inside:
                self.flow(target, after)

    def run(self) -> None:
        """Verify; the first fault is raised as RuleError with its place."""
        handlers = self.handlers()
        self.states[0] = self.start()
        self.work.append(0)
        i = self.code[0]
        try:
            for i in self.code:
                check_operands(self.typing, i)
            while self.work:
                i = self.at[self.work.pop()]
                self.step(i, handlers)
        except RuleError as e:
            raise RuleError(e.finding.at(f"method@{self.method.offset}, {i.address} {i.name}")) from None


def check_code(resolver: Resolver, faults: list[Finding]) -> None:
    """Verify every method that has code."""
    for offset in sorted(resolver.members.methods):
        owner, method = resolver.members.methods[offset]
        if method.is_abstract or not method.size:
            continue
        try:
            _MethodFlow(resolver, owner, method).run()
        except CapError as e:
            faults += [f for f in (finding_of(e),) if resolver.rules.counts(f)]
