package cardlab.vm.memory;

import java.util.SplittableRandom;

/** What the cell or page holds that was being written when the power failed. */
public enum TornCell {
    OLD, NEW,
    /** Any value, where the specification allows that (WriteKind.leavesAnything); elsewhere old or new, by chance. */
    RANDOM;

    /** What is left of a write that would have put {@code fresh} in the place of {@code old}; the seed decides what is random. */
    public byte[] left(byte[] old, byte[] fresh, WriteKind kind, long seed) {
        if (this != RANDOM) {
            return this == NEW ? fresh : old;
        }
        SplittableRandom chance = new SplittableRandom(seed); // neighbouring seeds give unlike numbers
        boolean isWritten = chance.nextBoolean();
        if (!kind.leavesAnything()) {
            return isWritten ? fresh : old;
        }
        byte[] any = new byte[fresh.length];
        chance.nextBytes(any);
        return any;
    }
}
