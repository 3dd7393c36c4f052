package cardlab.jcardsim;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** How each object of a card is reached first: a path like {@code com.example.Purse.pin.value}, and the last holder. */
final class Holders {
    private final Map<Object, String> names = new IdentityHashMap<>();
    private final Map<Object, String> holders = new IdentityHashMap<>();

    /** Of objects in the order in which they are found from the applets. */
    Holders(List<Object> objects) {
        for (Object object : objects) {
            names.computeIfAbsent(object, found -> found.getClass().getTypeName());
            if (object instanceof Object[] array) {
                for (int i = 0; i < array.length; i++) {
                    held(array[i], object, "[" + i + "]");
                }
            } else if (!object.getClass().isArray()) {
                Inspector.fieldsOf(object).forEach((name, field) -> {
                    if (!field.getType().isPrimitive()) {
                        held(Heap.get(field, object), object, "." + name);
                    }
                });
            }
        }
    }

    private void held(Object object, Object holder, String step) {
        if (object != null && names.putIfAbsent(object, names.get(holder) + step) == null) {
            holders.put(object, holder.getClass().getTypeName());
        }
    }

    String nameOf(Object object) {
        return names.get(object);
    }

    /** The class of the object that holds it; empty for an applet and what static fields hold. */
    String holderOf(Object object) {
        return holders.getOrDefault(object, "");
    }
}
