package cardlab.jcardsim;

import com.licel.jcardsim.bouncycastle.crypto.BufferedBlockCipher;
import com.licel.jcardsim.bouncycastle.crypto.Mac;
import com.licel.jcardsim.bouncycastle.crypto.Signer;
import java.lang.reflect.Field;
import javacard.security.MessageDigest;

/**
 * Cryptographic engines at a card reset: each goes back to what it was right after init() (Java Card API 3.0.4, Signature,
 * Cipher and MessageDigest), so data that were given to update() before the reset are not in the next result.
 */
final class Engines {
    private Engines() {}

    static void resetAll(Iterable<Object> objects) {
        for (Object object : objects) {
            if (object instanceof MessageDigest digest) {
                digest.reset();
            } else if (Shape.of(object.getClass()).engine) {
                reset(object);
            }
        }
    }

    private static void reset(Object engine) {
        for (Field field : Shape.of(engine.getClass()).fields) {
            switch (field.getName()) {
                case "engine" -> resetInner(Heap.get(field, engine));
                case "bufferPos" -> Heap.set(field, engine, (short) 0); // what an RSA cipher was given so far
                default -> { }
            }
        }
    }

    private static void resetInner(Object inner) {
        if (inner instanceof Signer signer) {
            signer.reset();
        } else if (inner instanceof Mac mac) {
            mac.reset();
        } else if (inner instanceof BufferedBlockCipher cipher) {
            cipher.reset();
        }
    }
}
