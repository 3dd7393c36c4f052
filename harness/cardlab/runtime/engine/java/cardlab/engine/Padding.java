package cardlab.engine;

/** Cipher.PAD_* of Java Card API 3.0.5. */
public enum Padding {
    PAD_NULL(0),
    PAD_NOPAD(1),
    PAD_ISO9797_M1(2),
    PAD_ISO9797_M2(3),
    PAD_ISO9797_1_M1_ALG3(4),
    PAD_ISO9797_1_M2_ALG3(5),
    PAD_PKCS5(6),
    PAD_PKCS1(7),
    PAD_PKCS1_PSS(8),
    PAD_PKCS1_OAEP(9, DigestAlgorithm.ALG_SHA),
    PAD_ISO9796(10),
    PAD_ISO9796_MR(11),
    PAD_RFC2409(12),
    PAD_PKCS1_OAEP_SHA224(13, DigestAlgorithm.ALG_SHA_224),
    PAD_PKCS1_OAEP_SHA256(14, DigestAlgorithm.ALG_SHA_256),
    PAD_PKCS1_OAEP_SHA384(15, DigestAlgorithm.ALG_SHA_384),
    PAD_PKCS1_OAEP_SHA512(16, DigestAlgorithm.ALG_SHA_512),
    PAD_PKCS1_OAEP_SHA3_224(17, DigestAlgorithm.ALG_SHA3_224),
    PAD_PKCS1_OAEP_SHA3_256(18, DigestAlgorithm.ALG_SHA3_256),
    PAD_PKCS1_OAEP_SHA3_384(19, DigestAlgorithm.ALG_SHA3_384),
    PAD_PKCS1_OAEP_SHA3_512(20, DigestAlgorithm.ALG_SHA3_512);

    private final int number;
    private final DigestAlgorithm oaep;

    Padding(int number) {
        this(number, null);
    }

    Padding(int number, DigestAlgorithm oaep) {
        this.number = number;
        this.oaep = oaep;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static Padding of(int number) {
        for (Padding one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no padding " + number);
    }

    public int number() {
        return number;
    }

    /** The digest of OAEP and of its MGF1; null for everything else. */
    DigestAlgorithm oaep() {
        return oaep;
    }
}
