package cardlab.vm.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A load file of which a few bytes are others.
 *
 * @param component the tag of the component that was changed; 0 for several
 * @param change what was done, for people
 */
record Mutant(byte[] block, int component, String change) {
    /** Values that lengths, tokens and offsets break at. */
    private static final int[] EDGES = {0, 1, 2, 0x7F, 0x80, 0x81, 0xFE, 0xFF};
    private static final int MOST_BYTES = 8;
    private static final int MOST_PLACES = 3;

    /** The mutant that this source of randomness decides. */
    static Mutant of(byte[] original, SplittableRandom random) {
        List<byte[]> parts = new ArrayList<>(Components.of(original));
        int way = random.nextInt(100);
        if (way < 15) {
            return several(parts, random);
        }
        int chosen = choose(parts, random);
        byte[] part = parts.get(chosen);
        int at = place(part, random);
        String change = way < 55 ? one(part, at, random.nextInt(256))
                : way < 70 ? one(part, at, part[at] ^ 1 << random.nextInt(8))
                : way < 80 ? one(part, at, EDGES[random.nextInt(EDGES.length)])
                : way < 90 ? run(part, at, random) : copy(part, at, random);
        return new Mutant(Components.joined(parts), part[0] & 0x7F, change);
    }

    private static Mutant several(List<byte[]> parts, SplittableRandom random) {
        StringBuilder change = new StringBuilder();
        for (int count = 2 + random.nextInt(MOST_PLACES - 1); count > 0; count--) {
            byte[] part = parts.get(choose(parts, random));
            change.append(part[0]).append(' ').append(one(part, place(part, random), random.nextInt(256))).append("; ");
        }
        return new Mutant(Components.joined(parts), 0, change.toString());
    }

    /** The Method component every third time: it is what runs. */
    private static int choose(List<byte[]> parts, SplittableRandom random) {
        int chosen = random.nextInt(parts.size());
        if (random.nextInt(3) == 0) {
            for (int i = 0; i < parts.size(); i++) {
                chosen = parts.get(i)[0] == Components.METHOD ? i : chosen;
            }
        }
        return chosen;
    }

    /** Behind tag and size, but for every sixteenth. */
    private static int place(byte[] part, SplittableRandom random) {
        boolean anywhere = part.length == Components.HEAD || random.nextInt(16) == 0;
        int from = anywhere ? 0 : Components.HEAD;
        return from + random.nextInt(part.length - from);
    }

    private static String one(byte[] part, int at, int value) {
        String change = String.format("%d: %02X for %02X", at, value & 0xFF, part[at]);
        part[at] = (byte) value;
        return change;
    }

    private static String run(byte[] part, int at, SplittableRandom random) {
        int count = Math.min(2 + random.nextInt(MOST_BYTES - 1), part.length - at);
        for (int i = 0; i < count; i++) {
            part[at + i] = (byte) random.nextInt(256);
        }
        return count + " bytes at " + at;
    }

    /** Bytes of another place: whole instructions and entries, in the wrong one. */
    private static String copy(byte[] part, int at, SplittableRandom random) {
        int count = Math.min(2 + random.nextInt(MOST_BYTES - 1), part.length - at);
        int from = random.nextInt(part.length - count + 1);
        System.arraycopy(part, from, part, at, count);
        return count + " bytes of " + from + " at " + at;
    }
}
