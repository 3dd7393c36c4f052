package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.Method;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Space;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;
import cardlab.vm.natives.MemoryType;
import cardlab.vm.natives.Peer;

/** A native method's view of its call and of the card. */
public final class NativeCall implements Call {
    private final Interpreter interpreter;
    private final Heap heap;
    private final Stack stack;
    private final Firewall firewall;
    private Method method;
    private int base;

    NativeCall(Interpreter interpreter) {
        this.interpreter = interpreter;
        heap = interpreter.heap;
        stack = interpreter.stack;
        firewall = interpreter.firewall;
    }

    void begin(Method called, int firstCell) {
        method = called;
        base = firstCell;
    }

    /** For the natives of the runtime environment itself. */
    public Interpreter interpreter() {
        return interpreter;
    }

    /** The runtime environment. */
    public Environment environment() {
        return interpreter.environment;
    }

    public Heap heap() {
        return heap;
    }

    @Override
    public int self() {
        return ref(0);
    }

    @Override
    public int ref(int cell) {
        return stack.raw(base + cell) & 0xFFFF;
    }

    @Override
    public short number(int cell) {
        return stack.raw(base + cell);
    }

    @Override
    public int wide(int cell) {
        return stack.raw(base + cell) << 16 | stack.raw(base + cell + 1) & 0xFFFF;
    }

    @Override
    public JavaCardException thrown(String className) {
        return interpreter.thrower.of(className);
    }

    @Override
    public JavaCardException thrown(String className, int reason) {
        return interpreter.thrower.of(className, reason);
    }

    @Override
    public int length(int array) {
        requireUsable(array);
        return heap.length(array);
    }

    /** Null and the firewall. */
    public void requireUsable(int array) {
        requireNotNull(array);
        firewall.requireArray(array);
    }

    /** The firewall, for an object whose content the native method looks at though its type is Object's. */
    public void requireObject(int object) {
        firewall.requireArgument(object);
    }

    @Override
    public void require(int array, int offset, int length) {
        requireUsable(array);
        if (offset < 0 || length < 0 || offset + length > heap.length(array)) {
            throw thrown(Thrower.INDEX);
        }
    }

    @Override
    public byte[] bytes(int array, int offset, int length) {
        require(array, offset, length);
        return heap.read(array, offset, length);
    }

    @Override
    public byte byteAt(int array, int index) {
        require(array, index, 1);
        return (byte) heap.get1(array, index);
    }

    @Override
    public void write(int array, int offset, byte[] from) {
        require(array, offset, from.length);
        heap.write(array, offset, from, 0, from.length);
    }

    @Override
    public void writeNonAtomic(int array, int offset, byte[] from) {
        require(array, offset, from.length);
        heap.writeNonAtomic(array, offset, from, 0, from.length);
    }

    @Override
    public ArrayType arrayType(int array) {
        return ArrayType.of(heap.kind(array));
    }

    @Override
    public int newArray(ArrayType type, int length, MemoryType memory) {
        int space = memory.ordinal();
        if (space == Space.DESELECT && !interpreter.environment.isSelectedContext(firewall.context)) {
            throw thrown(Thrower.SYSTEM, 3);
        }
        return heap.newArray(type.code(), 0, length, space, firewall.owner);
    }

    @Override
    public int newObject(String className) {
        CardClass made = named(className);
        return heap.newObject(made.id, made.instanceSize(), firewall.owner);
    }

    private CardClass named(String className) {
        CardClass found = interpreter.classes.named(className);
        if (found == null) {
            throw new IllegalArgumentException("the card has no class " + className);
        }
        return found;
    }

    /** The class of an object. */
    public CardClass typeOf(int object) {
        return heap.kind(object) == BlockKind.OBJECT ? interpreter.classes.get(heap.classId(object)) : interpreter.classes.object();
    }

    @Override
    public String className(int object) {
        return typeOf(object).name;
    }

    @Override
    public boolean isInstance(int object, String className) {
        return object != 0 && typeOf(object).isA(named(className));
    }

    private void requireNotNull(int object) {
        if (object == 0) {
            throw thrown(Thrower.NULL_POINTER);
        }
    }

    @Override
    public short field(int object, int number) {
        requireNotNull(object);
        return (short) heap.get2(object, 2 * number);
    }

    @Override
    public int refField(int object, int number) {
        requireNotNull(object);
        return heap.getReference(object, 2 * number);
    }

    @Override
    public void setField(int object, int number, int value) {
        requireNotNull(object);
        heap.put2(object, 2 * number, value, WriteKind.FIELD);
    }

    @Override
    public byte[] inside(int array) {
        return heap.read(array, 0, heap.contentBytes(array));
    }

    @Override
    public void writeInside(int array, int offset, byte[] from) {
        heap.write(array, offset, from, 0, from.length);
    }

    @Override
    public Peer peer(int object) {
        return (Peer) heap.peer(object);
    }

    @Override
    public void setPeer(int object, Peer peer) {
        heap.setPeer(object, peer);
    }

    @Override
    public void random(byte[] into) {
        interpreter.environment.random(into);
    }

    @Override
    public void seed(byte[] from) {
        interpreter.environment.seed(from);
    }

    @Override
    public <T> T drawn(String what, java.util.function.Supplier<T> work) {
        return interpreter.environment.drawn(what, work);
    }

    @Override
    public String property(String name, String otherwise) {
        return interpreter.environment.property(name, otherwise);
    }

    @Override
    public void crypto(String algorithm, int length) {
        interpreter.environment.crypto(algorithm, length);
    }

    @Override
    public void warn(String message) {
        interpreter.environment.warn(message);
    }

    @Override
    public int invoke(int object, String className, String name, String descriptor, int... arguments) {
        requireNotNull(object);
        CardClass type = named(className);
        String key = name + descriptor;
        CardClass actual = typeOf(object);
        Method found = type.isInterface ? actual.implementation(type, type.interfaceTokenOf(key)) 
                : actual.virtual(type, type.tokenOf(key));
        if (found == null) {
            throw new IllegalCode(actual + " has no " + key); // a load file may leave a method of an interface open
        }
        int owner = heap.space(object) == Space.SYSTEM ? firewall.owner : heap.owner(object);
        int[] all = new int[arguments.length + 1];
        all[0] = object;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return interpreter.call(found, owner, types(descriptor), all);
    }

    private static String types(String descriptor) {
        StringBuilder types = new StringBuilder("A");
        new cardlab.vm.link.Signature(descriptor).arguments().forEach(type -> types.append(type.length() > 1 ? 'A' : 'S'));
        return types.toString();
    }

    @Override
    public byte[] service(int service, byte[] argument) {
        return interpreter.environment.service(firewall.owner, service, argument);
    }

    @Override
    public String toString() {
        return "call of " + method;
    }
}
