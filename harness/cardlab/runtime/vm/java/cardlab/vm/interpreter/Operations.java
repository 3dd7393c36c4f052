package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Nvm;
import cardlab.vm.memory.Space;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.ArrayType;

/** What instructions do to objects, arrays, static fields and classes (JCVM 3.0.5, 7.5; JCRE 3.0.5, 6.2.8). */
final class Operations {
    private static final int MOST_PACKAGES = 256;

    private final Stack s;
    private final Heap heap;
    private final ClassTable classes;
    private final Thrower thrower;
    private final Firewall firewall;
    private final int[] statics = new int[MOST_PACKAGES];
    private final boolean isChecked;

    Operations(Interpreter interpreter) {
        s = interpreter.stack;
        heap = interpreter.heap;
        classes = interpreter.classes;
        thrower = interpreter.thrower;
        firewall = interpreter.firewall;
        isChecked = s.isChecked();
    }

    void setStatics(int packageNumber, int address) {
        statics[packageNumber] = address;
    }

    int contextOf(int owner) {
        return owner == 0 ? 0 : heap.contexts().contextOf(owner);
    }

    // Fields (7.5.21 getfield, 7.5.76 putfield)

    /** Offset in bytes of a field in an object that may be used. */
    private int field(Object entry, int reference) {
        LoadedPackage.InstanceField named = (LoadedPackage.InstanceField) entry;
        requireNotNull(reference);
        firewall.requireObject(reference);
        if (isChecked) {
            requireKind(reference, named.home());
        }
        return 2 * named.cell();
    }

    private void requireKind(int reference, CardClass home) {
        CardClass found = classes.get(heap.classId(reference));
        if (heap.kind(reference) != BlockKind.OBJECT || found != home && !found.isA(home)) {
            throw new IllegalCode("an object that is no " + home + " is used as one");
        }
    }

    void getfield_a(Object entry, int reference) {
        s.pushReference(heap.getReference(reference, field(entry, reference)));
    }

    void getfield_b(Object entry, int reference) {
        s.pushShort((byte) heap.get2(reference, field(entry, reference)));
    }

    void getfield_s(Object entry, int reference) {
        s.pushShort(heap.get2(reference, field(entry, reference)));
    }

    void getfield_i(Object entry, int reference) {
        s.pushInt(heap.get4(reference, field(entry, reference)));
    }

    void putfield_a(Object entry) {
        int value = s.popReference();
        setReference(entry, s.popReference(), value);
    }

    void putfield_b(Object entry) {
        int value = (byte) s.popShort();
        int reference = s.popReference();
        heap.put2(reference, field(entry, reference), value, WriteKind.FIELD);
    }

    void putfield_s(Object entry) {
        int value = s.popShort();
        int reference = s.popReference();
        heap.put2(reference, field(entry, reference), value, WriteKind.FIELD);
    }

    void putfield_i(Object entry) {
        int value = s.popInt();
        int reference = s.popReference();
        heap.put4(reference, field(entry, reference), value, WriteKind.FIELD);
    }

    void putfield_a_this(Object entry, int self) {
        setReference(entry, self, s.popReference());
    }

    void putfield_b_this(Object entry, int self) {
        heap.put2(self, field(entry, self), (byte) s.popShort(), WriteKind.FIELD);
    }

    void putfield_s_this(Object entry, int self) {
        heap.put2(self, field(entry, self), s.popShort(), WriteKind.FIELD);
    }

    void putfield_i_this(Object entry, int self) {
        heap.put4(self, field(entry, self), s.popInt(), WriteKind.FIELD);
    }

    private void setReference(Object entry, int reference, int value) {
        int offset = field(entry, reference);
        firewall.requireStorable(value);
        heap.put2(reference, offset, value, WriteKind.FIELD);
    }

    // Static fields (7.5.23 getstatic, 7.5.78 putstatic)

    private int place(Object entry) {
        LoadedPackage.StaticField named = (LoadedPackage.StaticField) entry;
        return statics[named.home().number] + named.offset();
    }

    void getstatic_a(Object entry) {
        s.pushReference(heap.nvm().get2(place(entry)));
    }

    void getstatic_b(Object entry) {
        s.pushShort((byte) heap.nvm().get1(place(entry)));
    }

    void getstatic_s(Object entry) {
        s.pushShort(heap.nvm().get2(place(entry)));
    }

    void getstatic_i(Object entry) {
        s.pushInt(heap.nvm().get4(place(entry)));
    }

    void putstatic_a(Object entry) {
        int value = s.popReference();
        firewall.requireStorable(value);
        saved(place(entry), 2).put2(place(entry), value, WriteKind.STATIC);
    }

    void putstatic_b(Object entry) {
        int value = s.popShort();
        saved(place(entry), 1).put1(place(entry), value, WriteKind.STATIC);
    }

    void putstatic_s(Object entry) {
        int value = s.popShort();
        saved(place(entry), 2).put2(place(entry), value, WriteKind.STATIC);
    }

    void putstatic_i(Object entry) {
        int value = s.popInt();
        saved(place(entry), 4).put4(place(entry), value, WriteKind.STATIC);
    }

    private Nvm saved(int address, int length) {
        if (heap.journal().isOpen()) {
            heap.journal().save(address, length);
        }
        return heap.nvm();
    }

    // Arrays

    /** Offset of an element in bytes; null, the firewall, the type and the bounds are checked in this order. */
    private int element(int reference, int index, int arrayKind) {
        requireNotNull(reference);
        firewall.requireArray(reference);
        int kind = heap.kind(reference);
        if (isChecked && kind != arrayKind && (arrayKind != BlockKind.BYTE_ARRAY || kind != BlockKind.BOOLEAN_ARRAY)) {
            throw new IllegalCode("an array is used as one of another type");
        }
        if (index < 0 || index >= heap.length(reference)) {
            throw thrower.of(Thrower.INDEX);
        }
        return index << BlockKind.shift(arrayKind);
    }

    void aaload() {
        int index = s.popShort();
        int array = s.popReference();
        s.pushReference(heap.getReference(array, element(array, index, BlockKind.REFERENCE_ARRAY)));
    }

    void baload() {
        int index = s.popShort();
        int array = s.popReference();
        s.pushShort(heap.get1(array, element(array, index, BlockKind.BYTE_ARRAY)));
    }

    void saload() {
        int index = s.popShort();
        int array = s.popReference();
        s.pushShort(heap.get2(array, element(array, index, BlockKind.SHORT_ARRAY)));
    }

    void iaload() {
        int index = s.popShort();
        int array = s.popReference();
        s.pushInt(heap.get4(array, element(array, index, BlockKind.INT_ARRAY)));
    }

    void aastore() {
        int value = s.popReference();
        int index = s.popShort();
        int array = s.popReference();
        int offset = element(array, index, BlockKind.REFERENCE_ARRAY);
        if (value != 0) {
            firewall.requireStorable(value);
            requireAssignable(value, heap.classId(array));
        }
        heap.put2(array, offset, value, WriteKind.ARRAY);
    }

    /** The component type is Object when the header has no class; arrays of arrays do not exist (JCVM 3.0.5, 2.2.2). */
    private void requireAssignable(int value, int componentId) {
        CardClass component = componentId == 0 ? classes.object() : classes.get(componentId);
        if (isChecked && !isInstance(value, component)) {
            throw thrower.of("java/lang/ArrayStoreException");
        }
    }

    void bastore() {
        int value = s.popShort();
        int index = s.popShort();
        int array = s.popReference();
        int offset = element(array, index, BlockKind.BYTE_ARRAY);
        heap.put1(array, offset, heap.kind(array) == BlockKind.BOOLEAN_ARRAY ? value & 1 : value, WriteKind.ARRAY);
    }

    void sastore() {
        int value = s.popShort();
        int index = s.popShort();
        int array = s.popReference();
        heap.put2(array, element(array, index, BlockKind.SHORT_ARRAY), value, WriteKind.ARRAY);
    }

    void iastore() {
        int value = s.popInt();
        int index = s.popShort();
        int array = s.popReference();
        heap.put4(array, element(array, index, BlockKind.INT_ARRAY), value, WriteKind.ARRAY);
    }

    void arraylength() {
        int array = s.popReference();
        requireNotNull(array);
        firewall.requireArray(array);
        if (isChecked && !BlockKind.isArray(heap.kind(array))) {
            throw new IllegalCode("arraylength of an object that is no array");
        }
        s.pushShort(heap.length(array));
    }

    // Creating (7.5.71 new, 7.5.73 newarray, 7.5.1 anewarray)

    void newObject(Object entry) {
        CardClass made = (CardClass) entry;
        s.pushReference(heap.newObject(made.id, made.instanceSize(), firewall.owner));
    }

    void newarray(int type) {
        ArrayType of = ArrayType.of(type);
        if (of == null || of == ArrayType.REFERENCE) {
            throw new IllegalCode("newarray of type " + type);
        }
        makeArray(type, 0);
    }

    void anewarray(Object entry) {
        makeArray(BlockKind.REFERENCE_ARRAY, ((CardClass) entry).id);
    }

    private void makeArray(int kind, int element) {
        int count = s.popShort();
        if (count < 0) {
            throw thrower.of("java/lang/NegativeArraySizeException");
        }
        s.pushReference(heap.newArray(kind, element, count, Space.PERSISTENT, firewall.owner));
    }

    // Classes (7.5.9 checkcast, 7.5.45 instanceof)

    void checkcast(int type, int index, Object[] pool) {
        int reference = s.referenceAt(s.sp - 1);
        if (reference != 0 && !isOf(reference, type, index, pool)) {
            throw thrower.of("java/lang/ClassCastException");
        }
    }

    void instanceOf(int type, int index, Object[] pool) {
        int reference = s.popReference();
        s.pushShort(reference != 0 && isOf(reference, type, index, pool) ? 1 : 0);
    }

    private boolean isOf(int reference, int type, int index, Object[] pool) {
        CardClass wanted = type == 0 || type == BlockKind.REFERENCE_ARRAY ? (CardClass) pool[index] : null;
        firewall.requireCast(reference, type == 0 ? wanted : null);
        if (type == 0) {
            return isInstance(reference, wanted);
        }
        if (type != BlockKind.REFERENCE_ARRAY) {
            return heap.kind(reference) == type;
        }
        int component = heap.classId(reference);
        return heap.kind(reference) == BlockKind.REFERENCE_ARRAY
                && (component == 0 ? classes.object() : classes.get(component)).isA(wanted);
    }

    /** Whether an object, or an array, which is an Object, is of a class. */
    boolean isInstance(int reference, CardClass wanted) {
        return typeOf(reference).isA(wanted);
    }

    /** The class of an object; Object for arrays. */
    CardClass typeOf(int reference) {
        if (!heap.isThere(reference)) {
            throw new IllegalCode("reference " + reference + " leads to no object");
        }
        return heap.kind(reference) == BlockKind.OBJECT ? classes.get(heap.classId(reference)) : classes.object();
    }

    // Methods

    /** The method that a virtual call reaches (7.5.55 invokevirtual). */
    Method virtualMethod(LoadedPackage.VirtualMethod named, int self) {
        requireNotNull(self);
        CardClass type = typeOf(self);
        if (isChecked && type != named.home() && !type.isA(named.home())) {
            throw new IllegalCode("a method of " + named.home() + " is called on an object of " + type);
        }
        Method found = named.isPackageVisible() ? packageMethod(type, named) : type.virtual(named.token());
        return fitting(found, named.arguments());
    }

    /** A subclass in another package has the table of the nearest superclass in the caller's package. */
    private static Method packageMethod(CardClass type, LoadedPackage.VirtualMethod named) {
        CardClass at = type;
        while (at != null && at.home != named.home().home) {
            at = at.superclass();
        }
        return at == null ? null : at.packageVirtual(named.token());
    }

    Method interfaceMethod(CardClass called, int token, int self, int arguments) {
        requireNotNull(self);
        return fitting(typeOf(self).implementation(called, token), arguments);
    }

    private static Method fitting(Method found, int arguments) {
        if (found == null || found.arguments != arguments) {
            throw new IllegalCode("there is no such method, or it takes other arguments");
        }
        return found;
    }

    void requireOwnObject(int reference) {
        requireNotNull(reference);
        if (isChecked && !heap.isThere(reference)) {
            throw new IllegalCode("reference " + reference + " leads to no object");
        }
    }

    /** The types of a native method's arguments; user code has a tag at each use instead. */
    void requireArguments(Method called, int base) {
        int cell = base;
        if (called.arguments > called.signature.cells()) {
            requireNotNull(s.referenceAt(cell++));
        }
        for (int i = 0; i < called.signature.count(); i++) {
            switch (called.signature.kind(i)) {
                case 'S' -> s.shortAt(cell);
                case 'I' -> s.intAt(cell++);
                case 'A' -> s.referenceAt(cell);
                case 'B' -> requireBytes(s.referenceAt(cell));
                default -> requireArgument(s.referenceAt(cell), called.signature.arguments().get(i));
            }
            cell++;
        }
    }

    private void requireBytes(int reference) {
        if (reference != 0 && heap.kind(reference) != BlockKind.BYTE_ARRAY) {
            throw new IllegalCode("an argument is no [B");
        }
    }

    private void requireArgument(int reference, String type) {
        if (reference == 0) {
            return;
        }
        boolean fits = type.charAt(0) == '[' ? isArrayOf(reference, type.charAt(1))
                : heap.kind(reference) == BlockKind.OBJECT && typeOf(reference).isNamed(type);
        if (!fits) {
            throw new IllegalCode("an argument is no " + type);
        }
    }

    private boolean isArrayOf(int reference, char type) {
        return switch (type) {
            case 'Z' -> heap.kind(reference) == BlockKind.BOOLEAN_ARRAY;
            case 'S' -> heap.kind(reference) == BlockKind.SHORT_ARRAY;
            case 'I' -> heap.kind(reference) == BlockKind.INT_ARRAY;
            default -> heap.kind(reference) == BlockKind.REFERENCE_ARRAY;
        };
    }

    /** The object of athrow (7.5.6). */
    int throwable(int reference) {
        requireNotNull(reference);
        firewall.requireThrowable(reference);
        if (isChecked && (heap.kind(reference) != BlockKind.OBJECT || !typeOf(reference).isNamed("Ljava/lang/Throwable;"))) {
            throw new IllegalCode("an object that is no Throwable is thrown");
        }
        return reference;
    }

    void requireNotNull(int reference) {
        if (reference == 0) {
            throw thrower.of(Thrower.NULL_POINTER);
        }
    }
}
