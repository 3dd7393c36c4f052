package cardlab.engine;

/** A component of a key, as the key interfaces of javacard.security name them. */
public enum KeyPart {
    /** The bytes of a secret key. */
    KEY,
    MODULUS,
    EXPONENT,
    /** RSA: first prime; DSA, DH: prime of the field. */
    P,
    /** RSA: second prime; DSA, DH: prime order of the subgroup. */
    Q,
    DP1,
    DQ1,
    /** q⁻¹ mod p. */
    PQ,
    /** The prime of the field; for F2M the middle exponents e1 (or e1, e2, e3), two bytes each. */
    FIELD,
    A,
    B,
    /** Generator: an uncompressed point for EC, a number for DSA and DH. */
    G,
    /** Order of the generator. */
    R,
    /** Cofactor, two bytes; a key without it counts as one with cofactor 1. */
    K,
    /** Public point. */
    W,
    /** Private value. */
    S,
    /** Private value of DSA and DH. */
    X,
    /** Public value of DSA and DH. */
    Y
}
