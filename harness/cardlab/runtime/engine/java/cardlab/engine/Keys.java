package cardlab.engine;

import java.math.BigInteger;

/** What the key interfaces of javacard.security check, and what operations check before they use a key. */
public final class Keys {
    private static final byte UNCOMPRESSED = 4;
    /** Of AES-XTS. */
    private static final int TWO_AES_KEYS = 512;

    private Keys() {}

    /** The value of a part as it is kept: a copy. ILLEGAL_VALUE when its length or form cannot be that of the part. */
    public static byte[] accept(KeyLayout layout, KeyPart part, byte[] value) {
        int capacity = layout.capacity(part);
        if (value.length == 0 || value.length > capacity) {
            throw EngineException.illegalValue(
                    part + " of " + value.length + " bytes in a key of " + layout.bits() + " bits");
        }
        switch (layout.family().kind()) {
            case DES, AES, KOREAN_SEED, SM4, XDH, EDDSA -> checkLength(part, value, capacity);
            case EC -> checkEc(layout, part, value);
            default -> { }
        }
        return value.clone();
    }

    private static void checkEc(KeyLayout layout, KeyPart part, byte[] value) {
        switch (part) {
            case G, W -> checkPoint(layout, part, value);
            case S -> checkPrivateValue(layout, value);
            case FIELD -> checkField(layout, value);
            default -> { }
        }
    }

    private static void checkPoint(KeyLayout layout, KeyPart part, byte[] value) {
        checkLength(part, value, layout.capacity(part));
        if (value[0] != UNCOMPRESSED) {
            throw EngineException.illegalValue(part + " is no uncompressed point (ANSI X9.62): it begins with " + value[0]);
        }
    }

    private static void checkPrivateValue(KeyLayout layout, byte[] value) {
        if (value.length < layout.bytes()) {
            throw EngineException.illegalValue("S has " + value.length + " bytes, not " + layout.bytes());
        }
        if (new BigInteger(1, value).signum() == 0) {
            throw EngineException.illegalValue("S is 0");
        }
    }

    private static void checkField(KeyLayout layout, byte[] value) {
        if (layout.family().binary() && value.length != 2 && value.length != 6) {
            throw EngineException.illegalValue("a binary field is given by one exponent or by three");
        }
    }

    private static void checkLength(KeyPart part, byte[] value, int length) {
        if (value.length != length) {
            throw EngineException.illegalValue(part + " has " + value.length + " bytes, not " + length);
        }
    }

    /** Key.isInitialized(): every part that is required is set. */
    public static boolean isInitialized(KeyData key) {
        KeyFamily family = key.layout().family();
        for (KeyPart part : family.parts()) {
            if (family.requires(part) && key.part(part) == null) {
                return false;
            }
        }
        return true;
    }

    /** UNINITIALIZED_KEY unless the key can be used. */
    static void requireInitialized(KeyData key) {
        if (!isInitialized(key)) {
            throw EngineException.uninitializedKey("a part of the " + key.layout().family() + " key is not set");
        }
    }

    /** ILLEGAL_VALUE unless the key is of this kind (and not mere domain parameters). */
    static void requireKind(KeyData key, KeyKind kind) {
        KeyFamily family = key.layout().family();
        if (family.kind() != kind || family.isParameters()) {
            throw EngineException.illegalValue("a " + family + " key where one of " + kind + " is needed");
        }
        if (kind == KeyKind.AES && key.layout().bits() == TWO_AES_KEYS) {
            throw EngineException.illegalValue("a key of 512 bits is for AES-XTS alone");
        }
    }

    /**
     * Bytes of the modulus of an RSA key: as many as it was set with. They may be fewer than the key has room for, since
     * setModulus() leaves it to the card which lengths are consistent, and then blocks are as short as the modulus.
     */
    public static int modulusBytes(KeyData key) {
        boolean isGiven = key.layout().family().parts().contains(KeyPart.MODULUS);
        return isGiven ? bytes(key, KeyPart.MODULUS).length : key.layout().bytes();
    }

    /** A part as a number that is not negative; UNINITIALIZED_KEY when it is not set. */
    static BigInteger number(KeyData key, KeyPart part) {
        return new BigInteger(1, bytes(key, part));
    }

    /** A part's bytes; UNINITIALIZED_KEY when it is not set. */
    static byte[] bytes(KeyData key, KeyPart part) {
        byte[] value = key.part(part);
        if (value == null) {
            throw EngineException.uninitializedKey(part + " is not set");
        }
        return value;
    }

    /** The number in exactly so many bytes, leading zeros included. */
    static byte[] fixed(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[length];
        int from = Math.max(0, bytes.length - length);
        System.arraycopy(bytes, from, out, length - bytes.length + from, bytes.length - from);
        return out;
    }
}
