package cardlab.engine;

import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.DSAParams;
import java.security.interfaces.DSAPublicKey;
import java.util.EnumMap;
import java.util.Map;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.agreement.DHStandardGroups;
import org.bouncycastle.crypto.params.DHParameters;
import org.bouncycastle.math.field.PolynomialExtensionField;

/** Domain parameters: those that a pair of keys has, or the default ones of its length (KeyPair.genKeyPair). */
final class Domains {
    private Domains() {}

    /**
     * The parameters of the public key, or of the private one when the public key has none; the defaults when neither has
     * any. ILLEGAL_VALUE when only some are set.
     */
    static Map<KeyPart, byte[]> of(KeyData publicKey, KeyData privateKey) {
        KeyFamily family = publicKey.layout().family().parameters();
        Map<KeyPart, byte[]> found = set(publicKey, family);
        if (found.isEmpty()) {
            found = set(privateKey, family);
        }
        return found.isEmpty() ? defaults(publicKey.layout()) : complete(found, family);
    }

    private static Map<KeyPart, byte[]> set(KeyData key, KeyFamily family) {
        Map<KeyPart, byte[]> found = new EnumMap<>(KeyPart.class);
        for (KeyPart part : family.parts()) {
            byte[] value = key.part(part);
            if (value != null) {
                found.put(part, value);
            }
        }
        return found;
    }

    private static Map<KeyPart, byte[]> complete(Map<KeyPart, byte[]> found, KeyFamily family) {
        for (KeyPart part : family.parts()) {
            if (family.requires(part) && !found.containsKey(part)) {
                throw EngineException.illegalValue("some of the domain parameters are set, " + part + " is not");
            }
        }
        return found;
    }

    static Map<KeyPart, byte[]> defaults(KeyLayout layout) {
        return switch (layout.family().kind()) {
            case DSA -> dsa(layout);
            case DH -> dh(layout);
            default -> curve(layout);
        };
    }

    private static Map<KeyPart, byte[]> curve(KeyLayout layout) {
        return of(ECNamedCurveTable.getByName(curveName(layout)), layout);
    }

    /** The parameters of a curve as parts of keys. */
    static Map<KeyPart, byte[]> of(X9ECParameters curve, KeyLayout layout) {
        Map<KeyPart, byte[]> parts = new EnumMap<>(KeyPart.class);
        parts.put(KeyPart.FIELD, layout.family().binary()
                ? exponents((PolynomialExtensionField) curve.getCurve().getField())
                : Keys.fixed(curve.getCurve().getField().getCharacteristic(), layout.bytes()));
        parts.put(KeyPart.A, Keys.fixed(curve.getCurve().getA().toBigInteger(), layout.bytes()));
        parts.put(KeyPart.B, Keys.fixed(curve.getCurve().getB().toBigInteger(), layout.bytes()));
        parts.put(KeyPart.G, Curves.encoded(curve.getG(), layout));
        parts.put(KeyPart.R, Keys.fixed(curve.getN(), (curve.getN().bitLength() + 7) / 8));
        parts.put(KeyPart.K, Keys.fixed(curve.getH(), 2));
        return parts;
    }

    /** The random curves of SEC 2 (those of NIST among them), Brainpool's where SEC 2 has none. */
    private static String curveName(KeyLayout layout) {
        if (layout.family().binary()) {
            return layout.bits() == 163 ? "sect163r2" : "sect" + layout.bits() + "r1";
        }
        boolean brainpool = layout.bits() == 320 || layout.bits() == 512;
        return (brainpool ? "brainpoolP" : "secp") + layout.bits() + "r1";
    }

    private static byte[] exponents(PolynomialExtensionField field) {
        int[] present = field.getMinimalPolynomial().getExponentsPresent();
        byte[] out = new byte[2 * (present.length - 2)];
        for (int i = 1; i < present.length - 1; i++) {
            int at = out.length - 2 * i;
            out[at] = (byte) (present[i] >> 8);
            out[at + 1] = (byte) present[i];
        }
        return out;
    }

    /** The JDK's, which it does not draw. */
    private static Map<KeyPart, byte[]> dsa(KeyLayout layout) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("DSA");
            generator.initialize(layout.bits());
            DSAParams found = ((DSAPublicKey) generator.generateKeyPair().getPublic()).getParams();
            return group(layout, found.getP(), found.getQ(), found.getG());
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException("this Java has no DSA", error);
        }
    }

    /** RFC 2409, 6.2, and RFC 3526, 3. */
    private static Map<KeyPart, byte[]> dh(KeyLayout layout) {
        DHParameters found = layout.bits() == 1024 ? DHStandardGroups.rfc2409_1024 : DHStandardGroups.rfc3526_2048;
        return group(layout, found.getP(), found.getQ(), found.getG());
    }

    private static Map<KeyPart, byte[]> group(KeyLayout layout, BigInteger p, BigInteger q, BigInteger g) {
        Map<KeyPart, byte[]> parts = new EnumMap<>(KeyPart.class);
        parts.put(KeyPart.P, Keys.fixed(p, layout.bytes()));
        parts.put(KeyPart.Q, Keys.fixed(q, (q.bitLength() + 7) / 8));
        parts.put(KeyPart.G, Keys.fixed(g, layout.bytes()));
        return parts;
    }
}
