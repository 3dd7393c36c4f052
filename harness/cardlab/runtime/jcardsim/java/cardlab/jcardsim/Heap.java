package cardlab.jcardsim;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Finds the objects of a card: everything that applets reach from their instance and from static fields. */
final class Heap {
    private final Map<Object, Object> seen = new IdentityHashMap<>(512);
    private final List<Object> objects = new ArrayList<>(256);
    private int followed;

    /** Add an object unless it is null or known; what it refers to is found by follow(). */
    void add(Object object) {
        if (object != null && seen.put(object, object) == null) {
            objects.add(object);
        }
    }

    /** Leave an object out, now and later. */
    void exclude(Object object) {
        seen.put(object, object);
    }

    /** Add an object that was left out. */
    void include(Object object) {
        objects.add(object);
    }

    boolean knows(Object object) {
        return seen.containsKey(object);
    }

    void addStatics(PackageCode code) {
        for (Field field : code.statics()) {
            if (!field.getType().isPrimitive()) {
                add(get(field, null));
            }
        }
    }

    /** Add everything that the known objects lead to. */
    void follow() {
        while (followed < objects.size()) {
            Object object = objects.get(followed++);
            if (object instanceof Object[] array) {
                for (Object element : array) {
                    add(element);
                }
                continue;
            }
            Shape shape = Shape.of(object.getClass());
            if (!shape.leaf) {
                for (Field field : shape.references) {
                    add(get(field, object));
                }
            }
        }
    }

    /** The objects found so far, in the order in which they were found. */
    List<Object> objects() {
        return objects;
    }

    static Object get(Field field, Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static void set(Field field, Object owner, Object value) {
        try {
            field.set(owner, value);
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
