package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;
import cardlab.vm.natives.JavaCardException;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** StringUtil: numbers, booleans and other encodings (all but GSM 7 bit; UCS-2 is UTF-16BE without surrogates). */
final class Conversions {
    private static final int UNSUPPORTED_ENCODING = 1;
    private static final int ILLEGAL_NUMBER_FORMAT = 2;
    private static final int INVALID_BYTE_SEQUENCE = 3;
    private static final int UCS_2 = 5;
    private static final Charset[] CHARSETS = {null, StandardCharsets.UTF_8, StandardCharsets.UTF_16,
        StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16BE, null, StandardCharsets.ISO_8859_1};
    private static final Pattern NUMBER = Pattern.compile("(-?)(?:(?:0[xX]|#)([0-9a-fA-F]+)|(0|[1-9][0-9]*))");
    private static final int LONG_SHORTS = 4;

    private Conversions() {}

    static void bind(ClassBinder type) {
        type.method("valueOf", "(Z[BS)S", call -> Strings.put(call, 1, ascii(call.number(0) != 0 ? "true" : "false")))
                .method("valueOf", "(S[BS)S", call -> Strings.put(call, 1, ascii(Short.toString(call.number(0)))))
                .method("valueOf", "([S[BS)S", Conversions::valueOfLong)
                .method("parseBoolean", "([BSS)Z", call -> "true".equalsIgnoreCase(latin(Strings.text(call, 0))) ? 1 : 0)
                .method("parseShortInteger", "([BSS)S", call -> parsed(call, Short.SIZE).intValue())
                .method("parseLongInteger", "([BSS[SS)S", Conversions::parseLong)
                .method("convertTo", "([BSS[BSB)S", Conversions::convertTo)
                .method("convertFrom", "([BSS[BSB)S", Conversions::convertFrom);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String latin(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static JavaCardException error(Call call, int reason) {
        return call.thrown(Strings.EXCEPTION, reason);
    }

    /** A signed number of so many bits. ILLEGAL_NUMBER_FORMAT. */
    private static BigInteger parsed(Call call, int bits) {
        Matcher found = NUMBER.matcher(latin(Strings.text(call, 0)));
        if (!found.matches()) {
            throw error(call, ILLEGAL_NUMBER_FORMAT);
        }
        BigInteger size = found.group(2) != null ? new BigInteger(found.group(2), 16) : new BigInteger(found.group(3));
        BigInteger number = found.group(1).isEmpty() ? size : size.negate();
        if (number.bitLength() >= bits) {
            throw error(call, ILLEGAL_NUMBER_FORMAT);
        }
        return number;
    }

    /** Shorts, the most significant first, without leading zeros; one at least. */
    private static int parseLong(Call call) {
        long number = parsed(call, Long.SIZE).longValue();
        int count = LONG_SHORTS;
        while (count > 1 && number >>> 16 * (count - 1) == 0) {
            count--;
        }
        call.require(call.ref(3), call.number(4), count);
        for (int i = 0; i < count; i++) {
            int one = (int) (number >>> 16 * (count - 1 - i));
            ((NativeCall) call).heap().put2(call.ref(3), 2 * (call.number(4) + i), one, WriteKind.ARRAY);
        }
        return count;
    }

    /** A signed number in one to four shorts. */
    private static int valueOfLong(Call call) {
        int count = call.length(call.ref(0));
        if (count == 0 || count > LONG_SHORTS) {
            throw error(call, ILLEGAL_NUMBER_FORMAT);
        }
        return Strings.put(call, 1, ascii(new BigInteger(call.inside(call.ref(0))).toString()));
    }

    private static Charset charset(Call call) {
        int number = call.number(5);
        if (number < 0 || number >= CHARSETS.length || CHARSETS[number] == null) {
            throw error(call, UNSUPPORTED_ENCODING);
        }
        return CHARSETS[number];
    }

    private static int convertTo(Call call) {
        return converted(call, StandardCharsets.UTF_8, charset(call));
    }

    private static int convertFrom(Call call) {
        return converted(call, charset(call), StandardCharsets.UTF_8);
    }

    /** INVALID_BYTE_SEQUENCE also for a character that the other encoding does not have. */
    private static int converted(Call call, Charset from, Charset to) {
        CharBuffer text = Utf8.decoded(Strings.text(call, 0), from);
        boolean wrong = text == null || call.number(5) == UCS_2 && text.chars().anyMatch(one -> Character.isSurrogate((char) one));
        byte[] out = wrong ? null : Utf8.encoded(text, to);
        if (out == null) {
            throw error(call, INVALID_BYTE_SEQUENCE);
        }
        return Strings.put(call, 3, out);
    }
}
