package cardlab.engine;

/** KeyPair.ALG_* of Java Card API 3.0.5, and pairs of XEC keys, which have no constant. */
public enum KeyPairAlgorithm {
    ALG_RSA(KeyFamily.RSA_PUBLIC, KeyFamily.RSA_PRIVATE),
    ALG_RSA_CRT(KeyFamily.RSA_PUBLIC, KeyFamily.RSA_CRT_PRIVATE),
    ALG_DSA(KeyFamily.DSA_PUBLIC, KeyFamily.DSA_PRIVATE),
    ALG_EC_F2M(KeyFamily.EC_F2M_PUBLIC, KeyFamily.EC_F2M_PRIVATE),
    ALG_EC_FP(KeyFamily.EC_FP_PUBLIC, KeyFamily.EC_FP_PRIVATE),
    ALG_DH(KeyFamily.DH_PUBLIC, KeyFamily.DH_PRIVATE),
    XDH(KeyFamily.XDH_PUBLIC, KeyFamily.XDH_PRIVATE),
    EDDSA(KeyFamily.EDDSA_PUBLIC, KeyFamily.EDDSA_PRIVATE);

    private final KeyFamily publicFamily;
    private final KeyFamily privateFamily;

    KeyPairAlgorithm(KeyFamily publicFamily, KeyFamily privateFamily) {
        this.publicFamily = publicFamily;
        this.privateFamily = privateFamily;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static KeyPairAlgorithm of(int number) {
        if (number < 1 || number > ALG_DH.number()) {
            throw EngineException.noSuchAlgorithm("there is no KeyPair algorithm " + number);
        }
        return values()[number - 1];
    }

    /** The one that generates these two keys; ILLEGAL_VALUE when they are no pair (KeyPair's constructor). */
    public static KeyPairAlgorithm of(KeyLayout publicKey, KeyLayout privateKey) {
        for (KeyPairAlgorithm one : values()) {
            if (publicKey.family() == one.publicFamily && privateKey.family() == one.privateFamily
                    && publicKey.bits() == privateKey.bits()) {
                return one;
            }
        }
        throw EngineException.illegalValue("a " + publicKey.family() + " key of " + publicKey.bits() + " bits and a "
                + privateKey.family() + " key of " + privateKey.bits() + " bits are no pair");
    }

    public int number() {
        return ordinal() + 1;
    }

    public KeyFamily publicFamily() {
        return publicFamily;
    }

    public KeyFamily privateFamily() {
        return privateFamily;
    }
}
