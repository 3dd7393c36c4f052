package jpki.applet;

import javacard.security.CryptoException;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPublicKey;

/**
 * Where a new key is made before it takes the place of a slot's, one for both slots: a generation that fails or is cut
 * leaves the slot as it was. What is left in here afterwards, an old key or part of a new one, is overwritten.
 */
final class SpareKeyPair {

    private static final short PRIME_LENGTH = 128;
    private static final short MODULUS_LENGTH = 256;

    private KeyPair pair;
    private boolean unclean;

    /** @param zeros at least 256 bytes of zeros */
    SpareKeyPair(byte[] zeros) {
        pair = allocate(zeros);
    }

    /**
     * An RSA-2048 key pair that has its memory. Some cards give it when a key is generated or set only, and would say
     * at a generation that they are full; so a part is set here, at installation, where a card may refuse.
     */
    static KeyPair allocate(byte[] zeros) {
        KeyPair made = new KeyPair(KeyPair.ALG_RSA_CRT, KeyBuilder.LENGTH_RSA_2048);
        try {
            ((RSAPrivateCrtKey) made.getPrivate()).setP(zeros, (short) 0, PRIME_LENGTH);
            ((RSAPublicKey) made.getPublic()).setModulus(zeros, (short) 0, MODULUS_LENGTH);
        } catch (CryptoException particular) {
            // A card that wants to see a prime has allocated by now, or will when the key is generated.
        }
        clear(made);
        return made;
    }

    static void clear(KeyPair cleared) {
        cleared.getPrivate().clearKey();
        cleared.getPublic().clearKey();
    }

    void generate() {
        unclean = true;
        pair.genKeyPair();
    }

    /** Gives the new key and takes the old one; to be called in a transaction, then {@link #scrub}. */
    KeyPair exchange(KeyPair old) {
        KeyPair fresh = pair;
        pair = old;
        return fresh;
    }

    /** Overwrites what a generation left here. */
    void scrub() {
        if (unclean) {
            clear(pair);
            unclean = false;
        }
    }
}
