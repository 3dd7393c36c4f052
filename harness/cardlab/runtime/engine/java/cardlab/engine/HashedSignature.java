package cardlab.engine;

/** Signatures that hash the message first: RSA with PKCS #1, PSS and RFC 2409, DSA, ECDSA. */
abstract class HashedSignature extends SignatureOperation {
    private final Digests digests;
    private Digest digest;

    HashedSignature(SignatureScheme scheme, Digests digests) {
        super(scheme);
        this.digests = digests;
        this.digest = new Digest(scheme.digest(), digests);
    }

    final Digests digests() {
        return digests;
    }

    /** ILLEGAL_VALUE unless private keys sign and public ones verify. */
    @Override
    void checkKey(KeyData key, int newMode) {
        if (key.layout().family().isPrivate() != (newMode == Mode.SIGN)) {
            throw EngineException.illegalValue("private keys sign, public keys verify");
        }
    }

    @Override
    void begin(KeyData key, byte[] parameter) {
        noParameter(parameter);
        digest.reset();
    }

    @Override
    void absorb(KeyData key, byte[] in, int offset, int length) {
        digest.update(in, offset, length);
    }

    @Override
    byte[] produce(KeyData key, RandomSource random) {
        return signHash(key, random, digest.doFinal());
    }

    @Override
    boolean accepts(KeyData key, byte[] signature) {
        return verifyHash(key, digest.doFinal(), signature);
    }

    @Override
    public void setInitialDigest(KeyData key, byte[] value, byte[] digested) {
        requireInit(key);
        digest.setInitialDigest(value, digested);
    }

    @Override
    public byte[] signPreComputedHash(KeyData key, RandomSource random, byte[] hash) {
        requireMode(key, Mode.SIGN);
        checkHash(hash);
        try {
            return signHash(key, random, hash);
        } finally {
            reset();
        }
    }

    @Override
    public boolean verifyPreComputedHash(KeyData key, byte[] hash, byte[] signature) {
        requireMode(key, Mode.VERIFY);
        checkHash(hash);
        try {
            return verifyHash(key, hash, signature);
        } finally {
            reset();
        }
    }

    private void checkHash(byte[] hash) {
        if (hash.length != scheme().digest().length()) {
            throw EngineException.illegalUse(
                    "the hash has " + hash.length + " bytes, " + scheme().digest() + " " + scheme().digest().length());
        }
    }

    abstract byte[] signHash(KeyData key, RandomSource random, byte[] hash);

    abstract boolean verifyHash(KeyData key, byte[] hash, byte[] signature);

    @Override
    public void reset() {
        digest.reset();
    }

    final <T extends HashedSignature> T copied(T copy) {
        copy.copyMode(this);
        ((HashedSignature) copy).digest = digest.copy();
        return copy;
    }
}
