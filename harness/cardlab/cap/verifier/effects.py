"""What each simple instruction takes from the stack and leaves there (JCVM 3.0.4, chapter 7).

Written `taken>left`: s short, i int (two words), r any reference; the top of the stack is on the right.
"""

from __future__ import annotations

_ROWS = """
nop >
aconst_null >n
sconst_m1,sconst_0,sconst_1,sconst_2,sconst_3,sconst_4,sconst_5,bspush,sspush >s
iconst_m1,iconst_0,iconst_1,iconst_2,iconst_3,iconst_4,iconst_5,bipush,sipush,iipush >i
sadd,ssub,smul,sdiv,srem,sshl,sshr,sushr,sand,sor,sxor ss>s
iadd,isub,imul,idiv,irem,iand,ior,ixor ii>i
ishl,ishr,iushr ii>i
sneg,s2b s>s
ineg i>i
s2i s>i
i2b,i2s i>s
icmp ii>s
ifeq,ifne,iflt,ifge,ifgt,ifle s>
ifnull,ifnonnull r>
if_acmpeq,if_acmpne rr>
if_scmpeq,if_scmpne,if_scmplt,if_scmpge,if_scmpgt,if_scmple ss>
goto >
stableswitch,slookupswitch s>
itableswitch,ilookupswitch i>
arraylength A>s
"""


def _parse() -> dict[str, tuple[str, str]]:
    out = {}
    for row in _ROWS.strip().splitlines():
        names, effect = row.split(" ", 1)
        taken, left = effect.split(">")
        for name in names.split(","):
            out[name] = (taken, left)
            if name.startswith(("if", "goto")):
                out[f"{name}_w"] = (taken, left)
    return out


SIMPLE: dict[str, tuple[str, str]] = _parse()

ENDS = frozenset(
    [
        "goto",
        "goto_w",
        "areturn",
        "sreturn",
        "ireturn",
        "return",
        "athrow",
        "ret",
        "stableswitch",
        "itableswitch",
        "slookupswitch",
        "ilookupswitch",
    ]
)
"""Instructions after which control does not go on to the next one; jsr does when its subroutine returns."""
