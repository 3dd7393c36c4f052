package except;

import javacard.framework.*;

/** Exceptions: nested, several catches, finally, rethrow, own exception classes. */
public class Except {
    static short simple(byte[] b) {
        try {
            return b[0];
        } catch (ArrayIndexOutOfBoundsException e) {
            return 1;
        } catch (NullPointerException e) {
            return 2;
        }
    }
    static short fin(byte[] b) {
        short r = 0;
        try {
            r = b[0];
        } finally {
            r++;
        }
        return r;
    }
    static short nested(byte[] b) {
        try {
            try {
                b[0] = 1;
            } catch (ISOException e) {
                b[1] = 2;
            } finally {
                b[2] = 3;
            }
            b[3] = 4;
        } catch (RuntimeException e) {
            throw e;
        }
        return 0;
    }
    static void own(short a) throws Mine {
        try {
            if (a == 0) { throw new Mine(a); }
            throw Mine.shared;
        } catch (Mine m) {
            ISOException.throwIt(m.code);
        }
        try {
            JCSystem.beginTransaction();
            JCSystem.commitTransaction();
        } catch (TransactionException e) {
            Object o = e;
        } catch (Exception e) {
            a = 2;
        }
    }
    static short second(byte[] b) {
        try { b[0] = 1; } catch (Throwable t) { return 1; }
        try { b[1] = 1; } catch (Throwable t) { return 2; }
        try { own((short) 1); } catch (Mine t) { return t.getReason(); } catch (UserException t) { return 7; } catch (CardException t) { return 5;} catch (Exception t) { return 8; }
        return 3;
    }
}

class Mine extends UserException {
    static Mine shared;
    short code;
    Mine(short c) { super(c); code = c; }
}
