"""The Method component: places, headers, handlers, and where code refers to the constant pool (JCVM 3.0.4, 6.10)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import HANDLER_SIZE, ArrayType, MethodFlag, PackageFlag
from cardlab.cap.disasm import Decoded, method_code
from cardlab.cap.model import HandlerInfo, MethodDescriptor, MethodHeader, ReferenceLocations
from cardlab.cap.opcodes import Opcode
from cardlab.cap.operands import Operand
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rule import instructions
from cardlab.cap.verifier.rules import Finding, Rule

_FLAGS = int(MethodFlag.EXTENDED | MethodFlag.ABSTRACT)
_CATCH_TYPE = 1 + 6  # from the row's start, behind the count of handlers


def _header(m: MethodDescriptor, header: MethodHeader, code: bytes, resolver: Resolver) -> Iterator[Finding]:
    what = f"Method: the method at {m.offset}"
    if int(header.flags) & ~_FLAGS:
        yield Rule.METHOD_RESERVED.broken(f"{what} has the flags 0x{int(header.flags):02x}")
    if header.is_abstract != m.is_abstract:
        yield Rule.METHOD_ABSTRACT.broken(f"{what} is abstract in one place only")
    if not m.is_abstract and not code:
        yield Rule.METHOD_EMPTY.broken(f"{what} has no code")
    if header.arguments != resolver.types.signature(m.type).words + (0 if m.is_static else 1):
        yield Rule.METHOD_ARGUMENTS.broken(f"{what} has {header.arguments} argument words, its type says otherwise")


def _overlap(a: HandlerInfo, b: HandlerInfo) -> bool:
    return a.start < b.start + b.length and b.start < a.start + a.length


def _handlers(m: MethodDescriptor, start: int, rows: tuple[HandlerInfo, ...]) -> Iterator[Finding]:
    what = f"Method: a handler of the method at {m.offset}"
    for n, h in enumerate(rows):
        last = not any(_overlap(other, h) for other in rows[n + 1 :])
        if h.stop != last:
            yield Rule.HANDLER_STOP.broken(f"{what} is {'' if last else 'not '}the last of its range")
        if not (start <= h.start < h.start + h.length <= start + m.size and start <= h.target < start + m.size):
            yield Rule.HANDLER_RANGE.broken(f"{what} leaves it")
    caught = [(h.start, h.length, h.catch_type) for h in rows]
    if len(set(caught)) != len(caught):
        yield Rule.HANDLER_TWICE.broken(f"{what} catches what another of its range catches")


def check_methods(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """Methods follow one another without gaps, and each handler is one method's."""
    at = cap.methods.start
    handlers = 0
    for offset in sorted(resolver.members.methods):
        _, m = resolver.members.methods[offset]
        if offset != at:
            yield Rule.METHOD_PLACE.broken(f"Method: the method at {offset} should be at {at}")
            return
        header, code = method_code(cap, m)
        yield from _header(m, header, code, resolver)
        rows = cap.methods.handlers[m.first_handler : m.first_handler + m.handler_count]
        if len(rows) != m.handler_count:
            yield Rule.HANDLER_ROWS.broken(f"Descriptor: the handlers of the method at {offset} are not in the table")
        handlers += m.handler_count
        yield from _handlers(m, offset + header.size, rows)
        at = offset + header.size + m.size
    if at != len(cap.methods.info):
        yield Rule.METHOD_ALL.broken(f"Method: {len(cap.methods.info) - at} bytes belong to no method")
    if handlers != len(cap.methods.handlers):
        yield Rule.HANDLER_OWNERS.broken("Method: some exception handlers belong to no method")


def _refers(i: Decoded) -> bool:
    """Whether the pool index means something; that of a cast to an array of primitives does not."""
    cast = i.opcode in (Opcode.CHECKCAST, Opcode.INSTANCEOF)
    return bool(i.pool_at) and not (cast and i.operands[0] not in (ArrayType.CLASS, ArrayType.REFERENCE))


def _needs_int(i: Decoded) -> bool:
    """Whether the instruction, or the array that it names, is of int."""
    of_array = i.opcode in (Opcode.NEWARRAY, Opcode.CHECKCAST, Opcode.INSTANCEOF) and i.operands[0] == ArrayType.INT
    return i.opcode.needs_int or of_array


def check_locations(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """The RefLocation component (6.12) lists exactly the pool indices in code and in handlers."""
    one: list[int] = []
    two = [_CATCH_TYPE + HANDLER_SIZE * n for n, h in enumerate(cap.methods.handlers) if h.catch_type]
    has_int = PackageFlag.INT in cap.header.flags
    for offset in sorted(resolver.members.methods):
        _, m = resolver.members.methods[offset]
        if m.is_abstract:
            continue
        header, code = method_code(cap, m)
        for i in instructions(offset, code):
            if _needs_int(i) and not has_int:
                yield Rule.INT_FLAG.broken(f"method@{offset}, {i.address}: {i.name} in a package without int")
            if not _refers(i):
                continue
            place = offset + header.size + i.address + i.pool_at
            (two if Operand.POOL2 in i.opcode.operands else one).append(place)
    places = cap.locations
    if sorted(one) != list(ReferenceLocations.places(places.one_byte)):
        yield Rule.LOCATION_ONE.broken("RefLocation: the one-byte indices are not where the code has them")
    if sorted(two) != list(ReferenceLocations.places(places.two_byte)):
        yield Rule.LOCATION_TWO.broken("RefLocation: the two-byte indices are not where the code has them")
