package javacard.framework;

import cardlab.jcardsim.CardRuntime;

/**
 * Java Card API 3.0.4, javacard.framework.Util, in place of jCardSim's, where no copy is ever torn.
 *
 * <p>Outside transactions the power can be cut before and after arrayCopy() changes persistent memory, and in the middle
 * of arrayCopyNonAtomic() and arrayFillNonAtomic(), which leave the first half changed.
 */
public class Util {
    Util() {}

    public static final short arrayCopy(byte[] src, short srcOff, byte[] dest, short destOff, short length)
            throws ArrayIndexOutOfBoundsException, NullPointerException, TransactionException {
        CardRuntime card = CardRuntime.current();
        card.powerMayFailAt(dest);
        System.arraycopy(src, srcOff, dest, destOff, length);
        card.powerMayFailAt(dest);
        return (short) (destOff + length);
    }

    public static final short arrayCopyNonAtomic(byte[] src, short srcOff, byte[] dest, short destOff, short length)
            throws ArrayIndexOutOfBoundsException, NullPointerException {
        CardRuntime card = CardRuntime.current();
        if (!card.mayBeTornAt(dest)) {
            System.arraycopy(src, srcOff, dest, destOff, length);
        } else {
            byte[] before = dest.clone();
            System.arraycopy(src, srcOff, dest, destOff, length);
            byte[] after = dest.clone();
            int half = destOff + length / 2;
            System.arraycopy(before, half, dest, half, destOff + length - half);
            card.powerMayFail();
            System.arraycopy(after, 0, dest, 0, dest.length);
        }
        return (short) (destOff + length);
    }

    public static final short arrayFillNonAtomic(byte[] bArray, short bOff, short bLen, byte bValue)
            throws ArrayIndexOutOfBoundsException, NullPointerException {
        if (bLen < 0) {
            throw new ArrayIndexOutOfBoundsException();
        }
        CardRuntime card = CardRuntime.current();
        int half = bOff + bLen / 2;
        int end = bOff + bLen;
        for (int i = bOff; i < end; i++) {
            if (i == half && card.mayBeTornAt(bArray)) {
                card.powerMayFail();
            }
            bArray[i] = bValue;
        }
        return (short) end;
    }

    public static final byte arrayCompare(byte[] src, short srcOff, byte[] dest, short destOff, short length)
            throws ArrayIndexOutOfBoundsException, NullPointerException {
        if (length < 0) {
            throw new ArrayIndexOutOfBoundsException();
        }
        // A range that is too long is refused although the arrays may differ before its end.
        if (srcOff + length > src.length || destOff + length > dest.length) {
            throw new ArrayIndexOutOfBoundsException();
        }
        for (int i = 0; i < length; i++) {
            int difference = (src[srcOff + i] & 0xFF) - (dest[destOff + i] & 0xFF);
            if (difference != 0) {
                return (byte) (difference < 0 ? -1 : 1);
            }
        }
        return 0;
    }

    public static final short makeShort(byte b1, byte b2) {
        return (short) (b1 << 8 | b2 & 0xFF);
    }

    public static final short getShort(byte[] bArray, short bOff)
            throws ArrayIndexOutOfBoundsException, NullPointerException {
        return makeShort(bArray[bOff], bArray[bOff + 1]);
    }

    public static final short setShort(byte[] bArray, short bOff, short sValue)
            throws ArrayIndexOutOfBoundsException, NullPointerException, TransactionException {
        bArray[bOff] = (byte) (sValue >> 8);
        bArray[bOff + 1] = (byte) sValue;
        return (short) (bOff + 2);
    }
}
