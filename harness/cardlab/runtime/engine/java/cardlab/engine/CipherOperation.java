package cardlab.engine;

/**
 * One running Cipher. It holds no key: each call is given the one that init() was called with. What comes out is returned,
 * so input and output may be the same array of the card.
 */
public abstract class CipherOperation {
    /** 0 until init(). */
    private int mode;

    /** Cipher.init(Key, byte). UNINITIALIZED_KEY, ILLEGAL_VALUE (mode, kind of key). */
    public final void init(KeyData key, int newMode) {
        init(key, newMode, null);
    }

    /**
     * Cipher.init(Key, byte, byte[], short, short); {@code parameter} is the initial vector, null for the default. As
     * above, and ILLEGAL_VALUE when it has not the length of a vector, or the algorithm has none.
     */
    public final void init(KeyData key, int newMode, byte[] parameter) {
        Mode.check(newMode);
        checkKey(key, newMode);
        begin(key, newMode, parameter);
        mode = newMode;
    }

    /** Cipher.update(). INVALID_INIT, UNINITIALIZED_KEY, ILLEGAL_USE. */
    public final byte[] update(KeyData key, byte[] in, int offset, int length) {
        requireInit(key);
        return process(key, in, offset, length);
    }

    /** Cipher.doFinal(): afterwards the object is as after init(Key, byte), with a vector of zeros. */
    public final byte[] doFinal(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        requireInit(key);
        try {
            return finish(key, random, in, offset, length);
        } finally {
            restart();
        }
    }

    /** A card reset: as after init(Key, byte). */
    public void reset() {
        restart();
    }

    /** A copy that goes on by itself. */
    public abstract CipherOperation copy();

    /** MODE_DECRYPT, MODE_ENCRYPT, 0 before init(). */
    public final int mode() {
        return mode;
    }

    final void copyMode(CipherOperation from) {
        mode = from.mode;
    }

    final boolean encrypting() {
        return mode == Mode.ENCRYPT;
    }

    final void requireInit(KeyData key) {
        if (mode == 0) {
            throw EngineException.invalidInit("the Cipher was not initialised");
        }
        Keys.requireInitialized(key);
    }

    static EngineException noParameter() {
        return EngineException.illegalValue("the algorithm takes no parameter in init()");
    }

    abstract void checkKey(KeyData key, int newMode);

    abstract void begin(KeyData key, int newMode, byte[] parameter);

    abstract byte[] process(KeyData key, byte[] in, int offset, int length);

    abstract byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length);

    /** Back to the beginning of a message, with default parameters. */
    abstract void restart();
}
