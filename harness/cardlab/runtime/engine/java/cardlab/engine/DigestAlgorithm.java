package cardlab.engine;

import java.util.HexFormat;

/** MessageDigest.ALG_* of Java Card API 3.1. */
public enum DigestAlgorithm {
    ALG_NULL(0, 0, 0, 0, null, null),
    ALG_SHA(1, 20, 64, 20, "SHA-1", "2b0e03021a"),
    ALG_MD5(2, 16, 64, 16, "MD5", "2a864886f70d0205"),
    ALG_RIPEMD160(3, 20, 64, 0, null, "2b24030201"),
    ALG_SHA_256(4, 32, 64, 32, "SHA-256", "608648016503040201"),
    ALG_SHA_384(5, 48, 128, 64, "SHA-384", "608648016503040202"),
    ALG_SHA_512(6, 64, 128, 64, "SHA-512", "608648016503040203"),
    ALG_SHA_224(7, 28, 64, 32, "SHA-224", "608648016503040204"),
    ALG_SHA3_224(8, 28, 144, 0, "SHA3-224", "608648016503040207"),
    ALG_SHA3_256(9, 32, 136, 0, "SHA3-256", "608648016503040208"),
    ALG_SHA3_384(10, 48, 104, 0, "SHA3-384", "608648016503040209"),
    ALG_SHA3_512(11, 64, 72, 0, "SHA3-512", "60864801650304020a"),
    ALG_SM3(12, 32, 64, 0, null, "2a811ccf55018311");

    private final int number;
    private final int length;
    private final int block;
    private final int state;
    private final String jca;
    private final byte[] oid;

    DigestAlgorithm(int number, int length, int block, int state, String jca, String oid) {
        this.number = number;
        this.length = length;
        this.block = block;
        this.state = state;
        this.jca = jca;
        this.oid = oid == null ? null : HexFormat.of().parseHex(oid);
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static DigestAlgorithm of(int number) {
        for (DigestAlgorithm one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no MessageDigest algorithm " + number);
    }

    public int number() {
        return number;
    }

    /** Bytes of the digest. */
    public int length() {
        return length;
    }

    /** Bytes of a block: what HMAC pads its key to. */
    int block() {
        return block;
    }

    /** Bytes of the chaining value that setInitialDigest() takes; 0 where the digest cannot be started from one. */
    int state() {
        return state;
    }

    /** Its name with the JDK's providers; null when they do not have it. */
    String jca() {
        return jca;
    }

    /** DigestInfo up to the digest (RFC 8017, 9.2): SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING. */
    byte[] digestInfoPrefix() {
        byte[] prefix = new byte[oid.length + 10];
        prefix[0] = 0x30;
        prefix[1] = (byte) (oid.length + 8 + length);
        prefix[2] = 0x30;
        prefix[3] = (byte) (oid.length + 4);
        prefix[4] = 0x06;
        prefix[5] = (byte) oid.length;
        System.arraycopy(oid, 0, prefix, 6, oid.length);
        prefix[oid.length + 6] = 0x05;
        prefix[oid.length + 8] = 0x04;
        prefix[oid.length + 9] = (byte) length;
        return prefix;
    }
}
