package cardlab.engine;

import java.math.BigInteger;
import java.util.function.Supplier;

/**
 * Computations with what applets set as a key: any numbers, an even order or a composite one among them. The library
 * says so by exceptions of Java, or draws for ever where a group has next to no members.
 */
final class Arithmetic {
    /** In groups of fewer bits a signature may not exist, so that the search for one would not end. */
    private static final int LEAST_ORDER_BITS = 32;

    private Arithmetic() {}

    /** The result; ILLEGAL_VALUE when the numbers allow none. */
    static <T> T computed(Supplier<T> computation) {
        try {
            return computation.get();
        } catch (IllegalArgumentException | IllegalStateException | ArithmeticException error) {
            throw EngineException.illegalValue("the numbers of the key allow no computation: " + error.getMessage());
        }
    }

    /** The order of a group; ILLEGAL_VALUE when it is too small to draw a member. */
    static BigInteger order(KeyData key, KeyPart part) {
        BigInteger order = Keys.number(key, part);
        if (order.bitLength() < LEAST_ORDER_BITS) {
            throw EngineException.illegalValue(
                    part + " has " + order.bitLength() + " bits, " + LEAST_ORDER_BITS + " are the fewest");
        }
        return order;
    }
}
