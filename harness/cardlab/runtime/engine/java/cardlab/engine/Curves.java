package cardlab.engine;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/**
 * Elliptic curves from the domain parameters in keys. The last ones are kept with their tables for the generator; they are
 * public values, and the same for any number of cards.
 */
final class Curves {
    private static final int KEPT = 32;
    /** Curves for which the library has faster arithmetic. */
    private static final String[] FAST = {
        "secp128r1", "secp160r1", "secp192r1", "secp192k1", "secp224r1", "secp256r1", "secp256k1", "secp384r1",
        "secp521r1",
    };
    private static final KeyPart[] PARTS =
            {KeyPart.FIELD, KeyPart.A, KeyPart.B, KeyPart.G, KeyPart.R, KeyPart.K};

    private final Map<ByteBuffer, ECDomainParameters> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, ECDomainParameters> eldest) {
            return size() > KEPT;
        }
    };

    /** The domain of a key; UNINITIALIZED_KEY when a part of it is not set, ILLEGAL_VALUE when it is none. */
    ECDomainParameters domain(KeyData key) {
        ByteBuffer index = index(key);
        synchronized (known) {
            ECDomainParameters domain = known.get(index);
            if (domain == null) {
                domain = made(key);
                known.put(index, domain);
            }
            return domain;
        }
    }

    private static ByteBuffer index(KeyData key) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(key.layout().family().binary() ? 2 : 1);
        all.write(key.layout().bits() >> 8);
        all.write(key.layout().bits());
        for (KeyPart part : PARTS) {
            byte[] value = part == KeyPart.K ? key.part(part) : Keys.bytes(key, part);
            byte[] present = value == null ? new byte[0] : value;
            all.write(present.length);
            all.writeBytes(present);
        }
        return ByteBuffer.wrap(all.toByteArray());
    }

    private static ECDomainParameters made(KeyData key) {
        BigInteger order = Arithmetic.order(key, KeyPart.R);
        byte[] k = key.part(KeyPart.K);
        BigInteger cofactor = k == null ? BigInteger.ONE : new BigInteger(1, k);
        try {
            ECCurve curve = key.layout().family().binary() ? binary(key, order, cofactor) : prime(key, order, cofactor);
            ECPoint generator = decoded(curve, key, KeyPart.G);
            return new ECDomainParameters(curve, generator, order, cofactor);
        } catch (IllegalArgumentException | IllegalStateException | ArithmeticException error) {
            throw EngineException.illegalValue("the domain parameters are no elliptic curve: " + error.getMessage());
        }
    }

    private static ECCurve prime(KeyData key, BigInteger order, BigInteger cofactor) {
        BigInteger field = Keys.number(key, KeyPart.FIELD);
        BigInteger a = Keys.number(key, KeyPart.A);
        BigInteger b = Keys.number(key, KeyPart.B);
        ECCurve fast = fast(field, a, b, order);
        return fast != null ? fast : new ECCurve.Fp(field, a, b, order, cofactor);
    }

    private static ECCurve fast(BigInteger field, BigInteger a, BigInteger b, BigInteger order) {
        for (String name : FAST) {
            X9ECParameters one = CustomNamedCurves.getByName(name);
            if (one != null && one.getCurve().getField().getCharacteristic().equals(field)
                    && one.getCurve().getA().toBigInteger().equals(a)
                    && one.getCurve().getB().toBigInteger().equals(b) && one.getN().equals(order)) {
                return one.getCurve();
            }
        }
        return null;
    }

    private static ECCurve binary(KeyData key, BigInteger order, BigInteger cofactor) {
        byte[] field = Keys.bytes(key, KeyPart.FIELD);
        BigInteger a = Keys.number(key, KeyPart.A);
        BigInteger b = Keys.number(key, KeyPart.B);
        int m = key.layout().bits();
        if (field.length == 2) {
            return new ECCurve.F2m(m, exponent(field, 0), a, b, order, cofactor);
        }
        int[] middle = {exponent(field, 0), exponent(field, 2), exponent(field, 4)};
        java.util.Arrays.sort(middle);
        return new ECCurve.F2m(m, middle[0], middle[1], middle[2], a, b, order, cofactor);
    }

    private static int exponent(byte[] field, int at) {
        return (field[at] & 0xFF) << 8 | field[at + 1] & 0xFF;
    }

    /** The public point of a key, on its curve; ILLEGAL_VALUE when it is not. */
    ECPoint publicPoint(KeyData key) {
        return point(domain(key), key.layout(), Keys.bytes(key, KeyPart.W));
    }

    /** A point given as octets, on this domain's curve and in its group; ILLEGAL_VALUE when it is not. */
    static ECPoint point(ECDomainParameters domain, KeyLayout layout, byte[] octets) {
        if (octets.length != 2 * layout.bytes() + 1 || octets[0] != 4) {
            throw EngineException.illegalValue(
                    "a point is 04 and two numbers of " + layout.bytes() + " bytes, not " + octets.length + " bytes");
        }
        try {
            return domain.validatePublicPoint(domain.getCurve().decodePoint(fitted(domain.getCurve(), octets)));
        } catch (IllegalArgumentException | ArithmeticException error) {
            throw EngineException.illegalValue("the point is not on the curve: " + error.getMessage());
        }
    }

    private static ECPoint decoded(ECCurve curve, KeyData key, KeyPart part) {
        return curve.decodePoint(fitted(curve, Keys.bytes(key, part)));
    }

    /** With coordinates as long as the field's: a key may be longer than the field that was set. */
    private static byte[] fitted(ECCurve curve, byte[] octets) {
        int from = (octets.length - 1) / 2;
        int to = (curve.getFieldSize() + 7) / 8;
        if (from == to) {
            return octets;
        }
        byte[] out = new byte[1 + 2 * to];
        out[0] = octets[0];
        BigInteger x = new BigInteger(1, java.util.Arrays.copyOfRange(octets, 1, 1 + from));
        BigInteger y = new BigInteger(1, java.util.Arrays.copyOfRange(octets, 1 + from, octets.length));
        if (x.bitLength() > 8 * to || y.bitLength() > 8 * to) {
            throw new IllegalArgumentException("a coordinate is longer than the field");
        }
        System.arraycopy(Keys.fixed(x, to), 0, out, 1, to);
        System.arraycopy(Keys.fixed(y, to), 0, out, 1 + to, to);
        return out;
    }

    /** The private value of a key; ILLEGAL_VALUE when it is not between 1 and the order. */
    BigInteger privateValue(KeyData key) {
        BigInteger value = Keys.number(key, KeyPart.S);
        if (value.signum() == 0 || value.compareTo(domain(key).getN()) >= 0) {
            throw EngineException.illegalValue("S is not between 1 and the order of the generator");
        }
        return value;
    }

    /** 04 and the coordinates in the length of the key. */
    static byte[] encoded(ECPoint point, KeyLayout layout) {
        ECPoint normal = point.normalize();
        int length = layout.bytes();
        byte[] out = new byte[1 + 2 * length];
        out[0] = 4;
        System.arraycopy(Keys.fixed(normal.getAffineXCoord().toBigInteger(), length), 0, out, 1, length);
        System.arraycopy(Keys.fixed(normal.getAffineYCoord().toBigInteger(), length), 0, out, 1 + length, length);
        return out;
    }
}
