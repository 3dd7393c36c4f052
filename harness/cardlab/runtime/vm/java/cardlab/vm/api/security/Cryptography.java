package cardlab.vm.api.security;

import cardlab.engine.AlgorithmSet;
import cardlab.engine.Engine;
import cardlab.engine.EngineException;
import cardlab.engine.RandomSource;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;
import cardlab.vm.natives.NativeMethod;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The engine for the natives of an API package, and what all of them do: the algorithms of the card, its randomness,
 * exceptions of the engine as CryptoException.
 *
 * <p>Properties: {@code crypto.algorithms} lists the algorithms of the card, {@code crypto.without} those that it lacks
 * (names of cardlab.engine.AlgorithmSet, separated by commas); without either it has all.
 */
public final class Cryptography {
    public static final String EXCEPTION = "javacard/security/CryptoException";
    public static final int ILLEGAL_VALUE = 1;
    public static final int UNINITIALIZED_KEY = 2;
    public static final int NO_SUCH_ALGORITHM = 3;
    public static final int INVALID_INIT = 4;
    public static final int ILLEGAL_USE = 5;

    private final Engine engine = new Engine();
    private final Engine engine30 = engine.with(AlgorithmSet.all().ofJavaCard30());

    /** The engine with the algorithms of the card that makes the call. */
    public Engine engine(Call call) {
        List<String> only = names(call, "crypto.algorithms");
        List<String> without = names(call, "crypto.without");
        boolean isOld = isJavaCard30(call);
        if (only.isEmpty() && without.isEmpty()) {
            return isOld ? engine30 : engine;
        }
        AlgorithmSet chosen = only.isEmpty() ? AlgorithmSet.without(without) : AlgorithmSet.only(only);
        return engine.with(isOld ? chosen.ofJavaCard30() : chosen);
    }

    /** Whether the card has none of what Java Card 3.1 brought. */
    static boolean isJavaCard30(Call call) {
        return call.property("java-card.api", "3.0.5").startsWith("3.0");
    }

    private static List<String> names(Call call, String property) {
        return Arrays.stream(call.property(property, "").split(","))
                .map(String::strip).filter(name -> !name.isEmpty()).collect(Collectors.toList());
    }

    /** The card's randomness as the engine draws it. */
    public static RandomSource random(Call call) {
        return new RandomSource() {
            @Override
            public void nextBytes(byte[] out) {
                call.random(out);
            }

            @Override
            public void reseed(byte[] seed) {
                call.seed(seed);
            }
        };
    }

    /** The native with the engine's exceptions as those of the card. */
    public static NativeMethod guarded(NativeMethod code) {
        return call -> {
            try {
                return code.call(call);
            } catch (EngineException error) {
                throw thrown(call, error.reason().code());
            }
        };
    }

    /**
     * The data that a method takes as its arguments 1 to 3. The API does not say what no array with a length of 0 is;
     * applets end a message so, and cards take it for no data.
     */
    public static byte[] data(Call call) {
        boolean isNone = call.ref(1) == 0 && call.number(3) == 0;
        return isNone ? new byte[0] : call.bytes(call.ref(1), call.number(2), call.number(3));
    }

    public static JavaCardException thrown(Call call, int reason) {
        return call.thrown(EXCEPTION, reason);
    }
}
