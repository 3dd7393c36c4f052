package cardlab.engine;

import java.util.Arrays;

/** ALG_HMAC_* (RFC 2104). */
final class HmacOperation extends SignatureOperation {
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5C;

    private final Digests digests;
    /** Null until the first byte of a message: the inner pad needs the key. */
    private Digest inner;

    HmacOperation(SignatureScheme scheme, Digests digests) {
        super(scheme);
        this.digests = digests;
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        // every HMAC key will do
    }

    @Override
    void begin(KeyData key, byte[] parameter) {
        noParameter(parameter);
        reset();
    }

    @Override
    void absorb(KeyData key, byte[] in, int offset, int length) {
        if (inner == null) {
            inner = started(key, INNER);
        }
        inner.update(in, offset, length);
    }

    private Digest started(KeyData key, byte pad) {
        byte[] block = key(key);
        for (int i = 0; i < block.length; i++) {
            block[i] ^= pad;
        }
        Digest digest = new Digest(scheme().digest(), digests);
        digest.update(block, 0, block.length);
        Arrays.fill(block, (byte) 0);
        return digest;
    }

    private byte[] key(KeyData key) {
        byte[] bytes = Keys.bytes(key, KeyPart.KEY);
        int block = scheme().digest().block();
        return Arrays.copyOf(bytes.length > block ? digests.hash(scheme().digest(), bytes) : bytes, block);
    }

    @Override
    byte[] produce(KeyData key, RandomSource random) {
        return mac(key);
    }

    private byte[] mac(KeyData key) {
        byte[] hash = inner.doFinal();
        return started(key, OUTER).doFinal(hash, 0, hash.length);
    }

    @Override
    boolean accepts(KeyData key, byte[] signature) {
        return same(mac(key), signature);
    }

    @Override
    int signatureLength(KeyData key) {
        return scheme().digest().length();
    }

    @Override
    public void reset() {
        inner = null;
    }

    @Override
    public SignatureOperation copy() {
        HmacOperation copy = new HmacOperation(scheme(), digests);
        copy.copyMode(this);
        copy.inner = inner == null ? null : inner.copy();
        return copy;
    }
}
