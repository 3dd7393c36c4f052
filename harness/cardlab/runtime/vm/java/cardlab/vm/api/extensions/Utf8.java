package cardlab.vm.api.extensions;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Characters of UTF-8 (RFC 3629); what is ill-formed counts as one character as far as it could belong together. */
final class Utf8 {
    private static final int CONTINUATION = 0x80;

    private Utf8() {}

    /** Bytes of the character at a place that is before {@code end}. */
    static int size(byte[] in, int at, int end) {
        int wanted = wanted(in[at] & 0xFF);
        int size = 1;
        while (size < wanted && at + size < end && (in[at + size] & 0xC0) == CONTINUATION) {
            size++;
        }
        return size;
    }

    private static int wanted(int first) {
        if (first < 0xC2 || first > 0xF4) {
            return 1;
        }
        return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }

    /** Where the character before a place begins. */
    static int before(byte[] in, int start, int at) {
        int last = start;
        for (int next = start; next < at; next += size(in, next, at)) {
            last = next;
        }
        return last;
    }

    static boolean isValid(byte[] in) {
        return decoded(in, StandardCharsets.UTF_8) != null;
    }

    /** The text; null when the bytes are not valid. */
    static CharBuffer decoded(byte[] in, Charset charset) {
        try {
            return charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(in));
        } catch (CharacterCodingException error) {
            return null;
        }
    }

    /** The bytes; null when a character has none. */
    static byte[] encoded(CharBuffer text, Charset charset) {
        try {
            ByteBuffer made = charset.newEncoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT).encode(text);
            byte[] out = new byte[made.remaining()];
            made.get(out);
            return out;
        } catch (CharacterCodingException error) {
            return null;
        }
    }
}
