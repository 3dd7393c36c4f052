"""What the rules for instructions have at hand: one method, its frame, and what its references lead to."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.cap.disasm import Decoded, disassemble, method_code
from cardlab.cap.model import ClassDescriptor, MethodDescriptor, PoolItem
from cardlab.cap.verifier.frame import FaultError, Frame
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.types import Type


class MethodTyping:
    """One method whose instructions are applied to a frame of types."""

    def __init__(self, resolver: Resolver, owner: ClassDescriptor, method: MethodDescriptor) -> None:
        self.resolver = resolver
        self.owner = owner
        self.method = method
        self.header, code = method_code(resolver.cap, method)
        self.code = disassemble(code, f"method@{method.offset}")
        self.this = f"L@{owner.ref}"
        self.signature = resolver.types.signature(method.type)
        self.frame = Frame(self.header.max_stack, resolver.subtypes)

    def item(self, i: Decoded) -> PoolItem:
        """The constant pool entry of an instruction, whose tag must be one that the instruction takes."""
        pool = self.resolver.cap.pool
        item = pool[i.pool] if i.pool < len(pool) else None
        if item is None or item.tag not in i.opcode.pool:
            raise FaultError(f"{i.name} refers to a constant pool entry of tag {int(item.tag) if item else '?'}")
        return item

    def class_type(self, i: Decoded) -> Type:
        """The class that an instruction names."""
        return f"L{self.resolver.classes.name(self.item(i).class_ref)}"

    def require_assignable(self, source: Type, target: Type, words: str) -> None:
        """Refuse with these words unless a value of one type may be used as the other."""
        if not self.resolver.subtypes.assignable(source, target):
            raise FaultError(words)


Rule = Callable[[MethodTyping, Decoded], None]
"""What an instruction does to the frame; FaultError when it may not."""
