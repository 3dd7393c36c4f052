"""Java's table of bytecodes against what a compiler wrote: the stack never grows otherwise than the compiler said."""

from __future__ import annotations

import pytest

from cardlab.classfile.bytecode import JvmInstruction, decode
from cardlab.classfile.classfile import ClassFile, Code, read_class
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.flow import Flow
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import ConstantTag
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.jars import jar

# Every operation on every primitive type, arrays of all of them, and what calls and fields do with two words.
SOURCE = """package all; public class All { long f; static double g; Object o; int[][] grid; int c;
int more(int n, Object p) { if (n <= 0) { p = null; f = 0L; } if (n == 0) c = n; if (p == null) return c++; return n; }
static int i(int a, int b) { a += b; a -= b * a; a = a / b % 7; a = a << b >> b >>> 1; a = -(a & b | 3 ^ b);
  a++; return (byte) a + (char) a + (short) a; }
static long l(long a, long b, int c) { a += b; a -= b * a; a = a / b % 7; a = a << c >> c >>> 1; a = -(a & b | 3 ^ b);
  if (a < b) a = 1L; return a + (int) a + (long) (float) a + (long) (double) a; }
static float f(float a, float b) { a = -(a + b - a * b / a % 2f); if (a < b || a > 1f) a = 0f; return (float) (int) a; }
static double d(double a, double b) { a = -(a + b - a * b / a % 2.5); if (a < b || a > 1.0) a = 0.0;
  return a + (int) a + (long) a + (float) a; }
static long arrays(int n) { int[] a = new int[n]; long[] b = new long[n]; float[] c = new float[n];
  double[] d = new double[n]; byte[] e = new byte[n]; char[] f = new char[n]; short[] g = new short[n];
  Object[] o = new Object[n]; boolean[] z = new boolean[n]; int[][][] m = new int[n][n][];
  a[0]++; b[0]++; c[0]++; d[0]++; e[0]++; f[0]++; g[0]++; o[0] = o[1]; z[0] = !z[1]; m[0][0] = a; a[1] = a[2] = 7;
  return b[1] = b[2] = b.length + a[0]; }
long fields(All x) { f++; g++; x.f = f = x.f + 1; g = x.f; o = x; grid = new int[3][4]; return x.fields(this) + f; }
Object objects(Object p) { synchronized (p) { if (p == null || p != o && p instanceof All) return (All) p; }
  if (p == o) throw new RuntimeException("none"); return p != null ? String.class : "text"; }
int ways(int n) { switch (n) { case 1: return 2; case 2: return 3; case 3: return 4; }
  switch (n) { case 1: case 1000: return i(n, 300000); } for (int k = 0; k < n; k += 1000) if (k > 5 == k <= 7) n--;
  try { n /= n - 1; } catch (ArithmeticException e) { n = 0; } finally { n++; }
  return n >= 0 && n != 3 && n == 4 || n < 7 ? n : -n; } }"""
NEVER_COMPILED = {"nop", "swap", "jsr", "ret", "goto_w", "jsr_w", "dup2_x2", "pop", "pop2", "wide", "invokedynamic"}
NEVER_COMPILED |= {"invokeinterface", "dup_x2"}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> ClassFile:
    """The class, with every bytecode that a compiler of Java 6 writes."""
    folder = tmp_path_factory.mktemp("source")
    source = folder / "All.java"
    source.write_text(SOURCE, "utf-8")
    classes = compile_java([source], folder / "classes", classpath=[jar("jcardsim")], warnings_are_errors=False)
    [raw] = classes.rglob("*.class")
    return read_class(raw.read_bytes())


def _words(descriptor: str) -> int:
    return 0 if descriptor == "V" else 2 if descriptor in ("J", "D") else 1


def _effect(i: JvmInstruction, file: ClassFile) -> tuple[int, int]:
    """Words taken and left, those of fields and calls by their descriptors."""
    if i.opcode.effect != "*":
        return i.opcode.words
    if i.opcode is JvmOpcode.MULTIANEWARRAY:
        return i.extra, 1
    ref = file.pool.member(i.operand, ConstantTag.FIELD, ConstantTag.METHOD, ConstantTag.INTERFACE_METHOD)
    static = i.name.endswith("static")
    if i.opcode.flow is Flow.CALL:
        parameters, result = split_descriptor(ref.descriptor)
        return sum(map(_words, parameters)) + (not static), _words(result)
    put, size = i.name.startswith("put"), _words(ref.descriptor)
    return (not static) + (size if put else 0), 0 if put else size


def _deepest(code: Code, file: ClassFile) -> int:
    """The deepest stack on any way through the code; on all ways it must be as deep at the same place."""
    at = {i.pc: i for i in decode(code.code)}
    depths = {0: 0}
    work, deepest = [0], 0
    while work:
        i = at[work.pop()]
        before = depths[i.pc]
        taken, left = _effect(i, file)
        assert taken <= before, i
        after = before - taken + left
        deepest = max(deepest, before, after)
        arrivals = dict.fromkeys(i.targets, after) | ({i.end: after} if i.opcode.flow.falls_through else {})
        arrivals |= {h.target: 1 for h in code.handlers if h.start <= i.pc < h.end}
        for pc, depth in arrivals.items():
            assert depths.get(pc, depth) == depth, (i, pc)
            if pc not in depths:
                depths[pc] = depth
                work.append(pc)
    return deepest


def test_stacks_are_as_deep_as_the_compiler_said(everything: ClassFile) -> None:
    for method in everything.methods:
        assert method.code is not None
        assert _deepest(method.code, everything) == method.code.max_stack, method.name


def test_the_class_has_nearly_every_bytecode(everything: ClassFile) -> None:
    seen = {i.opcode for m in everything.methods if m.code for i in decode(m.code.code)}
    general = {i.opcode for o in JvmOpcode for i in _alone(o)}
    missing = {o.mnemonic for o in general - seen}
    assert missing - NEVER_COMPILED == set()


def _alone(opcode: JvmOpcode) -> tuple[JvmInstruction, ...]:
    """The instruction with operands of 0, in its general form; none for those that refuse it."""
    try:
        return decode(bytes((opcode,)) + bytes(sum(o.size for o in opcode.operands)))
    except ClassFileError:
        return ()


@pytest.mark.parametrize("opcode", JvmOpcode, ids=lambda o: o.mnemonic)
def test_a_bytecode_is_as_long_as_its_operands(opcode: JvmOpcode) -> None:
    size = 1 + sum(o.size for o in opcode.operands)
    if all(o.size for o in opcode.operands):
        [only] = decode(bytes((opcode,)) + bytes(size - 1))
        assert (only.pc, only.end) == (0, size)
        for shorter in range(1, size):
            with pytest.raises(ClassFileError, match="ends inside the instruction at 0"):
                decode((bytes((opcode,)) + bytes(size))[:shorter])


def test_numbers_are_those_of_the_specification() -> None:
    assert [int(o) for o in JvmOpcode] == list(range(202))
    known = {"aconst_null": 1, "ldc2_w": 20, "iastore": 79, "dup2_x2": 94, "lxor": 131, "i2s": 147, "goto": 167}
    known |= {"return": 177, "invokedynamic": 186, "wide": 196, "jsr_w": 201}
    assert {name: int(JvmOpcode[name.upper()]) for name in known} == known


@pytest.mark.parametrize(
    "code, opcode, operand",
    [
        ("02", JvmOpcode.SIPUSH, -1),
        ("08", JvmOpcode.SIPUSH, 5),
        ("1080", JvmOpcode.SIPUSH, -128),
        ("2d", JvmOpcode.ALOAD, 3),
        ("43", JvmOpcode.FSTORE, 0),
        ("c4360102", JvmOpcode.ISTORE, 0x102),
        ("130102", JvmOpcode.LDC, 0x102),
    ],
)
def test_short_and_wide_forms_read_as_the_general_one(code: str, opcode: JvmOpcode, operand: int) -> None:
    [only] = decode(bytes.fromhex(code))
    assert (only.opcode, only.operand) == (opcode, operand)
