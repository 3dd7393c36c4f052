"""What each instruction leaves on the stack and in the locals, as the verifier's data flow sees it (JCVM 3.0.5, 7.5).

`athrow` behind the code is refused with the type that it finds on top: so the whole stack is told, word by word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from cardlab.cap.constants import PoolTag
from cardlab.cap.convert import Conversion
from cardlab.cap.exports import builtin
from cardlab.cap.model import PoolItem
from cardlab.cap.opcodes import Opcode as Op
from cardlab.cap.reader import CapFile, read_cap
from cardlab.cap.verifier import Rule, verify
from tests.cardlab.cap.by_hand import CHILD, PARENT, room, room_of
from tests.cardlab.cap.editing import again
from tests.cardlab.cap.typestates import APART, INTS, JOINED, KNOWN, STACK, USED, WRONG

Code = Sequence[int | bytes]
Stack = Callable[[str], list[str]]
Tell = Callable[..., tuple[Rule, str] | None]
THE_CHILD, THE_PARENT = CHILD.to_bytes(2, "big") + b"\0", PARENT.to_bytes(2, "big") + b"\0"


def _roomy(spare: CapFile, code: Code, integers: bool) -> CapFile:
    """`room` with that code, more words of stack, in a package with int or without."""
    cap = room(*code, integers=integers)({"spare": spare})
    info = bytearray(cap.methods.info)
    at = room_of(cap).offset
    info[at] = info[at] & 0xF0 | STACK
    return again(replace(cap, methods=replace(cap.methods, info=bytes(info))))


@pytest.fixture(scope="module")
def spare(conversions: dict[str, Conversion]) -> CapFile:
    """The package whose method `room` gets other code."""
    return read_cap(conversions["spare"].cap)


@pytest.fixture(scope="module")
def constants(spare: CapFile) -> Mapping[str, bytes]:
    """Indices of the constant pool, two bytes each."""
    wanted = {
        "child": (PoolTag.CLASS, THE_CHILD),
        "parent": (PoolTag.CLASS, THE_PARENT),
        "number": (PoolTag.INSTANCE_FIELD, bytes((0, PARENT, 1))),
        "bytes": (PoolTag.INSTANCE_FIELD, bytes((0, PARENT, 0))),
        "reference": (PoolTag.STATIC_FIELD, b"\0\0\2"),
        "get": (PoolTag.VIRTUAL_METHOD, bytes((0, PARENT, 3))),
        "room": (PoolTag.STATIC_METHOD, b"\0" + room_of(spare).offset.to_bytes(2, "big")),
    }
    return {name: spare.pool.index(PoolItem(*one)).to_bytes(2, "big") for name, one in wanted.items()}


def _code(words: str, constants: Mapping[str, bytes]) -> list[int | bytes]:
    """Mnemonics, numbers of one byte, and names of constants: two bytes, or one behind a dot."""
    return [_one(word, constants) for word in words.split()]


def _one(word: str, constants: Mapping[str, bytes]) -> int | bytes:
    if word.upper() in Op.__members__:
        return Op[word.upper()]
    if word.lstrip("-").isdigit():
        return int(word) & 0xFF
    return constants[word[1:]][1:] if word.startswith(".") else constants[word]


def _told(spare: CapFile, code: Code) -> str:
    """What the one finding says of the code with `athrow` behind it, which null may be thrown by."""
    found = verify(_roomy(spare, [*code, Op.ATHROW], integers=True), builtin()).findings
    assert len(found) < 2
    return found[0] if found else " athrow: n is thrown"


@pytest.fixture
def stack(spare: CapFile, constants: Mapping[str, bytes]) -> Stack:
    """The types on the stack behind some code, the top one last; an int is one."""

    def tell(words: str) -> list[str]:
        code, found = _code(words, constants), []
        while not (said := _told(spare, code)).endswith(" athrow: the stack is empty"):
            match = re.search(r" athrow: (?:a reference is expected, the stack has )?(\S+?)(?: is thrown)?$", said)
            assert match, said
            found.append("i" if match[1] == "I" else match[1])
            code.append(Op.POP2 if match[1] == "I" else Op.POP)
        return found[::-1]

    return tell


@pytest.fixture
def finding(spare: CapFile, constants: Mapping[str, bytes]) -> Tell:
    """The rule that some code breaks, and how; None of sound code."""

    def tell(words: str, integers: bool = True) -> tuple[Rule, str] | None:
        code = [*_code(words, constants), Op.SCONST_0, Op.SRETURN]
        faults = verify(_roomy(spare, code, integers), builtin()).faults
        assert len(faults) < 2
        return (faults[0].rule, faults[0].text.rpartition(": ")[2]) if faults else None

    return tell


@pytest.mark.parametrize("words", KNOWN)
def test_what_is_on_the_stack(words: str, stack: Stack) -> None:
    assert " ".join(stack(words)) == KNOWN[words]


def _size(words: str, constants: Mapping[str, bytes]) -> int:
    return sum(len(one) if isinstance(one, bytes) else 1 for one in _code(words, constants))


def _either(ways: str, constants: Mapping[str, bytes]) -> str:
    """One or the other, and on."""
    one, other = ways.split(" | ")
    first, second = _size(one, constants), _size(other, constants)
    return f"sload_0 ifeq {first + 4} {one} goto {second + 2} {other}"


@pytest.mark.parametrize("ways", JOINED)
def test_what_two_ways_bring(ways: str, finding: Tell, constants: Mapping[str, bytes]) -> None:
    used, found = JOINED[ways]
    before, behind, wanted = USED[used]
    said = (Rule.STACK_TYPE, f"{found} is used as {wanted}") if found else None
    assert finding(f"{before} {_either(ways, constants)} {behind}") == said


@pytest.mark.parametrize("ways", APART)
def test_ways_that_do_not_meet(ways: str, finding: Tell, constants: Mapping[str, bytes]) -> None:
    """Words of the stack must be of one kind; locals that are not are of no use, which is no fault."""
    assert finding(_either(ways, constants)) == APART[ways]


@pytest.mark.parametrize("words", WRONG)
def test_what_is_refused(words: str, finding: Tell) -> None:
    assert finding(words) == WRONG[words]


@pytest.mark.parametrize("words", INTS)
def test_ints_where_the_package_has_none(words: str, finding: Tell) -> None:
    found = finding(words, integers=False)
    assert found is not None and found[0] is Rule.INT_FLAG
    assert finding(words) is None
