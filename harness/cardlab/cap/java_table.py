"""The table of instructions as the rows of the virtual machine's Java enum, and the constants of its switch.

`python -m cardlab.cap.java_table` prints the rows. The enum tells fewer kinds of values and of flow apart.
"""

from __future__ import annotations

import sys

from cardlab.cap.constants import PoolTag
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.flow import Flow

_COARSER = str.maketrans("An", "rr")
_ENDS = (Flow.JUMP, Flow.SWITCH, Flow.SUBROUTINE_END, Flow.RETURN, Flow.THROW)
_BRANCHES = (Flow.BRANCH, Flow.SUBROUTINE)


def _effect(opcode: Opcode) -> str:
    return "*" if "w" in opcode.effect else opcode.effect.translate(_COARSER)


def _flow(opcode: Opcode) -> str:
    return "ENDS" if opcode.flow in _ENDS else "BRANCHES" if opcode.flow in _BRANCHES else "GOES_ON"


def _tag(pool: tuple[PoolTag, ...]) -> str:
    if not pool:
        return "null"
    return f"PoolTag.{pool[0].name if len(pool) == 1 else 'SPECIAL'}"


def enum_rows() -> tuple[str, ...]:
    """The constants of the enum `Opcode`, by number, without what separates them."""
    out = []
    for o in Opcode:
        values = (f'"{_effect(o)}"', f"Flow.{_flow(o)}", _tag(o.pool), *(f"Operand.{one.name}" for one in o.operands))
        out.append(f"{o.name}({', '.join(values)})")
    return tuple(out)


def switch_constants() -> tuple[str, ...]:
    """The constants of the interpreter's switch, `NOP = 0` and so on."""
    return tuple(f"{o.name} = {int(o)}" for o in Opcode)


if __name__ == "__main__":
    sys.stdout.write(",\n".join(f"    {row}" for row in enum_rows()) + ";\n")
