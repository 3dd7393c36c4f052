package cardlab.engine;

/**
 * One running Signature. It holds no key: each call is given the one that init() was called with.
 */
public abstract class SignatureOperation {
    private final SignatureScheme scheme;
    /** 0 until init(). */
    private int mode;

    SignatureOperation(SignatureScheme scheme) {
        this.scheme = scheme;
    }

    public final SignatureScheme scheme() {
        return scheme;
    }

    /** MODE_SIGN, MODE_VERIFY, 0 before init(). */
    public final int mode() {
        return mode;
    }

    /** Signature.init(Key, byte). UNINITIALIZED_KEY; ILLEGAL_VALUE: mode, kind of key, key too short for the digest. */
    public final void init(KeyData key, int newMode) {
        init(key, newMode, null);
    }

    /**
     * Signature.init(Key, byte, byte[], short, short); {@code parameter} is the initial vector of a MAC, null for zeros.
     * ILLEGAL_VALUE when it has not the length of a block, or the algorithm has none.
     */
    public final void init(KeyData key, int newMode, byte[] parameter) {
        Mode.check(newMode);
        Keys.requireKind(key, scheme.cipher().keys());
        Keys.requireInitialized(key);
        checkKey(key, newMode);
        begin(key, parameter);
        mode = newMode;
    }

    /** Signature.update(). INVALID_INIT, UNINITIALIZED_KEY. */
    public final void update(KeyData key, byte[] in, int offset, int length) {
        requireInit(key);
        absorb(key, in, offset, length);
    }

    /** Signature.sign(): afterwards the object is as after init(Key, byte). INVALID_INIT also in verify mode, ILLEGAL_USE. */
    public byte[] sign(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        requireMode(key, Mode.SIGN);
        try {
            absorb(key, in, offset, length);
            return produce(key, random);
        } finally {
            restart(key);
        }
    }

    /** Signature.verify(): afterwards the object is as after init(Key, byte). A signature of another length is wrong. */
    public boolean verify(KeyData key, byte[] in, int offset, int length, byte[] signature) {
        requireMode(key, Mode.VERIFY);
        try {
            absorb(key, in, offset, length);
            return accepts(key, signature);
        } finally {
            restart(key);
        }
    }

    /** Whether a signature has the encoding of the scheme; some cards throw where others say that it is wrong. */
    public boolean isEncoded(byte[] signature) {
        return true;
    }

    /** Signature.setInitialDigest(). ILLEGAL_USE for schemes that do not hash first. */
    public void setInitialDigest(KeyData key, byte[] value, byte[] digested) {
        requireInit(key);
        throw EngineException.illegalUse(scheme.cipher() + " has no message digest to go on from");
    }

    /** Signature.signPreComputedHash(). ILLEGAL_USE: length of the hash, or a scheme that does not hash first. */
    public byte[] signPreComputedHash(KeyData key, RandomSource random, byte[] hash) {
        requireMode(key, Mode.SIGN);
        throw noPreComputedHash();
    }

    /** Signature.verifyPreComputedHash(). */
    public boolean verifyPreComputedHash(KeyData key, byte[] hash, byte[] signature) {
        requireMode(key, Mode.VERIFY);
        throw noPreComputedHash();
    }

    /** Signature.getLength(): the most bytes that a signature has. INVALID_INIT, UNINITIALIZED_KEY. */
    public final int length(KeyData key) {
        requireInit(key);
        return signatureLength(key);
    }

    /** A card reset: as after init(Key, byte). The key may be gone by now. */
    public abstract void reset();

    /** A copy that goes on by itself. */
    public abstract SignatureOperation copy();

    final void copyMode(SignatureOperation from) {
        mode = from.mode;
    }

    final void requireInit(KeyData key) {
        if (mode == 0) {
            throw EngineException.invalidInit("the Signature was not initialised");
        }
        Keys.requireInitialized(key);
    }

    final void requireMode(KeyData key, int wanted) {
        if (mode != wanted) {
            throw EngineException.invalidInit(mode == 0 ? "the Signature was not initialised"
                    : "the Signature was initialised for " + (mode == Mode.SIGN ? "signing" : "verifying"));
        }
        requireInit(key);
    }

    private EngineException noPreComputedHash() {
        return EngineException.illegalUse(scheme.name() + " takes no hash that was computed before");
    }

    /** ILLEGAL_VALUE when the key cannot be used in this mode, or is too short. */
    abstract void checkKey(KeyData key, int newMode);

    abstract void begin(KeyData key, byte[] parameter);

    abstract void absorb(KeyData key, byte[] in, int offset, int length);

    abstract byte[] produce(KeyData key, RandomSource random);

    abstract boolean accepts(KeyData key, byte[] signature);

    abstract int signatureLength(KeyData key);

    /** Ready for the next message. */
    void restart(KeyData key) {
        reset();
    }

    static void noParameter(byte[] parameter) {
        if (parameter != null) {
            throw EngineException.illegalValue("the algorithm takes no parameter in init()");
        }
    }

    static boolean same(byte[] expected, byte[] actual) {
        return java.security.MessageDigest.isEqual(expected, actual);
    }
}
