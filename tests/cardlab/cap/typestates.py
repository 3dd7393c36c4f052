"""Code, and what it leaves on the stack or which rule it breaks (JCVM 3.0.5, 7.5), for test_typestates.py.

Mnemonics, numbers of one byte, and names of constants; STACK words of stack, and six locals: short, byte[], Object,
Child, and two more.
"""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.verifier import Rule
from tests.cardlab.cap.by_hand import CHILD, PARENT

STACK = 15
OBJECT, C, P = "Ljava/lang/Object", f"L@{CHILD}", f"L@{PARENT}"

PUSHED = {
    "sconst_m1": "s",
    "bspush 5": "s",
    "sspush 1 0": "s",
    "aconst_null": "n",
    "iconst_0": "i",
    "bipush 5": "i",
    "sipush 1 0": "i",
    "iipush 0 1 0 0": "i",
    "sload_0": "s",
    "sload 0": "s",
    "aload_1": "[b",
    "aload 2": OBJECT,
    "aload_3": C,
    "jsr 0 3": "a",
}
COPIED = {
    "aload_1 dup": "[b [b",
    "sload_0 aload_1 dup2": "s [b s [b",
    "iconst_0 dup2": "i i",
    "aload_1 sload_0 dup_x 16": "[b s s",
    "aload_1 sload_0 dup_x 18": "s [b s",
    "sload_0 aload_1 dup_x 34": "s [b s [b",
    "aload_3 sload_0 aload_1 dup_x 35": "s [b L@60 s [b",
    "aload_3 sload_0 aload_1 aload_2 dup_x 64": f"L@60 s [b {OBJECT} L@60 s [b {OBJECT}",
    "aload_1 aload_3 aload_2 sload_0 sload_0 dup_x 21": f"s [b L@60 {OBJECT} s s",
    "aload_1 sload_0 sload_0 sload_0 aload_3 aload_2 sload_0 sload_0 dup_x 72": (
        f"L@60 {OBJECT} s s [b s s s L@60 {OBJECT} s s"
    ),
    "sload_0 aload_1 swap_x 17": "[b s",
    "aload_3 sload_0 aload_1 swap_x 33": "s [b L@60",
    "aload_3 sload_0 aload_1 swap_x 18": "[b L@60 s",
    "aload_3 aload_2 sload_0 aload_1 swap_x 34": f"s [b L@60 {OBJECT}",
    "aload_1 iconst_0 swap_x 33": "i [b",
    "aload_1 sload_0 pop": "[b",
    "aload_3 aload_1 sload_0 pop2": "L@60",
    "aload_1 iconst_0 pop2": "[b",
}
COMPUTED = {
    "aload_1 sload_0 sload_0 sadd": "[b s",
    "aload_1 sload_0 sneg": "[b s",
    "sload_0 s2b": "s",
    "aload_1 sload_0 s2i": "[b i",
    "aload_1 iconst_0 iconst_1 iadd": "[b i",
    "aload_1 iconst_0 iconst_1 icmp": "[b s",
    "aload_1 iconst_0 i2s": "[b s",
    "aload_1 iconst_0 i2b": "[b s",
    "sload_0 aload_1 arraylength": "s s",
    "sload_0 sinc 0 1": "s",
    "iconst_0 istore 4 iinc 4 1": "",
}
ARRAYS = {
    "aload_1 sload_0 baload": "s",
    "sload_0 newarray 10 sload_0 baload": "s",
    "sload_0 newarray 12 sload_0 saload": "s",
    "sload_0 newarray 13 sload_0 iaload": "i",
    "sload_0 anewarray child sload_0 aaload": "L@60",
    "aconst_null sload_0 aaload": "n",
    "aconst_null sload_0 baload": "s",
    "aconst_null sload_0 saload": "s",
    "aconst_null sload_0 iaload": "i",
    "sload_0 aload_1 sload_0 sload_0 bastore": "s",
    "sload_0 sload_0 newarray 12 sload_0 sload_0 sastore": "s",
    "sload_0 sload_0 newarray 13 sload_0 iconst_0 iastore": "s",
    "sload_0 sload_0 anewarray parent sload_0 aload_3 aastore": "s",
    "sload_0 newarray 10": "[z",
    "sload_0 newarray 11": "[b",
    "sload_0 newarray 12": "[s",
    "sload_0 newarray 13": "[i",
    "sload_0 anewarray parent": "[L@30",
}
OBJECTS = {
    "aload_2 checkcast 0 parent": "L@30",
    "aload_2 checkcast 14 parent": "[L@30",
    "aload_2 checkcast 10 0 0": "[z",
    "aload_2 checkcast 11 0 0": "[b",
    "aload_2 checkcast 12 0 0": "[s",
    "aload_2 checkcast 13 0 0": "[i",
    "aload_1 aload_2 instanceof 0 parent": "[b s",
    "aload_1 aload_2 instanceof 13 0 0": "[b s",
    "new child": "u0L@60",
    "sload_0 new parent": "s u1L@30",
    "aload_3 getfield_s .number": "s",
    "aload_3 getfield_a .bytes": "[b",
    "aload_3 getfield_s_w number": "s",
    "aload_3 getfield_a_w bytes": "[b",
    "aload_2 aload_3 sload_0 putfield_s .number": OBJECT,
    "aload_2 aload_3 aload_1 putfield_a .bytes": OBJECT,
    "aload_1 getstatic_a reference": f"[b {OBJECT}",
    "sload_0 aload_1 putstatic_a reference": "s",
    "aload_1 aload_3 sload_0 invokevirtual get": "[b s",
    "aload_1 sload_0 aload_1 aload_2 aload_3 invokestatic room": "[b s",
}
STORED = {
    "sload_0 sstore_2 sload_2": "s",
    "sload_0 sstore 5 sload 5": "s",
    "aload_3 astore_0 aload_0": "L@60",
    "aload_3 astore 5 aload 5": "L@60",
    "iconst_0 istore 4 iload 4": "i",
    "iconst_0 istore_1 iload_1": "i",
    "iconst_0 istore 4 sload_0 sstore 4 sload 4": "s",
    "iconst_0 istore 4 sload_0 sstore 5 sload 5": "s",
}
JOINED = {
    "aload_3 | aload_3 checkcast 0 parent": ("child", P),
    "aload_3 | aload_2": ("child", OBJECT),
    "aload_3 | aload_1": ("child", OBJECT),
    "aload_1 | aload_3": ("byte[]", OBJECT),
    "aload_1 | sconst_0 newarray 12": ("byte[]", OBJECT),
    "aload_1 | sconst_0 anewarray child": ("byte[]", OBJECT),
    "aconst_null | aload_2": ("child", OBJECT),
    "aconst_null | aload_1": ("child", "[b"),
    "aload_1 | aconst_null": ("child", "[b"),
    "aload_3 | aconst_null": ("child", ""),
    "sconst_0 anewarray child | sconst_0 anewarray parent": ("child[]", P),
    "sconst_0 anewarray child | aconst_null": ("child[]", ""),
}
"""Two ways to one place, what the value is used as there, and the type that it turns out to have; none if it fits."""
USED = {
    "child": ("sload_0 aload_1 aload_2", "invokestatic room pop", C),
    "byte[]": ("aload_3", "putfield_a .bytes", "[b"),
    "child[]": ("sload_0 aload_1 aload_2", "sconst_0 aaload invokestatic room pop", C),
}
"""What stands around a value that is used so, and the type that is expected."""
KNOWN = {**PUSHED, **COPIED, **COMPUTED, **ARRAYS, **OBJECTS, **STORED}

APART = {
    "aload_1 | sload_0": (Rule.STACK_MERGE, "the stack has [b or s, depending on the way here"),
    "aload_3 | new child": (Rule.STACK_MERGE, "the stack has L@60 or u6L@60, depending on the way here"),
    "sload_0 | sload_0 sload_0": (Rule.STACK_HEIGHT, "the stack has 1 or 2 words, depending on the way here"),
    "sload_0 sstore_1 | aload_3 astore_1": None,
    "aload_1 astore_2 | aload_3 astore_2": None,
}

NO_ROOM = " ".join(["sconst_0"] * STACK)
WRONG: Mapping[str, tuple[Rule, str] | None] = {
    # the stack's ends
    NO_ROOM + " sadd": None,
    NO_ROOM + " sconst_0": (Rule.STACK_OVERFLOW, "the stack grows beyond 15 words"),
    NO_ROOM + " pop iconst_0": (Rule.STACK_OVERFLOW, "the stack grows beyond 15 words"),
    "sconst_0 pop2": (Rule.STACK_WORDS, "2 words are taken, the stack has 1"),
    "sconst_0 sconst_0 dup_x 19": (Rule.STACK_WORDS, "2 words are taken, the stack has 1"),
    # halves of an int
    "iconst_0 sconst_0 dup2": (Rule.INT_SPLIT, "an int is split"),
    "sconst_0 iconst_0 swap_x 17": (Rule.INT_SPLIT, "an int is split"),
    "sconst_0 iconst_0 dup": (Rule.INT_SPLIT, "an int is split"),
    "iconst_0 sconst_0 dup_x 18": (Rule.INT_SPLIT, "an int is split"),
    "iconst_0 pop": (Rule.INT_HALF, "half an int is removed"),
    # operands of dup_x and swap_x
    "sconst_0 dup_x 0": (Rule.DUP_X, "dup_x 0,0"),
    "sconst_0 sconst_0 sconst_0 sconst_0 sconst_0 dup_x 80": (Rule.DUP_X, "dup_x 5,0"),
    "sconst_0 sconst_0 sconst_0 sconst_0 sconst_0 sconst_0 dup_x 22": (Rule.DUP_X, "dup_x 1,6"),
    "sconst_0 sconst_0 sconst_0 dup_x 33": (Rule.DUP_X, "dup_x 2,1"),
    "sconst_0 sconst_0 sconst_0 swap_x 49": (Rule.SWAP_X, "swap_x 3,1"),
    "sconst_0 sconst_0 sconst_0 swap_x 16": (Rule.SWAP_X, "swap_x 1,0"),
    # kinds
    "aload_1 sload_0 sadd": (Rule.STACK_KIND, "a short is expected, the stack has [b"),
    "sload_0 arraylength": (Rule.STACK_KIND, "an array is expected, the stack has s"),
    "aload_2 arraylength": (Rule.STACK_KIND, "an array is expected, the stack has Ljava/lang/Object"),
    "new child checkcast 0 child": (Rule.STACK_KIND, "a reference is expected, the stack has u0L@60"),
    "sload_0 sload_0 iadd": (Rule.STACK_INT, "an int is expected, the stack has s"),
    "aload_1 aload_1 baload": (Rule.STACK_KIND, "a short is expected, the stack has [b"),
    # arrays
    "aload_1 sload_0 saload": (Rule.ARRAY_KIND, "saload of [b"),
    "sload_0 newarray 12 sload_0 baload": (Rule.ARRAY_KIND, "baload of [s"),
    "sload_0 newarray 12 sload_0 iaload": (Rule.ARRAY_KIND, "iaload of [s"),
    "aload_1 sload_0 aaload": (Rule.ARRAY_KIND, "aaload of [b"),
    "sload_0 anewarray child sload_0 baload": (Rule.ARRAY_KIND, "baload of [L@60"),
    "aload_1 sload_0 aload_1 bastore": (Rule.STACK_KIND, "a short is expected, the stack has [b"),
    "sload_0 newarray 13 sload_0 sload_0 iastore": (Rule.STACK_INT, "an int is expected, the stack has s"),
    "sload_0 anewarray child sload_0 sload_0 aastore": (Rule.STACK_KIND, "a reference is expected, the stack has s"),
    # locals
    "sload 5": (Rule.LOCAL_KIND, "local 5 has t"),
    "sload 6": (Rule.LOCAL_INDEX, "local 6 is outside the frame"),
    "iload 5": (Rule.LOCAL_INDEX, "local 5 is outside the frame"),
    "iconst_0 istore 5": (Rule.LOCAL_INDEX, "local 5 is outside the frame"),
    "sload_1": (Rule.LOCAL_KIND, "local 1 has [b"),
    "aload_0": (Rule.LOCAL_KIND, "local 0 has s"),
    "sinc 1 1": (Rule.LOCAL_KIND, "local 1 has [b"),
    "iinc 0 1": (Rule.LOCAL_INT, "local 0 has no int"),
    "iconst_0 istore 4 sload_0 sstore 4 sload 5": (Rule.LOCAL_KIND, "local 5 has t"),
    "iconst_0 istore 4 sload_0 sstore 5 iload 4": (Rule.LOCAL_INT, "local 4 has no int"),
    "iconst_0 istore 4 sload_0 sstore 5 sload 4": (Rule.LOCAL_KIND, "local 4 has t"),
    "iconst_0 istore 4 sload 4": (Rule.LOCAL_KIND, "local 4 has i"),
    "iconst_0 istore 4 sload 5": (Rule.LOCAL_KIND, "local 5 has I"),
    "iconst_0 istore 4 iconst_0 istore_3 sload 5": (Rule.LOCAL_KIND, "local 5 has t"),
    "jsr 0 3 astore_0 aload_0": (Rule.LOCAL_KIND, "local 0 has a"),
    "sload_0 astore_0": (Rule.STORE_KIND, "a reference is expected, the stack has s"),
    "ret 5": (Rule.RETURN_ADDRESS, "local 5 has no return address"),
    # arguments and receivers
    "sload_0 aconst_null aconst_null aconst_null invokestatic room": None,
    "sload_0 aload_1 aload_1 aload_3 invokestatic room": None,
    "sload_0 aload_1 sload_0 aload_3 invokestatic room": (Rule.STACK_TYPE, "s is used as Ljava/lang/Object"),
    "sload_0 aload_2 aload_2 aload_3 invokestatic room": (Rule.STACK_TYPE, "Ljava/lang/Object is used as [b"),
    "sload_0 aload_3 aload_2 aload_3 invokestatic room": (Rule.STACK_TYPE, "L@60 is used as [b"),
    "sload_0 aload_1 aload_2 aload_1 invokestatic room": (Rule.STACK_TYPE, "[b is used as L@60"),
    "sload_0 aload_1 aload_2 aload_3 checkcast 0 parent invokestatic room": (Rule.STACK_TYPE, "L@30 is used as L@60"),
    "sload_0 aload_1 new child aload_3 invokestatic room": (Rule.STACK_TYPE, "u2L@60 is used as Ljava/lang/Object"),
    "sload_0 sload_0 newarray 10 aload_2 aload_3 invokestatic room": (Rule.STACK_TYPE, "[z is used as [b"),
    "aload_1 aload_1 aload_2 aload_3 invokestatic room": (Rule.STACK_KIND, "a short is expected, the stack has [b"),
    "aload_2 sload_0 invokevirtual get": (Rule.VIRTUAL_RECEIVER, "a method of L@30 is called on Ljava/lang/Object"),
    "sload_0 sload_0 invokevirtual get": (Rule.STACK_KIND, "a reference is expected, the stack has s"),
    "new child sload_0 invokevirtual get": (Rule.STACK_KIND, "a reference is expected, the stack has u0L@60"),
    "aload_2 getfield_s .number": (Rule.FIELD_OWNER, "a field of L@30 is accessed in Ljava/lang/Object"),
    "aload_3 aload_1 putfield_s .number": (Rule.STACK_KIND, "a short is expected, the stack has [b"),
    "aload_3 aload_2 putfield_a .bytes": (Rule.STACK_TYPE, "Ljava/lang/Object is used as [b"),
    "aload_3 getfield_b .number": (Rule.FIELD_KIND, "getfield_b of a field of type S"),
    "aload_2 sload_0 putstatic_a reference": (Rule.STACK_TYPE, "s is used as Ljava/lang/Object"),
    # casts and new arrays
    "sload_0 checkcast 0 parent": (Rule.STACK_KIND, "a reference is expected, the stack has s"),
    "sload_0 instanceof 0 parent": (Rule.STACK_KIND, "a reference is expected, the stack has s"),
    "aload_2 checkcast 9 parent": (Rule.CAST_TYPE, "checkcast of type 9"),
    "aload_2 checkcast 11 0 1": (Rule.CAST_INDEX, "checkcast to an array of a primitive type has the index 1"),
    "aload_2 newarray 11": (Rule.STACK_KIND, "a short is expected, the stack has Ljava/lang/Object"),
    "aload_2 anewarray child": (Rule.STACK_KIND, "a short is expected, the stack has Ljava/lang/Object"),
    "sload_0 newarray 14": (Rule.ARRAY_TYPE, "newarray of type 14"),
    # switches
    "sload_0 slookupswitch 0 13 0 2 0 1 0 13 0 2 0 13": None,
    "sload_0 slookupswitch 0 13 0 2 0 1 0 13 0 1 0 13": (Rule.SWITCH_ORDER, "the keys 1, 1 do not rise"),
}
"""Code and the rule that it breaks; None is sound. What stands next to a fault is here, too."""

INTS = ["iconst_0 pop2", "sload_0 newarray 13 pop", "aload_2 checkcast 13 0 0 pop", "aload_2 instanceof 13 0 0 pop"]
