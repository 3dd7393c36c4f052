"""Type safety of every method, by data flow over its code (the rules of JVMS 4.10 for the card's instructions).

States only ever move towards 'unusable', so the fixed point is reached after finitely many steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.capfile.disasm import Decoded, disassemble, method_code
from harness.capfile.errors import CapError
from harness.capfile.model import ClassDescriptor, HandlerInfo, MethodDescriptor, PoolItem
from harness.capfile.verifier.effects import ENDS, SIMPLE
from harness.capfile.verifier.world import OBJECT, THROWABLE, Signature, Type, World

# Types beyond those of World: I is the second word of an int, u<address> an object that `new` at that address made and
# no constructor has initialised, U the `this` of a constructor before the superclass's constructor, a a return address.
_LOW = "I"
_THIS = "U"
_ADDRESS = "a"
_ELEMENTS = {"b": ("[b", "[z"), "s": ("[s",), "i": ("[i",)}
_ARRAY_TYPES = {10: "[z", 11: "[b", 12: "[s", 13: "[i"}


@dataclass(frozen=True)
class _State:
    stack: tuple[Type, ...]
    locals: tuple[Type, ...]


class _FaultError(Exception):
    """A rule is broken at the current instruction."""


def _words(t: Type) -> tuple[Type, ...]:
    return ("i", _LOW) if t == "i" else () if t == "v" else (t,)


def _is_reference(t: Type) -> bool:
    return t.startswith(("n", "L", "["))


class _Method:
    """One method's verification."""

    def __init__(self, world: World, owner: ClassDescriptor, method: MethodDescriptor) -> None:
        self.world = world
        self.cap = world.cap
        self.owner = owner
        self.method = method
        self.header, code = method_code(self.cap, method)
        self.code = disassemble(code, f"method@{method.offset}")
        self.at = {i.address: n for n, i in enumerate(self.code)}
        self.this = f"L@{owner.ref}"
        self.signature = world.signature(method.type)
        self.stack: list[Type] = []
        self.locals: list[Type] = []

    # Stack and locals

    def push(self, t: Type) -> None:
        self.stack += _words(t)
        if len(self.stack) > self.header.max_stack:
            raise _FaultError(f"the stack grows beyond {self.header.max_stack} words")

    def pop_word(self) -> Type:
        if not self.stack:
            raise _FaultError("the stack is empty")
        return self.stack.pop()

    def pop(self, wanted: str) -> Type:
        """One value of a kind: s, i, r (reference), A (array), o (reference, or object not initialised)."""
        t = self.pop_word()
        if wanted == "i":
            if t != _LOW or self.pop_word() != "i":
                raise _FaultError(f"an int is expected, the stack has {t}")
            return "i"
        fits = {
            "s": t == "s",
            "r": _is_reference(t),
            "A": t == "n" or t.startswith("["),
            "o": _is_reference(t) or t[0] in "uU",
        }[wanted]
        if not fits:
            names = {"s": "a short", "r": "a reference", "A": "an array", "o": "an object"}
            raise _FaultError(f"{names[wanted]} is expected, the stack has {t}")
        return t

    def pop_as(self, target: Type) -> None:
        """A value that can be used as `target`."""
        if target in ("s", "i"):
            self.pop(target)
            return
        t = self.pop_word()
        if not self.world.assignable(t, target):
            raise _FaultError(f"{t} is used as {target}")

    def load(self, index: int, kind: str) -> None:
        if index + (kind == "i") >= len(self.locals):
            raise _FaultError(f"local {index} is outside the frame")
        t = self.locals[index]
        if kind == "i":
            if (t, self.locals[index + 1]) != ("i", _LOW):
                raise _FaultError(f"local {index} has no int")
            self.push("i")
        elif (kind == "s" and t == "s") or (kind == "a" and (_is_reference(t) or t[0] in "uU")):
            self.push(t)
        else:
            raise _FaultError(f"local {index} has {t}")

    def store(self, index: int, kind: str) -> None:
        if kind == "a":
            t = self.pop_word()
            if not (_is_reference(t) or t[0] in "uUa"):
                raise _FaultError(f"a reference is expected, the stack has {t}")
        else:
            t = self.pop(kind)
        for n, word in enumerate(_words(t)):
            if index + n >= len(self.locals):
                raise _FaultError(f"local {index} is outside the frame")
            self.cut(index + n)
            self.locals[index + n] = word

    def cut(self, index: int) -> None:
        """A local is overwritten: the other half of an int there becomes unusable."""
        old = self.locals[index]
        if old == _THIS and not index:  # as long as it is there, a return sees that something is missing
            raise _FaultError("local 0 is overwritten before the superclass's constructor was called")
        if old == "i" and index + 1 < len(self.locals):
            self.locals[index + 1] = "t"
        if old == _LOW and index:
            self.locals[index - 1] = "t"

    # Instructions

    def step(self, i: Decoded) -> None:
        """Apply one instruction to the state."""
        name = i.name
        if name in SIMPLE:
            taken, left = SIMPLE[name]
            for kind in reversed(taken):
                self.pop(kind)
            for t in left:
                self.push(t)
        elif name.startswith(("aload", "sload", "iload")):
            self.load(_local(i), name[0])
        elif name.startswith(("astore", "sstore", "istore")) and not name.endswith("store_"):
            self.store(_local(i), name[0])
        elif name[1:] in ("aload", "astore"):
            self.array(name)
        elif name.startswith(("getfield", "putfield", "getstatic", "putstatic")):
            self.field(i)
        else:
            step: Callable[[Decoded], None] | None = getattr(self, "do_" + name, None)
            if step is None:
                raise _FaultError(f"{name} cannot be verified")
            step(i)

    def array(self, name: str) -> None:
        kind = name[0]
        value: Type = ""
        if name.endswith("store"):
            value = self.pop({"a": "r", "i": "i"}.get(kind, "s"))
        self.pop("s")
        array = self.pop("A")
        if kind == "a":
            if array != "n" and not array.startswith("[L"):
                raise _FaultError(f"{name} of {array}")
            if not value:
                self.push("n" if array == "n" else array[1:])
            elif array.startswith("[L") and not self.fits_element(value, array[1:]):
                raise _FaultError(f"{value} is put into {array}")
            return
        if array != "n" and array not in _ELEMENTS[kind]:
            raise _FaultError(f"{name} of {array}")
        if not value:
            self.push("i" if kind == "i" else "s")

    def fits_element(self, value: Type, element: Type) -> bool:
        """Whether a store could succeed at run time, where the array's real type decides."""
        return self.world.assignable(value, element) or self.world.assignable(element, value)

    def do_pop(self, i: Decoded) -> None:
        if self.pop_word() in ("i", _LOW):
            raise _FaultError("half an int is removed")

    def do_pop2(self, i: Decoded) -> None:
        self.take_words(2)

    def take_words(self, count: int) -> list[Type]:
        """The top words, deepest first; no int is split."""
        if count > len(self.stack):
            raise _FaultError(f"{count} words are taken, the stack has {len(self.stack)}")
        words = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        if words and (words[0] == _LOW or words[-1] == "i"):
            raise _FaultError("an int is split")
        return words

    def put_words(self, words: list[Type]) -> None:
        self.stack += words
        if len(self.stack) > self.header.max_stack:
            raise _FaultError(f"the stack grows beyond {self.header.max_stack} words")

    def do_dup(self, i: Decoded) -> None:
        words = self.take_words(1)
        self.put_words(words * 2)

    def do_dup2(self, i: Decoded) -> None:
        words = self.take_words(2)
        self.put_words(words * 2)

    def do_dup_x(self, i: Decoded) -> None:
        m, n = i.operands[0] >> 4, i.operands[0] & 15
        if not 1 <= m <= 4 or (n and not m <= n <= m + 4):
            raise _FaultError(f"dup_x {m},{n}")
        top = self.take_words(m)
        below = self.take_words(n - m) if n else []
        self.put_words(top + below + top)

    def do_swap_x(self, i: Decoded) -> None:
        m, n = i.operands[0] >> 4, i.operands[0] & 15
        if m not in (1, 2) or n not in (1, 2):
            raise _FaultError(f"swap_x {m},{n}")
        top = self.take_words(m)
        below = self.take_words(n)
        self.put_words(top + below)

    def increment(self, i: Decoded) -> None:
        kind = i.name[0]
        self.load(i.operands[0], kind)
        self.pop(kind)

    do_sinc = do_sinc_w = do_iinc = do_iinc_w = increment

    def do_jsr(self, i: Decoded) -> None:
        self.push(_ADDRESS)

    def do_ret(self, i: Decoded) -> None:
        if i.operands[0] >= len(self.locals) or self.locals[i.operands[0]] != _ADDRESS:
            raise _FaultError(f"local {i.operands[0]} has no return address")

    def do_athrow(self, i: Decoded) -> None:
        t = self.pop("r")
        if not self.world.assignable(t, f"L{THROWABLE}"):
            raise _FaultError(f"{t} is thrown")

    def finish(self, kind: str) -> None:
        result = self.signature.result
        if (result if result in "vsi" else "a") != kind:
            raise _FaultError(f"a return of the wrong kind: the method's result is {result}")
        if kind != "v":
            self.pop_as(result)

    def do_areturn(self, i: Decoded) -> None:
        self.finish("a")

    def do_sreturn(self, i: Decoded) -> None:
        self.finish("s")

    def do_ireturn(self, i: Decoded) -> None:
        self.finish("i")

    def do_return(self, i: Decoded) -> None:
        self.finish("v")
        if _THIS in self.locals[:1]:
            raise _FaultError("the constructor returns before the superclass's constructor was called")

    # References

    def item(self, i: Decoded, *tags: int) -> PoolItem:
        item = self.cap.pool[i.pool] if i.pool < len(self.cap.pool) else None
        if item is None or item.tag not in tags:
            raise _FaultError(f"{i.name} refers to a constant pool entry of tag {item.tag if item else '?'}")
        return item

    def class_type(self, i: Decoded) -> Type:
        return f"L{self.world.class_name(self.item(i, 1).class_ref)}"

    def field(self, i: Decoded) -> None:
        static = "static" in i.name
        item = self.item(i, 5 if static else 2)
        offset = self.world.pool_type(i.pool)
        kind, put = i.name.split("_")[1], i.name.startswith("put")
        if self.world.field_width(offset) != kind:
            raise _FaultError(f"{i.name} of a field of type {self.world.field_type(offset)}")
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
                raise _FaultError(f"{i.name} in a static method")
            t = self.locals[0]
        else:
            t = self.pop("o")
        wanted = f"L{self.world.class_name(item.class_ref)}"
        if t == _THIS and i.name.startswith("put") and wanted == self.this:
            return  # a constructor may set its own fields before it calls the superclass
        if not self.world.assignable(t, wanted):
            raise _FaultError(f"a field of {wanted} is accessed in {t}")

    def arguments(self, signature: Signature) -> None:
        for p in reversed(signature.parameters):
            self.pop_as(p)

    def do_invokestatic(self, i: Decoded) -> None:
        item = self.item(i, 6)
        if not item.is_external and not self.world.methods[item.offset][1].is_static:
            raise _FaultError("invokestatic of a method that is not static")
        signature = self.checked(item, self.world.signature(self.world.pool_type(i.pool)))
        self.arguments(signature)
        self.push(signature.result)

    def checked(self, item: PoolItem, signature: Signature) -> Signature:
        """The signature in the pool, refused when it is not that of the method."""
        own = item.tag == 6 and not item.is_external
        if own and self.world.signature(self.world.methods[item.offset][1].type) != signature:
            raise _FaultError("the type of the reference is not that of the method")
        return signature

    def do_invokevirtual(self, i: Decoded) -> None:
        item = self.item(i, 3)
        signature = self.world.signature(self.world.pool_type(i.pool))
        self.arguments(signature)
        t, wanted = self.pop("r"), f"L{self.world.class_name(item.class_ref)}"
        if not self.world.assignable(t, wanted):
            raise _FaultError(f"a method of {wanted} is called on {t}")
        self.push(signature.result)

    def do_invokespecial(self, i: Decoded) -> None:
        item = self.item(i, 4, 6)
        signature = self.checked(item, self.world.signature(self.world.pool_type(i.pool)))
        self.arguments(signature)
        t = self.pop("o")
        if item.tag == 4:
            if self.world.class_name(item.class_ref) != f"@{self.owner.ref}" or not self.world.assignable(t, self.this):
                raise _FaultError("a super call from another class")
        elif self.is_constructor(item, t):
            self.initialise(i, item, t)
        else:
            wanted = self.private_owner(item)
            if not self.world.assignable(t, wanted):
                raise _FaultError(f"a private method of {wanted} is called on {t}")
        self.push(signature.result)

    def private_owner(self, item: PoolItem) -> Type:
        if item.is_external:
            raise _FaultError("a private method of an imported class is called")
        owner, m = self.world.methods[item.offset]
        if m.is_static:
            raise _FaultError("invokespecial of a static method")
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
        if t == _THIS:
            parent = self.world.class_name(self.world.info(self.owner.ref).supers[0])
            if name not in (self.this[1:], parent):
                raise _FaultError(f"a constructor calls one of {name}")
            made = self.this
        elif t.startswith("u"):
            made = t[t.index("L") :]
            if made != f"L{name}":
                raise _FaultError(f"{made} is initialised by a constructor of {name}")
        else:
            raise _FaultError("a constructor is called on an object that has been initialised")
        self.stack = [made if w == t else w for w in self.stack]
        self.locals = [made if w == t else w for w in self.locals]

    def do_invokeinterface(self, i: Decoded) -> None:
        item = self.item(i, 1)
        words, token = i.operands
        signature = self.world.interface_method(item.class_ref, token)
        if signature is None:
            raise CapError("the interface's package has no token table; give its export file")
        if signature.words + 1 != words:
            raise _FaultError(f"{words} argument words are given, the method has {signature.words + 1}")
        self.arguments(signature)
        self.pop("r")
        self.push(signature.result)

    def do_new(self, i: Decoded) -> None:
        t = self.class_type(i)
        if self.world.is_interface(t[1:]):
            raise _FaultError("new of an interface")
        if t.startswith("L@") and self.world.classes[int(t[2:])].flags & 0x80:
            raise _FaultError("new of an abstract class")
        made = f"u{i.address}{t}"
        if made in self.stack:
            raise _FaultError("an object that was not initialised is made again")
        self.locals = ["t" if w == made else w for w in self.locals]
        self.push(made)

    def do_newarray(self, i: Decoded) -> None:
        self.pop("s")
        if i.operands[0] not in _ARRAY_TYPES:
            raise _FaultError(f"newarray of type {i.operands[0]}")
        self.push(_ARRAY_TYPES[i.operands[0]])

    def do_anewarray(self, i: Decoded) -> None:
        self.pop("s")
        self.push("[" + self.class_type(i))

    def cast_type(self, i: Decoded) -> Type:
        kind = i.operands[0]
        if kind in _ARRAY_TYPES:
            return _ARRAY_TYPES[kind]
        if kind not in (0, 14):
            raise _FaultError(f"{i.name} of type {kind}")
        return ("[" if kind == 14 else "") + self.class_type(i)

    def do_checkcast(self, i: Decoded) -> None:
        self.pop("r")
        self.push(self.cast_type(i))

    def do_instanceof(self, i: Decoded) -> None:
        self.pop("r")
        self.cast_type(i)
        self.push("s")

    # Flow

    def start(self) -> _State:
        words: list[Type] = []
        if not self.method.is_static:
            root = self.this == f"L{OBJECT}"
            words.append(_THIS if self.method.is_constructor and not root else self.this)
        for p in self.signature.parameters:
            words += _words(p)
        return _State((), tuple(words) + ("t",) * self.header.max_locals)

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

    def join(self, a: _State, b: _State) -> _State:
        if (_THIS in a.locals[:1]) != (_THIS in b.locals[:1]):
            raise _FaultError("the superclass's constructor was called, depending on the way here")
        if len(a.stack) != len(b.stack):
            raise _FaultError(f"the stack has {len(a.stack)} or {len(b.stack)} words, depending on the way here")
        stack = tuple(self.world.join(x, y) for x, y in zip(a.stack, b.stack, strict=True))
        return _State(stack, tuple(self.world.join(x, y) for x, y in zip(a.locals, b.locals, strict=True)))

    def run(self) -> None:
        """Verify; the first fault is raised as CapError with its place."""
        handlers = self.handlers()
        states: dict[int, _State] = {0: self.start()}
        work = [0]
        returns = [i.end for i in self.code if i.name == "jsr"]
        i = self.code[0]

        def flow(address: int, state: _State) -> None:
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
                    flow(target, _State((t,), state.locals))
                self.step(i)
                after = _State(tuple(self.stack), tuple(self.locals))
                for target, t in covering:
                    flow(target, _State((t,), after.locals))
                nexts = list(i.targets)
                if i.name == "ret":
                    nexts += returns
                elif i.name != "jsr" and i.name not in ENDS:
                    nexts.append(i.end)
                for target in nexts:
                    if target not in self.at:
                        raise _FaultError("execution runs off the end of the method")
                    flow(target, after)
        except (_FaultError, CapError) as e:
            raise CapError(f"method@{self.method.offset}, {i.address} {i.name}: {e}") from None


def _local(i: Decoded) -> int:
    return i.operands[0] if i.operands else int(i.name[-1])


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
