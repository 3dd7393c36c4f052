package cardlab.vm.api.security;

import cardlab.engine.KeyData;
import cardlab.engine.KeyFamily;
import cardlab.engine.KeyLayout;
import cardlab.engine.KeyMemory;
import cardlab.engine.KeyPart;
import cardlab.engine.KeyType;
import cardlab.engine.Keys;
import cardlab.engine.NamedCurve;
import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.MemoryType;

/**
 * A key object of the card, for one native call.
 *
 * <p>Its parts are in a byte array of the memory that the key was built for: for each part two bytes of length (0: not
 * set), then the part in as much room as it can need. One write sets a part, so a power cut leaves the old or the new one.
 * The domain parameters of a key that shares them are in another key object; those of an XEC key follow from its curve.
 */
public final class CardKey implements KeyData {
    /** Fields of key objects. */
    static final int VALUE = 0;
    static final int DOMAIN = 1;
    static final int CIPHER = 2;
    private static final int FAMILY = 3;
    private static final int BITS = 4;
    private static final int MEMORY = 5;
    static final int REFERENCES = 3;
    /** In FAMILY: keys of buildXECKey(), whose BITS are the number of the curve. */
    private static final int XEC_PUBLIC = 0x110;
    private static final int XEC_PRIVATE = 0x111;
    /** Key.getType() of XEC keys. */
    static final int TYPE_XEC = -1;
    static final int SHORTS = 3;

    static final String CLASS_PREFIX = "cardlab/key/";
    private static final int LENGTH = 2;

    private final Call call;
    private final int reference;
    private final KeyLayout layout;
    /** Of XEC keys; null of others. */
    private final NamedCurve curve;
    private byte[] content;

    private CardKey(Call call, int reference) {
        this.call = call;
        this.reference = reference;
        int family = call.field(reference, FAMILY);
        curve = family >= XEC_PUBLIC ? NamedCurve.of(call.field(reference, BITS)) : null;
        layout = curve != null ? curve.layout(family == XEC_PRIVATE)
                : new KeyLayout(KeyFamily.ofAlgType(family), call.field(reference, BITS));
    }

    /**
     * The key that an applet passed. NullPointerException, SecurityException for another context's,
     * CryptoException.ILLEGAL_VALUE for an object that KeyBuilder did not make.
     */
    public static CardKey of(Call call, int reference) {
        ((NativeCall) call).requireUsable(reference);
        if (call.arrayType(reference) != null || !call.className(reference).startsWith(CLASS_PREFIX)) {
            throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
        }
        return new CardKey(call, reference);
    }

    /** The key in a field of one of our own objects; null for none. */
    public static CardKey inside(Call call, int reference) {
        return reference == 0 ? null : new CardKey(call, reference);
    }

    /** Make a key object; {@code domain} is a key whose domain parameters it shares, or 0. */
    static int build(Call call, KeyType type, KeyLayout layout, boolean encrypted, int domain) {
        int made = call.newObject(className(layout.family(), encrypted));
        call.setField(made, DOMAIN, domain);
        call.setField(made, FAMILY, layout.family().algType());
        call.setField(made, BITS, layout.bits());
        call.setField(made, MEMORY, type.memory().ordinal());
        if (!takesMemoryLate(call, layout)) {
            new CardKey(call, made).allocate();
        }
        return made;
    }

    /** Make an XEC key; {@code spec} is the object that getParams() gives. */
    static int build(Call call, NamedCurve curve, boolean isPrivate, KeyMemory memory, boolean encrypted, int spec) {
        int made = call.newObject(xecClassName(isPrivate, encrypted));
        call.setField(made, DOMAIN, spec);
        call.setField(made, FAMILY, isPrivate ? XEC_PRIVATE : XEC_PUBLIC);
        call.setField(made, BITS, curve.number());
        call.setField(made, MEMORY, memory.ordinal());
        new CardKey(call, made).allocate();
        return made;
    }

    static String xecClassName(boolean isPrivate, boolean encrypted) {
        return CLASS_PREFIX + (isPrivate ? "XEC_PRIVATE" : "XEC_PUBLIC") + (encrypted ? "_ENCRYPTED" : "");
    }

    /** The curve of an XEC key, null of others. */
    NamedCurve curve() {
        return curve;
    }

    /** Bytes of an encoded XEC key: a point, or a private value. */
    int encodedLength() {
        return layout.family().isPrivate() ? curve.bytes() : layout.capacity(KeyPart.W);
    }

    /** The one part of an XEC key that is not its curve's: W or S. */
    KeyPart encoded() {
        return layout.family().isPrivate() ? KeyPart.S : KeyPart.W;
    }

    static String className(KeyFamily family, boolean encrypted) {
        return CLASS_PREFIX + family + (encrypted ? "_ENCRYPTED" : "");
    }

    /** Some cards take the memory of an RSA key when it is generated or set: {@code crypto.rsa-memory=generation}. */
    private static boolean takesMemoryLate(Call call, KeyLayout layout) {
        return layout.family().kind() == cardlab.engine.KeyKind.RSA
                && call.property("crypto.rsa-memory", "build").equals("generation");
    }

    private void allocate() {
        int size = 0;
        for (KeyPart part : layout.family().parts()) {
            size += owns(part) ? LENGTH + layout.capacity(part) : 0;
        }
        MemoryType memory = MemoryType.values()[call.field(reference, MEMORY)];
        call.setField(reference, VALUE, call.newArray(ArrayType.BYTE, size, memory));
    }

    private boolean owns(KeyPart part) {
        if (curve != null) {
            return part == encoded();
        }
        KeyFamily domain = layout.family().parameters();
        return call.refField(reference, DOMAIN) == 0 || domain == null || !domain.parts().contains(part);
    }

    private CardKey holder(KeyPart part) {
        return owns(part) ? this : new CardKey(call, call.refField(reference, DOMAIN));
    }

    /** The object that has the domain parameters: another one when this key shares them itself. */
    int sharedDomain() {
        int shared = call.refField(reference, DOMAIN);
        return shared == 0 ? reference : shared;
    }

    KeyMemory memory() {
        return KeyMemory.of(call.field(reference, MEMORY));
    }

    KeyType type() {
        return new KeyType(layout.family(), KeyMemory.of(call.field(reference, MEMORY)));
    }

    @Override
    public KeyLayout layout() {
        return layout;
    }

    @Override
    public byte[] part(KeyPart part) {
        if (curve != null && !owns(part)) {
            return curve.part(part);
        }
        return holder(part).own(part);
    }

    private byte[] own(KeyPart part) {
        byte[] all = content();
        if (all.length == 0) {
            return null;
        }
        int at = offset(part);
        int length = (all[at] & 0xFF) << 8 | all[at + 1] & 0xFF;
        return length == 0 ? null : java.util.Arrays.copyOfRange(all, at + LENGTH, at + LENGTH + length);
    }

    private byte[] content() {
        if (content == null) {
            int value = call.refField(reference, VALUE);
            content = value == 0 ? new byte[0] : call.inside(value);
        }
        return content;
    }

    private int offset(KeyPart wanted) {
        int at = 0;
        for (KeyPart part : layout.family().parts()) {
            if (part == wanted) {
                return at;
            }
            at += owns(part) ? LENGTH + layout.capacity(part) : 0;
        }
        throw new IllegalArgumentException("no " + wanted);
    }

    /** Set a part; ILLEGAL_VALUE when it is not acceptable. Where domain parameters are shared, all that share them change. */
    void set(KeyPart part, byte[] value) {
        if (curve != null && value.length != encodedLength()) {
            throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
        }
        byte[] accepted = Keys.accept(layout, part, value);
        holder(part).write(part, accepted);
        content = null;
    }

    private void write(KeyPart part, byte[] value) {
        if (call.refField(reference, VALUE) == 0) {
            allocate();
        }
        byte[] room = new byte[LENGTH + layout.capacity(part)];
        room[0] = (byte) (value.length >> 8);
        room[1] = (byte) value.length;
        System.arraycopy(value, 0, room, LENGTH, value.length);
        call.writeInside(call.refField(reference, VALUE), offset(part), room);
        content = null;
    }

    /**
     * Key.clearKey(): all that is this key's own, part after part, but for those that are clear. The first part that is gone
     * makes the key uninitialized, so no change needs more of the commit buffer than the longest part.
     */
    void clear() {
        int value = call.refField(reference, VALUE);
        for (KeyPart part : layout.family().parts()) {
            if (value != 0 && owns(part) && own(part) != null) {
                call.writeInside(value, offset(part), new byte[LENGTH + layout.capacity(part)]);
            }
        }
        content = null;
    }
}
