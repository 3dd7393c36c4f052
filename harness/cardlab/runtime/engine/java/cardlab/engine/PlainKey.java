package cardlab.engine;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** A key in Java's memory, for uses of the engine without a card. */
public final class PlainKey implements KeyData {
    private final KeyLayout layout;
    private final Map<KeyPart, byte[]> parts = new EnumMap<>(KeyPart.class);

    public PlainKey(KeyLayout layout) {
        this.layout = layout;
    }

    @Override
    public KeyLayout layout() {
        return layout;
    }

    @Override
    public byte[] part(KeyPart part) {
        byte[] value = parts.get(part);
        return value == null ? null : value.clone();
    }

    /** Set a part; ILLEGAL_VALUE when it is not acceptable. */
    public void set(KeyPart part, byte[] value) {
        parts.put(part, Keys.accept(layout, part, value));
    }

    /** Take over generated parts. */
    public void setAll(Map<KeyPart, byte[]> values) {
        values.forEach(this::set);
    }

    /** Key.clearKey(). */
    public void clear() {
        parts.values().forEach(value -> Arrays.fill(value, (byte) 0));
        parts.clear();
    }
}
