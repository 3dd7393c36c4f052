"""Type safety, continued: fields, calls and objects."""

from __future__ import annotations

from cardlab.cap.disasm import Decoded
from cardlab.cap.errors import CapError
from cardlab.cap.model import PoolItem
from cardlab.cap.verifier.machine import ARRAY_TYPES, THIS, FaultError, Machine
from cardlab.cap.verifier.world import Signature, Type


class FullMachine(Machine):
    """Every instruction."""

    def step(self, i: Decoded) -> None:
        """Apply one instruction to the state."""
        if i.name.startswith(("getfield", "putfield", "getstatic", "putstatic")):
            self.field(i)
        else:
            super().step(i)

    def item(self, i: Decoded, *tags: int) -> PoolItem:
        item = self.cap.pool[i.pool] if i.pool < len(self.cap.pool) else None
        if item is None or item.tag not in tags:
            raise FaultError(f"{i.name} refers to a constant pool entry of tag {item.tag if item else '?'}")
        return item

    def class_type(self, i: Decoded) -> Type:
        return f"L{self.world.class_name(self.item(i, 1).class_ref)}"

    def field(self, i: Decoded) -> None:
        static = "static" in i.name
        item = self.item(i, 5 if static else 2)
        offset = self.world.pool_type(i.pool)
        kind, put = i.name.split("_")[1], i.name.startswith("put")
        if self.world.field_width(offset) != kind:
            raise FaultError(f"{i.name} of a field of type {self.world.field_type(offset)}")
        t = self.world.field_type(offset)
        if put:
            self.pop_as(t)
        if not static:
            self.receiver(i, item)
        if not put:
            self.push(t)

    def receiver(self, i: Decoded, item: PoolItem) -> None:
        """The object of a field access."""
        if i.name.endswith("_this"):
            if self.method.is_static or not self.locals:
                raise FaultError(f"{i.name} in a static method")
            t = self.locals[0]
        else:
            t = self.pop("o")
        wanted = f"L{self.world.class_name(item.class_ref)}"
        if t == THIS and i.name.startswith("put") and wanted == self.this:
            return  # a constructor may set its own fields before it calls the superclass
        if not self.world.assignable(t, wanted):
            raise FaultError(f"a field of {wanted} is accessed in {t}")

    def arguments(self, signature: Signature) -> None:
        for p in reversed(signature.parameters):
            self.pop_as(p)

    def do_invokestatic(self, i: Decoded) -> None:
        item = self.item(i, 6)
        if not item.is_external and not self.world.methods[item.offset][1].is_static:
            raise FaultError("invokestatic of a method that is not static")
        signature = self.checked(item, self.world.signature(self.world.pool_type(i.pool)))
        self.arguments(signature)
        self.push(signature.result)

    def checked(self, item: PoolItem, signature: Signature) -> Signature:
        """The signature in the pool, refused when it is not that of the method."""
        own = item.tag == 6 and not item.is_external
        if own and self.world.signature(self.world.methods[item.offset][1].type) != signature:
            raise FaultError("the type of the reference is not that of the method")
        return signature

    def do_invokevirtual(self, i: Decoded) -> None:
        item = self.item(i, 3)
        signature = self.world.signature(self.world.pool_type(i.pool))
        self.arguments(signature)
        t, wanted = self.pop("r"), f"L{self.world.class_name(item.class_ref)}"
        if not self.world.assignable(t, wanted):
            raise FaultError(f"a method of {wanted} is called on {t}")
        self.push(signature.result)

    def do_invokespecial(self, i: Decoded) -> None:
        item = self.item(i, 4, 6)
        signature = self.checked(item, self.world.signature(self.world.pool_type(i.pool)))
        self.arguments(signature)
        t = self.pop("o")
        if item.tag == 4:
            if self.world.class_name(item.class_ref) != f"@{self.owner.ref}" or not self.world.assignable(t, self.this):
                raise FaultError("a super call from another class")
        elif self.is_constructor(item, t):
            self.initialise(i, item, t)
        else:
            wanted = self.private_owner(item)
            if not self.world.assignable(t, wanted):
                raise FaultError(f"a private method of {wanted} is called on {t}")
        self.push(signature.result)

    def private_owner(self, item: PoolItem) -> Type:
        if item.is_external:
            raise FaultError("a private method of an imported class is called")
        owner, m = self.world.methods[item.offset]
        if m.is_static:
            raise FaultError("invokespecial of a static method")
        return f"L@{owner.ref}"

    def is_constructor(self, item: PoolItem, receiver: Type) -> bool:
        if not item.is_external:
            return self.world.methods[item.offset][1].is_constructor
        name = self.world.exported_member(item.class_ref, item.token, "static")
        return name == "<init>" if name else receiver[0] in "uU"

    def initialise(self, i: Decoded, item: PoolItem, t: Type) -> None:
        """The call of a constructor on `t` makes it usable."""
        if item.is_external:
            name = self.world.class_name(item.class_ref)
        else:
            name = f"@{self.world.methods[item.offset][0].ref}"
        if t == THIS:
            parent = self.world.class_name(self.world.info(self.owner.ref).supers[0])
            if name not in (self.this[1:], parent):
                raise FaultError(f"a constructor calls one of {name}")
            made = self.this
        elif t.startswith("u"):
            made = t[t.index("L") :]
            if made != f"L{name}":
                raise FaultError(f"{made} is initialised by a constructor of {name}")
        else:
            raise FaultError("a constructor is called on an object that has been initialised")
        self.stack = [made if w == t else w for w in self.stack]
        self.locals = [made if w == t else w for w in self.locals]

    def do_invokeinterface(self, i: Decoded) -> None:
        item = self.item(i, 1)
        words, token = i.operands
        signature = self.world.interface_method(item.class_ref, token)
        if signature is None:
            raise CapError("the interface's package has no token table; give its export file")
        if signature.words + 1 != words:
            raise FaultError(f"{words} argument words are given, the method has {signature.words + 1}")
        self.arguments(signature)
        self.pop("r")
        self.push(signature.result)

    def do_new(self, i: Decoded) -> None:
        t = self.class_type(i)
        if self.world.is_interface(t[1:]):
            raise FaultError("new of an interface")
        if t.startswith("L@") and self.world.classes[int(t[2:])].flags & 0x80:
            raise FaultError("new of an abstract class")
        made = f"u{i.address}{t}"
        if made in self.stack:
            raise FaultError("an object that was not initialised is made again")
        self.locals = ["t" if w == made else w for w in self.locals]
        self.push(made)

    def do_newarray(self, i: Decoded) -> None:
        self.pop("s")
        if i.operands[0] not in ARRAY_TYPES:
            raise FaultError(f"newarray of type {i.operands[0]}")
        self.push(ARRAY_TYPES[i.operands[0]])

    def do_anewarray(self, i: Decoded) -> None:
        self.pop("s")
        self.push("[" + self.class_type(i))

    def cast_type(self, i: Decoded) -> Type:
        kind = i.operands[0]
        if kind in ARRAY_TYPES:
            return ARRAY_TYPES[kind]
        if kind not in (0, 14):
            raise FaultError(f"{i.name} of type {kind}")
        return ("[" if kind == 14 else "") + self.class_type(i)

    def do_checkcast(self, i: Decoded) -> None:
        self.pop("r")
        self.push(self.cast_type(i))

    def do_instanceof(self, i: Decoded) -> None:
        self.pop("r")
        self.cast_type(i)
        self.push("s")
