package cardlab.engine;

import java.math.BigInteger;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc7748.X448;

/** KeyAgreement: without any state of its own. */
public final class KeyAgreement {
    private final AgreementAlgorithm algorithm;
    private final Digests digests;
    private final Curves curves;

    KeyAgreement(AgreementAlgorithm algorithm, Digests digests, Curves curves) {
        this.algorithm = algorithm;
        this.digests = digests;
        this.curves = curves;
    }

    public AgreementAlgorithm algorithm() {
        return algorithm;
    }

    /** KeyAgreement.init(): ILLEGAL_VALUE (kind of key, its numbers), UNINITIALIZED_KEY. */
    public void init(KeyData key) {
        Keys.requireKind(key, switch (algorithm) {
            case ALG_DH_PLAIN -> KeyKind.DH;
            case ALG_XDH -> KeyKind.XDH;
            default -> KeyKind.EC;
        });
        if (!key.layout().family().isPrivate()) {
            throw EngineException.illegalValue("a private key is needed");
        }
        Keys.requireInitialized(key);
        if (key.layout().family().kind() == KeyKind.EC) {
            curves.privateValue(key);
        }
    }

    /**
     * KeyAgreement.generateSecret(). {@code publicData} is a point (04, x, y), for DH the public value. UNINITIALIZED_KEY,
     * ILLEGAL_VALUE when it is no public value for this key.
     */
    public byte[] generateSecret(KeyData key, byte[] publicData) {
        init(key);
        return switch (algorithm) {
            case ALG_DH_PLAIN -> diffieHellman(key, publicData);
            case ALG_XDH -> montgomery(key, publicData);
            default -> Arithmetic.computed(() -> elliptic(key, publicData));
        };
    }

    /** RFC 7748, 6: a result of zeros comes of a point of small order. */
    private static byte[] montgomery(KeyData key, byte[] publicData) {
        byte[] secret = Keys.bytes(key, KeyPart.S);
        if (publicData.length != secret.length) {
            throw EngineException.illegalValue(
                    "a public value has " + secret.length + " bytes, not " + publicData.length);
        }
        byte[] shared = new byte[secret.length];
        boolean isGood = secret.length == X448.POINT_SIZE ? X448.calculateAgreement(secret, 0, publicData, 0, shared, 0)
                : X25519.calculateAgreement(secret, 0, publicData, 0, shared, 0);
        if (!isGood) {
            throw EngineException.illegalValue("the public value is a point of small order");
        }
        return shared;
    }

    private byte[] elliptic(KeyData key, byte[] publicData) {
        ECDomainParameters domain = curves.domain(key);
        ECPoint other = Curves.point(domain, key.layout(), publicData);
        BigInteger secret = curves.privateValue(key);
        if (algorithm == AgreementAlgorithm.ALG_EC_PACE_GM) {
            return encoded(domain.getG().multiply(secret).add(other), key);
        }
        byte[] shared = encoded(other.multiply(algorithm.cofactor() ? secret.multiply(domain.getH()) : secret), key);
        return switch (algorithm) {
            case ALG_EC_SVDP_DH_PLAIN_XY -> shared;
            default -> derived(java.util.Arrays.copyOfRange(shared, 1, 1 + key.layout().bytes()));
        };
    }

    private byte[] derived(byte[] x) {
        return algorithm.hashes() ? digests.hash(DigestAlgorithm.ALG_SHA, x) : x;
    }

    private static byte[] encoded(ECPoint point, KeyData key) {
        if (point.isInfinity()) {
            throw EngineException.illegalValue("the result is the point at infinity");
        }
        return Curves.encoded(point, key.layout());
    }

    /** NIST SP 800-56A, 5.7.1.1, with the check of 5.6.2.3.2 for the range of the public value. */
    private static byte[] diffieHellman(KeyData key, byte[] publicData) {
        BigInteger p = Keys.number(key, KeyPart.P);
        BigInteger y = new BigInteger(1, publicData);
        if (y.compareTo(BigInteger.TWO) < 0 || y.compareTo(p.subtract(BigInteger.TWO)) > 0) {
            throw EngineException.illegalValue("the public value is not between 2 and P - 2");
        }
        BigInteger secret = y.modPow(Keys.number(key, KeyPart.X), p);
        if (secret.compareTo(BigInteger.ONE) <= 0) {
            throw EngineException.illegalValue("the shared secret would be " + secret);
        }
        return Keys.fixed(secret, key.layout().bytes());
    }
}
