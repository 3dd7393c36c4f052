package cardlab.engine;

import static cardlab.engine.KeyPart.A;
import static cardlab.engine.KeyPart.B;
import static cardlab.engine.KeyPart.DP1;
import static cardlab.engine.KeyPart.DQ1;
import static cardlab.engine.KeyPart.EXPONENT;
import static cardlab.engine.KeyPart.FIELD;
import static cardlab.engine.KeyPart.G;
import static cardlab.engine.KeyPart.K;
import static cardlab.engine.KeyPart.KEY;
import static cardlab.engine.KeyPart.MODULUS;
import static cardlab.engine.KeyPart.P;
import static cardlab.engine.KeyPart.PQ;
import static cardlab.engine.KeyPart.Q;
import static cardlab.engine.KeyPart.R;
import static cardlab.engine.KeyPart.S;
import static cardlab.engine.KeyPart.W;
import static cardlab.engine.KeyPart.X;
import static cardlab.engine.KeyPart.Y;

import java.util.List;

/** KeyBuilder.ALG_TYPE_* of Java Card API 3.2, with the parts of such a key; domain parameters come first. */
public enum KeyFamily {
    DES(1, KeyKind.DES, KEY),
    AES(2, KeyKind.AES, KEY),
    DSA_PUBLIC(3, KeyKind.DSA, P, Q, G, Y),
    DSA_PRIVATE(4, KeyKind.DSA, P, Q, G, X),
    EC_F2M_PUBLIC(5, KeyKind.EC, FIELD, A, B, G, R, K, W),
    EC_F2M_PRIVATE(6, KeyKind.EC, FIELD, A, B, G, R, K, S),
    EC_FP_PUBLIC(7, KeyKind.EC, FIELD, A, B, G, R, K, W),
    EC_FP_PRIVATE(8, KeyKind.EC, FIELD, A, B, G, R, K, S),
    HMAC(9, KeyKind.HMAC, KEY),
    KOREAN_SEED(10, KeyKind.KOREAN_SEED, KEY),
    RSA_PUBLIC(11, KeyKind.RSA, MODULUS, EXPONENT),
    RSA_PRIVATE(12, KeyKind.RSA, MODULUS, EXPONENT),
    RSA_CRT_PRIVATE(13, KeyKind.RSA, P, Q, PQ, DP1, DQ1),
    DH_PUBLIC(14, KeyKind.DH, P, Q, G, Y),
    DH_PRIVATE(15, KeyKind.DH, P, Q, G, X),
    EC_F2M_PARAMETERS(16, KeyKind.EC, FIELD, A, B, G, R, K),
    EC_FP_PARAMETERS(17, KeyKind.EC, FIELD, A, B, G, R, K),
    DSA_PARAMETERS(18, KeyKind.DSA, P, Q, G),
    DH_PARAMETERS(19, KeyKind.DH, P, Q, G),
    GENERIC_SECRET(20, KeyKind.GENERIC_SECRET, KEY),
    SM4(21, KeyKind.SM4, KEY),
    /** These have no ALG_TYPE_*: KeyBuilder.buildXECKey() makes them. */
    XDH_PUBLIC(256, KeyKind.XDH, W),
    XDH_PRIVATE(257, KeyKind.XDH, S),
    EDDSA_PUBLIC(258, KeyKind.EDDSA, W),
    EDDSA_PRIVATE(259, KeyKind.EDDSA, S);

    private final int algType;
    private final KeyKind kind;
    private final List<KeyPart> parts;

    KeyFamily(int algType, KeyKind kind, KeyPart... parts) {
        this.algType = algType;
        this.kind = kind;
        this.parts = List.of(parts);
    }

    /** The family of an ALG_TYPE_* value; NO_SUCH_ALGORITHM when there is none. */
    public static KeyFamily ofAlgType(int algType) {
        for (KeyFamily one : values()) {
            if (one.algType == algType) {
                return one;
            }
        }
        throw EngineException.noSuchAlgorithm("there is no ALG_TYPE " + algType);
    }

    /** The value of ALG_TYPE_*. */
    public int algType() {
        return algType;
    }

    public KeyKind kind() {
        return kind;
    }

    public List<KeyPart> parts() {
        return parts;
    }

    public boolean isPrivate() {
        return name().endsWith("_PRIVATE");
    }

    public boolean isPublic() {
        return name().endsWith("_PUBLIC");
    }

    /** Only domain parameters, for keys that share them. */
    public boolean isParameters() {
        return name().endsWith("_PARAMETERS");
    }

    /** Whether the field is binary. */
    boolean binary() {
        return name().startsWith("EC_F2M");
    }

    /** The family of the domain parameters of these keys; null when they have none. */
    public KeyFamily parameters() {
        return switch (kind) {
            case DSA -> DSA_PARAMETERS;
            case DH -> DH_PARAMETERS;
            case EC -> binary() ? EC_F2M_PARAMETERS : EC_FP_PARAMETERS;
            default -> null;
        };
    }

    /** Parts without which the key cannot be used: not K of EC keys, not Q of DH keys. */
    public boolean requires(KeyPart part) {
        return part != K && !(kind == KeyKind.DH && part == Q);
    }
}
