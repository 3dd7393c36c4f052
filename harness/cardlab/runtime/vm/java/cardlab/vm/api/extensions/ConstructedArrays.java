package cardlab.vm.api.extensions;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import java.util.Arrays;

/** The static methods of ConstructedBERTLV: constructed structures in arrays. */
final class ConstructedArrays {
    private ConstructedArrays() {}

    static void bind(Binder binder) {
        binder.type(ConstructedNatives.CONSTRUCTED)
                .method("append", "([BS[BS)S", ConstructedArrays::append)
                .method("find", "([BS[BS)S", ConstructedArrays::find)
                .method("findNext", "([BSS[BS)S", ConstructedArrays::findNext);
    }

    private static Ber.Element constructed(Call call, byte[] in) {
        Ber.Element found = Ber.required(call, in, 0);
        if (!Ber.isConstructed(in)) {
            throw Ber.error(call, Ber.MALFORMED_TLV);
        }
        return found;
    }

    private static int append(Call call) {
        byte[] in = TlvNatives.rest(call, call.ref(0), call.number(1));
        Ber.Element added = Ber.required(call, in, 0);
        byte[] out = TlvNatives.rest(call, call.ref(2), call.number(3));
        Ber.Element outer = constructed(call, out);
        byte[] value = Arrays.copyOfRange(out, outer.value(), outer.end() + added.size());
        System.arraycopy(in, 0, value, outer.length(), added.size());
        byte[] result = Ber.encoded(call, Arrays.copyOf(out, Ber.tagSize(out, 0, out.length)), value);
        call.write(call.ref(2), call.number(3), result);
        return result.length;
    }

    private static byte[] wanted(Call call, int array, int offset) {
        return array == 0 ? null : Ber.tag(call, array, offset);
    }

    private static int find(Call call) {
        byte[] in = TlvNatives.rest(call, call.ref(0), call.number(1));
        Ber.Element outer = constructed(call, in);
        return search(call, in, outer.value(), outer.end(), wanted(call, call.ref(2), call.number(3)));
    }

    /** Begins after the structure at the start offset; INVALID_PARAM when none begins there. */
    private static int findNext(Call call) {
        byte[] in = TlvNatives.rest(call, call.ref(0), call.number(1));
        Ber.Element outer = constructed(call, in);
        byte[] wanted = wanted(call, call.ref(3), call.number(4));
        int start = call.number(2) - call.number(1);
        int at = outer.value();
        while (at < outer.end() && at != start) {
            at = Ber.element(in, at, outer.end()).end();
        }
        if (at >= outer.end()) {
            throw Ber.error(call, Ber.INVALID_PARAM);
        }
        return search(call, in, Ber.element(in, at, outer.end()).end(), outer.end(), wanted);
    }

    private static int search(Call call, byte[] in, int from, int end, byte[] wanted) {
        int at = from;
        while (at < end) {
            int size = Ber.tagSize(in, at, end);
            if (wanted == null || Arrays.equals(wanted, Arrays.copyOfRange(in, at, at + size))) {
                return call.number(1) + at;
            }
            at = Ber.element(in, at, end).end();
        }
        return -1;
    }
}
