"""Random valid class files convert, and the card computes what Java computes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cardlab.cap.convert import convert
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.exports import builtin
from cardlab.cap.reader import CapFile, read_cap, write_cap
from cardlab.cap.verifier import verify
from tests.cardlab.cap.handmade import class_file
from tests.cardlab.cap.programs import DESCRIPTOR, LENGTH, LOCALS, STACK, Program, Word, programs, run_card, run_java

EXPORTS = builtin()
AID = bytes.fromhex("F000000001")
_bytes, _shorts = st.integers(-128, 127), st.integers(-32768, 32767)
_arguments = st.tuples(
    _shorts,
    _shorts,
    _bytes,
    st.lists(_bytes, min_size=LENGTH, max_size=LENGTH),
    st.lists(_shorts, min_size=LENGTH, max_size=LENGTH),
)


def _copied(arguments: Sequence[Word]) -> list[Word]:
    return [list(word) if isinstance(word, list) else word for word in arguments]


def _converted(program: Program) -> CapFile:
    raw = class_file(program.code, DESCRIPTOR, STACK, LOCALS, program.handlers)
    done = convert([raw], AID, (1, 0), [], EXPORTS)
    cap = read_cap(done.cap)
    assert verify(cap, EXPORTS).findings == ()
    assert write_cap(cap) == done.cap
    assert cap.descriptor is not None
    header, code = method_code(cap, cap.descriptor.classes[0].methods[0])
    assert cap.methods.start + header.size + len(code) == len(cap.methods.info)
    assert disassemble(code)[-1].end == len(code)
    return cap


@given(programs(), st.lists(_arguments, min_size=2, max_size=2))
def test_the_card_computes_what_java_computes(program: Program, inputs: list[tuple[Word, ...]]) -> None:
    cap = _converted(program)
    for arguments in inputs:
        java, card = _copied(arguments), _copied(arguments)
        assert run_card(cap, card) == run_java(program, java)
        assert card == java  # the arrays, too
