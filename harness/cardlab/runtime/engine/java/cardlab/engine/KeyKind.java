package cardlab.engine;

/** What cryptosystem a key belongs to. */
public enum KeyKind {
    DES, AES, KOREAN_SEED, HMAC, RSA, DSA, EC, DH
}
