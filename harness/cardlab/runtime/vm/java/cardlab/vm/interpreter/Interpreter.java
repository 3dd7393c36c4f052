package cardlab.vm.interpreter;

import cardlab.vm.Observer;
import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.memory.DamagedMemory;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.JournalFull;
import cardlab.vm.memory.MemoryFull;
import cardlab.vm.natives.JavaCardException;

/**
 * Executes methods (JCVM 3.0.5, 7.5). The loop only dispatches; {@link Operations} has what instructions do to objects,
 * {@link Arithmetic} what they do to numbers.
 *
 * <p>Until {@code slice} reaches zero nobody looks: then {@link Meter} counts, tells an observer, and lets the host stop.
 */
public final class Interpreter {
    final Stack stack;
    final Heap heap;
    final ClassTable classes;
    final Thrower thrower;
    final Firewall firewall;
    final Environment environment;
    final Access access;
    final Frames frames = new Frames();
    private final Operations operations;
    private final Arithmetic arithmetic;
    private final Meter meter;
    private final Translations translations;
    private final Trace trace = new Trace();
    private NativeCall[] calls = {};
    private final LastResult lastResult = new LastResult();
    private int callDepth;

    /** The method that runs, its code, the place of the instruction and the next byte. */
    private Method method;
    private byte[] code = {};
    private Object[] pool = {};
    private int at;
    private int pc;
    private int locals;
    int slice;

    /** For a card; {@code cells} is the size of its stack. */
    public Interpreter(Heap heap, ClassTable classes, Thrower thrower, Environment environment, int cells, boolean isChecked) {
        this.heap = heap;
        this.classes = classes;
        this.thrower = thrower;
        this.environment = environment;
        stack = new Stack(cells, isChecked);
        firewall = new Firewall(heap, classes, thrower, environment);
        access = new Access(this);
        operations = new Operations(stack, access);
        arithmetic = new Arithmetic(stack, access);
        meter = new Meter(this);
        translations = new Translations(this);
    }

    public Firewall firewall() {
        return firewall;
    }

    public Meter meter() {
        return meter;
    }

    public Trace trace() {
        return trace;
    }

    public ClassTable classes() {
        return classes;
    }

    public Thrower thrower() {
        return thrower;
    }

    public Heap heap() {
        return heap;
    }

    public Environment environment() {
        return environment;
    }

    /** Where the static field images of packages are in persistent memory. */
    public void setStatics(int packageNumber, int address) {
        access.setStatics(packageNumber, address);
    }

    /** The same of all packages, by their number. */
    public void setStatics(int[] addresses) {
        access.setStatics(addresses);
    }

    public void observe(Observer observer) {
        meter.observe(observer);
    }

    /** What becomes of methods that are called often. */
    public Translations translations() {
        return translations;
    }

    public LastResult lastResult() {
        return lastResult;
    }

    Method method() {
        return method;
    }

    int at() {
        return at;
    }

    byte[] code() {
        return code;
    }

    /** Execute this instruction next. */
    void goTo(int place) {
        at = place;
        pc = place;
    }

    /** Take code from other bytes, until another method runs. */
    void readFrom(byte[] other) {
        code = other;
    }

    // Calls from the runtime environment and from native methods

    /** Nothing is left on the stack of what ran before; no code may run. */
    public void clearStack() {
        stack.clear();
    }

    /** Back to the state of a card that runs nothing. */
    public void reset() {
        frames.clear();
        stack.sp = 0;
        translations.clear();
        callDepth = 0;
        firewall.context = 0;
        firewall.owner = 0;
        method = null;
    }

    /**
     * Call a method on an object, in the context of the object's owner, or a static one as {@code asOwner}; arguments are
     * shorts and references as the signature says ({@code types}: S or A for each). Returns the result, 0 for void.
     *
     * @throws JavaCardException what the method lets through
     */
    public int call(Method called, int asOwner, String types, int... arguments) {
        Method callerMethod = method;
        int callerAt = at;
        int callerPc = pc;
        int callerLocals = locals;
        int callerOwner = firewall.owner;
        int callerContext = firewall.context;
        int sp = stack.sp;
        int depth = frames.depth();
        if (callerMethod == null) {
            lastResult.forget(); // an entry point of an applet
        }
        try {
            for (int i = 0; i < arguments.length; i++) {
                if (types.charAt(i) == 'A') {
                    stack.pushReference(arguments[i]);
                } else {
                    stack.pushShort(arguments[i]);
                }
            }
            if (called == null || called.arguments != arguments.length) {
                throw new IllegalCode("the runtime environment calls a method that is not there, or takes other arguments");
            }
            if (called.code != null) {
                callNative(called);
            } else {
                execute(called, asOwner);
            }
            return stack.sp == sp ? 0 : result(sp);
        } catch (JournalFull full) {
            throw thrower.of(Thrower.TRANSACTION, Thrower.BUFFER_FULL);
        } catch (MemoryFull full) {
            throw memoryFull(full);
        } catch (IllegalCode wrong) {
            throw illegal(wrong);
        } finally {
            frames.cut(depth);
            stack.sp = sp;
            firewall.owner = callerOwner;
            firewall.context = callerContext;
            resume(callerMethod, callerAt, callerPc, callerLocals);
        }
    }

    /** Do something in the runtime environment's context, so that the method it calls has no previous context. */
    public int asRuntimeEnvironment(java.util.function.IntSupplier body) {
        int owner = firewall.owner;
        int context = firewall.context;
        firewall.owner = 0;
        firewall.context = 0;
        lastResult.forget();
        try {
            return body.getAsInt();
        } finally {
            firewall.owner = owner;
            firewall.context = context;
        }
    }

    private int result(int sp) {
        int tag = stack.tag(sp);
        return tag == Stack.INT ? stack.intAt(sp) : tag == Stack.REFERENCE ? stack.raw(sp) & 0xFFFF : stack.raw(sp);
    }

    void resume(Method caller, int callerAt, int callerPc, int callerLocals) {
        method = caller;
        at = callerAt;
        pc = callerPc;
        locals = callerLocals;
        if (caller != null && !caller.isNative()) {
            code = caller.home.code;
            pool = caller.home.pool;
        }
    }

    /** The instance that was active before the last change of context; 0 for none or the runtime environment (JCSystem). */
    public int previousOwner() {
        return frames.previousOwner(firewall.context);
    }

    /** References that are null from now on, wherever the stack holds them. */
    public void forget(java.util.Collection<Integer> references) {
        stack.forget(references);
        translations.forget(references);
    }

    /** Run until the first frame, of this run, returns. */
    void run() {
        while (true) {
            try {
                loop();
                return;
            } catch (JavaCardException thrown) {
                if (goOn(thrown.reference())) {
                    return;
                }
            } catch (JournalFull full) {
                if (goOn(thrower.of(Thrower.TRANSACTION, Thrower.BUFFER_FULL).reference())) {
                    return;
                }
            } catch (MemoryFull full) {
                if (goOn(memoryFull(full).reference())) {
                    return;
                }
            } catch (RuntimeException wrong) {
                throw stopped(wrong);
            }
        }
    }

    /** Whether the run ends so. */
    private boolean goOn(int thrown) {
        try {
            switch (meter.disturbed()) {
                case GOES_ON: return false;
                case RETURNS: return returnNothing();
                default: handle(thrown); return false;
            }
        } catch (RuntimeException wrong) {
            throw stopped(wrong);
        }
    }

    /** Leave the method as if nothing had been thrown, with zero or null where it has a result. */
    private boolean returnNothing() {
        String result = Hands.resultOf(method);
        stack.sp = locals + method.arguments + method.locals + 1;
        switch (result) {
            case "s": stack.pushShort(0); break;
            case "i": stack.pushInt(0); break;
            case "r": stack.pushReference(0); break;
            default: return leave(0);
        }
        return leave(result.equals("i") ? 2 : 1);
    }

    /** What comes of an exception of the host: the card stops where code is at fault, else it goes on as it is. */
    public RuntimeException stopped(RuntimeException wrong) {
        return isFault(wrong) ? illegal(wrong) : wrong;
    }

    /** Whether code did what no verified code does, or, where nothing is checked, got somewhere it should not. */
    static boolean isFault(Throwable thrown) {
        return thrown instanceof IllegalCode || thrown instanceof IndexOutOfBoundsException
                || thrown instanceof IllegalArgumentException || thrown instanceof ArithmeticException
                || thrown instanceof ClassCastException || thrown instanceof NullPointerException
                || thrown instanceof NegativeArraySizeException || thrown instanceof DamagedMemory;
    }

    JavaCardException memoryFull(MemoryFull full) {
        return thrower.of(Thrower.SYSTEM, full.isTransient() ? Thrower.NO_TRANSIENT_SPACE : Thrower.NO_RESOURCE);
    }

    /** On a card with checks a host exception is a fault of this machine, and must not look like the applet's. */
    RuntimeException illegal(RuntimeException wrong) {
        if (stack.isFull()) {
            return mute(CardMute.Cause.ILLEGAL_CODE, "a method pushes more than the card's stack holds");
        }
        if (stack.isChecked() && !(wrong instanceof IllegalCode) && !meter.isDisturbed()) {
            return new IllegalStateException("the machine failed at " + place(), wrong);
        }
        String what = wrong instanceof IllegalCode ? wrong.getMessage() : "an access outside of the card's memory";
        return mute(CardMute.Cause.ILLEGAL_CODE, what);
    }

    /** The card stops here. */
    CardMute mute(CardMute.Cause why, String what) {
        return new CardMute(why, what, place(), method == null ? "" : Places.locate(method, at));
    }

    /** Where applet code is at this moment; null outside of it. */
    public Trace.Place here() {
        if (frames.depth() > 0 && frames.top().isTranslated) {
            return new Trace.Place(frames.top().method, frames.top().at);
        }
        return method == null || method.isNative() ? null : new Trace.Place(method, at);
    }

    /** Class, method and offset of what runs. */
    String place() {
        if (method == null) {
            return "the runtime environment";
        }
        return method.isNative() ? method.apiName() : Places.describe(method, at);
    }

    // Exceptions (JCVM 3.0.5, 3.5 and 7.5.6 athrow)

    /** Go on at the handler for a thrown object, or throw it to whoever called the first frame. */
    private void handle(int reference) {
        CardClass thrown = classes.get(heap.classId(reference));
        meter.thrown(thrown, reference);
        int place = at;
        int level = frames.depth() - 1;
        while (true) {
            Frame frame = frames.get(level);
            int target = handler(frame.method, place, thrown);
            if (target >= 0) {
                caught(level, target, reference);
                return;
            }
            if (frame.isFirst) {
                remember(level, reference);
                frames.cut(level);
                throw new JavaCardException(reference);
            }
            level--;
            place = frames.get(level).at;
        }
    }

    static int handler(Method in, int place, CardClass thrown) {
        for (cardlab.vm.link.Cap.Handler one : in.handlers()) {
            if (place >= one.start() && place < one.end()
                    && (one.catchType() == 0 || thrown.isA((CardClass) in.home.pool[one.catchType()]))) {
                return one.target();
            }
        }
        return -1;
    }

    private void caught(int level, int target, int reference) {
        frames.cut(level + 1);
        Frame frame = frames.get(level);
        firewall.owner = frame.owner;
        firewall.context = frame.context;
        resume(frame.method, target, target, frame.locals);
        stack.sp = locals + method.arguments + method.locals + 1;
        stack.pushReference(reference);
        trace.clear();
    }

    /** Keep where it was thrown: the frames down to the first one of this run. */
    private void remember(int level, int reference) {
        trace.begin(reference);
        trace.add(method, at);
        for (int i = frames.depth() - 2; i >= level; i--) {
            trace.add(frames.get(i).method, frames.get(i).at);
        }
    }

    // Methods

    /** Call a method from code that is interpreted; its arguments are on the stack, it runs as the code of an instance. */
    private void enter(Method called, int asOwner) {
        if (called.code != null) {
            callNative(called);
            return;
        }
        Frame caller = frames.top();
        caller.pc = pc;
        caller.at = at;
        Translation translation = translations.of(called);
        Frame frame = push(called, asOwner, translation != null);
        if (translation == null) {
            begin(called, frame);
            return;
        }
        try {
            translations.run(translation, frame);
        } finally {
            firewall.owner = caller.owner;
            firewall.context = caller.context;
            resume(caller.method, caller.at, caller.pc, caller.locals);
        }
    }

    /** Call a method from anywhere else, and return when it has returned. */
    void execute(Method called, int asOwner) {
        Translation translation = translations.of(called);
        Frame frame = push(called, asOwner, true);
        if (translation != null) {
            translations.run(translation, frame);
        } else {
            begin(called, frame);
            run();
        }
    }

    private Frame push(Method called, int asOwner, boolean isFirst) {
        if (called.isAbstract || called.isNative()) {
            throw new IllegalCode("an abstract method is called");
        }
        int cells = called.locals + 1 + called.maxStack + Frame.COST;
        if (!stack.hasRoomFor(cells) || !frames.hasRoom()) {
            throw thrower.of(Thrower.SYSTEM, Thrower.NO_RESOURCE);
        }
        Frame frame = frames.push();
        frame.method = called;
        frame.isFirst = isFirst;
        frame.isTranslated = false;
        frame.locals = stack.sp - called.arguments;
        frame.caller = firewall.context;
        frame.callerOwner = firewall.owner;
        if (asOwner != firewall.owner) {
            firewall.owner = asOwner;
            firewall.context = access.contextOf(asOwner);
        }
        frame.owner = firewall.owner;
        frame.context = firewall.context;
        meter.entered(called);
        return frame;
    }

    /** Be at the beginning of a method. */
    void begin(Method called, Frame frame) {
        stack.reserve(called.locals);
        resume(called, called.start, called.start, frame.locals);
    }

    void callNative(Method called) {
        int base = stack.sp - called.arguments;
        if (stack.isChecked()) {
            access.requireArguments(called, base);
        }
        NativeCall call = nextCall(called, base);
        int result;
        try {
            meter.entered(called);
            if (called.keepsResult) {
                lastResult.forget();
            }
            result = called.code.call(call);
            if (called.keepsResult) {
                lastResult.keep(called.signature.result(), result);
            }
        } catch (JavaCardException thrown) {
            throw traced(called, thrown);
        } catch (JournalFull full) {
            throw traced(called, thrower.of(Thrower.TRANSACTION, Thrower.BUFFER_FULL));
        } catch (MemoryFull full) {
            throw traced(called, memoryFull(full));
        } finally {
            callDepth--;
        }
        stack.sp = base;
        switch (called.signature.result()) {
            case 'V' -> { }
            case 'I' -> stack.pushInt(result);
            case 'L', '[' -> stack.pushReference(result);
            case 'B' -> stack.pushShort((byte) result);
            default -> stack.pushShort(result);
        }
    }

    /** An exception of a native method: the trace begins there, unless code that it called threw. */
    private JavaCardException traced(Method called, JavaCardException thrown) {
        trace.begin(thrown.reference());
        if (trace.places().isEmpty()) {
            trace.add(called, -1);
        }
        return thrown;
    }

    private NativeCall nextCall(Method called, int base) {
        if (callDepth == calls.length) {
            calls = java.util.Arrays.copyOf(calls, callDepth + 1);
            calls[callDepth] = new NativeCall(this);
        }
        NativeCall call = calls[callDepth++];
        call.begin(called, base);
        return call;
    }

    /** Leave the method with {@code count} cells of result on the stack; true when that ends this run. */
    private boolean leave(int count) {
        Frame frame = frames.pop();
        int from = stack.sp - count;
        if (stack.isChecked() && from < locals + method.arguments + method.locals + 1) {
            throw new IllegalCode("a method returns more than its stack holds");
        }
        for (int i = 0; i < count; i++) {
            stack.copy(from + i, locals + i);
        }
        stack.sp = locals + count;
        if (frame.isFirst) {
            return true;
        }
        Frame caller = frames.top();
        firewall.owner = caller.owner;
        firewall.context = caller.context;
        resume(caller.method, caller.pc, caller.pc, caller.locals);
        return false;
    }

    private boolean leaveWith(int tag) {
        if (stack.tag(stack.sp - 1) != tag && stack.isChecked()) {
            throw new IllegalCode("a method returns another type than its instruction says");
        }
        return leave(tag == Stack.INT ? 2 : 1);
    }

    private void invokevirtual(int index) {
        LoadedPackage.VirtualMethod named = (LoadedPackage.VirtualMethod) pool[index];
        int self = receiver(named.arguments());
        Method found = access.virtualMethod(named, self);
        enter(found, firewall.virtualCall(self));
    }

    private void invokeinterface(int arguments, int index, int token) {
        CardClass called = (CardClass) pool[index];
        int self = receiver(arguments);
        Method found = access.interfaceMethod(called, token, self, arguments);
        enter(found, firewall.interfaceCall(self, called));
    }

    /** The object that a method with so many argument cells is called on. */
    private int receiver(int arguments) {
        requireOperands(arguments);
        return stack.referenceAt(stack.sp - arguments);
    }

    private void requireOperands(int count) {
        if (stack.isChecked() && stack.sp - count < locals + method.arguments + method.locals + 1) {
            throw new IllegalCode("a call takes more than the method's stack holds");
        }
    }

    private void invokestatic(int index) {
        Method called = (Method) pool[index];
        requireOperands(called.arguments);
        enter(called, firewall.owner);
    }

    /** invokespecial: `this` is not null, and its own (JCVM 3.0.5, 7.5.53). */
    private void invokespecial(int index) {
        Method called = (Method) pool[index];
        int self = receiver(called.arguments);
        access.requireOwnObject(called, self);
        enter(called, firewall.owner);
    }

    // Operands

    private int s1() {
        return code[pc++];
    }

    private int u1() {
        return code[pc++] & 0xFF;
    }

    private int s2() {
        pc += 2;
        return code[pc - 2] << 8 | code[pc - 1] & 0xFF;
    }

    private int u2() {
        return s2() & 0xFFFF;
    }

    private int s4() {
        return s2() << 16 | s2() & 0xFFFF;
    }

    private void branch1(boolean taken) {
        pc = taken ? at + code[pc] : pc + 1;
    }

    private void branch2(boolean taken) {
        pc = taken ? at + (code[pc] << 8 | code[pc + 1] & 0xFF) : pc + 2;
    }

    private void dup2() {
        stack.duplicate(2, 0);
    }

    private void sload(int index) {
        stack.pushShort(stack.shortAt(locals + index));
    }

    private void aload(int index) {
        stack.pushReference(stack.referenceAt(locals + index));
    }

    private void iload(int index) {
        stack.pushInt(stack.intAt(locals + index));
    }

    private void sstore(int index) {
        stack.setShort(locals + index, stack.popShort());
    }

    private void astore(int index) {
        stack.popAddressInto(locals + index);
    }

    private void istore(int index) {
        stack.setInt(locals + index, stack.popInt());
    }

    private void sinc(int index, int value) {
        stack.setShort(locals + index, stack.shortAt(locals + index) + value);
    }

    private void iinc(int index, int value) {
        stack.setInt(locals + index, stack.intAt(locals + index) + value);
    }

    private int self() {
        return stack.referenceAt(locals);
    }

    private void jsr() {
        int target = at + s2();
        stack.pushReturnAddress(pc);
        pc = target;
    }

    private void ret() {
        pc = stack.returnAddressAt(locals + u1());
    }

    private void tableswitch(boolean isInt) {
        int otherwise = s2();
        int low = isInt ? s4() : s2();
        int high = isInt ? s4() : s2();
        int value = isInt ? stack.popInt() : stack.popShort();
        int offset = otherwise;
        if (value >= low && value <= high) {
            pc += 2 * (value - low);
            offset = s2();
        }
        pc = at + offset;
    }

    private void lookupswitch(boolean isInt) {
        int otherwise = s2();
        int count = u2();
        int value = isInt ? stack.popInt() : stack.popShort();
        for (; count > 0; count--) {
            int match = isInt ? s4() : s2();
            int offset = s2();
            if (match == value) {
                pc = at + offset;
                return;
            }
        }
        pc = at + otherwise;
    }

    private void athrow() {
        throw new JavaCardException(access.throwable(stack.popReference()));
    }

    private Object entry() {
        return pool[u2()];
    }

    private Object entry1() {
        return pool[u1()];
    }

    /** if_acmp: operands were pushed in the order they are compared. */
    private boolean sameReferences() {
        return stack.popReference() == stack.popReference();
    }

    /** The difference of the two shorts on the stack. */
    private int compareShorts() {
        int right = stack.popShort();
        return stack.popShort() - right;
    }

    private void loop() {
        Stack s = stack;
        Operations o = operations;
        Arithmetic a = arithmetic;
        while (true) {
            at = pc;
            if (--slice < 0) {
                meter.tick(code[pc] & 0xFF);
            }
            switch (code[pc++] & 0xFF) {
                case Op.NOP: break;
                case Op.ACONST_NULL: s.pushReference(0); break;
                case Op.SCONST_M1: s.pushShort(-1); break;
                case Op.SCONST_0: s.pushShort(0); break;
                case Op.SCONST_1: s.pushShort(1); break;
                case Op.SCONST_2: s.pushShort(2); break;
                case Op.SCONST_3: s.pushShort(3); break;
                case Op.SCONST_4: s.pushShort(4); break;
                case Op.SCONST_5: s.pushShort(5); break;
                case Op.ICONST_M1: s.pushInt(-1); break;
                case Op.ICONST_0: s.pushInt(0); break;
                case Op.ICONST_1: s.pushInt(1); break;
                case Op.ICONST_2: s.pushInt(2); break;
                case Op.ICONST_3: s.pushInt(3); break;
                case Op.ICONST_4: s.pushInt(4); break;
                case Op.ICONST_5: s.pushInt(5); break;
                case Op.BSPUSH: s.pushShort(s1()); break;
                case Op.SSPUSH: s.pushShort(s2()); break;
                case Op.BIPUSH: s.pushInt(s1()); break;
                case Op.SIPUSH: s.pushInt(s2()); break;
                case Op.IIPUSH: s.pushInt(s4()); break;
                case Op.ALOAD: aload(u1()); break;
                case Op.SLOAD: sload(u1()); break;
                case Op.ILOAD: iload(u1()); break;
                case Op.ALOAD_0: aload(0); break;
                case Op.ALOAD_1: aload(1); break;
                case Op.ALOAD_2: aload(2); break;
                case Op.ALOAD_3: aload(3); break;
                case Op.SLOAD_0: sload(0); break;
                case Op.SLOAD_1: sload(1); break;
                case Op.SLOAD_2: sload(2); break;
                case Op.SLOAD_3: sload(3); break;
                case Op.ILOAD_0: iload(0); break;
                case Op.ILOAD_1: iload(1); break;
                case Op.ILOAD_2: iload(2); break;
                case Op.ILOAD_3: iload(3); break;
                case Op.AALOAD: o.aaload(); break;
                case Op.BALOAD: o.baload(); break;
                case Op.SALOAD: o.saload(); break;
                case Op.IALOAD: o.iaload(); break;
                case Op.ASTORE: astore(u1()); break;
                case Op.SSTORE: sstore(u1()); break;
                case Op.ISTORE: istore(u1()); break;
                case Op.ASTORE_0: astore(0); break;
                case Op.ASTORE_1: astore(1); break;
                case Op.ASTORE_2: astore(2); break;
                case Op.ASTORE_3: astore(3); break;
                case Op.SSTORE_0: sstore(0); break;
                case Op.SSTORE_1: sstore(1); break;
                case Op.SSTORE_2: sstore(2); break;
                case Op.SSTORE_3: sstore(3); break;
                case Op.ISTORE_0: istore(0); break;
                case Op.ISTORE_1: istore(1); break;
                case Op.ISTORE_2: istore(2); break;
                case Op.ISTORE_3: istore(3); break;
                case Op.AASTORE: o.aastore(); break;
                case Op.BASTORE: o.bastore(); break;
                case Op.SASTORE: o.sastore(); break;
                case Op.IASTORE: o.iastore(); break;
                case Op.POP: s.drop(1); break;
                case Op.POP2: s.drop(2); break;
                case Op.DUP: s.duplicateTop(); break;
                case Op.DUP2: dup2(); break;
                case Op.DUP_X: { int mn = u1(); s.duplicate(mn >> 4, mn & 15); break; }
                case Op.SWAP_X: { int mn = u1(); s.swap(mn >> 4, mn & 15); break; }
                case Op.SADD: a.sadd(); break;
                case Op.IADD: a.iadd(); break;
                case Op.SSUB: a.ssub(); break;
                case Op.ISUB: a.isub(); break;
                case Op.SMUL: a.smul(); break;
                case Op.IMUL: a.imul(); break;
                case Op.SDIV: a.sdiv(); break;
                case Op.IDIV: a.idiv(); break;
                case Op.SREM: a.srem(); break;
                case Op.IREM: a.irem(); break;
                case Op.SNEG: a.sneg(); break;
                case Op.INEG: a.ineg(); break;
                case Op.SSHL: a.sshl(); break;
                case Op.ISHL: a.ishl(); break;
                case Op.SSHR: a.sshr(); break;
                case Op.ISHR: a.ishr(); break;
                case Op.SUSHR: a.sushr(); break;
                case Op.IUSHR: a.iushr(); break;
                case Op.SAND: a.sand(); break;
                case Op.IAND: a.iand(); break;
                case Op.SOR: a.sor(); break;
                case Op.IOR: a.ior(); break;
                case Op.SXOR: a.sxor(); break;
                case Op.IXOR: a.ixor(); break;
                case Op.SINC: sinc(u1(), s1()); break;
                case Op.IINC: iinc(u1(), s1()); break;
                case Op.S2B: a.s2b(); break;
                case Op.S2I: a.s2i(); break;
                case Op.I2B: a.i2b(); break;
                case Op.I2S: a.i2s(); break;
                case Op.ICMP: a.icmp(); break;
                case Op.IFEQ: branch1(s.popShort() == 0); break;
                case Op.IFNE: branch1(s.popShort() != 0); break;
                case Op.IFLT: branch1(s.popShort() < 0); break;
                case Op.IFGE: branch1(s.popShort() >= 0); break;
                case Op.IFGT: branch1(s.popShort() > 0); break;
                case Op.IFLE: branch1(s.popShort() <= 0); break;
                case Op.IFNULL: branch1(s.popReference() == 0); break;
                case Op.IFNONNULL: branch1(s.popReference() != 0); break;
                case Op.IF_ACMPEQ: branch1(sameReferences()); break;
                case Op.IF_ACMPNE: branch1(!sameReferences()); break;
                case Op.IF_SCMPEQ: branch1(compareShorts() == 0); break;
                case Op.IF_SCMPNE: branch1(compareShorts() != 0); break;
                case Op.IF_SCMPLT: branch1(compareShorts() < 0); break;
                case Op.IF_SCMPGE: branch1(compareShorts() >= 0); break;
                case Op.IF_SCMPGT: branch1(compareShorts() > 0); break;
                case Op.IF_SCMPLE: branch1(compareShorts() <= 0); break;
                case Op.GOTO: branch1(true); break;
                case Op.JSR: jsr(); break;
                case Op.RET: ret(); break;
                case Op.STABLESWITCH: tableswitch(false); break;
                case Op.ITABLESWITCH: tableswitch(true); break;
                case Op.SLOOKUPSWITCH: lookupswitch(false); break;
                case Op.ILOOKUPSWITCH: lookupswitch(true); break;
                case Op.ARETURN: if (leaveWith(Stack.REFERENCE)) { return; } break;
                case Op.SRETURN: if (leaveWith(Stack.SHORT)) { return; } break;
                case Op.IRETURN: if (leaveWith(Stack.INT)) { return; } break;
                case Op.RETURN: if (leave(0)) { return; } break;
                case Op.GETSTATIC_A: o.getstatic_a(entry()); break;
                case Op.GETSTATIC_B: o.getstatic_b(entry()); break;
                case Op.GETSTATIC_S: o.getstatic_s(entry()); break;
                case Op.GETSTATIC_I: o.getstatic_i(entry()); break;
                case Op.PUTSTATIC_A: o.putstatic_a(entry()); break;
                case Op.PUTSTATIC_B: o.putstatic_b(entry()); break;
                case Op.PUTSTATIC_S: o.putstatic_s(entry()); break;
                case Op.PUTSTATIC_I: o.putstatic_i(entry()); break;
                case Op.GETFIELD_A: o.getfield_a(entry1(), s.popReference()); break;
                case Op.GETFIELD_B: o.getfield_b(entry1(), s.popReference()); break;
                case Op.GETFIELD_S: o.getfield_s(entry1(), s.popReference()); break;
                case Op.GETFIELD_I: o.getfield_i(entry1(), s.popReference()); break;
                case Op.PUTFIELD_A: o.putfield_a(entry1()); break;
                case Op.PUTFIELD_B: o.putfield_b(entry1()); break;
                case Op.PUTFIELD_S: o.putfield_s(entry1()); break;
                case Op.PUTFIELD_I: o.putfield_i(entry1()); break;
                case Op.INVOKEVIRTUAL: invokevirtual(u2()); break;
                case Op.INVOKESPECIAL: invokespecial(u2()); break;
                case Op.INVOKESTATIC: invokestatic(u2()); break;
                case Op.INVOKEINTERFACE: invokeinterface(u1(), u2(), u1()); break;
                case Op.NEW: o.newObject(entry()); break;
                case Op.NEWARRAY: o.newarray(u1()); break;
                case Op.ANEWARRAY: o.anewarray(entry()); break;
                case Op.ARRAYLENGTH: o.arraylength(); break;
                case Op.ATHROW: athrow(); break;
                case Op.CHECKCAST: o.checkcast(u1(), u2(), pool); break;
                case Op.INSTANCEOF: o.instanceOf(u1(), u2(), pool); break;
                case Op.SINC_W: sinc(u1(), s2()); break;
                case Op.IINC_W: iinc(u1(), s2()); break;
                case Op.IFEQ_W: branch2(s.popShort() == 0); break;
                case Op.IFNE_W: branch2(s.popShort() != 0); break;
                case Op.IFLT_W: branch2(s.popShort() < 0); break;
                case Op.IFGE_W: branch2(s.popShort() >= 0); break;
                case Op.IFGT_W: branch2(s.popShort() > 0); break;
                case Op.IFLE_W: branch2(s.popShort() <= 0); break;
                case Op.IFNULL_W: branch2(s.popReference() == 0); break;
                case Op.IFNONNULL_W: branch2(s.popReference() != 0); break;
                case Op.IF_ACMPEQ_W: branch2(sameReferences()); break;
                case Op.IF_ACMPNE_W: branch2(!sameReferences()); break;
                case Op.IF_SCMPEQ_W: branch2(compareShorts() == 0); break;
                case Op.IF_SCMPNE_W: branch2(compareShorts() != 0); break;
                case Op.IF_SCMPLT_W: branch2(compareShorts() < 0); break;
                case Op.IF_SCMPGE_W: branch2(compareShorts() >= 0); break;
                case Op.IF_SCMPGT_W: branch2(compareShorts() > 0); break;
                case Op.IF_SCMPLE_W: branch2(compareShorts() <= 0); break;
                case Op.GOTO_W: branch2(true); break;
                case Op.GETFIELD_A_W: o.getfield_a(entry(), s.popReference()); break;
                case Op.GETFIELD_B_W: o.getfield_b(entry(), s.popReference()); break;
                case Op.GETFIELD_S_W: o.getfield_s(entry(), s.popReference()); break;
                case Op.GETFIELD_I_W: o.getfield_i(entry(), s.popReference()); break;
                case Op.GETFIELD_A_THIS: o.getfield_a(entry1(), self()); break;
                case Op.GETFIELD_B_THIS: o.getfield_b(entry1(), self()); break;
                case Op.GETFIELD_S_THIS: o.getfield_s(entry1(), self()); break;
                case Op.GETFIELD_I_THIS: o.getfield_i(entry1(), self()); break;
                case Op.PUTFIELD_A_W: o.putfield_a(entry()); break;
                case Op.PUTFIELD_B_W: o.putfield_b(entry()); break;
                case Op.PUTFIELD_S_W: o.putfield_s(entry()); break;
                case Op.PUTFIELD_I_W: o.putfield_i(entry()); break;
                case Op.PUTFIELD_A_THIS: o.putfield_a_this(entry1(), self()); break;
                case Op.PUTFIELD_B_THIS: o.putfield_b_this(entry1(), self()); break;
                case Op.PUTFIELD_S_THIS: o.putfield_s_this(entry1(), self()); break;
                case Op.PUTFIELD_I_THIS: o.putfield_i_this(entry1(), self()); break;
                default: throw new IllegalCode("no instruction has opcode " + (code[at] & 0xFF));
            }
        }
    }
}
