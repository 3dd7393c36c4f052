package library;

import javacard.framework.UserException;

/** An exception of the library. */
public class Trouble extends UserException {
    private static Trouble instance;

    public Trouble(short reason) { super(reason); }

    public static void fail(short reason) throws Trouble {
        if (instance == null) { instance = new Trouble(reason); }
        instance.setReason(reason);
        throw instance;
    }
}
