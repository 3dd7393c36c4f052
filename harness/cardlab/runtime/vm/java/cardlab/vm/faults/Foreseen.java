package cardlab.vm.faults;

import cardlab.vm.Services;
import java.util.Arrays;
import java.util.List;

/**
 * A card manager that answers what the real one answered when the command ran undisturbed. When an applet asks something
 * else nobody here knows the answer, but for two questions: how secure its session is does not depend on how often that is
 * asked, and it may be ended at any time (GPCS 2.3.1, SecureChannel.resetSecurity).
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

    /** The session's end, of which nothing is asked but its level. */
    private static final int RESET_SECURITY = 6;
    private static final int GET_SECURITY_LEVEL = 7;
    private static final byte[] DONE = {(byte) 0x90, 0};
    private static final byte[] NO_SECURITY_LEVEL = {(byte) 0x90, 0, 0};

    private final List<Call> calls;
    private int next;
    private boolean isEnded;

    Foreseen(List<Call> calls) {
        this.calls = calls;
    }

    @Override
    public byte[] call(byte[] instanceAid, int service, byte[] argument) {
        if (service == GET_SECURITY_LEVEL) {
            return isEnded ? NO_SECURITY_LEVEL.clone() : level();
        }
        while (next < calls.size() && calls.get(next).service() == GET_SECURITY_LEVEL) {
            next++;
        }
        boolean isExpected = !isEnded && next < calls.size() && calls.get(next).service() == service
                && Arrays.equals(calls.get(next).argument(), argument);
        if (isExpected) {
            return calls.get(next++).answer().clone();
        }
        if (service != RESET_SECURITY) {
            throw new UnforeseenException();
        }
        isEnded = true;
        return DONE.clone();
    }

    /** Of the session as it is between two calls that may change it. */
    private byte[] level() {
        if (next < calls.size() && calls.get(next).service() == GET_SECURITY_LEVEL) {
            return calls.get(next).answer().clone();
        }
        if (next > 0 && calls.get(next - 1).service() == GET_SECURITY_LEVEL) {
            return calls.get(next - 1).answer().clone();
        }
        throw new UnforeseenException();
    }

    @Override
    public void poll() {}

    @Override
    public void warned(String message, String place) {}
}
