package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.PIN;

/**
 * One PIN and its life (B1-B7; the diagram is in docs/reference/applet.md). It is the right of whoever verified it, too:
 * OwnerPIN says so, and a mark of our own.
 *
 * <p>OwnerPIN lowers the counter before it compares, and outside transactions (Java Card API 3.0.4, OwnerPIN.check).
 * BLOCKED is not stored: it is a counter of zero, so no tear can separate the two. The permission to set a PIN is
 * in RAM and is given only after the temporary PIN is gone from persistent memory.
 */
final class Pin extends HolderRight {

    // Any two differ in eight bits or more, and not in all; the low bytes are those of GET STATUS.
    static final short INITIAL = 0x1E5A;
    static final short SETTABLE = 0x783C;
    static final short ACTIVE = 0x2DC3;
    private static final byte BLOCKED = (byte) 0xA5;

    static final byte MAX_LENGTH = 16;

    private static final short VERIFIED = 0x6A99;
    private static final short PERMITTED = (short) 0x9A6C;

    /** The right to set a PIN in the place of a temporary one. */
    final Right permission;

    private final OwnerPIN value;
    /** The same without the methods that change it, which a fault in a call could not be told from those that ask. */
    private final PIN asked;
    private final byte method;
    private final byte minLength;
    private final byte maxLength;
    private final Randomness random;
    private final byte[] scratch;
    final Twin state = Twin.persistent(INITIAL);
    private final Twin verified = Twin.inRam(JCSystem.CLEAR_ON_RESET);
    final Twin permitted = Twin.inRam(JCSystem.CLEAR_ON_RESET);
    /** Of the new PIN in the APDU buffer. */
    private final Twin length = Twin.inRam(JCSystem.CLEAR_ON_DESELECT);

    /** INITIAL, and the temporary PIN was verified in this session. */
    private static final class Permission extends Right {

        private final Pin pin;

        Permission(Pin pin) {
            super(pin.alarm);
            this.pin = pin;
        }

        short first() {
            return pin.state.value() == INITIAL && pin.permitted.value() == PERMITTED ? YES : NO;
        }

        short second() {
            return pin.state.again() == INITIAL && pin.permitted.again() == PERMITTED ? ALSO : NO;
        }
    }

    /** A signing password: 6-16 upper-case letters and digits, 5 tries. */
    static Pin password(Alarm alarm, Randomness random, byte[] scratch) {
        return new Pin(alarm, Indicator.METHOD_PASSWORD, (byte) 5, (byte) 6, MAX_LENGTH, random, scratch);
    }

    /** An authentication PIN: 4 digits, 3 tries. */
    static Pin fourDigits(Alarm alarm, Randomness random, byte[] scratch) {
        return new Pin(alarm, Indicator.METHOD_PIN, (byte) 3, (byte) 4, (byte) 4, random, scratch);
    }

    private Pin(Alarm alarm, byte method, byte tries, byte minLength, byte maxLength, Randomness random, byte[] scratch) {
        super(alarm);
        this.method = method;
        this.minLength = minLength;
        this.maxLength = maxLength;
        this.random = random;
        this.scratch = scratch;
        value = new OwnerPIN(tries, MAX_LENGTH);
        asked = value;
        permission = new Permission(this);
    }

    byte method() {
        return method;
    }

    short first() {
        return state.value() == ACTIVE && asked.isValidated() ? YES : NO;
    }

    short second() {
        return verified.value() == VERIFIED && verified.again() == VERIFIED ? ALSO : NO;
    }

    /** As in GET STATUS. */
    byte state() {
        return isSet() && asked.getTriesRemaining() == 0 ? BLOCKED : (byte) state.value();
    }

    byte triesLeft() {
        return isSet() ? asked.getTriesRemaining() : 0;
    }

    private boolean isSet() {
        return state.value() == SETTABLE || state.value() == ACTIVE;
    }

    /** 6984 unless the user's PIN is set and not blocked. */
    void requireActive() {
        if (state.value() != ACTIVE || asked.getTriesRemaining() == 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
    }

    /** That it is, once more. */
    void confirmActive() {
        alarm.same(state.again(), ACTIVE);
        alarm.require(asked.getTriesRemaining() != 0);
    }

    /** Of {@code length} bytes at ISO7816.OFFSET_CDATA. */
    void verify(byte[] buffer, byte length) {
        if (triesLeft() == 0) {
            ISOException.throwIt(ISO7816.SW_DATA_INVALID);
        }
        verified.set(NO);
        if (!asked.check(buffer, ISO7816.OFFSET_CDATA, length)) {
            ISOException.throwIt((short) (Iso.SW_TRIES_LEFT | asked.getTriesRemaining()));
        }
        alarm.require(asked.isValidated());
        if (state.value() == ACTIVE) {
            alarm.same(state.again(), ACTIVE);
            verified.set(VERIFIED);
            return;
        }
        useUpTemporary();
    }

    /** A cut before the commit leaves the temporary PIN as it was, with no permission given. */
    private void useUpTemporary() {
        alarm.same(state.again(), SETTABLE);
        prepareForget();
        JCSystem.beginTransaction();
        overwrite(scratch);
        confirmForgotten();
        alarm.commit();
        permitted.set(PERMITTED);
    }

    /** The user's new PIN (B4, B6), of the length that was required. Returns with the slot verified exactly if it was. */
    void change(byte[] buffer) {
        alarm.same(buffer[ISO7816.OFFSET_INS], Iso.INS_CHANGE_REFERENCE_DATA);
        Right right = state.value() == ACTIVE ? (Right) this : permission;
        right.require(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
        assign(right, buffer, ACTIVE, ACTIVE);
        if (right == permission) {
            asked.reset();
        }
    }

    /**
     * The TSM's PIN, of the length that was required: a temporary one or, on a plastic card, the user's.
     *
     * @param newState SETTABLE or ACTIVE, and the same found out {@code again}
     */
    void set(Right tsm, byte[] buffer, short newState, short again) {
        if (state.value() != INITIAL) {
            ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        alarm.same(state.again(), INITIAL);
        assign(tsm, buffer, newState, again);
        asked.reset();
    }

    /**
     * Writes and reads back: the new PIN opens what it is for, and a wrong one replaces nothing. 6A80 for its characters;
     * that they and the length are its kind's is asked once more before it counts.
     */
    private void assign(Right right, byte[] buffer, short newState, short again) {
        if (!isOfItsKind(buffer, length.value())) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        right.begin();
        state.set(newState, again);
        value.update(buffer, ISO7816.OFFSET_CDATA, (byte) length.value());
        alarm.require(asked.check(buffer, ISO7816.OFFSET_CDATA, (byte) length.again()));
        alarm.require(isOfItsKind(buffer, length.again()));
        alarm.same(state.value(), again);
        alarm.same(state.again(), newState);
        alarm.commit();
        permitted.set(NO);
    }

    /** To be called before the transaction in which {@link #forget} is. */
    void prepareForget() {
        random.fill(scratch, (short) 0, MAX_LENGTH);
    }

    /** Back to INITIAL, in the transaction of this right. */
    void forget(Right right) {
        right.confirm();
        overwrite(scratch);
    }

    /**
     * The value becomes this random one, the counter is full again. An argument, for calls without any are everywhere. What
     * is overwritten is so twice, here and elsewhere: one disturbed instruction leaves nothing of it.
     */
    private void overwrite(byte[] random) {
        permitted.set(NO);
        verified.set(NO);
        state.set(INITIAL);
        value.update(random, (short) 0, MAX_LENGTH);
        value.update(random, (short) 0, MAX_LENGTH);
    }

    /** In the same transaction. */
    void confirmForgotten() {
        alarm.same(state.value(), INITIAL);
        alarm.same(state.again(), INITIAL);
    }

    void endSession() {
        permitted.set(NO);
        verified.set(NO);
        asked.reset();
    }

    /** Of a new PIN, as the command's data have it; its length byte says it again. */
    void requireLength(short wanted, byte[] buffer) {
        if (!isLength(wanted)) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        length.set(wanted, (short) (buffer[ISO7816.OFFSET_LC] & 0xFF));
    }

    private boolean isLength(short wanted) {
        return wanted >= minLength && wanted <= maxLength;
    }

    private boolean isOfItsKind(byte[] buffer, short wanted) {
        short end = (short) (ISO7816.OFFSET_CDATA + wanted);
        for (short i = ISO7816.OFFSET_CDATA; i < end; i++) {
            byte c = buffer[i];
            if ((c < '0' || c > '9') && (maxLength != MAX_LENGTH || c < 'A' || c > 'Z')) {
                return false;
            }
        }
        return isLength(wanted);
    }
}
