package cardlab.engine;

/**
 * Cipher.ALG_* and AEADCipher.ALG_* of Java Card API 3.2. Not here are ALG_RSA_ISO14888 and
 * ALG_RSA_ISO9796: both are deprecated, what the first pads is said nowhere, and the standard of the second was withdrawn.
 */
public enum CipherAlgorithm {
    ALG_DES_CBC_NOPAD(1, CipherPrimitive.CIPHER_DES_CBC, Padding.PAD_NOPAD),
    ALG_DES_CBC_ISO9797_M1(2, CipherPrimitive.CIPHER_DES_CBC, Padding.PAD_ISO9797_M1),
    ALG_DES_CBC_ISO9797_M2(3, CipherPrimitive.CIPHER_DES_CBC, Padding.PAD_ISO9797_M2),
    ALG_DES_CBC_PKCS5(4, CipherPrimitive.CIPHER_DES_CBC, Padding.PAD_PKCS5),
    ALG_DES_ECB_NOPAD(5, CipherPrimitive.CIPHER_DES_ECB, Padding.PAD_NOPAD),
    ALG_DES_ECB_ISO9797_M1(6, CipherPrimitive.CIPHER_DES_ECB, Padding.PAD_ISO9797_M1),
    ALG_DES_ECB_ISO9797_M2(7, CipherPrimitive.CIPHER_DES_ECB, Padding.PAD_ISO9797_M2),
    ALG_DES_ECB_PKCS5(8, CipherPrimitive.CIPHER_DES_ECB, Padding.PAD_PKCS5),
    ALG_RSA_PKCS1(10, CipherPrimitive.CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_NOPAD(12, CipherPrimitive.CIPHER_RSA, Padding.PAD_NOPAD),
    ALG_AES_BLOCK_128_CBC_NOPAD(13, CipherPrimitive.CIPHER_AES_CBC, Padding.PAD_NOPAD),
    ALG_AES_BLOCK_128_ECB_NOPAD(14, CipherPrimitive.CIPHER_AES_ECB, Padding.PAD_NOPAD),
    ALG_RSA_PKCS1_OAEP(15, CipherPrimitive.CIPHER_RSA, Padding.PAD_PKCS1_OAEP),
    ALG_KOREAN_SEED_ECB_NOPAD(16, CipherPrimitive.CIPHER_KOREAN_SEED_ECB, Padding.PAD_NOPAD),
    ALG_KOREAN_SEED_CBC_NOPAD(17, CipherPrimitive.CIPHER_KOREAN_SEED_CBC, Padding.PAD_NOPAD),
    ALG_AES_BLOCK_192_CBC_NOPAD(18, CipherPrimitive.CIPHER_AES_CBC, Padding.PAD_NOPAD, 24),
    ALG_AES_BLOCK_192_ECB_NOPAD(19, CipherPrimitive.CIPHER_AES_ECB, Padding.PAD_NOPAD, 24),
    ALG_AES_BLOCK_256_CBC_NOPAD(20, CipherPrimitive.CIPHER_AES_CBC, Padding.PAD_NOPAD, 32),
    ALG_AES_BLOCK_256_ECB_NOPAD(21, CipherPrimitive.CIPHER_AES_ECB, Padding.PAD_NOPAD, 32),
    ALG_AES_CBC_ISO9797_M1(22, CipherPrimitive.CIPHER_AES_CBC, Padding.PAD_ISO9797_M1),
    ALG_AES_CBC_ISO9797_M2(23, CipherPrimitive.CIPHER_AES_CBC, Padding.PAD_ISO9797_M2),
    ALG_AES_CBC_PKCS5(24, CipherPrimitive.CIPHER_AES_CBC, Padding.PAD_PKCS5),
    ALG_AES_ECB_ISO9797_M1(25, CipherPrimitive.CIPHER_AES_ECB, Padding.PAD_ISO9797_M1),
    ALG_AES_ECB_ISO9797_M2(26, CipherPrimitive.CIPHER_AES_ECB, Padding.PAD_ISO9797_M2),
    ALG_AES_ECB_PKCS5(27, CipherPrimitive.CIPHER_AES_ECB, Padding.PAD_PKCS5),
    ALG_AES_CFB(28, CipherPrimitive.CIPHER_AES_CFB, Padding.PAD_NULL),
    ALG_AES_XTS(29, CipherPrimitive.CIPHER_AES_XTS, Padding.PAD_NULL),
    ALG_AES_CTR(-16, CipherPrimitive.CIPHER_AES_CTR, Padding.PAD_NULL),
    ALG_AES_GCM(-13, CipherPrimitive.CIPHER_AES_GCM, Padding.PAD_NULL),
    ALG_AES_CCM(-12, CipherPrimitive.CIPHER_AES_CCM, Padding.PAD_NULL);

    private final int number;
    private final CipherPrimitive primitive;
    private final Padding padding;
    private final int aesBlock;

    CipherAlgorithm(int number, CipherPrimitive primitive, Padding padding) {
        this(number, primitive, padding, 16);
    }

    CipherAlgorithm(int number, CipherPrimitive primitive, Padding padding, int aesBlock) {
        this.number = number;
        this.primitive = primitive;
        this.padding = padding;
        this.aesBlock = aesBlock;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static CipherAlgorithm of(int number) {
        for (CipherAlgorithm one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no Cipher algorithm " + number);
    }

    /** The name of a cipher with a padding in an AlgorithmSet: that of the constant that stands for it, else its parts. */
    public static String nameOf(CipherPrimitive primitive, Padding padding) {
        int number = numberOf(primitive, padding);
        return "Cipher." + (number == 0 ? primitive + "/" + padding : of(number).name());
    }

    /** The value of the constant that stands for a cipher with a padding; 0 when none does. */
    public static int numberOf(CipherPrimitive primitive, Padding padding) {
        for (CipherAlgorithm one : values()) {
            if (one.primitive == primitive && one.padding == padding) {
                return one.number;
            }
        }
        return 0;
    }

    public int number() {
        return number;
    }

    public CipherPrimitive primitive() {
        return primitive;
    }

    public Padding padding() {
        return padding;
    }

    /** Bytes of a block of ALG_AES_BLOCK_*: Rijndael's, of which AES is the one with 16. */
    int aesBlock() {
        return aesBlock;
    }
}
