package cardlab.engine;

/** What cryptosystem a key belongs to. */
public enum KeyKind {
    DES, AES, KOREAN_SEED, HMAC, RSA, DSA, EC, DH,
    /** RFC 7748. */
    XDH,
    /** RFC 8032. */
    EDDSA,
    SM4, GENERIC_SECRET
}
