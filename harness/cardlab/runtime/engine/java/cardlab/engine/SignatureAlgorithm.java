package cardlab.engine;

/** Signature.ALG_* of Java Card API 3.0.5. */
public enum SignatureAlgorithm {
    ALG_DES_MAC4_NOPAD(1, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC4, Padding.PAD_NOPAD),
    ALG_DES_MAC8_NOPAD(2, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC8, Padding.PAD_NOPAD),
    ALG_DES_MAC4_ISO9797_M1(3, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC4, Padding.PAD_ISO9797_M1),
    ALG_DES_MAC8_ISO9797_M1(4, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC8, Padding.PAD_ISO9797_M1),
    ALG_DES_MAC4_ISO9797_M2(5, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC4, Padding.PAD_ISO9797_M2),
    ALG_DES_MAC8_ISO9797_M2(6, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC8, Padding.PAD_ISO9797_M2),
    ALG_DES_MAC4_PKCS5(7, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC4, Padding.PAD_PKCS5),
    ALG_DES_MAC8_PKCS5(8, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC8, Padding.PAD_PKCS5),
    ALG_RSA_SHA_ISO9796(9, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_ISO9796),
    ALG_RSA_SHA_PKCS1(10, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_MD5_PKCS1(11, DigestAlgorithm.ALG_MD5, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_RIPEMD160_ISO9796(12, DigestAlgorithm.ALG_RIPEMD160, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_ISO9796),
    ALG_RSA_RIPEMD160_PKCS1(13, DigestAlgorithm.ALG_RIPEMD160, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_DSA_SHA(14, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_DSA, Padding.PAD_NULL),
    ALG_RSA_SHA_RFC2409(15, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_RFC2409),
    ALG_RSA_MD5_RFC2409(16, DigestAlgorithm.ALG_MD5, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_RFC2409),
    ALG_ECDSA_SHA(17, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_ECDSA, Padding.PAD_NULL),
    ALG_AES_MAC_128_NOPAD(18, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_AES_MAC128, Padding.PAD_NOPAD),
    ALG_DES_MAC4_ISO9797_1_M2_ALG3(19, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC4,
            Padding.PAD_ISO9797_1_M2_ALG3),
    ALG_DES_MAC8_ISO9797_1_M2_ALG3(20, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC8,
            Padding.PAD_ISO9797_1_M2_ALG3),
    ALG_RSA_SHA_PKCS1_PSS(21, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1_PSS),
    ALG_RSA_MD5_PKCS1_PSS(22, DigestAlgorithm.ALG_MD5, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1_PSS),
    ALG_RSA_RIPEMD160_PKCS1_PSS(23, DigestAlgorithm.ALG_RIPEMD160, SignatureCipher.SIG_CIPHER_RSA,
            Padding.PAD_PKCS1_PSS),
    ALG_HMAC_SHA1(24, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_HMAC, Padding.PAD_NULL),
    ALG_HMAC_SHA_256(25, DigestAlgorithm.ALG_SHA_256, SignatureCipher.SIG_CIPHER_HMAC, Padding.PAD_NULL),
    ALG_HMAC_SHA_384(26, DigestAlgorithm.ALG_SHA_384, SignatureCipher.SIG_CIPHER_HMAC, Padding.PAD_NULL),
    ALG_HMAC_SHA_512(27, DigestAlgorithm.ALG_SHA_512, SignatureCipher.SIG_CIPHER_HMAC, Padding.PAD_NULL),
    ALG_HMAC_MD5(28, DigestAlgorithm.ALG_MD5, SignatureCipher.SIG_CIPHER_HMAC, Padding.PAD_NULL),
    ALG_HMAC_RIPEMD160(29, DigestAlgorithm.ALG_RIPEMD160, SignatureCipher.SIG_CIPHER_HMAC, Padding.PAD_NULL),
    ALG_RSA_SHA_ISO9796_MR(30, DigestAlgorithm.ALG_SHA, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_ISO9796_MR),
    ALG_RSA_RIPEMD160_ISO9796_MR(31, DigestAlgorithm.ALG_RIPEMD160, SignatureCipher.SIG_CIPHER_RSA,
            Padding.PAD_ISO9796_MR),
    ALG_KOREAN_SEED_MAC_NOPAD(32, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_KOREAN_SEED_MAC,
            Padding.PAD_NOPAD),
    ALG_ECDSA_SHA_256(33, DigestAlgorithm.ALG_SHA_256, SignatureCipher.SIG_CIPHER_ECDSA, Padding.PAD_NULL),
    ALG_ECDSA_SHA_384(34, DigestAlgorithm.ALG_SHA_384, SignatureCipher.SIG_CIPHER_ECDSA, Padding.PAD_NULL),
    ALG_AES_MAC_192_NOPAD(35, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_AES_MAC128, Padding.PAD_NOPAD, 24),
    ALG_AES_MAC_256_NOPAD(36, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_AES_MAC128, Padding.PAD_NOPAD, 32),
    ALG_ECDSA_SHA_224(37, DigestAlgorithm.ALG_SHA_224, SignatureCipher.SIG_CIPHER_ECDSA, Padding.PAD_NULL),
    ALG_ECDSA_SHA_512(38, DigestAlgorithm.ALG_SHA_512, SignatureCipher.SIG_CIPHER_ECDSA, Padding.PAD_NULL),
    ALG_RSA_SHA_224_PKCS1(39, DigestAlgorithm.ALG_SHA_224, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_SHA_256_PKCS1(40, DigestAlgorithm.ALG_SHA_256, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_SHA_384_PKCS1(41, DigestAlgorithm.ALG_SHA_384, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_SHA_512_PKCS1(42, DigestAlgorithm.ALG_SHA_512, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1),
    ALG_RSA_SHA_224_PKCS1_PSS(43, DigestAlgorithm.ALG_SHA_224, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1_PSS),
    ALG_RSA_SHA_256_PKCS1_PSS(44, DigestAlgorithm.ALG_SHA_256, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1_PSS),
    ALG_RSA_SHA_384_PKCS1_PSS(45, DigestAlgorithm.ALG_SHA_384, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1_PSS),
    ALG_RSA_SHA_512_PKCS1_PSS(46, DigestAlgorithm.ALG_SHA_512, SignatureCipher.SIG_CIPHER_RSA, Padding.PAD_PKCS1_PSS),
    ALG_DES_MAC4_ISO9797_1_M1_ALG3(47, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC4,
            Padding.PAD_ISO9797_1_M1_ALG3),
    ALG_DES_MAC8_ISO9797_1_M1_ALG3(48, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_DES_MAC8,
            Padding.PAD_ISO9797_1_M1_ALG3),
    ALG_AES_CMAC_128(49, DigestAlgorithm.ALG_NULL, SignatureCipher.SIG_CIPHER_AES_CMAC128, Padding.PAD_NULL);

    private final int number;
    private final SignatureScheme scheme;
    private final int aesBlock;

    SignatureAlgorithm(int number, DigestAlgorithm digest, SignatureCipher cipher, Padding padding) {
        this(number, digest, cipher, padding, 16);
    }

    SignatureAlgorithm(int number, DigestAlgorithm digest, SignatureCipher cipher, Padding padding, int aesBlock) {
        this.number = number;
        this.scheme = new SignatureScheme(digest, cipher, padding);
        this.aesBlock = aesBlock;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static SignatureAlgorithm of(int number) {
        for (SignatureAlgorithm one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no Signature algorithm " + number);
    }

    /** The name of a scheme in an AlgorithmSet: that of the constant that stands for it, else its parts. */
    public static String nameOf(SignatureScheme scheme) {
        int number = numberOf(scheme);
        return number == 0 ? scheme.name() : "Signature." + of(number);
    }

    /** The value of the constant that stands for a scheme; 0 when none does. */
    public static int numberOf(SignatureScheme scheme) {
        for (SignatureAlgorithm one : values()) {
            if (one.scheme.equals(scheme)) {
                return one.number;
            }
        }
        return 0;
    }

    public int number() {
        return number;
    }

    public SignatureScheme scheme() {
        return scheme;
    }

    /** Bytes of a block of ALG_AES_MAC_*: Rijndael's, of which AES is the one with 16. */
    int aesBlock() {
        return aesBlock;
    }
}
