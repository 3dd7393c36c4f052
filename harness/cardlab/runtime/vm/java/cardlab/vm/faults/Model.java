package cardlab.vm.faults;

import cardlab.vm.interpreter.Hands;
import cardlab.vm.link.Opcode;

/** The kinds of faults, and in how many ways each disturbs an instruction. */
public enum Model {
    /** The instruction is not executed. The stack pointer moves as if it was; what would be stored is not. */
    SKIP {
        @Override
        int ways(Seen seen) {
            return 1;
        }
    },
    /** A conditional branch goes the other way. */
    INVERT {
        @Override
        int ways(Seen seen) {
            return isConditional(seen.opcode()) ? 1 : 0;
        }
    },
    /** A byte after the opcode is another one: 00, FF, or one bit of it is. */
    OPERAND {
        @Override
        int ways(Seen seen) {
            return (seen.length() - 1) * BYTES;
        }
    },
    /** A value that is read of a field or an array is another one. */
    CELL {
        @Override
        int ways(Seen seen) {
            return reads(seen.opcode()) ? changes(seen.opcode().effect().endsWith("r")) : 0;
        }
    },
    /** An exception is not thrown: code goes on behind the instruction, or the method returns. */
    EXCEPTION {
        @Override
        int ways(Seen seen) {
            return seen.threw() ? 2 : 0;
        }
    },
    /** A method's result is another one. */
    RETURN {
        @Override
        int ways(Seen seen) {
            return seen.result().isEmpty() ? 0 : changes(seen.result().equals("r"));
        }
    };

    /** An instruction that was executed. {@code result}: what it returns of a method, as in {@link Opcode#effect}. */
    public record Seen(int home, int method, int at, Opcode opcode, int length, boolean threw, String result) {
        Seen thrown() {
            return new Seen(home, method, at, opcode, length, true, result);
        }
    }

    /** Changes of an operand byte: 00, FF, each bit. */
    static final int BYTES = 10;
    private static final int BITS = 8;
    /** Changes of a value: 0, all ones, the lowest bit, bit 7, all bits. */
    private static final int VALUES = 5;

    /** In how many ways it can disturb this instruction. */
    abstract int ways(Seen seen);

    private static int changes(boolean isReference) {
        return isReference ? 1 : VALUES;
    }

    static byte changedByte(byte value, int way) {
        return (byte) (way < BITS ? value ^ 1 << way : way == BITS ? 0 : 0xFF);
    }

    static int changedValue(int value, int way) {
        return switch (way) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> value ^ 1;
            case 3 -> value ^ 0x80;
            default -> ~value;
        };
    }

    static boolean isConditional(Opcode opcode) {
        return opcode.flow() == Opcode.Flow.BRANCHES && opcode != Opcode.JSR;
    }

    /** Of a branch, the opcode of the opposite one: they stand side by side (JCVM 3.0.5, 7.5). */
    static byte opposite(Opcode opcode) {
        boolean isWide = opcode.ordinal() >= Opcode.IFEQ_W.ordinal();
        int first = (isWide ? Opcode.IFEQ_W : Opcode.IFEQ).ordinal();
        return (byte) (first + (opcode.ordinal() - first ^ 1));
    }

    static boolean reads(Opcode opcode) {
        return opcode.name().startsWith("GET") || opcode.name().matches("[ABSI]ALOAD");
    }

    static boolean isByte(Opcode opcode) {
        return opcode.name().matches("BALOAD|GET.*_B(_.*)?");
    }

    /** What an instruction returns of a method, as far as it is native or this is its return. */
    static String result(Hands hands, Opcode opcode) {
        return switch (opcode) {
            case SRETURN -> "s";
            case IRETURN -> "i";
            case ARETURN -> "r";
            case INVOKEVIRTUAL, INVOKESPECIAL, INVOKESTATIC, INVOKEINTERFACE -> ofNative(hands);
            default -> "";
        };
    }

    private static String ofNative(Hands hands) {
        cardlab.vm.link.Method called = hands.called();
        return called == null || !called.isNative() ? "" : Hands.resultOf(called);
    }
}
