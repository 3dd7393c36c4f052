package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.link.Opcode;
import cardlab.vm.link.Operand;
import cardlab.vm.natives.JavaCardException;

/** What a disturbance can see and do between two instructions. */
public final class Hands {
    private final Interpreter interpreter;
    private final Stack stack;

    Hands(Interpreter interpreter) {
        this.interpreter = interpreter;
        stack = interpreter.stack;
    }

    // Where it is

    public Method method() {
        return interpreter.method();
    }

    /** The place of the instruction, in the Method component's info. */
    public int at() {
        return interpreter.at();
    }

    public Opcode opcode() {
        return Opcode.of(interpreter.code()[at()] & 0xFF);
    }

    /** Bytes of the instruction. */
    public int length() {
        return lengthAt(interpreter.code(), at());
    }

    /** Bytes of the instruction at a place. */
    public static int lengthAt(byte[] code, int at) {
        int length = 1;
        Opcode opcode = Opcode.of(code[at] & 0xFF);
        for (Operand one : opcode.operands()) {
            int width = opcode.needsInt() ? 4 : 2;
            length += switch (one) {
                case TABLE -> 2 + 2 * width + 2 * (signed(code, at + 1 + width + width) - signed(code, at + 1 + width) + 1);
                case LOOKUP -> 4 + (width + 2) * signed(code, at + 3);
                default -> one.size();
            };
        }
        return length;
    }

    /** Of the offset and of the low halves of bounds, which is enough for what fits into a method. */
    private static int signed(byte[] code, int at) {
        return code[at] << 8 | code[at + 1] & 0xFF;
    }

    public byte[] code() {
        return interpreter.code();
    }

    public int depth() {
        return stack.sp;
    }

    // What it can do

    /** Have other bytes read as code, until the next change of method; null: what is there. */
    public void readFrom(byte[] other) {
        interpreter.readFrom(other == null ? method().home.code : other);
    }

    /** The instruction is not executed: the stack pointer moves as if it was, nothing is stored. */
    public void skip() {
        Opcode opcode = opcode();
        int end = at() + length();
        move(opcode);
        goTo(end);
    }

    /** The instruction began when the stack was so deep, and threw: go on behind it. */
    public void goOn(int depth) {
        stack.sp = depth;
        skip();
    }

    private void goTo(int place) {
        if (!method().instructions().get(place)) {
            throw new IllegalCode("control leaves the method");
        }
        interpreter.goTo(place);
    }

    private void move(Opcode opcode) {
        switch (opcode) {
            case POP -> stack.sp -= 1;
            case POP2 -> stack.sp -= 2;
            case DUP -> stale(stack.tag(stack.sp - 1));
            case DUP2 -> stale(stack.tag(stack.sp - 2), stack.tag(stack.sp - 1));
            case DUP_X -> copies(interpreter.code()[at() + 1] >> 4 & 15);
            case SWAP_X -> { }
            case INVOKEVIRTUAL, INVOKESPECIAL, INVOKESTATIC, INVOKEINTERFACE -> skipCall();
            case CHECKCAST -> { }
            default -> {
                int arrow = opcode.effect().indexOf('>');
                stack.sp -= cells(opcode.effect().substring(0, arrow));
                stale(opcode.effect().substring(arrow + 1));
            }
        }
    }

    private static int cells(String effect) {
        return effect.length() + (int) effect.chars().filter(one -> one == 'i').count();
    }

    private void copies(int count) {
        int[] tags = new int[count];
        for (int i = 0; i < count; i++) {
            tags[i] = stack.tag(stack.sp - count + i);
        }
        stale(tags);
    }

    private void stale(String effect) {
        for (char one : effect.toCharArray()) {
            switch (one) {
                case 's' -> stale(Stack.SHORT);
                case 'i' -> stale(Stack.INT, Stack.INT);
                case 'r' -> stale(Stack.REFERENCE);
                default -> stale(Stack.RETURN_ADDRESS);
            }
        }
    }

    /** Cells that were not written hold what was there; as a reference only when that was one. */
    private void stale(int... tags) {
        for (int tag : tags) {
            boolean isUsable = tag == Stack.SHORT || tag == Stack.INT || stack.tag(stack.sp) == tag;
            stack.put(stack.sp, tag, isUsable ? stack.raw(stack.sp) : 0);
            stack.sp++;
        }
    }

    private void skipCall() {
        Method called = called();
        if (called != null) {
            stack.sp -= called.arguments;
            stale(resultOf(called));
        }
    }

    /** The method that the instruction calls; null when it cannot be told. */
    public Method called() {
        byte[] code = interpreter.code();
        int at = at();
        boolean isInterface = opcode() == Opcode.INVOKEINTERFACE;
        int operand = at + (isInterface ? 2 : 1);
        Object entry = method().home.pool[(code[operand] & 0xFF) << 8 | code[operand + 1] & 0xFF];
        try {
            if (entry instanceof LoadedPackage.VirtualMethod named) {
                return interpreter.access.virtualMethod(named, stack.referenceAt(stack.sp - named.arguments()));
            }
            if (isInterface) {
                int arguments = code[at + 1] & 0xFF;
                int self = stack.referenceAt(stack.sp - arguments);
                return interpreter.access.interfaceMethod((CardClass) entry, code[at + 4] & 0xFF, self, arguments);
            }
            return (Method) entry;
        } catch (JavaCardException | IllegalCode noReceiver) {
            return null;
        }
    }

    /** What a method leaves on the stack, as in {@link Opcode#effect}. */
    public static String resultOf(Method method) {
        if (method.isNative()) {
            return switch (method.signature.result()) {
                case 'V' -> "";
                case 'I' -> "i";
                case 'L', '[' -> "r";
                default -> "s";
            };
        }
        byte[] code = method.home.code;
        java.util.BitSet places = method.instructions();
        for (int at = places.nextSetBit(0); at >= 0; at = places.nextSetBit(at + 1)) {
            switch (Opcode.of(code[at] & 0xFF)) {
                case SRETURN -> { return "s"; }
                case IRETURN -> { return "i"; }
                case ARETURN -> { return "r"; }
                case RETURN -> { return ""; }
                default -> { }
            }
        }
        return "";
    }

    /** Change the short, the int's low half, or the reference on top of the stack; a reference becomes null. */
    public void changeTop(java.util.function.IntUnaryOperator change, boolean isByte) {
        int cell = stack.sp - 1;
        int tag = stack.tag(cell);
        if (tag == Stack.REFERENCE) {
            stack.setReference(cell, 0);
        } else if (tag == Stack.SHORT || tag == Stack.INT) {
            int value = change.applyAsInt(stack.raw(cell));
            stack.put(cell, tag, isByte ? (byte) value : value);
        }
    }
}
