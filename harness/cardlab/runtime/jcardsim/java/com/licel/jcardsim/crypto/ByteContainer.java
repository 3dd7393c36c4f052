package com.licel.jcardsim.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;

/**
 * One component of a key, in place of jCardSim's class, which forgets CLEAR_ON_RESET, calls a wiped key initialized, and
 * reads bytes of the component before when a shorter one follows (about one RSA key in a hundred that is generated again).
 */
public final class ByteContainer {
    private final byte memoryType;
    /** The component; in transient memory followed by one byte that is 1 while there is a component. */
    private byte[] data;
    private short length;

    public ByteContainer() {
        this(JCSystem.MEMORY_TYPE_PERSISTENT);
    }

    public ByteContainer(byte memoryType) {
        this.memoryType = memoryType;
    }

    public ByteContainer(BigInteger value) {
        this();
        setBigInteger(value);
    }

    public ByteContainer(byte[] buffer, short offset, short length) {
        this();
        setBytes(buffer, offset, length);
    }

    /** Take over a number, without its sign byte. Throws IllegalArgumentException when it is negative. */
    public void setBigInteger(BigInteger value) {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("a component of a key is not negative");
        }
        byte[] bytes = value.toByteArray();
        int sign = bytes[0] == 0 && bytes.length > 1 ? 1 : 0;
        setBytes(bytes, (short) sign, (short) (bytes.length - sign));
    }

    public void setBytes(byte[] buffer) {
        setBytes(buffer, (short) 0, (short) buffer.length);
    }

    public void setBytes(byte[] buffer, short offset, short newLength) {
        if (offset < 0 || newLength < 0 || offset + newLength > buffer.length) {
            throw new ArrayIndexOutOfBoundsException();
        }
        if (data == null || capacity() < newLength) {
            data = allocate(newLength);
        }
        Arrays.fill(data, (byte) 0);
        Util.arrayCopy(buffer, offset, data, (short) 0, newLength);
        length = newLength;
        if (isTransient()) {
            data[data.length - 1] = 1;
        }
    }

    public BigInteger getBigInteger() {
        requireInitialized();
        return new BigInteger(1, Arrays.copyOf(data, length));
    }

    /** A copy of the component; where jCardSim would keep it makes no difference. */
    public byte[] getBytes(byte unusedEvent) {
        requireInitialized();
        return Arrays.copyOf(data, length);
    }

    public short getBytes(byte[] destination, short offset) {
        requireInitialized();
        if (destination.length - offset < length) {
            CryptoException.throwIt(CryptoException.ILLEGAL_VALUE);
        }
        Util.arrayCopy(data, (short) 0, destination, offset, length);
        return length;
    }

    public void clear() {
        if (data != null) {
            Arrays.fill(data, (byte) 0);
        }
        length = 0;
    }

    public boolean isInitialized() {
        return length > 0 && (!isTransient() || data[data.length - 1] == 1);
    }

    private boolean isTransient() {
        return memoryType != JCSystem.MEMORY_TYPE_PERSISTENT;
    }

    private int capacity() {
        return isTransient() ? data.length - 1 : data.length;
    }

    private byte[] allocate(short size) {
        if (!isTransient()) {
            return new byte[size];
        }
        boolean untilReset = memoryType == JCSystem.MEMORY_TYPE_TRANSIENT_RESET;
        byte event = untilReset ? JCSystem.CLEAR_ON_RESET : JCSystem.CLEAR_ON_DESELECT;
        return JCSystem.makeTransientByteArray((short) (size + 1), event);
    }

    private void requireInitialized() {
        if (!isInitialized()) {
            CryptoException.throwIt(CryptoException.UNINITIALIZED_KEY);
        }
    }
}
