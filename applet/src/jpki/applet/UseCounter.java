package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * Uses of a private key, four bytes, most significant first (C5), and behind them their complement.
 *
 * <p>What the counter must be afterwards is computed from the value, two bytes at a time; what is written, byte by byte from
 * the complement. It is read back before the key is used and before the signature leaves the card.
 */
final class UseCounter {

    static final byte LENGTH = 4;

    private static final short BOTH = (short) (2 * LENGTH);
    private static final short LOW = 2;
    private static final byte[] UNUSED = {0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};

    private final Alarm alarm;
    private final byte[] value = new byte[BOTH];
    /** Complement of what the counter must be, high and low half: zeros, between commands, stand for no use. */
    private final short[] due;
    private final byte[] scratch;

    /** @param scratch BOTH bytes of RAM at least */
    UseCounter(Alarm alarm, byte[] scratch) {
        this.alarm = alarm;
        this.scratch = scratch;
        due = JCSystem.makeTransientShortArray((short) 2, JCSystem.CLEAR_ON_DESELECT);
        Util.arrayCopy(UNUSED, (short) 0, value, (short) 0, BOTH);
    }

    /** In the transaction of this right. */
    void forget(Right right) {
        right.confirm();
        Util.arrayCopy(UNUSED, (short) 0, value, (short) 0, BOTH);
    }

    boolean isForgotten() {
        return Util.arrayCompare(UNUSED, (short) 0, value, (short) 0, BOTH) == 0;
    }

    void copy(byte[] target, short offset) {
        Util.arrayCopyNonAtomic(value, (short) 0, target, offset, LENGTH);
    }

    /** Counts one use before it is made; 6985 when the counter is at its end. */
    void count() {
        expect();
        JCSystem.beginTransaction();
        raise();
        confirm();
        alarm.commit();
    }

    private void expect() {
        short low = (short) (Util.getShort(value, LOW) + 1);
        short high = Util.getShort(value, (short) 0);
        if (low == 0) {
            high++;
        }
        if (low == 0 && high == 0) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        due[0] = (short) ~high;
        due[1] = (short) ~low;
    }

    /** The complement of a number one higher is one lower. */
    private void raise() {
        short i = (short) (LENGTH - 1);
        Util.arrayCopyNonAtomic(value, LENGTH, scratch, LENGTH, LENGTH);
        while (i > 0 && scratch[(short) (LENGTH + i)] == 0) {
            scratch[(short) (LENGTH + i)] = (byte) 0xFF;
            i--;
        }
        scratch[(short) (LENGTH + i)]--;
        for (i = 0; i < LENGTH; i++) {
            scratch[i] = (byte) ~scratch[(short) (LENGTH + i)];
        }
        Util.arrayCopy(scratch, (short) 0, value, (short) 0, BOTH);
    }

    /** That this use is counted, in both forms. */
    void confirm() {
        confirmHalf((short) 0, due[0]);
        confirmHalf(LOW, due[1]);
    }

    private void confirmHalf(short offset, short complement) {
        alarm.same(Util.getShort(value, offset), (short) ~complement);
        alarm.same(Util.getShort(value, (short) (LENGTH + offset)), complement);
    }

    /** Whether {@code length} bytes are this use's number, leading zeros apart. */
    void confirmShown(byte[] shown, short offset, short length) {
        short high = 0;
        short low = 0;
        for (short end = (short) (offset + length); offset < end; offset++) {
            high = (short) (high << 8 | (low >> 8 & 0xFF));
            low = (short) (low << 8 | (shown[offset] & 0xFF));
        }
        alarm.same(high, (short) ~due[0]);
        alarm.same(low, (short) ~due[1]);
    }

    void endCommand() {
        due[0] = 0;
        due[1] = 0;
    }
}
