package cardlab.vm.api.extensions;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;
import cardlab.vm.natives.JavaCardException;
import cardlab.vm.natives.NativePackage;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** javacardx.framework.string: strings in UTF-8. Letters of ASCII have cases, other letters have none. */
public final class Strings implements NativePackage {
    static final String EXCEPTION = "javacardx/framework/string/StringException";

    @Override
    public String name() {
        return "javacardx.framework.string";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, EXCEPTION);
        ClassBinder type = binder.type("javacardx/framework/string/StringUtil");
        type.method("codePointCount", "([BSS)S", call -> count(text(call, 0)))
                .method("codePointAt", "([BSSS[BS)S", Strings::codePointAt)
                .method("codePointBefore", "([BSSS[BS)S", Strings::codePointBefore)
                .method("offsetByCodePoints", "([BSSSS)S",
                        call -> moved(call, text(call, 0), call.number(3), call.number(4)))
                .method("compare", "(Z[BSS[BSS)S", Strings::compare)
                .method("indexOf", "([BSS[BSS)S", call -> indexOf(text(call, 0), text(call, 3), 0))
                .method("replace", "([BSS[BSS[BSS[BS)S", Strings::replace)
                .method("toLowerCase", "([BSS[BS)S", call -> put(call, 3, cased(text(call, 0), 'A', 'Z', 32)))
                .method("toUpperCase", "([BSS[BS)S", call -> put(call, 3, cased(text(call, 0), 'a', 'z', -32)))
                .method("trim", "([BSS[BS)S", call -> put(call, 3, trimmed(text(call, 0))))
                .method("check", "([BSS)Z", call -> Utf8.isValid(text(call, 0)) ? 1 : 0)
                .method("startsWith", "([BSS[BSSS)Z", Strings::startsWith)
                .method("endsWith", "([BSS[BSSS)Z", Strings::endsWith)
                .method("substring", "([BSSSS[BS)S", Strings::substring);
        Conversions.bind(type);
    }

    /** A string argument: array, offset and length from this cell on. */
    static byte[] text(Call call, int cell) {
        return call.bytes(call.ref(cell), call.number(cell + 1), call.number(cell + 2));
    }

    /** Put a result where the array and offset from this cell on say; returns its length. */
    static int put(Call call, int cell, byte[] result) {
        call.write(call.ref(cell), call.number(cell + 1), result);
        return result.length;
    }

    private static JavaCardException outside(Call call) {
        return call.thrown("java/lang/IndexOutOfBoundsException");
    }

    private static int count(byte[] text) {
        int count = 0;
        for (int at = 0; at < text.length; at += Utf8.size(text, at, text.length)) {
            count++;
        }
        return count;
    }

    private static int codePointAt(Call call) {
        byte[] text = text(call, 0);
        int index = call.number(3);
        if (index < 0 || index >= text.length) {
            throw outside(call);
        }
        return put(call, 4, Arrays.copyOfRange(text, index, index + Utf8.size(text, index, text.length)));
    }

    private static int codePointBefore(Call call) {
        byte[] text = text(call, 0);
        int index = call.number(3);
        if (index < 1 || index > text.length) {
            throw outside(call);
        }
        return put(call, 4, Arrays.copyOfRange(text, Utf8.before(text, 0, index), index));
    }

    /** The byte index so many characters after (before, for a negative number) another one. */
    private static int moved(Call call, byte[] text, int index, int count) {
        if (index < 0 || index > text.length) {
            throw outside(call);
        }
        int at = index;
        for (int left = Math.abs(count); left > 0; left--) {
            if (count > 0 ? at >= text.length : at <= 0) {
                throw outside(call);
            }
            at = count > 0 ? at + Utf8.size(text, at, text.length) : Utf8.before(text, 0, at);
        }
        return at;
    }

    /** The difference of the first bytes that differ, else of the lengths. */
    private static int compare(Call call) {
        byte[] left = text(call, 1);
        byte[] right = text(call, 4);
        if (call.number(0) != 0) {
            left = cased(cased(left, 'a', 'z', -32), 'A', 'Z', 32);
            right = cased(cased(right, 'a', 'z', -32), 'A', 'Z', 32);
        }
        int place = Arrays.mismatch(left, right);
        boolean bothHave = place >= 0 && place < Math.min(left.length, right.length);
        return bothHave ? (left[place] & 0xFF) - (right[place] & 0xFF) : left.length - right.length;
    }

    static int indexOf(byte[] text, byte[] wanted, int from) {
        for (int at = from; at + wanted.length <= text.length; at++) {
            if (Arrays.equals(text, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private static int replace(Call call) {
        byte[] text = text(call, 0);
        byte[] old = text(call, 3);
        byte[] replacement = text(call, 6);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        int next = old.length == 0 ? -1 : indexOf(text, old, 0);
        while (next >= 0) {
            out.write(text, at, next - at);
            out.writeBytes(replacement);
            at = next + old.length;
            next = indexOf(text, old, at);
        }
        out.write(text, at, text.length - at);
        return put(call, 9, out.toByteArray());
    }

    /** Letters from first to last moved by a distance; what is ill-formed is left out. */
    private static byte[] cased(byte[] text, int first, int last, int distance) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < text.length;) {
            int size = Utf8.size(text, at, text.length);
            if (Utf8.isValid(Arrays.copyOfRange(text, at, at + size))) {
                boolean changes = text[at] >= first && text[at] <= last;
                out.write(changes ? text[at] + distance : text[at]);
                out.write(text, at + 1, size - 1);
            }
            at += size;
        }
        return out.toByteArray();
    }

    /** Without what is not above U+0020 at both ends. */
    private static byte[] trimmed(byte[] text) {
        int from = 0;
        int to = text.length;
        while (from < to && text[from] >= 0 && text[from] <= ' ') {
            from++;
        }
        while (to > from && text[to - 1] >= 0 && text[to - 1] <= ' ') {
            to--;
        }
        return Arrays.copyOfRange(text, from, to);
    }

    /** The first characters of the second argument, all for a negative number. */
    private static byte[] part(Call call) {
        byte[] text = text(call, 3);
        int count = call.number(6);
        return count < 0 ? text : Arrays.copyOf(text, moved(call, text, 0, count));
    }

    private static int startsWith(Call call) {
        byte[] text = text(call, 0);
        byte[] prefix = part(call);
        return text.length >= prefix.length && Arrays.equals(text, 0, prefix.length, prefix, 0, prefix.length) ? 1 : 0;
    }

    private static int endsWith(Call call) {
        byte[] text = text(call, 0);
        byte[] suffix = part(call);
        int from = text.length - suffix.length;
        return from >= 0 && Arrays.equals(text, from, text.length, suffix, 0, suffix.length) ? 1 : 0;
    }

    /** Indexes are those of characters; to the end for a negative second one. */
    private static int substring(Call call) {
        byte[] text = text(call, 0);
        if (call.number(3) < 0) {
            throw outside(call);
        }
        int from = moved(call, text, 0, call.number(3));
        int to = call.number(4) < 0 ? text.length : moved(call, text, 0, call.number(4));
        if (to < from) {
            throw outside(call);
        }
        return put(call, 5, Arrays.copyOfRange(text, from, to));
    }
}
