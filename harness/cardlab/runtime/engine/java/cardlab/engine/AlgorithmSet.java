package cardlab.engine;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Which algorithms a card has. Names are those of the API's constants with their class, {@code Signature.ALG_HMAC_SHA1},
 * {@code KeyBuilder.ALG_TYPE_RSA_PUBLIC/2048}, and for what has no constant of its own the parts in the order of getInstance,
 * {@code Signature.ALG_SHA3_256/SIG_CIPHER_HMAC/PAD_NULL}.
 */
public final class AlgorithmSet {
    /** How names of what Java Card API 3.1 and 3.2 add begin, or all of it. */
    private static final List<String> NEW_IN_3_1 = List.of("NamedParameterSpec.", "DerivationFunction.",
            "MessageDigest.ALG_SM3", "KeyAgreement.ALG_XDH", "Cipher.ALG_AES_CFB", "Cipher.ALG_AES_XTS", "Cipher.CIPHER_SM4",
            "Cipher.CIPHER_AES_CTR_31", "Cipher.CIPHER_AES_CFB", "Cipher.CIPHER_AES_XTS", "Signature.ALG_SM3",
            "KeyBuilder.ALG_TYPE_GENERIC_SECRET", "KeyBuilder.ALG_TYPE_SM4", "KeyBuilder.ALG_TYPE_AES/512");
    private static final List<String> CIPHERS_OF_3_1 = List.of("SIG_CIPHER_EDDSA", "SIG_CIPHER_SM4");

    private final boolean listed;
    private final Set<String> names;
    private final boolean isNew;

    private AlgorithmSet(boolean listed, Set<String> names, boolean isNew) {
        this.listed = listed;
        this.names = names;
        this.isNew = isNew;
    }

    /** The same without what came with Java Card 3.1. */
    public AlgorithmSet ofJavaCard30() {
        return new AlgorithmSet(listed, names, false);
    }

    /** Everything that the engine can compute. */
    public static AlgorithmSet all() {
        return new AlgorithmSet(false, Set.of(), true);
    }

    public static AlgorithmSet only(Collection<String> names) {
        return new AlgorithmSet(true, Set.copyOf(names), true);
    }

    public static AlgorithmSet without(Collection<String> names) {
        return new AlgorithmSet(false, Set.copyOf(names), true);
    }

    public boolean has(String name) {
        return names.contains(name) == listed && (isNew || !isOfJavaCard31(name));
    }

    private static boolean isOfJavaCard31(String name) {
        return NEW_IN_3_1.stream().anyMatch(name::startsWith) || CIPHERS_OF_3_1.stream().anyMatch(name::contains);
    }

    /** Throws NO_SUCH_ALGORITHM when the card does not have it. */
    void require(String name) {
        if (!has(name)) {
            throw EngineException.noSuchAlgorithm("this card does not have " + name);
        }
    }
}
