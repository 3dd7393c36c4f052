package cardlab.engine;

import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Map;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.DHKeyPairGenerator;
import org.bouncycastle.crypto.generators.DSAKeyPairGenerator;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.DHKeyGenerationParameters;
import org.bouncycastle.crypto.params.DHParameters;
import org.bouncycastle.crypto.params.DHPrivateKeyParameters;
import org.bouncycastle.crypto.params.DHPublicKeyParameters;
import org.bouncycastle.crypto.params.DSAKeyGenerationParameters;
import org.bouncycastle.crypto.params.DSAParameters;
import org.bouncycastle.crypto.params.DSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.DSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc7748.X448;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.math.ec.rfc8032.Ed448;

/** KeyPair.genKeyPair(). */
final class PairGenerator {
    private static final BigInteger F4 = BigInteger.valueOf(65537);

    private final Curves curves;
    private final SourceRandom random;

    PairGenerator(Curves curves, RandomSource random) {
        this.curves = curves;
        this.random = new SourceRandom(random);
    }

    GeneratedPair generate(KeyData publicKey, KeyData privateKey) {
        KeyPairAlgorithm algorithm = KeyPairAlgorithm.of(publicKey.layout(), privateKey.layout());
        try {
            return switch (algorithm) {
                case ALG_RSA, ALG_RSA_CRT -> rsa(publicKey, privateKey.layout());
                case ALG_DSA -> dsa(publicKey, privateKey);
                case ALG_DH -> dh(publicKey, privateKey);
                case XDH -> xdh(publicKey.layout());
                case EDDSA -> eddsa(publicKey.layout());
                default -> ec(publicKey, privateKey);
            };
        } catch (IllegalArgumentException | IllegalStateException | ArithmeticException error) {
            throw EngineException.illegalValue("no keys can be made of what is set: " + error.getMessage());
        }
    }

    /** With the exponent that the public key has, else 65537. */
    private GeneratedPair rsa(KeyData publicKey, KeyLayout privateLayout) {
        byte[] set = publicKey.part(KeyPart.EXPONENT);
        BigInteger exponent = set == null ? F4 : new BigInteger(1, set);
        if (exponent.compareTo(BigInteger.valueOf(3)) < 0 || !exponent.testBit(0)) {
            throw EngineException.illegalValue("the public exponent " + exponent + " is even, or below 3");
        }
        RsaKeys made = RsaKeys.generate(privateLayout.bits(), exponent, random);
        Map<KeyPart, byte[]> publicParts = new EnumMap<>(KeyPart.class);
        publicParts.put(KeyPart.MODULUS, Keys.fixed(made.modulus(), privateLayout.bytes()));
        publicParts.put(KeyPart.EXPONENT, set == null ? Keys.fixed(exponent, 3) : set);
        return new GeneratedPair(publicParts, rsaPrivate(made, privateLayout));
    }

    private static Map<KeyPart, byte[]> rsaPrivate(RsaKeys made, KeyLayout layout) {
        Map<KeyPart, byte[]> parts = new EnumMap<>(KeyPart.class);
        if (layout.family() == KeyFamily.RSA_PRIVATE) {
            parts.put(KeyPart.MODULUS, Keys.fixed(made.modulus(), layout.bytes()));
            parts.put(KeyPart.EXPONENT, Keys.fixed(made.privateExponent(), layout.bytes()));
            return parts;
        }
        parts.put(KeyPart.P, Keys.fixed(made.p(), layout.bytes() / 2));
        parts.put(KeyPart.Q, Keys.fixed(made.q(), layout.bytes() / 2));
        parts.put(KeyPart.PQ, Keys.fixed(made.inverseOfQ(), layout.bytes() / 2));
        parts.put(KeyPart.DP1, Keys.fixed(made.exponentOfP(), layout.bytes() / 2));
        parts.put(KeyPart.DQ1, Keys.fixed(made.exponentOfQ(), layout.bytes() / 2));
        return parts;
    }

    private GeneratedPair ec(KeyData publicKey, KeyData privateKey) {
        Map<KeyPart, byte[]> domain = Domains.of(publicKey, privateKey);
        KeyLayout layout = publicKey.layout();
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(curves.domain(holding(layout, domain)), random));
        AsymmetricCipherKeyPair made = generator.generateKeyPair();
        byte[] point = Curves.encoded(((ECPublicKeyParameters) made.getPublic()).getQ(), layout);
        BigInteger value = ((ECPrivateKeyParameters) made.getPrivate()).getD();
        int length = Math.max(layout.bytes(), (value.bitLength() + 7) / 8);
        return pair(domain, KeyPart.W, point, KeyPart.S, Keys.fixed(value, length));
    }

    /** RFC 7748, 6: the private value is any string of so many bytes. */
    private GeneratedPair xdh(KeyLayout layout) {
        boolean is448 = layout.bits() == 448;
        byte[] secret = drawn(is448 ? X448.SCALAR_SIZE : X25519.SCALAR_SIZE);
        byte[] point = new byte[secret.length];
        if (is448) {
            X448.scalarMultBase(secret, 0, point, 0);
        } else {
            X25519.scalarMultBase(secret, 0, point, 0);
        }
        return pair(Map.of(), KeyPart.W, point, KeyPart.S, secret);
    }

    /** RFC 8032, 5.1.5 and 5.2.5. */
    private GeneratedPair eddsa(KeyLayout layout) {
        boolean is448 = layout.bits() == 448;
        byte[] secret = drawn(is448 ? Ed448.SECRET_KEY_SIZE : Ed25519.SECRET_KEY_SIZE);
        byte[] point = new byte[secret.length];
        if (is448) {
            Ed448.generatePublicKey(secret, 0, point, 0);
        } else {
            Ed25519.generatePublicKey(secret, 0, point, 0);
        }
        return pair(Map.of(), KeyPart.W, point, KeyPart.S, secret);
    }

    private byte[] drawn(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private GeneratedPair dsa(KeyData publicKey, KeyData privateKey) {
        Map<KeyPart, byte[]> domain = Domains.of(publicKey, privateKey);
        BigInteger order = Arithmetic.order(holding(publicKey.layout(), domain), KeyPart.Q);
        DSAKeyPairGenerator generator = new DSAKeyPairGenerator();
        generator.init(new DSAKeyGenerationParameters(random, new DSAParameters(
                number(domain, KeyPart.P), order, number(domain, KeyPart.G))));
        AsymmetricCipherKeyPair made = generator.generateKeyPair();
        BigInteger y = ((DSAPublicKeyParameters) made.getPublic()).getY();
        BigInteger x = ((DSAPrivateKeyParameters) made.getPrivate()).getX();
        return pair(domain, KeyPart.Y, Keys.fixed(y, publicKey.layout().bytes()), KeyPart.X, Keys.fixed(x, 20));
    }

    private GeneratedPair dh(KeyData publicKey, KeyData privateKey) {
        Map<KeyPart, byte[]> domain = Domains.of(publicKey, privateKey);
        BigInteger q = domain.containsKey(KeyPart.Q) ? number(domain, KeyPart.Q) : null;
        DHKeyPairGenerator generator = new DHKeyPairGenerator();
        generator.init(new DHKeyGenerationParameters(random,
                new DHParameters(number(domain, KeyPart.P), number(domain, KeyPart.G), q)));
        AsymmetricCipherKeyPair made = generator.generateKeyPair();
        BigInteger y = ((DHPublicKeyParameters) made.getPublic()).getY();
        BigInteger x = ((DHPrivateKeyParameters) made.getPrivate()).getX();
        int length = publicKey.layout().bytes();
        return pair(domain, KeyPart.Y, Keys.fixed(y, length), KeyPart.X, Keys.fixed(x, length));
    }

    private static BigInteger number(Map<KeyPart, byte[]> domain, KeyPart part) {
        return new BigInteger(1, domain.get(part));
    }

    private static KeyData holding(KeyLayout layout, Map<KeyPart, byte[]> domain) {
        PlainKey key = new PlainKey(layout);
        key.setAll(domain);
        return key;
    }

    private static GeneratedPair pair(
            Map<KeyPart, byte[]> domain, KeyPart first, byte[] publicValue, KeyPart second, byte[] privateValue) {
        Map<KeyPart, byte[]> publicParts = new EnumMap<>(KeyPart.class);
        publicParts.putAll(domain);
        publicParts.put(first, publicValue);
        Map<KeyPart, byte[]> privateParts = new EnumMap<>(KeyPart.class);
        privateParts.putAll(domain);
        privateParts.put(second, privateValue);
        return new GeneratedPair(publicParts, privateParts);
    }
}
