package cardlab.engine;

import java.math.BigInteger;
import org.bouncycastle.crypto.params.DSAParameters;
import org.bouncycastle.crypto.params.DSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.DSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.DSASigner;

/** ALG_DSA_SHA (FIPS 186-4, 4). */
final class DsaSignature extends HashedSignature {
    DsaSignature(SignatureScheme scheme, Digests digests) {
        super(scheme, digests);
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        super.checkKey(key, newMode);
        if (key.layout().family().isPrivate()) {
            parameters(key);
        } else {
            publicKey(key);
        }
    }

    @Override
    byte[] signHash(KeyData key, RandomSource random, byte[] hash) {
        DSASigner signer = new DSASigner();
        DSAPrivateKeyParameters parameters =
                new DSAPrivateKeyParameters(Keys.number(key, KeyPart.X), parameters(key));
        signer.init(true, new ParametersWithRandom(parameters, new SourceRandom(random)));
        BigInteger[] signature = Arithmetic.computed(() -> signer.generateSignature(hash));
        return Der.encode(signature[0], signature[1]);
    }

    @Override
    boolean verifyHash(KeyData key, byte[] hash, byte[] signature) {
        BigInteger[] numbers = Der.decode(signature);
        if (numbers == null) {
            return false;
        }
        DSASigner signer = new DSASigner();
        signer.init(false, publicKey(key));
        return verifies(signer, hash, numbers);
    }

    /** As with ECDSA: a number without an inverse modulo Q makes no signature. */
    private static boolean verifies(DSASigner signer, byte[] hash, BigInteger[] numbers) {
        try {
            return signer.verifySignature(hash, numbers[0], numbers[1]);
        } catch (IllegalArgumentException | ArithmeticException error) {
            return false;
        }
    }

    private static DSAPublicKeyParameters publicKey(KeyData key) {
        try {
            return new DSAPublicKeyParameters(Keys.number(key, KeyPart.Y), parameters(key));
        } catch (IllegalArgumentException error) {
            throw EngineException.illegalValue("Y is no member of the group: " + error.getMessage());
        }
    }

    private static DSAParameters parameters(KeyData key) {
        return new DSAParameters(
                Keys.number(key, KeyPart.P), Arithmetic.order(key, KeyPart.Q), Keys.number(key, KeyPart.G));
    }

    @Override
    public boolean isEncoded(byte[] signature) {
        return Der.decode(signature) != null;
    }

    @Override
    int signatureLength(KeyData key) {
        return Der.length(Keys.number(key, KeyPart.Q).bitLength());
    }

    @Override
    public SignatureOperation copy() {
        return copied(new DsaSignature(scheme(), digests()));
    }
}
