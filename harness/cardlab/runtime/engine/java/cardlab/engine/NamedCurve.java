package cardlab.engine;

import java.util.EnumMap;
import java.util.Map;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;

/** NamedParameterSpec of Java Card API 3.1: curves by name, with the keys that they have. */
public enum NamedCurve {
    ED25519(257, KeyKind.EDDSA, 255, 32),
    ED448(514, KeyKind.EDDSA, 448, 57),
    X25519(259, KeyKind.XDH, 255, 32),
    X448(516, KeyKind.XDH, 448, 56),
    SM2(768, 256, "sm2p256v1"),
    FRP256V1(1025, 256, "FRP256v1"),
    SECP192R1(4097, 192, "secp192r1"),
    SECP224R1(4098, 224, "secp224r1"),
    SECP256R1(4099, 256, "secp256r1"),
    SECP384R1(4100, 384, "secp384r1"),
    SECP521R1(4101, 521, "secp521r1"),
    BRAINPOOLP192R1(8195, 192, "brainpoolP192r1"),
    BRAINPOOLP192T1(8196, 192, "brainpoolP192t1"),
    BRAINPOOLP224R1(8197, 224, "brainpoolP224r1"),
    BRAINPOOLP224T1(8198, 224, "brainpoolP224t1"),
    BRAINPOOLP256R1(8199, 256, "brainpoolP256r1"),
    BRAINPOOLP256T1(8200, 256, "brainpoolP256t1"),
    BRAINPOOLP320R1(8201, 320, "brainpoolP320r1"),
    BRAINPOOLP320T1(8202, 320, "brainpoolP320t1"),
    BRAINPOOLP384R1(8203, 384, "brainpoolP384r1"),
    BRAINPOOLP384T1(8204, 384, "brainpoolP384t1"),
    BRAINPOOLP512R1(8205, 512, "brainpoolP512r1"),
    BRAINPOOLP512T1(8206, 512, "brainpoolP512t1");

    private final int number;
    private final KeyKind kind;
    private final int bits;
    private final int bytes;
    private final String name;
    private Map<KeyPart, byte[]> domain;

    /** Of RFC 7748 and RFC 8032; {@code bytes} is the length of an encoded key. */
    NamedCurve(int number, KeyKind kind, int bits, int bytes) {
        this(number, kind, bits, bytes, null);
    }

    /** In Weierstrass form, with the library's name. */
    NamedCurve(int number, int bits, String name) {
        this(number, KeyKind.EC, bits, (bits + 7) / 8, name);
    }

    NamedCurve(int number, KeyKind kind, int bits, int bytes, String name) {
        this.number = number;
        this.kind = kind;
        this.bits = bits;
        this.bytes = bytes;
        this.name = name;
    }

    /** The constant with this value; NO_SUCH_ALGORITHM when there is none. */
    public static NamedCurve of(int number) {
        for (NamedCurve one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no NamedParameterSpec " + number);
    }

    static NamedCurve of(KeyKind kind, int bits) {
        for (NamedCurve one : values()) {
            if (one.kind == kind && one.bits == bits) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no curve of " + bits + " bits for " + kind);
    }

    public int number() {
        return number;
    }

    public KeyKind kind() {
        return kind;
    }

    /** Bytes of an encoded private key. */
    public int bytes() {
        return bytes;
    }

    /** What its keys are made of. */
    public KeyLayout layout(boolean isPrivate) {
        return new KeyLayout(switch (kind) {
            case XDH -> isPrivate ? KeyFamily.XDH_PRIVATE : KeyFamily.XDH_PUBLIC;
            case EDDSA -> isPrivate ? KeyFamily.EDDSA_PRIVATE : KeyFamily.EDDSA_PUBLIC;
            default -> isPrivate ? KeyFamily.EC_FP_PRIVATE : KeyFamily.EC_FP_PUBLIC;
        }, bits);
    }

    /** A domain parameter of a curve in Weierstrass form; null for what the curve does not have. */
    public byte[] part(KeyPart part) {
        return kind == KeyKind.EC ? domain().get(part) : null;
    }

    private synchronized Map<KeyPart, byte[]> domain() {
        if (domain == null) {
            domain = new EnumMap<>(Domains.of(ECNamedCurveTable.getByName(name), layout(false)));
        }
        return domain;
    }
}
