package cardlab.vm.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What is checked of every method at LOAD: along all paths, each opcode exists, operands are inside the method's bounds,
 * constant pool entries have the right tag, and branches lead to instructions.
 *
 * <p>Types are not followed here; the interpreter has a tag for every cell instead.
 */
final class CodeCheck {
    /** Behind an instruction that ends the flow; a branch may lead to any number above. */
    private static final int NOWHERE = Integer.MIN_VALUE;

    private final LoadedPackage self;
    private final byte[] code;
    private final boolean hasInt;
    private final boolean isChecked;
    /** Bytes that belong to an instruction after its opcode. */
    private final BitSet inside = new BitSet();
    private final BitSet starts = new BitSet();
    private Method method;
    private int end;

    CodeCheck(LoadedPackage self, boolean hasInt, boolean isChecked) {
        this.self = self;
        this.code = self.code;
        this.hasInt = hasInt;
        this.isChecked = isChecked;
    }

    void run() throws LinkError {
        List<Method> all = new ArrayList<>(self.methods.values());
        for (int i = 0; i < all.size(); i++) {
            end = i + 1 < all.size() ? all.get(i + 1).offset : code.length;
            method = all.get(i);
            method.handlers = handlersIn(method.start, end);
            if (isChecked && !method.isAbstract) {
                check();
            }
        }
    }

    /** In their order, which decides (JCVM 3.0.5, 6.10.1). */
    private List<Cap.Handler> handlersIn(int from, int to) throws LinkError {
        List<Cap.Handler> found = new ArrayList<>();
        for (Cap.Handler one : self.cap.handlers) {
            if (one.start() >= from && one.start() < to) {
                if (isChecked) {
                    requireSound(one, from, to);
                }
                found.add(one);
            }
        }
        return List.copyOf(found);
    }

    private void requireSound(Cap.Handler one, int from, int to) throws LinkError {
        boolean isIn = one.end() <= to && one.target() >= from && one.target() < to;
        boolean isClass = one.catchType() == 0 || one.catchType() < self.pool.length
                && self.pool[one.catchType()] instanceof CardClass;
        if (!isIn || !isClass) {
            throw new LinkError("Method: the exception handler at " + one.target() + " is not sound");
        }
    }

    private void check() throws LinkError {
        ArrayDeque<Integer> open = new ArrayDeque<>();
        open.add(method.start);
        method.handlers.forEach(one -> open.add(one.target()));
        while (!open.isEmpty()) {
            int at = open.pop();
            while (at != NOWHERE && !isKnown(at)) {
                at = step(at, open);
            }
        }
        method.instructions = starts.get(0, end);
        method.instructions.clear(0, method.start);
    }

    /** Whether this instruction of the method was checked already; those of others are none of its own. */
    private boolean isKnown(int at) throws LinkError {
        if (at < method.start || at >= end) {
            throw error(at, "control leaves the method");
        }
        return starts.get(at);
    }

    /** Check one instruction; returns where control goes on, or NOWHERE. */
    private int step(int at, ArrayDeque<Integer> open) throws LinkError {
        Opcode opcode = Opcode.of(code[at] & 0xFF);
        if (opcode == null) {
            throw error(at, "no instruction has opcode " + (code[at] & 0xFF));
        }
        if (!hasInt && opcode.needsInt()) {
            throw error(at, opcode.mnemonic() + " needs int, which this card does not have");
        }
        int size = size(opcode, at);
        if (at + size > end || inside.get(at) || inside.nextSetBit(at) < at + size && inside.nextSetBit(at) >= 0
                || starts.nextSetBit(at) >= 0 && starts.nextSetBit(at) < at + size) {
            throw error(at, "instructions overlap, or leave the method");
        }
        starts.set(at);
        inside.set(at + 1, at + size);
        operands(opcode, at, open);
        return opcode.flow() == Opcode.Flow.ENDS ? NOWHERE : at + size;
    }

    private int size(Opcode opcode, int at) throws LinkError {
        int size = 1;
        for (Operand one : opcode.operands()) {
            size += one.size();
        }
        boolean isInt = opcode == Opcode.ITABLESWITCH || opcode == Opcode.ILOOKUPSWITCH;
        int value = isInt ? 4 : 2;
        if (opcode == Opcode.STABLESWITCH || opcode == Opcode.ITABLESWITCH) {
            need(at, 3 + 2 * value);
            long count = (long) number(at + 3 + value, value) - number(at + 3, value) + 1;
            if (count < 1 || count > code.length) {
                throw error(at, "a switch from high to low");
            }
            return (int) (3 + 2 * value + 2 * count);
        }
        if (opcode == Opcode.SLOOKUPSWITCH || opcode == Opcode.ILOOKUPSWITCH) {
            need(at, 5);
            return 5 + u2(at + 3) * (value + 2);
        }
        return size;
    }

    private void operands(Opcode opcode, int at, ArrayDeque<Integer> open) throws LinkError {
        int place = at + 1;
        for (Operand one : opcode.operands()) {
            switch (one) {
                case LOCAL -> requireLocal(at, code[place] & 0xFF, opcode);
                case POOL1 -> requireEntry(at, code[place] & 0xFF, opcode);
                case POOL2 -> requireEntry(at, u2(place), opcode);
                case BRANCH1 -> branch(at, code[place], open);
                case BRANCH2 -> branch(at, (short) u2(place), open);
                case TABLE, LOOKUP -> switchTargets(opcode, at, open);
                default -> { }
            }
            place += one.size();
        }
        int implied = opcode.impliedLocal();
        if (implied >= 0) {
            requireLocal(at, implied, opcode);
        }
    }

    private void branch(int at, int distance, ArrayDeque<Integer> open) {
        open.add(at + distance);
        method.hasLoop |= distance < 0;
    }

    private void requireLocal(int at, int index, Opcode opcode) throws LinkError {
        boolean isInt = opcode.name().startsWith("I") && opcode != Opcode.IINC && opcode != Opcode.IINC_W
                || opcode == Opcode.IINC || opcode == Opcode.IINC_W;
        if (index + (isInt ? 2 : 1) > method.arguments + method.locals) {
            throw error(at, "there is no local variable " + index);
        }
    }

    private void requireEntry(int at, int index, Opcode opcode) throws LinkError {
        if ((opcode == Opcode.CHECKCAST || opcode == Opcode.INSTANCEOF) && namesPrimitives(code[at + 1])) {
            return;
        }
        if (index >= self.pool.length || !opcode.tag().takes(self.cap.pool.get(index).tag())) {
            throw error(at, "constant pool entry " + index + " is not what " + opcode.mnemonic() + " takes");
        }
        requireReceiver(at, self.pool[index], opcode);
        requireInterface(at, index, opcode);
        requireImage(at, self.pool[index], opcode);
        requireField(at, self.pool[index], opcode);
    }

    private static boolean namesPrimitives(int type) {
        return type >= 10 && type <= 13;
    }

    /** A static method of the API is called by invokestatic, a constructor and a method of a superclass by invokespecial. */
    private void requireReceiver(int at, Object entry, Opcode opcode) throws LinkError {
        boolean asStatic = opcode == Opcode.INVOKESTATIC;
        if ((asStatic || opcode == Opcode.INVOKESPECIAL) && entry instanceof Method called && called.isNative()
                && called.hasReceiver() == asStatic) {
            throw error(at, called.declaring + "." + called.name + " is not what " + opcode.mnemonic() + " calls");
        }
    }

    private void requireInterface(int at, int index, Opcode opcode) throws LinkError {
        if (opcode == Opcode.INVOKEINTERFACE && !((CardClass) self.pool[index]).isInterface
                || opcode == Opcode.NEW && ((CardClass) self.pool[index]).isInterface) {
            throw error(at, self.pool[index] + " is not what " + opcode.mnemonic() + " takes");
        }
    }

    /** References are at the beginning of the image, everything else behind them (JCVM 3.0.5, 6.11). */
    private void requireImage(int at, Object entry, Opcode opcode) throws LinkError {
        if (!(entry instanceof LoadedPackage.StaticField field)) {
            return;
        }
        char type = type(opcode);
        int references = 2 * field.home().imageReferences();
        int width = type == 'B' ? 1 : type == 'I' ? 4 : 2;
        boolean fits = type == 'A' ? field.offset() % 2 == 0 && field.offset() < references
                : field.offset() >= references && field.offset() + width <= field.home().imageSize();
        if (!fits) {
            throw error(at, opcode.mnemonic() + " of the static image at " + field.offset());
        }
    }

    private void requireField(int at, Object entry, Opcode opcode) throws LinkError {
        if (!(entry instanceof LoadedPackage.InstanceField field)) {
            return;
        }
        char type = type(opcode);
        int last = field.cell() + (type == 'I' ? 1 : 0);
        boolean fits = last < field.home().instanceSize();
        for (int cell = field.cell(); fits && cell <= last; cell++) {
            fits = field.home().isReference(cell) == (type == 'A');
        }
        if (!fits) {
            throw error(at, opcode.mnemonic() + " of cell " + field.cell() + " of " + field.home());
        }
    }

    /** A, B, S or I of getfield_a and its like. */
    private static char type(Opcode opcode) {
        String name = opcode.name();
        return name.charAt(name.indexOf('_') + 1);
    }

    private void switchTargets(Opcode opcode, int at, ArrayDeque<Integer> open) {
        boolean isInt = opcode == Opcode.ITABLESWITCH || opcode == Opcode.ILOOKUPSWITCH;
        int value = isInt ? 4 : 2;
        open.add(at + (short) u2(at + 1));
        if (opcode == Opcode.STABLESWITCH || opcode == Opcode.ITABLESWITCH) {
            int count = number(at + 3 + value, value) - number(at + 3, value) + 1;
            for (int i = 0; i < count; i++) {
                open.add(at + (short) u2(at + 3 + 2 * value + 2 * i));
            }
            return;
        }
        for (int i = 0; i < u2(at + 3); i++) {
            open.add(at + (short) u2(at + 5 + i * (value + 2) + value));
        }
    }

    private void need(int at, int count) throws LinkError {
        if (at + count > end) {
            throw error(at, "the instruction is cut off");
        }
    }

    private int u2(int at) {
        return (code[at] & 0xFF) << 8 | code[at + 1] & 0xFF;
    }

    private int number(int at, int width) {
        return width == 2 ? (short) u2(at) : u2(at) << 16 | u2(at + 2);
    }

    private LinkError error(int at, String message) {
        return new LinkError("Method: " + method + ", offset " + at + ": " + message);
    }
}
