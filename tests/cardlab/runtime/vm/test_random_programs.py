"""Random methods give on the machine what Java's rules give (the programs of the converter's tests)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cardlab.cap.handmade import class_file
from tests.cardlab.cap.programs import DESCRIPTOR, LENGTH, LOCALS, STACK, Program, Word, programs, run_java
from tests.cardlab.cap.test_programs import _arguments as arguments
from tests.cardlab.cap.test_programs import _copied as copied
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file

_FORM = f">hhb{LENGTH}b{LENGTH}h"
_ANSWER = f">Bh{LENGTH}b{LENGTH}h"


@settings(deadline=None)
@given(programs(), st.lists(arguments, min_size=2, max_size=2))
def test_the_machine_computes_what_java_computes(program: Program, inputs: list[tuple[Word, ...]]) -> None:
    raw = class_file(program.code, DESCRIPTOR, STACK, LOCALS, program.handlers)
    card = Card.fresh()
    card.load(load_file({**compiled("hand"), "hand.Hand": raw}, ["hand.Runner"])[0])
    card.install("Runner")
    card.select("Runner")
    for one in inputs:
        given_, left = copied(one), copied(one)
        result = run_java(program, left)
        answer = struct.unpack(_ANSWER, bytes.fromhex(card.send(_command(given_)))[:-2])
        assert answer == (int(result is None), result or 0, *_flat(left[3:])), card.why


def _command(words: Sequence[Word]) -> bytes:
    data = struct.pack(_FORM, *_flat(words))
    return bytes((0, 1, 0, 0, len(data))) + data


def _flat(words: Sequence[Word]) -> list[int]:
    return [number for word in words for number in (word if isinstance(word, list) else [word])]
