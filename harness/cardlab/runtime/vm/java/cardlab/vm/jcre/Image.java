package cardlab.vm.jcre;

import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Blocks;
import cardlab.vm.memory.DamagedMemory;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A card as bytes: magic, version, state of the random generator, names of the API's classes by number, persistent memory;
 * SHA-256 of it all at the end.
 */
final class Image {
    private static final int MAGIC = 0x4A43564D;
    private static final int VERSION = 1;
    private static final int DIGEST = 32;

    private final Jcre card;

    Image(Jcre card) {
        this.card = card;
    }

    byte[] write() {
        String names = String.join("\n", card.api.classes().stream().skip(1).map(one -> one.name).toList());
        byte[] rawNames = names.getBytes(StandardCharsets.UTF_8);
        byte[] memory = Arrays.copyOf(card.nvm.bytes(), card.heap.blocks().end());
        byte[] state = card.random.state();
        ByteBuffer out = ByteBuffer.allocate(20 + state.length + rawNames.length + memory.length + DIGEST);
        out.putInt(MAGIC).putInt(VERSION).putInt(card.nvm.size()).put(state);
        out.putInt(rawNames.length).put(rawNames).putInt(memory.length).put(memory);
        out.put(digest(out.array(), out.position()));
        return out.array();
    }

    /** Become the card of an image; this one must be fresh. */
    void read(byte[] image) {
        int end = image.length - DIGEST;
        if (end < 0 || !Arrays.equals(digest(image, end), Arrays.copyOfRange(image, end, image.length))) {
            throw new DamagedMemory("the card's image is damaged");
        }
        try {
            read(ByteBuffer.wrap(image, 0, end));
        } catch (BufferUnderflowException | NegativeArraySizeException short_) {
            throw new DamagedMemory("the card's image is cut off");
        }
    }

    private void read(ByteBuffer in) {
        if (in.getInt() != MAGIC || in.getInt() != VERSION) {
            throw new DamagedMemory("this is no image of this machine's, or of another version");
        }
        if (in.getInt() != card.nvm.size()) {
            throw new DamagedMemory("the image is of a card with another memory or commit buffer");
        }
        card.random = Drbg.ofState(take(in, 2 * Drbg.STATE));
        String[] names = new String(take(in, in.getInt()), StandardCharsets.UTF_8).split("\n");
        byte[] memory = take(in, in.getInt());
        card.nvm.require(memory.length + 4);
        System.arraycopy(memory, 0, card.nvm.bytes(), 0, memory.length);
        renumber(names, card.heap.blocks().first(), memory.length);
        new PowerUp(card).run();
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    /** Numbers of API classes may be others now, and those of loaded classes follow them. */
    private void renumber(String[] names, int first, int end) {
        int oldCount = names.length + 1;
        int shift = card.api.classes().size() - oldCount;
        boolean isSame = shift == 0;
        int[] now = new int[oldCount];
        for (int i = 0; i < names.length; i++) {
            if (!card.api.has(names[i])) {
                throw new DamagedMemory("the image uses the API class " + names[i] + ", which this card does not have");
            }
            now[i + 1] = card.api.named(names[i]).id;
            isSame &= now[i + 1] == i + 1;
        }
        if (isSame) {
            return;
        }
        byte[] memory = card.nvm.bytes();
        for (int at = first; at < end; at += card.nvm.get4(at) & 0xFFFFFF) {
            int kind = memory[at];
            int place = kind == BlockKind.PACKAGE ? at + Blocks.HEADER + 2
                    : kind == BlockKind.OBJECT || kind == BlockKind.REFERENCE_ARRAY ? at + 8 : -1;
            if (place >= 0) {
                int old = card.nvm.get2(place);
                int id = old < oldCount ? now[old] : old + shift;
                memory[place] = (byte) (id >> 8);
                memory[place + 1] = (byte) id;
            }
        }
    }

    private static byte[] digest(byte[] bytes, int length) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(bytes, 0, length);
            return sha.digest();
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }
}
