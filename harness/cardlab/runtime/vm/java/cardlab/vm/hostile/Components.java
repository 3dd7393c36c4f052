package cardlab.vm.hostile;

import java.util.ArrayList;
import java.util.List;

/** A load file data block in its components, each with tag and size (JCVM 3.0.5, 6.2). */
final class Components {
    /** Bytes of tag and size. */
    static final int HEAD = 3;
    static final int METHOD = 7;

    private static final int DIRECTORY = 2;
    private static final int REFERENCE_LOCATION = 9;

    private Components() {}

    /** Whether the card has no use for it. */
    static boolean isDropped(int tag) {
        return tag == DIRECTORY || tag == REFERENCE_LOCATION;
    }

    static List<byte[]> of(byte[] block) {
        List<byte[]> parts = new ArrayList<>();
        for (int at = 0; at < block.length; ) {
            int size = HEAD + ((block[at + 1] & 0xFF) << 8 | block[at + 2] & 0xFF);
            parts.add(java.util.Arrays.copyOfRange(block, at, at + size));
            at += size;
        }
        return parts;
    }

    static byte[] joined(List<byte[]> parts) {
        byte[] block = new byte[parts.stream().mapToInt(one -> one.length).sum()];
        int at = 0;
        for (byte[] one : parts) {
            System.arraycopy(one, 0, block, at, one.length);
            at += one.length;
        }
        return block;
    }
}
