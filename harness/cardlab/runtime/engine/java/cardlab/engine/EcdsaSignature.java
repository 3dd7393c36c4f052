package cardlab.engine;

import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * ALG_ECDSA_* (FIPS 186-4, 6): a digest longer than the order is cut, as ANSI X9.62 says. DER, or r and s of fixed length.
 * With ALG_NULL, which several cards have, the message is the digest.
 */
final class EcdsaSignature extends HashedSignature {
    private final Curves curves;

    EcdsaSignature(SignatureScheme scheme, Digests digests, Curves curves) {
        super(scheme, digests);
        this.curves = curves;
    }

    private boolean plain() {
        return scheme().cipher() == SignatureCipher.SIG_CIPHER_ECDSA_PLAIN;
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        super.checkKey(key, newMode);
        if (newMode == Mode.SIGN) {
            curves.privateValue(key);
        } else {
            curves.publicPoint(key);
        }
    }

    @Override
    byte[] signHash(KeyData key, RandomSource random, byte[] hash) {
        ECDomainParameters domain = curves.domain(key);
        ECDSASigner signer = new ECDSASigner();
        ECPrivateKeyParameters parameters = new ECPrivateKeyParameters(curves.privateValue(key), domain);
        signer.init(true, new ParametersWithRandom(parameters, new SourceRandom(random)));
        BigInteger[] signature = Arithmetic.computed(() -> signer.generateSignature(hash));
        return plain() ? fixed(signature, domain.getN()) : Der.encode(signature[0], signature[1]);
    }

    private static byte[] fixed(BigInteger[] signature, BigInteger order) {
        int length = (order.bitLength() + 7) / 8;
        byte[] out = Arrays.copyOf(Keys.fixed(signature[0], length), 2 * length);
        System.arraycopy(Keys.fixed(signature[1], length), 0, out, length, length);
        return out;
    }

    @Override
    boolean verifyHash(KeyData key, byte[] hash, byte[] signature) {
        ECDomainParameters domain = curves.domain(key);
        BigInteger[] numbers = plain() ? split(signature, domain.getN()) : Der.decode(signature);
        if (numbers == null) {
            return false;
        }
        ECDSASigner signer = new ECDSASigner();
        signer.init(false, new ECPublicKeyParameters(curves.publicPoint(key), domain));
        return verifies(signer, hash, numbers);
    }

    /** A number without an inverse modulo the order, which is composite then, makes no signature. */
    private static boolean verifies(ECDSASigner signer, byte[] hash, BigInteger[] numbers) {
        try {
            return signer.verifySignature(hash, numbers[0], numbers[1]);
        } catch (IllegalArgumentException | ArithmeticException error) {
            return false;
        }
    }

    private static BigInteger[] split(byte[] signature, BigInteger order) {
        int length = (order.bitLength() + 7) / 8;
        if (signature.length != 2 * length) {
            return null;
        }
        return new BigInteger[] {
            new BigInteger(1, Arrays.copyOf(signature, length)),
            new BigInteger(1, Arrays.copyOfRange(signature, length, 2 * length)),
        };
    }

    @Override
    public boolean isEncoded(byte[] signature) {
        return plain() || Der.decode(signature) != null;
    }

    @Override
    int signatureLength(KeyData key) {
        int bits = curves.domain(key).getN().bitLength();
        return plain() ? 2 * ((bits + 7) / 8) : Der.length(bits);
    }

    @Override
    public SignatureOperation copy() {
        return copied(new EcdsaSignature(scheme(), digests(), curves));
    }
}
