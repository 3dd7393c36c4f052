package cardlab.engine;

import java.util.Collection;
import java.util.Set;

/**
 * Which algorithms a card has. Names are those of the API's constants with their class, {@code Signature.ALG_HMAC_SHA1},
 * {@code KeyBuilder.ALG_TYPE_RSA_PUBLIC/2048}, and for what has no constant of its own the parts in the order of getInstance,
 * {@code Signature.ALG_SHA3_256/SIG_CIPHER_HMAC/PAD_NULL}.
 */
public final class AlgorithmSet {
    private final boolean listed;
    private final Set<String> names;

    private AlgorithmSet(boolean listed, Set<String> names) {
        this.listed = listed;
        this.names = names;
    }

    /** Everything that the engine can compute. */
    public static AlgorithmSet all() {
        return new AlgorithmSet(false, Set.of());
    }

    public static AlgorithmSet only(Collection<String> names) {
        return new AlgorithmSet(true, Set.copyOf(names));
    }

    public static AlgorithmSet without(Collection<String> names) {
        return new AlgorithmSet(false, Set.copyOf(names));
    }

    public boolean has(String name) {
        return names.contains(name) == listed;
    }

    /** Throws NO_SUCH_ALGORITHM when the card does not have it. */
    void require(String name) {
        if (!has(name)) {
            throw EngineException.noSuchAlgorithm("this card does not have " + name);
        }
    }
}
