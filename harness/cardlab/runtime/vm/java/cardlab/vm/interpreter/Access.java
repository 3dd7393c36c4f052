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

/**
 * What instructions do to objects and static fields (JCVM 3.0.5, 7.5), operands and results as values: shorts as ints with
 * their sign, references without. The interpreter and translated code share it. Without checks of the card's own code
 * nothing compares the kinds of objects, as on a card that trusts its verifier.
 */
public final class Access {
    private static final int MOST_PACKAGES = 256;

    private final Stack s;
    private final Heap heap;
    private final ClassTable classes;
    private final Thrower thrower;
    private final Firewall firewall;
    private final int[] statics = new int[MOST_PACKAGES];
    private final boolean isChecked;

    Access(Interpreter interpreter) {
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

    void setStatics(int[] addresses) {
        System.arraycopy(addresses, 0, statics, 0, MOST_PACKAGES);
    }

    int contextOf(int owner) {
        return owner == 0 ? 0 : heap.contexts().contextOf(owner);
    }

    // Fields (7.5.21 getfield, 7.5.76 putfield)

    /** Offset in bytes of a field in an object that may be used. */
    private int field(LoadedPackage.InstanceField named, int reference) {
        requireNotNull(reference);
        firewall.requireObject(reference);
        if (isChecked) {
            requireKind(reference, named.home());
        }
        return 2 * named.cell();
    }

    private void requireKind(int reference, CardClass home) {
        boolean isObject = heap.kind(reference) == BlockKind.OBJECT;
        int id = heap.classId(reference);
        if (!isObject || id != home.id && !classes.get(id).isA(home)) {
            throw new IllegalCode("an object that is no " + home + " is used as one");
        }
    }

    public int getfield_a(LoadedPackage.InstanceField named, int reference) {
        return heap.getReference(reference, field(named, reference));
    }

    public int getfield_b(LoadedPackage.InstanceField named, int reference) {
        return (byte) heap.get2(reference, field(named, reference));
    }

    public int getfield_s(LoadedPackage.InstanceField named, int reference) {
        return heap.get2(reference, field(named, reference));
    }

    public int getfield_i(LoadedPackage.InstanceField named, int reference) {
        return heap.get4(reference, field(named, reference));
    }

    public void putfield_a(LoadedPackage.InstanceField named, int reference, int value) {
        int offset = field(named, reference);
        firewall.requireStorable(value);
        heap.put2(reference, offset, value, WriteKind.FIELD);
    }

    public void putfield_b(LoadedPackage.InstanceField named, int reference, int value) {
        heap.put2(reference, field(named, reference), (byte) value, WriteKind.FIELD);
    }

    public void putfield_s(LoadedPackage.InstanceField named, int reference, int value) {
        heap.put2(reference, field(named, reference), value, WriteKind.FIELD);
    }

    public void putfield_i(LoadedPackage.InstanceField named, int reference, int value) {
        heap.put4(reference, field(named, reference), value, WriteKind.FIELD);
    }

    // Static fields (7.5.23 getstatic, 7.5.78 putstatic)

    private int place(LoadedPackage.StaticField named) {
        return statics[named.home().number] + named.offset();
    }

    public int getstatic_a(LoadedPackage.StaticField named) {
        return heap.nvm().get2(place(named));
    }

    public int getstatic_b(LoadedPackage.StaticField named) {
        return (byte) heap.nvm().get1(place(named));
    }

    public int getstatic_s(LoadedPackage.StaticField named) {
        return (short) heap.nvm().get2(place(named));
    }

    public int getstatic_i(LoadedPackage.StaticField named) {
        return heap.nvm().get4(place(named));
    }

    public void putstatic_a(LoadedPackage.StaticField named, int value) {
        firewall.requireStorable(value);
        saved(place(named), 2).put2(place(named), value, WriteKind.STATIC);
    }

    public void putstatic_b(LoadedPackage.StaticField named, int value) {
        saved(place(named), 1).put1(place(named), value, WriteKind.STATIC);
    }

    public void putstatic_s(LoadedPackage.StaticField named, int value) {
        saved(place(named), 2).put2(place(named), value, WriteKind.STATIC);
    }

    public void putstatic_i(LoadedPackage.StaticField named, int value) {
        saved(place(named), 4).put4(place(named), value, WriteKind.STATIC);
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

    public int aaload(int array, int index) {
        return heap.getReference(array, element(array, index, BlockKind.REFERENCE_ARRAY));
    }

    public int baload(int array, int index) {
        return heap.get1(array, element(array, index, BlockKind.BYTE_ARRAY));
    }

    public int saload(int array, int index) {
        return heap.get2(array, element(array, index, BlockKind.SHORT_ARRAY));
    }

    public int iaload(int array, int index) {
        return heap.get4(array, element(array, index, BlockKind.INT_ARRAY));
    }

    public void aastore(int array, int index, int value) {
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

    public void bastore(int array, int index, int value) {
        int offset = element(array, index, BlockKind.BYTE_ARRAY);
        heap.put1(array, offset, heap.kind(array) == BlockKind.BOOLEAN_ARRAY ? value & 1 : value, WriteKind.ARRAY);
    }

    public void sastore(int array, int index, int value) {
        heap.put2(array, element(array, index, BlockKind.SHORT_ARRAY), value, WriteKind.ARRAY);
    }

    public void iastore(int array, int index, int value) {
        heap.put4(array, element(array, index, BlockKind.INT_ARRAY), value, WriteKind.ARRAY);
    }

    public int arraylength(int array) {
        requireNotNull(array);
        firewall.requireArray(array);
        if (isChecked && !BlockKind.isArray(heap.kind(array))) {
            throw new IllegalCode("arraylength of an object that is no array");
        }
        return (short) heap.length(array);
    }

    // Creating (7.5.71 new, 7.5.73 newarray, 7.5.1 anewarray)

    public int newObject(CardClass made) {
        return heap.newObject(made.id, made.instanceSize(), firewall.owner);
    }

    public int newarray(int type, int count) {
        ArrayType of = ArrayType.of(type);
        if (of == null || of == ArrayType.REFERENCE) {
            throw new IllegalCode("newarray of type " + type);
        }
        return makeArray(type, 0, count);
    }

    public int anewarray(CardClass element, int count) {
        return makeArray(BlockKind.REFERENCE_ARRAY, element.id, count);
    }

    private int makeArray(int kind, int element, int count) {
        if (count < 0) {
            throw thrower.of("java/lang/NegativeArraySizeException");
        }
        return heap.newArray(kind, element, count, Space.PERSISTENT, firewall.owner);
    }

    // Classes (7.5.9 checkcast, 7.5.45 instanceof); the class is null where the type is that of a primitive array

    public void checkcast(int type, CardClass wanted, int reference) {
        if (reference != 0 && !isOf(reference, type, wanted)) {
            throw thrower.of("java/lang/ClassCastException");
        }
    }

    public int instanceOf(int type, CardClass wanted, int reference) {
        return reference != 0 && isOf(reference, type, wanted) ? 1 : 0;
    }

    /** Whether this type of checkcast and instanceof comes with a class. */
    public static boolean namesClass(int type) {
        return type == 0 || type == BlockKind.REFERENCE_ARRAY;
    }

    private boolean isOf(int reference, int type, CardClass wanted) {
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

    /** The divisor of sdiv, idiv, srem, irem. */
    public int divisor(int value) {
        if (value == 0) {
            throw thrower.of("java/lang/ArithmeticException");
        }
        return value;
    }

    // Methods

    /** The method that a virtual call reaches (7.5.55 invokevirtual). */
    Method virtualMethod(LoadedPackage.VirtualMethod named, int self) {
        requireNotNull(self);
        CardClass type = typeOf(self);
        if (isChecked && type != named.home() && !type.isA(named.home())) {
            throw new IllegalCode("a method of " + named.home() + " is called on an object of " + type);
        }
        Method found = named.isPackageVisible() ? packageMethod(type, named)
                : type.virtual(named.home(), named.token());
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

    /**
     * The object of invokespecial. Code of the card is checked at each use of it; a method of the API is not, so its object
     * has to be one of the declaring class, and of this context.
     */
    void requireOwnObject(Method called, int reference) {
        requireNotNull(reference);
        if (isChecked && !heap.isThere(reference)) {
            throw new IllegalCode("reference " + reference + " leads to no object");
        }
        if (called.isNative()) {
            firewall.requireObject(reference);
            if (isChecked && !isInstance(reference, called.declaring)) {
                throw new IllegalCode("a method of " + called.declaring + " is called on an object of " + typeOf(reference));
            }
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
        if (isObject(type)) {
            firewall.requireArgument(reference);
        }
        boolean fits = type.charAt(0) == '[' ? isArrayOf(reference, type.charAt(1))
                : heap.kind(reference) == BlockKind.OBJECT && typeOf(reference).isNamed(type);
        if (!fits) {
            throw new IllegalCode("an argument is no " + type);
        }
    }

    /** Of a class with content that the API looks at. */
    private static boolean isObject(String type) {
        return type.charAt(0) == 'L' && !type.equals("Ljava/lang/Object;");
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
