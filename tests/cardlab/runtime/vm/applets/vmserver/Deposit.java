package vmserver;

import javacard.framework.Shareable;

/** What the server shares. */
public interface Deposit extends Shareable {
    /** The sum of an array's first n bytes. */
    short sum(byte[] array, short n);

    /** The first byte of the AID of whoever calls; -1 for nobody. */
    short caller();

    /** A new object of the server, not shareable. */
    Object secret();

    /** Counts, in a transaction of the caller if there is one. */
    short count();

    /** Throws ISOException 6A99. */
    void fail();

    /** An object that the server shares too. */
    Deposit again();
}
