package cardlab.engine;

import java.util.Set;

/** Signature.SIG_CIPHER_* of Java Card API 3.0.5, and the paddings and keys that each goes with. */
public enum SignatureCipher {
    SIG_CIPHER_DES_MAC4(1, KeyKind.DES, PaddingSets.DES),
    SIG_CIPHER_DES_MAC8(2, KeyKind.DES, PaddingSets.DES),
    SIG_CIPHER_RSA(3, KeyKind.RSA, Set.of(
            Padding.PAD_PKCS1, Padding.PAD_PKCS1_PSS, Padding.PAD_ISO9796, Padding.PAD_ISO9796_MR, Padding.PAD_RFC2409)),
    SIG_CIPHER_DSA(4, KeyKind.DSA, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_ECDSA(5, KeyKind.EC, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_AES_MAC128(6, KeyKind.AES, PaddingSets.BLOCK),
    SIG_CIPHER_HMAC(7, KeyKind.HMAC, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_KOREAN_SEED_MAC(8, KeyKind.KOREAN_SEED, PaddingSets.BLOCK),
    SIG_CIPHER_ECDSA_PLAIN(9, KeyKind.EC, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_AES_CMAC128(10, KeyKind.AES, Set.of(Padding.PAD_NULL, Padding.PAD_NOPAD));

    private static final class PaddingSets {
        static final Set<Padding> BLOCK = Set.of(
                Padding.PAD_NOPAD, Padding.PAD_ISO9797_M1, Padding.PAD_ISO9797_M2, Padding.PAD_PKCS5);
        static final Set<Padding> DES = Set.of(
                Padding.PAD_NOPAD, Padding.PAD_ISO9797_M1, Padding.PAD_ISO9797_M2, Padding.PAD_PKCS5,
                Padding.PAD_ISO9797_1_M1_ALG3, Padding.PAD_ISO9797_1_M2_ALG3);
    }

    private final int number;
    private final KeyKind keys;
    private final Set<Padding> paddings;

    SignatureCipher(int number, KeyKind keys, Set<Padding> paddings) {
        this.number = number;
        this.keys = keys;
        this.paddings = paddings;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static SignatureCipher of(int number) {
        for (SignatureCipher one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no signature cipher " + number);
    }

    public int number() {
        return number;
    }

    KeyKind keys() {
        return keys;
    }

    boolean takes(Padding padding) {
        return paddings.contains(padding);
    }

    /** Whether ALG_NULL goes with it: MACs, and ECDSA, where the applet computes the hash itself. */
    boolean takesMessage() {
        return !hashes() || this == SIG_CIPHER_ECDSA;
    }

    /** Whether the message is hashed first. */
    boolean hashes() {
        return switch (this) {
            case SIG_CIPHER_RSA, SIG_CIPHER_DSA, SIG_CIPHER_ECDSA, SIG_CIPHER_ECDSA_PLAIN, SIG_CIPHER_HMAC -> true;
            default -> false;
        };
    }
}
