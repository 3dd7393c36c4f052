package jpki.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;

/**
 * A state that is kept twice, as it is and as its complement. Whoever decides by it asks {@link #value} and, a second
 * time, {@link #again}: one cell that is changed or misread makes the two differ.
 */
final class Twin {

    private static final short VALUE = 0;
    private static final short COMPLEMENT = 1;
    private static final short CELLS = 2;

    private final short[] cells;

    private Twin(short[] cells) {
        this.cells = cells;
    }

    /**
     * What changes later changes in a transaction, or a tear might part the two; else it refuses, so that nothing changes by
     * the way. Where several things change, it is the first.
     */
    static Twin persistent(short value) {
        Twin made = new Twin(new short[CELLS]);
        made.cells[VALUE] = value;
        made.cells[COMPLEMENT] = (short) ~value;
        return made;
    }

    /** In RAM until a reset; {@code event} as JCSystem has it. Until it is set, the two differ. */
    static Twin inRam(byte event) {
        return new Twin(JCSystem.makeTransientShortArray(CELLS, event));
    }

    void set(short value) {
        set(value, value);
    }

    /** {@code again} is {@code value}, found out a second time. */
    void set(short value, short again) {
        if (JCSystem.isTransient(cells) == JCSystem.NOT_A_TRANSIENT_OBJECT && JCSystem.getTransactionDepth() == 0) {
            ISOException.throwIt(Iso.SW_ATTACK);
        }
        cells[VALUE] = value;
        cells[COMPLEMENT] = (short) ~again;
    }

    short value() {
        return cells[VALUE];
    }

    short again() {
        return (short) ~cells[COMPLEMENT];
    }
}
