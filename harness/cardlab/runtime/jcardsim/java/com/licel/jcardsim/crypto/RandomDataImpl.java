package com.licel.jcardsim.crypto;

import cardlab.jcardsim.Drbg;
import cardlab.jcardsim.RandomOwner;
import com.licel.jcardsim.base.SimulatorSystem;
import java.util.Arrays;
import javacard.security.CryptoException;
import javacard.security.RandomData;

/**
 * javacard.security.RandomData over the card's own generator, in place of jCardSim's, which starts from a fixed value.
 * setSeed() adds to what is there and can never make the output predictable.
 */
public class RandomDataImpl extends RandomData {
    private final byte algorithm;

    public RandomDataImpl(byte algorithm) {
        this.algorithm = algorithm;
    }

    private static Drbg ofThisCard() {
        return ((RandomOwner) SimulatorSystem.instance()).random();
    }

    @Override
    public void generateData(byte[] buffer, short offset, short length) throws CryptoException {
        nextBytes(buffer, offset, length);
    }

    @Override
    public short nextBytes(byte[] buffer, short offset, short length) throws CryptoException {
        if (length == 0) {
            CryptoException.throwIt(CryptoException.ILLEGAL_VALUE);
        }
        if (offset < 0 || length < 0 || offset + length > buffer.length) {
            throw new ArrayIndexOutOfBoundsException();
        }
        ofThisCard().generate(buffer, offset, length);
        return (short) (offset + length);
    }

    @Override
    public void setSeed(byte[] buffer, short offset, short length) {
        if (offset < 0 || length < 0 || offset + length > buffer.length) {
            throw new ArrayIndexOutOfBoundsException();
        }
        ofThisCard().reseed(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public byte getAlgorithm() {
        return algorithm;
    }
}
