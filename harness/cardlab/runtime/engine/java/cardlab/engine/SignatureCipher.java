package cardlab.engine;

import java.util.Set;

/** Signature.SIG_CIPHER_* of Java Card API 3.2 without SM2, and the paddings and keys that each goes with. */
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
    SIG_CIPHER_AES_CMAC128(10, KeyKind.AES, Set.of(Padding.PAD_NULL, Padding.PAD_NOPAD)),
    SIG_CIPHER_SM4_MAC128(12, KeyKind.SM4, PaddingSets.BLOCK),
    SIG_CIPHER_EDDSA(13, KeyKind.EDDSA, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_EDDSAPH(14, KeyKind.EDDSA, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_EDDSA_ED25519(15, KeyKind.EDDSA, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_EDDSA_ED448(16, KeyKind.EDDSA, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_EDDSAPH_ED25519(17, KeyKind.EDDSA, Set.of(Padding.PAD_NULL)),
    SIG_CIPHER_EDDSAPH_ED448(18, KeyKind.EDDSA, Set.of(Padding.PAD_NULL));

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

    /** Whether the digest goes with it: EdDSA's follows from the curve and may be named; ECDSA takes an applet's hash. */
    boolean takes(DigestAlgorithm digest) {
        boolean none = digest == DigestAlgorithm.ALG_NULL;
        return keys == KeyKind.EDDSA ? none || digest == DigestAlgorithm.ALG_SHA_512 && curve() != NamedCurve.ED448
                : hashes() != none || none && this == SIG_CIPHER_ECDSA;
    }

    /** HashEdDSA (RFC 8032, 5.1 and 5.2): the message is hashed before all else. */
    boolean hashesWhole() {
        return name().startsWith("SIG_CIPHER_EDDSAPH");
    }

    /** The one curve that it is for, null for any. */
    NamedCurve curve() {
        return name().endsWith("_ED25519") ? NamedCurve.ED25519 : name().endsWith("_ED448") ? NamedCurve.ED448 : null;
    }

    /** Whether the message is hashed first; the other ciphers take the message itself and ALG_NULL. */
    boolean hashes() {
        return switch (this) {
            case SIG_CIPHER_RSA, SIG_CIPHER_DSA, SIG_CIPHER_ECDSA, SIG_CIPHER_ECDSA_PLAIN, SIG_CIPHER_HMAC -> true;
            default -> false;
        };
    }
}
