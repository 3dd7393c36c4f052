package cardlab.vm.jcre;

import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What a card and its copies made of random numbers, by the state of the generator: whoever draws the same numbers for the
 * same thing makes the same of them, so it is made once. For campaigns, in which thousands of copies make one RSA key.
 */
final class Remembered {
    /** More are made anew each time; a key has a few hundred bytes. */
    private static final int MOST = 20_000;

    private record Made(Object what, byte[] randomAfter) {}

    private final Map<String, Made> made = new ConcurrentHashMap<>();

    /** {@code what} names all that decides the work but for the random numbers. */
    @SuppressWarnings("unchecked")
    <T> T of(String what, Jcre card, Supplier<T> work) {
        String key = what + HexFormat.of().formatHex(card.random.state());
        Made known = made.get(key);
        if (known == null) {
            known = new Made(work.get(), card.random.state());
            if (made.size() < MOST) {
                made.put(key, known);
            }
        }
        card.random = Drbg.ofState(known.randomAfter());
        return (T) known.what();
    }
}
