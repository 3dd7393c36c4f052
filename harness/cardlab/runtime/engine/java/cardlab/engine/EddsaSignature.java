package cardlab.engine;

import java.io.ByteArrayOutputStream;
import org.bouncycastle.crypto.digests.SHAKEDigest;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.math.ec.rfc8032.Ed448;

/** SIG_CIPHER_EDDSA and SIG_CIPHER_EDDSAPH (RFC 8032, 5): the whole message is kept, or its hash, with an empty context. */
final class EddsaSignature extends SignatureOperation {
    private static final byte[] NO_CONTEXT = {};
    private static final int PREHASH = 64;

    private final Digests digests;
    private ByteArrayOutputStream message = new ByteArrayOutputStream();

    EddsaSignature(SignatureScheme scheme, Digests digests) {
        super(scheme);
        this.digests = digests;
    }

    private static boolean is448(KeyData key) {
        return key.layout().bits() == 448;
    }

    private boolean hashesFirst() {
        return scheme().cipher().hashesWhole();
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        NamedCurve only = scheme().cipher().curve();
        boolean isPrivate = key.layout().family().isPrivate();
        if (only != null && only != NamedCurve.of(KeyKind.EDDSA, key.layout().bits())) {
            throw EngineException.illegalValue(scheme().cipher() + " takes keys of " + only);
        }
        if (is448(key) && scheme().digest() == DigestAlgorithm.ALG_SHA_512) {
            throw EngineException.illegalValue("Ed448 does not use SHA-512");
        }
        if (isPrivate != (newMode == Mode.SIGN)) {
            throw EngineException.illegalValue(isPrivate ? "a public key verifies" : "a private key signs");
        }
    }

    @Override
    void begin(KeyData key, byte[] parameter) {
        noParameter(parameter);
        reset();
    }

    @Override
    void absorb(KeyData key, byte[] in, int offset, int length) {
        message.write(in, offset, length);
    }

    private byte[] hashed(KeyData key) {
        byte[] all = message.toByteArray();
        if (!is448(key)) {
            return digests.hash(DigestAlgorithm.ALG_SHA_512, all);
        }
        byte[] out = new byte[PREHASH];
        SHAKEDigest shake = new SHAKEDigest(256);
        shake.update(all, 0, all.length);
        shake.doFinal(out, 0, PREHASH);
        return out;
    }

    @Override
    byte[] produce(KeyData key, RandomSource random) {
        if (hashesFirst()) {
            return signed(key, hashed(key));
        }
        byte[] secret = Keys.bytes(key, KeyPart.S);
        byte[] all = message.toByteArray();
        byte[] out = new byte[signatureLength(key)];
        if (is448(key)) {
            Ed448.sign(secret, 0, NO_CONTEXT, all, 0, all.length, out, 0);
        } else {
            Ed25519.sign(secret, 0, all, 0, all.length, out, 0);
        }
        return out;
    }

    private byte[] signed(KeyData key, byte[] hash) {
        byte[] secret = Keys.bytes(key, KeyPart.S);
        byte[] out = new byte[signatureLength(key)];
        if (is448(key)) {
            Ed448.signPrehash(secret, 0, NO_CONTEXT, hash, 0, out, 0);
        } else {
            Ed25519.signPrehash(secret, 0, NO_CONTEXT, hash, 0, out, 0);
        }
        return out;
    }

    @Override
    boolean accepts(KeyData key, byte[] signature) {
        if (signature.length != signatureLength(key)) {
            return false;
        }
        if (hashesFirst()) {
            return verified(key, hashed(key), signature);
        }
        byte[] point = Keys.bytes(key, KeyPart.W);
        byte[] all = message.toByteArray();
        return is448(key) ? Ed448.verify(signature, 0, point, 0, NO_CONTEXT, all, 0, all.length)
                : Ed25519.verify(signature, 0, point, 0, all, 0, all.length);
    }

    private boolean verified(KeyData key, byte[] hash, byte[] signature) {
        byte[] point = Keys.bytes(key, KeyPart.W);
        return is448(key) ? Ed448.verifyPrehash(signature, 0, point, 0, NO_CONTEXT, hash, 0)
                : Ed25519.verifyPrehash(signature, 0, point, 0, NO_CONTEXT, hash, 0);
    }

    @Override
    public byte[] signPreComputedHash(KeyData key, RandomSource random, byte[] hash) {
        requireMode(key, Mode.SIGN);
        requireHash(hash);
        reset();
        return signed(key, hash);
    }

    @Override
    public boolean verifyPreComputedHash(KeyData key, byte[] hash, byte[] signature) {
        requireMode(key, Mode.VERIFY);
        requireHash(hash);
        reset();
        return signature.length == signatureLength(key) && verified(key, hash, signature);
    }

    private void requireHash(byte[] hash) {
        if (!hashesFirst() || hash.length != PREHASH) {
            throw EngineException.illegalUse(hashesFirst() ? "the hash has " + hash.length + " bytes, not 64"
                    : "PureEdDSA takes no hash that was computed before");
        }
    }

    @Override
    int signatureLength(KeyData key) {
        return is448(key) ? Ed448.SIGNATURE_SIZE : Ed25519.SIGNATURE_SIZE;
    }

    @Override
    public void reset() {
        message = new ByteArrayOutputStream();
    }

    @Override
    public SignatureOperation copy() {
        EddsaSignature copy = new EddsaSignature(scheme(), digests);
        copy.copyMode(this);
        copy.message.writeBytes(message.toByteArray());
        return copy;
    }
}
