package cardlab.engine;

/** KeyAgreement.ALG_* of Java Card API 3.1, without SM2. */
public enum AgreementAlgorithm {
    ALG_EC_SVDP_DH(1),
    ALG_EC_SVDP_DHC(2),
    ALG_EC_SVDP_DH_PLAIN(3),
    ALG_EC_SVDP_DHC_PLAIN(4),
    ALG_EC_PACE_GM(5),
    ALG_EC_SVDP_DH_PLAIN_XY(6),
    ALG_DH_PLAIN(7),
    /** RFC 7748. */
    ALG_XDH(8);

    private final int number;

    AgreementAlgorithm(int number) {
        this.number = number;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static AgreementAlgorithm of(int number) {
        for (AgreementAlgorithm one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no KeyAgreement algorithm " + number);
    }

    public int number() {
        return number;
    }

    boolean hashes() {
        return this == ALG_EC_SVDP_DH || this == ALG_EC_SVDP_DHC;
    }

    boolean cofactor() {
        return this == ALG_EC_SVDP_DHC || this == ALG_EC_SVDP_DHC_PLAIN;
    }
}
