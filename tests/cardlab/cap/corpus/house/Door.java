package house;

import javacard.framework.Shareable;

/** What other applets may call. */
public interface Door extends Shareable {
    boolean open(byte[] key, short at);
}
