"""Class files to CAP file and export file (JCVM 3.0.4, chapters 2 and 4 to 7).

The steps, one module each: `package` (classes, their order and tokens), `checks` (what may not be there), `statics`
(static initialisers), `lower` (bytecode to card instructions: `values` knows what is on the stack, `machine` and
`references` what each bytecode does), `pool` (constant pool, imports), `assemble` (branches and offsets), `components`
(the bytes), `api` (all of it in one call).
"""

from cardlab.cap.convert.api import Conversion, convert

__all__ = ["Conversion", "convert"]
