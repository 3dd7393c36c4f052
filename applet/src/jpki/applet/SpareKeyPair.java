package jpki.applet;

import javacard.security.KeyPair;

/**
 * Where a new key is made before it takes the place of a slot's, one for both slots: a generation that fails or is cut
 * leaves the slot as it was. Some cards give an RSA key its memory when it is generated, and may be full only then. What
 * is left in here afterwards, an old key or part of a new one, is overwritten.
 */
final class SpareKeyPair {

    private final Suite suite;
    private KeyPair pair;
    private boolean unclean;

    SpareKeyPair(Suite suite) {
        this.suite = suite;
        pair = suite.allocate();
    }

    /** Overwrites both keys. */
    static void clear(KeyPair cleared) {
        cleared.getPrivate().clearKey();
        cleared.getPublic().clearKey();
    }

    void generate() {
        unclean = true;
        suite.generate(pair);
    }

    /** Gives the new key and takes the old one; to be called in a transaction, then {@link #clear}. */
    KeyPair exchange(KeyPair old) {
        KeyPair fresh = pair;
        pair = old;
        return fresh;
    }

    boolean holds(KeyPair old) {
        return pair == old;
    }

    /** Overwrites what a generation left here. An old key was {@link #clear}ed when it came, and is so once more. */
    void scrub() {
        if (unclean) {
            clear(pair);
            unclean = false;
        }
    }
}
