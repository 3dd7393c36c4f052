package javacard.framework;

import cardlab.jcardsim.CardRuntime;

/**
 * Java Card API 3.0.4, javacard.framework.OwnerPIN, in place of jCardSim's, whose counter knows no transactions.
 *
 * <p>What check() does to the try counter holds whatever becomes of the transaction around it, unless the value is one
 * that came with it; update(), reset() and resetAndUnblock() take part in the transaction. Power can be cut between counting and comparing.
 */
public class OwnerPIN implements PIN {
    private final byte tryLimit;
    private final byte maxPINSize;
    private final byte[] value;
    private byte size;
    private final byte[] tries;
    private final boolean[] validated;

    public OwnerPIN(byte tryLimit, byte maxPINSize) throws PINException {
        if (tryLimit < 1 || maxPINSize < 1) {
            PINException.throwIt(PINException.ILLEGAL_VALUE);
        }
        this.tryLimit = tryLimit;
        this.maxPINSize = maxPINSize;
        value = new byte[maxPINSize];
        size = maxPINSize;
        tries = new byte[] {tryLimit};
        validated = JCSystem.makeTransientBooleanArray((short) 1, JCSystem.CLEAR_ON_RESET);
    }

    protected boolean getValidatedFlag() {
        return validated[0];
    }

    protected void setValidatedFlag(boolean newValue) {
        validated[0] = newValue;
    }

    @Override
    public byte getTriesRemaining() {
        return tries[0];
    }

    @Override
    public boolean check(byte[] pin, short offset, byte length)
            throws ArrayIndexOutOfBoundsException, NullPointerException {
        setValidatedFlag(false);
        if (tries[0] == 0) {
            return false;
        }
        CardRuntime card = CardRuntime.current();
        tries[0]--;
        boolean wasCounted = card.persistDespiteTransaction(tries, -1);
        card.powerMayFail();
        if (length != size || Util.arrayCompare(pin, offset, value, (short) 0, length) != 0) {
            return false;
        }
        tries[0] = tryLimit;
        card.persistDespiteTransaction(tries, wasCounted ? 1 : 0);
        setValidatedFlag(true);
        return true;
    }

    @Override
    public boolean isValidated() {
        return getValidatedFlag();
    }

    @Override
    public void reset() {
        if (isValidated()) {
            resetAndUnblock();
        }
    }

    public void update(byte[] pin, short offset, byte length) throws PINException {
        if (length < 0 || length > maxPINSize) {
            PINException.throwIt(PINException.ILLEGAL_VALUE);
        }
        Util.arrayCopy(pin, offset, value, (short) 0, length);
        size = length;
        CardRuntime.current().renewedInTransaction(tries);
        resetAndUnblock();
    }

    public void resetAndUnblock() {
        CardRuntime.current().changedInTransaction(tries);
        tries[0] = tryLimit;
        setValidatedFlag(false);
    }

    /** The size that the constructor was given, for the memory that the object takes. */
    public final byte maximumSize() {
        return maxPINSize;
    }
}
