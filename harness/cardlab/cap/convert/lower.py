"""One method's bytecode to card instructions: types inferred on the stack, 32-bit arithmetic made 16-bit (JCVM 2.2.3).

Every value that Java computes as int is a byte or a short here, and may carry an overflow: what a 16-bit machine would
compute differently if something looked at more than the low 16 bits. Instructions that would look are errors; those
that do not (a cast, addition, a mask) are fine. What the vendor's converter refuses is refused here, and what it
overlooks too (docs/reference/cap.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.convert import control_rules, local_rules, object_rules, word_rules
from cardlab.cap.convert.classes import JMethod
from cardlab.cap.convert.code import Body, CardHandler, Insn
from cardlab.cap.convert.members import Members
from cardlab.cap.convert.order import visit_order
from cardlab.cap.convert.pool import ConstantPool, PoolEntry
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.translation import START, Rule, Translation
from cardlab.cap.convert.values import INT, REFERENCE, UNKNOWN, ValueState, value_of
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.bytecode import JvmInstruction, decode
from cardlab.classfile.classfile import AccessFlag, Code
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.flow import Flow
from cardlab.classfile.opcodes import JvmOpcode

_RULES: Mapping[JvmOpcode, Rule] = {
    **dict.fromkeys(JvmOpcode, control_rules.not_supported),
    **word_rules.RULES,
    **local_rules.RULES,
    **control_rules.RULES,
    **object_rules.RULES,
}


class _Lowering:
    """Runs the rules over a method: first until what is known settles, then once more to write and to report."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        self.method, self.code = translation.method, translation.code
        self.instructions = decode(self.code.code)
        self.states: dict[int, ValueState] = {}
        self.work: list[int] = []

    def check_handlers(self) -> None:
        """Handlers must begin and end at instructions."""
        places = {i.pc for i in self.instructions} | {len(self.code.code)}
        for h in self.code.handlers:
            if not {h.start, h.end} <= places or h.target not in places - {len(self.code.code)}:
                raise ClassFileError(f"method {self.method.name}: an exception handler starts inside an instruction")

    def entry_state(self) -> ValueState:
        """The state before the first instruction."""
        values = [] if self.method.access & AccessFlag.STATIC else [REFERENCE]
        for p in split_descriptor(self.method.descriptor)[0]:
            if self.translation.ints and p in ("Z", "B", "S", "I"):
                self.translation.parameters[len(values)] = value_of(p, ints=True)
            if p == "I" and self.translation.ints:
                self.translation.int_locals.add(len(values))
            values += [value_of(p, self.translation.ints)] * (2 if p in ("J", "D") else 1)
        if len(values) > self.code.max_locals:
            raise ClassFileError(f"method {self.method.name}: the arguments do not fit the frame")
        return ValueState((), tuple(values) + (UNKNOWN,) * (self.code.max_locals - len(values)))

    def settle(self) -> None:
        """Find the state before each instruction that is reached, until no more values are found to be ints."""
        t, before = self.translation, -1
        while before < (now := sum(map(len, (t.wide, t.cut, t.whole, t.int_slots)))):
            before, t.deepest = now, 0
            self.states.clear()
            self.settle_once()

    def settle_once(self) -> None:
        """A fixed point over the control flow."""
        at = {i.pc: i for i in self.instructions}
        self.flow(0, self.entry_state())
        while self.work:
            pc = self.work.pop()
            before, i = self.states[pc], at[pc]
            after = self.step(i, before)
            for h in self.code.handlers:
                if h.start <= pc < h.end:
                    self.flow(h.target, ValueState((REFERENCE,), before.locals))
                    self.flow(h.target, ValueState((REFERENCE,), after.locals))
            for target in i.targets:
                self.flow(target, after)
            if i.opcode.flow is Flow.SUBROUTINE:
                # It comes back behind its jsr, with the return address taken from the stack.
                after = ValueState(after.stack[:-1], after.locals)
            elif not i.opcode.flow.falls_through:
                continue
            if i.end not in at:
                raise ClassFileError(f"method {self.method.name}: execution runs off the end of the code")
            self.flow(i.end, after)

    def step(self, i: JvmInstruction, before: ValueState) -> ValueState:
        """Apply one bytecode; the state behind it."""
        t = self.translation
        t.begin(i, before)
        _RULES[i.opcode](t, i)
        if i.pc in t.wide - (t.cut - t.whole) and t.stack and t.stack[-1].is_number:
            t.pop()
            t.push(INT)
            t.emit(Opcode.S2I)
        if t.ints:  # without ints the card's stack is as deep as Java's
            t.deepest = max(t.deepest, t.depth)
        return t.state

    def flow(self, pc: int, state: ValueState) -> None:
        """Control comes to `pc` with that state."""
        old = self.states.get(pc)
        new = state if old is None else old.join(state)
        if new != old:
            self.states[pc] = new
            self.work.append(pc)

    def write(self) -> list[Insn]:
        """The card instructions; each bytecode becomes at least one, which carries the label of its place."""
        out: list[Insn] = []
        self.translation.out = out
        leaders = {t for i in self.instructions for t in i.targets} | {h.target for h in self.code.handlers}
        unreached = ValueState((), (UNKNOWN,) * self.code.max_locals)
        for i in self.instructions:
            first = len(out)
            self.step(i, self.states.get(i.pc, unreached))
            if len(out) == first:
                self.translation.emit(None)
            out[first].labels.append(self.translation.label(i.pc))
            out[first].leader = i.pc in leaders
        out.append(Insn(None, 0, labels=[self.translation.label(len(self.code.code))]))
        return out

    def catch_types(self) -> list[PoolEntry | None]:
        """The exception types of the handlers, None for any."""
        self.translation.out, self.translation.now = [], START  # so that problems are reported, on the first line
        names = [h.catch_type for h in self.code.handlers]
        return [None if name is None else self.translation.class_entry(name) for name in names]

    def body(self, pool: ConstantPool) -> Body:
        """Everything; `pool` gets the entries in the order of their use."""
        self.check_handlers()
        self.settle()
        types = self.catch_types()
        out = self.write()
        entries = {insn.pc: insn.entry for insn in out if insn.entry is not None}  # one at most; s2i may follow
        for entry in (*types, *(entries.get(pc) for pc in visit_order(self.instructions, self.code.handlers))):
            if entry is not None:
                pool.add(entry)
        label = self.translation.label
        handlers = tuple(
            CardHandler(label(h.start), label(h.end), label(h.target), t)
            for h, t in zip(self.code.handlers, types, strict=True)
        )
        words = self.method.argument_words
        ints = any(insn.opcode is not None and insn.opcode.needs_int for insn in out)
        stack = self.translation.deepest if ints else self.code.max_stack
        locals_ = self.translation.place(self.code.max_locals)
        return Body(tuple(out), handlers, stack, words, max(locals_ - words, 0))


def lower(method: JMethod, code: Code, members: Members, pool: ConstantPool, problems: Problems) -> Body:
    """Convert one method's code; constant pool entries are added to `pool` in the order of their use."""
    return _Lowering(Translation(method, code, members, problems)).body(pool)
