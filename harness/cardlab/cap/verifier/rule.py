"""What the rules for instructions have at hand: one method, its frame, and what its references lead to."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.errors import CapError
from cardlab.cap.model import ClassDescriptor, MethodDescriptor, PoolItem
from cardlab.cap.verifier.frame import Frame
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Rule, Rules
from cardlab.cap.verifier.types import Type


def instructions(offset: int, code: bytes) -> tuple[Decoded, ...]:
    """The code of the method at an offset."""
    try:
        return disassemble(code, f"method@{offset}")
    except CapError as e:
        raise Rule.INSTRUCTIONS.error(str(e)) from None


class MethodTyping:
    """One method whose instructions are applied to a frame of types."""

    def __init__(self, resolver: Resolver, owner: ClassDescriptor, method: MethodDescriptor) -> None:
        self.resolver = resolver
        self.owner = owner
        self.method = method
        self.header, code = method_code(resolver.cap, method)
        self.code = instructions(method.offset, code)
        self.this = f"L@{owner.ref}"
        self.signature = resolver.types.signature(method.type).computational
        self.locals = (0 if method.is_static else 1) + self.signature.words + self.header.max_locals
        """Words of the frame's local variables."""
        self.rules: Rules = resolver.rules
        self.frame = Frame(self.header.max_stack, resolver.subtypes, resolver.rules)

    def item(self, i: Decoded) -> PoolItem:
        """The constant pool entry of an instruction, whose tag must be one that the instruction takes."""
        pool = self.resolver.cap.pool
        item = pool[i.pool] if i.pool < len(pool) else None
        if item is None or item.tag not in i.opcode.pool:
            raise Rule.POOL_TAG.error(
                f"{i.name} refers to a constant pool entry of tag {int(item.tag) if item else '?'}"
            )
        return item

    def class_type(self, i: Decoded) -> Type:
        """The class that an instruction names."""
        return f"L{self.resolver.classes.name(self.item(i).class_ref)}"

    def require_assignable(self, rule: Rule, source: Type, target: Type, words: str) -> None:
        """Refuse with these words unless a value of one type may be used as the other."""
        self.rules.require(rule, self.resolver.subtypes.assignable(source, target), words)


Typing = Callable[[MethodTyping, Decoded], None]
"""What an instruction does to the frame; RuleError when it may not."""
