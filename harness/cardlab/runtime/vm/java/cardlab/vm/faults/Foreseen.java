package cardlab.vm.faults;

import cardlab.vm.Services;
import java.util.Arrays;
import java.util.List;

/**
 * A card manager that answers what the real one answered when the command ran undisturbed. When an applet asks something
 * else nobody here knows the answer.
 */
final class Foreseen implements Services {
    /** One question with its answer: a service, its argument, two bytes of status word and the result. */
    record Call(int service, byte[] argument, byte[] answer) {}

    /** It was asked what was not asked before. */
    static final class UnforeseenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnforeseenException() {
            super("the card manager was asked something else", null, false, false);
        }
    }

    private final List<Call> calls;
    private int next;

    Foreseen(List<Call> calls) {
        this.calls = calls;
    }

    @Override
    public byte[] call(byte[] instanceAid, int service, byte[] argument) {
        if (next == calls.size()) {
            throw new UnforeseenException();
        }
        Call expected = calls.get(next++);
        if (expected.service() != service || !Arrays.equals(expected.argument(), argument)) {
            throw new UnforeseenException();
        }
        return expected.answer().clone();
    }

    @Override
    public void poll() {}

    @Override
    public void warned(String message, String place) {}
}
