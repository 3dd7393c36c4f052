package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;

/**
 * One PIN and its life (B1-B7; the diagram is in docs/reference/applet.md).
 *
 * <p>OwnerPIN lowers the counter before it compares, and outside transactions (Java Card API 3.0.4, OwnerPIN.check).
 * BLOCKED is not stored: it is a counter of zero, so no tear can separate the two. The permission to set a PIN is
 * in RAM and is given only after the temporary PIN is gone from persistent memory.
 */
final class Pin {

    // Any two differ in four bits or more.
    static final byte INITIAL = 0x5A;
    static final byte SETTABLE = 0x3C;
    static final byte ACTIVE = (byte) 0xC3;
    static final byte BLOCKED = (byte) 0xA5;

    static final byte MAX_LENGTH = 16;

    private static final byte PERMITTED = 0x69;

    private final OwnerPIN value;
    private final byte minLength;
    private final byte maxLength;
    private final Randomness random;
    private final byte[] scratch;
    private final byte[] permission;
    private byte state;

    /** A signing password: 6-16 upper-case letters and digits, 5 tries. */
    static Pin password(Randomness random, byte[] scratch) {
        return new Pin((byte) 5, (byte) 6, MAX_LENGTH, random, scratch);
    }

    /** An authentication PIN: 4 digits, 3 tries. */
    static Pin fourDigits(Randomness random, byte[] scratch) {
        return new Pin((byte) 3, (byte) 4, (byte) 4, random, scratch);
    }

    private Pin(byte tries, byte minLength, byte maxLength, Randomness random, byte[] scratch) {
        this.minLength = minLength;
        this.maxLength = maxLength;
        this.random = random;
        this.scratch = scratch;
        value = new OwnerPIN(tries, MAX_LENGTH);
        permission = JCSystem.makeTransientByteArray((short) 1, JCSystem.CLEAR_ON_RESET);
        state = INITIAL;
    }

    byte state() {
        return isSet() && value.getTriesRemaining() == 0 ? BLOCKED : state;
    }

    byte triesLeft() {
        return isSet() ? value.getTriesRemaining() : 0;
    }

    boolean isVerified() {
        return state == ACTIVE && value.isValidated();
    }

    void requireVerified() {
        if (!isVerified()) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
    }

    /** 6984 unless the user's PIN is set and not blocked. */
    void requireActive() {
        if (state() != ACTIVE) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
    }

    void verify(byte[] buffer, short offset, byte length) {
        if (triesLeft() == 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        if (!value.check(buffer, offset, length)) {
            ISOException.throwIt((short) (Iso.SW_TRIES_LEFT | value.getTriesRemaining()));
        }
        if (state == SETTABLE) {
            useUpTemporary();
        }
    }

    /** A cut before the commit leaves the temporary PIN as it was, with no permission given. */
    private void useUpTemporary() {
        prepareForget();
        JCSystem.beginTransaction();
        forget();
        JCSystem.commitTransaction();
        permission[0] = PERMITTED;
    }

    /** The user's new PIN (B4, B6). Returns with the slot verified exactly if it was before. */
    void change(byte[] buffer, short offset, byte length) {
        boolean verified = isVerified();
        if (!verified && (state != INITIAL || permission[0] != PERMITTED)) {
            ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        requireFormat(buffer, offset, length);
        assign(buffer, offset, length, ACTIVE);
        if (verified) {
            value.check(buffer, offset, length);
        }
    }

    /** The TSM's PIN: a temporary one ({@code newState} SETTABLE) or, on a plastic card, the user's (ACTIVE). */
    void set(byte[] buffer, short offset, byte length, byte newState) {
        if (state != INITIAL) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        requireFormat(buffer, offset, length);
        assign(buffer, offset, length, newState);
    }

    private void assign(byte[] buffer, short offset, byte length, byte newState) {
        permission[0] = 0;
        JCSystem.beginTransaction();
        value.update(buffer, offset, length);
        state = newState;
        JCSystem.commitTransaction();
    }

    /** To be called before the transaction in which {@link #forget} is. */
    void prepareForget() {
        random.fill(scratch, (short) 0, MAX_LENGTH);
    }

    /** Back to INITIAL, in the caller's transaction: a random value replaces the old one, the counter is full again. */
    void forget() {
        permission[0] = 0;
        value.update(scratch, (short) 0, MAX_LENGTH);
        state = INITIAL;
    }

    void endSession() {
        permission[0] = 0;
        value.reset();
    }

    void requireLength(short length) {
        if (length < minLength || length > maxLength) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
    }

    private boolean isSet() {
        return state == SETTABLE || state == ACTIVE;
    }

    private void requireFormat(byte[] buffer, short offset, byte length) {
        boolean letters = maxLength == MAX_LENGTH;
        short end = (short) (offset + length);
        for (short i = offset; i < end; i++) {
            byte c = buffer[i];
            boolean digit = c >= (byte) '0' && c <= (byte) '9';
            if (!digit && !(letters && c >= (byte) 'A' && c <= (byte) 'Z')) {
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
            }
        }
    }
}
