package cardlab.jcardsim;

import com.licel.jcardsim.base.TransientMemory;
import com.licel.jcardsim.crypto.ByteContainer;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;

/** A card's transient arrays, with a quota, and an owner for each. */
final class TransientStore extends TransientMemory {
    /** An array with the event that clears it; {@code owner} is the AID of the instance that made it. */
    record Entry(Object array, byte event, int bytes, byte[] owner) {}

    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final byte[] NOBODY = {};

    private final List<Entry> entries = new ArrayList<>();
    private final Map<Object, Entry> byArray = new IdentityHashMap<>();
    private final Limits limits;
    private Supplier<byte[]> context = () -> NOBODY;

    TransientStore(Limits limits) {
        this.limits = limits;
    }

    /** Who is asked for the AID of the running instance. */
    void setContext(Supplier<byte[]> running) {
        context = running;
    }

    boolean holds(Object array) {
        return byArray.containsKey(array);
    }

    List<Entry> entries() {
        return entries;
    }

    Entry entry(Object array) {
        return byArray.get(array);
    }

    int mark() {
        return entries.size();
    }

    void forgetSince(int mark) {
        while (entries.size() > mark) {
            byArray.remove(entries.remove(entries.size() - 1).array());
        }
    }

    void forgetOwnedBy(byte[] owner) {
        entries.removeIf(entry -> {
            boolean his = Arrays.equals(entry.owner(), owner);
            if (his) {
                byArray.remove(entry.array());
            }
            return his;
        });
    }

    /** Keep those that the heap reaches (object deletion). */
    void forgetUnreachable(Heap heap) {
        entries.removeIf(entry -> {
            boolean unreachable = !heap.knows(entry.array());
            if (unreachable) {
                byArray.remove(entry.array());
            }
            return unreachable;
        });
    }

    /** Register an array that comes out of a saved card. */
    void adopt(Entry entry) {
        entries.add(entry);
        byArray.put(entry.array(), entry);
    }

    int availableUntilReset() {
        return limits.untilReset() - used(JCSystem.CLEAR_ON_RESET, null);
    }

    int availableUntilDeselect() {
        return limits.untilDeselect() - used(JCSystem.CLEAR_ON_DESELECT, context.get());
    }

    private int used(byte event, byte[] owner) {
        int used = 0;
        for (Entry entry : entries) {
            if (entry.event() == event && (owner == null || Arrays.equals(entry.owner(), owner))) {
                used += entry.bytes();
            }
        }
        return used;
    }

    void clearAtDeselect() {
        zero(JCSystem.CLEAR_ON_DESELECT);
    }

    void clearAtReset() {
        zero(JCSystem.CLEAR_ON_DESELECT);
        zero(JCSystem.CLEAR_ON_RESET);
    }

    private void zero(byte event) {
        for (Entry entry : entries) {
            if (entry.event() == event) {
                Object array = entry.array();
                if (array instanceof byte[] bytes) {
                    Arrays.fill(bytes, (byte) 0);
                } else {
                    Object zeros = Array.newInstance(array.getClass().getComponentType(), Array.getLength(array));
                    System.arraycopy(zeros, 0, array, 0, Array.getLength(array));
                }
            }
        }
    }

    @Override
    public boolean[] makeBooleanArray(short length, byte event) {
        return made(new boolean[length], event, length);
    }

    @Override
    public byte[] makeByteArray(int length, byte event) {
        return made(new byte[length], event, length);
    }

    @Override
    public short[] makeShortArray(short length, byte event) {
        return made(new short[length], event, 2 * length);
    }

    @Override
    public Object[] makeObjectArray(short length, byte event) {
        return made(new Object[length], event, MemoryModel.REFERENCE * length);
    }

    @Override
    public byte isTransient(Object array) {
        Entry entry = byArray.get(array);
        return entry == null ? JCSystem.NOT_A_TRANSIENT_OBJECT : entry.event();
    }

    private <T> T made(T array, byte event, int bytes) {
        if (event != JCSystem.CLEAR_ON_RESET && event != JCSystem.CLEAR_ON_DESELECT) {
            SystemException.throwIt(SystemException.ILLEGAL_VALUE);
        }
        // jCardSim's ciphers take a scratch array at every init(); those are not the applet's and live for one use.
        if (isScratch()) {
            return array;
        }
        int available = event == JCSystem.CLEAR_ON_RESET ? availableUntilReset() : availableUntilDeselect();
        if (bytes > available) {
            SystemException.throwIt(SystemException.NO_TRANSIENT_SPACE);
        }
        adopt(new Entry(array, event, bytes, context.get()));
        return array;
    }

    private static boolean isScratch() {
        Class<?> caller = CALLERS.walk(frames -> frames
                .map(StackWalker.StackFrame::getDeclaringClass)
                .filter(type -> type != TransientStore.class && type != JCSystem.class)
                .findFirst()
                .orElseThrow());
        return caller != ByteContainer.class && caller.getName().startsWith("com.licel.");
    }
}
