package cardlab.jcardsim;

import com.licel.jcardsim.crypto.ByteContainer;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.AID;
import javacard.framework.OwnerPIN;
import javacard.security.Key;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;

/**
 * What things take in a card's persistent memory, in bytes. No card's real numbers: a fixed model with the proportions of
 * a card with 16-bit references, described in docs/reference/runtime.md.
 */
final class MemoryModel {
    static final int REFERENCE = 2;

    private static final int OBJECT_HEADER = 8;
    private static final int ARRAY_HEADER = 8;
    private static final int ENGINE = 64;
    private static final int INSTANCE = 32;
    private static final int CURVE_COMPONENTS = 6;

    private MemoryModel() {}

    /** A field or array element of this type. */
    static int sizeOf(Class<?> type) {
        if (type == boolean.class || type == byte.class) {
            return 1;
        }
        return type == int.class ? 4 : 2;
    }

    /** What the registry of applets keeps for an instance beside its objects. */
    static int instance() {
        return INSTANCE;
    }

    /** All these objects together. */
    static int objects(List<Object> objects, TransientStore transients) {
        Map<Object, Object> parts = new IdentityHashMap<>();
        for (Object object : objects) {
            if (object instanceof ByteContainer || object instanceof OwnerPIN) {
                for (Field field : Shape.of(object.getClass()).references) {
                    parts.put(Heap.get(field, object), object);
                }
            }
        }
        int size = 0;
        for (Object object : objects) {
            size += parts.containsKey(object) ? 0 : object(object, transients);
        }
        return size;
    }

    /** One object by itself. Of a transient array only the header is persistent. */
    private static int object(Object object, TransientStore transients) {
        Class<?> type = object.getClass();
        if (type.isArray()) {
            int content = Array.getLength(object) * sizeOf(type.getComponentType());
            return ARRAY_HEADER + (transients.holds(object) ? 0 : content);
        }
        if (object instanceof Key key) {
            return OBJECT_HEADER + key(key);
        }
        if (object instanceof KeyPair) {
            return OBJECT_HEADER + 2 * REFERENCE;
        }
        if (object instanceof OwnerPIN pin) {
            return OBJECT_HEADER + 4 + pin.maximumSize();
        }
        if (object instanceof AID aid) {
            return OBJECT_HEADER + aid.getBytes(new byte[16], (short) 0);
        }
        return plain(type);
    }

    /** What jCardSim makes a key or key pair of is counted with the whole; everything else by its fields. */
    private static int plain(Class<?> type) {
        Shape shape = Shape.of(type);
        if (shape.engine) {
            return ENGINE;
        }
        if (type.getName().startsWith("com.licel.") || type.getName().startsWith("cardlab.jcardsim.")) {
            return 0;
        }
        int size = OBJECT_HEADER;
        for (Field field : shape.fields) {
            size += sizeOf(field.getType());
        }
        return size;
    }

    /** Room for every component at the key's full size, whether it is set or not. */
    private static int key(Key key) {
        int size = (key.getSize() + 7) / 8;
        return switch (key.getType()) {
            case KeyBuilder.TYPE_RSA_PUBLIC -> size + 4;
            case KeyBuilder.TYPE_RSA_PRIVATE -> 2 * size;
            case KeyBuilder.TYPE_RSA_CRT_PRIVATE -> 5 * size / 2;
            case KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.TYPE_EC_F2M_PUBLIC -> (CURVE_COMPONENTS + 2) * size + 2;
            case KeyBuilder.TYPE_EC_FP_PRIVATE, KeyBuilder.TYPE_EC_F2M_PRIVATE -> (CURVE_COMPONENTS + 1) * size + 2;
            case KeyBuilder.TYPE_DSA_PUBLIC, KeyBuilder.TYPE_DSA_PRIVATE,
                    KeyBuilder.TYPE_DH_PUBLIC, KeyBuilder.TYPE_DH_PRIVATE -> 4 * size;
            case KeyBuilder.TYPE_AES, KeyBuilder.TYPE_DES, KeyBuilder.TYPE_HMAC, KeyBuilder.TYPE_KOREAN_SEED -> size;
            default -> 0; // transient keys: their bytes are counted as transient memory
        };
    }
}
