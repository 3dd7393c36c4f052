package faulttest;

import javacard.framework.CardRuntimeException;

/** An exception of the applet's own. */
@SuppressWarnings("serial")
public class Trouble extends CardRuntimeException {
    public Trouble(short reason) {
        super(reason);
    }
}
