package cardlab.engine;

/** RandomData.ALG_* of Java Card API 3.0.5. All draw from the card's one source; their names are the applet's business. */
public enum RandomAlgorithm {
    ALG_PSEUDO_RANDOM, ALG_SECURE_RANDOM, ALG_TRNG, ALG_PRESEEDED_DRBG, ALG_FAST, ALG_KEYGENERATION;

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static RandomAlgorithm of(int number) {
        if (number < 1 || number > values().length) {
            throw EngineException.noSuchAlgorithm("there is no RandomData algorithm " + number);
        }
        return values()[number - 1];
    }

    public int number() {
        return ordinal() + 1;
    }

    /** ILLEGAL_VALUE for a request of no bytes (RandomData.generateData). */
    public static void checkLength(int length) {
        if (length == 0) {
            throw EngineException.illegalValue("no random bytes were asked for");
        }
    }
}
