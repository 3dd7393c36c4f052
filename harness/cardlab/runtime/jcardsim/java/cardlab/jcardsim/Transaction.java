package cardlab.jcardsim;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The card's persistent memory as it was at one moment, and the way back to it (JCRE 3.0.4, chapter 7).
 *
 * <p>Contents of transient arrays are not part of it, nor is the inner state of cryptographic engines.
 */
final class Transaction {
    private final Object[] objects;
    /** For each object a copy of the array, the values of its variables, or null when nothing in it is persistent. */
    private final Object[] contents;
    private final List<Field> statics = new ArrayList<>();
    private final Object[] staticValues;
    private final List<byte[]> changed = new ArrayList<>();
    private final List<byte[]> renewed = new ArrayList<>();
    private final int transientMark;

    /** Remember everything in {@code heap}, which has been followed, and the static fields of {@code packages}. */
    Transaction(Heap heap, Iterable<PackageCode> packages, TransientStore transients) {
        objects = heap.objects().toArray();
        contents = new Object[objects.length];
        for (int i = 0; i < objects.length; i++) {
            contents[i] = copy(objects[i], transients);
        }
        for (PackageCode code : packages) {
            for (Field field : code.statics()) {
                if (!Modifier.isFinal(field.getModifiers())) {
                    statics.add(field);
                }
            }
        }
        staticValues = new Object[statics.size()];
        for (int i = 0; i < staticValues.length; i++) {
            staticValues[i] = Heap.get(statics.get(i), null);
        }
        transientMark = transients.mark();
    }

    private static Object copy(Object object, TransientStore transients) {
        if (object instanceof byte[] bytes) {
            return transients.holds(object) ? null : bytes.clone();
        }
        if (object.getClass().isArray()) {
            return transients.holds(object) ? null : copyOf(object);
        }
        Shape shape = Shape.of(object.getClass());
        if (shape.leaf || shape.variables.length == 0) {
            return null;
        }
        Object[] values = new Object[shape.variables.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Heap.get(shape.variables[i], object);
        }
        return values;
    }

    private static Object copyOf(Object array) {
        int length = Array.getLength(array);
        Object copy = Array.newInstance(array.getClass().getComponentType(), length);
        System.arraycopy(array, 0, copy, 0, length);
        return copy;
    }

    /** Put everything back, and forget the transient arrays that were made since. */
    void undo(TransientStore transients) {
        for (int i = 0; i < objects.length; i++) {
            Object object = objects[i];
            Object content = contents[i];
            if (content == null) {
                continue;
            }
            if (object.getClass().isArray()) {
                System.arraycopy(content, 0, object, 0, Array.getLength(object));
                continue;
            }
            Field[] variables = Shape.of(object.getClass()).variables;
            for (int j = 0; j < variables.length; j++) {
                Heap.set(variables[j], object, ((Object[]) content)[j]);
            }
        }
        for (int i = 0; i < staticValues.length; i++) {
            Heap.set(statics.get(i), null, staticValues[i]);
        }
        transients.forgetSince(transientMark);
    }

    /**
     * Make the present content of an array the one that undo() goes back to. When the transaction has changed it, count
     * the first byte there instead, not below 0; tells whether that was done. What was renewed is left alone.
     */
    boolean keep(byte[] array, int change) {
        int place = isIn(renewed, array) ? -1 : placeOf(array);
        if (place < 0) {
            return false;
        }
        byte[] saved = (byte[]) contents[place];
        if (!isIn(changed, array)) {
            System.arraycopy(array, 0, saved, 0, array.length);
            return false;
        }
        boolean isCounted = saved[0] + change >= 0;
        saved[0] += (byte) (isCounted ? change : 0);
        return isCounted;
    }

    private int placeOf(byte[] array) {
        for (int i = 0; i < objects.length; i++) {
            if (objects[i] == array && contents[i] != null) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isIn(List<byte[]> arrays, byte[] wanted) {
        return arrays.stream().anyMatch(one -> one == wanted);
    }

    /** The transaction has changed the array: undo() goes back to what it was before, and what keep() counted. */
    void own(byte[] array) {
        changed.add(array);
    }

    /** The array is the transaction's own: keep() leaves it alone. */
    void renew(byte[] array) {
        renewed.add(array);
    }

    /** Bytes, by the sizes of a card, that differ now from what they were. */
    int changedBytes() {
        int changed = 0;
        for (int i = 0; i < objects.length; i++) {
            if (contents[i] != null) {
                changed += changedBytes(objects[i], contents[i]);
            }
        }
        for (int i = 0; i < staticValues.length; i++) {
            changed += cost(Heap.get(statics.get(i), null), staticValues[i], statics.get(i).getType());
        }
        return changed;
    }

    private static int changedBytes(Object object, Object content) {
        if (object instanceof byte[] now) {
            return changedBytes(now, (byte[]) content);
        }
        int changed = 0;
        if (object.getClass().isArray()) {
            Class<?> type = object.getClass().getComponentType();
            for (int i = 0; i < Array.getLength(object); i++) {
                changed += cost(Array.get(object, i), Array.get(content, i), type);
            }
            return changed;
        }
        Field[] variables = Shape.of(object.getClass()).variables;
        for (int i = 0; i < variables.length; i++) {
            changed += cost(Heap.get(variables[i], object), ((Object[]) content)[i], variables[i].getType());
        }
        return changed;
    }

    private static int changedBytes(byte[] now, byte[] then) {
        int changed = 0;
        int first = Arrays.mismatch(now, then);
        for (int i = first < 0 ? now.length : first; i < now.length; i++) {
            changed += now[i] == then[i] ? 0 : 1;
        }
        return changed;
    }

    private static int cost(Object now, Object then, Class<?> type) {
        boolean same = now == then || type.isPrimitive() && now.equals(then);
        return same ? 0 : MemoryModel.sizeOf(type);
    }
}
