package cardlab.engine;

import java.util.List;

/** A key's family and length, and from these the room that each of its parts needs. */
public record KeyLayout(KeyFamily family, int bits) {
    private static final List<Integer> RSA =
            List.of(512, 736, 768, 896, 1024, 1280, 1536, 1984, 2048, 3072, 4096);
    /** The constants' and those of the Brainpool curves, 320 and 512, which cards have as well. */
    private static final List<Integer> EC_FP = List.of(112, 128, 160, 192, 224, 256, 320, 384, 512, 521);
    private static final List<Integer> EC_F2M = List.of(113, 131, 163, 193);
    private static final int MAX_HMAC_BYTES = 128;
    private static final int MAX_SECRET_BYTES = 256;

    /** NO_SUCH_ALGORITHM for a length that keys of the family cannot have. */
    public KeyLayout {
        if (!exists(family, bits)) {
            throw EngineException.noSuchAlgorithm("there is no " + family + " key of " + bits + " bits");
        }
    }

    private static boolean exists(KeyFamily family, int bits) {
        return switch (family) {
            case DES -> bits == 64 || bits == 128 || bits == 192;
            case AES -> bits == 128 || bits == 192 || bits == 256 || bits == 512;
            case KOREAN_SEED -> bits == 128;
            case SM4 -> bits == 128;
            case GENERIC_SECRET -> bits > 0 && bits % 8 == 0 && bits <= 8 * MAX_SECRET_BYTES;
            case XDH_PUBLIC, XDH_PRIVATE, EDDSA_PUBLIC, EDDSA_PRIVATE -> bits == 255 || bits == 448;
            case HMAC -> bits > 0 && bits % 8 == 0 && bits <= 8 * MAX_HMAC_BYTES;
            case RSA_PUBLIC, RSA_PRIVATE, RSA_CRT_PRIVATE -> RSA.contains(bits);
            case DSA_PUBLIC, DSA_PRIVATE, DSA_PARAMETERS -> bits == 512 || bits == 768 || bits == 1024;
            case DH_PUBLIC, DH_PRIVATE, DH_PARAMETERS -> bits == 1024 || bits == 2048;
            case EC_FP_PUBLIC, EC_FP_PRIVATE, EC_FP_PARAMETERS -> EC_FP.contains(bits);
            case EC_F2M_PUBLIC, EC_F2M_PRIVATE, EC_F2M_PARAMETERS -> EC_F2M.contains(bits);
        };
    }

    /** Its name in an AlgorithmSet. */
    String name() {
        return "KeyBuilder.ALG_TYPE_" + family + "/" + bits;
    }

    /** Bytes of the key's length: of a secret key, a modulus, a field element. */
    public int bytes() {
        return (bits + 7) / 8;
    }

    /** The most bytes that a part can have. Throws IllegalArgumentException for a part that the key does not have. */
    public int capacity(KeyPart part) {
        if (!family.parts().contains(part)) {
            throw new IllegalArgumentException("a key of type " + family + " has no " + part);
        }
        return switch (family.kind()) {
            case DES, AES, KOREAN_SEED, SM4, GENERIC_SECRET -> bytes();
            case XDH, EDDSA -> NamedCurve.of(family.kind(), bits).bytes();
            case HMAC -> hmacBytes();
            case RSA -> family == KeyFamily.RSA_CRT_PRIVATE ? bytes() / 2 : bytes();
            case DSA -> part == KeyPart.Q || part == KeyPart.X ? 20 : bytes();
            case DH -> bytes();
            case EC -> ecBytes(part);
        };
    }

    /** LENGTH_HMAC_* are the blocks of the digests in bytes, 64 and 128; every other length is one in bits. */
    private int hmacBytes() {
        return bits == 64 || bits == 128 ? bits : bytes();
    }

    private int ecBytes(KeyPart part) {
        return switch (part) {
            case FIELD -> family.binary() ? 6 : bytes();
            case G, W -> 2 * bytes() + 1;
            case R, S -> bytes() + 1; // the order of secp160r1 has 161 bits
            case K -> 2;
            default -> bytes();
        };
    }
}
