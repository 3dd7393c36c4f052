package cardlab.engine;

import java.util.EnumSet;
import java.util.Set;

/** Cipher.CIPHER_* and AEADCipher.CIPHER_* of Java Card API 3.2 without SM2, and the paddings and keys that each goes with. */
public enum CipherPrimitive {
    CIPHER_AES_CBC(1, KeyKind.AES),
    CIPHER_AES_ECB(2, KeyKind.AES),
    CIPHER_DES_CBC(3, KeyKind.DES),
    CIPHER_DES_ECB(4, KeyKind.DES),
    CIPHER_KOREAN_SEED_CBC(5, KeyKind.KOREAN_SEED),
    CIPHER_KOREAN_SEED_ECB(6, KeyKind.KOREAN_SEED),
    CIPHER_RSA(7, KeyKind.RSA),
    /** CIPHER_AES_CTR of Java Card API 3.1. */
    CIPHER_AES_CTR_31(8, KeyKind.AES),
    CIPHER_AES_CFB(9, KeyKind.AES),
    CIPHER_AES_XTS(10, KeyKind.AES),
    CIPHER_SM4_ECB(11, KeyKind.SM4),
    CIPHER_SM4_CBC(12, KeyKind.SM4),
    /** Has no constant in Java Card API 3.0.5; ALG_AES_CTR is made of it. */
    CIPHER_AES_CTR(-16, KeyKind.AES),
    CIPHER_AES_GCM(-15, KeyKind.AES),
    CIPHER_AES_CCM(-14, KeyKind.AES);

    private static final Set<Padding> BLOCK =
            EnumSet.of(Padding.PAD_NOPAD, Padding.PAD_ISO9797_M1, Padding.PAD_ISO9797_M2, Padding.PAD_PKCS5);

    private final int number;
    private final KeyKind keys;

    CipherPrimitive(int number, KeyKind keys) {
        this.number = number;
        this.keys = keys;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static CipherPrimitive of(int number) {
        for (CipherPrimitive one : values()) {
            if (one.number == number && one != CIPHER_AES_CTR) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no cipher " + number);
    }

    /** The one with this number, that of ALG_AES_CTR among them. */
    public static CipherPrimitive ofAny(int number) {
        return number == CIPHER_AES_CTR.number ? CIPHER_AES_CTR : of(number);
    }

    public int number() {
        return number;
    }

    KeyKind keys() {
        return keys;
    }

    boolean chains() {
        return this == CIPHER_AES_CBC || this == CIPHER_SM4_CBC || this == CIPHER_DES_CBC || this == CIPHER_KOREAN_SEED_CBC;
    }

    boolean takes(Padding padding) {
        return switch (this) {
            case CIPHER_RSA -> padding == Padding.PAD_NOPAD || padding == Padding.PAD_PKCS1 || padding.oaep() != null;
            case CIPHER_AES_CTR, CIPHER_AES_GCM, CIPHER_AES_CCM -> padding == Padding.PAD_NULL;
            case CIPHER_AES_CTR_31, CIPHER_AES_CFB, CIPHER_AES_XTS ->
                    padding == Padding.PAD_NULL || padding == Padding.PAD_NOPAD;
            default -> BLOCK.contains(padding);
        };
    }
}
