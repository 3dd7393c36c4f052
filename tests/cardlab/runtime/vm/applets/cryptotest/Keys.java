package cryptotest;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.DESKey;
import javacard.security.DHKey;
import javacard.security.DHPrivateKey;
import javacard.security.DHPublicKey;
import javacard.security.ECKey;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.HMACKey;
import javacard.security.Key;
import javacard.security.KoreanSEEDKey;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPrivateKey;
import javacard.security.RSAPublicKey;

/** Parts of keys by number. */
final class Keys {
    static final byte KEY = 0;
    static final byte MODULUS = 1;
    static final byte EXPONENT = 2;
    static final byte P = 3;
    static final byte Q = 4;
    static final byte DP1 = 5;
    static final byte DQ1 = 6;
    static final byte PQ = 7;
    static final byte FIELD = 8;
    static final byte A = 9;
    static final byte B = 10;
    static final byte G = 11;
    static final byte R = 12;
    static final byte K = 13;
    static final byte W = 14;
    static final byte S = 15;
    static final byte X = 16;
    static final byte Y = 17;

    private Keys() {}

    static void set(Key key, byte part, byte[] in, short at, short length) {
        if (part == KEY) {
            setSecret(key, in, at, length);
        } else if (key instanceof ECKey) {
            setCurve(key, part, in, at, length);
        } else if (key instanceof DHKey) {
            setGroup(key, part, in, at, length);
        } else {
            setRsa(key, part, in, at, length);
        }
    }

    private static void setSecret(Key key, byte[] in, short at, short length) {
        if (key instanceof AESKey) {
            ((AESKey) key).setKey(in, at);
        } else if (key instanceof DESKey) {
            ((DESKey) key).setKey(in, at);
        } else if (key instanceof HMACKey) {
            ((HMACKey) key).setKey(in, at, length);
        } else {
            ((KoreanSEEDKey) key).setKey(in, at);
        }
    }

    private static void setCurve(Key key, byte part, byte[] in, short at, short length) {
        switch (part) {
            case FIELD: ((ECKey) key).setFieldFP(in, at, length); break;
            case A: ((ECKey) key).setA(in, at, length); break;
            case B: ((ECKey) key).setB(in, at, length); break;
            case G: ((ECKey) key).setG(in, at, length); break;
            case R: ((ECKey) key).setR(in, at, length); break;
            case K: ((ECKey) key).setK(Util.getShort(in, at)); break;
            case W: ((ECPublicKey) key).setW(in, at, length); break;
            case S: ((ECPrivateKey) key).setS(in, at, length); break;
            default: ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
    }

    private static void setGroup(Key key, byte part, byte[] in, short at, short length) {
        switch (part) {
            case P: ((DHKey) key).setP(in, at, length); break;
            case Q: ((DHKey) key).setQ(in, at, length); break;
            case G: ((DHKey) key).setG(in, at, length); break;
            case X: ((DHPrivateKey) key).setX(in, at, length); break;
            default: ((DHPublicKey) key).setY(in, at, length);
        }
    }

    private static void setRsa(Key key, byte part, byte[] in, short at, short length) {
        if (key instanceof RSAPublicKey) {
            if (part == MODULUS) {
                ((RSAPublicKey) key).setModulus(in, at, length);
            } else {
                ((RSAPublicKey) key).setExponent(in, at, length);
            }
            return;
        }
        switch (part) {
            case MODULUS: ((RSAPrivateKey) key).setModulus(in, at, length); break;
            case EXPONENT: ((RSAPrivateKey) key).setExponent(in, at, length); break;
            case P: ((RSAPrivateCrtKey) key).setP(in, at, length); break;
            case Q: ((RSAPrivateCrtKey) key).setQ(in, at, length); break;
            case DP1: ((RSAPrivateCrtKey) key).setDP1(in, at, length); break;
            case DQ1: ((RSAPrivateCrtKey) key).setDQ1(in, at, length); break;
            case PQ: ((RSAPrivateCrtKey) key).setPQ(in, at, length); break;
            default: ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
    }

    static short get(Key key, byte part, byte[] out, short at) {
        switch (part) {
            case KEY: return getSecret(key, out, at);
            case MODULUS: return ((RSAPublicKey) key).getModulus(out, at);
            case EXPONENT: return ((RSAPublicKey) key).getExponent(out, at);
            case FIELD: return ((ECKey) key).getField(out, at);
            case A: return ((ECKey) key).getA(out, at);
            case B: return ((ECKey) key).getB(out, at);
            case G: return ((ECKey) key).getG(out, at);
            case R: return ((ECKey) key).getR(out, at);
            case K: Util.setShort(out, at, ((ECKey) key).getK()); return 2;
            case W: return ((ECPublicKey) key).getW(out, at);
            case S: return ((ECPrivateKey) key).getS(out, at);
            case P: return ((RSAPrivateCrtKey) key).getP(out, at);
            case Q: return ((RSAPrivateCrtKey) key).getQ(out, at);
            case DP1: return ((RSAPrivateCrtKey) key).getDP1(out, at);
            case DQ1: return ((RSAPrivateCrtKey) key).getDQ1(out, at);
            default: return ((RSAPrivateCrtKey) key).getPQ(out, at);
        }
    }

    private static short getSecret(Key key, byte[] out, short at) {
        if (key instanceof AESKey) {
            return ((AESKey) key).getKey(out, at);
        }
        if (key instanceof DESKey) {
            return ((DESKey) key).getKey(out, at);
        }
        return key instanceof HMACKey ? ((HMACKey) key).getKey(out, at) : ((KoreanSEEDKey) key).getKey(out, at);
    }
}
