package cardlab.vm.hostile;

import cardlab.vm.link.Opcode;
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

    /** The mutant that this source of randomness decides; {@code places} are those of instructions. */
    static Mutant of(byte[] original, int[] places, SplittableRandom random) {
        List<byte[]> parts = new ArrayList<>(Components.of(original));
        int way = random.nextInt(100);
        if (random.nextBoolean() && places.length > 0) {
            return instructions(parts, places, random);
        }
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

    /** Instructions that are others of the same form: most of it links, and does what no compiler writes. */
    private static Mutant instructions(List<byte[]> parts, int[] places, SplittableRandom random) {
        byte[] method = parts.stream().filter(one -> one[0] == Components.METHOD).findFirst().orElseThrow();
        StringBuilder change = new StringBuilder();
        for (int count = 1 + random.nextInt(MOST_PLACES); count > 0; count--) {
            int at = Components.HEAD + places[random.nextInt(places.length)];
            Opcode now = Opcode.of(method[at] & 0xFF);
            List<Opcode> alike = alike(now);
            boolean isOperand = now != null && !now.operands().isEmpty() && (random.nextBoolean() || alike.isEmpty());
            if (isOperand) {
                change.append(one(method, at + 1, method[at + 1] + random.nextInt(7) - 3)).append("; ");
            } else if (!alike.isEmpty()) {
                change.append(one(method, at, alike.get(random.nextInt(alike.size())).ordinal())).append("; ");
            }
        }
        return new Mutant(Components.joined(parts), Components.METHOD, change.toString());
    }

    private static List<Opcode> alike(Opcode now) {
        List<Opcode> found = new ArrayList<>();
        for (Opcode one : Opcode.values()) {
            if (now != null && one != now && one.operands().equals(now.operands()) && one.tag() == now.tag()) {
                found.add(one);
            }
        }
        return found;
    }

    private static Mutant several(List<byte[]> parts, SplittableRandom random) {
        StringBuilder change = new StringBuilder();
        for (int count = 2 + random.nextInt(MOST_PLACES - 1); count > 0; count--) {
            byte[] part = parts.get(choose(parts, random));
            change.append(part[0]).append(' ').append(one(part, place(part, random), random.nextInt(256))).append("; ");
        }
        return new Mutant(Components.joined(parts), 0, change.toString());
    }

    /** The Method component every third time: it is what runs; seldom one that the card does not look at. */
    private static int choose(List<byte[]> parts, SplittableRandom random) {
        int chosen = random.nextInt(parts.size());
        if (Components.isDropped(parts.get(chosen)[0]) && random.nextInt(8) != 0) {
            return choose(parts, random);
        }
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
