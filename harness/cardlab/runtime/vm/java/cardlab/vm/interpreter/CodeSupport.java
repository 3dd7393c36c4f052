package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.memory.JournalFull;
import cardlab.vm.memory.MemoryFull;
import cardlab.vm.natives.JavaCardException;

/**
 * What translated code asks of the interpreter: instructions to be counted, calls, exceptions, and to go on in its place.
 *
 * <p>Translated code keeps local variables and operands in variables of the host. On the card's stack it has its arguments
 * and, during a call, those of the method that it calls; {@code sp} is set for each call, so that frames take the same room.
 */
public final class CodeSupport {
    private final Interpreter vm;
    private final Stack stack;
    private final Translations translations;
    private int[] spilled = new int[64];
    private int caught;
    /** References that were forgotten since the command began. */
    int forgotten;

    CodeSupport(Interpreter vm, Translations translations) {
        this.vm = vm;
        this.translations = translations;
        stack = vm.stack;
    }

    // Counting

    /** Count the instructions of a block that is about to be executed; false when the interpreter has to go on instead. */
    public boolean take(int count) {
        if (vm.slice >= count) {
            vm.slice -= count;
            return true;
        }
        return vm.meter().grant(count);
    }

    // Cells

    /** Whether a cell holds what the code relies on: a method's header does not tell the types of its arguments. */
    public boolean holds(int cell, int tag) {
        return stack.tag(cell) == tag;
    }

    public int shortAt(int cell) {
        return stack.raw(cell);
    }

    public int referenceAt(int cell) {
        return stack.raw(cell) & 0xFFFF;
    }

    public int intAt(int cell) {
        return stack.raw(cell) << 16 | stack.raw(cell + 1) & 0xFFFF;
    }

    public void putShort(int cell, int value) {
        stack.setShort(cell, value);
    }

    public void putReference(int cell, int value) {
        stack.setReference(cell, value);
    }

    public void putInt(int cell, int value) {
        stack.setInt(cell, value);
    }

    /** The instruction that is about to call, or to make an object: warnings name it. */
    public void place(int at) {
        vm.frames.top().at = at;
    }

    // Calls (7.5.53 to 7.5.56); the arguments are the cells below sp

    public void invokestatic(Method called, int sp) {
        stack.sp = sp;
        call(called, vm.firewall.owner);
    }

    public void invokespecial(Method called, int sp) {
        stack.sp = sp;
        vm.access.requireOwnObject(called, stack.referenceAt(sp - called.arguments));
        call(called, vm.firewall.owner);
    }

    public void invokevirtual(LoadedPackage.VirtualMethod named, int sp) {
        stack.sp = sp;
        int self = stack.referenceAt(sp - named.arguments());
        Method found = vm.access.virtualMethod(named, self);
        call(found, vm.firewall.virtualCall(self));
    }

    public void invokeinterface(CardClass called, int token, int arguments, int sp) {
        stack.sp = sp;
        int self = stack.referenceAt(sp - arguments);
        Method found = vm.access.interfaceMethod(called, token, self, arguments);
        call(found, vm.firewall.interfaceCall(self, called));
    }

    private void call(Method called, int asOwner) {
        if (called.code != null) {
            vm.callNative(called);
            return;
        }
        int owner = vm.firewall.owner;
        int context = vm.firewall.context;
        vm.execute(called, asOwner);
        vm.firewall.owner = owner;
        vm.firewall.context = context;
    }

    /** Whether a call left what its caller expects, a result with this tag just below {@code sp}, and no reference is gone. */
    public boolean returned(int sp, int tag, int mark) {
        return stack.sp == sp && (tag == Stack.NONE || stack.tag(sp - 1) == tag) && (tag != Stack.INT || stack.tag(sp - 2) == tag)
                && isKept(mark);
    }

    /** A mark to tell later whether references were forgotten. */
    public int mark() {
        return forgotten;
    }

    public boolean isKept(int mark) {
        return forgotten == mark;
    }

    // Leaving the method

    public void sreturn(int base, int value) {
        stack.setShort(base, value);
        leave(base + 1);
    }

    public void areturn(int base, int value) {
        stack.setReference(base, value);
        leave(base + 1);
    }

    public void ireturn(int base, int value) {
        stack.setInt(base, value);
        leave(base + 2);
    }

    public void leave(int sp) {
        stack.sp = sp;
        vm.frames.pop();
    }

    // Exceptions (JCVM 3.0.5, 3.5)

    /** The exception of athrow, to be thrown. */
    public JavaCardException athrow(int reference) {
        return new JavaCardException(vm.access.throwable(reference));
    }

    /**
     * Something was thrown while the instruction {@code at} was executed: returns the handler's place, or throws it on, the
     * frame gone. The exception object is {@link #caught}.
     */
    public int handler(Translation code, Throwable thrown, int at, int level) {
        vm.slice += code.layout().uncounted()[at - code.method().start];
        caught = reference(code, thrown, at);
        CardClass type = vm.classes.get(vm.heap.classId(caught));
        int target = Interpreter.handler(code.method(), at, type);
        if (target < 0) {
            vm.trace().begin(caught);
            vm.trace().add(code.method(), at);
            vm.frames.cut(level);
            throw new JavaCardException(caught);
        }
        vm.frames.cut(level + 1);
        Frame frame = vm.frames.top();
        vm.firewall.owner = frame.owner;
        vm.firewall.context = frame.context;
        vm.trace().clear();
        return target;
    }

    public int caught() {
        return caught;
    }

    private int reference(Translation code, Throwable thrown, int at) {
        if (thrown instanceof JavaCardException known) {
            return known.reference();
        }
        if (thrown instanceof JournalFull) {
            return vm.thrower.of(Thrower.TRANSACTION, Thrower.BUFFER_FULL).reference();
        }
        if (thrown instanceof MemoryFull full) {
            return vm.memoryFull(full).reference();
        }
        if (Interpreter.isFault(thrown)) {
            vm.resume(code.method(), at, at, 0);
            throw vm.illegal((RuntimeException) thrown);
        }
        throw CodeSupport.<RuntimeException>passedOn(thrown);
    }

    /** Whatever the host throws goes on as it is. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T passedOn(Throwable thrown) throws T {
        throw (T) thrown;
    }

    // The interpreter goes on

    /** Give the value of local variable or operand {@code number} (operands behind local variables) to {@link #interpret}. */
    public void spill(int number, int value) {
        if (number >= spilled.length) {
            spilled = java.util.Arrays.copyOf(spilled, 2 * number);
        }
        spilled[number] = value;
    }

    /** Execute the rest of the method from a point of its layout on; returns as {@link Translation#run} does. */
    public void interpret(Translation code, int point, int base, int level, int mark) {
        Layout.Point place = code.layout().points()[point];
        Method method = code.method();
        int locals = method.arguments + method.locals;
        int sp = stack.sp;
        fill(place.locals(), 0, base, mark);
        stack.sp = base + locals;
        stack.reserve(0);
        fill(place.operands(), locals, stack.sp, mark);
        stack.sp = place.isReturn() ? sp : stack.sp + place.operands().length;
        vm.frames.get(level).isFirst = true;
        vm.frames.get(level).isTranslated = false;
        vm.resume(method, place.pc(), place.pc(), base);
        vm.run();
    }

    private void fill(int[] tags, int from, int cell, int mark) {
        for (int i = 0; i < tags.length; i++) {
            int value = spilled[from + i];
            switch (tags[i]) {
                case Layout.SHORT -> stack.setShort(cell + i, value);
                case Layout.REFERENCE -> stack.setReference(cell + i, translations.still(value, mark));
                case Layout.INT -> stack.setInt(cell + i, value);
                case Layout.NONE -> stack.clear(cell + i);
                default -> { }
            }
        }
    }
}
