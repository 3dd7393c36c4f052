package cardlab.jcardsim;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A look into a card's memory, for tests: nothing on the card sees it. */
public final class Inspector {
    /** A piece of memory; {@code memory} is a name of cardlab.runtime.inspector.Memory. */
    public record Block(String memory, String name, byte[] content, String holder) {}

    private static final String ELEMENTS = "elements";

    private final CardRuntime card;

    public Inspector(CardRuntime card) {
        this.card = card;
    }

    /** Everything that holds bytes: the buffers, the arrays and numbers that applets reach, the image of the card. */
    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        card.buffers().forEach((name, content) -> blocks.add(new Block("BUFFER", name, content, "")));
        List<Object> objects = card.objects();
        Holders holders = new Holders(objects);
        for (Object object : objects) {
            byte[] content = bytesOf(object);
            if (content.length != 0) {
                String memory = isPersistent(object) ? "EEPROM" : "RAM";
                blocks.add(new Block(memory, holders.nameOf(object), content, holders.holderOf(object)));
            }
        }
        blocks.add(new Block("EEPROM", "image of the card", card.save(), ""));
        return blocks;
    }

    /** The content of an array or number, big-endian; nothing for other objects. */
    private static byte[] bytesOf(Object object) {
        if (object instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (object instanceof BigInteger number) {
            return number.toByteArray();
        }
        if (object instanceof short[] shorts) {
            byte[] bytes = new byte[2 * shorts.length];
            for (int i = 0; i < shorts.length; i++) {
                bytes[2 * i] = (byte) (shorts[i] >> 8);
                bytes[2 * i + 1] = (byte) shorts[i];
            }
            return bytes;
        }
        return new byte[0];
    }

    /** The objects of a class, or all when the name is empty, in the order in which they are found from the applets. */
    public List<Object> objects(String className) {
        List<Object> found = new ArrayList<>();
        for (Object object : card.objects()) {
            if (className.isEmpty() || className(object).equals(className)) {
                found.add(object);
            }
        }
        return found;
    }

    /** The applet object of an instance, of the selected one when the AID is empty; null when there is none. */
    public Object applet(byte[] instanceAid) {
        return card.appletOf(instanceAid);
    }

    public String className(Object object) {
        return object.getClass().getTypeName();
    }

    public boolean isPersistent(Object object) {
        return !card.isTransient(object);
    }

    /** Names of the fields of an object, those of its class first; an array has one, {@code elements}. */
    public List<String> fields(Object object) {
        if (object.getClass().isArray()) {
            return List.of(ELEMENTS);
        }
        if (ApiObjects.has(object)) {
            return new ArrayList<>(card.inside(() -> ApiObjects.fields(object)).keySet());
        }
        return new ArrayList<>(fieldsOf(object).keySet());
    }

    /** What a field holds: a boxed number or truth value, an array, an object, or null. */
    public Object field(Object object, String name) {
        if (object.getClass().isArray()) {
            return object;
        }
        if (ApiObjects.has(object)) {
            return card.inside(() -> ApiObjects.fields(object)).get(name);
        }
        return Heap.get(fieldsOf(object).get(name), object);
    }

    /** Put bytes into an array that a field holds; false when it holds none of that length. */
    public boolean put(Object object, String name, byte[] content) {
        Object found = field(object, name);
        if (found instanceof byte[] array && array.length == content.length) {
            System.arraycopy(content, 0, array, 0, content.length);
            return true;
        }
        if (found instanceof short[] array && Short.BYTES * array.length == content.length) {
            ByteBuffer.wrap(content).asShortBuffer().get(array);
            return true;
        }
        return false;
    }

    static Map<String, Field> fieldsOf(Object object) {
        Map<String, Field> fields = new LinkedHashMap<>();
        for (Class<?> type = object.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
            if (type.getName().startsWith("java.")) {
                break; // not opened to us, and nothing of a card's
            }
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
                    field.setAccessible(true);
                    fields.putIfAbsent(field.getName(), field);
                }
            }
        }
        return fields;
    }
}
