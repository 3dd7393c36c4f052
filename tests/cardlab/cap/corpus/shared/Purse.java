package shared;

import javacard.framework.Shareable;

/** What clients see. */
public interface Purse extends Shareable {
    short credit(short amount);
}
